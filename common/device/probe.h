/* SPDX-License-Identifier: MIT */
/*
 * What a device is.
 */
#ifndef DEVICE_PROBE_H
#define DEVICE_PROBE_H

#include "common/device/console.h"
#include "common/strings/set.h"

/* All texts are owned; "" is not known. */
struct probe {
	char *version;                           /* "3.0.0" */
	char *branch, *commit, *release, *stamp; /* of the firmware's source */
	char *modules;                           /* "bit,file,node" */
	char *lua;                               /* "Lua 5.1" */
	char *number;                            /* "float", "integer" or "double" */
	char *ssl;                               /* "true", "false" */
	char *lfs_base, *lfs_mapped, *lfs_size, *lfs_used;
	char *lfs_time;    /* of the build of the image, Unix seconds */
	char *lfs_modules; /* names, comma-separated */
	char *heap, *chip, *flash;
};

/* Asks for all that the firmware can tell. */
enum err probe_take(struct console *c, struct probe *p, struct diag *diag);
void probe_free(struct probe *p);

/* Just what a capture keeps; it costs a few lines. */
enum err probe_device(struct console *c, struct string_device *device, struct diag *diag);

/* A number that changes from one moment to the next, without its fraction; -1: not known. */
int64_t probe_number(struct console *c, const char *expression, struct diag *diag);

/* Bytes of heap that are free, -1: not known. */
int64_t probe_heap(struct console *c, struct diag *diag);

/* Lines "name  value" for people; or one JSON object. */
void probe_write(const struct probe *p, bool json, struct buf *out);

/*
 * A banner as the firmware prints it: the one that the console saw, or one made of what is known,
 * for lfsdump --check --banner. False when too little is known.
 */
bool probe_banner(const struct console *c, const struct probe *p, struct buf *out);

#endif
