/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/format.h"
#include "common/lua/identity.h"
#include "lib/handle.h"

_Static_assert((int)NLFS_CHUNK == LUA_FORM_CHUNK && (int)NLFS_RELOCATABLE == LUA_FORM_RELOCATABLE &&
		       (int)NLFS_PORTABLE == LUA_FORM_PORTABLE &&
		       (int)NLFS_ABSOLUTE == LUA_FORM_ABSOLUTE,
	       "forms are handed through");

/* Takes over the file. */
static enum nlfs_code open_file(struct file *file, struct nlfs **out, struct nlfs_error *error)
{
	struct nlfs *l = calloc(1, sizeof(*l));
	struct diag diag = { 0 };

	if (l) {
		l->file = *file;
		lua_book_open(&l->book, "", file->data, file->len);
		diag = l->book.diag;
	} else {
		file_close(file);
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	}
	if (diag.code == ERR_MEMORY) {
		nlfs_close(l);
		l = NULL;
	}
	*out = l;
	return error_tell(&diag, error);
}

enum nlfs_code nlfs_load(const void *data, size_t len, struct nlfs **out, struct nlfs_error *error)
{
	struct diag diag = { 0 };
	struct file file = { .len = len };

	*out = NULL;
	if (len && !data)
		return error_argument(error, "no bytes");
	if (len > FILE_MAX) {
		file_too_large(&diag, FILE_MAX);
		return error_tell(&diag, error);
	}
	file.data = malloc(len + 1);
	if (!file.data) {
		diag_fail(&diag, ERR_MEMORY, "out of memory");
		return error_tell(&diag, error);
	}
	if (len)
		memcpy(file.data, data, len);
	return open_file(&file, out, error);
}

enum nlfs_code nlfs_load_file(const char *path, struct nlfs **out, struct nlfs_error *error)
{
	struct diag diag = { 0 };
	struct file file;

	*out = NULL;
	if (!path)
		return error_argument(error, "no path");
	/* Standard input is the process's. */
	if (file_load(strcmp(path, "-") == 0 ? "./-" : path, &diag, &file)) {
		file_close(&file);
		return error_tell(&diag, error);
	}
	return open_file(&file, out, error);
}

void nlfs_close(struct nlfs *l)
{
	if (!l)
		return;
	lua_book_close(&l->book);
	file_close(&l->file);
	free(l);
}

bool nlfs_info(const struct nlfs *l, struct nlfs_info *out)
{
	const struct lua_image *img = handle_image(l);

	if (!img)
		return false;
	*out = (struct nlfs_info){
		.format = img->format->name,
		.lua = (uint8_t)img->traits.version,
		.form = (enum nlfs_form)img->traits.form,
		.integer_bytes = img->traits.integer_bytes,
		.float_bytes = img->traits.float_bytes,
		.packed = img->traits.packed,
		.old_tags = img->traits.old_tags,
		.has_time = img->has_time,
		.time = img->build_time,
		.base = img->traits.form == LUA_FORM_ABSOLUTE ? img->header.base : 0,
		.file_size = img->file_size,
		.flash_size = img->flash_size,
		.bytes = img->bytes,
		.nbytes = img->nbytes,
		.modules = img->nmodules,
		.protos = img->nprotos,
		.strings = img->nstrings,
		.notes = img->note_count,
	};
	return true;
}

bool nlfs_note(const struct nlfs *l, uint32_t i, struct nlfs_error *out)
{
	const struct lua_image *img = handle_image(l);

	if (!img || i >= img->note_count || i >= LUA_NOTES_MAX)
		return false;
	error_tell(&img->notes[i], out);
	return true;
}

bool nlfs_identity(const struct nlfs *l, uint8_t out[32])
{
	_Static_assert(SHA256_BYTES == 32, "the header says so");
	if (!handle_image(l))
		return false;
	lua_identity(l->book.img, out);
	return true;
}
