/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_CODE_H
#define LFSDUMP_CODE_H

#include <stdio.h>

#include "common/firmware/firmware.h"
#include "lfsdump/settings.h"

/*
 * --disasm: the functions of that name, as instructions. fw: studied. As disasm_add and
 * output_view.
 */
enum err code_show(FILE *f, const struct settings *s, struct firmware *fw, struct diag *diag);

#endif
