/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/view/parts.h"

#define CHUNK 16384 /* bytes of a string escaped at a time */

struct json {
	struct buf *out;
	FILE *f; /* NULL: all stays in out */
	const void *ctx;
	struct buf scratch;
};

static void json_drain(struct json *j)
{
	if (j->f)
		drain(j->f, j->out, DRAIN_SIZE);
}

static void json_real(struct buf *out, double d)
{
	size_t start = out->len;

	double_text(out, d);
	if (out->failed)
		return;
	if (memchr(out->data + start, 'n', out->len - start)) {
		out->len = start;
		buf_byte(out, '"');
		double_text(out, d);
		buf_byte(out, '"');
	} else if (!memchr(out->data + start, '.', out->len - start) &&
		   !memchr(out->data + start, 'e', out->len - start)) {
		buf_str(out, ".0");
	}
}

static bool is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* In pieces, for a string may be as long as its file; no character is torn apart. */
static void json_string(struct json *j, const uint8_t *p, size_t n)
{
	buf_byte(j->out, '"');
	while (n > CHUNK) {
		size_t piece = CHUNK;

		while (piece > CHUNK - 3 && is_continuation(p[piece]))
			piece--;
		if (is_continuation(p[piece]))
			piece = CHUNK; /* no character is that long: these are stray bytes */
		escape_json_body(j->out, p, piece);
		json_drain(j);
		p += piece;
		n -= piece;
	}
	escape_json_body(j->out, p, n);
	buf_byte(j->out, '"');
}

static void json_list(struct json *j, const struct view *v, uint64_t first, uint32_t count);

static void json_value(struct json *j, const struct view *v, uint64_t row, unsigned column)
{
	struct view_cell cell;

	cell_get(v, j->ctx, row, column, &cell, &j->scratch);
	switch (cell.kind) {
	case VIEW_EMPTY: buf_str(j->out, "null"); break;
	case VIEW_BYTES: json_string(j, cell.bytes.p, cell.bytes.n); break;
	case VIEW_INT: buf_int(j->out, cell.i); break;
	case VIEW_DOUBLE: json_real(j->out, cell.d); break;
	case VIEW_BOOLEAN: buf_str(j->out, cell.b ? "true" : "false"); break;
	case VIEW_ROWS: json_list(j, cell.rows.view, cell.rows.first, cell.rows.count); break;
	}
}

/* columns NULL: those that JSON has by default. */
static void json_object(struct json *j, const struct view *v, uint64_t row, const unsigned *columns,
			unsigned ncolumns)
{
	unsigned i, n = columns ? ncolumns : v->ncolumns;
	bool comma = false;

	buf_byte(j->out, '{');
	for (i = 0; i < n; i++) {
		unsigned column = columns ? columns[i] : i;
		const char *name = v->columns[column].name;

		if (!columns && !column_in_json(&v->columns[column]))
			continue;
		buf_str(j->out, comma ? "," : "");
		escape_json(j->out, (const uint8_t *)name, strlen(name));
		buf_byte(j->out, ':');
		json_value(j, v, row, column);
		comma = true;
	}
	buf_byte(j->out, '}');
	json_drain(j);
}

/* The only column of v that JSON has, or ncolumns. */
static unsigned single_column(const struct view *v)
{
	unsigned i, found = v->ncolumns, n = 0;

	for (i = 0; i < v->ncolumns; i++) {
		if (column_in_json(&v->columns[i])) {
			found = i;
			n++;
		}
	}
	return n == 1 ? found : v->ncolumns;
}

static void json_list(struct json *j, const struct view *v, uint64_t first, uint32_t count)
{
	unsigned bare = single_column(v);
	uint32_t i;

	buf_byte(j->out, '[');
	for (i = 0; i < count; i++) {
		buf_str(j->out, i ? "," : "");
		if (bare < v->ncolumns)
			json_value(j, v, first + i, bare);
		else
			json_object(j, v, first + i, NULL, 0);
		json_drain(j);
	}
	buf_byte(j->out, ']');
}

static void json_array(struct json *j, struct rows *rows, const unsigned *columns,
		       unsigned ncolumns)
{
	struct rows_row row;
	bool comma = false;

	buf_byte(j->out, '[');
	while (rows_next(rows, &row)) {
		buf_str(j->out, comma ? "," : "");
		json_object(j, rows->v, row.id, columns, ncolumns);
		comma = true;
	}
	buf_byte(j->out, ']');
}

void json_print(struct printing *p)
{
	struct json j = { .out = &p->out, .f = p->f, .ctx = p->ctx };

	json_array(&j, &p->rows, p->columns, p->ncolumns);
	p->scratch.failed |= j.scratch.failed;
	buf_free(&j.scratch);
}

void output_json_row(struct buf *out, const struct view *v, const void *ctx, uint64_t row)
{
	struct json j = { .out = out, .ctx = ctx };

	json_object(&j, v, row, NULL, 0);
	out->failed |= j.scratch.failed;
	buf_free(&j.scratch);
}
