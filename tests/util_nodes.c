/* SPDX-License-Identifier: MIT */
#include "tests/util_nodes.h"

#include <math.h>
#include <string.h>

const struct node nodes[NNODES] = {
	{ "app", -1, 11720, 1, 2 },
	{ "zeta\x1b[31m\n", 0, 7000, 0.5972, 0 },
	{ "alpha", 0, 4720, 0.4028, 1 },
	{ "x\xff" TEXT_MARK "\xe6\x97\xa5|<b>", 2, 70, 0.006, 0 },
	{ "=cmd|'/C calc'!A0", 2, 700, 0.06, 0 },
	{ "l\"q,u\\o", -1, -1, 0.0001, 3 },
};

static uint64_t node_child(const void *ctx, uint64_t row, uint64_t i)
{
	uint64_t n;
	int up = row == VIEW_ROOT ? -1 : (int)row;

	(void)ctx;
	for (n = 0; n < NNODES; n++)
		if (nodes[n].up == up && i-- == 0)
			return n;
	return VIEW_ROOT;
}

static uint64_t node_count(const void *ctx, uint64_t row)
{
	uint64_t n = 0;

	while (node_child(ctx, row, n) != VIEW_ROOT)
		n++;
	return n;
}

static void ref_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		     struct buf *scratch)
{
	(void)ctx;
	(void)scratch;
	view_int(c, column ? (int64_t)row : -(int64_t)row);
}

static const struct view_column ref_columns[] = {
	{ .name = "at", .type = VIEW_COUNT },
	{ .name = "twin", .type = VIEW_COUNT, .flags = VIEW_NO_JSON },
};
static const struct view refs = {
	.name = "refs", .columns = ref_columns, .ncolumns = 2, .cell = ref_cell
};

static const struct view_column node_columns[NCOLUMNS] = {
	[C_NAME] = { "name", "Name", VIEW_TEXT, VIEW_TREE | VIEW_ELASTIC, "what it is called" },
	[C_SIZE] = { "size", "Size", VIEW_SIZE, 0, "bytes" },
	[C_AT] = { "at", "At", VIEW_HEX, 0, NULL },
	[C_REAL] = { "ratio", "Ratio", VIEW_REAL, VIEW_HIDDEN, NULL },
	[C_BOOL] = { "ok", NULL, VIEW_BOOL, 0, NULL },
	[C_TIME] = { "built", "Built", VIEW_TIME, VIEW_HIDDEN, NULL },
	[C_SHARE] = { "share", "Share", VIEW_SHARE, 0, NULL },
	[C_BAR] = { "bar", "", VIEW_BAR, 0, NULL },
	[C_REFS] = { "refs", "Refs", VIEW_LIST, 0, NULL },
	[C_NOTE] = { "note", "Note", VIEW_TEXT, VIEW_HIDDEN, NULL },
	[C_TWIN] = { "twin", "Twin", VIEW_TEXT, VIEW_HIDDEN | VIEW_NO_JSON, NULL },
	[C_PAIR] = { "pair", "Pair", VIEW_COUNT, VIEW_JSON_ONLY, NULL },
};

static void node_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	static const double reals[] = { 1, 0.1 + 0.2, NAN, INFINITY, 1e300, -0.5 };
	const struct node *n = &nodes[row];

	(void)ctx;
	switch (column) {
	case C_NAME:
	case C_TWIN:
		buf_str(scratch, n->name);
		view_bytes(c, scratch->data, scratch->len);
		break;
	case C_SIZE:
		if (n->size >= 0)
			view_int(c, n->size);
		break;
	case C_AT: view_int(c, 0x1c0 + (int64_t)row); break;
	case C_REAL: view_real(c, reals[row]); break;
	case C_BOOL: view_bool(c, row % 2); break;
	case C_TIME: view_int(c, 1795257575 + (int64_t)row); break;
	case C_SHARE:
	case C_BAR: view_real(c, n->share); break;
	case C_REFS:
		c->kind = VIEW_ROWS;
		c->rows.view = &refs;
		c->rows.first = row * 10;
		c->rows.count = n->nrefs;
		break;
	case C_PAIR: view_int(c, (int64_t)row / 2); break;
	default: break;
	}
}

