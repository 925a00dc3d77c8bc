/* SPDX-License-Identifier: MIT */
/*
 * Inputs that have no mark of their own: Lua sources, captures and text of a console. A name that
 * ends in .lua (.LUA) is a source's; of all else, what Lua compiles is one. Of text only that is
 * taken which cannot be anything but strings of a device.
 */
#include <string.h>

#include "common/strings/input.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

enum {
	SHARE_MIN = 20, /* one byte in so many must be of a string, or nobody printed a list */
	SOURCE_MAX = 4 << 20,
};

bool part_is_named_lua(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && path[n - 4] == '.' && (path[n - 3] | 0x20) == 'l' &&
	       (path[n - 2] | 0x20) == 'u' && (path[n - 1] | 0x20) == 'a';
}

static size_t count_ink(const uint8_t *p, size_t n)
{
	size_t ink = 0;

	for (size_t i = 0; i < n; i++)
		ink += p[i] > ' ';
	return ink;
}

/* Begins with a word that a line of Lua begins with, and hardly one of anything else. */
static bool is_lua_line(const uint8_t *p, size_t n)
{
	static const char *const words[] = { "local ", "function ", "end",     "return ", "if ",
					     "for ",   "while ",    "elseif ", "else",    "repeat",
					     "until ", "--",        "do" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		bool whole = words[i][len - 1] >= 'a';

		if (n >= len && memcmp(p, words[i], len) == 0 && (!whole || n == len))
			return true;
	}
	return false;
}

/* A quarter of the lines, at least, look like Lua. */
static bool looks_like_lua(const uint8_t *p, size_t n)
{
	size_t lines = 0, lua = 0;

	while (n) {
		const uint8_t *end = memchr(p, '\n', n);
		size_t len = end ? (size_t)(end - p) : n, skip = 0;

		while (skip < len && p[skip] <= ' ')
			skip++;
		while (len > skip && p[len - 1] <= ' ')
			len--;
		lines += len > skip;
		lua += is_lua_line(p + skip, len - skip);
		n -= end ? (size_t)(end - p) + 1 : n;
		p += end ? (size_t)(end - p) + 1 : 0;
	}
	return lua * 4 >= lines && lua;
}

/* Compiling would take a long time, and the result would fit nowhere. */
static enum err check_size(const struct part *p, struct diag *diag)
{
	if (p->file.len <= SOURCE_MAX)
		return ERR_NONE;
	return diag_fail(diag, ERR_LIMIT,
			 "a source of %zu bytes; more than %u MB fit no region of any device",
			 p->file.len, SOURCE_MAX >> 20);
}

/* If not, Lua's words about it, or that there is no Lua to ask. */
static bool compiles(struct job *job, const struct part *p, struct diag *words)
{
	const struct lua_compiler *c = check_size(p, words) ? NULL : parts_compiler(job, words);
	struct lua_image *img = NULL;

	if (c)
		lua_compile(c, p->file.data, p->file.len, words, &img);
	lua_image_free(img);
	return !words->code;
}

/* The same bytes were there before: they are no second capture. */
static bool is_known(const struct job *job, const struct part *p)
{
	for (const struct part *q = job->parts; q < p; q++)
		if (q->file.len == p->file.len && p->file.len &&
		    memcmp(q->file.data, p->file.data, p->file.len) == 0) {
			report_remark(p->path, "the same as %s: counted once", q->path);
			return true;
		}
	return false;
}

#define CAPTURE_IT "\"strscan --capture FILE -o strings.json\" makes a capture of it"

/* Text that may be anything would give a module of anything. */
static enum err check_text(const struct part *p, struct diag *diag)
{
	struct string_set set = { 0 };

	if (string_input_load(&set, p->file.data, p->file.len, diag) == ERR_NONE) {
		bool console = set.device.banner[0] || set.commands.len;
		size_t ink = count_ink(p->file.data, p->file.len);

		if (set.plain)
			diag_fail(diag, ERR_KIND,
				  "neither Lua nor a list of strings that a console printed; if "
				  "each line is a string: " CAPTURE_IT);
		else if (!console && set.bytes.len < ink / SHARE_MIN)
			diag_fail(diag, ERR_KIND,
				  "a text with few strings in it (%u), not what a console printed; "
				  "if they are a device's: " CAPTURE_IT,
				  (unsigned)set.count);
	}
	string_set_free(&set);
	return diag->code;
}

static bool is_capture(const struct part *p)
{
	return string_capture.probe(p->file.data, p->file.len) ||
	       string_list_input.probe(p->file.data, p->file.len) ||
	       string_recording.probe(p->file.data, p->file.len);
}

static enum err tell(struct job *job, struct part *p, struct diag *diag)
{
	const uint8_t *data = p->file.data;
	struct diag words = { 0 };
	char *line;

	p->source = part_is_named_lua(p->path);
	if (p->source)
		return check_size(p, diag);
	if (!count_ink(data, p->file.len))
		return diag_fail(diag, ERR_KIND, "there is nothing in it");
	if (is_capture(p))
		return is_known(job, p)
			       ? ERR_NONE
			       : string_input_load(&job->scan->set, data, p->file.len, diag);
	p->source = compiles(job, p, &words);
	if (words.code == ERR_MEMORY)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (p->source && p->nameless)
		return diag_fail(diag, ERR_KIND,
				 "Lua, but of a module without a name: put it in a file NAME.lua");
	if (p->source)
		return ERR_NONE;
	line = strncmp(words.text, "line:", 5) == 0 ? &words.text[4] : NULL;
	if (line) /* "line 2: ..." */
		*line = ' ';
	if (looks_like_lua(data, p->file.len))
		return diag_fail(diag, ERR_KIND,
				 "looks like Lua, but does not compile (%.80s); if it is no "
				 "Lua: " CAPTURE_IT,
				 words.text);
	if (check_text(p, diag) || is_known(job, p))
		return diag->code;
	return string_input_load(&job->scan->set, data, p->file.len, diag);
}

/* luac.cross makes short work of dots. */
static void say_name(const struct part *p)
{
	const char *base = file_base_name(p->path);

	if (base[0] == '.' || strchr(base, '.') != strrchr(base, '.'))
		report_remark(p->path,
			      "the module is called \"%.60s\": up to the first dot, as luac.cross "
			      "has it (--rename gives it another name)",
			      p->name);
}

int parts_tell(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->nparts; i++) {
		struct part *p = &job->parts[i];
		uint32_t notes = job->scan->set.note_count;
		int damaged;
		struct diag diag = { 0 };

		if (!p->unsure)
			continue;
		tell(job, p, &diag);
		if (p->source && !diag.code)
			say_name(p);
		damaged = report_notes(p->path, &job->scan->set, notes);
		job->scan->damaged |= damaged != 0;
		status |= damaged;
		if (job_fail(p->path, &diag))
			job->scan->lost = true;
	}
	return status;
}
