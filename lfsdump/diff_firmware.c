/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/firmware/diff.h"
#include "lfsdump/diff.h"
#include "lfsdump/document.h"
#include "lfsdump/firmware.h"
#include "lfsdump/report.h"

enum { ROWS_SHOWN = 20 };

const struct view *firmware_diff_view(const char *name)
{
	for (unsigned i = 0; firmware_diff_nth(i); i++)
		if (!strcmp(firmware_diff_nth(i)->name, name))
			return firmware_diff_nth(i);
	return NULL;
}

/* The views asked for, or all. */
static enum err print(FILE *f, const struct settings *s, const struct firmware_diff *d,
		      struct diag *diag)
{
	const struct view *views[VIEWS_MAX];
	struct output_style style = s->style;
	unsigned n = 0;

	for (unsigned i = 0; i < s->nviews; i++) {
		views[n] = firmware_diff_view(s->views[i].name);
		if (!views[n++])
			return diag_fail(diag, ERR_KIND, "no --%s of firmwares", s->views[i].name);
	}
	if (!n) {
		style.limit = ROWS_SHOWN;
		for (; firmware_diff_nth(n); n++)
			views[n] = firmware_diff_nth(n);
	}
	if (!s->nviews && (style.form == OUTPUT_CSV || style.form == OUTPUT_TSV)) {
		views[0] = &firmware_diff_symbols;
		n = 1;
	}
	return document_views(f, &style, d->fw[1]->file, d, views, n, diag);
}

int firmware_diff_files(FILE *f, const struct settings *s, struct firmware *old,
			struct firmware *now)
{
	struct firmware_diff d = { 0 };
	struct diag diag = { 0 };
	int status = report_firmware(old) | report_firmware(now);

	if (old->form != FIRMWARE_ELF || now->form != FIRMWARE_ELF)
		diag_fail(&diag, ERR_KIND, "compares images, or ELF files");
	else if (old->nsections && now->nsections && !firmware_study(old, &diag) &&
		 !firmware_study(now, &diag) && !firmware_diff_make(old, now, &diag, &d))
		print(f, s, &d, &diag);
	status |= !d.same;
	if (diag.code) {
		complain("--diff", &diag);
		status = 1;
	}
	firmware_diff_free(&d);
	return status;
}
