/* SPDX-License-Identifier: MIT */
/*
 * Views printed to memory. What fails ends the running test.
 */
#ifndef UTIL_VIEW_H
#define UTIL_VIEW_H

#include "common/view/output.h"

/* The output as a string, to be freed. */
char *print_view(const struct view *v, struct output_style style);

/* Prints the view; the output must be as expected. */
void check_view(const struct view *v, struct output_style style, const char *expected);

#endif
