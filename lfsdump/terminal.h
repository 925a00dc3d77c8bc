/* SPDX-License-Identifier: MIT */
/*
 * Where the output goes: a terminal (through a pager, as git does it), a pipe, or a file.
 */
#ifndef LFSDUMP_TERMINAL_H
#define LFSDUMP_TERMINAL_H

#include "lfsdump/settings.h"

/* Fills in width, colour and drawing characters as the output's place allows them. */
void terminal_style(struct settings *s);

/*
 * Starts $LFSDUMP_PAGER, else $PAGER, else less, and sends standard output to it, when that is a
 * terminal. An empty name or "cat" means none.
 */
void pager_start(const struct settings *s);
/* Waits until the user has left the pager. */
void pager_wait(void);

#endif
