/* SPDX-License-Identifier: MIT */
/*
 * What an LFS image or a compiled chunk holds, whichever of the formats it came from.
 *
 * Flat arrays with indexes: prototypes, strings, constants, upvalues and locals each stand in one
 * array, and a prototype holds slices of them. LUA_NONE is "no such item". Texts, instructions and
 * packed line info point into the bytes that the image keeps (lua_image.bytes).
 *
 * "Offset" is a byte offset in those bytes: in the inflated image for Lua 5.1, in the file else.
 */
#ifndef LUA_MODEL_H
#define LUA_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/diag.h"
#include "common/base/rd.h"

#define LUA_NONE UINT32_MAX

enum {
	LUA_FLASH_MAX = 8 << 20, /* bytes; the widest data window that a chip maps flash to */
	LUA_DEPTH_MAX = 200,     /* nesting of functions that Lua's own compilers allow */
	LUA_SHORT_MAX = 40,      /* Lua 5.3 interns strings up to this length */
};

enum lua_version { LUA_51 = 51, LUA_53 = 53 };

enum lua_form {
	LUA_FORM_CHUNK,       /* .lc */
	LUA_FORM_RELOCATABLE, /* LFS 5.1, gzip and flags (or, 2018, a chain) */
	LUA_FORM_PORTABLE,    /* LFS 5.3, byte stream */
	LUA_FORM_ABSOLUTE,    /* LFS as it stands in flash */
};

/* What the header says of the firmware that the file was made for. */
struct lua_traits {
	enum lua_version version;
	enum lua_form form;
	uint8_t format;        /* LFS 5.1: 1, or 0 in 2018 */
	uint8_t integer_bytes; /* 0: the build has no integers apart from its numbers */
	uint8_t float_bytes;   /* 0: an integer build of 5.1 */
	bool packed;           /* 5.1: 12-byte TValues */
	bool old_tags;         /* 5.1: type tags of before April 2020 */
	uint8_t tvalue_bytes;  /* a TValue in flash: 8, 12 or 16 */
};

enum lua_type { LUA_NIL, LUA_BOOLEAN, LUA_INTEGER, LUA_FLOAT, LUA_STRING };

/* A constant. Lua 5.1's one number type is LUA_FLOAT, on integer builds LUA_INTEGER. */
struct lua_const {
	enum lua_type type;
	union {
		bool b;
		int64_t i;
		double f;
		uint32_t string;
	};
};

/* Who refers to a string; a string's .uses is a set of these. */
enum lua_use {
	LUA_USE_CONSTANT = 1,
	LUA_USE_SOURCE = 2,
	LUA_USE_MODULE = 4,
	LUA_USE_UPVALUE = 8,
	LUA_USE_LOCAL = 16,
	LUA_USE_LINEINFO = 32, /* packed line info of 5.1: no text */
	LUA_USE_FIXED = 64,    /* 5.3: a name that the firmware itself lays out */
};

struct lua_string {
	const uint8_t *text; /* len bytes, any bytes; not NUL-terminated as far as we trust */
	uint32_t len;
	uint32_t hash;
	uint32_t off;   /* of the TString (image) or of the first mention (stream) */
	uint32_t refs;  /* references from prototypes and the module list */
	uint32_t chain; /* place in its bucket's chain, 0 first; LUA_NONE: in no chain */
	uint8_t uses;   /* enum lua_use */
};

struct lua_upvalue {
	uint32_t name; /* string or LUA_NONE */
	uint8_t instack, index;
	bool named; /* 5.3 streams: the file has a name field, though it may refer to nothing */
};

struct lua_local {
	uint32_t name; /* string or LUA_NONE */
	uint32_t start_pc, end_pc;
};

struct lua_slice {
	uint32_t first, count;
};

/* The pieces that a prototype's bytes consist of. */
enum lua_part {
	LUA_PART_RECORD, /* LFS: the Proto; streams: the numbers between the vectors */
	LUA_PART_CHILDREN,
	LUA_PART_CONSTANTS,
	LUA_PART_CODE,
	LUA_PART_LINES, /* 5.1 LFS: empty, the packed bytes are a string */
	LUA_PART_LOCALS,
	LUA_PART_UPVALUES,
	LUA_NPARTS
};

/* Where a vector stands in the file; offset of its first item and its length, both in bytes. */
struct lua_range {
	uint32_t off, len;
};

struct lua_proto {
	uint32_t parent; /* LUA_NONE for a root */
	uint32_t module; /* LUA_NONE for the main prototype of a 5.1 image */
	uint32_t depth;  /* 0 for a root */
	uint32_t source; /* string or LUA_NONE (stripped; in 5.3 also: the parent's) */
	uint32_t line_first, line_last;
	uint8_t params, vararg, stack; /* as in the file */
	uint8_t nups;                  /* 5.1: upvalues used, whether named or not */
	struct lua_slice children;     /* in lua_image.children */
	struct lua_slice constants, upvalues, locals;
	const uint8_t *code; /* ncode little-endian words; lua_word() reads one */
	uint32_t ncode;
	const uint8_t *lineinfo; /* packed; NULL: none */
	uint32_t nlineinfo;
	uint32_t lineinfo_string; /* 5.1 LFS: the string that holds it, or LUA_NONE */
	uint32_t off;             /* of the record, or of the function's first byte */
	struct lua_range parts[LUA_NPARTS];
	uint32_t own_size, total_size; /* bytes (flash, for a chunk: file); by lua_account() */
};

