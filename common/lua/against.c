/* SPDX-License-Identifier: MIT */
#include "common/lua/against.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/dialect.h"
#include "common/lua/listing.h"
#include "common/lua/source_scan.h"
#include "common/view/escape.h"

struct judging {
	const struct lua_book *b;
	const struct lua_image *stock;
	struct lua_source_facts facts;
	uint32_t root, count; /* the module's prototypes: one run */
	uint32_t *lines;      /* room for those of a stock prototype */
	uint32_t lines_cap;
	struct lua_against_verdict *out;
	bool failed; /* out of memory */
};

static void say(struct judging *j, enum lua_against_status status, const char *how)
{
	j->out->status = status;
	snprintf(j->out->how, sizeof(j->out->how), "%s", how);
}

/* "by content: function <main.lua:8,18>: other code" */
static void say_where(struct judging *j, enum lua_against_status status, const char *by,
		      uint32_t proto, const char *what)
{
	struct buf title = { 0 };

	lua_proto_title(j->b->img, proto, &title);
	j->out->status = status;
	snprintf(j->out->how, sizeof(j->out->how), "by %s: %.*s: %s", by,
		 (int)text_head(title.data, title.len, 100),
		 title.data ? (const char *)title.data : "", what);
	j->failed |= title.failed;
	buf_free(&title);
}

/* By content */

static bool same_text(const struct lua_image *a, uint32_t s, const struct lua_image *b, uint32_t t)
{
	return a->strings[s].len == b->strings[t].len &&
	       memcmp(a->strings[s].text, b->strings[t].text, a->strings[s].len) == 0;
}

static bool same_bits(double a, double b)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-*): -0 is not 0, nan is nan */
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* A float of the stock Lua as the image's width has it. */
static double as_float(const struct lua_traits *t, double d)
{
	return t->float_bytes == 4 ? (double)(float)d : d;
}

/*
 * An integer of the stock Lua, of 64 bits, in an image of 32: hexadecimal ones wrap around there,
 * decimal ones that do not fit become floats.
 */
static bool same_integer(const struct lua_traits *t, int64_t stock, const struct lua_const *k)
{
	if (k->type == LUA_INTEGER)
		return k->i == (t->integer_bytes == 4 ? (int32_t)(uint32_t)(uint64_t)stock : stock);
	return k->type == LUA_FLOAT && t->integer_bytes == 4 && stock != (int32_t)stock &&
	       same_bits(as_float(t, (double)stock), k->f);
}

static bool same_constant(const struct judging *j, const struct lua_const *k,
			  const struct lua_const *stock)
{
	const struct lua_image *img = j->b->img;
	const struct lua_traits *t = &img->traits;

	switch (stock->type) {
	case LUA_NIL: return k->type == LUA_NIL;
	case LUA_BOOLEAN: return k->type == LUA_BOOLEAN && k->b == stock->b;
	case LUA_STRING:
		return k->type == LUA_STRING && same_text(img, k->string, j->stock, stock->string);
	case LUA_INTEGER: return same_integer(t, stock->i, k);
	case LUA_FLOAT:
		if (t->version == LUA_51 && !t->float_bytes)
			return k->type == LUA_INTEGER && (double)k->i == stock->f;
		return k->type == LUA_FLOAT && same_bits(as_float(t, stock->f), k->f);
	}
	return false;
}

static bool is_number(const struct lua_const *k)
{
	return k->type == LUA_INTEGER || k->type == LUA_FLOAT;
}

enum constants { CONSTANTS_SAME, CONSTANTS_OTHER_NUMBERS, CONSTANTS_OTHER };

static enum constants compare_constants(const struct judging *j, const struct lua_proto *p,
					const struct lua_proto *q)
{
	enum constants found = CONSTANTS_SAME;

	if (p->constants.count != q->constants.count)
		return CONSTANTS_OTHER_NUMBERS; /* equal ones may have become one */
	for (uint32_t i = 0; i < p->constants.count; i++) {
		const struct lua_const *k = &j->b->img->constants[p->constants.first + i];
		const struct lua_const *l = &j->stock->constants[q->constants.first + i];

		if (same_constant(j, k, l))
			continue;
		if (!is_number(k) || !is_number(l))
			return CONSTANTS_OTHER;
		found = CONSTANTS_OTHER_NUMBERS;
	}
	return found;
}

