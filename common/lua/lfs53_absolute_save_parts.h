/* SPDX-License-Identifier: MIT */
/*
 * The writer of absolute 5.3 images between its files.
 */
#ifndef LUA_LFS53_ABSOLUTE_SAVE_PARTS_H
#define LUA_LFS53_ABSOLUTE_SAVE_PARTS_H

#include "common/lua/flash_writer.h"

struct saver53 {
	struct flash_writer w; /* first: flash_children hands it on */
	uint32_t *heads;       /* newest TString of each bucket */
	uint32_t last[2];      /* the short and the long TString that was written last, 0: none */
	uint32_t proto;        /* likewise the Proto */
	uint32_t hash, rotable;
	uint32_t nshort;
};

/* An address in a list, which begins with the image's own address and not with NULL. */
void saver53_link(struct flash_writer *w, uint32_t off);

/* Where the string is that the loader takes for this one. */
uint32_t saver53_string(const struct saver53 *s, uint32_t string);

/* Appends a prototype and all inside it; returns where its record stands. */
uint32_t saver53_proto(struct saver53 *s, uint32_t index);

#endif
