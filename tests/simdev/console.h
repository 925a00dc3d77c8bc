/* SPDX-License-Identifier: MIT */
/*
 * The line editor of the console: echo, line ends, the limit of 255 characters; or, when the
 * application has taken it by uart.on, what goes to its function.
 */
#ifndef SIMDEV_CONSOLE_H
#define SIMDEV_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

struct sim;

enum { CONSOLE_LINE = 256 };

struct console {
	char line[CONSOLE_LINE + 1];
	size_t len;
	char last; /* to see CR LF and LF CR as one */
	bool echo;
	bool runs;    /* lines go to the interpreter */
	int callback; /* registry reference; LUA_NOREF: none */
	int until;    /* bytes that the function wants at once; -1: up to end */
	char end;
};

void console_init(struct console *c);
/* Takes what is in the input ring, up to the first whole line; true when there was one. */
bool console_read(struct sim *sim);

#endif
