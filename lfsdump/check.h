/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_CHECK_H
#define LFSDUMP_CHECK_H

#include <stdio.h>

#include "lfsdump/settings.h"

/* What a banner or a firmware tells; what options say of region and tags goes before it. */
void check_take_target(struct settings *s, const struct check_target *target);

/* --for, --banner: fill s->target. False after a message of their own. */
bool check_set_kind(struct settings *s, const char *name);
bool check_set_banner(struct settings *s, const char *path);

/* "262144", "0x40000", "256k". 0 when it is no size. */
uint32_t check_size(const char *text);

#endif
