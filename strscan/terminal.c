/* SPDX-License-Identifier: MIT */
#include "strscan/terminal.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

void terminal_style(struct settings *s)
{
	const struct place place = { .fd = s->output && !s->rebuild.wanted ? -1 : STDOUT_FILENO,
				     .colour = s->colour,
				     .no_color = getenv("NO_COLOR"),
				     .term = getenv("TERM"),
				     .columns = getenv("COLUMNS") };

	setlocale(LC_CTYPE, "");
	place_style(&place, &s->style);
}
