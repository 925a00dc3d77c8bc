/* SPDX-License-Identifier: MIT */
#include "common/view/manual.h"

#include <ctype.h>
#include <string.h>

#include "common/view/completion.h"

/*
 * No line of it is taken for a macro, no byte for an escape; the dashes of options are no hyphens,
 * at which words may be broken.
 */
static void put(FILE *f, const char *text, size_t n)
{
	bool option = false;
	char before = '\n';

	for (size_t i = 0; i < n; before = text[i++]) {
		if (before == '\n' && strchr(".'", text[i]))
			fputs("\\&", f);
		option = text[i] == '-' ? option || !isalnum((unsigned char)before)
					: option && isalnum((unsigned char)text[i]);
		switch (text[i]) {
		case '\\': fputs("\\e", f); break;
		case '~': fputs("\\(ti", f); break;
		case '^': fputs("\\(ha", f); break;
		case '-': fputs(option ? "\\-" : "-", f); break;
		default: fputc(text[i], f);
		}
	}
}

/* A sentence begins a line, as pages have it. */
static void put_text(FILE *f, const char *text)
{
	const char *end;

	for (const char *p = text; (end = strstr(p, ". ")); p = end + 2) {
		if (!isupper((unsigned char)end[2]))
			continue;
		put(f, text, (size_t)(end + 1 - text));
		fputc('\n', f);
		text = end + 2;
	}
	put(f, text, strlen(text));
	fputc('\n', f);
}

void manual_part(FILE *f, const char *name)
{
	fprintf(f, ".\\\" @%s@\n", name);
}

/* In quotes, so that no word of it is taken for a macro. */
void manual_title(FILE *f, const char *title)
{
	fputs(".Ss \"", f);
	for (size_t n; *title; title += n + (title[n] == '"')) {
		n = strcspn(title, "\"");
		put(f, title, n);
		if (title[n])
			fputs("\\(dq", f);
	}
	fputs("\"\n", f);
}

void manual_list(FILE *f, size_t width)
{
	fprintf(f, ".Bl -tag -width %zun -compact\n", width + 1);
}

void manual_item(FILE *f, const char *name, const char *text)
{
	fputs(".It Cm \"", f);
	put(f, name, strlen(name));
	fputs("\"\n", f);
	put_text(f, text);
}

void manual_list_end(FILE *f)
{
	fputs(".El\n", f);
}

void manual_columns(FILE *f, const char *title, const struct view *v)
{
	size_t width = 0;

	manual_title(f, title);
	put_text(f, v->help);
	fputs(".Pp\n", f);
	for (unsigned i = 0; i < v->ncolumns; i++)
		if (strlen(v->columns[i].name) > width)
			width = strlen(v->columns[i].name);
	manual_list(f, width);
	for (unsigned i = 0; i < v->ncolumns; i++)
		manual_item(f, v->columns[i].name, v->columns[i].help ? v->columns[i].help : "");
	manual_list_end(f);
}

/* "-s, --strings", "--color[=WHEN]" */
static void option_item(FILE *f, const struct option_row *r)
{
	fputs(".It", f);
	if (r->letter)
		fprintf(f, " Fl %c ,", r->letter);
	fputs(" Fl \\-", f);
	for (const char *p = r->name; *p; p++) {
		if (*p == '-')
			fputc('\\', f);
		fputc(*p, f);
	}
	if (completion_is_optional(r))
		fprintf(f, " Ns Op = Ns Ar %.*s", (int)strlen(r->arg) - 2, r->arg + 1);
	else if (r->arg)
		fprintf(f, " Ar %s", r->arg);
	fputc('\n', f);
	put_text(f, r->help);
}

static void write_options(FILE *f, const struct option_row *r)
{
	bool open = false;

	manual_part(f, "OPTIONS");
	for (; r->help; r++) {
		if (r->name && !open)
			fputs(".Bl -tag -width indent\n", f);
		if (!r->name && open)
			manual_list_end(f);
		open = r->name != NULL;
		if (open)
			option_item(f, r);
		else
			manual_title(f, r->help);
	}
	if (open)
		manual_list_end(f);
}

static void write_page(FILE *f, const struct manual *m)
{
	write_options(f, m->options);
	if (m->parts)
		m->parts(f);
}

bool manual_write(FILE *f, const struct manual *m, const char *what)
{
	static const struct {
		const char *what;
		void (*write)(FILE *, const struct manual *);
	} rows[] = {
		{ "bash", completion_bash },
		{ "fish", completion_fish },
		{ "zsh", completion_zsh },
		{ "man", write_page },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].what, what) != 0)
			continue;
		rows[i].write(f, m);
		return true;
	}
	return false;
}
