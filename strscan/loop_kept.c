/* SPDX-License-Identifier: MIT */
/*
 * The image that is in the device before all begins. Strings that it holds because of an earlier
 * run are in RAM no more, so that no capture finds them; a new image without them would bring them
 * back.
 */
#include <string.h>

#include "common/lua/identity.h"
#include "strscan/loop_job.h"
#include "strscan/report.h"

static void remember(struct loop_job *job, const struct lua_image *img)
{
	lua_identity(img, job->loaded);
	job->loaded_known = true;
}

/* Is the module in the device's list, "main,dummy_strings,util"? */
static bool lists(const struct buf *list, const char *name)
{
	size_t n = strlen(name), at = 0;

	while (at + n <= list->len) {
		const uint8_t *comma = memchr(list->data + at, ',', list->len - at);
		size_t end = comma ? (size_t)(comma - list->data) : list->len;

		if (end - at == n && memcmp(list->data + at, name, n) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

static bool is_removed(const struct loop_job *job, const uint8_t *name, size_t n)
{
	const struct rebuild_names *removed = &job->scan->s.rebuild.removed;

	for (uint32_t i = 0; i < removed->count; i++)
		if (strlen(removed->list[i]) == n && memcmp(removed->list[i], name, n) == 0)
			return true;
	return false;
}

static bool is_given_up(const struct loop_job *job)
{
	return is_removed(job, (const uint8_t *)REBUILD_CAPTURED, strlen(REBUILD_CAPTURED));
}

static bool has_module(const struct lua_image *img, const uint8_t *name, size_t n)
{
	for (uint32_t i = 0; i < img->nmodules; i++)
		if (img->modules[i].name < img->nstrings) {
			const struct lua_string *s = &img->strings[img->modules[i].name];

			if (s->len == n && memcmp(s->text, name, n) == 0)
				return true;
		}
	return false;
}

void loop_tell_missing(const struct loop_job *job, const struct loop_image *image)
{
	const uint8_t *p = job->modules.data, *end = p + job->modules.len;
	struct buf lost = { 0 };

	while (image->book.img && p < end) {
		const uint8_t *comma = memchr(p, ',', (size_t)(end - p));
		size_t n = (size_t)((comma ? comma : end) - p);

		if (n && !has_module(image->book.img, p, n) && !is_removed(job, p, n)) {
			buf_str(&lost, lost.len ? ", " : "");
			buf_put(&lost, p, n);
		}
		p += n + (comma != NULL);
	}
	buf_byte(&lost, 0);
	if (!lost.failed && lost.len > 1)
		report_remark(session_name(&job->s),
			      "modules of the image in the device that the new one has not: %.120s",
			      (const char *)lost.data);
	buf_free(&lost);
}

/* They are read in the device's file, if that is what was loaded. */
static enum err keep(struct loop_job *job, const struct files_names *names, struct diag *diag)
{
	struct loop_image image = { 0 };
	struct lfs_report found = { 0 };
	int64_t size;

	if (files_size(&job->s.console, names->name, &size, diag) == ERR_NONE && size >= 0 &&
	    image_fetch(job, names->name, &image, diag) == ERR_NONE && image.book.img)
		lfs_compare(&job->s.console, image.book.img, &found, diag);
	if (!diag->code && found.same == LFS_SAME) {
		remember(job, image.book.img);
		job->file_loaded = true;
		rebuild_captured(image.book.img, &job->kept);
		fprintf(stderr,
			"strscan: the image in the device holds %u strings of an earlier run; they "
			"are kept\n",
			(unsigned)job->kept.count);
	} else if (!diag->code) {
		diag_fail(diag, ERR_KIND,
			  "the image in the device is not its file %s, and has strings "
			  "in " REBUILD_CAPTURED
			  " that a new image would lose: name its file with --image or --as, "
			  "or say --remove " REBUILD_CAPTURED,
			  names->name);
	}
	lfs_free(&found);
	image_close(&image);
	return diag->code;
}

/* Better now than after a capture of some minutes. */
static enum err check_kind(const struct loop_job *job, const char *path,
			   const struct lua_image *img, struct diag *diag)
{
	const struct check_target *t = &job->target;

	if (!t->known ||
	    (img->traits.version == t->version && img->traits.integer_bytes == t->integer_bytes &&
	     img->traits.float_bytes == t->float_bytes))
		return ERR_NONE;
	return diag_fail(diag, ERR_KIND,
			 "%.60s: is for a firmware with another Lua or other numbers", path);
}

enum err loop_look_at_loaded(struct loop_job *job, const struct files_names *names,
			     struct diag *diag)
{
	static const struct lua_image nothing = { 0 };
	const char *path = job->scan->s.image;
	struct loop_image image = { 0 };
	struct lfs_report found = { 0 };

	if ((path &&
	     (image_load(path, &image, diag) || check_kind(job, path, image.book.img, diag))) ||
	    lfs_compare(&job->s.console, path ? image.book.img : &nothing, &found, diag))
		goto out;
	buf_put(&job->modules, found.rows[LFS_MODULES].device.data,
		found.rows[LFS_MODULES].device.len);
	if (path && found.same == LFS_SAME) {
		remember(job, image.book.img);
		files_equal(&job->s.console, names->name, image.file.data, image.file.len,
			    &job->file_loaded, NULL, diag);
	} else if (!found.loaded) {
		report_remark(session_name(&job->s), "no image is in the device now");
	} else if (lists(&job->modules, REBUILD_CAPTURED) && !is_given_up(job)) {
		keep(job, names, diag);
	} else if (path && found.same == LFS_DIFFERENT) {
		report_remark(path, "another image is in the device now; strings that only that "
				    "one holds are not found in RAM");
	}
out:
	lfs_free(&found);
	image_close(&image);
	return diag->code;
}

bool loop_is_loaded(const struct loop_job *job, const struct loop_image *image)
{
	uint8_t id[SHA256_BYTES];

	if (!job->loaded_known || !image->book.img)
		return false;
	lua_identity(image->book.img, id);
	return memcmp(id, job->loaded, sizeof(id)) == 0;
}
