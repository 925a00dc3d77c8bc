/* SPDX-License-Identifier: MIT */
#ifndef STRSCAN_MANUAL_H
#define STRSCAN_MANUAL_H

#include <stdbool.h>

#include "common/view/options.h"

/* --help=WHAT, as manual_write takes it. False: there is no such thing. */
bool strscan_manual(const char *what, const struct option_row *rows);

#endif
