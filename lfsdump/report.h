/* SPDX-License-Identifier: MIT */
/*
 * What goes to standard error.
 */
#ifndef LFSDUMP_REPORT_H
#define LFSDUMP_REPORT_H

#include "common/lua/book.h"

/* "lfsdump: FILE: offset 0x1c4: proto[3].sizek: ...", with nothing in it that moves a cursor. */
void complain(const char *file, const struct diag *d);

/* Complains of all that is wrong with a file. Returns 1 when anything is, else 0. */
int report_damage(const struct lua_book *book);

#endif
