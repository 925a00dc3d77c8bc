/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/view_check.h"
#include "common/view/escape.h"
#include "strscan/rebuild_job.h"

enum { MODULES_OF_LUAC = 50 };

enum {
	R_MOVED,
	R_FREED,
	R_LEFT,
	R_REGION,
	R_USED,
	R_DEBUG,
	R_LAYOUT,
	R_FIXED,
	R_LIMIT,
	R_VERDICT,
	R_COLUMNS
};

static const struct view_column result_columns[] = {
	[R_MOVED] = { "strings_moved", "strings moved", VIEW_COUNT, 0,
		      "strings of captures and of dummy_strings that flash holds now, and did "
		      "not" },
	[R_FREED] = { "ram_freed", "RAM freed (estimate)", VIEW_SIZE, 0,
		      "bytes that these strings took in a device's heap" },
	[R_LEFT] = { "left_out", "left out", VIEW_TEXT, 0, "strings of captures, by reason" },
	[R_REGION] = { "region", "LFS region", VIEW_SIZE, 0, "bytes of the partition, when known" },
	[R_USED] = { "region_used", "region used", VIEW_SHARE, 0, "what the image takes of it" },
	[R_DEBUG] = { "debug_data", "debug data", VIEW_TEXT, 0,
		      "what is left of lines and of names of locals and upvalues" },
	[R_LAYOUT] = { "layout", NULL, VIEW_TEXT, 0,
		       "that of the image to start from, or a new one; 5.3 for the loader: null" },
	[R_FIXED] = { "fixed_strings", "fixed strings", VIEW_TEXT, 0,
		      "5.3: that they are numbered as the device has them, when they are" },
	[R_LIMIT] = { "limit", "limits", VIEW_TEXT, 0,
		      "what limits remain with more modules than luac.cross can link" },
	[R_VERDICT] = { "verdict", NULL, VIEW_TEXT, VIEW_NO_JSON, "as lfsdump --check has it" },
};

static const char *verdict_word(const struct check_report *r)
{
	return r->refused ? "refused" : r->bad ? "not safe" : "accepted";
}

/* In the words of lfsdump --check. */
static void put_verdict(const struct rebuild_result *r, struct buf *out)
{
	const struct check_target *t = &r->job->target;

	buf_printf(out, "%s %s ", verdict_word(r->found),
		   r->found->bad && !r->found->refused ? "for" : "by");
	if (t->known)
		escape_text(out, (const uint8_t *)t->name, strlen(t->name));
	else
		buf_str(out, "the firmware it was made for");
	if (!r->found->bad && r->book->img->traits.form == LUA_FORM_ABSOLUTE)
		buf_str(out, " when written to flash");
}

static void put_limit(const struct lua_image *img, struct buf *out)
{
	uint32_t most = img->traits.version == LUA_51 ? LUA_LINK_MAX51 : LUA_LINK_MAX53;

	buf_printf(out,
		   "%" PRIu32 " modules; luac.cross stops at %d, the device does not: %" PRIu32
		   " are possible, as far as the region holds them",
		   img->nmodules, MODULES_OF_LUAC, most);
}

static const char *debug_words(const struct job *job)
{
	static const char *const words[] = { "kept (--strip none)", "lines (--strip locals)",
					     "none (--strip all)" };

	if (job->r->has_strip)
		return words[job->r->strip];
	if (!job_has_sources(job))
		return "as the inputs have it";
	return sources_strip(job) ? "as the inputs have it; of sources: lines, as of luac.cross"
				  : "as the inputs have it; of sources: all, as of luac.cross";
}

static const char *layout_words(const struct job *job)
{
	if (job->unchanged)
		return "kept";
	if (job->options.traits.form == LUA_FORM_PORTABLE)
		return "";
	return job->options.share ? "new; equal code, constants and names stored once"
	       : job->r->as_luac  ? "as of luac.cross"
				  : "new";
}