/* A module's own function is its loader's closure in LFS: its one upvalue is not compared. */
static bool same_upvalues(const struct judging *j, const struct lua_proto *p,
			  const struct lua_proto *q)
{
	if (p->nups != q->nups)
		return false;
	if (j->b->img->traits.version == LUA_51 || p->depth == j->b->img->protos[j->root].depth)
		return true;
	for (uint32_t i = 0; i < p->upvalues.count && i < q->upvalues.count; i++) {
		const struct lua_upvalue *u = &j->b->img->upvalues[p->upvalues.first + i];
		const struct lua_upvalue *v = &j->stock->upvalues[q->upvalues.first + i];

		if (u->instack != v->instack || u->index != v->index)
			return false;
	}
	return true;
}

static bool same_shape(const struct judging *j, const struct lua_proto *p,
		       const struct lua_proto *q)
{
	return p->line_first == q->line_first && p->line_last == q->line_last &&
	       p->params == q->params && !p->vararg == !q->vararg &&
	       p->children.count == q->children.count &&
	       p->depth - j->b->img->protos[j->root].depth == q->depth;
}

static bool same_code(const struct lua_proto *p, const struct lua_proto *q)
{
	return p->stack == q->stack && p->ncode == q->ncode &&
	       (p->ncode == 0 || memcmp(p->code, q->code, 4 * (size_t)p->ncode) == 0);
}

/* Lines that the image does not have are not missed. 1: the same, 0: not, -1: no memory. */
static int same_lines(struct judging *j, uint32_t proto, const struct lua_proto *q)
{
	const uint32_t *mine = j->b->lines + j->b->code_first[proto];

	if (!j->b->img->protos[proto].lineinfo)
		return 1;
	if (q->ncode > j->lines_cap) {
		free(j->lines);
		j->lines = malloc((size_t)q->ncode * sizeof(*j->lines));
		j->lines_cap = j->lines ? q->ncode : 0;
		if (!j->lines)
			return -1;
	}
	lua_lines(j->stock, q, j->lines);
	return q->ncode == 0 || memcmp(mine, j->lines, q->ncode * sizeof(*mine)) == 0;
}

/* Does this computer's Lua have numbers of the same kind as the image? */
static bool same_numbers(const struct lua_traits *t)
{
	return t->float_bytes == 8 && (t->version == LUA_51 || t->integer_bytes == 8);
}

