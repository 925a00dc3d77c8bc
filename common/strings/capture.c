/* SPDX-License-Identifier: MIT */
/*
 * Captures in JSON, and recordings of a console.
 *
 * A capture is one object: capture (1), device {banner, lua, number, heap, time}, captures (how
 * many were merged), strings [{text, seen}]. Texts are escaped as view/escape.h tells. Keys that
 * are not known are passed over; what is missing in device is not known.
 *
 * A recording has one object a line: dir "rx" (from the device) or "tx", hex the bytes.
 */
#include "common/base/hex.h"
#include "common/strings/capture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/strings/input.h"
#include "common/strings/lexer.h"
#include "common/view/escape.h"

static void write_text(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, ", \"%s\": ", key);
	escape_json(out, (const uint8_t *)text, strlen(text));
}

static void write_device(const struct string_device *d, struct buf *out)
{
	size_t start = out->len + 1;

	buf_byte(out, '{');
	if (d->banner[0])
		write_text(out, "banner", d->banner);
	if (d->lua)
		write_text(out, "lua", d->lua == 51 ? "5.1" : "5.3");
	if (d->number[0])
		write_text(out, "number", d->number);
	if (d->heap > 0) {
		buf_str(out, ", \"heap\": ");
		buf_int(out, d->heap);
	}
	if (d->time) {
		buf_str(out, ", \"time\": ");
		buf_int(out, d->time);
	}
	/* Each pair has a comma in front; the first one's goes. */
	if (!out->failed && out->len > start) {
		memmove(out->data + start, out->data + start + 2, out->len - start - 2);
		out->len -= 2;
	}
	buf_byte(out, '}');
}

void capture_write(const struct string_set *set, struct buf *out)
{
	buf_printf(out, "{\"capture\": %d, \"device\": ", CAPTURE_VERSION);
	write_device(&set->device, out);
	buf_printf(out, ", \"captures\": %u, \"strings\": [", set->captures);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct string_item *s = &set->items[i];

		buf_str(out, i ? ",\n{\"text\": " : "\n{\"text\": ");
		escape_json(out, string_text(set, s), s->len);
		buf_str(out, ", \"seen\": ");
		buf_int(out, s->seen);
		buf_str(out, s->doubtful ? ", \"doubtful\": true}" : "}");
	}
	buf_str(out, "\n]}\n");
}

/* The bytes that escape_json made text of. */
static void unescape(struct buf *out, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;

	out->len = 0;
	for (size_t i = 0; i < len; i++) {
		/* U+EF80…U+EFFF: ee be 80 … ee bf bf */
		if (p[i] == 0xee && len - i > 2 && p[i + 1] >= 0xbe) {
			buf_byte(out, (uint8_t)(p[i + 1] << 6 | (p[i + 2] & 0x3f)));
			i += 2;
		} else {
			buf_byte(out, p[i]);
		}
	}
}

static void read_device_text(const json_t *device, const char *key, char *out, size_t size)
{
	const json_t *v = json_object_get(device, key);
	struct buf text = { 0 };

	if (json_is_string(v) && !out[0]) {
		unescape(&text, json_string_value(v), json_string_length(v));
		buf_byte(&text, 0);
		if (!text.failed)
			snprintf(out, size, "%s", (const char *)text.data);
	}
	buf_free(&text);
}

/* Notes a field that the schema does not allow. */
static void check(struct string_set *set, const json_t *v, bool fine, const char *path,
		  const char *wanted)
{
	if (v && !fine)
		string_set_note_path(set, path, "is not %s: passed over", wanted);
}

static void check_device(struct string_set *set, const json_t *device)
{
	const json_t *banner = json_object_get(device, "banner");
	const json_t *number = json_object_get(device, "number");
	const json_t *lua = json_object_get(device, "lua");
	const json_t *heap = json_object_get(device, "heap");
	const json_t *when = json_object_get(device, "time");
	const char *version = json_is_string(lua) ? json_string_value(lua) : "";

	check(set, device, json_is_object(device), "device", "an object");
	check(set, banner, json_is_string(banner), "device.banner", "a text");
	check(set, number, json_is_string(number), "device.number", "a text");
	check(set, lua, !strcmp(version, "5.1") || !strcmp(version, "5.3"), "device.lua",
	      "\"5.1\" or \"5.3\"");
	check(set, heap, json_is_integer(heap) && json_integer_value(heap) > 0, "device.heap",
	      "a number of bytes");
	check(set, when, json_is_integer(when), "device.time", "a time in seconds");
}

/* What the set does not know yet. */
static void read_device(const json_t *device, struct string_device *out)
{
	const json_t *lua = json_object_get(device, "lua");
	const json_t *heap = json_object_get(device, "heap");
	const json_t *when = json_object_get(device, "time");
	const char *version = json_is_string(lua) ? json_string_value(lua) : "";

	read_device_text(device, "banner", out->banner, sizeof(out->banner));
	read_device_text(device, "number", out->number, sizeof(out->number));
	if (!out->lua && !strcmp(version, "5.1"))
		out->lua = 51;
	if (!out->lua && !strcmp(version, "5.3"))
		out->lua = 53;
	if (out->heap <= 0 && json_is_integer(heap) && json_integer_value(heap) > 0)
		out->heap = json_integer_value(heap);
	if (!out->time && json_is_integer(when))
		out->time = json_integer_value(when);
}

