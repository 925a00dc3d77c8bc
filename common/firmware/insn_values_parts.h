/* SPDX-License-Identifier: MIT */
/*
 * Inside of the values: what is reckoned with them.
 */
#ifndef FIRMWARE_INSN_VALUES_PARTS_H
#define FIRMWARE_INSN_VALUES_PARTS_H

#include "common/firmware/insn_values.h"

static const struct values unknown = { .other = true };

struct values values_number(uint32_t v);
bool values_same(const struct values *a, const struct values *b);

/* The word at a + displacement; a + by; a * scale + b; a * scale. */
struct values values_load(const struct values_machine *m, const struct values *a,
			  int32_t displacement);
struct values values_add(const struct values_machine *m, const struct values *a, int32_t by);
struct values values_index(const struct values_machine *m, const struct values *a, uint32_t scale,
			   const struct values *b);
struct values values_shift(const struct values *a, uint32_t scale);

#endif
