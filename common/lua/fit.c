/* SPDX-License-Identifier: MIT */
/*
 * Operators and operands are kept on a stack until it is known which belong together; an operand
 * remembers where it begins in the output, so that what is computed takes the place of its text.
 * Statements need not be understood: whatever is no part of an expression ends the one before it,
 * and an operand that is no number is never looked into, but for what its brackets hold.
 */
#include "common/lua/fit.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/token.h"

enum item_kind {
	OPERAND,
	BINARY,
	UNARY,
	GROUP,  /* ( that begins an operand */
	SUFFIX, /* a bracket behind an operand: call, index */
	TABLE,  /* { or [ that begins one */
};

struct item {
	enum item_kind kind;
	bool is_number; /* of an operand: value is known */
	bool bare;      /* a number without brackets around it */
	uint32_t line;
	size_t start; /* in the output */
	const struct lua_operator *op;
	struct lua_number value;
};

struct fit {
	const struct lua_traits *traits;
	struct diag *diag;
	struct buf *out;
	struct item *items;
	uint32_t count, cap;
	bool field; /* the next name is one of a field */
};

static struct item *top(struct fit *f)
{
	return f->count ? &f->items[f->count - 1] : NULL;
}

static void push(struct fit *f, const struct item *item)
{
	struct item *p = vec_grow(&f->items, &f->count, &f->cap, sizeof(*p), 1);

	if (p)
		*p = *item;
	else
		diag_fail(f->diag, ERR_MEMORY, "out of memory");
}

static bool has_operand(struct fit *f)
{
	return f->count && top(f)->kind == OPERAND;
}

static bool is_bracket(const struct item *i)
{
	return i->kind == GROUP || i->kind == SUFFIX || i->kind == TABLE;
}

/*
 * Floats that stock Lua can take for integers, but the firmware, whose integers have 32 bits, not:
 * operators on bits tell. These values have stand-ins that nobody takes for integers, and get
 * themselves back when the source is compiled.
 */
enum { STAND_IN = 500 }; /* binary places */
#define BITS_32 2147483648.0
#define BITS_64 9223372036854775808.0

static bool is_wide(const struct lua_traits *t, double d)
{
	return t->version == LUA_53 && t->integer_bytes == 4 && (d >= BITS_32 || d < -BITS_32) &&
	       d >= -BITS_64 && d < BITS_64 && floor(d) == d;
}

static bool is_stand_in(const struct lua_traits *t, double d)
{
	return is_wide(t, ldexp(d, STAND_IN));
}

static struct lua_number to_stand_in(const struct lua_traits *t, const struct lua_number *n)
{
	struct lua_number out = *n;

	if (n->is_float && is_wide(t, n->f))
		out.f = ldexp(n->f, -STAND_IN);
	return out;
}

