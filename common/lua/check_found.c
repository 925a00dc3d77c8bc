/* SPDX-License-Identifier: MIT */
#include "common/lua/check_found.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/view/escape.h"

#define REBUILD "rebuild the image and upload it again"

struct check_finding *check_wrong(const struct check_scope *s, uint64_t off, const char *path,
				  const char *fmt, ...)
{
	char cause[sizeof(((struct check_finding *)0)->cause)];
	struct check_finding *f;
	va_list args;

	va_start(args, fmt);
	vsnprintf(cause, sizeof(cause), fmt, args);
	va_end(args);
	f = check_add(s->r, CHECK_ERROR, NULL, REBUILD, "%s", cause);
	if (!f)
		return NULL;
	/* a field of a record that the image's end cuts has no place */
	if (off <= s->img->nbytes || off <= s->img->file_size) {
		check_place(f, off, path);
		f->inflated = s->img->inflated;
	} else if (path) {
		snprintf(f->path, sizeof(f->path), "%s", path);
	}
	return f;
}

struct check_finding *check_advise(const struct check_scope *s, const char *remedy, const char *fmt,
				   ...)
{
	char cause[sizeof(((struct check_finding *)0)->cause)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(cause, sizeof(cause), fmt, args);
	va_end(args);
	return check_add(s->r, CHECK_NOTE, NULL, remedy, "%s", cause);
}

uint64_t check_offset(const struct lua_image *img, const uint8_t *p)
{
	return (uint64_t)(p - img->bytes);
}

/* At most width columns and max bytes, and three for dots. */
static void cut_words(const uint8_t *p, size_t n, size_t width, size_t max, char out[CHECK_WORDS])
{
	uint8_t room[4 * CHECK_WORDS];
	struct buf b = { .data = room, .cap = sizeof(room) }; /* a byte becomes four at most */
	size_t fits;

	escape_text(&b, p, n < CHECK_WORDS ? n : CHECK_WORDS);
	fits = text_head(b.data, text_cut(b.data, b.len, width), max);
	snprintf(out, CHECK_WORDS, "%.*s%s", (int)fits, fits ? (const char *)b.data : "",
		 fits < b.len || n > CHECK_WORDS ? "..." : "");
}

const char *check_quote_part(const uint8_t *p, size_t n, char out[CHECK_WORDS])
{
	char text[CHECK_WORDS];

	cut_words(p, n, 20, 20, text);
	snprintf(out, CHECK_WORDS, "\"%.23s\"", text);
	return out;
}

const char *check_quote(const struct lua_image *img, uint32_t string, char out[CHECK_WORDS])
{
	char text[CHECK_WORDS];

	if (string >= img->nstrings) {
		snprintf(out, CHECK_WORDS, "no name");
		return out;
	}
	cut_words(img->strings[string].text, img->strings[string].len, 40, 57, text);
	snprintf(out, CHECK_WORDS, "\"%.60s\"", text);
	return out;
}

static void source_of(const struct lua_image *img, uint32_t proto, char out[CHECK_WORDS])
{
	uint32_t source = lua_proto_source(img, proto);
	const struct lua_string *s;
	uint32_t skip;

	snprintf(out, CHECK_WORDS, "?");
	if (source >= img->nstrings)
		return;
	s = &img->strings[source];
	skip = s->len && (s->text[0] == '@' || s->text[0] == '=');
	cut_words(s->text + skip, s->len - skip, 30, 36, out);
}

const char *check_where(const struct check_scope *s, uint32_t proto, uint32_t pc,
			char out[CHECK_WORDS])
{
	const struct lua_proto *p = &s->img->protos[proto];
	char source[CHECK_WORDS];
	uint32_t line = 0;

	source_of(s->img, proto, source);
	if (pc < p->ncode)
		line = s->book->lines[s->book->code_first[proto] + pc];
	if (line)
		snprintf(out, CHECK_WORDS, "%.48s:%" PRIu32, source, line);
	else if (pc < p->ncode)
		snprintf(out, CHECK_WORDS, "%.39s, instruction %" PRIu32, source, pc + 1);
	else
		snprintf(out, CHECK_WORDS, "%.48s:%" PRIu32, source, p->line_first);
	return out;
}
