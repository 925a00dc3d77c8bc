/* SPDX-License-Identifier: MIT */
#include "strscan/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/device/capture.h"
#include "common/device/probe.h"
#include "common/device/pull.h"
#include "strscan/progress.h"
#include "strscan/report.h"
#include "strscan/signals.h"

enum { KEEP_ALIVE_SECONDS = 60 };

struct session {
	const struct live *live;
	struct console console;
	struct port *port;
	struct file replay;
	FILE *record;
	bool json;
	FILE *f;
	char *name; /* of the port; owned */
};

/* The port that is meant: named, in the environment, or the only one. */
static enum err choose_port(struct session *s, struct diag *diag)
{
	const char *name = s->live->port ? s->live->port : getenv("STRSCAN_PORT");
	struct buf list = { 0 };
	unsigned n;

	if (s->live->replay)
		name = s->live->replay;
	if (!name || !name[0]) {
		n = port_list(&list);
		buf_byte(&list, 0);
		if (list.failed)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
		name = (char *)list.data;
		for (char *p = (char *)list.data; *p; p++)
			*p = *p == '\n' ? n > 1 && p[1] ? ' ' : '\0' : *p;
		if (n != 1)
			diag_fail(
				diag, ERR_IO,
				n ? "several serial ports: %.150s; say which with -p or "
				    "$STRSCAN_PORT"
				  : "no serial port found%s; name one with -p PORT, -p tcp:HOST or "
				    "-p rfc2217:HOST:PORT",
				name);
	}
	if (!diag->code) {
		s->name = malloc(strlen(name) + 1);
		if (s->name)
			strcpy(s->name, name);
		else
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	buf_free(&list);
	return diag->code;
}

static enum err open_files(struct session *s, struct diag *diag)
{
	if (s->live->replay && file_load(s->live->replay, diag, &s->replay))
		return diag->code;
	if (s->live->record) {
		s->record = fopen(s->live->record, "w");
		if (!s->record)
			return diag_fail(diag, ERR_IO, "%.100s: %s", s->live->record,
					 strerror(errno));
	}
	return ERR_NONE;
}

static enum err open_session(struct session *s, struct diag *diag)
{
	struct port_options o = { .wake = signals_catch() };

	if (choose_port(s, diag) || open_files(s, diag))
		return diag->code;
	o.name = s->name;
	o.record = s->record;
	o.replay = s->live->replay ? s->replay.data : NULL;
	o.replay_len = s->replay.len;
	if (s->live->replay && !o.replay)
		return diag_fail(diag, ERR_KIND, "an empty recording");
	if (port_open(&o, diag, &s->port))
		return diag->code;
	signals_guard(s->port);
	if (s->live->reset && port_reset(s->port, diag))
		return diag->code;
	return console_open(&s->console, s->port, diag);
}

/* Until the next capture. A telnet session that says nothing is closed. */
static void pause_for(struct session *s, uint32_t seconds, struct diag *diag)
{
	int64_t end = port_now(s->port) + seconds * PORT_SECOND;

	while (!diag->code && port_now(s->port) < end) {
		int64_t left = end - port_now(s->port);
		int64_t most = KEEP_ALIVE_SECONDS * PORT_SECOND;

		port_sleep(s->port, left < most ? left : most);
		console_progress(&s->console);
		if (console_run(&s->console, "", diag) == CONSOLE_FAILED)
			return;
	}
}

static enum err take_captures(struct session *s, struct string_set *set, struct diag *diag)
{
	struct capture_watcher watcher = { .tell = progress_show };
	uint32_t n = s->live->watch ? s->live->watch : 1;

	if (probe_device(&s->console, &set->device, diag))
		return diag->code;
	for (uint32_t i = 0; i < n && !diag->code; i++) {
		if (i)
			pause_for(s, s->live->every, diag);
		if (!diag->code)
			capture_take(&s->console, &watcher, set, diag);
		progress_clear();
		if (n > 1 && !diag->code)
			fprintf(stderr, "strscan: capture %u of %u: %u different strings so far\n",
				(unsigned)i + 1, (unsigned)n, (unsigned)set->count);
	}
	return diag->code;
}

static enum err save_banner(struct session *s, const struct probe *p, struct diag *diag)
{
	struct output out = { 0 };
	struct buf text = { 0 };

	if (!probe_banner(&s->console, p, &text))
		diag_fail(diag, ERR_IO, "the firmware tells too little for a banner");
	else if (text.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (output_open(s->live->banner, diag, &out) == ERR_NONE) {
		fwrite(text.data, 1, text.len, out.stream);
		output_commit(&out, diag);
	}
	buf_free(&text);
	return diag->code;
}

static enum err probe_all(struct session *s, struct diag *diag)
{
	struct buf text = { 0 };
	struct probe p;

	if (probe_take(&s->console, &p, diag) == ERR_NONE) {
		if (s->live->probe) {
			probe_write(&p, s->json, &text);
			fwrite(text.data, 1, text.len, s->f);
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

static void close_session(struct session *s)
{
	if (s->console.port)
		console_leave(&s->console);
	console_free(&s->console);
	signals_guard(NULL);
	port_close(s->port);
	file_close(&s->replay);
	if (s->record)
		fclose(s->record);
}

int live_run(const struct live *live, bool json, struct string_set *set, FILE *f)
{
	struct session s = { .live = live, .json = json, .f = f };
	struct diag diag = { 0 };

	open_session(&s, &diag);
	if (!diag.code && (live->probe || live->banner))
		probe_all(&s, &diag);
	if (!diag.code && live->pull)
		pull_modules(&s.console, live->pull, told, NULL, &diag);
	if (!diag.code && live->capture)
		take_captures(&s, set, &diag);
	progress_clear();
	close_session(&s);
	if (diag.code)
		report(s.name ? s.name : "device", &diag);
	free(s.name);
	signals_done();
	return diag.code ? 1 : 0;
}
