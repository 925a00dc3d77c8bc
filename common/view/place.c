/* SPDX-License-Identifier: MIT */
#include "common/view/place.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool when_parse(const char *text, enum when *out)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text ? text : "always", names[i]) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

bool place_is_terminal(const struct place *place)
{
	return place->fd >= 0 && isatty(place->fd);
}

static unsigned terminal_width(const struct place *place)
{
	struct winsize w;
	int n = place->columns ? atoi(place->columns) : 0;

	if (n > 0)
		return (unsigned)n;
	if (ioctl(place->fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

static unsigned terminal_height(const struct place *place)
{
	struct winsize w;

	return ioctl(place->fd, TIOCGWINSZ, &w) == 0 ? w.ws_row : 0;
}

void place_style(const struct place *place, struct output_style *style)
{
	bool terminal = place_is_terminal(place);
	bool plain = (place->no_color && place->no_color[0]) || !place->term ||
		     strcmp(place->term, "dumb") == 0;

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		style->ascii = true;
	style->colour = place->colour == WHEN_ALWAYS ||
			(place->colour == WHEN_AUTO && terminal && !plain);
	if (terminal) {
		style->width = terminal_width(place);
		style->height = terminal_height(place);
	}
}