const struct view node_tree = {
	.name = "nodes",
	.title = "Nodes",
	.columns = node_columns,
	.ncolumns = NCOLUMNS,
	.count = node_count,
	.child = node_child,
	.cell = node_cell,
};

static bool node_heading(const void *ctx, uint64_t row, struct buf *out)
{
	(void)ctx;
	if (nodes[row].up >= 0)
		return false;
	buf_str(out, nodes[row].name);
	return true;
}

struct view node_groups(struct view_column *columns)
{
	struct view v = node_tree;

	memcpy(columns, node_columns, NCOLUMNS * sizeof(*columns));
	columns[C_AT].flags = VIEW_CONTEXT;
	v.columns = columns;
	v.heading = node_heading;
	return v;
}

static uint64_t pair_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT || row < 2 ? 2 : 0;
}

static uint64_t pair_child(const void *ctx, uint64_t row, uint64_t i)
{
	(void)ctx;
	return row == VIEW_ROOT ? i : 2 + row * 2 + i;
}

static void pair_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	static const char *const names[] = { "a", "b", "ax", "ay", "bx", "by" };
	static const char *const values[] = { "1", NULL, "2", NULL, NULL, NULL };
	static const int numbers[] = { 0, 3, 0, 20, 4, 5 };
	const char *text = column ? values[row] : names[row];

	(void)ctx;
	(void)scratch;
	if (text)
		view_bytes(c, text, strlen(text));
	else
		view_int(c, numbers[row]);
}

static const struct view_column pair_columns[] = {
	{ .name = "name", .title = "Name", .type = VIEW_TEXT, .flags = VIEW_TREE },
	{ .name = "value", .type = VIEW_TEXT },
};

const struct view pair_tree = {
	.name = "pairs",
	.title = "Pairs",
	.columns = pair_columns,
	.ncolumns = 2,
	.count = pair_count,
	.child = pair_child,
	.cell = pair_cell,
};

int64_t many_key(uint64_t row)
{
	return (int64_t)(row * 2654435761u % 4099) - 2000;
}

static uint64_t many_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? NMANY : 0;
}

static uint64_t many_child(const void *ctx, uint64_t row, uint64_t i)
{
	(void)ctx;
	(void)row;
	return i;
}

static void many_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	(void)ctx;
	if (column == 0)
		view_int(c, (int64_t)row);
	else if (column == 1)
		view_int(c, many_key(row));
	else if (column == 2)
		view_real(c, (double)many_key(row) / 1e3);
	else
		buf_printf(scratch, "text %05d", (int)many_key(row) + 2000);
	if (column == 3)
		view_bytes(c, scratch->data, scratch->len);
}

static const struct view_column many_columns[] = { { .name = "id", .type = VIEW_COUNT },
						   { .name = "int", .type = VIEW_COUNT },
						   { .name = "real", .type = VIEW_REAL },
						   { .name = "text", .type = VIEW_TEXT } };

const struct view many_view = {
	.name = "many",
	.columns = many_columns,
	.ncolumns = 4,
	.count = many_count,
	.child = many_child,
	.cell = many_cell,
};

static void long_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		      struct buf *scratch)
{
	static const char text[] = "\xf0\x9f\x98\x80\xe6\x97\xa5\xc3\xbc\x80\x80";

	(void)ctx;
	(void)column;
	while (scratch->len < 100000) /* row: shifts characters against any border */
		buf_put(scratch, text + row, sizeof(text) - 1 - row);
	view_bytes(c, scratch->data, scratch->len);
}

static uint64_t long_count(const void *ctx, uint64_t row)
{
	(void)ctx;
	return row == VIEW_ROOT ? 4 : 0;
}

const struct view long_view = {
	.columns = node_columns,
	.ncolumns = 1,
	.count = long_count,
	.child = view_nth,
	.cell = long_cell,
};
