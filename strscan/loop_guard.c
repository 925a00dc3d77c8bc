/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/device/guard.h"
#include "strscan/loop_job.h"
#include "strscan/report.h"

/* --for or --banner, else what the image itself was made for. */
static enum err choose_target(struct loop_job *job, struct diag *diag)
{
	const struct rebuild *r = &job->scan->s.rebuild;
	struct file file = { 0 };

	if (r->kind && !check_kind_find(r->kind, &job->target))
		return diag_fail(diag, ERR_KIND,
				 "%.40s: no firmware that lfsdump --check --for "
				 "knows",
				 r->kind);
	if (r->banner && file_load(r->banner, diag, &file) == ERR_NONE)
		check_banner(file.data, file.len, &job->target, diag);
	file_close(&file);
	if (r->region)
		job->target.region = r->region;
	return diag->code;
}

static enum err write_module(const struct loop_job *job, const struct loop_image *image,
			     uint32_t heap, struct diag *diag)
{
	struct output out = { 0 };
	struct buf text = { 0 };
	bool standard = strcmp(job->l->guard, "-") == 0;

	guard_write(image->book.img, image->file.data, image->file.len, heap, &text);
	if (text.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (standard) {
		fwrite(text.data, 1, text.len, stdout);
		file_flush(stdout, diag);
	} else if (output_open(job->l->guard, diag, &out) == ERR_NONE) {
		fwrite(text.data, 1, text.len, out.stream);
		output_commit(&out, diag);
	}
	buf_free(&text);
	return diag->code;
}

enum err loop_guard(struct loop_job *job, struct diag *diag)
{
	const char *path = job->scan->s.image;
	struct loop_image image = { 0 };
	uint32_t heap;

	if (choose_target(job, diag) || image_load(path, &image, diag))
		goto out;
	/* 5.3 would erase the region for it. */
	if (image.book.img->traits.form == LUA_FORM_ABSOLUTE)
		diag_fail(diag, ERR_KIND,
			  "%.60s: an absolute image, which no device loads; it is for esptool",
			  path);
	else if (image_check(job, path, &image, &heap, diag) == ERR_NONE)
		write_module(job, &image, heap, diag);
out:
	image_close(&image);
	return diag->code;
}
