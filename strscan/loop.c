/* SPDX-License-Identifier: MIT */
#include "strscan/loop.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/device/probe.h"
#include "strscan/loop_job.h"
#include "strscan/progress.h"
#include "strscan/report.h"

/* What the device is, and what it has free. */
static enum err look(struct loop_job *job, struct diag *diag)
{
	struct console *c = &job->s.console;
	struct buf banner = { 0 };
	struct probe p;

	if (tool_run(c, "collectgarbage()", diag))
		return diag->code;
	if (probe_take(c, &p, diag) == ERR_NONE) {
		job->heap = p.heap ? strtoll(p.heap, NULL, 10) : -1;
		if (!probe_banner(c, &p, &banner))
			diag_fail(diag, ERR_IO,
				  "the firmware tells too little about itself to say what it "
				  "would do with an image");
		else if (banner.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else
			check_banner(banner.data, banner.len, &job->target, diag);
		if (!job->target.region && p.lfs_size)
			job->target.region = (uint32_t)strtoul(p.lfs_size, NULL, 10);
	}
	buf_free(&banner);
	probe_free(&p);
	return diag->code;
}

bool loop_confirm(struct loop_job *job, const char *what)
{
	char answer[16] = "";

	progress_clear();
	if (job->l->yes || job->agreed)
		return true;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) {
		fprintf(stderr, "%s: %s? [y/N] ", session_name(&job->s), what);
		if (fgets(answer, sizeof(answer), stdin) && (answer[0] | 0x20) == 'y')
			return true;
		fprintf(stderr, "strscan: the device is as it was\n");
	} else {
		fprintf(stderr, "strscan: this would %s; nothing is done without --yes\n", what);
	}
	job->held = true;
	return false;
}

static enum err run(struct loop_job *job, FILE *f, struct diag *diag)
{
	const struct loop *l = job->l;

	if (session_open(&job->s, diag) || look(job, diag))
		return diag->code;
	if (l->optimize)
		return loop_optimize(job, f, diag);
	if (l->restore)
		return loop_restore(job, diag);
	if (l->upload && step_upload(job, diag))
		return diag->code;
	if (l->reload && !job->held && step_reload(job, l->reload, NULL, diag))
		return diag->code;
	if (l->verify && !job->held)
		step_verify(job, diag);
	return diag->code;
}

int loop_run(struct scan *scan, FILE *f)
{
	struct loop_job job = { .scan = scan, .l = &scan->s.loop, .f = f };
	struct diag diag = { 0 };

	job.s.live = &scan->s.live;
	/* With -o, the image goes there. */
	if (scan->s.output && job.l->optimize)
		job.f = stdout;
	job.heap = -1;
	if (job.l->guard) {
		if (loop_guard(&job, &diag))
			report(strcmp(job.l->guard, "-") ? job.l->guard : "standard output", &diag);
		return diag.code ? 1 : 0;
	}
	run(&job, f, &diag);
	progress_clear();
	if (job.sections)
		loop_end(&job, !diag.code && !job.held);
	if (job.f == f)
		scan->printed = job.sections != 0;
	session_close(&job.s, &diag);
	if (diag.code)
		report(session_name(&job.s), &diag);
	image_close(&job.sent);
	string_set_free(&job.kept);
	session_free(&job.s);
	return diag.code || job.held ? 1 : 0;
}