static void result_text(const struct rebuild_result *r, unsigned column, struct buf *out)
{
	const struct lua_image *img = r->book->img;

	switch (column) {
	case R_LEFT: string_totals_dropped(&r->job->left_out, out); break;
	case R_DEBUG: buf_str(out, debug_words(r->job)); break;
	case R_LAYOUT: buf_str(out, layout_words(r->job)); break;
	case R_FIXED:
		if (img->traits.version == LUA_53 && img->header.fixed_count > FIXED53_STOCK)
			buf_str(out, "numbered as the device has them");
		break;
	case R_LIMIT:
		if (img->nmodules > MODULES_OF_LUAC)
			put_limit(img, out);
		break;
	case R_VERDICT: put_verdict(r, out); break;
	default: break;
	}
}

static void result_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct rebuild_result *r = ctx;
	uint32_t region = r->job->target.region;

	(void)row;
	switch (column) {
	case R_MOVED: view_int(c, r->moved); break;
	case R_FREED: view_int(c, (int64_t)r->freed); break;
	case R_REGION:
		if (region)
			view_int(c, region);
		break;
	case R_USED:
		if (region)
			view_real(c, (double)r->book->img->flash_size / region);
		break;
	default:
		result_text(r, column, scratch);
		if (scratch->len)
			view_bytes(c, scratch->data, scratch->len);
		break;
	}
}

static const struct view result_view = {
	.name = "result",
	.help = "what was won, and what the device will say",
	.columns = result_columns,
	.ncolumns = R_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = result_cell,
};

static uint32_t *find_places(const struct job *job)
{
	uint32_t *place = calloc((size_t)job->count + 1, sizeof(*place));
	uint32_t n = 0;

	for (uint32_t i = 0; place && i < job->count; i++)
		place[i] = job->modules[i].status == MODULE_REMOVED ? LUA_NONE : n++;
	return place;
}

static void print_view(const struct rebuild_result *r, const struct view *v, const void *ctx,
		       FILE *f, struct diag *diag)
{
	const struct output_style *style = &r->job->scan->s.style;

	if (style->form == OUTPUT_JSON)
		fprintf(f, ",\"%s\":", v->name);
	else if (v != &rebuild_modules_view)
		fputc('\n', f);
	output_view(f, v, ctx, style, diag);
}

static enum err print_text(const struct rebuild_result *r, FILE *f, struct diag *diag)
{
	print_view(r, &rebuild_modules_view, r, f, diag);
	print_view(r, &rebuild_sizes_view, r, f, diag);
	print_view(r, &result_view, r, f, diag);
	if (r->found->count)
		print_view(r, &lua_view_check, r->found, f, diag);
	return diag->code;
}

static enum err print_json(const struct rebuild_result *r, FILE *f, struct diag *diag)
{
	const char *target = r->job->target.name;
	struct buf out = { 0 };

	buf_str(&out, "{\"rebuild\":1,\"target\":");
	if (r->job->target.known)
		escape_json(&out, (const uint8_t *)target, strlen(target));
	else
		buf_str(&out, "null");
	buf_printf(&out, ",\"verdict\":\"%s\",\"result\":", verdict_word(r->found));
	output_json_row(&out, &result_view, r, 0);
	if (out.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	fwrite(out.data, 1, out.len, f);
	buf_free(&out);
	print_view(r, &rebuild_modules_view, r, f, diag);
	print_view(r, &rebuild_sizes_view, r, f, diag);
	print_view(r, &lua_view_check, r->found, f, diag);
	fputs("}\n", f);
	return diag->code;
}

enum err job_report(const struct job *job, const struct lua_book *book,
		    const struct check_report *found, FILE *f, struct diag *diag)
{
	struct rebuild_result r = {
		.job = job, .book = book, .found = found, .place = find_places(job)
	};

	struct diag unwritten = { 0 };

	if (!r.place)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (strings_count(job, book->img, diag, &r.moved, &r.freed)) {
		free(r.place);
		return diag->code;
	}
	if (job->scan->s.style.form == OUTPUT_JSON)
		print_json(&r, f, diag);
	else
		print_text(&r, f, diag);
	if (file_flush(f, &unwritten))
		diag_fail(diag, ERR_IO, "the report cannot be written: %.120s", unwritten.text);
	free(r.place);
	return diag->code;
}
