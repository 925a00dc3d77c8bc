/* SPDX-License-Identifier: MIT */
/*
 * The string section as the loader takes it (stream53_strings.c has the bytes). It allocates
 *
 *	a vector of nshort + nlong + 1 references,
 *	a buffer of 16 + maxlen + 1 bytes in which it assembles each string, and
 *	a hash vector of 1 << ceil(log2(nshort)) words,
 *
 * and believes all three counts: longer strings and more strings are written behind the ends.
 */
#include <inttypes.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/flash53.h"
#include "common/lua/loader53.h"
#include "common/lua/stream53.h"

static void add_string(struct loader53 *l, uint32_t len, size_t off, const char *field)
{
	if (len >= l->room) {
		loader53_lost(l, off, field,
			      "a string of %" PRIu32 " bytes does not fit in its buffer: maxlen "
			      "is too small",
			      len);
		return;
	}
	if (l->nstrings >= l->slots) {
		loader53_lost(l, off, field,
			      "there are more strings than nshort and nlong tell (%" PRIu32
			      " with the fixed ones): it writes behind its vector",
			      l->slots - 1);
		return;
	}
	loader53_write(l, FLASH53_TSTRING);
	loader53_write(l, (uint64_t)len + 1);
	l->nstrings++;
}

static void read_string(struct loader53 *l)
{
	size_t off = l->pos;
	uint8_t tag = loader53_byte(l, "strings.length");
	uint32_t len = (uint32_t)loader53_integer(l, tag, "strings.length") - 1;
	uint64_t left = l->len - l->pos;

	if (l->stopped)
		return;
	/* what there is of the text is copied before the end of the file is noticed */
	if ((len < left ? len : left) > l->room) {
		loader53_lost(l, off, "strings.length",
			      "a string of %" PRIu32 " bytes does not fit in its buffer of "
			      "%" PRIu32,
			      len, l->room);
		return;
	}
	loader53_take(l, len, "strings.text");
	if (!l->stopped)
		add_string(l, len, off, "strings.length");
}

/* 1 << ceil(log2(n)), or 0 where the shift is undefined. */
static uint32_t buckets(uint32_t n)
{
	uint32_t b = 1;

	if (n == 0 || n > 1u << 31)
		return 0;
	while (b < n)
		b <<= 1;
	return b;
}

static uint32_t allocate(struct loader53 *l, uint32_t maxlen, uint32_t nshort, uint32_t nlong)
{
	uint32_t nbuckets = buckets(nshort);
	uint32_t bytes = FLASH53_TSTRING + maxlen + 1;
	uint32_t memory;

	l->slots = nshort + nlong + 1;
	loader53_vector(l, (int32_t)l->slots, 4, "nshort");
	memory = loader53_vector(l, (int32_t)bytes, 1, "maxlen");
	l->room = bytes > FLASH53_TSTRING ? bytes - FLASH53_TSTRING : 0;
	if (!nbuckets)
		loader53_lost(l, l->pos, "nshort",
			      "nshort is %" PRIu32 ": the size of the hash vector is not defined",
			      nshort);
	memory += loader53_vector(l, (int32_t)nbuckets, 4, "nshort");
	return memory;
}

void loader53_strings(struct loader53 *l)
{
	uint32_t maxlen = (uint32_t)loader53_int(l, "maxlen");
	uint32_t nshort = (uint32_t)loader53_int(l, "nshort");
	uint32_t nlong = (uint32_t)loader53_int(l, "nlong");
	int32_t n = loader53_int(l, "nstrings");
	uint32_t memory = 0;

	if (!l->stopped)
		memory = allocate(l, maxlen, nshort, nlong);
	for (int32_t i = 0; i < n && !l->stopped; i++)
		read_string(l);
	for (uint32_t i = 0; i < FIXED53_COUNT && !l->stopped; i++)
		add_string(l, (uint32_t)strlen(fixed53[i]), l->pos, "strings");
	loader53_write(l, 4 * (uint64_t)buckets(nshort));
	if (!l->stopped)
		l->heap -= memory;
}
