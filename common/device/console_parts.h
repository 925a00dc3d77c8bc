/* SPDX-License-Identifier: MIT */
/*
 * Reading what came; private to the console's files.
 */
#ifndef DEVICE_CONSOLE_PARTS_H
#define DEVICE_CONSOLE_PARTS_H

#include "common/device/console.h"

/* Where word stands in n bytes, or NULL. */
const uint8_t *text_find(const uint8_t *p, size_t n, const char *word);

/* Looks at the new lines of c->in: banners, failed allocations. */
void text_scan(struct console *c);

/* Has the device said that it waits for a line? Nothing that an application cannot say, too. */
bool text_at_prompt(const struct console *c);

/* Is an error of Lua among the lines of c->in? Then it is in c->error. CONSOLE_DONE: no. */
enum console_answer text_error(struct console *c);

#endif
