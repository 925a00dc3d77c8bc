/* SPDX-License-Identifier: MIT */
/* What the lines of tables say, and how wide their columns are. */
#include <string.h>

#include "common/view/lines_parts.h"

enum {
	GAP = 2,
	DETAIL_INDENT = 2,
	ELASTIC_GOOD = 24, /* columns left to a cut text, as long as others can give some */
	ELASTIC_MIN = 12,
	OTHERS_MIN = 8,
	TREE_MIN = 24,
	ALIGN_MAX = 160,
	LONG_CELL = 8192, /* bytes of a text that are looked at */
	TREE_MAX = 64,
};

static const struct view_column *column_at(const struct lines *l, unsigned i)
{
	return &l->v->columns[l->columns[i]];
}

void lines_ascii(struct buf *text)
{
	struct buf out = { 0 };
	size_t i = 0;

	while (i < text->len && text->data[i] < 0x80)
		i++;
	if (i == text->len)
		return;
	for (i = 0; i < text->len; i++) {
		if (text->data[i] < 0x80)
			buf_byte(&out, text->data[i]);
		else
			buf_printf(&out, "\\x%02x", text->data[i]);
	}
	out.failed |= text->failed;
	buf_free(text);
	*text = out;
}

static void tree_lines(struct lines *l, const struct lines_line *line)
{
	static const char *const pieces[2][2][2] = { { { "│  ", "   " }, { "├─ ", "└─ " } },
						     { { "|  ", "   " }, { "|- ", "`- " } } };
	unsigned levels = line->depth < TREE_MAX ? line->depth : TREE_MAX - 1;

	for (unsigned up = levels; up-- > 0;)
		buf_str(&l->cell, pieces[l->style.ascii][up == 0][line->tree >> up & 1]);
}

static void format_cell(struct lines *l, const struct lines_line *line, unsigned i)
{
	const struct view_column *column = column_at(l, i);
	struct view_cell cell;

	cell_get(l->v, l->ctx, line->row, l->columns[i], &cell, &l->scratch);
	l->cell.len = 0;
	if (cell.kind == VIEW_BYTES && cell.bytes.n > LONG_CELL)
		cell.bytes.n = LONG_CELL;
	output_cell_text(&l->cell, column, &cell, l->style.ascii);
	if (l->style.ascii)
		lines_ascii(&l->cell);
	if (column->flags & VIEW_TREE) {
		struct buf text = l->cell;

		l->cell = (struct buf){ 0 };
		tree_lines(l, line);
		buf_put(&l->cell, text.data, text.len);
		buf_free(&text);
	}
}

void lines_measure(struct lines *l, const struct lines_line *line)
{
	if (line->kind != LINES_ROW)
		return;
	for (unsigned i = 0; i < l->ncolumns; i++) {
		size_t width;

		format_cell(l, line, i);
		width = text_width(l->cell.data, l->cell.len);
		if (width > l->natural[i]) {
			l->natural[i] = width;
			l->fitted = false;
		}
	}
}

static bool is_elastic(const struct lines *l, unsigned i)
{
	return column_at(l, i)->flags & VIEW_ELASTIC;
}

static size_t title_width(const struct lines *l, unsigned i)
{
	const char *title = column_title(column_at(l, i));

	return text_width((const uint8_t *)title, strlen(title));
}

/* Columns without a cell are left out where they are there only for their cells. */
static bool is_shown(const struct lines *l, unsigned i)
{
	return l->natural[i] || !(column_at(l, i)->flags & VIEW_IF_ANY);
}

static bool is_text(const struct lines *l, unsigned i)
{
	return column_at(l, i)->type == VIEW_TEXT && !is_elastic(l, i);
}

/* Widths with no elastic column wider than limit, no other text wider than others. */
static size_t cut(const struct lines *l, unsigned i, size_t limit, size_t others)
{
	size_t most = is_elastic(l, i) ? limit : is_text(l, i) ? others : SIZE_MAX;

	if (is_text(l, i) && column_at(l, i)->flags & VIEW_TREE && most < TREE_MIN)
		most = TREE_MIN;
	return l->shown[i] < most ? l->shown[i] : most;
}

