/* SPDX-License-Identifier: MIT */
#include "strscan/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "common/view/message.h"

enum { NAMES_SHOWN = 12, NAME_MAX_SHOWN = 64 };

void report(const char *file, const struct diag *d)
{
	bool pathed = d->code && !d->placed && d->path[0];
	char text[400], all[500];

	diag_format(d, text, sizeof(text));
	snprintf(all, sizeof(all), "%s%s%s%s", d->code ? "" : "note: ", pathed ? d->path : "",
		 pathed ? ": " : "", text);
	message_line(stderr, "strscan", file, all);
}

int report_output(void)
{
	struct diag diag = { 0 };

	if (file_flush(stdout, &diag))
		report("standard output", &diag);
	return diag.code != ERR_NONE;
}

void report_no_memory(const char *file)
{
	const struct diag d = { .code = ERR_MEMORY, .text = "out of memory" };

	report(file, &d);
}

void report_remark(const char *file, const char *fmt, ...)
{
	struct diag d = { .code = ERR_NONE };
	va_list args;

	va_start(args, fmt);
	vsnprintf(d.text, sizeof(d.text), fmt, args);
	va_end(args);
	report(file, &d);
}

int report_notes(const char *file, const struct string_set *set, uint32_t from)
{
	uint32_t kept = sizeof(set->notes) / sizeof(set->notes[0]), damage = 0, i;
	struct diag more = { 0 };

	for (i = 0; i < set->note_count && i < kept; i++) {
		damage += i >= from && set->notes[i].code;
		if (i >= from)
			report(file, &set->notes[i]);
	}
	if (i == set->note_count)
		return damage > 0;
	/* Of those that are not kept, it is only known how many are damage. */
	damage = set->note_count - set->remarks;
	for (i = 0; i < kept; i++)
		damage -= set->notes[i].code != ERR_NONE;
	i = from > kept ? from : kept;
	if (set->note_count > i) {
		diag_fail(&more, ERR_DAMAGED, "and %u more", (unsigned)(set->note_count - i));
		report(file, &more);
	}
	for (i = from; i < kept; i++)
		damage += set->notes[i].code != ERR_NONE;
	return damage > 0;
}

bool report_totals(const struct string_set *set, FILE *f, const char *head)
{
	struct string_totals t = string_totals(set);
	struct buf line = { 0 };
	size_t end;
	bool whole;

	buf_str(&line, head);
	string_totals_kept(&t, &line);
	buf_byte(&line, '\n');
	end = line.len;
	buf_str(&line, head);
	buf_str(&line, "left out: ");
	if (string_totals_dropped(&t, &line))
		buf_byte(&line, '\n');
	else
		line.len = end;
	whole = !line.failed;
	if (whole)
		fwrite(line.data, 1, line.len, f);
	buf_free(&line);
	return whole;
}

void report_doubts(const struct string_set *set, const struct string_filter *filter)
{
	int image = filter->image ? (int)filter->image->img->traits.version : 0;

	if (filter->min_seen > set->captures)
		fprintf(stderr,
			"strscan: note: --min-seen %u, but there %s only %u capture%s: every "
			"string is passing\n",
			(unsigned)filter->min_seen, set->captures == 1 ? "is" : "are",
			(unsigned)set->captures, set->captures == 1 ? "" : "s");
	if (image && filter->lua && image != filter->lua)
		fprintf(stderr,
			"strscan: note: the image is of Lua 5.%d, the strings are of a device with "
			"Lua 5.%d\n",
			image % 10, filter->lua % 10);
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
		message_end(stderr, "strscan", &line);
	buf_free(&line);
}
