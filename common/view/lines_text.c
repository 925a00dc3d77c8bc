/* SPDX-License-Identifier: MIT */
/* What the lines of tables say, and how wide their columns are. */
#include <string.h>

#include "common/view/lines_parts.h"

enum {
	WANTED_GOOD = 48, /* columns left to a cut text, as long as others can give some */
	WANTED_MIN = 12,
	OTHERS_GOOD = 16,
	OTHERS_MIN = 8,
	TREE_GOOD = 24,
	TREE_MIN = 12,
	BAR_MIN = 6,
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
	unsigned levels = line->depth < TREE_MAX ? line->depth : TREE_MAX - 1;

	for (unsigned up = levels; up-- > 0;)
		line_tree(&l->cell, up == 0, line->tree >> up & 1, l->style.ascii);
}

/* share: of a bar's length. */
static void format_cell(struct lines *l, const struct lines_line *line, unsigned i, size_t most,
			double share)
{
	const struct view_column *column = column_at(l, i);
	struct view_cell cell;

	cell_get(l->v, l->ctx, line->row, l->columns[i], &cell, &l->scratch);
	l->cell.len = 0;
	if (cell.kind == VIEW_BYTES && cell.bytes.n > most)
		cell.bytes.n = most;
	if (column->type == VIEW_BAR && cell.kind == VIEW_DOUBLE)
		cell.d *= share;
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

static uint64_t bit(unsigned i)
{
	return UINT64_C(1) << i % 64;
}

void lines_measure(struct lines *l, const struct lines_line *line)
{
	if (line->kind != LINES_ROW)
		return;
	for (unsigned i = 0; i < l->ncolumns; i++) {
		size_t width;

		format_cell(l, line, i, LONG_CELL, 1);
		width = text_width(l->cell.data, l->cell.len);
		if (width)
			l->seen |= bit(i);
		if (width > l->natural[i]) {
			l->natural[i] = width;
			l->fitted = false;
		}
	}
}

void lines_look(struct lines *l, uint64_t from, unsigned n)
{
	struct lines_line line;

	l->seen = 0;
	for (unsigned i = 0; i < n && lines_at(l, from + i, &line); i++)
		lines_measure(l, &line);
	if (!l->seen || l->seen == l->filled)
		return;
	l->filled = l->seen;
	l->fitted = false;
}

/* Columns without a cell are left out where they are there only for their cells. */
static bool is_there(const struct lines *l, unsigned i)
{
	return l->natural[i] || !(column_at(l, i)->flags & VIEW_IF_ANY);
}

static bool is_shown(const struct lines *l, unsigned i)
{
	return is_there(l, i) && !(l->dropped & bit(i));
}

static bool is_text(const struct lines *l, unsigned i)
{
	return column_at(l, i)->type == VIEW_TEXT;
}

/* What the view is there for. */
static bool is_wanted(const struct lines *l, unsigned i)
{
	return (column_at(l, i)->flags & (VIEW_ELASTIC | VIEW_IF_ANY)) == VIEW_ELASTIC;
}

/* How wide texts may be. */
struct room {
	size_t wanted, tree, others;
};

static size_t cut(const struct lines *l, unsigned i, const struct room *room)
{
	size_t most = is_wanted(l, i) ? room->wanted : is_text(l, i) ? room->others : SIZE_MAX;

	if (is_text(l, i) && column_at(l, i)->flags & VIEW_TREE && most < room->tree)
		most = room->tree;
	return l->shown[i] < most ? l->shown[i] : most;
}

static bool fits(const struct lines *l, const struct room *room)
{
	size_t sum = 0;

	for (unsigned i = 0; i < l->ncolumns; i++)
		if (is_shown(l, i))
			sum += cut(l, i, room) + LINE_GAP;
	return sum <= l->style.width + LINE_GAP;
}

/* What is wanted has half of the width, or equal parts of more than that. */
static size_t wanted_good(const struct lines *l)
{
	unsigned parts = 1;
	size_t good;

	for (unsigned i = 0; i < l->ncolumns; i++)
		parts += is_wanted(l, i);
	good = (l->style.width + 1) / parts;
	return good > WANTED_GOOD ? WANTED_GOOD : good < WANTED_MIN ? WANTED_MIN : good;
}

static void drop(struct lines *l, const struct room *room, uint64_t which)
{
	for (unsigned i = l->ncolumns; i-- > 0 && !fits(l, room);)
		if (which & bit(i) && !is_wanted(l, i))
			l->dropped |= bit(i);
}

/* Columns that say nothing go first, then bars get shorter, then go the minor ones and bars. */
static void drop_columns(struct lines *l)
{
	const struct room whole = { ALIGN_MAX, ALIGN_MAX, ALIGN_MAX };
	const struct room good = { wanted_good(l), TREE_GOOD, OTHERS_GOOD };
	uint64_t bars = 0;
	uint64_t optional = 0;
	uint64_t minor = 0;

	for (unsigned i = 0; i < l->ncolumns; i++) {
		const struct view_column *column = column_at(l, i);

		bars |= column->type == VIEW_BAR ? bit(i) : 0;
		optional |= column->flags & VIEW_IF_ANY ? bit(i) : 0;
		minor |= column->flags & VIEW_MINOR ? bit(i) : 0;
	}
	drop(l, &whole, ~l->filled);
	for (unsigned i = 0; i < l->ncolumns; i++)
		while (bars & bit(i) && l->shown[i] > BAR_MIN && !fits(l, &whole))
			l->shown[i]--;
	drop(l, &good, optional);
	drop(l, &good, bars);
	drop(l, &good, minor);
}

static void shrink(const struct lines *l, const struct room *room, size_t *limit, size_t least)
{
	while (*limit > least && !fits(l, room))
		(*limit)--;
}

/* Long texts give first, then the others down to a few columns, then the long ones once more. */
static void fit(struct lines *l)
{
	struct room room = { ALIGN_MAX, TREE_GOOD, ALIGN_MAX };

	l->dropped = 0;
	l->fitted = true;
	for (unsigned i = 0; i < l->ncolumns; i++) {
		size_t title = column_title_width(column_at(l, i));

		l->shown[i] = l->natural[i] > title ? l->natural[i] : title;
		if (l->shown[i] > ALIGN_MAX)
			l->shown[i] = ALIGN_MAX;
	}
	if (!l->style.width)
		return;
	drop_columns(l);
	shrink(l, &room, &room.wanted, wanted_good(l));
	shrink(l, &room, &room.others, OTHERS_MIN);
	shrink(l, &room, &room.tree, TREE_MIN);
	shrink(l, &room, &room.wanted, WANTED_MIN);
	for (unsigned i = 0; i < l->ncolumns; i++)
		l->shown[i] = cut(l, i, &room);
}

static void put_cell(struct lines *l, unsigned i, struct buf *out)
{
	bool right = column_is_right(column_at(l, i));
	size_t width = text_width(l->cell.data, l->cell.len);

	if (right && width < l->shown[i])
		line_blanks(out, l->shown[i] - width);
	width = line_fit(out, &l->cell, l->shown[i], l->style.width && is_text(l, i),
			 l->style.ascii);
	line_blanks(out, (!right && width < l->shown[i] ? l->shown[i] - width : 0) + LINE_GAP);
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
		at += l->shown[i] + LINE_GAP;
		if (x < at)
			return l->columns[i];
	}
	return l->v->ncolumns;
}

static void detail_text(struct lines *l, const struct lines_line *line, struct buf *out)
{
	struct sink to = { .out = out };

	l->cell.len = 0;
	l->v->detail(l->ctx, line->row, line->part, l->bytes, &l->cell);
	line_blanks(out, LINE_DETAIL);
	escape_text_to(&to, l->cell.data, l->cell.len, true);
}

static double bar_share(const struct lines *l, unsigned i)
{
	return l->natural[i] > l->shown[i] ? (double)l->shown[i] / (double)l->natural[i] : 1;
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
			format_cell(l, line, i, LONG_CELL, bar_share(l, i));
			put_cell(l, i, out);
		}
		trim(out, start);
		break;
	}
}

void lines_whole(struct lines *l, const struct lines_line *line, struct buf *out)
{
	if (line->kind != LINES_ROW) {
		lines_text(l, line, out);
		return;
	}
	for (unsigned i = 0; i < l->ncolumns; i++) {
		format_cell(l, line, i, SIZE_MAX, 1);
		if (!l->cell.len && !is_shown(l, i))
			continue;
		buf_put(out, l->cell.data, l->cell.len);
		line_blanks(out, LINE_GAP);
	}
}
