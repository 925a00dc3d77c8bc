/* SPDX-License-Identifier: MIT */
/*
 * Running the whole check in every way it can be asked, and what must hold whatever the file is.
 */
#ifndef UTIL_WAYS_H
#define UTIL_WAYS_H

#include "common/lua/check.h"

/* Opens the file and checks it; release the report with check_free. Aborts without memory. */
struct check_report report_of(const uint8_t *data, size_t len, const struct check_target *target);

/* Checks for no firmware and for each kind, loaded and flashed; aborts on a broken promise. */
void check_all_ways(const uint8_t *data, size_t len);

/* For one of these kinds, or for none. */
void check_one_way(const uint8_t *data, size_t len, unsigned number);

#endif
