/* SPDX-License-Identifier: MIT */
/*
 * What the streams of Lua 5.3 (chunk, portable LFS image) have in common: integers, header and
 * function bodies; readers and their writers side by side. The bytes are described in the .c files.
 */
#ifndef LUA_STREAM53_H
#define LUA_STREAM53_H

#include "common/lua/build.h"

/* The type in bits 4...6 of a typed integer's first byte. */
enum typed53_type {
	TYPED53_NIL,
	TYPED53_BOOLEAN,
	TYPED53_FLOAT,
	TYPED53_POSITIVE,
	TYPED53_NEGATIVE,
	TYPED53_SHORT,
	TYPED53_LONG,
};

/* What begins the sections of an LFS image. */
#define STRINGS53_MARK "\x19ss"
#define PROTOS53_MARK  "\x19pr"

enum { FUNCTION53_MIN = 13 }; /* bytes that a function needs at least */

struct typed53 {
	uint8_t type;
	uint8_t size; /* bytes in the file */
	uint64_t value;
};

/* A reader's state. */
struct stream53 {
	struct lua_image *img;
	struct rd rd;
	bool refs;     /* strings are references into the string section, not texts */
	bool any_list; /* of upvalues was met: header.unnamed is known */
};

/* Damage that reading passes over, in a field that begins at off. */
void stream53_note(struct stream53 *s, uint64_t off, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* An unsigned integer of 7-bit groups, not above max. */
uint32_t stream53_count(struct stream53 *s, uint32_t max, const char *field);

/* A typed integer; tag is its first byte, already taken. */
struct typed53 stream53_typed(struct stream53 *s, uint8_t tag, const char *field);

/* A typed integer as a number, negative when of type 4; tag as above. Other types are noted. */
int64_t stream53_integer(struct stream53 *s, uint8_t tag, const char *field);

/*
 * A string, in line or by reference; tag as above. Returns its index, or LUA_NONE for "no string"
 * and on failure.
 */
uint32_t stream53_string(struct stream53 *s, uint8_t tag, const char *field);

/* A 32-bit float as a double; a NaN's bits survive. */
double stream53_widen(uint32_t bits);
/* And back; a double that is none is rounded. */
uint32_t stream53_narrow(double d);

/* A constant, into *k, which is nil before. */
void stream53_constant(struct stream53 *s, struct lua_const *k);

/* Three bytes that must be there. */
void stream53_mark(struct stream53 *s, const char *mark, const char *field);

/* Both headers; sets the image's traits. */
void stream53_header(struct stream53 *s, uint8_t format);

/*
 * The string section of an LFS image: fills strings (the file's, then the fixed ones as the loader
 * lays them out, which have no place in the file: off is LUA_NONE) and what the header has of them.
 */
void stream53_strings(struct stream53 *s);

/*
 * A function and all inside it. Returns its index in protos, or LUA_NONE when not even a record
 * could be had.
 */
uint32_t stream53_function(struct stream53 *s, uint32_t parent, uint32_t module);

/* Notes bytes behind the end. */
void stream53_end(struct stream53 *s);

/* A writer's state. */
struct writer53 {
	const struct lua_image *img;
	struct diag *diag;
	struct buf *out;
	bool refs; /* as in struct stream53 */
};

void writer53_count(struct writer53 *w, uint64_t value);
void writer53_typed(struct writer53 *w, enum typed53_type type, uint64_t value);
void writer53_integer(struct writer53 *w, int64_t value);
void writer53_string(struct writer53 *w, uint32_t string);
void writer53_constant(struct writer53 *w, const struct lua_const *k);
void writer53_header(struct writer53 *w, uint8_t format);
/* Counts and lengths are taken from the strings, the numbering from header.fixed_count. */
void writer53_strings(struct writer53 *w);
void writer53_function(struct writer53 *w, uint32_t proto);
enum err writer53_end(struct writer53 *w);

#endif
