/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/view/parts.h"

#define BAR_WIDTH 24

void cell_get(const struct view *v, const void *ctx, uint64_t row, unsigned column,
	      struct view_cell *cell, struct buf *scratch)
{
	scratch->len = 0;
	*cell = (struct view_cell){ .kind = VIEW_EMPTY };
	v->cell(ctx, row, column, cell, scratch);
}

static void unsigned_text(struct buf *out, uint64_t u, unsigned group)
{
	uint8_t text[40];
	size_t at = sizeof(text);
	unsigned digits = 0;

	do {
		if (group && digits && digits % group == 0)
			text[--at] = ',';
		text[--at] = (uint8_t)('0' + u % 10);
		u /= 10;
		digits++;
	} while (u);
	buf_put(out, text + at, sizeof(text) - at);
}

/* As printf("0x%x") does, which takes longer than all else of a cell. */
static void hex_text(struct buf *out, uint64_t u)
{
	uint8_t text[2 + 16];
	size_t at = sizeof(text);

	do {
		text[--at] = (uint8_t) "0123456789abcdef"[u & 15];
		u >>= 4;
	} while (u);
	text[--at] = 'x';
	text[--at] = '0';
	buf_put(out, text + at, sizeof(text) - at);
}

static void signed_text(struct buf *out, int64_t i, unsigned group)
{
	if (i < 0)
		buf_byte(out, '-');
	unsigned_text(out, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, group);
}

void double_text(struct buf *out, double d)
{
	char text[64];
	int precision;
	const char *p;
	bool point = false;

	if (isnan(d) || isinf(d)) {
		buf_str(out, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
		return;
	}
	for (precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	/* What is none of these is the decimal point of the locale, maybe of several bytes. */
	for (p = text; *p; p++) {
		bool known = strchr("0123456789+-e", *p) != NULL;

		if (known || !point)
			buf_byte(out, known ? (uint8_t)*p : '.');
		point |= !known;
	}
}

static void time_text(struct buf *out, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[64];

	if (t == seconds && gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		buf_str(out, text);
	else
		buf_int(out, seconds);
}

/* d (0...1) in units of scale, rounded; for numbers that must not depend on the locale. */
static uint64_t scaled(double d, double scale)
{
	if (!(d > 0))
		return 0;
	return (uint64_t)((d < 1e6 ? d : 1e6) * scale + 0.5);
}

static void share_text(struct buf *out, double d, bool data)
{
	uint64_t units = scaled(d, data ? 10000 : 1000);

	if (data)
		buf_printf(out, "%" PRIu64 ".%04" PRIu64, units / 10000, units % 10000);
	else
		buf_printf(out, "%" PRIu64 ".%" PRIu64 " %%", units / 10, units % 10);
}

static void bar_text(struct buf *out, double d, bool ascii)
{
	uint64_t steps = ascii ? 1 : 8;
	uint64_t length = scaled(d < 1 ? d : d >= 1 ? 1 : 0, (double)(BAR_WIDTH * steps));
	uint64_t i;

	if (!length && d > 0)
		length = 1; /* a little is not nothing */
	for (i = 0; i < length / steps; i++)
		buf_str(out, ascii ? "#" : "█");
	if (length % steps) { /* U+2588 is the full block, U+258F an eighth of it */
		const uint8_t block[3] = { 0xe2, 0x96, (uint8_t)(0x90 - length % steps) };

		buf_put(out, block, sizeof(block));
	}
}

static void number_text(struct buf *out, enum view_type type, double d,
			const struct cell_style *style)
{
	if (type == VIEW_SHARE && isfinite(d))
		share_text(out, d, style->data);
	else if (type == VIEW_BAR)
		bar_text(out, d, style->ascii);
	else
		double_text(out, d);
}

static void sized_text(struct buf *out, enum view_type type, int64_t i,
		       const struct cell_style *style)
{
	bool grouped = type == VIEW_SIZE || type == VIEW_CHANGE;

	if (type == VIEW_CHANGE && i > 0 && !style->data)
		buf_byte(out, '+');
	signed_text(out, i, grouped && !style->data ? 3 : 0);
}

static void integer_text(struct buf *out, enum view_type type, int64_t i,
			 const struct cell_style *style)
{
	if (type == VIEW_HEX)
		hex_text(out, (uint64_t)i);
	else if (type == VIEW_TIME)
		time_text(out, i);
	else if (type == VIEW_SHARE || type == VIEW_BAR)
		number_text(out, type, (double)i, style);
	else
		sized_text(out, type, i, style);
}

void cell_text(struct sink *to, const struct view_column *column, const struct view_cell *cell,
	       const struct cell_style *style)
{
	struct buf *out = to->out;

	switch (cell->kind) {
	case VIEW_EMPTY: break;
	case VIEW_BYTES:
		style->escape(to, cell->bytes.p, cell->bytes.n, column->flags & VIEW_SOURCE);
		break;
	case VIEW_INT: integer_text(out, column->type, cell->i, style); break;
	case VIEW_DOUBLE: number_text(out, column->type, cell->d, style); break;
	case VIEW_BOOLEAN: buf_str(out, cell->b ? "yes" : "no"); break;
	case VIEW_ROWS: unsigned_text(out, cell->rows.count, 0); break;
	}
}

void output_cell_text(struct buf *out, const struct view_column *column,
		      const struct view_cell *cell, bool ascii)
{
	const struct cell_style style = { .ascii = ascii, .escape = escape_text_to };

	cell_text(&(struct sink){ .out = out }, column, cell, &style);
}
