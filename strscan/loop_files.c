/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "strscan/loop_job.h"
#include "strscan/progress.h"

/* Ends what was begun with the file of that role; *loaded: it is the image in the device. */
static enum err recover(struct loop_job *job, const struct files_names *names, enum files_role role,
			bool *loaded, struct diag *diag)
{
	const char *name = names->beside[role], *old = names->beside[FILES_OLD];
	struct console *c = &job->s.console;
	struct loop_image image = { 0 };
	struct lfs_report found = { 0 };
	int64_t size;

	*loaded = false;
	if (files_size(c, name, &size, diag) || size < 0)
		return diag->code;
	if (job->agreed) /* it is this run's own */
		fprintf(stderr, "strscan: looking which image is in the device now\n");
	else
		fprintf(stderr, "strscan: an earlier run was stopped while the device loaded %s\n",
			role == FILES_BACK ? old : names->name);
	found.same = LFS_DIFFERENT;
	if (image_fetch(job, name, &image, diag) || !image.book.img ||
	    lfs_compare(c, image.book.img, &found, diag))
		goto out;
	*loaded = found.same != LFS_DIFFERENT;
	fprintf(stderr, "strscan: it is %sin the device\n", *loaded ? "" : "not ");
out:
	if (!diag->code && *loaded)
		files_rename(c, name, names->name, old, diag);
	else if (!diag->code && role == FILES_BACK)
		files_rename(c, name, old, NULL, diag);
	else if (!diag->code)
		files_remove(c, name, diag);
	/* It was what --restore is about. */
	if (!diag->code && *loaded && role == FILES_BACK && job->l->restore)
		loop_section(job, &loop_verify_view, &found, diag);
	lfs_free(&found);
	image_close(&image);
	return diag->code;
}

enum err loop_recover(struct loop_job *job, const struct files_names *names, struct diag *diag)
{
	bool loaded;

	if (recover(job, names, FILES_TRY, &loaded, diag) == ERR_NONE)
		recover(job, names, FILES_BACK, &job->is_back, diag);
	return diag->code;
}

enum err loop_send(struct loop_job *job, const struct files_names *names, const struct file *file,
		   struct loop_upload *up, struct diag *diag)
{
	struct files_watcher watcher = { .tell = progress_bytes };
	struct console *c = &job->s.console;

	if (upload_room(c, names, file->len, true, diag))
		return diag->code;
	fprintf(stderr, "strscan: sending %s\n", names->name);
	upload_file(c, names, file->data, file->len, &watcher, &up->r, diag);
	progress_clear();
	return diag->code;
}

void loop_tell_emptied(const struct loop_job *job, const char *name)
{
	if (!job->emptied)
		return;
	fprintf(stderr, "strscan: no image is in the device now (did its power go while it was "
			"written?): ");
	if (name)
		fprintf(stderr, "\"strscan --reload %s --yes\" loads the one that was there, or ",
			name);
	fprintf(stderr, "say the same again\n");
}

/* Names, a line each, as the old ones are called. */
static enum err several(const struct buf *list, struct diag *diag)
{
	char names[120];
	size_t n = list->len - 1 < sizeof(names) - 1 ? list->len - 1 : sizeof(names) - 1;

	for (size_t i = 0; i < n; i++)
		names[i] = list->data[i] > ' ' && list->data[i] < 0x7f ? (char)list->data[i] : ' ';
	names[n] = '\0';
	return diag_fail(diag, ERR_IO,
			 "several files were replaced: %s%s; say which: --restore=NAME", names,
			 n < list->len - 1 ? " ..." : "");
}

/* NAME of the only NAME~old, or NAME~bak, in the list. */
static enum err name_of(struct loop_job *job, const struct buf *list, struct files_names *names,
			struct diag *diag)
{
	const char *end = files_suffixes[FILES_OLD];
	size_t n = (size_t)((uint8_t *)memchr(list->data, '\n', list->len) - list->data);
	char name[FILES_NAME_MAX + 1];
	int64_t size = 0;

	if (n + 1 < list->len)
		return several(list, diag);
	if (n > FILES_NAME_MAX)
		return diag_fail(diag, ERR_LIMIT, "no file of a device has such a long name");
	snprintf(name, sizeof(name), "%.*s", (int)(n - strlen(end)), (const char *)list->data);
	if (n == FILES_NAME_MAX && files_size(&job->s.console, name, &size, diag))
		return diag->code;
	if (size < 0)
		return diag_fail(diag, ERR_LIMIT,
				 "%.*s is the old one of a file with a longer name; say that one: "
				 "--restore=NAME",
				 (int)n, (const char *)list->data);
	return files_name(name, names, diag);
}

/* The file that --restore is about. */
static enum err find_old(struct loop_job *job, struct files_names *names, struct diag *diag)
{
	struct buf list = { 0 };

	if (job->l->old)
		return files_name(job->l->old, names, diag);
	if (files_list(&job->s.console, files_suffixes[FILES_BACK], &list, diag) == ERR_NONE &&
	    !list.len)
		files_list(&job->s.console, files_suffixes[FILES_OLD], &list, diag);
	if (!diag->code && !list.len)
		diag_fail(diag, ERR_IO, "nothing was replaced: no file NAME%s is there",
			  files_suffixes[FILES_OLD]);
	else if (!diag->code)
		name_of(job, &list, names, diag);
	buf_free(&list);
	return diag->code;
}

/*
 * The two change their names. The old one is loaded under a third, which tells the next run to look
 * which image is in the device.
 */
static enum err go_back(struct loop_job *job, const struct files_names *n,
			const struct loop_image *image, struct diag *diag)
{
	const char *old = n->beside[FILES_OLD], *back = n->beside[FILES_BACK];
	struct console *c = &job->s.console;
	struct diag other = { 0 };
	bool loaded;

	if (files_rename(c, old, back, NULL, diag))
		return diag->code;
	if (step_reload(job, back, image, diag) == ERR_NONE)
		return files_rename(c, back, n->name, old, diag);
	if (c->port)
		recover(job, n, FILES_BACK, &loaded, &other);
	loop_tell_emptied(job, n->name);
	return diag->code;
}

enum err loop_restore(struct loop_job *job, struct diag *diag)
{
	struct loop_image image = { 0 };
	struct files_names names = { 0 };
	const char *old = names.beside[FILES_OLD];
	char what[64];
	int64_t size;

	if (files_check(&job->s.console, diag) || find_old(job, &names, diag) ||
	    loop_recover(job, &names, diag) || job->is_back ||
	    files_size(&job->s.console, old, &size, diag))
		return diag->code;
	if (size < 0)
		return diag_fail(diag, ERR_IO, "nothing was replaced: no file %s is there", old);
	snprintf(what, sizeof(what), "load %s, which restarts the device", old);
	if (image_fetch(job, old, &image, diag) == ERR_NONE &&
	    image_check(job, old, &image, NULL, diag) == ERR_NONE && loop_confirm(job, what)) {
		job->agreed = true;
		go_back(job, &names, &image, diag);
	}
	image_close(&image);
	return diag->code;
}
