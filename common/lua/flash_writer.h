/* SPDX-License-Identifier: MIT */
/*
 * What the writers of images for flash (5.1 in all forms, 5.3 absolute) share: bytes in which some
 * words are addresses, strings whose places are looked up, vectors that may be stored once.
 */
#ifndef LUA_FLASH_WRITER_H
#define LUA_FLASH_WRITER_H

#include "common/lua/model.h"

/* A vector that stands in the image already. */
struct flash_vector {
	uint32_t off, len, hash;
	uint32_t next; /* index of the next one with the same hash modulo FLASH_SLOTS, plus 1 */
	enum lua_part part;
};

enum { FLASH_SLOTS = 1024 };

struct flash_writer {
	const struct lua_image *img;
	struct diag *diag;
	struct buf bytes;
	uint32_t *addresses; /* offsets of the words that hold an address */
	uint32_t naddresses, addresses_cap;
	uint32_t *strings; /* offset of each string's TString */
	struct flash_vector *vectors;
	uint32_t nvectors, vectors_cap;
	uint32_t slots[FLASH_SLOTS]; /* index of a vector plus 1 */
};

/* Release with flash_close, also on failure. ERR_MEMORY. */
enum err flash_open(struct flash_writer *w, const struct lua_image *img, struct diag *diag);
void flash_close(struct flash_writer *w);

/* Where the next byte goes. Beyond LUA_FLASH_MAX the writer fails, and offsets mean nothing. */
uint32_t flash_here(struct flash_writer *w);

/* Appends a word that is the address of what stands at byte offset off; 0: NULL. */
void flash_address(struct flash_writer *w, uint32_t off);

/* Appends a word that is the address of the image's first byte. */
void flash_begin(struct flash_writer *w);

/* Puts an address, or a plain word, over the word at byte offset at. */
void flash_put_address(struct flash_writer *w, uint32_t at, uint32_t off);
void flash_put_word(struct flash_writer *w, uint32_t at, uint32_t value);

/* Zeros up to the next word. */
void flash_align(struct flash_writer *w);

/* The offset of string's TString plus skip, 0 for LUA_NONE. */
uint32_t flash_string(const struct flash_writer *w, uint32_t string, uint32_t skip);

/*
 * Ends a vector that began at from, and returns where it stands: when the image shares vectors and
 * has an equal one of the same kind, that one, and the new one is taken back.
 */
uint32_t flash_share(struct flash_writer *w, enum lua_part part, uint32_t from);

/* Appends a prototype and all inside it; returns where its record stands. */
typedef uint32_t flash_put_proto(struct flash_writer *w, uint32_t index);

/*
 * Appends the functions inside p, and then the vector that names them; returns where that stands.
 */
uint32_t flash_children(struct flash_writer *w, const struct lua_proto *p, flash_put_proto *put);

/* Adds base to all addresses: offsets become mapped addresses. */
void flash_relocate(struct flash_writer *w, uint32_t base);

/* The function and all inside it are there. */
bool lua_proto_whole(const struct lua_image *img, uint32_t proto);

/* Every function of every module is there; otherwise ERR_DAMAGED with the module's number. */
enum err lua_image_whole(const struct lua_image *img, struct diag *diag);

#endif
