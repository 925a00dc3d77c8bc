/* SPDX-License-Identifier: MIT */
#include "strscan/report.h"

#include <stdio.h>
#include <string.h>

#include "common/view/escape.h"

enum { NAMES_SHOWN = 12, NAME_MAX_SHOWN = 64 };

static void say(struct buf *line)
{
	buf_byte(line, '\n');
	fwrite(line->data, 1, line->len, stderr);
	buf_free(line);
}

void report(const char *file, const struct diag *d)
{
	char text[400];
	struct buf line = { 0 };

	diag_format(d, text, sizeof(text));
	buf_str(&line, "strscan: ");
	escape_text(&line, (const uint8_t *)file, strlen(file));
	buf_str(&line, ": ");
	escape_text(&line, (const uint8_t *)text, strlen(text));
	say(&line);
}

int report_notes(const char *file, const struct string_set *set, uint32_t from)
{
	uint32_t kept = sizeof(set->notes) / sizeof(set->notes[0]), i;
	struct diag more = { 0 };

	for (i = from; i < set->note_count && i < kept; i++)
		report(file, &set->notes[i]);
	if (i < set->note_count) {
		diag_fail(&more, ERR_DAMAGED, "and %u more", (unsigned)(set->note_count - i));
		report(file, &more);
	}
	return set->note_count > from;
}

void report_totals(const struct string_set *set)
{
	struct string_totals t = string_totals(set);
	struct buf line = { 0 };

	buf_str(&line, "strscan: ");
	string_totals_kept(&t, &line);
	say(&line);
	buf_str(&line, "strscan: left out: ");
	if (string_totals_dropped(&t, &line))
		say(&line);
	buf_free(&line);
}

struct name {
	const uint8_t *p;
	size_t n;
};

/* "lua/x.lua", "@x.lc": the module's name, empty for all other strings. */
static struct name module_name(const uint8_t *p, size_t n)
{
	struct name name = { p, 0 };
	size_t end = 0;

	if (n > 4 && memcmp(p + n - 4, ".lua", 4) == 0)
		end = n - 4;
	else if (n > 3 && memcmp(p + n - 3, ".lc", 3) == 0)
		end = n - 3;
	for (size_t i = 0; i < end; i++) {
		if (p[i] == '/' || (p[i] == '@' && i == 0))
			name.p = p + i + 1;
		else if (p[i] <= ' ' || p[i] >= 0x7f || strchr("?;:*%", p[i]))
			return name;
	}
	name.n = (size_t)(p + end - name.p) <= NAME_MAX_SHOWN && end ? (size_t)(p + end - name.p)
								     : 0;
	return name;
}

static bool same(const struct name *a, const uint8_t *p, size_t n)
{
	return a->n == n && memcmp(a->p, p, n) == 0;
}

static bool is_module(const struct lua_image *img, const struct name *name)
{
	for (uint32_t i = 0; i < img->nmodules; i++) {
		uint32_t s = img->modules[i].name;

		if (s < img->nstrings && same(name, img->strings[s].text, img->strings[s].len))
			return true;
	}
	return false;
}

void report_missing(const struct string_set *set, const struct lua_image *img)
{
	struct name seen[NAMES_SHOWN];
	struct buf line = { 0 };
	unsigned count = 0;

	buf_str(&line, "strscan: files that are no modules of the image: ");
	for (uint32_t i = 0; i < set->count && count < NAMES_SHOWN; i++) {
		const struct string_item *s = &set->items[i];
		struct name name = module_name(string_text(set, s), s->len);
		bool known = name.n == 0 || is_module(img, &name);

		/* The one file that is run from the file system. */
		known = known || same(&name, (const uint8_t *)"init", 4);
		for (unsigned k = 0; k < count && !known; k++)
			known = same(&seen[k], name.p, name.n);
		if (known)
			continue;
		buf_str(&line, count ? ", " : "");
		escape_text(&line, name.p, name.n);
		seen[count++] = name;
	}
	if (count)
		say(&line);
	buf_free(&line);
}
