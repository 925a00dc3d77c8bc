/* SPDX-License-Identifier: MIT */
#ifndef STRSCAN_TERMINAL_H
#define STRSCAN_TERMINAL_H

#include "strscan/settings.h"

/* Fills in width, colour and drawing characters as the output's place allows them. */
void terminal_style(struct settings *s);

#endif