static void refuse(struct fit *f, uint32_t line, const char *why)
{
	diag_fail(f->diag, ERR_KIND, "line:%" PRIu32 ": %s", line, why);
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/* Puts a number over the output from start on; line ends that were there stay, before it. */
static void put_number(struct fit *f, size_t start, const struct lua_number *value, uint32_t line)
{
	struct lua_number written = to_stand_in(f->traits, value);
	size_t kept = start;

	if (value->is_float && is_stand_in(f->traits, value->f))
		refuse(f, line, "a number too small to be told from others");

	if (f->out->failed)
		return;
	for (size_t i = start; i < f->out->len; i++)
		if (f->out->data[i] == '\n' || f->out->data[i] == '\r')
			f->out->data[kept++] = f->out->data[i];
	f->out->len = kept;
	if (kept && is_word(f->out->data[kept - 1]))
		buf_byte(f->out, ' '); /* or(1)+1 */
	lua_number_write(f->traits->version, &written, f->out);
}

/* What the compiler that will see the output would do with the same operation. */
static enum lua_fold stock_fold(const struct fit *f, enum lua_arith op, const struct lua_number *a,
				const struct lua_number *b)
{
	struct lua_traits stock = { .version = f->traits->version, .float_bytes = 8 };
	struct lua_number x = to_stand_in(f->traits, a);
	struct lua_number y = to_stand_in(f->traits, b);
	struct lua_number out;

	if (stock.version == LUA_53) {
		stock.integer_bytes = 8;
	} else {
		x = (struct lua_number){ .is_float = true, .f = (double)a->i };
		y = (struct lua_number){ .is_float = true, .f = (double)b->i };
	}
	return lua_number_fold(&stock, op, &x, &y, &out);
}

/* The operand becomes a op b, computed or not. */
static void compute(struct fit *f, struct item *a, const struct item *b, enum lua_arith op,
		    uint32_t line)
{
	struct lua_number result;

	if (!a->is_number || !b->is_number || op == LUA_NOT_ARITH) {
		a->is_number = false;
		return;
	}
	switch (lua_number_fold(f->traits, op, &a->value, &b->value, &result)) {
	case LUA_FOLD_DONE:
		a->value = result;
		a->bare = true;
		put_number(f, a->start, &result, line);
		return;
	case LUA_FOLD_CRASH:
		refuse(f, line, "a division that ends the firmware's compiler");
		return;
	case LUA_FOLD_LEFT:
		if (stock_fold(f, op, &a->value, &b->value) != LUA_FOLD_LEFT)
			refuse(f, line,
			       "an operation between numbers that only the firmware's compiler "
			       "leaves to run time; compile this file with luac.cross");
		a->is_number = false;
		return;
	}
}

/* Joins the topmost operator with its operands. */
static void reduce(struct fit *f)
{
	struct item right = *top(f);
	struct item op;

	f->count--;
	op = f->items[--f->count];
	if (op.kind == BINARY) {
		compute(f, top(f), &right, op.op->arith, op.line);
		return;
	}
	right.start = op.start;
	compute(f, &right, &right, op.op->unary_arith, op.line);
	push(f, &right);
}

/* Joins what binds stronger than an operator with this left priority. */
static void reduce_above(struct fit *f, uint8_t left)
{
	while (has_operand(f) && f->count > 1) {
		const struct item *before = &f->items[f->count - 2];

		if (is_bracket(before) || before->kind == OPERAND)
			return;
		if ((before->kind == UNARY ? before->op->unary : before->op->right) < left)
			return;
		reduce(f);
	}
}

/* Ends the expression, and leaves the bracket around it on top. */
static void finish(struct fit *f)
{
	reduce_above(f, 0);
	while (f->count && !is_bracket(top(f)))
		f->count--;
}

static void put_operand(struct fit *f, const struct lua_token *t)
{
	struct item i = { .kind = OPERAND, .start = f->out->len, .line = t->line };

	if (f->field && has_operand(f)) { /* a name behind . or : */
		top(f)->is_number = false;
		buf_put(f->out, t->text, t->len);
		return;
	}
	/* A string may be the argument of a call; anything else begins a new expression. */
	if (has_operand(f) && t->kind == LUA_TOKEN_STRING && !top(f)->bare) {
		top(f)->is_number = false;
		buf_put(f->out, t->text, t->len);
		return;
	}
	if (has_operand(f))
		finish(f);
	i.start = f->out->len;
	if (t->kind != LUA_TOKEN_NUMBER) {
		buf_put(f->out, t->text, t->len);
		push(f, &i);
		return;
	}
	i.is_number = i.bare = true;
	switch (lua_number_read(f->traits, t->text, t->len, &i.value)) {
	case LUA_NUMERAL_READ: break;
	case LUA_NUMERAL_MALFORMED:
		diag_fail(f->diag, ERR_KIND, "line:%" PRIu32 ": malformed number near '%.*s'",
			  t->line, (int)(t->len < 60 ? t->len : 60), t->text);
		return;
	case LUA_NUMERAL_UNSURE:
		refuse(f, t->line, "a number that does not fit in the firmware's integers");
		return;
	}
	put_number(f, i.start, &i.value, t->line);
	push(f, &i);
}

static void put_operator(struct fit *f, const struct lua_token *t)
{
	struct item i = { .kind = BINARY, .start = f->out->len, .line = t->line, .op = t->op };

	if (!has_operand(f) || !t->op->left)
		i.kind = UNARY;
	if (has_operand(f) && i.kind == UNARY)
		finish(f);
	buf_put(f->out, t->text, t->len);
	push(f, &i);
}

static void put_open(struct fit *f, const struct lua_token *t)
{
	struct item i = { .kind = *t->text == '(' ? GROUP : TABLE, .line = t->line };

	if (has_operand(f) && top(f)->bare) {
		finish(f);
		buf_str(f->out, ";"); /* (-1) (f)() would be a call */
	}
	if (has_operand(f)) {
		top(f)->is_number = false;
		i.kind = SUFFIX;
	}
	i.start = f->out->len;
	buf_put(f->out, t->text, t->len);
	push(f, &i);
}

/* A number in brackets is one still, unless something follows the brackets. */
static void put_close(struct fit *f, const struct lua_token *t)
{
	struct item inner = { .kind = OPERAND };
	struct item open;

	if (has_operand(f))
		inner = *top(f);
	finish(f);
	buf_put(f->out, t->text, t->len);
	if (!f->count)
		return;
	open = f->items[--f->count];
	if (open.kind == SUFFIX)
		return;
	inner.start = open.start;
	inner.bare = false;
	inner.is_number &= open.kind == GROUP;
	push(f, &inner);
}

/*
 * Joins what the next token shows to belong together, before what stands between it and the last
 * one is put out. A bracket or a string may belong to the operand before it: (2)(x), f"".
 */
static void settle(struct fit *f, const struct lua_token *t)
{
	switch (t->kind) {
	case LUA_TOKEN_OPERATOR:
		if (t->op->left)
			reduce_above(f, t->op->left);
		return;
	case LUA_TOKEN_STRING:
	case LUA_TOKEN_OPEN:
		if (has_operand(f) && top(f)->bare)
			reduce_above(f, 0);
		return;
	case LUA_TOKEN_FIELD: return;
	case LUA_TOKEN_VALUE:
		if (!f->field)
			reduce_above(f, 0);
		return;
	case LUA_TOKEN_NUMBER:
	case LUA_TOKEN_CLOSE: reduce_above(f, 0); return;
	default: finish(f); return;
	}
}

static void put_token(struct fit *f, const struct lua_token *t)
{
	struct item end = { .kind = OPERAND, .start = f->out->len, .line = t->line };

	switch (t->kind) {
	case LUA_TOKEN_NUMBER:
	case LUA_TOKEN_STRING:
	case LUA_TOKEN_VALUE: put_operand(f, t); break;
	case LUA_TOKEN_OPERATOR: put_operator(f, t); break;
	case LUA_TOKEN_OPEN: put_open(f, t); break;
	case LUA_TOKEN_CLOSE: put_close(f, t); break;
	case LUA_TOKEN_ENDS: push(f, &end); /* fall through */
	default: buf_put(f->out, t->text, t->len); break;
	}
	f->field = t->kind == LUA_TOKEN_FIELD;
	if (f->field && has_operand(f))
		top(f)->is_number = false;
}

/* What lua_compile passes over is no token. */
static void copy_head(struct fit *f, struct lua_tokens *s)
{
	const char *from = s->p;

	if (f->traits->version == LUA_53 && s->end - s->p >= 3 &&
	    memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
		s->p += 3;
	if (s->p < s->end && *s->p == '#')
		while (s->p < s->end && *s->p != '\n')
			s->p++;
	buf_put(f->out, from, (size_t)(s->p - from));
}

enum err lua_fit_source(const struct lua_traits *traits, const uint8_t *text, size_t len,
			struct diag *diag, struct buf *out)
{
	struct fit f = { .traits = traits, .diag = diag, .out = out };
	struct lua_tokens s = { .version = traits->version,
				.p = (const char *)text,
				.end = (const char *)text + len,
				.line = 1 };
	const char *last;
	struct lua_token t;

	copy_head(&f, &s);
	do {
		last = s.p;
		t = lua_token_next(&s);
		settle(&f, &t);
		buf_put(out, last, (size_t)(t.text - last));
		if (!diag->code)
			put_token(&f, &t);
	} while (t.kind != LUA_TOKEN_END && !diag->code);
	free(f.items);
	return out->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : diag->code;
}

double lua_fit_restore(const struct lua_traits *traits, double d)
{
	return is_stand_in(traits, d) ? ldexp(d, STAND_IN) : d;
}