static size_t line_width(const struct lines *l, size_t limit, size_t others)
{
	size_t sum = 0;

	for (unsigned i = 0; i < l->ncolumns; i++)
		if (is_shown(l, i))
			sum += cut(l, i, limit, others) + GAP;
	return sum > GAP ? sum - GAP : 0;
}

/* Long texts give first, then the others down to a few columns, then the long ones once more. */
static void fit(struct lines *l)
{
	size_t width = l->style.width ? l->style.width : SIZE_MAX;
	size_t limit = ALIGN_MAX;
	size_t others = ALIGN_MAX;

	for (unsigned i = 0; i < l->ncolumns; i++) {
		size_t title = title_width(l, i);

		l->shown[i] = l->natural[i] > title ? l->natural[i] : title;
		if (l->shown[i] > ALIGN_MAX)
			l->shown[i] = ALIGN_MAX;
	}
	while (limit > ELASTIC_GOOD && line_width(l, limit, others) > width)
		limit--;
	while (others > OTHERS_MIN && line_width(l, limit, others) > width)
		others--;
	while (limit > ELASTIC_MIN && line_width(l, limit, others) > width)
		limit--;
	for (unsigned i = 0; i < l->ncolumns; i++)
		l->shown[i] = cut(l, i, limit, others);
	l->fitted = true;
}

static void put_cell(struct lines *l, unsigned i, struct buf *out)
{
	bool right = column_is_right(column_at(l, i));
	size_t width = text_width(l->cell.data, l->cell.len);

	if (right && width < l->shown[i])
		line_blanks(out, l->shown[i] - width);
	width = line_fit(out, &l->cell, l->shown[i], is_elastic(l, i) || is_text(l, i),
			 l->style.ascii);
	line_blanks(out, (!right && width < l->shown[i] ? l->shown[i] - width : 0) + GAP);
}

static void trim(struct buf *out, size_t start)
{
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
}

bool lines_head(struct lines *l, struct buf *out)
{
	size_t start = out->len;

	if (l->v->record)
		return false;
	if (!l->fitted)
		fit(l);
	for (unsigned i = 0; i < l->ncolumns; i++) {
		if (!is_shown(l, i))
			continue;
		l->cell.len = 0;
		buf_str(&l->cell, column_title(column_at(l, i)));
		put_cell(l, i, out);
	}
	trim(out, start);
	return true;
}

unsigned lines_column_at(const struct lines *l, size_t x)
{
	size_t at = 0;

	for (unsigned i = 0; i < l->ncolumns; i++) {
		if (!is_shown(l, i))
			continue;
		at += l->shown[i] + GAP;
		if (x < at)
			return l->columns[i];
	}
	return l->v->ncolumns;
}

static void detail_text(struct lines *l, const struct lines_line *line, struct buf *out)
{
	struct sink to = { .out = out };

	l->cell.len = 0;
	l->v->detail(l->ctx, line->row, line->part, &l->cell);
	line_blanks(out, DETAIL_INDENT);
	escape_text_to(&to, l->cell.data, l->cell.len, true);
}

void lines_text(struct lines *l, const struct lines_line *line, struct buf *out)
{
	size_t start = out->len;

	if (!l->fitted)
		fit(l);
	switch (line->kind) {
	case LINES_BLANK: break;
	case LINES_FIELD:
		buf_put(out, l->text.data + l->fields[line->part].text, l->fields[line->part].len);
		break;
	case LINES_DETAIL: detail_text(l, line, out); break;
	case LINES_HEADING:
		if (l->v->record) {
			buf_put(out, l->text.data + l->fields[line->part].text,
				l->fields[line->part].len);
			break;
		}
		l->cell.len = 0;
		l->v->heading(l->ctx, line->row, &l->cell);
		escape_text(out, l->cell.data, l->cell.len);
		break;
	case LINES_ROW:
		for (unsigned i = 0; i < l->ncolumns; i++) {
			if (!is_shown(l, i))
				continue;
			format_cell(l, line, i);
			put_cell(l, i, out);
		}
		trim(out, start);
		break;
	}
}
