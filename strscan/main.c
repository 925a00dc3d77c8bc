/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/strings/capture.h"
#include "common/strings/view_strings.h"
#include "strscan/report.h"
#include "strscan/scan.h"
#include "strscan/terminal.h"

static enum err judge(struct scan *scan, struct diag *diag)
{
	const struct settings *s = &scan->s;
	struct string_filter filter = {
		.image = scan->image.img ? &scan->image : NULL,
		.min_seen = s->min_seen,
		.lua = scan->set.device.lua,
		.keep = s->keep.list,
		.drop = s->drop.list,
		.budget = s->budget,
	};

	if (!filter.lua)
		filter.lua = scan->lua;
	if (!filter.lua && filter.image)
		filter.lua = (int)filter.image->img->traits.version;
	report_doubts(&scan->set, &filter);
	return string_judge(&scan->set, &filter, diag);
}

static void print_totals(struct buf *out, const struct string_set *set)
{
	struct string_totals t = string_totals(set);

	buf_printf(out, "{\"captures\":%u,\"totals\":{\"kept\":%u,\"ram\":%u,\"flash\":%u",
		   (unsigned)set->captures, (unsigned)t.kept, (unsigned)t.ram, (unsigned)t.flash);
	buf_printf(out, ",\"strings_flash\":%u,\"constant\":%u", (unsigned)t.strings,
		   (unsigned)set->cost.constant);
	buf_str(out, ",\"left_out\":{");
	for (unsigned v = STRING_KEPT + 1; v < STRING_VERDICTS; v++)
		buf_printf(out, "%s\"%s\":%u", v > STRING_KEPT + 1 ? "," : "",
			   string_verdict_words[v], (unsigned)t.dropped[v]);
	buf_str(out, "}},\"strings\":");
}

/* Lua, or a list as text, JSON or CSV. */
static enum err print_strings(struct scan *scan, FILE *f, struct diag *diag)
{
	const struct settings *s = &scan->s;
	struct string_list list = { .set = &scan->set, .image = &scan->image, .all = s->list };
	struct buf out = { 0 };
	enum err e = ERR_NONE;

