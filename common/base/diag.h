/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, and where: the one shape in which every reader reports a failure.
 * The first failure is kept; later ones are its echo and are dropped.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stdint.h>

enum err {
	ERR_NONE = 0,
	ERR_IO,        /* the system refused: open, read, write */
	ERR_MEMORY,    /* an allocation failed */
	ERR_TRUNCATED, /* the input ends inside a field */
	ERR_DAMAGED,   /* a field contradicts the format */
	ERR_LIMIT,     /* larger or deeper than anything a device can hold */
	ERR_KIND,      /* not a file of ours */
};

/* A zeroed struct diag is an empty one. Nothing in it needs freeing. */
struct diag {
	enum err code;
	bool inflated;  /* off counts bytes of the inflated image, not of the file */
	bool placed;    /* off is meaningful */
	uint64_t off;   /* of the guilty field, in bytes */
	char path[72];  /* the guilty field, as in "proto[3].sizek"; may be empty */
	char text[192]; /* what is wrong with it, one line, no newline, printable */
};

/* Records a failure unless one is recorded already. Returns d->code. d may be NULL. */
enum err diag_fail(struct diag *d, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with the place: byte offset and field path. */
enum err diag_fail_at(struct diag *d, enum err code, uint64_t off, const char *path,
		      const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Records what errno says: ERR_IO, or ERR_MEMORY for ENOMEM. Returns d->code. */
enum err diag_system(struct diag *d);

/* Writes "offset 0x1c4: proto[3].sizek: text" to out (of size bytes), as far as it is known. */
void diag_format(const struct diag *d, char *out, unsigned size);

#endif
