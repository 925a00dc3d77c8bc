/* SPDX-License-Identifier: MIT */
#ifndef LFSDUMP_CODE_H
#define LFSDUMP_CODE_H

#include <stdio.h>

#include "common/firmware/disasm.h"
#include "lfsdump/settings.h"

/* Begins a disassembly and adds what --disasm names. disasm_close it in any case. */
enum err code_open(struct disasm *d, const char *name, struct firmware *fw, struct diag *diag);

/*
 * --disasm: the functions of that name, as instructions. fw: studied. As disasm_add and
 * output_view.
 */
enum err code_show(FILE *f, const struct settings *s, struct firmware *fw, struct diag *diag);

#endif