	if (scan->firmware.open) {
		list.other_origin = forecast_origin;
		list.other = &scan->firmware;
	}
	if (s->format == FORMAT_LUA)
		string_generate(&scan->set, &out);
	else if (s->format == FORMAT_JSON)
		print_totals(&out, &scan->set);
	if (out.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		fwrite(out.data, 1, out.len, f);
	buf_free(&out);
	if (s->format != FORMAT_LUA && !diag->code)
		e = output_view(f, &string_view, &list, &s->style, diag);
	if (s->format == FORMAT_JSON)
		fputs("}\n", f);
	if (s->format == FORMAT_TEXT && !report_totals(&scan->set, f, ""))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	return e ? e : diag->code;
}

static int print_capture(struct scan *scan, FILE *f)
{
	struct diag diag = { 0 };
	struct buf out = { 0 };

	capture_write(&scan->set, &out);
	if (out.failed) {
		diag_fail(&diag, ERR_MEMORY, "out of memory");
		report(scan->s.output ? scan->s.output : "standard output", &diag);
	} else {
		fwrite(out.data, 1, out.len, f);
		scan->printed = true;
	}
	buf_free(&out);
	return diag.code ? 1 : 0;
}

static int print_result(struct scan *scan, FILE *f)
{
	struct diag diag = { 0 };

	if (scan->s.capture)
		return print_capture(scan, f);

	if (judge(scan, &diag) || print_strings(scan, f, &diag)) {
		report(scan->s.output ? scan->s.output : "standard output", &diag);
		return 1;
	}
	fflush(f);
	scan->printed = true;
	if (scan->s.format != FORMAT_TEXT && !report_totals(&scan->set, stderr, "strscan: "))
		fputs("strscan: the totals: out of memory\n", stderr);
	if (scan->image.img)
		report_missing(&scan->set, scan->image.img);
	return 0;
}

/* The forecast by itself. */
static int print_forecast(struct scan *scan, FILE *f)
{
	struct diag diag = { 0 };

	forecast_print(&scan->firmware, scan->image.img ? &scan->image : NULL, f, &scan->s.style,
		       &diag);
	if (scan->s.format == FORMAT_JSON)
		fputs("\n", f);
	if (diag.code)
		report(scan->s.output ? scan->s.output : "standard output", &diag);
	scan->printed = !diag.code;
	return diag.code ? 1 : 0;
}

/* The strings of a forecast, for --gen and --list. */
static int add_forecast(struct scan *scan)
{
	struct diag diag = { 0 };

	if (forecast_add(&scan->firmware, scan->image.img ? &scan->image : NULL, &scan->set, &diag))
		report(scan->s.forecast, &diag);
	return diag.code ? 1 : 0;
}

/* All inputs, and what is done with them. Returns 1 when anything was wrong. */
static int run(struct scan *scan, FILE *f)
{
	struct settings *s = &scan->s;
	int status = 0;

	for (uint32_t i = 0; i < s->nkeep_files; i++)
		status |= scan_load_globs(scan, s->keep_files[i]);
	if (s->image && !s->loop.wanted)
		status |= scan_load_image(scan, s->image);
	if (s->forecast || s->elf)
		status |= forecast_load(&scan->firmware, s->forecast ? s->forecast : s->elf);
	if (status)
		return status;
	if (s->forecast && !s->gen && !s->list)
		return print_forecast(scan, f);
	for (uint32_t i = 0; i < s->ndumps; i++)
		status |= scan_load_dump(scan, &s->dumps[i], s->census ? f : NULL);
	if (s->loop.wanted)
		return status | loop_run(scan, f);
	if (s->rebuild.wanted)
		return status | rebuild_run(scan, f);
	for (int i = 0; i < s->nfiles; i++)
		status |= scan_load_input(scan, s->files[i]);
	if (s->forecast)
		status |= add_forecast(scan);
	if (s->live_wanted) {
		status |= live_run(&s->live, s->format == FORMAT_JSON, &scan->set, f);
		scan->printed = s->live.probe && !status;
		/* A capture is whole or it is none. */
		if (status || !s->live.capture)
			return status;
	}
	/* A file that is there is worth more than one that lacks an input. */
	if (scan->lost && s->output) {
		fprintf(stderr, "strscan: nothing is written\n");
		scan->printed = false;
		return 1;
	}
	/* Damage does not keep the rest from being of use, if there is any. */
	if (!s->census && (scan->set.count || !status))
		status |= print_result(scan, f);
	return status;
}

static int finish(const struct scan *scan, struct output *out)
{
	static const struct diag without = { .code = ERR_DAMAGED,
					     .text = "written without what is damaged" };
	const char *name = scan->s.output ? scan->s.output : "standard output";
	struct diag diag = { 0 };

	if (!scan->printed)
		output_abort(out);
	else if (scan->s.output)
		output_commit(out, &diag);
	else
		file_flush(stdout, &diag);
	if (diag.code)
		report(name, &diag);
	else if (scan->printed && scan->damaged && !scan->s.loop.wanted)
		report(name, &without);
	return diag.code ? 1 : 0;
}

static void scan_free(struct scan *scan)
{
	for (uint32_t i = 0; i < scan->nheld; i++)
		buf_free(&scan->held[i]);
	free(scan->held);
	free(scan->inputs);
	string_set_free(&scan->set);
	lua_book_close(&scan->image);
	forecast_unload(&scan->firmware);
	settings_free(&scan->s);
}

int main(int argc, char **argv)
{
	static struct scan scan;
	struct output out = { 0 };
	struct diag diag = { 0 };
	int status = 0;

	file_fill_standard();
	if (settings_read(&scan.s, argc, argv, &status)) {
		settings_free(&scan.s);
		return status;
	}
	terminal_style(&scan.s);
	if (scan.s.output && output_open(scan.s.output, &diag, &out)) {
		report(scan.s.output, &diag);
		status = 1;
	} else {
		status = run(&scan, scan.s.output ? out.stream : stdout);
		status |= finish(&scan, &out);
	}
	scan_free(&scan);
	return status;
}
