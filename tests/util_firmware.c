/* SPDX-License-Identifier: MIT */
#include "tests/util_firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/firmware/view_disasm.h"
#include "common/firmware/view_forecast.h"
#include "common/firmware/diff.h"
#include "common/firmware/view_firmware.h"
#include "common/view/output.h"
#include "tests/util_tour.h"

static void broken(const char *where, const char *what)
{
	fprintf(stderr, "broken promise: %s: %s\n", where, what);
	abort();
}

static void check_diag(const struct firmware *fw, const struct diag *d)
{
	char line[400];

	if (!d->text[0])
		broken("damage", "an error without words");
	diag_format(d, line, sizeof(line));
	if (tour_text_fault((const uint8_t *)line, strlen(line), ""))
		broken("damage", tour_text_fault((const uint8_t *)line, strlen(line), ""));
	if (d->placed && d->off > fw->len)
		broken("damage", "an error behind the end of the file");
}

static void tour_view(const struct view *v, const void *ctx)
{
	static const char *const allowed[] = { [OUTPUT_TABLE] = "\nm",
					       [OUTPUT_JSON] = "",
					       [OUTPUT_CSV] = "\n",
					       [OUTPUT_TSV] = "\n\t",
					       [OUTPUT_MARKDOWN] = "\n" };

	for (unsigned form = OUTPUT_TABLE; form <= OUTPUT_MARKDOWN; form++) {
		struct output_style style = { .form = (enum output_form)form,
					      .colour = form == OUTPUT_TABLE,
					      .width = 100 };
		struct diag diag = { 0 };
		char *text = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&text, &n);
		const char *fault;

		if (!f)
			abort();
		output_view(f, v, ctx, &style, &diag);
		fclose(f);
		fault = tour_text_fault((const uint8_t *)text, n, allowed[form]);
		if (fault)
			broken(v->name, fault);
		free(text);
	}
}

static uint64_t count_rows(const struct view *v, const void *ctx, uint64_t row, unsigned depth)
{
	uint64_t n = v->count(ctx, row);
	uint64_t sum = n;

	if (depth > 100)
		broken(v->name, "rows without end");
	for (uint64_t i = 0; i < n; i++)
		sum += count_rows(v, ctx, v->child(ctx, row, i), depth + 1);
	return sum;
}

static int64_t sum_of(const struct view *v, const void *ctx)
{
	unsigned column = view_column_find(v, "size", 4);
	uint64_t n = v->count(ctx, VIEW_ROOT);
	int64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct view_cell cell = { 0 };

		v->cell(ctx, v->child(ctx, VIEW_ROOT, i), column, &cell, NULL);
		sum += cell.i;
	}
	return sum;
}

static void check_sums(const struct firmware *fw)
{
	int64_t sum = 0;
	uint64_t at = 0;

	for (uint32_t i = 0; i < fw->nsections; i++) {
		if (fw->sections[i].address < at)
			broken("sections", "they overlap");
		at = (uint64_t)fw->sections[i].address + fw->sections[i].size;
		sum += fw->sections[i].size;
	}
	/* per area sizes are 32 bits, as addresses are */
	if (sum <= UINT32_MAX && (sum_of(&firmware_view_modules, fw) != sum ||
				  sum_of(&firmware_view_sources, fw) != sum))
		broken("sizes", "they do not add up");
}

/* The code: all of it as text, and the strings in it. What there is none of is no failure. */
static void tour_code(struct firmware *fw)
{
	struct diag diag = { 0 }, none = { 0 };
	struct forecast forecast;
	struct disasm disasm;

	if (forecast_make(fw, &diag, &forecast) == ERR_NONE) {
		struct forecast_list list = { &forecast, NULL };
		tour_view(&forecast_view, &list);
	}
	forecast_free(&forecast);
	if (disasm_open(&disasm, fw, &none) == ERR_NONE && !disasm_add(&disasm, "*", &none))
		tour_view(&firmware_view_disasm, &disasm);
	disasm_close(&disasm);
}

static bool tour(const uint8_t *data, size_t len, bool outputs)
{
	struct firmware fw;
	struct firmware_diff diff;
	bool sound;
	struct diag diag = { 0 };

	firmware_open(&fw, "file", data, len);
	if (firmware_study(&fw, &diag))
		broken("study", diag.text);
	if (fw.diag.code)
		check_diag(&fw, &fw.diag);
	for (uint32_t i = 0; i < fw.note_count && i < FIRMWARE_NOTES_MAX; i++)
		check_diag(&fw, &fw.notes[i]);
	check_sums(&fw);
	if (count_rows(&firmware_view_rotables, &fw, VIEW_ROOT, 0) >
	    fw.nroots + fw.nentries + (uint64_t)fw.ntables)
		broken("rotables", "more rows than there are tables and entries");
	for (unsigned i = 0; outputs && i < firmware_view_count; i++)
		if (firmware_views[i].forms & 1u << fw.form)
			tour_view(firmware_views[i].view, &fw);
	if (outputs)
		tour_code(&fw);
	if (firmware_diff_make(&fw, &fw, &diag, &diff) || !diff.same || diff.symbols.count)
		broken("diff", "a file differs from itself");
	for (unsigned i = 0; outputs && firmware_diff_nth(i); i++)
		tour_view(firmware_diff_nth(i), &diff);
	sound = !fw.diag.code && !fw.note_count;
	firmware_diff_free(&diff);
	firmware_close(&fw);
	return sound;
}

void firmware_tour(const uint8_t *data, size_t len)
{
	tour(data, len, true);
}

bool firmware_check(const uint8_t *data, size_t len)
{
	return tour(data, len, false);
}
