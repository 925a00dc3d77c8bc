/* SPDX-License-Identifier: MIT */
/*
 * The 5.3 loader's state: its stream, its heap, the flash it writes. Private to loader53*.c.
 */
#ifndef LUA_LOADER53_H
#define LUA_LOADER53_H

#include "common/lua/loader.h"

struct loader53 {
	const uint8_t *data;
	size_t len, pos;
	uint8_t integer_bytes, float_bytes;
	struct check_report *report;
	bool stopped;      /* it raised an error, or anything may happen from here on */
	uint32_t heap;     /* bytes in use */
	uint32_t peak;     /* the most that were */
	uint64_t flash;    /* bytes written */
	uint32_t room;     /* bytes of text that the string buffer takes, with a NUL */
	uint32_t slots;    /* strings that the vector of references takes */
	uint32_t nstrings; /* strings in it */
	bool stray;        /* a reference to a slot that holds nothing was reported */
};

/* Raises an error: the message as the console prints it. */
void loader53_fail(struct loader53 *l, size_t off, const char *field, const char *message,
		   const char *remedy, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* From here on anything may happen; fmt tells what the loader does. */
void loader53_lost(struct loader53 *l, size_t off, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* n bytes; NULL for none, and after "truncated". Nothing moves once stopped. */
const uint8_t *loader53_take(struct loader53 *l, uint32_t n, const char *field);
uint8_t loader53_byte(struct loader53 *l, const char *field);

/* Integers, cut to int as the loader does: groups of 7 bits, and typed ones behind their tag. */
int32_t loader53_int(struct loader53 *l, const char *field);
int32_t loader53_integer(struct loader53 *l, uint8_t tag, const char *field);

/* Allocates count items of size bytes as luaM_newvector does. Returns the bytes it took. */
uint32_t loader53_vector(struct loader53 *l, int32_t count, uint32_t size, const char *field);
/* luaM_new: a fixed size. */
uint32_t loader53_new(struct loader53 *l, uint32_t size, const char *field);

/* Counts a record written to flash; records are padded to words. */
void loader53_write(struct loader53 *l, uint64_t size);

/* The string section, up to the mark of the next one. */
void loader53_strings(struct loader53 *l);

/* A reference to a string; false for "no string". */
bool loader53_string(struct loader53 *l, uint8_t tag, const char *field);

/* A function and all inside it. */
void loader53_function(struct loader53 *l);

#define REBUILD53 "make the image with that firmware's own luac.cross -f"

#endif
