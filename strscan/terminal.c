/* SPDX-License-Identifier: MIT */
#include "strscan/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	int n = columns ? atoi(columns) : 0;

	if (n > 0)
		return (unsigned)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

void terminal_style(struct settings *s)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool plain = (no_colour && no_colour[0]) || !term || strcmp(term, "dumb") == 0;
	bool terminal = !s->output && isatty(STDOUT_FILENO);

	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		s->style.ascii = true;
	s->style.colour = s->colour == WHEN_ALWAYS ||
			  (s->colour == WHEN_AUTO && terminal && !plain);
	if (terminal)
		s->style.width = terminal_width();
}
