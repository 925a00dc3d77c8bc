/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/format.h"
#include "strscan/loop_job.h"
#include "strscan/progress.h"

bool image_is_one(const char *name, const struct file *file)
{
	size_t n = strlen(name);

	if (n > 4 && strcmp(name + n - 4, ".img") == 0)
		return true;
	for (unsigned i = 0; i < lua_format_count; i++)
		if (lua_formats[i] != &lua_lc51 && lua_formats[i] != &lua_lc53 &&
		    lua_formats[i]->probe(file->data, file->len))
			return true;
	return false;
}

/* The first finding that keeps a device from it. */
static enum err refuse(const struct check_report *found, const struct check_target *target,
		       const char *name, struct diag *diag)
{
	for (uint32_t i = 0; i < found->count; i++) {
		const struct check_finding *f = &found->findings[i];

		if (f->level == CHECK_NOTE)
			continue;
		return diag_fail(diag, ERR_KIND, "%s: %s %.40s: %s%s%s", name,
				 f->level == CHECK_REFUSED ? "refused by" : "not safe for",
				 target->name[0] ? target->name : "its firmware", f->message,
				 f->message[0] ? "; " : "", f->cause);
	}
	return diag_fail(diag, ERR_KIND, "%s: not for this device", name);
}

/* What the loader alone says. */
static bool loads(const struct loop_job *job, const struct file *file, const char *name,
		  struct diag *diag)
{
	struct check_report said = { 0 };
	bool taken = job->target.version == LUA_53
			     ? check_loader53(file->data, file->len, &job->target, &said)
			     : check_loader51(file->data, file->len, &job->target, &said);

	if (said.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (!taken && job->target.known)
		refuse(&said, &job->target, name, diag);
	check_free(&said);
	return diag->code == ERR_NONE;
}

static enum err not_image(const char *name, struct diag *diag)
{
	return diag_fail(diag, ERR_KIND, "%s: a compiled chunk, not an LFS image", name);
}

static bool will_load(const struct loop *l)
{
	return l->reload || l->optimize || l->restore;
}

enum err image_check(const struct loop_job *job, const char *name, const struct loop_image *image,
		     uint32_t *heap, struct diag *diag)
{
	struct check_report found = { 0 };
	const struct file *file = &image->file;

	/* An absolute image is for the flash, which is not how it gets there. */
	if (!loads(job, file, name, diag))
		return diag->code;
	if (check_file(file->data, file->len, &image->book, &job->target, &found, diag) ==
	    ERR_NONE) {
		if (found.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else if (found.bad || !image->book.img)
			refuse(&found, &job->target, name, diag);
		else if (image->book.img->traits.form == LUA_FORM_CHUNK)
			not_image(name, diag);
		/* 5.3 loads before anything else runs. */
		else if (will_load(job->l) && job->target.version == LUA_51 && job->heap >= 0 &&
			 found.heap > job->heap)
			diag_fail(diag, ERR_LIMIT,
				  "%s: loading it takes %" PRIu32 " bytes of heap, %" PRId64
				  " are free; stop the application first",
				  name, found.heap, job->heap);
	}
	if (heap)
		*heap = found.heap;
	check_free(&found);
	return diag->code;
}

/* Reads image->file, as far as it is an image. */
static void image_open(const char *name, struct loop_image *image)
{
	image->opened = true;
	lua_book_open(&image->book, name, image->file.data, image->file.len);
}

/* What is said otherwise is about the device. */
static enum err name_file(const char *path, const struct diag *said, struct diag *diag)
{
	enum err code = said->code;
	char text[192];

	diag_format(said, text, sizeof(text));
	*diag = (struct diag){ 0 };
	return diag_fail(diag, code, "%.60s: %s", path, text);
}

enum err image_load_file(const char *path, struct loop_image *out, struct diag *diag)
{
	*out = (struct loop_image){ 0 };
	if (file_load(path, diag, &out->file))
		return name_file(path, diag, diag);
	image_open(path, out);
	return ERR_NONE;
}

enum err image_load(const char *path, struct loop_image *out, struct diag *diag)
{
	if (image_load_file(path, out, diag))
		return diag->code;
	if (out->book.diag.code)
		return name_file(path, &out->book.diag, diag);
	return out->book.img->traits.form == LUA_FORM_CHUNK ? not_image(path, diag) : ERR_NONE;
}

enum err image_take(const char *name, const struct buf *bytes, struct loop_image *out,
		    struct diag *diag)
{
	*out = (struct loop_image){ 0 };
	out->file.data = malloc(bytes->len ? bytes->len : 1);
	if (!out->file.data)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (bytes->len)
		memcpy(out->file.data, bytes->data, bytes->len);
	out->file.len = bytes->len;
	image_open(name, out);
	return ERR_NONE;
}

enum err image_fetch(struct loop_job *job, const char *name, struct loop_image *out,
		     struct diag *diag)
{
	struct files_watcher watcher = { .tell = progress_bytes };
	struct buf bytes = { 0 };

	*out = (struct loop_image){ 0 };
	fprintf(stderr, "strscan: reading %s off the device\n", name);
	if (files_read(&job->s.console, name, &watcher, &bytes, diag) == ERR_NONE)
		image_take(name, &bytes, out, diag);
	progress_clear();
	buf_free(&bytes);
	return diag->code;
}

void image_close(struct loop_image *image)
{
	if (image->opened)
		lua_book_close(&image->book);
	file_close(&image->file);
	image->opened = false;
}
