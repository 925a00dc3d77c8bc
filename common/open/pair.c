/* SPDX-License-Identifier: MIT */
/*
 * Instructions are matched by what they do, the numbers of constants aside; the longest common
 * subsequence, where it can be had in reasonable time.
 */
#include "common/open/pair.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/listing.h"
#include "common/lua/view_items.h"
#include "common/open/image.h"

enum { CELLS_MAX = 4 << 20 }; /* of the table of lengths */

struct open_pair {
	const struct lua_book *book[2];
	uint32_t proto[2];
	uint32_t n[2];
	uint64_t *keys[2]; /* hashes of the instructions */
	struct pair_row {
		uint32_t pc[2]; /* LUA_NONE: nothing on that side */
	} * rows;
	uint32_t count, cap;
	bool failed;
};

static uint64_t hash(const struct buf *b)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < b->len; i++)
		h = (h ^ b->data[i]) * UINT64_C(1099511628211);
	return h;
}

static void instruction(const struct lua_image *img, uint32_t proto, uint32_t pc, bool key,
			struct buf *out)
{
	struct lua_insn insn = lua_decode(lua_dialect_of(img->traits.version),
					  lua_word(&img->protos[proto], pc));
	bool jump = lua_jump_target(img, proto, pc) != LUA_NONE;
	struct buf comment = { 0 };

	if (lua_is_extra_word(img, proto, pc) || !insn.op) {
		buf_printf(out, "(data) %u", lua_word(&img->protos[proto], pc));
		return;
	}
	buf_str(out, insn.op->name);
	if (!key || insn.op->b != LUA_ARG_PROTO)
		lua_comment(img, proto, pc, &comment);
	if (key && comment.len && !jump) {
		buf_printf(out, " %u ", insn.a);
	} else {
		buf_byte(out, ' ');
		lua_operands(img, &insn, out);
	}
	if (comment.len && !(key && jump)) {
		buf_str(out, "  ; ");
		buf_put(out, comment.data, comment.len);
	}
	buf_free(&comment);
}

static bool make_keys(struct open_pair *p, unsigned side)
{
	const struct lua_image *img = p->book[side]->img;
	struct buf text = { 0 };

	p->n[side] = p->proto[side] == LUA_NONE ? 0 : img->protos[p->proto[side]].ncode;
	p->keys[side] = malloc(((size_t)p->n[side] + 1) * sizeof(*p->keys[side]));
	for (uint32_t pc = 0; p->keys[side] && pc < p->n[side]; pc++) {
		text.len = 0;
		instruction(img, p->proto[side], pc, true, &text);
		p->keys[side][pc] = hash(&text);
	}
	buf_free(&text);
	return p->keys[side] != NULL;
}

static void add_row(struct open_pair *p, uint32_t old, uint32_t now)
{
	struct pair_row *row = vec_grow(&p->rows, &p->count, &p->cap, sizeof(*row), 1);

	if (row)
		*row = (struct pair_row){ { old, now } };
	else
		p->failed = true;
}

/* What is left of both, each alone. */
static void add_rest(struct open_pair *p, uint32_t i, uint32_t m, uint32_t j, uint32_t n)
{
	for (; i < m || j < n; i += i < m, j += j < n)
		add_row(p, i < m ? i : LUA_NONE, j < n ? j : LUA_NONE);
}

/* Matches old[from...m) with new[from...n). */
static void match(struct open_pair *p, uint32_t from, uint32_t m, uint32_t n)
{
	size_t width = (size_t)n - from + 1;
	size_t cells = ((size_t)m - from + 1) * width;
	uint16_t *longest = cells <= CELLS_MAX ? calloc(cells, sizeof(*longest)) : NULL;
	uint32_t i = from;
	uint32_t j = from;

	if (!longest || m - from > UINT16_MAX) {
		free(longest);
		add_rest(p, i, m, j, n);
		return;
	}
	for (uint32_t a = m; a-- > from;) {
		uint16_t *row = longest + (a - from) * width;

		for (uint32_t b = n; b-- > from;) {
			uint16_t skip = row[b - from + 1] > row[b - from + width]
						? row[b - from + 1]
						: row[b - from + width];

			row[b - from] = p->keys[0][a] == p->keys[1][b]
						? (uint16_t)(row[b - from + width + 1] + 1)
						: skip;
		}
	}
	while (i < m && j < n) {
		const uint16_t *at = longest + (i - from) * width + (j - from);

		if (p->keys[0][i] == p->keys[1][j])
			add_row(p, i++, j++);
		else if (at[width] >= at[1])
			add_row(p, i++, LUA_NONE);
		else
			add_row(p, LUA_NONE, j++);
	}
	free(longest);
	add_rest(p, i, m, j, n);
}

