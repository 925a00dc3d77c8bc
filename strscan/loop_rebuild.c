/* SPDX-License-Identifier: MIT */
/*
 * The new image: once without the strings that are to be found, and once with them. A capture takes
 * minutes; what does not compile, is refused or has no room as it is, is told before.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "strscan/loop_job.h"

/* The modules to start from: the image and all INPUT. */
static char **make_inputs(const struct settings *s, int *n)
{
	char **list = calloc((size_t)s->nfiles + 1, sizeof(*list));

	*n = 0;
	if (list && s->image)
		list[(*n)++] = (char *)(uintptr_t)s->image;
	for (int i = 0; list && i < s->nfiles; i++)
		list[(*n)++] = s->files[i];
	return list;
}

static enum err read_back(FILE *f, struct buf *out, struct diag *diag)
{
	uint8_t bytes[4096];
	size_t n;

	rewind(f);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_put(out, bytes, n);
	if (ferror(f))
		return diag_system(diag);
	return out->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

/* With the settings that it needs, for as long as it runs. */
static enum err run(struct loop_job *job, const char *name, FILE *image, FILE *report,
		    struct diag *diag)
{
	struct settings *s = &job->scan->s;
	const struct settings as_given = *s;
	char **list;
	int n;

	list = make_inputs(s, &n);
	if (list) {
		s->nfiles = n;
		s->files = list;
		s->output = name;
		s->rebuild.device = &job->target;
		s->rebuild.report = report;
		s->rebuild.kept = job->kept.count ? &job->kept : NULL;
		if (rebuild_run(job->scan, image) && !job->scan->printed)
			diag_fail(diag, ERR_KIND, "there is no image to go on with");
	} else {
		diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	*s = as_given;
	free(list);
	return diag->code;
}

/* The report becomes a part of this one, if there is something to tell. */
static enum err rebuild(struct loop_job *job, const char *name, bool tell, struct buf *bytes,
			struct diag *diag)
{
	FILE *image = tmpfile(), *text = tmpfile();
	struct diag of_report = { 0 };
	struct buf told = { 0 };

	if (!image || !text)
		diag_system(diag);
	else if (run(job, name, image, text, diag) == ERR_NONE)
		read_back(image, bytes, diag);
	if (text && (tell || diag->code) && read_back(text, &told, &of_report) == ERR_NONE &&
	    told.len) {
		loop_begin_section(job, "image");
		/* Without the newline of a document of its own. */
		fwrite(told.data, 1, told.len - (job->scan->s.format == FORMAT_JSON), job->f);
	}
	if (!diag->code)
		*diag = of_report;
	if (image)
		fclose(image);
	if (text)
		fclose(text);
	buf_free(&told);
	return diag->code;
}

enum err loop_rebuild(struct loop_job *job, const char *name, struct buf *bytes, struct diag *diag)
{
	return rebuild(job, name, true, bytes, diag);
}

/* What goes to standard error is kept until it is known whether it is news. -1: it is not kept. */
static int hold_errors(FILE *kept)
{
	int was;

	fflush(stderr);
	was = kept ? dup(STDERR_FILENO) : -1;
	if (was >= 0)
		dup2(fileno(kept), STDERR_FILENO);
	return was;
}

static void release_errors(FILE *kept, int was, bool news)
{
	struct diag other = { 0 };
	struct buf said = { 0 };

	if (was >= 0) {
		fflush(stderr);
		dup2(was, STDERR_FILENO);
		close(was);
		if (news && read_back(kept, &said, &other) == ERR_NONE)
			fwrite(said.data, 1, said.len, stderr);
	}
	buf_free(&said);
	if (kept)
		fclose(kept);
}

enum err loop_try_rebuild(struct loop_job *job, const struct files_names *names, struct diag *diag)
{
	struct scan *scan = job->scan;
	struct loop_image image = { 0 };
	struct buf bytes = { 0 };
	FILE *kept = tmpfile();
	int was = hold_errors(kept);

	rebuild(job, names->name, false, &bytes, diag);
	release_errors(kept, was, diag->code != ERR_NONE);
	if (!diag->code && image_take(names->name, &bytes, &image, diag) == ERR_NONE &&
	    image_check(job, names->name, &image, NULL, diag) == ERR_NONE)
		upload_room(&job->s.console, names, bytes.len, false, diag);
	image_close(&image);
	buf_free(&bytes);
	/* Captures among the inputs are read again. */
	string_set_free(&scan->set);
	scan->set = (struct string_set){ 0 };
	scan->printed = scan->damaged = false;
	return diag->code;
}
