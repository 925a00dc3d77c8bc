/* SPDX-License-Identifier: MIT */
/*
 * The inflater of the 5.1 firmware, as far as it differs from anybody else's: it reads its file in
 * blocks of 1,024 bytes and, at the end of the file, goes on with the first byte of the last block,
 * again and again; a code that its tables do not know is a literal fd; it keeps 16,384 bytes and no
 * more to copy from. So a damaged file ends in another message than with zlib, and the header is
 * looked at as soon as the first 2,048 bytes are out.
 *
 * Private to loader51.c and loader51_inflate.c.
 */
#ifndef LUA_LOADER51_H
#define LUA_LOADER51_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOADER51_INPUT = 1024,   /* bytes that are read from the file at once */
	LOADER51_BLOCK = 2048,   /* bytes of output that are worked on at once */
	LOADER51_BLOCKS = 9,     /* of these are kept */
	LOADER51_WINDOW = 16384, /* how far back a copy may reach */
};

/* How it ended. */
enum loader51_end {
	LOADER51_RUNNING,
	LOADER51_DONE,      /* the last block of the deflate data ended */
	LOADER51_BROKEN,    /* no gzip, or no deflate data */
	LOADER51_FAR,       /* a copy from before the window, or before the first byte */
	LOADER51_REFUSED,   /* put() said so */
	LOADER51_UNDEFINED, /* it leaves its buffers */
	LOADER51_ENDLESS,   /* it goes on behind the end of the file, without end */
};

/* Codes of deflate: how many codes there are of each length, and the symbols in their order. */
struct loader51_tree {
	uint16_t counts[16];
	uint16_t symbols[288];
};

struct loader51_inflate {
	const uint8_t *file;
	size_t len;
	/* Called when a block of output is full, and when out is wanted; false: stop. */
	bool (*block)(struct loader51_inflate *z, void *ctx);
	void *ctx;
	int32_t wanted; /* the length that the file's last four bytes tell */

	enum loader51_end end;
	uint32_t crc; /* that the file tells; after DONE */
	size_t read;  /* bytes of the file taken so far */
	size_t block_off;
	uint32_t stale; /* bytes taken behind the end */
	uint32_t tag, nbits;
	int32_t out;                     /* bytes put out */
	uint32_t order[LOADER51_BLOCKS]; /* rows of ring; the current one first */
	uint8_t ring[LOADER51_BLOCKS][LOADER51_BLOCK];
	struct loader51_tree literals, distances;
};

/* Runs over the whole file. All before .end is set by the caller, the rest zero. */
void loader51_inflate(struct loader51_inflate *z);

/* The block that was just filled. */
static inline const uint8_t *loader51_block(const struct loader51_inflate *z)
{
	return z->ring[z->order[0]];
}

#endif
