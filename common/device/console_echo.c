/* SPDX-License-Identifier: MIT */
/*
 * An application may print a line of its own at any moment, between two characters of an echo, too.
 * All ways in which that can be are followed at once.
 */
#include "common/device/console.h"

#include <string.h>

void console_echo_begin(struct console_echo *e, const char *text, size_t n)
{
	memset(e, 0, sizeof(*e));
	e->text = text;
	e->n = n;
	e->here[0] = true;
}

bool console_echo_take(struct console_echo *e, uint8_t c)
{
	bool *here = e->here, *away = e->away;

	/* From the end, so that a character is taken once. */
	for (size_t k = e->n + 1; k-- > 0;) {
		bool was = here[k];

		here[k] = c == '\n' && (was || away[k]);
		away[k] = c != '\n' && (was || away[k]);
		if (was && k < e->n && (uint8_t)e->text[k] == c)
			here[k + 1] = true;
	}
	/* A prompt may stand before it. */
	here[0] = true;
	return here[e->n];
}