struct open_pair *open_pair_make(const struct lua_book *const book[2], const uint32_t proto[2],
				 struct diag *diag)
{
	struct open_pair *p = calloc(1, sizeof(*p));
	uint32_t from = 0;
	uint32_t m, n;

	if (p) {
		memcpy(p->book, book, sizeof(p->book));
		memcpy(p->proto, proto, sizeof(p->proto));
	}
	if (!p || !make_keys(p, 0) || !make_keys(p, 1)) {
		open_pair_free(p);
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return NULL;
	}
	m = p->n[0];
	n = p->n[1];
	for (; from < m && from < n && p->keys[0][from] == p->keys[1][from]; from++)
		add_row(p, from, from);
	while (m > from && n > from && p->keys[0][m - 1] == p->keys[1][n - 1]) {
		m--;
		n--;
	}
	match(p, from, m, n);
	while (m < p->n[0])
		add_row(p, m++, n++);
	if (p->failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return p;
}

void open_pair_free(void *pair)
{
	struct open_pair *p = pair;

	if (!p)
		return;
	free(p->keys[0]);
	free(p->keys[1]);
	free(p->rows);
	free(p);
}

enum { P_OLD_PC, P_OLD, P_MARK, P_NEW_PC, P_NEW, P_COLUMNS };

static const struct view_column columns[] = {
	[P_OLD_PC] = { "old_pc", "pc", VIEW_COUNT, VIEW_MINOR,
		       "number of the old instruction, 1 first" },
	[P_OLD] = { "old", "old", VIEW_TEXT, VIEW_ELASTIC | VIEW_SOURCE, "old instruction" },
	[P_MARK] = { "mark", "", VIEW_TEXT, 0, "< gone, > new, | both, and they differ" },
	[P_NEW_PC] = { "new_pc", "pc", VIEW_COUNT, VIEW_MINOR,
		       "number of the new instruction, 1 first" },
	[P_NEW] = { "new", "new", VIEW_TEXT, VIEW_ELASTIC | VIEW_SOURCE, "new instruction" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? ((const struct open_pair *)ctx)->count : 0;
}

static const char *mark(const struct open_pair *p, const struct pair_row *r)
{
	if (r->pc[0] == LUA_NONE)
		return ">";
	if (r->pc[1] == LUA_NONE)
		return "<";
	return p->keys[0][r->pc[0]] == p->keys[1][r->pc[1]] ? "" : "|";
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct open_pair *p = ctx;
	const struct pair_row *r = &p->rows[row];
	unsigned side = column >= P_NEW_PC;
	uint32_t pc = r->pc[side];

	if (column == P_MARK) {
		view_text(c, mark(p, r));
	} else if (pc == LUA_NONE) {
		return;
	} else if (column == P_OLD_PC || column == P_NEW_PC) {
		view_int(c, (int64_t)pc + 1);
	} else {
		instruction(p->book[side]->img, p->proto[side], pc, false, scratch);
		view_bytes(c, scratch->data, scratch->len);
	}
}

const struct view open_pair_view = {
	.name = "code",
	.title = "Code",
	.help = "instructions of both sides, the old ones left",
	.columns = columns,
	.ncolumns = P_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};

bool open_pair_follow(const struct open_pair *p, uint64_t row, struct subject *const side[2],
		      struct subject_place *to)
{
	unsigned s = p->rows[row].pc[1] != LUA_NONE;

	*to = (struct subject_place){ side[s], image_node(IMAGE_PROTO, p->proto[s]), &lua_view_code,
				      SUBJECT_ANY, lua_item_row(p->proto[s], p->rows[row].pc[s]) };
	return true;
}
