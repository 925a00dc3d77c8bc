/* SPDX-License-Identifier: MIT */
#include "lfsdump/manual.h"

#include <stdio.h>

#include "common/firmware/view_disasm.h"
#include "common/lua/check.h"
#include "common/view/manual.h"
#include "lfsdump/choice.h"
#include "lfsdump/jobs.h"

struct columns {
	FILE *f;
	const char *before; /* the option that a view goes with */
};

static void write_columns(void *ctx, const char *name, const char *of, const struct view *v)
{
	const struct columns *c = ctx;
	char title[100];

	snprintf(title, sizeof(title), "%s--%s%s", c->before, name, of);
	manual_columns(c->f, title, v);
}

static void write_parts(FILE *f)
{
	const struct settings files = { 0 }, pairs = { .diff = true };
	struct columns of_file = { f, "" }, of_pair = { f, "--diff " };

	check_kinds_manual(f);
	manual_part(f, "COLUMNS");
	choice_each(&files, write_columns, &of_file);
	write_columns(&of_file, firmware_view_disasm.name, "", &firmware_view_disasm);
	for (const struct job *const *job = jobs; *job; job++)
		if ((*job)->view)
			manual_columns(f, (*job)->name, (*job)->view);
	choice_each(&pairs, write_columns, &of_pair);
}

bool lfsdump_manual(const char *what, const struct option_row *rows)
{
	static const struct manual_words words[] = {
		{ "for", NULL, check_kind_nth },
		{ NULL, NULL, NULL },
	};

	return manual_write(stdout, &(struct manual){ "lfsdump", rows, words, write_parts }, what);
}
