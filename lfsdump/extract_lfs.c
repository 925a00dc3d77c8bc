/* SPDX-License-Identifier: MIT */
#include "lfsdump/extract_lfs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/lua/convert.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"

enum err lfs_open(const struct firmware *fw, const struct settings *s, struct diag *diag,
		  struct lfs_part *out)
{
	struct buf name = { 0 };

	*out = (struct lfs_part){ 0 };
	if (flash_find_lfs(fw, s->lfs_address, s->target.region, diag, &out->where))
		return diag->code;
	buf_printf(&name, "%s (LFS at 0x%" PRIx32 ")", fw->file, out->where.address);
	buf_byte(&name, 0);
	if (name.failed) {
		buf_free(&name);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	out->name = (char *)name.data;
	lua_book_open(&out->book, out->name, fw->data + out->where.off, out->where.present);
	out->book.base = out->where.base;
	if (out->book.diag.code == ERR_MEMORY) {
		lfs_close(out);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	return ERR_NONE;
}

void lfs_close(struct lfs_part *part)
{
	lua_book_close(&part->book);
	free(part->name);
	*part = (struct lfs_part){ 0 };
}

/* As node.LFS.reload takes it: relocatable (5.1) or portable (5.3). */
static enum err write_image(FILE *f, const struct lua_image *img, struct diag *diag)
{
	enum lua_form form = img->traits.version == LUA_51 ? LUA_FORM_RELOCATABLE
							   : LUA_FORM_PORTABLE;
	struct lua_image *made = NULL;
	struct buf bytes = { 0 };
	enum err e = lua_image_convert(img, form, 0, diag, &made);

	if (!e)
		e = made->format->save(made, diag, &bytes);
	if (!e)
		e = print_buf(f, &bytes, diag);
	buf_free(&bytes);
	lua_image_free(made);
	return e;
}

/* Nothing of a damaged image: what a device would do with it nobody knows. */
static enum err write_book(FILE *f, const struct lua_book *book, struct diag *diag)
{
	if (report_damage(book))
		return ERR_DAMAGED;
	return write_image(f, book->img, diag);
}

static bool is_absolute(const struct lua_book *book)
{
	return book->img && book->img->traits.form == LUA_FORM_ABSOLUTE;
}

static enum err run_extract_lfs(FILE *f, const struct settings *s, const struct input *in,
				struct diag *diag)
{
	struct firmware fw;
	struct lfs_part part = { 0 };
	enum err e;

	if (in->book->diag.code == ERR_IO || in->book->diag.code == ERR_MEMORY)
		return in->book->diag.code;
	if (is_absolute(in->book)) /* a region that was cut out */
		return write_book(f, in->book, diag);
	if (in->book->img)
		return diag_fail(diag, ERR_KIND, "neither a dump of a flash nor an image from one");
	firmware_open(&fw, in->book->file, in->raw->data, in->raw->len);
	e = lfs_open(&fw, s, diag, &part);
	if (!e)
		e = write_book(f, &part.book, diag);
	lfs_close(&part);
	firmware_close(&fw);
	return e;
}

const struct job job_extract_lfs = {
	.name = "--extract-lfs",
	.run = run_extract_lfs,
	.forms = 1u << OUTPUT_TABLE,
	.one_file = true,
	.judges_damage = true,
};