struct lua_module {
	uint32_t name;  /* string; LUA_NONE for a chunk */
	uint32_t proto; /* root of its tree, LUA_NONE when damaged */
};

/* Lua 5.1 LFS header, 5.3 string section: what later stages need to recompute or compare. */
struct lua_header {
	uint32_t signature;
	uint32_t seed;          /* 5.3 */
	uint32_t base;          /* absolute images: mapped address of the image */
	uint32_t main;          /* 5.1: prototype that lists the modules, or LUA_NONE */
	uint32_t buckets;       /* hash vector's length */
	uint32_t max_len;       /* 5.3 portable: longest string */
	uint32_t nshort, nlong; /* 5.3 portable, as stored */
	uint32_t fixed_count;   /* 5.3: fixed strings by the file's count: 71 stock, 72 repaired */
	bool unnamed;           /* 5.3 streams: the (first) list of upvalues has no names */
	struct lua_range hash_vector; /* 5.1, 5.3 absolute */
	struct lua_range strings;     /* string section */
	struct lua_range modules;     /* 5.3 absolute: entries and ROTable of the modules */
	uint32_t size;                /* bytes of the header in flash: 32 (5.1), 48 (5.3) */
};

enum { LUA_NOTES_MAX = 64 };

struct lua_image {
	const struct lua_format *format;
	struct lua_traits traits;
	struct lua_header header;
	uint64_t file_size;  /* bytes of the file as given */
	uint64_t flash_size; /* bytes in flash as the loader lays it out; 0 for a chunk */
	bool has_time;
	int64_t build_time; /* Unix seconds */

	const uint8_t *bytes; /* the image's own copy: inflated, or the file */
	size_t nbytes;
	bool inflated;    /* they came out of gzip: offsets are not the file's */
	struct buf store; /* owns bytes */

	struct lua_string *strings;
	struct lua_proto *protos; /* a parent before its children, depth first */
	struct lua_const *constants;
	struct lua_upvalue *upvalues;
	struct lua_local *locals;
	struct lua_module *modules;
	uint32_t *children;
	uint32_t nstrings, nprotos, nconstants, nupvalues, nlocals, nmodules, nchildren;
	uint32_t ntext; /* 5.3 LFS: strings[ntext...] are the fixed strings, as loaded */

	/* Damage that did not stop the reading; note_count may exceed what is kept. */
	struct diag notes[LUA_NOTES_MAX];
	uint32_t note_count;

	struct lua_caps {
		uint32_t strings, protos, constants, upvalues, locals, modules, children;
	} cap;
	uint32_t *string_index; /* chunks: hash table while strings are being interned */
	uint32_t string_slots;
	uint32_t shown_max; /* bytes of a string shown at each mention (shown.h); 0: all */
	bool share;         /* writers for flash: equal vectors of prototypes are stored once */
	bool draft;         /* writers: what is compressed is read at once, and need not be small */
	uint32_t flash_tally; /* bytes that the model's parts will need in flash, so far */
};

/*
 * Reads an image or chunk of any format that lua_formats knows. The image takes a copy of what it
 * needs; data may go away. On failure *out is still an image when anything could be read (its
 * notes and the diag tell what could not), else NULL. Free it with lua_image_free (NULL is fine).
 */
enum err lua_image_load(const uint8_t *data, size_t len, struct diag *diag, struct lua_image **out);
void lua_image_free(struct lua_image *img);

/* Releases what img holds, not img itself. */
void lua_image_clear(struct lua_image *img);

/* Instruction pc (0 first) of a prototype. */
static inline uint32_t lua_word(const struct lua_proto *p, uint32_t pc)
{
	return le32(p->code + 4 * (size_t)pc);
}

/* The format in words, as in "Lua 5.1 LFS image, relocatable, double numbers, packed". */
void lua_format_words(const struct lua_image *img, struct buf *out);

/* In an image for flash: the string whose TString begins at byte offset off, or LUA_NONE. */
uint32_t lua_string_at(const struct lua_image *img, uint32_t off);

/*
 * The source of a prototype, in 5.3 and in chunks inherited from the parent where the file says so;
 * LUA_NONE when stripped. The text begins with '@' or '=' as Lua has it.
 */
uint32_t lua_proto_source(const struct lua_image *img, uint32_t proto);

/* Strings' hashes as the firmware computes them. 5.1 has no seed. */
uint32_t lua_hash51(const uint8_t *text, size_t len);
uint32_t lua_hash53(const uint8_t *text, size_t len, uint32_t seed);

#endif
