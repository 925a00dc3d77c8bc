/* SPDX-License-Identifier: MIT */
/*
 * The device's file system, as far as images are concerned.
 *
 * Beside a file NAME there may be others, which tell all that is under way:
 *	NAME~new  being uploaded; how much of it is right is found out by sums
 *	NAME~try  whole and right; a reload of it has begun or is about to
 *	NAME~old  what NAME was before
 *	NAME~bak  that, while the way back to it is gone
 * A name that is too long for that is cut, and a sum of it put in its place.
 */
#ifndef DEVICE_FILES_H
#define DEVICE_FILES_H

#include "common/device/tool.h"

enum { FILES_NAME_MAX = 31, FILES_SLICE = 1024 };

enum files_role { FILES_NEW, FILES_TRY, FILES_OLD, FILES_BACK, FILES_ROLES };
extern const char *const files_suffixes[FILES_ROLES];

struct files_names {
	char name[FILES_NAME_MAX + 1];
	char beside[FILES_ROLES][FILES_NAME_MAX + 1];
};

/* ERR_LIMIT, ERR_KIND: such a name cannot be on the device, or not be typed. */
enum err files_name(const char *name, struct files_names *out, struct diag *diag);

struct files_space {
	uint64_t left, total;
};

/* Has the firmware a file module? ERR_KIND when it has not. */
enum err files_check(struct console *c, struct diag *diag);
enum err files_space(struct console *c, struct files_space *out, struct diag *diag);
/* Bytes of a file, -1: there is none. */
enum err files_size(struct console *c, const char *name, int64_t *size, struct diag *diag);
/* Names of all files whose name ends so, a line each, sorted. */
enum err files_list(struct console *c, const char *end, struct buf *out, struct diag *diag);
enum err files_remove(struct console *c, const char *name, struct diag *diag);

/*
 * If there is a file `from`, gives it the name `to`; what had that name before is kept as `old`,
 * or, if that is NULL, removed. In one step, as far as somebody at this end can be stopped.
 */
enum err files_rename(struct console *c, const char *from, const char *to, const char *old,
		      struct diag *diag);

/* How many bytes from the start on are those of data; by sums of slices. */
enum err files_prefix(struct console *c, const char *name, const uint8_t *data, size_t len,
		      uint64_t *same, struct diag *diag);

/*
 * Is the file what data is? By crypto.fhash, where the firmware has it, else by sums of slices;
 * *how (may be NULL) tells.
 */
enum err files_equal(struct console *c, const char *name, const uint8_t *data, size_t len,
		     bool *equal, const char **how, struct diag *diag);

struct files_watcher {
	/* ns: since it began; NULL: nobody wants to know */
	void (*tell)(void *ctx, uint64_t done, uint64_t total, int64_t ns);
	void *ctx;
};

/* Reads a file off the device; each slice is checked by a sum. */
enum err files_read(struct console *c, const char *name, const struct files_watcher *w,
		    struct buf *out, struct diag *diag);

#endif
