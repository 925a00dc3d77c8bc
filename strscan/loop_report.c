/* SPDX-License-Identifier: MIT */
#include "common/view/escape.h"
#include "common/view/output.h"
#include "strscan/loop_job.h"

/* An upload */

enum { U_NAME, U_SIZE, U_THERE, U_HAD, U_SENT, U_SECONDS, U_RATE, U_WAY, U_SUM, U_OLD, U_COLUMNS };

static const struct view_column upload_columns[] = {
	[U_NAME] = { "file", NULL, VIEW_TEXT, 0, "name on the device" },
	[U_SIZE] = { "size", NULL, VIEW_SIZE, 0, "bytes" },
	[U_THERE] = { "there", "was there already", VIEW_BOOL, 0, "nothing had to be sent" },
	[U_HAD] = { "had", "sent before", VIEW_SIZE, 0, "bytes that an earlier run had sent" },
	[U_SENT] = { "sent", NULL, VIEW_SIZE, 0, "bytes, with those that were sent again" },
	[U_SECONDS] = { "seconds", NULL, VIEW_REAL, 0, "that it took to send them" },
	[U_RATE] = { "rate", "bytes a second", VIEW_SIZE, 0, "of the file" },
	[U_WAY] = { "way", "sent as", VIEW_TEXT, 0, "plain (bytes as they are), base64 or hex" },
	[U_SUM] = { "sum", "compared by", VIEW_TEXT, 0, "what the device made of the whole file" },
	[U_OLD] = { "old", "replaced, kept as", VIEW_TEXT, 0, "for --restore" },
};

static void upload_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct loop_upload *up = ctx;
	double seconds = (double)up->r.ns / (double)PORT_SECOND;

	(void)row;
	(void)scratch;
	switch (column) {
	case U_NAME: view_text(c, up->name); break;
	case U_SIZE: view_int(c, (int64_t)up->size); break;
	case U_THERE: view_bool(c, up->there); break;
	case U_HAD: view_int(c, (int64_t)up->r.had); break;
	case U_SENT: view_int(c, (int64_t)up->r.sent); break;
	/* NOLINTNEXTLINE(bugprone-integer-division): whole milliseconds */
	case U_SECONDS: view_real(c, (double)(up->r.ns / PORT_MS) / 1000); break;
	case U_RATE:
		if (up->r.ns > 0)
			view_int(c, (int64_t)((double)(up->size - up->r.had) / seconds));
		break;
	case U_WAY: view_text(c, up->r.way); break;
	case U_SUM: view_text(c, up->r.sum); break;
	case U_OLD: view_text(c, up->old); break;
	default: break;
	}
}

const struct view loop_upload_view = {
	.name = "upload",
	.title = "Upload",
	.help = "a file that is on the device now",
	.columns = upload_columns,
	.ncolumns = U_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = upload_cell,
};

/* A reload */

enum { R_NAME, R_SAID, R_COLUMNS };

static const struct view_column reload_columns[] = {
	[R_NAME] = { "file", NULL, VIEW_TEXT, 0, "name on the device" },
	[R_SAID] = { "end", NULL, VIEW_TEXT, 0, "what has become of the device" },
};

static void reload_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct loop_reload *r = ctx;

	(void)row;
	(void)scratch;
	if (column == R_NAME)
		view_text(c, r->name);
	else
		view_text(c, "has restarted");
}

const struct view loop_reload_view = {
	.name = "reload",
	.title = "Reload",
	.help = "an image that the device was told to load",
	.columns = reload_columns,
	.ncolumns = R_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = reload_cell,
};

/* A comparison */

enum { V_WHAT, V_IMAGE, V_DEVICE, V_SAME, V_COLUMNS };

static const struct view_column verify_columns[] = {
	[V_WHAT] = { "what", "compared", VIEW_TEXT, 0, "what the device can tell of its image" },
	[V_IMAGE] = { "image", "image", VIEW_TEXT, 0, "in the file" },
	[V_DEVICE] = { "device", "device", VIEW_TEXT, 0, "in the device" },
	[V_SAME] = { "same", "", VIEW_TEXT, 0, "same, different, or not known" },
};

static uint64_t verify_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? LFS_ROWS : 0;
}

static void verify_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	static const char *const words[] = { "not known", "same", "different" };
	const struct lfs_row *r = &((const struct lfs_report *)ctx)->rows[row];
	const struct buf *side = column == V_IMAGE ? &r->image : &r->device;

	(void)scratch;
	if (column == V_WHAT)
		view_text(c, lfs_words[row]);
	else if (column == V_SAME)
		view_text(c, words[r->same]);
	else if (side->len)
		view_bytes(c, side->data, side->len);
}

const struct view loop_verify_view = {
	.name = "verify",
	.title = "The image in the device",
	.help = "an image and the one in the device; code and numbers cannot be read back",
	.columns = verify_columns,
	.ncolumns = V_COLUMNS,
	.count = verify_count,
	.child = view_nth,
	.cell = verify_cell,
};

/* Gains */

enum { G_WHAT, G_BEFORE, G_AFTER, G_CHANGE, G_COLUMNS };

static const struct view_column gain_columns[] = {
	[G_WHAT] = { "what", "", VIEW_TEXT, 0, "what is counted on the device" },
	[G_BEFORE] = { "before", NULL, VIEW_SIZE, 0, "with the image that was in it" },
	[G_AFTER] = { "after", NULL, VIEW_SIZE, 0, "with the new one" },
	[G_CHANGE] = { "change", NULL, VIEW_CHANGE, 0, "how much more or less" },
};

static uint64_t gain_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? GAINS : 0;
}

static void gain_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	static const char *const words[GAINS] = { "bytes of heap free", "strings in RAM",
						  "bytes of their texts",
						  "bytes of RAM they take" };
	const struct loop_gain *g = (const struct loop_gain *)ctx + row;

	(void)scratch;
	if (column == G_WHAT)
		view_text(c, words[row]);
	else if (column == G_BEFORE && g->before >= 0)
		view_int(c, g->before);
	else if (column == G_AFTER && g->after >= 0)
		view_int(c, g->after);
	else if (column == G_CHANGE && g->before >= 0 && g->after >= 0)
		view_int(c, g->after - g->before);
}

const struct view loop_gain_view = {
	.name = "gain",
	.title = "What it won",
	.help = "the device before and after",
	.columns = gain_columns,
	.ncolumns = G_COLUMNS,
	.count = gain_count,
	.child = view_nth,
	.cell = gain_cell,
};

/* The report */

static bool is_json(const struct loop_job *job)
{
	return job->scan->s.style.form == OUTPUT_JSON;
}

void loop_begin_section(struct loop_job *job, const char *name)
{
	if (is_json(job))
		fprintf(job->f, "%s\"%s\":", job->sections ? "," : "{", name);
	else if (job->sections)
		fputc('\n', job->f);
	job->sections++;
}

void loop_section(struct loop_job *job, const struct view *v, const void *ctx, struct diag *diag)
{
	struct buf row = { 0 };

	loop_begin_section(job, v->name);
	if (is_json(job) && v->record) {
		output_json_row(&row, v, ctx, 0);
		if (row.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		fwrite(row.data, 1, row.len, job->f);
		buf_free(&row);
	} else {
		output_view(job->f, v, ctx, &job->scan->s.style, diag);
	}
	fflush(job->f);
}

void loop_end(struct loop_job *job, bool good)
{
	if (is_json(job))
		fprintf(job->f, ",\"ok\":%s}\n", good ? "true" : "false");
	fflush(job->f);
}
