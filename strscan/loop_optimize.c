/* SPDX-License-Identifier: MIT */
/*
 * All steps in a row. Until the new image is whole on the device, checked and compared, nothing in
 * it is changed but a file beside the others. It is loaded as NAME~try: whoever is stopped there
 * leaves a name that tells the next run to look which image is in the device.
 */
#include <string.h>

#include "common/base/file.h"
#include "common/device/capture.h"
#include "common/device/probe.h"
#include "strscan/loop_job.h"
#include "strscan/progress.h"

enum { SETTLE_SECONDS = 3 };

/* One capture, what it weighs, and the heap without garbage. */
static enum err measure(struct loop_job *job, struct string_set *set, struct diag *diag)
{
	struct capture_watcher watcher = { .tell = progress_show };

	capture_take(&job->s.console, &watcher, set, diag);
	progress_clear();
	return diag->code;
}

static void weigh(const struct string_set *set, int64_t sums[GAINS])
{
	sums[GAIN_STRINGS] = set->count;
	for (uint32_t i = 0; i < set->count; i++) {
		sums[GAIN_TEXT] += set->items[i].len;
		sums[GAIN_RAM] += string_ram(set->items[i].len);
	}
}

/* What the device has; merged into all, unless that is NULL. */
static enum err look(struct loop_job *job, struct string_set *all, int64_t sums[GAINS],
		     struct diag *diag)
{
	struct string_set set = { 0 };

	memset(sums, 0, GAINS * sizeof(*sums));
	if (tool_run(&job->s.console, "collectgarbage()collectgarbage()", diag))
		return diag->code;
	sums[GAIN_HEAP] = probe_heap(&job->s.console, diag);
	if (!diag->code && measure(job, &set, diag) == ERR_NONE) {
		weigh(&set, sums);
		if (all)
			string_set_capture(all);
		for (uint32_t i = 0; all && i < set.count; i++)
			if (string_set_add(all, string_text(&set, &set.items[i]),
					   set.items[i].len) == STRING_UNKNOWN)
				diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	string_set_free(&set);
	return diag->code;
}

struct before {
	struct loop_job *job;
	int64_t *sums;
};

static enum err take_one(void *ctx, uint32_t i, uint32_t n, struct diag *diag)
{
	const struct before *b = ctx;

	fprintf(stderr, "strscan: capture %u of %u\n", (unsigned)i + 1, (unsigned)n);
	return look(b->job, &b->job->scan->set, b->sums, diag);
}

static uint32_t settle_seconds(const struct loop_job *job)
{
	uint32_t every = job->scan->s.live.every;

	return every ? every : SETTLE_SECONDS;
}

/* NAME for the device: the image's, if it is called like one. */
static const char *choose_name(const struct loop_job *job)
{
	const struct settings *s = &job->scan->s;
	const char *name = file_base_name(s->image ? s->image : s->files[0]);
	size_t n = strlen(name);

	return job->l->as ? job->l->as : n > 4 && !strcmp(name + n - 4, ".img") ? name : "lfs.img";
}

/* From here on the device is changed. */
static enum err exchange(struct loop_job *job, const struct files_names *n,
			 const struct loop_image *image, struct diag *diag)
{
	struct loop_upload up = { .name = n->name, .size = image->file.len };
	struct console *c = &job->s.console;
	struct diag other = { 0 };
	int64_t before;

	if (files_size(c, n->name, &before, diag) || loop_send(job, n, &image->file, &up, diag) ||
	    files_rename(c, n->beside[FILES_NEW], n->beside[FILES_TRY], NULL, diag))
		return diag->code;
	up.old = before >= 0 ? n->beside[FILES_OLD] : NULL;
	job->has_old = before >= 0;
	loop_section(job, &loop_upload_view, &up, diag);
	if (step_reload(job, n->beside[FILES_TRY], image, diag) == ERR_NONE)
		return files_rename(c, n->beside[FILES_TRY], n->name, n->beside[FILES_OLD], diag);
	/* The next run sees to it, if this one cannot. */
	if (job->s.console.port)
		loop_recover(job, n, &other);
	loop_tell_emptied(job, before >= 0 ? n->name : NULL);
	return diag->code;
}

static enum err tell_gain(struct loop_job *job, const int64_t before[GAINS], struct diag *diag)
{
	struct loop_gain gain[GAINS];
	int64_t after[GAINS];

	if (session_pause(&job->s, settle_seconds(job), diag))
		return diag->code;
	fprintf(stderr, "strscan: capture of what is there now\n");
	if (look(job, NULL, after, diag))
		return diag->code;
	for (unsigned i = 0; i < GAINS; i++)
		gain[i] = (struct loop_gain){ before[i], after[i] };
	loop_section(job, &loop_gain_view, gain, diag);
	return diag->code;
}

/* The new image is kept here, too, when that is wanted. */
static enum err write_output(struct loop_job *job, const struct buf *bytes, FILE *f,
			     struct diag *diag)
{
	if (f == job->f)
		return ERR_NONE;
	job->scan->printed = fwrite(bytes->data, 1, bytes->len, f) == bytes->len && !fflush(f);
	return job->scan->printed ? ERR_NONE : diag_system(diag);
}

enum err loop_optimize(struct loop_job *job, FILE *f, struct diag *diag)
{
	struct loop_image image = { 0 };
	int64_t before[GAINS] = { 0 };
	struct buf bytes = { 0 };
	struct files_names names;
	struct before first = { job, before };
	char what[96];

	if (files_name(choose_name(job), &names, diag) || files_check(&job->s.console, diag) ||
	    loop_recover(job, &names, diag) || loop_look_at_loaded(job, &names, diag) ||
	    loop_try_rebuild(job, &names, diag) ||
	    session_captures(&job->s, settle_seconds(job), take_one, &first, &job->scan->set.device,
			     diag) ||
	    loop_rebuild(job, names.name, &bytes, diag) ||
	    image_take(names.name, &bytes, &image, diag) ||
	    image_check(job, names.name, &image, NULL, diag) ||
	    upload_room(&job->s.console, &names, bytes.len, false, diag) ||
	    write_output(job, &bytes, f, diag))
		goto out;
	if (loop_is_loaded(job, &image)) {
		fprintf(stderr, "strscan: this image is in the device already: nothing is to be "
				"won\n");
		files_remove(&job->s.console, names.beside[FILES_NEW], diag);
		goto out;
	}
	loop_tell_missing(job, &image);
	snprintf(what, sizeof(what), "send %zu bytes as %s, load them and restart the device",
		 bytes.len, names.name);
	if (!loop_confirm(job, what))
		goto out;
	job->agreed = true;
	if (exchange(job, &names, &image, diag) == ERR_NONE &&
	    tell_gain(job, before, diag) == ERR_NONE && job->has_old)
		fprintf(stderr, "strscan: --restore=%s goes back to %s\n", names.name,
			job->file_loaded ? "what was there"
					 : "the file that was there, which may not be the "
					   "image that was in the device");
out:
	image_close(&image);
	buf_free(&job->modules);
	buf_free(&bytes);
	return diag->code;
}
