/* SPDX-License-Identifier: MIT */
#include "strscan/live.h"

#include "common/base/file.h"
#include "common/device/capture.h"
#include "common/device/probe.h"
#include "common/device/pull.h"
#include "strscan/progress.h"
#include "strscan/report.h"
#include "strscan/session.h"

struct taking {
	struct session *s;
	struct string_set *set;
};

static enum err take_one(void *ctx, uint32_t i, uint32_t n, struct diag *diag)
{
	struct capture_watcher watcher = { .tell = progress_show };
	const struct taking *t = ctx;

	capture_take(&t->s->console, &watcher, t->set, diag);
	progress_clear();
	if (n > 1 && !diag->code)
		fprintf(stderr, "strscan: capture %u of %u: %u different strings so far\n",
			(unsigned)i + 1, (unsigned)n, (unsigned)t->set->count);
	return diag->code;
}

static enum err save_banner(struct session *s, const struct probe *p, struct diag *diag)
{
	struct output out = { 0 };
	struct diag of_file = { 0 };
	struct buf text = { 0 };

	if (!probe_banner(&s->console, p, &text))
		diag_fail(diag, ERR_IO, "the firmware tells too little for a banner");
	else if (text.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (output_open(s->live->banner, &of_file, &out) == ERR_NONE) {
		fwrite(text.data, 1, text.len, out.stream);
		output_commit(&out, &of_file);
	}
	if (of_file.code)
		diag_fail(diag, of_file.code, "%.100s: %.80s", s->live->banner, of_file.text);
	buf_free(&text);
	return diag->code;
}

static enum err probe_all(struct session *s, bool json, FILE *f, struct diag *diag)
{
	struct buf text = { 0 };
	struct probe p;

	if (probe_take(&s->console, &p, diag) == ERR_NONE) {
		if (s->live->probe) {
			probe_write(&p, json, &text);
			fwrite(text.data, 1, text.len, f);
		}
		if (s->live->banner)
			save_banner(s, &p, diag);
	}
	buf_free(&text);
	probe_free(&p);
	return diag->code;
}

static void told(void *ctx, const char *name, const char *what)
{
	(void)ctx;
	progress_clear();
	fprintf(stderr, "strscan: %s: %s\n", name, what);
}

int live_run(const struct live *live, bool json, struct string_set *set, FILE *f)
{
	struct session s = { .live = live };
	struct diag diag = { 0 };

	session_open(&s, &diag);
	/* The output is the strings', if there are to be any. */
	if (!diag.code && (live->probe || live->banner))
		probe_all(&s, json, live->capture ? stderr : f, &diag);
	if (!diag.code && live->pull)
		pull_modules(&s.console, live->pull, told, NULL, &diag);
	if (!diag.code && live->capture)
		session_captures(&s, live->every, take_one, &(struct taking){ &s, set },
				 &set->device, &diag);
	progress_clear();
	session_close(&s, &diag);
	if (diag.code)
		report(session_name(&s), &diag);
	session_free(&s);
	return diag.code ? 1 : 0;
}
