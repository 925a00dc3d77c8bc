/* SPDX-License-Identifier: MIT */
#ifndef FIRMWARE_VIEW_DISASM_H
#define FIRMWARE_VIEW_DISASM_H

#include "common/firmware/disasm.h"
#include "common/view/view.h"

/* Instructions of functions; ctx: a struct disasm. */
extern const struct view firmware_view_disasm;

#endif
