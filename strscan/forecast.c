/* SPDX-License-Identifier: MIT */
#include "strscan/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "common/firmware/view_forecast.h"
#include "common/strings/ram.h"
#include "strscan/report.h"

int forecast_load(struct firmware_input *in, const char *path)
{
	struct diag diag = { 0 };

	if (file_load_max(path, FIRMWARE_FILE_MAX, &diag, &in->file) == ERR_NONE) {
		in->open = true;
		if (firmware_open(&in->fw, path, in->file.data, in->file.len))
			diag = in->fw.diag;
		else if (in->fw.form != FIRMWARE_ELF)
			diag_fail(&diag, ERR_KIND,
				  "the firmware's ELF file is wanted, not what was made of it");
		else
			forecast_make(&in->fw, &diag, &in->forecast);
	}
	if (diag.code)
		report(path, &diag);
	return diag.code ? 1 : 0;
}

void forecast_unload(struct firmware_input *in)
{
	if (in->open) {
		forecast_free(&in->forecast);
		firmware_close(&in->fw);
	}
	file_close(&in->file);
	*in = (struct firmware_input){ 0 };
}

enum err forecast_print(const struct firmware_input *in, const struct lua_book *image, FILE *f,
			const struct output_style *style, struct diag *diag)
{
	struct forecast_list list = { &in->forecast, image };
	const struct forecast *c = &in->forecast;
	enum err e = output_view(f, &forecast_view, &list, style, diag);

	if (!e && style->form == OUTPUT_TABLE)
		fprintf(f,
			"\n%u strings, from %u of %u calls; in %u the string is the caller's, in "
			"%u "
			"it is made at run time\n",
			(unsigned)c->nstrings, (unsigned)c->resolved, (unsigned)c->sites,
			(unsigned)c->passed, (unsigned)(c->sites - c->resolved - c->passed));
	return e;
}

/* Marks the firmware's modules whose names are globals that the image reads. */
static bool *find_used(const struct firmware *fw, const struct lua_book *image)
{
	const struct lua_xref *x = &image->xref;
	bool *used = calloc(fw->nmodules + 1, sizeof(*used));

	/* The base functions are globals themselves. */
	for (uint32_t m = 0; used && m < fw->nmodules; m++)
		used[m] = !strcmp(fw->modules[m].name, "_G");
	for (uint32_t i = 0; used && i < x->nglobals; i++) {
		const struct lua_string *name = &image->img->strings[x->globals[i].name];

		for (uint32_t m = 0; m < fw->nmodules; m++)
			used[m] |= strlen(fw->modules[m].name) == name->len &&
				   !memcmp(fw->modules[m].name, name->text, name->len);
	}
	return used;
}

/* Whether the string will be in RAM; used: NULL, or the modules that somebody calls. */
static bool is_wanted(const struct forecast *f, const struct forecast_string *s, const bool *used)
{
	for (uint32_t i = s->first; i < s->first + s->count; i++) {
		uint32_t module = f->fw->symbols[f->uses[i].symbol].module;

		if (f->uses[i].sure == FORECAST_NEVER)
			continue;
		if (f->uses[i].sure == FORECAST_START || !used || module == FIRMWARE_NONE ||
		    used[module])
			return true;
	}
	return false;
}

enum err forecast_add(const struct firmware_input *in, struct lua_book *image,
		      struct string_set *set, struct diag *diag)
{
	const struct forecast *f = &in->forecast;
	bool *used = NULL;
	bool failed = false;

	if (image && image->img) {
		if (lua_book_study(image, diag))
			return diag->code;
		used = find_used(&in->fw, image);
		failed = !used;
	}
	string_set_capture(set);
	if (!set->device.lua)
		set->device.lua = in->fw.lua.version;
	for (uint32_t i = 0; i < f->nstrings && !failed; i++)
		if (is_wanted(f, &f->strings[i], used))
			failed = string_set_add(set, f->strings[i].p, f->strings[i].len) ==
				 STRING_UNKNOWN;
	free(used);
	return failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

enum {
	THREAD_TAG = 8,
	STATE_WORDS = 12,  /* of a lua_State, among which is l_G */
	GLOBAL_WORDS = 24, /* of a global_State, among which is strt */
};

/* The string table that a global_State may hold; 0: none. */
static uint32_t table_in(const struct ram *r, uint32_t global)
{
	struct ram_table t;

	for (uint32_t i = 0; i < GLOBAL_WORDS; i++) {
		if (!ram_table_read(r, global + 4 * i, false, &t) || t.odd)
			continue;
		ram_table_walk(r, &t, NULL, NULL);
		if (t.found && t.found > t.nuse / 2)
			return t.at;
	}
	return 0;
}

/* What a variable of the firmware holds, if that is a lua_State. */
static uint32_t follow(const struct ram *r, uint32_t variable)
{
	uint32_t state = ram_word(r, variable);
	const uint8_t *p = ram_bytes(r, state, (size_t)4 * STATE_WORDS);
	uint32_t found = 0;

	if (!p || (p[4] & 0x3f) != THREAD_TAG)
		return 0;
	for (uint32_t i = 2; i < STATE_WORDS && !found; i++)
		if (ram_word(r, state + 4 * i) % 4 == 0)
			found = table_in(r, ram_word(r, state + 4 * i));
	return found;
}

uint32_t forecast_string_table(const struct firmware_input *in, const struct ram_dump *dump)
{
	static const int versions[] = { 51, 53 };
	struct ram r = { .p = dump->data, .len = dump->len, .base = dump->base };

	for (unsigned v = 0; v < 2; v++) {
		r.lua = versions[v];
		r.seeded = r.lua == 51;
		if (in->fw.lua.version && in->fw.lua.version != r.lua)
			continue;
		for (uint32_t i = 0; i < in->fw.nsymbols; i++) {
			const struct firmware_symbol *s = &in->fw.symbols[i];
			uint32_t at = s->kind == SYMBOL_OBJECT && s->size == 4
					      ? follow(&r, s->address)
					      : 0;
			if (at)
				return at;
		}
	}
	return 0;
}

void forecast_origin(const void *in, const uint8_t *text, size_t len, struct buf *out)
{
	const struct firmware_input *input = in;
	const struct forecast *f = &input->forecast;
	uint32_t i = forecast_find(f, text, len);

	if (i == FIRMWARE_NONE)
		return;
	const struct forecast_string *s = &f->strings[i];
	if (s->module == FIRMWARE_NONE)
		buf_str(out, "C code");
	else
		buf_printf(out, "C module %s%s", input->fw.modules[s->module].name,
			   s->modules ? " +" : "");
}