/* The first of n ascending lines that is line or later; n: there is none. */
static uint32_t find_line(const uint32_t *lines, uint32_t n, uint32_t line)
{
	uint32_t from = 0;
	uint32_t to = n;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (lines[middle] < line)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Has the source of a function numbers that the two Luas may compute or store in different ways? */
static bool is_delicate(const struct judging *j, const struct lua_proto *p)
{
	const struct lua_source_facts *f = &j->facts;
	uint32_t i;

	if (same_numbers(&j->b->img->traits))
		return false;
	if (p->line_last == 0)
		return f->ndelicate > 0;
	i = find_line(f->delicate, f->ndelicate, p->line_first);
	return i < f->ndelicate && f->delicate[i] <= p->line_last;
}

static void say_code(struct judging *j, uint32_t proto, const char *what)
{
	if (is_delicate(j, &j->b->img->protos[proto]))
		say_where(j, AGAINST_UNSURE, "content", proto,
			  "differs, maybe in numbers that this computer's Lua has otherwise");
	else
		say_where(j, AGAINST_STALE, "content", proto, what);
}

/* False: goes on with the next function. */
static bool judge_function(struct judging *j, uint32_t i, bool *ok)
{
	uint32_t proto = j->root + i;
	const struct lua_proto *p = &j->b->img->protos[proto];
	const struct lua_proto *q = &j->stock->protos[i];
	enum constants constants = compare_constants(j, p, q);
	int lines;

	if (!same_code(p, q) || !same_upvalues(j, p, q)) {
		say_code(j, proto, "other code");
		return true;
	}
	if (constants == CONSTANTS_OTHER) {
		say_where(j, AGAINST_STALE, "content", proto, "other constants");
		return true;
	}
	if (constants == CONSTANTS_OTHER_NUMBERS) {
		say_code(j, proto, "other constants");
		return true;
	}
	lines = same_lines(j, proto, q);
	*ok = lines >= 0;
	if (lines < 1)
		say_where(j, AGAINST_STALE, "content", proto, "other lines");
	return lines < 1;
}

/* The first function that is stale counts; one that nobody can tell waits for it. */
static bool judge_content(struct judging *j)
{
	bool ok = true;
	uint32_t i;

	for (i = 0; i < j->count && i < j->stock->nprotos; i++)
		if (!same_shape(j, &j->b->img->protos[j->root + i], &j->stock->protos[i]))
			break;
	if (i < j->count || i < j->stock->nprotos) {
		say_where(j, AGAINST_STALE, "content", j->root + (i < j->count ? i : 0),
			  "stands elsewhere in the source, or has other parameters");
		return true;
	}
	say(j, AGAINST_SAME, "by content");
	for (i = 0; i < j->count && ok; i++) {
		struct lua_against_verdict before = *j->out;

		if (!judge_function(j, i, &ok))
			continue;
		if (j->out->status == AGAINST_STALE)
			break;
		if (before.status == AGAINST_UNSURE)
			*j->out = before;
	}
	return ok;
}

/* By lines */

static int by_number(const void *x, const void *y)
{
	const uint32_t *a = x;
	const uint32_t *b = y;

	return *a < *b ? -1 : *a > *b;
}

static uint32_t last_line(const struct judging *j)
{
	uint32_t last = 0;

	for (uint32_t i = j->root; i < j->root + j->count; i++) {
		const struct lua_proto *p = &j->b->img->protos[i];

		if (p->line_last > last)
			last = p->line_last;
		for (uint32_t pc = 0; pc < p->ncode; pc++)
			if (j->b->lines[j->b->code_first[i] + pc] > last)
				last = j->b->lines[j->b->code_first[i] + pc];
	}
	return last;
}

static bool judge_lines(struct judging *j, const char *by)
{
	uint32_t n = j->count - 1;
	uint32_t *first = malloc(((size_t)n + 1) * sizeof(*first));
	uint32_t last = last_line(j);

	if (!first)
		return false;
	for (uint32_t i = 0; i < n; i++)
		first[i] = j->b->img->protos[j->root + 1 + i].line_first;
	qsort(first, n, sizeof(*first), by_number);
	j->out->status = AGAINST_STALE;
	if (last > j->facts.lines)
		snprintf(j->out->how, sizeof(j->out->how),
			 "by lines: the source has %" PRIu32 ", the module reaches line %" PRIu32,
			 j->facts.lines, last);
	else if (n != j->facts.nfunctions)
		snprintf(j->out->how, sizeof(j->out->how),
			 "by lines: %" PRIu32 " functions in the source, %" PRIu32 " in the module",
			 j->facts.nfunctions, n);
	else if (n && memcmp(first, j->facts.functions, n * sizeof(*first)) != 0)
		say(j, AGAINST_STALE, "by lines: functions begin elsewhere");
	else
		say(j, AGAINST_SAME, by);
	free(first);
	return true;
}

static uint32_t count_protos(const struct lua_image *img, uint32_t root)
{
	uint32_t n = 0;

	while (root + n < img->nprotos && img->protos[root + n].module == img->protos[root].module)
		n++;
	return n;
}

static bool judge(struct judging *j, const struct lua_compiler *compiler, const uint8_t *text,
		  size_t len)
{
	struct diag words = { 0 };
	struct lua_image *stock;
	bool ok;

	if (!compiler || !compiler->library)
		return judge_lines(j, "by lines alone: where its functions begin");
	if (lua_compile(compiler, text, len, &words, &stock) == ERR_MEMORY)
		return false;
	if (!stock) {
		j->out->status = AGAINST_STALE;
		snprintf(j->out->how, sizeof(j->out->how), "by content: %.150s", words.text);
		return true;
	}
	j->stock = stock;
	ok = judge_content(j);
	lua_image_free(stock);
	return ok;
}

enum err lua_against_judge(const struct lua_book *b, uint32_t module, const uint8_t *text,
			   size_t len, const struct lua_compiler *compiler, struct diag *diag,
			   struct lua_against_verdict *out)
{
	struct judging j = { .b = b, .out = out, .root = b->img->modules[module].proto };
	bool ok = lua_source_scan(text, len, &j.facts);

	if (ok && j.root >= b->img->nprotos) {
		say(&j, AGAINST_UNSURE, "the module is damaged");
	} else if (ok) {
		j.count = count_protos(b->img, j.root);
		ok = judge(&j, compiler, text, len);
	}
	free(j.lines);
	lua_source_free(&j.facts);
	return ok && !j.failed ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}
