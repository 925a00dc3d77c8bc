/* SPDX-License-Identifier: MIT */
/*
 * The files that hold Lua 5.1 images
 *
 * Relocatable (luac.cross -f): gzip, one member, around
 *   image   flash_size bytes as in flash51.h; an address word holds the word offset of its target
 *   flags   a bit per word of the image, LSB first, in 32-bit words: 1 = the word is an address
 *
 * Absolute (luac.cross -a, or cut out of flash): the image alone; an address word holds the mapped
 * address of its target. The base is not stored: the hash vector stands right behind the header, so
 * it is pROhash - 0x20. A region read from flash is filled up with ff.
 *
 * Of June to September 2018 (format 0): the image alone; an address word holds the word offset of
 * its target in its lower half and in its upper half that of the next address word, 0 in the last;
 * the chain begins at word 2, mainProto. What is a chain in the file are flags in our reader. In
 * flash it is absolute, as those of format 1 are: pROhash tells, which is mapped then, not word 8.
 */
#include "common/lua/format.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/file.h"
#include "common/base/gzip.h"
#include "common/lua/flash51.h"
#include "common/lua/flash_reader.h"
#include "common/lua/lfs51.h"
#include "common/lua/lfs51_save.h"

static bool probe_gzip(const uint8_t *data, size_t len)
{
	uint8_t head[4];
	size_t n;

	if (!gzip_probe(data, len))
		return false;
	n = gzip_head(data, len, head, sizeof(head));
	return n < sizeof(head) || lfs51_is_signature(le32(head));
}

/* A size that cannot be is left to the image's reader. */
static enum err check_flags(const struct lua_image *img, uint32_t size, struct diag *diag)
{
	uint64_t want = (uint64_t)size + 4 * (((uint64_t)size / 4 + 31) / 32);

	if (img->nbytes == want || diag->code || size > img->nbytes || size < FLASH51_HEADER ||
	    size % 4 != 0)
		return diag->code;
	diag->inflated = true;
	return diag_fail_at(diag, img->nbytes < want ? ERR_TRUNCATED : ERR_DAMAGED,
			    img->nbytes < want ? img->nbytes : want, "flags",
			    "image and flags are %zu bytes, not %" PRIu64, img->nbytes, want);
}

static enum err load_gzip(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct lfs51_addressing how = { .form = LUA_FORM_RELOCATABLE };
	struct diag parse = { 0 };
	size_t trailing;
	uint32_t size;

	gzip_inflate(data, len, FILE_MAX, diag, &img->store, &trailing);
	img->bytes = img->store.data;
	img->nbytes = img->store.len;
	img->inflated = true;
	if (img->nbytes < FLASH51_HEADER) {
		if (diag->code)
			return diag->code;
		diag->inflated = true;
		return diag_fail_at(diag, ERR_TRUNCATED, img->nbytes, "header",
				    "32 bytes wanted, %zu are there", img->nbytes);
	}
	size = le32(img->bytes + HEADER51_SIZE);
	if (check_flags(img, size, diag) == ERR_NONE && size < img->nbytes) {
		how.nflags = (uint32_t)(img->nbytes - size) * 8;
		how.flags = img->bytes + size;
	}
	lfs51_read(img, &how, diag->code ? &parse : diag);
	if (trailing)
		lua_note(img, len - trailing, "gzip", "%zu bytes behind the compressed data",
			 trailing);
	return diag->code;
}

static bool probe_word(const uint8_t *data, size_t len)
{
	return len >= 4 && lfs51_is_signature(le32(data));
}

bool lfs51_is_absolute(const uint8_t *data, size_t len)
{
	uint32_t base;

	if (!probe_word(data, len))
		return false;
	if ((le32(data) & FLASH51_SIG_FORMAT) == FLASH51_SIG_1)
		return true;
	base = len < FLASH51_HEADER ? 0 : le32(data + HEADER51_HASH) - FLASH51_HEADER;
	return base >= FLASH51_MAPPED && base < FLASH51_MAPPED_END && base % 4 == 0;
}

static bool probe_2018(const uint8_t *data, size_t len)
{
	return probe_word(data, len) && !lfs51_is_absolute(data, len);
}

static enum err load_absolute(struct lua_image *img, const uint8_t *data, size_t len,
			      struct diag *diag)
{
	struct lfs51_addressing how = { .form = LUA_FORM_ABSOLUTE };

	if (lua_keep(img, data, len, diag))
		return diag->code;
	if (len >= HEADER51_HASH + 4)
		how.base = le32(img->bytes + HEADER51_HASH) - FLASH51_HEADER;
	img->header.base = how.base;
	lfs51_read(img, &how, diag);
	flash_check_tail(img);
	return diag->code;
}

/* Follows the chain of address words and sets their flags. A chain that turns back is damage. */
static void follow_chain(struct lua_image *img, uint8_t *flags, uint32_t nwords, struct diag *diag)
{
	for (uint32_t at = HEADER51_MAIN / 4, next; at; at = next) {
		flags[at / 8] |= (uint8_t)(1 << at % 8);
		next = le32(img->bytes + 4 * (size_t)at) >> 16;
		if (next && (next <= at || next >= nwords)) {
			diag_fail_at(diag, ERR_DAMAGED, 4 * (uint64_t)at, "next",
				     "the chain of addresses leads from word %" PRIu32
				     " to %" PRIu32,
				     at, next);
			return;
		}
	}
}

static enum err load_2018(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct lfs51_addressing how = { .form = LUA_FORM_RELOCATABLE, .chained = true };
	uint8_t *flags;

	if (lua_keep(img, data, len, diag))
		return diag->code;
	how.nflags = (uint32_t)(len / 4);
	flags = calloc(how.nflags / 8 + 1, 1);
	if (!flags)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (len >= FLASH51_HEADER)
		follow_chain(img, flags, how.nflags, diag);
	how.flags = diag->code ? NULL : flags;
	lfs51_read(img, &how, diag);
	flash_check_tail(img);
	free(flags);
	return diag->code;
}

const struct lua_format lua_lfs51 = { "lfs51", probe_gzip, load_gzip, lfs51_save,
				      "a Lua 5.1 LFS image" };
const struct lua_format lua_lfs51_absolute = { "lfs51-absolute", lfs51_is_absolute, load_absolute,
					       lfs51_save_absolute,
					       "an absolute Lua 5.1 LFS image" };
const struct lua_format lua_lfs51_2018 = { "lfs51-2018", probe_2018, load_2018, lfs51_save_2018,
					   "a Lua 5.1 LFS image of 2018" };
