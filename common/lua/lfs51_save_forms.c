/* SPDX-License-Identifier: MIT */
/* What flash51.h and lfs51_files.c have around an image and in its address words. */
#include "common/lua/lfs51_save.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/gzip.h"

enum {
	CHAIN_MAX = 0xffff, /* words that format 0 can name */
	GZIP_MIN = 200,     /* the device refuses a file of so many bytes or fewer */
};

/* Byte offsets become word offsets, and a bit per word tells which. */
static void add_flags(struct flash_writer *w)
{
	uint32_t size = flash_here(w);
	uint8_t *flags = buf_extend(&w->bytes, 4 * (((size_t)size / 4 + 31) / 32));

	if (!flags) {
		diag_fail(w->diag, ERR_MEMORY, "out of memory");
		return;
	}
	memset(flags, 0, w->bytes.len - size);
	for (uint32_t i = 0; i < w->naddresses; i++) {
		uint32_t at = w->addresses[i];

		flash_put_word(w, at, le32(w->bytes.data + at) / 4);
		flags[at / 32] |= (uint8_t)(1 << at / 4 % 8);
	}
}

enum err lfs51_save(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct flash_writer w;

	if (!flash_open(&w, img, diag) && !lfs51_make(&w, false)) {
		add_flags(&w);
		if (!diag->code)
			gzip_deflate(w.bytes.data, w.bytes.len, GZIP_MIN + 1, img->draft, diag,
				     out);
	}
	flash_close(&w);
	return diag->code;
}

enum err lfs51_save_absolute(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct flash_writer w;

	if (!img->traits.format)
		return diag_fail(diag, ERR_KIND, "images of 2018 have no absolute form");
	if (!flash_open(&w, img, diag) && !lfs51_make(&w, true)) {
		flash_relocate(&w, img->header.base);
		buf_put(out, w.bytes.data, w.bytes.len);
		if (out->failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	flash_close(&w);
	return diag->code;
}

static enum err link_chain(struct flash_writer *w)
{
	uint8_t *is_address;
	uint32_t words = flash_here(w) / 4;
	uint32_t next = 0;

	if (words > CHAIN_MAX)
		return diag_fail(w->diag, ERR_LIMIT,
				 "%" PRIu32 " words, but images of 2018 have %d at most", words,
				 CHAIN_MAX);
	is_address = buf_extend(&w->bytes, words);
	if (!is_address)
		return diag_fail(w->diag, ERR_MEMORY, "out of memory");
	memset(is_address, 0, words);
	for (uint32_t i = 0; i < w->naddresses; i++)
		is_address[w->addresses[i] / 4] = 1;
	for (uint32_t i = words; i-- > 0;) {
		if (!is_address[i])
			continue;
		flash_put_word(w, 4 * i, le32(w->bytes.data + 4 * (size_t)i) / 4 | next << 16);
		next = i;
	}
	w->bytes.len = 4 * (size_t)words;
	return ERR_NONE;
}

enum err lfs51_save_2018(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct flash_writer w;

	if (!flash_open(&w, img, diag) && !lfs51_make(&w, false) && !link_chain(&w)) {
		buf_put(out, w.bytes.data, w.bytes.len);
		if (out->failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	flash_close(&w);
	return diag->code;
}
