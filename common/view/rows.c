/* SPDX-License-Identifier: MIT */
/*
 * Walks a view's rows. Nothing is held of a row but its place among sorted siblings and, when a
 * tree is filtered, a byte of marks: a first walk marks matches and the rows above them.
 */
#include <stdlib.h>

#include "common/view/parts.h"

enum { MARK_KEEP = 1, MARK_LAST = 2 };

static void push_frame(struct rows *r, uint64_t parent, uint32_t depth)
{
	uint64_t count = r->v->count(r->ctx, parent);
	struct rows_frame *frame;

	if (!count)
		return;
	frame = vec_grow(&r->frames, &r->nframes, &r->frames_cap, sizeof(*frame), 1);
	if (!frame) {
		r->failed = true;
		return;
	}
	frame->parent = parent;
	frame->count = count;
	frame->depth = depth;
	frame->order = sort_children(&r->sort, parent, count);
	r->failed |= r->sort.failed;
}

static void drop_frames(struct rows *r)
{
	while (r->nframes)
		free(r->frames[--r->nframes].order);
}

void rows_rewind(struct rows *r)
{
	drop_frames(r);
	r->index = 0;
	r->last.len = 0;
	push_frame(r, VIEW_ROOT, 0);
}

/* The next row, filtered or not. */
static bool walk(struct rows *r, struct rows_row *row)
{
	struct rows_frame *frame;
	uint64_t i;

	while (r->nframes) {
		frame = &r->frames[r->nframes - 1];
		if (frame->next < frame->count)
			break;
		free(frame->order);
		r->nframes--;
	}
	if (!r->nframes)
		return false;
	i = frame->next++;
	row->id = r->v->child(r->ctx, frame->parent, frame->order ? frame->order[i].index : i);
	row->level = r->nframes - 1;
	row->depth = frame->depth;
	row->last = frame->next == frame->count;
	r->heading.len = 0;
	row->heading = r->v->heading && r->v->heading(r->ctx, row->id, &r->heading);
	push_frame(r, row->id, row->depth + !row->heading);
	return true;
}

/* Of the rows from the root down to the one walked over: its index, and its last child kept. */
struct level {
	uint64_t row, last_kept;
};

struct levels {
	struct level *items;
	uint32_t n, cap;
};

/* Marks the row at the bottom of levels, and those above it; each as the last sibling so far. */
static void mark_kept(struct levels *levels, uint32_t bottom, uint8_t *marks)
{
	uint32_t i;

	for (i = bottom + 1; i-- > 0 && !(marks[levels->items[i].row] & MARK_KEEP);) {
		struct level *level = &levels->items[i];

		if (level->last_kept != UINT64_MAX)
			marks[level->last_kept] &= (uint8_t)~MARK_LAST;
		level->last_kept = level->row;
		marks[level->row] = MARK_KEEP | MARK_LAST;
	}
}

static bool mark_row(struct rows *r, const struct rows_row *row, uint64_t index,
		     struct levels *levels)
{
	while (levels->n < row->level + 2) {
		struct level *level = vec_grow(&levels->items, &levels->n, &levels->cap,
					       sizeof(*level), 1);

		if (!level)
			return false;
		level->last_kept = UINT64_MAX;
	}
	levels->items[row->level].row = index;
	levels->items[row->level + 1].last_kept = UINT64_MAX;
	buf_byte(&r->marks, 0);
	if (r->marks.failed)
		return false;
	if (!row->heading && filter_match(&r->filter, row->id))
		mark_kept(levels, row->level, r->marks.data);
	return true;
}

static void mark_rows(struct rows *r)
{
	struct levels levels = { 0 };
	struct rows_row row;
	uint64_t index = 0;

	rows_rewind(r);
	while (!r->failed && walk(r, &row))
		if (!mark_row(r, &row, index++, &levels))
			r->failed = true;
	free(levels.items);
}

void rows_init(struct rows *r, const struct view *v, const void *ctx,
	       const struct output_style *style, bool flat)
{
	*r = (struct rows){ .v = v, .ctx = ctx, .flat = flat };
	filter_init(&r->filter, v, ctx, style->filter);
	sort_init(&r->sort, v, ctx, style->sort ? style->sort : v->sort);
	if (style->filter && !flat)
		mark_rows(r);
	rows_rewind(r);
}

void rows_free(struct rows *r)
{
	drop_frames(r);
	free(r->frames);
	sort_free(&r->sort);
	filter_free(&r->filter);
	buf_free(&r->marks);
	buf_free(&r->heading);
	buf_free(&r->last);
}

bool rows_failed(const struct rows *r)
{
	return r->failed || r->marks.failed || r->heading.failed || r->last.failed ||
	       r->sort.failed || r->sort.scratch.failed || r->sort.held.failed ||
	       r->filter.failed || r->filter.scratch.failed || r->filter.text.failed;
}

/* True when row is to be printed; index is its place in walking order. */
static bool is_kept(struct rows *r, struct rows_row *row, uint64_t index)
{
	if (r->flat)
		return !row->heading && filter_match(&r->filter, row->id);
	if (!r->filter.glob)
		return true;
	row->last = index < r->marks.len && r->marks.data[index] & MARK_LAST;
	return index < r->marks.len && r->marks.data[index] & MARK_KEEP;
}

bool rows_next(struct rows *r, struct rows_row *row)
{
	while (walk(r, row)) {
		if (!is_kept(r, row, r->index++))
			continue;
		if (!r->flat && !row->heading) {
			if (row->depth < r->last.len)
				r->last.len = row->depth;
			buf_byte(&r->last, row->last);
		}
		return true;
	}
	return false;
}
