/* SPDX-License-Identifier: MIT */
#include "common/device/upload.h"

#include <string.h>

#include "common/device/upload_parts.h"

enum { ROUNDS = 4, FLUSH_LINES = 48, RESERVE = 2048, STUCK = 8 };

struct upload {
	struct console *c;
	const char *name;
	const uint8_t *data;
	size_t len, at;
	const struct upload_way *way;
	const struct files_watcher *w;
	struct upload_report *out;
	struct tool tool;
	int64_t start;
};

/* What SPIFFS takes: 251 of 256 bytes of a page are the file's; pages of the index. */
static uint64_t taken(uint64_t len)
{
	return len + len / 32 + 1024;
}

static enum err freed_by(struct console *c, const char *name, uint64_t *sum, struct diag *diag)
{
	int64_t size;

	if (files_size(c, name, &size, diag) == ERR_NONE && size > 0)
		*sum += (uint64_t)size;
	return diag->code;
}

enum err upload_room(struct console *c, const struct files_names *names, size_t len, bool make,
		     struct diag *diag)
{
	uint64_t room, need = taken(len) + RESERVE, old = 0;
	struct files_space space;

	if (files_space(c, &space, diag))
		return diag->code;
	room = space.left;
	if (freed_by(c, names->beside[FILES_NEW], &room, diag) || room >= need)
		return diag->code;
	if (freed_by(c, names->beside[FILES_OLD], &old, diag))
		return diag->code;
	if (room + old >= need)
		return make ? files_remove(c, names->beside[FILES_OLD], diag) : ERR_NONE;
	return diag_fail(diag, ERR_LIMIT,
			 "no room on the device: the file takes about %llu bytes, %llu of %llu are "
			 "free%s",
			 (unsigned long long)need, (unsigned long long)room,
			 (unsigned long long)space.total,
			 old ? ", and the old one would not make enough room" : "");
}

/* An empty file, unless there is one to go on with. */
static enum err prepare(struct upload *u, struct diag *diag)
{
	char line[CONSOLE_LINE_MAX + 1];
	int64_t size;

	/*
	 * What a stopped run has left open looks whole, but its end is lost with a restart. The
	 * firmware holds the object of the file opened last until it is to open another; without
	 * its object a file is closed. One of the application's has its object still.
	 */
	if (tool_run(u->c, "pcall(file.open,'')_P,_Q=nil collectgarbage()", diag) ||
	    files_size(u->c, u->name, &size, diag))
		return diag->code;
	if (size >= 0 && (uint64_t)size <= u->len) {
		uint64_t same = 0;

		/* What is behind a damaged slice is written anew. */
		if (size > 0 && files_prefix(u->c, u->name, u->data, u->len, &same, diag))
			return diag->code;
		u->at = (size_t)same;
		return ERR_NONE;
	}
	if (size >= 0 && files_remove(u->c, u->name, diag))
		return diag->code;
	u->at = 0;
	snprintf(line, sizeof(line), "_P=file.open('%s','w') if _P then _P:close() end _P=nil",
		 u->name);
	return tool_run(u->c, line, diag);
}

static void tell(const struct upload *u)
{
	if (u->w && u->w->tell)
		u->w->tell(u->w->ctx, u->at, u->len, port_now(u->c->port) - u->start);
}

static enum err no_write(struct upload *u, struct diag *diag)
{
	struct files_space space;

	if (files_space(u->c, &space, diag))
		return diag->code;
	return diag_fail(diag, ERR_IO,
			 "the device does not write byte %zu of %zu (%llu bytes of its file "
			 "system are free)",
			 u->at, u->len, (unsigned long long)space.left);
}

/* Lines, until all is sent or the device has lost what was under way; *lost tells. */
static enum err send_lines(struct upload *u, bool *lost, struct diag *diag)
{
	char line[CONSOLE_LINE_MAX + 1];
	unsigned stuck = 0, lines = 0, made = 0;

	upload_tool(u->way, u->c, u->name, &u->tool);
	console_advance(u->c);
	while (u->at < u->len && !diag->code) {
		size_t n = upload_line(u->way, u->data + u->at, u->len - u->at, u->at, !u->c->echo,
				       line);
		long long at;

		if (tool_ask(&u->tool, line, &at, 1, NULL, diag))
			return diag->code;
		/* What was not flushed is gone with a restart. */
		if (made && made != u->tool.made)
			return *lost = true, ERR_NONE;
		made = u->tool.made;
		u->out->sent += n;
		if (at == (long long)u->at + (long long)n) {
			u->at += n;
			stuck = 0;
			console_advance(u->c);
			tell(u);
		} else if (++stuck == STUCK) {
			return no_write(u, diag);
		}
		if (++lines % FLUSH_LINES == 0 && u->at < u->len)
			tool_run(u->c, "if _P then _P:flush()end", diag);
	}
	return diag->code;
}

/* As many attempts as it takes, as long as each gets on. */
static enum err send_all(struct upload *u, struct diag *diag)
{
	unsigned idle = 0;

	if (u->at < u->len && !u->way && upload_choose(u->c, &u->way, diag))
		return diag->code;
	u->out->way = u->way ? u->way->name : NULL;
	u->start = u->start ? u->start : port_now(u->c->port);
	while (u->at < u->len && idle < ROUNDS) {
		size_t before = u->at;
		bool lost = false;

		send_lines(u, &lost, diag);
		console_work_over(u->c);
		if (diag->code)
			return diag->code;
		tool_end(&u->tool);
		if (lost && prepare(u, diag))
			return diag->code;
		idle = u->at > before ? 0 : idle + 1;
	}
	return u->at == u->len ? ERR_NONE
			       : diag_fail(diag, ERR_IO,
					   "the device restarts again and again; %zu of %zu bytes "
					   "are on it",
					   u->at, u->len);
}

enum err upload_file(struct console *c, const struct files_names *names, const uint8_t *data,
		     size_t len, const struct files_watcher *w, struct upload_report *out,
		     struct diag *diag)
{
	struct upload u = { .c = c,
			    .name = names->beside[FILES_NEW],
			    .data = data,
			    .len = len,
			    .w = w,
			    .out = out };
	bool equal = false;

	*out = (struct upload_report){ 0 };
	if (prepare(&u, diag))
		return diag->code;
	out->had = u.at;
	for (unsigned round = 0; round < ROUNDS && !equal; round++) {
		if (send_all(&u, diag))
			return diag->code;
		out->ns = port_now(c->port) - u.start;
		if (files_equal(c, u.name, data, len, &equal, &out->sum, diag))
			return diag->code;
		if (!equal && prepare(&u, diag))
			return diag->code;
	}
	return equal ? ERR_NONE
		     : diag_fail(diag, ERR_IO, "the file does not get right on the device");
}
