/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/file.h"
#include "strscan/loop_job.h"
#include "strscan/progress.h"

/* Replaces NAME by what was sent. */
static enum err put_in_place(struct loop_job *job, const struct files_names *names,
			     const struct file *file, struct loop_upload *up, struct diag *diag)
{
	struct console *c = &job->s.console;
	int64_t before;

	if (files_size(c, names->name, &before, diag) || loop_send(job, names, file, up, diag))
		return diag->code;
	up->old = before >= 0 ? names->beside[FILES_OLD] : NULL;
	return files_rename(c, names->beside[FILES_NEW], names->name, names->beside[FILES_OLD],
			    diag);
}

enum err step_upload(struct loop_job *job, struct diag *diag)
{
	const struct loop *l = job->l;
	struct loop_image *image = &job->sent;
	struct loop_upload up = { 0 };
	struct files_names names;
	const char *name = l->as ? l->as : file_base_name(l->upload);

	if (files_name(name, &names, diag) || files_check(&job->s.console, diag) ||
	    image_load_file(l->upload, image, diag))
		return diag->code;
	/* Refused images never reach a device. */
	if (image_is_one(name, &image->file) && image_check(job, l->upload, image, NULL, diag))
		return diag->code;
	up.name = names.name;
	up.size = image->file.len;
	if (loop_recover(job, &names, diag) ||
	    files_equal(&job->s.console, names.name, image->file.data, image->file.len, &up.there,
			&up.r.sum, diag) ||
	    (!up.there && put_in_place(job, &names, &image->file, &up, diag)))
		return diag->code;
	memcpy(job->sent_as, names.name, sizeof(job->sent_as));
	loop_section(job, &loop_upload_view, &up, diag);
	return diag->code;
}

/* What brings an image back, if it was not of a run that knows better. */
static enum err fail_empty(struct loop_job *job, const char *reloaded, struct diag *diag)
{
	job->emptied = reloaded != NULL;
	if (!reloaded || job->agreed)
		return diag_fail(diag, ERR_KIND, "there is no image in the device");
	return diag_fail(diag, ERR_KIND,
			 "there is no image in the device now; did the power go while it was "
			 "written? --reload %s --yes loads it again",
			 reloaded);
}

/* reloaded: the file that has just been loaded, or NULL. */
static enum err report_verify(struct loop_job *job, const struct lua_image *img,
			      const char *reloaded, struct diag *diag)
{
	struct lfs_report found;

	if (lfs_compare(&job->s.console, img, &found, diag) == ERR_NONE) {
		loop_section(job, &loop_verify_view, &found, diag);
		if (!found.loaded)
			fail_empty(job, reloaded, diag);
		else if (found.same == LFS_DIFFERENT)
			diag_fail(diag, ERR_KIND, "another image is in the device");
		else if (found.same == LFS_UNKNOWN)
			diag_fail(diag, ERR_KIND,
				  "this firmware tells too little to say which image is in it");
	}
	lfs_free(&found);
	return diag->code;
}

enum err step_verify(struct loop_job *job, struct diag *diag)
{
	struct loop_image image = { 0 };

	if (image_load(job->l->verify, &image, diag) == ERR_NONE)
		report_verify(job, image.book.img, NULL, diag);
	image_close(&image);
	return diag->code;
}

/* What has become of the device. */
static enum err judge(const struct loop_job *job, const char *name, const struct reload_report *r,
		      struct diag *diag)
{
	bool erased = job->target.version == LUA_53;

	switch (r->end) {
	case RELOAD_BACK: return ERR_NONE;
	case RELOAD_REFUSED:
		return diag_fail(
			diag, ERR_IO,
			"the device does not load %s: %s%s%s; the image in it is as it was", name,
			r->said[0] ? r->said : "no reason given", r->meaning ? ": " : "",
			r->meaning ? r->meaning : "");
	default:
		return diag_fail(diag, ERR_IO, "the device does not come back%s%s%s; reset it%s",
				 r->said[0] ? ": " : "", r->said, r->meaning ? r->meaning : "",
				 erased ? ", and if that does not help, write the firmware and an "
					  "empty LFS region"
					: "");
	}
}

enum err step_reload(struct loop_job *job, const char *name, const struct loop_image *image,
		     struct diag *diag)
{
	struct loop_image fetched = { 0 };
	struct reload_report r;
	struct loop_reload told = { name, &r };
	struct files_names names;
	char what[64];

	if (files_name(name, &names, diag) || files_check(&job->s.console, diag))
		return diag->code;
	if (!image && strcmp(name, job->sent_as) == 0)
		image = &job->sent;
	if (!image) {
		image = &fetched;
		if (image_fetch(job, name, &fetched, diag))
			goto out;
	}
	if (image_check(job, name, image, NULL, diag))
		goto out;
	snprintf(what, sizeof(what), "load %s, which restarts the device", name);
	if (!loop_confirm(job, what))
		goto out;
	fprintf(stderr, "strscan: loading %s\n", name);
	if (reload_run(&job->s.console, name, &r, diag) || judge(job, name, &r, diag))
		goto out;
	loop_section(job, &loop_reload_view, &told, diag);
	if (!diag->code)
		report_verify(job, image->book.img, name, diag);
out:
	image_close(&fetched);
	return diag->code;
}
