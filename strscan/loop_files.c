/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "strscan/loop_job.h"
#include "strscan/progress.h"

enum err loop_recover(struct loop_job *job, const struct files_names *names, struct diag *diag)
{
	const char *try = names->beside[FILES_TRY];
	struct console *c = &job->s.console;
	struct loop_image image = { 0 };
	struct lfs_report found = { 0 };
	int64_t size;

	if (files_size(c, try, &size, diag) || size < 0)
		return diag->code;
	fprintf(stderr, "strscan: an earlier run was stopped while the device loaded %s\n",
		names->name);
	found.same = LFS_DIFFERENT;
	if (image_fetch(job, try, &image, diag) == ERR_NONE && image.book.img)
		lfs_compare(c, image.book.img, &found, diag);
	if (!diag->code)
		fprintf(stderr, "strscan: it is %sin the device\n",
			found.same == LFS_DIFFERENT ? "not " : "");
	if (!diag->code && found.same == LFS_DIFFERENT)
		files_remove(c, try, diag);
	else if (!diag->code)
		files_rename(c, try, names->name, names->beside[FILES_OLD], diag);
	lfs_free(&found);
	image_close(&image);
	return diag->code;
}

enum err loop_send(struct loop_job *job, const struct files_names *names, const struct file *file,
		   struct loop_upload *up, struct diag *diag)
{
	struct files_watcher watcher = { .tell = progress_bytes };
	struct console *c = &job->s.console;

	if (upload_room(c, names, file->len, diag))
		return diag->code;
	fprintf(stderr, "strscan: sending %s\n", names->name);
	upload_file(c, names, file->data, file->len, &watcher, &up->r, diag);
	progress_clear();
	return diag->code;
}

/* The file that --restore is about. */
static enum err find_old(struct loop_job *job, struct files_names *names, struct diag *diag)
{
	const char *end = files_suffixes[FILES_OLD];
	struct buf list = { 0 };
	char name[FILES_NAME_MAX + 1];
	size_t n;

	if (job->l->old)
		return files_name(job->l->old, names, diag);
	if (files_list(&job->s.console, end, &list, diag) == ERR_NONE) {
		char *lf = list.len ? memchr(list.data, '\n', list.len) : NULL;

		n = lf ? (size_t)(lf - (char *)list.data) : 0;
		if (!lf)
			diag_fail(diag, ERR_IO, "nothing was replaced: no file NAME%s is there",
				  end);
		else if (n + 1 < list.len || n >= FILES_NAME_MAX)
			diag_fail(diag, ERR_IO,
				  "several files were replaced; say which: "
				  "--restore=NAME");
		else {
			snprintf(name, sizeof(name), "%.*s", (int)(n - strlen(end)), list.data);
			files_name(name, names, diag);
		}
	}
	buf_free(&list);
	return diag->code;
}

/* The two change their names; it may be stopped anywhere and done again. */
static enum err swap(struct loop_job *job, const struct files_names *n, struct diag *diag)
{
	struct console *c = &job->s.console;

	if (files_rename(c, n->name, n->beside[FILES_NEW], NULL, diag) ||
	    files_rename(c, n->beside[FILES_OLD], n->name, NULL, diag))
		return diag->code;
	return files_rename(c, n->beside[FILES_NEW], n->beside[FILES_OLD], NULL, diag);
}

enum err loop_restore(struct loop_job *job, struct diag *diag)
{
	struct files_names names;
	int64_t size;

	if (files_check(&job->s.console, diag) || find_old(job, &names, diag) ||
	    loop_recover(job, &names, diag) ||
	    files_size(&job->s.console, names.beside[FILES_OLD], &size, diag))
		return diag->code;
	if (size < 0)
		return diag_fail(diag, ERR_IO, "nothing was replaced: no file %s is there",
				 names.beside[FILES_OLD]);
	if (step_reload(job, names.beside[FILES_OLD], NULL, diag) || job->held)
		return diag->code;
	return swap(job, &names, diag);
}
