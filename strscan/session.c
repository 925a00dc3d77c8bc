/* SPDX-License-Identifier: MIT */
#include "strscan/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/device/probe.h"
#include "strscan/signals.h"

enum { KEEP_ALIVE_SECONDS = 60 };

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

enum err session_open(struct session *s, struct diag *diag)
{
	struct port_options o = { 0 };

	o.wake = signals_catch();
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

enum err session_pause(struct session *s, uint32_t seconds, struct diag *diag)
{
	int64_t end = port_now(s->port) + seconds * PORT_SECOND;

	while (!diag->code && port_now(s->port) < end) {
		int64_t left = end - port_now(s->port);
		int64_t most = KEEP_ALIVE_SECONDS * PORT_SECOND;

		port_sleep(s->port, left < most ? left : most);
		console_progress(&s->console);
		console_run(&s->console, "", diag);
	}
	return diag->code;
}

enum err session_captures(struct session *s, uint32_t every,
			  enum err (*take)(void *ctx, uint32_t i, uint32_t n, struct diag *diag),
			  void *ctx, struct string_device *device, struct diag *diag)
{
	uint32_t n = s->live->watch ? s->live->watch : 1;

	probe_device(&s->console, device, diag);
	for (uint32_t i = 0; i < n && !diag->code; i++) {
		if (i)
			session_pause(s, every, diag);
		if (!diag->code)
			take(ctx, i, n, diag);
	}
	return diag->code;
}

const char *session_name(const struct session *s)
{
	return s->name ? s->name : "device";
}

enum err session_close(struct session *s, struct diag *diag)
{
	if (s->console.port)
		console_leave(&s->console);
	console_free(&s->console);
	s->console = (struct console){ 0 };
	signals_guard(NULL);
	port_close(s->port);
	s->port = NULL;
	file_close(&s->replay);
	if (s->record) {
		bool bad = ferror(s->record);

		if (fclose(s->record) != 0 || bad)
			diag_fail(diag, ERR_IO, "%.100s: the recording could not be written",
				  s->live->record);
	}
	s->record = NULL;
	return diag->code;
}

void session_free(struct session *s)
{
	free(s->name);
	signals_done();
}
