/* SPDX-License-Identifier: MIT */
#include "lfsdump/code.h"

#include "common/firmware/view_disasm.h"
#include "lfsdump/document.h"

enum err code_show(FILE *f, const struct settings *s, struct firmware *fw, struct diag *diag)
{
	const struct view *views[] = { &firmware_view_disasm };
	struct disasm d;
	enum err e = s->nviews > 1 ? diag_fail(diag, ERR_KIND, "--disasm goes by itself")
				   : ERR_NONE;

	if (e)
		return e;
	e = disasm_open(&d, fw, diag);
	if (!e)
		e = disasm_add(&d, s->disasm, diag);
	if (!e)
		e = document_views(f, &s->style, fw->file, &d, views, 1, diag);
	disasm_close(&d);
	return e;
}
