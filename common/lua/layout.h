/* SPDX-License-Identifier: MIT */
/*
 * Where every byte belongs: the spans of an image in flash as the device's loader lays it out
 * (for a chunk, which is never in flash: of the file), and the sums made of them.
 */
#ifndef LUA_LAYOUT_H
#define LUA_LAYOUT_H

#include "common/lua/model.h"

/* Kinds of spans; lua_byte_kinds[] names them. Strings are told apart by what uses them. */
enum lua_byte_kind {
	LUA_BYTES_HEADER,
	LUA_BYTES_HASH,
	LUA_BYTES_STRINGS,   /* TStrings that constants, sources, module names use; fixed ones */
	LUA_BYTES_LINEINFO,  /* packed line info, wherever the format keeps it */
	LUA_BYTES_CONSTANTS, /* vectors of TValues; chunks: with the texts */
	LUA_BYTES_CODE,
	LUA_BYTES_PROTOS,  /* Proto records and vectors of children */
	LUA_BYTES_NAMES,   /* local and upvalue vectors, and TStrings that only they use */
	LUA_BYTES_MODULES, /* 5.3: the ROTable of modules and its entries */
	LUA_BYTES_PADDING,
	LUA_BYTE_KINDS
};

struct lua_byte_kind_info {
	const char *name; /* JSON key: "hash_vector" */
	const char *words;
};
extern const struct lua_byte_kind_info lua_byte_kinds[LUA_BYTE_KINDS];

enum lua_owner { LUA_OWNER_IMAGE, LUA_OWNER_STRING, LUA_OWNER_PROTO, LUA_OWNER_MODULE };

/* One run of bytes with one owner, pad zero bytes behind it included in neither len nor kind. */
struct lua_span {
	uint32_t off, len;
	uint32_t owner; /* index in strings, protos or modules */
	uint8_t pad;    /* 0 to 3 */
	uint8_t kind;   /* enum lua_byte_kind */
	uint8_t who;    /* enum lua_owner */
	uint8_t part;   /* enum lua_part, for LUA_OWNER_PROTO */
};

struct lua_layout {
	struct lua_span *spans; /* by offset; without gap or overlap when exact */
	uint32_t count, cap;
	uint32_t size;                /* flash_size; for a chunk the file's size */
	uint32_t sum[LUA_BYTE_KINDS]; /* bytes by kind; add up to size when exact */
	bool exact;
	bool computed; /* there are no bytes yet to look at: 5.3 portable */
	bool failed;   /* out of memory on the way */
};

/* For those who lay out: appends a span (nothing when len is 0; NULL then and on failure). */
struct lua_span *lua_layout_add(struct lua_layout *layout, uint32_t off, uint32_t len,
				enum lua_byte_kind kind, enum lua_owner who, uint32_t owner);
void lua_layout_add_part(struct lua_layout *layout, uint32_t proto, enum lua_part part,
			 uint32_t off, uint32_t len);
/* All parts of all prototypes, each where the model says it is. */
void lua_layout_add_parts(struct lua_layout *layout, const struct lua_image *img);
/* The kind that a string's bytes count as, by its uses. */
enum lua_byte_kind lua_string_bytes_kind(const struct lua_string *s);

/*
 * Lays img out. Gaps and overlaps of a damaged image are recorded in diag (ERR_DAMAGED, the first
 * of them) and the layout is returned all the same. Release with lua_layout_free.
 */
enum err lua_layout_make(const struct lua_image *img, struct diag *diag, struct lua_layout *out);
void lua_layout_free(struct lua_layout *layout);

/* Bytes of a string in flash: TString, text, NUL, and zeros up to a word. */
uint64_t lua_string_bytes(uint32_t len);

/*
 * Whose the packed line info of 5.1 is: for each string the (first) prototype, or LUA_NONE. One
 * more than there are strings; NULL when there is no memory. Release with free.
 */
uint32_t *lua_line_owners(const struct lua_image *img);

/*
 * Lays img out, and sets flash_size (5.3 portable), own_size and total_size of the prototypes from
 * that. Called when an image is loaded.
 */
enum err lua_account(struct lua_image *img, struct diag *diag, struct lua_layout *out);

/*
 * lua_image_load, and the layout that the sizes come from: empty without an image, failed without
 * memory for it. Release with lua_layout_free.
 */
enum err lua_image_lay_out(const uint8_t *data, size_t len, struct diag *diag,
			   struct lua_image **out, struct lua_layout *layout);

#endif
