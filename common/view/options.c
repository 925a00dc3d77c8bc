/* SPDX-License-Identifier: MIT */
#include "common/view/options.h"

#include <string.h>

/* Columns of help texts; longer ones are broken. */
enum { HELP_WIDTH = 84 };

static int takes(const struct option_row *r)
{
	if (!r->arg)
		return no_argument;
	return r->arg[0] == '[' ? optional_argument : required_argument;
}

void options_make(struct options *o, const struct option_row *rows)
{
	size_t n = 0;
	size_t m = 0;

	*o = (struct options){ 0 };
	o->shorts[m++] = ':';
	for (; rows->help && n < OPTIONS_MAX - 1; rows++) {
		if (!rows->name)
			continue;
		o->longs[n++] = (struct option){ rows->name, takes(rows), NULL,
						 OPTIONS_LONG + rows->id };
		if (!rows->letter)
			continue;
		o->shorts[m++] = rows->letter;
		if (takes(rows) == required_argument)
			o->shorts[m++] = ':';
	}
}

int options_id(const struct option_row *rows, int returned)
{
	if (returned >= OPTIONS_LONG)
		return returned - OPTIONS_LONG;
	for (; rows->help; rows++)
		if (rows->name && rows->letter && rows->letter == returned)
			return rows->id;
	return -1;
}

/* Bytes of help that make one line: up to its end, or to a blank where it is too long. */
static size_t line_length(const char *help)
{
	size_t n = strcspn(help, "\n");

	if (n <= HELP_WIDTH)
		return n;
	for (n = HELP_WIDTH; n > 0 && help[n] != ' ';)
		n--;
	return n ? n : HELP_WIDTH;
}

static void help_row(FILE *f, const struct option_row *r, int column)
{
	const char *line = r->help;
	int n;

	if (r->letter)
		n = fprintf(f, "  -%c, --%s", r->letter, r->name);
	else
		n = fprintf(f, "      --%s", r->name);
	if (r->arg && r->arg[0] == '[')
		n += fprintf(f, "[=%.*s]", (int)strlen(r->arg) - 2, r->arg + 1);
	else if (r->arg)
		n += fprintf(f, " %s", r->arg);
	if (n > column - 2) {
		fprintf(f, "\n");
		n = 0;
	}
	for (;; n = 0) {
		size_t length = line_length(line);

		fprintf(f, "%*s%.*s\n", column - n, "", (int)length, line);
		line += length;
		if (!*line)
			break;
		line += *line == ' ' || *line == '\n';
	}
}

void options_help(FILE *f, const struct option_row *rows)
{
	for (; rows->help; rows++) {
		if (rows->name)
			help_row(f, rows, 26);
		else
			fprintf(f, "\n%s\n", rows->help);
	}
}
