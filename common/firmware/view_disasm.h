/* SPDX-License-Identifier: MIT */
#ifndef FIRMWARE_VIEW_DISASM_H
#define FIRMWARE_VIEW_DISASM_H

#include "common/firmware/disasm.h"
#include "common/view/view.h"

/* Instructions of functions; ctx: a struct disasm. */
extern const struct view firmware_view_disasm;

/* The row of a line of a function. */
uint64_t disasm_row(uint32_t function, uint32_t line);
/* The function that a row is of; *line gets FIRMWARE_NONE for its heading. */
uint32_t disasm_row_function(uint64_t row, uint32_t *line);

#endif
