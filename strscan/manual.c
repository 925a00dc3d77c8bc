/* SPDX-License-Identifier: MIT */
#include "strscan/manual.h"

#include <stdio.h>

#include "common/firmware/view_forecast.h"
#include "common/lua/check.h"
#include "common/strings/view_strings.h"
#include "common/view/manual.h"

static void write_parts(FILE *f)
{
	check_kinds_manual(f);
	manual_part(f, "COLUMNS");
	manual_columns(f, "--list", &string_view);
	manual_columns(f, "--census", &ram_view);
	manual_columns(f, "--forecast", &forecast_view);
}

bool strscan_manual(const char *what, const struct option_row *rows)
{
	struct buf kinds = { 0 };
	struct manual manual = { "strscan", rows, NULL, write_parts };
	bool known;

	check_kinds_list(&kinds);
	manual.words = (const struct manual_words[]){
		{ "for", kinds.failed ? "" : (const char *)kinds.data, check_kind_words },
		{ "strip", "none locals all", NULL },
		{ "hash", "stock small fast", NULL },
		{ "format", "lua text json csv", NULL },
		{ NULL, NULL, NULL },
	};
	known = manual_write(stdout, &manual, what);
	buf_free(&kinds);
	return known;
}