struct reader {
	struct string_set *set;
	uint32_t captures;
	uint32_t odd; /* strings with an impossible "seen" */
	bool failed;  /* no memory */
	struct buf text;
};

/* An item of strings: an object, or the text alone. */
static bool read_string(struct reader *r, const json_t *v)
{
	const json_t *text = json_is_object(v) ? json_object_get(v, "text") : v;
	const json_t *seen = json_is_object(v) ? json_object_get(v, "seen") : NULL;
	json_int_t n = json_is_integer(seen) ? json_integer_value(seen) : 1;
	bool doubtful = json_is_object(v) && json_is_true(json_object_get(v, "doubtful"));
	struct string_item *s;
	uint32_t before, i;

	if (!json_is_string(text))
		return false;
	r->odd += seen && (!json_is_integer(seen) || n < 1 || n > r->captures);
	unescape(&r->text, json_string_value(text), json_string_length(text));
	i = string_set_find(r->set, r->text.data, r->text.len);
	before = i == STRING_UNKNOWN ? 0 : r->set->items[i].seen;
	i = doubtful ? string_set_add_doubtful(r->set, r->text.data, r->text.len)
		     : string_set_add(r->set, r->text.data, r->text.len);
	if (i == STRING_UNKNOWN) {
		r->failed = true;
		return true;
	}
	s = &r->set->items[i];
	n = n < 1 ? 1 : n > r->captures ? r->captures : n;
	if (s->seen > before)
		s->seen = before + (uint32_t)n;
	return true;
}

/* "strings" and "captures", of captures and lists. */
static enum err read_strings(struct string_set *set, const json_t *root, struct diag *diag)
{
	const json_t *captures = json_object_get(root, "captures");
	const json_t *strings = json_object_get(root, "strings");
	json_int_t n = json_is_integer(captures) ? json_integer_value(captures) : 1;
	struct reader r = { .set = set };

	if (!json_is_array(strings))
		return diag_fail(diag, ERR_DAMAGED, "no list of \"strings\" in it");
	check(set, captures, json_is_integer(captures) && n >= 0, "captures",
	      "a number of captures");
	r.captures = n < 1 ? 1 : n > 1000000 ? 1000000 : (uint32_t)n;
	set->captures += r.captures - 1;
	string_set_capture(set);
	for (size_t i = 0; i < json_array_size(strings); i++)
		if (!read_string(&r, json_array_get(strings, i)))
			string_set_note_path(set, "strings", "item %zu is no string", i);
	if (r.odd)
		string_set_note_path(
			set, "strings",
			"%u of them have an impossible \"seen\"; there are %u captures", r.odd,
			r.captures);
	r.failed |= r.text.failed;
	buf_free(&r.text);
	return r.failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

static enum err read_object(struct string_set *set, const json_t *root, struct diag *diag)
{
	const json_t *version = json_object_get(root, "capture");

	if (!json_is_integer(version))
		return diag_fail(diag, ERR_KIND, "not a capture: \"capture\" is no number");
	if (json_integer_value(version) != CAPTURE_VERSION)
		return diag_fail(diag, ERR_KIND, "a capture of version %lld; this reads %d",
				 (long long)json_integer_value(version), CAPTURE_VERSION);
	check_device(set, json_object_get(root, "device"));
	read_device(json_object_get(root, "device"), &set->device);
	return read_strings(set, root, diag);
}

/* In the words of somebody who never saw the parser. */
static enum err not_json(const json_error_t *error, struct diag *diag)
{
	if (json_error_code(error) == json_error_premature_end_of_input)
		return diag_fail(diag, ERR_TRUNCATED,
				 "this JSON file ends too early, in line %d: is it whole?",
				 error->line);
	if (error->line < 0 || json_error_code(error) == json_error_out_of_memory)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	return diag_fail_at(diag, ERR_DAMAGED,
			    error->position > 0 ? (uint64_t)error->position - 1 : 0, "",
			    "no valid JSON from line %d, column %d on", error->line, error->column);
}

/*
 * The parser does not tell of all memory that it did not get: it loses bytes of a long text, or
 * says that the JSON is not valid. What it asks for goes through here, so that this is known; there
 * is nothing else to keep it in, as its allocators are of the process and get no argument.
 */
static _Thread_local bool starved;

static void *json_take(size_t n)
{
	void *p = malloc(n);

	starved |= !p;
	return p;
}

static json_t *parse(const uint8_t *data, size_t len, size_t flags, struct diag *diag)
{
	json_error_t error;
	json_t *root;

	json_set_alloc_funcs(json_take, free);
	starved = false;
	root = json_loadb((const char *)data, len, flags, &error);
	if (starved) {
		json_decref(root);
		root = NULL;
		diag_fail(diag, ERR_MEMORY, "out of memory");
	} else if (!root) {
		not_json(&error, diag);
	}
	return root;
}

static enum err capture_load(struct string_set *set, const uint8_t *data, size_t len,
			     struct diag *diag)
{
	json_t *root = parse(data, len, JSON_ALLOW_NUL, diag);
	enum err e = root ? read_object(set, root, diag) : diag->code;

