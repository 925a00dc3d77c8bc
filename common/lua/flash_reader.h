/* SPDX-License-Identifier: MIT */
/*
 * What the readers of images in flash share: 5.1 in all its forms (lfs51_reader.h) and 5.3 absolute
 * (lfs53_reader.h). Both kinds of images are graphs of records: a header, TStrings one after the
 * other, a hash vector with chains through them, and Protos that name their vectors by addresses.
 */
#ifndef LUA_FLASH_READER_H
#define LUA_FLASH_READER_H

#include "common/lua/build.h"

struct flash;

/* A Proto that is yet to be read. */
struct flash_ref {
	struct rd *from; /* the cursor right behind the address that led here */
	uint32_t off;
	uint32_t parent, module;
};

/* What a version has of its own. */
struct flash_ops {
	const char *buckets;  /* the hash vector's name */
	const char *next;     /* in a TString: the next one in the chain */
	uint32_t next_offset; /* and its offset */

	/*
	 * Byte offset of what the address word at the cursor names, 0 for NULL; fails on words that
	 * lead outside the image or that are no addresses.
	 */
	uint32_t (*address)(struct flash *f, struct rd *rd, const char *field);

	/* The string that was meant where the word before the cursor names s. NULL: s. */
	uint32_t (*meant)(struct flash *f, const struct rd *rd, uint32_t s, const char *field);

	/* String s was met in the chain of bucket. May be NULL. */
	void (*chained)(struct flash *f, uint32_t s, uint32_t bucket);

	/* One item, all of which is there. */
	void (*constant)(struct flash *f, struct rd *rd, struct lua_const *k);
	void (*upvalue)(struct flash *f, struct rd *rd, struct lua_upvalue *u);

	/* The prototype and all below it. Its index, or LUA_NONE. */
	uint32_t (*proto)(struct flash *f, const struct flash_ref *ref);
};

/* First member of both readers. */
struct flash {
	const struct flash_ops *ops;
	struct lua_image *img;
	struct rd all;      /* the whole image, as far as it is there; only for flash_at */
	struct diag *first; /* the caller's: the first failure */
	uint8_t *seen;      /* bit per word: a prototype was read there */
};

/*
 * Reads flash_size, where the cursor is, and finds out how much of an image of at least min bytes
 * is there. False when not even a header is, or no memory. Release with flash_reader_close in any
 * case. f has its first three members but all.
 */
bool flash_reader_open(struct flash *f, struct rd *rd, uint32_t header, uint32_t min);
void flash_reader_close(struct flash *f);

/* Keeps a failure: the first for the caller, the others as notes of the image. */
void flash_absorb(struct flash *f, const struct diag *local);

/* A cursor over n bytes at offset off. */
struct rd flash_at(const struct flash *f, struct diag *diag, const struct rd_scope *scope,
		   uint32_t off, size_t n);

/*
 * The string that the address word at the cursor names, and counts the use; LUA_NONE for NULL or on
 * failure. skip: how far behind the TString's start the address points.
 */
uint32_t flash_take_string(struct flash *f, struct rd *rd, uint32_t skip, enum lua_use use,
			   const char *field);

/* header.buckets, which is right before the cursor, is a power of two, and so many words fit. */
void flash_check_buckets(struct flash *f, struct rd *rd, size_t room);

/* Strings' places in the chains of header.hash_vector. False on failure, which is absorbed. */
bool flash_read_chains(struct flash *f);

/* Notes what stands behind the image, unless it is erased flash. */
void flash_check_tail(struct lua_image *img);

/* No prototype was begun there before; else a failure of the address. */
bool flash_visit(struct flash *f, const struct flash_ref *ref);

/* A Proto that is being read. */
struct flash_proto {
	struct rd rd; /* over its record, or what there is of it */
	struct rd_scope scope;
	uint32_t self; /* in the image's protos */
};

/* Appends the prototype, whose record has size bytes. False on failure. */
bool flash_open_proto(struct flash *f, const struct flash_ref *ref, uint32_t size,
		      struct flash_proto *out);

/* What a Proto says of a vector. */
struct flash_claim {
	uint32_t off; /* 0: none */
	uint32_t count;
	uint32_t size;     /* bytes of an item */
	size_t back;       /* from the Proto's end to the count */
	const char *field; /* the count's */
};

/* The count at the cursor, of a vector with items of size bytes. */
void flash_take_count(struct rd *rd, struct flash_claim *claim, uint32_t size, const char *field);

/* Reads a vector of prototype self. rd: at the record's end; failures go to its diag. */
void flash_read_part(struct flash *f, struct rd *rd, uint32_t self, enum lua_part part,
		     const struct flash_claim *claim);

#endif
