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
	static const struct job *const jobs[] = { &job_check, &job_against };
	const struct settings files = { 0 }, pairs = { .diff = true };
	struct columns of_file = { f, "" }, of_pair = { f, "--diff " };

	check_kinds_manual(f);
	manual_part(f, "COLUMNS");
	choice_each(&files, write_columns, &of_file);
	write_columns(&of_file, firmware_view_disasm.name, "", &firmware_view_disasm);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		manual_columns(f, jobs[i]->name, jobs[i]->view);
	choice_each(&pairs, write_columns, &of_pair);
}

bool lfsdump_manual(const char *what, const struct option_row *rows)
{
	struct buf kinds = { 0 };
	struct manual manual = { "lfsdump", rows, NULL, write_parts };
	bool known;

	check_kinds_list(&kinds);
	manual.words = (const struct manual_words[]){
		{ "for", kinds.failed ? "" : (const char *)kinds.data, check_kind_words },
		{ NULL, NULL, NULL },
	};
	known = manual_write(stdout, &manual, what);
	buf_free(&kinds);
	return known;
}
