/* SPDX-License-Identifier: MIT */
/*
 * The image that is in the device before all begins. Strings that it holds because of an earlier run
 * are in RAM no more, so that no capture finds them; a new image without them would bring them back.
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

static bool is_given_up(const struct loop_job *job)
{
	const struct rebuild_names *removed = &job->scan->s.rebuild.removed;

	for (uint32_t i = 0; i < removed->count; i++)
		if (strcmp(removed->list[i], REBUILD_CAPTURED) == 0)
			return true;
	return false;
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
		rebuild_captured(image.book.img, &job->kept);
		fprintf(stderr,
			"strscan: the image in the device holds %u strings of an earlier run; they "
			"are kept\n",
			(unsigned)job->kept.count);
	} else if (!diag->code) {
		diag_fail(diag, ERR_KIND,
			  "the image in the device has a module " REBUILD_CAPTURED
			  ", whose strings would be in RAM again, and its file is not there as "
			  "%s: give that image with --image, or its name with --as; "
			  "--remove " REBUILD_CAPTURED " gives them up",
			  names->name);
	}
	lfs_free(&found);
	image_close(&image);
	return diag->code;
}

enum err loop_look_at_loaded(struct loop_job *job, const struct files_names *names,
			     struct diag *diag)
{
	static const struct lua_image nothing = { 0 };
	const char *path = job->scan->s.image;
	struct loop_image image = { 0 };
	struct lfs_report found = { 0 };

	if ((path && image_load(path, &image, diag)) ||
	    lfs_compare(&job->s.console, path ? image.book.img : &nothing, &found, diag))
		goto out;
	if (path && found.same == LFS_SAME)
		remember(job, image.book.img);
	else if (!found.loaded)
		report_remark(session_name(&job->s), "no image is in the device now");
	else if (lists(&found.rows[LFS_MODULES].device, REBUILD_CAPTURED) && !is_given_up(job))
		keep(job, names, diag);
	else if (path && found.same == LFS_DIFFERENT)
		report_remark(path, "another image is in the device now; strings that only that "
				    "one holds are not found in RAM");
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