	json_decref(root);
	return e;
}

/* What --list and --format json print: strings as in a capture, and what was thought of them. */
static enum err list_load(struct string_set *set, const uint8_t *data, size_t len,
			  struct diag *diag)
{
	json_t *root;
	enum err e;

	while (len && memchr(" \t\r\n", *data, 4)) {
		data++;
		len--;
	}
	if (!len || *data != '{')
		return diag_fail(
			diag, ERR_KIND,
			"a list that strscan printed as a table or CSV: give the file that "
			"it was made from, or print the list with --format json");
	root = parse(data, len, JSON_ALLOW_NUL, diag);
	e = root ? read_strings(set, root, diag) : diag->code;
	json_decref(root);
	return e;
}

/* True when data begins with an object that has word among its first bytes. */
static bool is_object_with(const uint8_t *data, size_t len, const char *word)
{
	size_t at = 0, n = strlen(word);

	while (at < len && memchr(" \t\r\n", data[at], 4))
		at++;
	if (at == len || data[at] != '{')
		return false;
	for (len = len - at > 4096 ? at + 4096 : len; len - at >= n; at++)
		if (!memcmp(data + at, word, n))
			return true;
	return false;
}

enum { COLUMNS_MAX = 4096 }; /* bytes of a line that names columns */

/* The first line names columns of the list; how they are parted depends on the format. */
static bool is_table(const uint8_t *data, size_t len)
{
	static const char *const words[] = { "verdict", "length", "seen", "flash" };
	struct lexer_line l = lexer_line(data, len, 0);
	unsigned found = 0;

	if (l.n > COLUMNS_MAX)
		return false;
	/* A table has its title above. */
	if (l.n == 7 && !memcmp(l.p, "Strings", 7))
		l = lexer_line(data, len, l.next);
	for (unsigned w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		for (size_t i = 0; i + strlen(words[w]) <= l.n; i++)
			if (!memcmp(l.p + i, words[w], strlen(words[w]))) {
				found++;
				break;
			}
	return found == sizeof(words) / sizeof(words[0]);
}

static bool list_probe(const uint8_t *data, size_t len)
{
	return (is_object_with(data, len, "\"totals\"") &&
		is_object_with(data, len, "\"strings\"")) ||
	       is_table(data, len);
}

static bool capture_probe(const uint8_t *data, size_t len)
{
	return is_object_with(data, len, "\"capture\"");
}

static bool recording_probe(const uint8_t *data, size_t len)
{
	return is_object_with(data, len, "\"hex\"") && is_object_with(data, len, "\"dir\"");
}

static bool put_hex(struct buf *out, const char *hex)
{
	for (; *hex; hex += 2) {
		int high = hex_digit(hex[0]);
		int low = high < 0 ? -1 : hex_digit(hex[1]);

		if (low < 0)
			return false;
		buf_byte(out, (uint8_t)(high << 4 | low));
	}
	return true;
}

static bool read_record(struct string_set *set, const uint8_t *line, size_t n, struct buf *out)
{
	struct diag diag = { 0 };
	json_t *root = parse(line, n, 0, &diag);
	const char *dir = json_string_value(json_object_get(root, "dir"));
	const char *hex = json_string_value(json_object_get(root, "hex"));
	bool rx = dir && !strcmp(dir, "rx");
	bool ok = dir && hex && put_hex(rx ? out : &set->commands, hex);

	json_decref(root);
	out->failed |= diag.code == ERR_MEMORY;
	return ok || out->failed;
}

static enum err recording_load(struct string_set *set, const uint8_t *data, size_t len,
			       struct diag *diag)
{
	struct buf text = { 0 };
	enum err e;

	for (size_t at = 0; at < len;) {
		const uint8_t *lf = memchr(data + at, '\n', len - at);
		size_t n = lf ? (size_t)(lf - data) - at : len - at;

		if (n && !read_record(set, data + at, n, &text))
			string_set_note(set, at, "recording", "this line is no record");
		at += n + 1;
	}
	if (text.failed || set->commands.failed)
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		e = string_text_input.load(set, text.data, text.len, diag);
	buf_free(&text);
	return e;
}

const struct string_input string_capture = {
	.name = "capture",
	.words = "captures that strscan wrote (JSON)",
	.probe = capture_probe,
	.load = capture_load,
};

const struct string_input string_list_input = {
	.name = "list",
	.words = "lists that strscan printed (JSON)",
	.probe = list_probe,
	.load = list_load,
};

const struct string_input string_recording = {
	.name = "recording",
	.words = "recordings of a console (JSON lines)",
	.probe = recording_probe,
	.load = recording_load,
};
