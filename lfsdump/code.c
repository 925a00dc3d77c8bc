/* SPDX-License-Identifier: MIT */
#include "lfsdump/code.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/firmware/forecast.h"
#include "common/firmware/view_disasm.h"
#include "lfsdump/document.h"
#include "lfsdump/report.h"

static enum err add_address(struct disasm *d, uint32_t address, struct diag *diag)
{
	char text[16];

	for (uint32_t i = 0; i < d->nfunctions; i++)
		if (d->functions[i].address == address)
			return ERR_NONE;
	snprintf(text, sizeof(text), "0x%" PRIx32, address);
	return disasm_add(d, text, diag);
}

/* All functions that Lua calls so: by any of their names, or by a glob. */
static enum err add_lua(struct disasm *d, const char *name, struct diag *diag)
{
	const struct firmware *fw = d->fw;
	struct buf b = { 0 };
	enum err e = ERR_NONE;

	for (uint32_t i = 0; i < fw->nfunctions && !e; i++) {
		uint32_t entry = fw->functions[i];

		b.len = 0;
		firmware_entry_name(fw, entry, &b);
		buf_byte(&b, 0);
		if (b.failed)
			e = diag_fail(diag, ERR_MEMORY, "out of memory");
		else if (!strcmp(name, (const char *)b.data) ||
			 !fnmatch(name, (const char *)b.data, 0))
			e = add_address(d, fw->entries[entry].address, diag);
	}
	buf_free(&b);
	return e;
}

/* Lua's names have a dot or a colon; metatables get theirs only when the code is followed. */
static enum err add_named(struct disasm *d, const char *name, struct diag *diag)
{
	enum err e = ERR_NONE;

	if (strpbrk(name, ".:") && firmware_symbol_find(d->fw, name) == FIRMWARE_NONE) {
		e = add_lua(d, name, diag);
		if (!e && !d->nfunctions)
			e = forecast_name_tables(d->fw, diag);
		if (!e && !d->nfunctions)
			e = add_lua(d, name, diag);
	}
	return e || d->nfunctions ? e : disasm_add(d, name, diag);
}

static bool is_number(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	*out = (uint32_t)n;
	return *text >= '0' && *text <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* What is known to stand at an address that is no code; NULL: nothing is known. */
static const char *data_words(const struct firmware *fw, uint32_t address)
{
	uint32_t section = firmware_section_at(fw, address);
	uint32_t symbol = firmware_symbol_at(fw, address);

	if (section != FIRMWARE_NONE && !fw->sections[section].code)
		return "in memory that holds no code";
	if (symbol != FIRMWARE_NONE)
		return fw->symbols[symbol].kind == SYMBOL_OBJECT ? "data" : NULL;
	for (uint32_t i = 0; i < fw->ntexts; i++)
		if (address - fw->texts[i].address <= fw->texts[i].len)
			return "in a string";
	for (uint32_t i = 0; i < fw->ntables; i++)
		if (address - fw->tables[i].address < 16)
			return "a ROTable";
	return NULL;
}

/* What an address that was asked for is, where the first line does not tell. */
static void note_address(const struct disasm *d, uint32_t address)
{
	const struct disasm_function *f = &d->functions[0];
	const char *data = data_words(d->fw, address);
	struct diag note = { 0 };
	bool begins = false;

	for (uint32_t i = 0; i < d->nlines; i++)
		begins |= d->lines[i].address == address;
	if (data)
		diag_fail(&note, ERR_KIND,
			  "0x%" PRIx32 " is %s: what is shown may be no instructions", address,
			  data);
	else if (!begins)
		diag_fail(&note, ERR_KIND, "no instruction begins at 0x%" PRIx32, address);
	else if (f->address != address && f->symbol != FIRMWARE_NONE)
		diag_fail(&note, ERR_KIND,
			  "0x%" PRIx32 " is %" PRIu32 " bytes behind 0x%" PRIx32
			  ", where the function begins",
			  address, address - f->address, f->address);
	if (note.code)
		complain(d->fw->file, &note);
}

enum err code_open(struct disasm *d, const char *name, struct firmware *fw, struct diag *diag)
{
	enum err e = disasm_open(d, fw, diag);

	return e ? e : add_named(d, name, diag);
}

enum err code_show(FILE *f, const struct settings *s, struct firmware *fw, struct diag *diag)
{
	const struct view *views[] = { &firmware_view_disasm };
	struct disasm d;
	uint32_t address;
	enum err e = s->nviews > 1 ? diag_fail(diag, ERR_KIND, "--disasm goes by itself")
				   : ERR_NONE;

	if (e)
		return e;
	e = code_open(&d, s->disasm, fw, diag);
	if (!e && d.nfunctions && is_number(s->disasm, &address))
		note_address(&d, address);
	if (!e)
		e = document_views(f, &s->style, fw->file, &d, views, 1, diag);
	disasm_close(&d);
	return e;
}
