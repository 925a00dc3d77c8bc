/* SPDX-License-Identifier: MIT */
#include "strscan/manual.h"

#include <stdio.h>

#include "common/firmware/view_forecast.h"
#include "common/lua/check.h"
#include "common/strings/view_strings.h"
#include "common/view/manual.h"
#include "strscan/settings.h"

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
	static const struct manual_words words[] = {
		{ "for", NULL, check_kind_nth },
		{ "strip", STRIP_WORDS, NULL },
		{ "hash", HASH_WORDS, NULL },
		{ "format", FORMAT_WORDS, NULL },
		{ NULL, NULL, NULL },
	};

	return manual_write(stdout, &(struct manual){ "strscan", rows, words, write_parts }, what);
}
