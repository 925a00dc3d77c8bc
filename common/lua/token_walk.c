/* SPDX-License-Identifier: MIT */
/*
 * Source: lparser.c of NodeMCU's Lua 5.1. Blocks and brackets are kept on one stack; of the rest of
 * the grammar only that is followed which declares a variable or calls something.
 */
#include "common/lua/token_walk.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/token.h"

enum frame_kind { BLOCK, FOR, FUNCTION, BRACKET, CALL };

struct frame {
	enum frame_kind kind;
	bool head;         /* FOR: do is still to come */
	uint32_t function; /* the one around it */
	uint32_t vars;     /* active before it */
};

/* Where names are being declared. */
enum state { NOWHERE, LOCAL, FOR_NAMES, FUNCTION_NAME, PARAMETERS };

struct walker {
	struct lua_walk *walk;
	struct frame *frames;
	uint32_t count, cap;
	uint32_t function; /* the one whose code this is */
	uint32_t vars;     /* declared in it, and not yet out of scope */
	enum state state;
	bool more;          /* LOCAL, FOR_NAMES: a name may follow */
	bool local, method; /* FUNCTION_NAME */
	bool bare;          /* likewise: no name so far */
	uint32_t word_line; /* likewise: of the word function */
	bool callable;      /* what stands before could be called */
	uint32_t added;     /* variables that the token before declares */
	uint32_t line;      /* of the token before */
	bool failed;
};

static bool is(const struct lua_token *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

static bool is_name(const struct lua_token *t)
{
	return t->kind == LUA_TOKEN_VALUE && !is(t, "nil") && !is(t, "true") && !is(t, "false") &&
	       !is(t, "...");
}

static void push(struct walker *w, enum frame_kind kind)
{
	struct frame *f = vec_grow(&w->frames, &w->count, &w->cap, sizeof(*f), 1);

	if (f)
		*f = (struct frame){ kind, kind == FOR, w->function, w->vars };
	w->failed |= !f;
}

static enum frame_kind pop(struct walker *w)
{
	const struct frame *f;

	if (!w->count)
		return BLOCK;
	f = &w->frames[--w->count];
	if (f->kind < BRACKET) {
		w->vars = f->vars;
		w->function = f->function;
	}
	return f->kind;
}

static void add_event(struct walker *w, enum lua_walk_kind kind, uint32_t line)
{
	struct lua_walk *walk = w->walk;
	struct lua_walk_function *f = &walk->functions[w->function];
	struct lua_walk_event *e = vec_grow(&walk->events, &walk->nevents, &walk->events_cap,
					    sizeof(*e), 1);

	w->failed |= !e;
	if (!e)
		return;
	*e = (struct lua_walk_event){ line, LUA_NONE };
	if (f->count[kind]++)
		walk->events[f->last[kind]].next = walk->nevents - 1;
	else
		f->first[kind] = walk->nevents - 1;
	f->last[kind] = walk->nevents - 1;
}

static void add_function(struct walker *w, uint32_t line)
{
	struct lua_walk *walk = w->walk;
	struct lua_walk_function *f = vec_grow(&walk->functions, &walk->nfunctions,
					       &walk->functions_cap, sizeof(*f), 1);

	w->failed |= !f;
	if (!f)
		return;
	*f = (struct lua_walk_function){ .line = line };
	w->function = walk->nfunctions - 1;
	w->vars = 0;
}

/* The compiler counts a variable when it has seen the token behind it. */
static void count_vars(struct walker *w, uint32_t n, uint32_t line)
{
	w->vars += n;
	if (w->vars <= LUA_WALK_MAX_VARS || w->walk->crowded)
		return;
	w->walk->crowded = true;
	w->walk->crowded_function = w->walk->functions[w->function].line;
	w->walk->crowded_line = line;
}

/* The line of a function that is a statement is that of the word, else that of its bracket. */
static void begin_function(struct walker *w, const struct lua_token *t)
{
	push(w, FUNCTION);
	add_function(w, w->local || w->bare ? t->line : w->word_line);
	w->added = w->method; /* self */
	w->state = PARAMETERS;
}

static void take_word_function(struct walker *w, const struct lua_token *t)
{
	w->local = w->state == LOCAL;
	w->state = FUNCTION_NAME;
	w->method = false;
	w->bare = true;
	w->word_line = t->line;
}

static bool take_local(struct walker *w, const struct lua_token *t)
{
	if (t->kind == LUA_TOKEN_FUNCTION) {
		take_word_function(w, t);
		return true;
	}
	if (w->more ? !is_name(t) : !is(t, ",")) {
		w->state = NOWHERE;
		return false;
	}
	if (w->more) /* the first of a loop brings the three that the loop itself has */
		w->added = w->state == FOR_NAMES ? 4 : 1;
	w->state = LOCAL;
	w->more = !w->more;
	return true;
}

static bool take_function_name(struct walker *w, const struct lua_token *t)
{
	if (is(t, "(")) {
		begin_function(w, t);
		return true;
	}
	if (!is_name(t) && t->kind != LUA_TOKEN_FIELD) {
		w->state = NOWHERE;
		return false;
	}
	w->method |= is(t, ":");
	w->added = w->local && is_name(t);
	w->bare = false;
	return true;
}

static bool take_parameter(struct walker *w, const struct lua_token *t)
{
	w->added = is_name(t) || is(t, "...");
	if (w->added || is(t, ","))
		return true;
	w->state = NOWHERE;
	return is(t, ")");
}

/* True: the token is part of a declaration, and nothing else. */
static bool take_declared(struct walker *w, const struct lua_token *t)
{
	switch (w->state) {
	case LOCAL:
	case FOR_NAMES: return take_local(w, t);
	case FUNCTION_NAME: return take_function_name(w, t);
	case PARAMETERS: return take_parameter(w, t);
	default: return false;
	}
}

static void take_end(struct walker *w)
{
	bool loop = w->count && w->frames[w->count - 1].kind == FOR;

	if (loop)
		add_event(w, LUA_WALK_LOOP, w->line);
	pop(w);
}

static void take_word(struct walker *w, const struct lua_token *t)
{
	struct frame *top = w->count ? &w->frames[w->count - 1] : NULL;

	if (is(t, "do") && top && top->kind == FOR && top->head) {
		top->head = false;
	} else if (is(t, "do") || is(t, "then") || is(t, "repeat")) {
		push(w, BLOCK);
	} else if (is(t, "else")) {
		pop(w);
		push(w, BLOCK);
	} else if (is(t, "elseif") || is(t, "until")) {
		pop(w);
	} else if (is(t, "for")) {
		push(w, FOR);
		w->state = FOR_NAMES;
		w->more = true;
	} else if (is(t, "local")) {
		w->state = LOCAL;
		w->more = true;
	}
}

static bool take_bracket(struct walker *w, const struct lua_token *t)
{
	enum frame_kind kind = BRACKET;

	if (t->kind == LUA_TOKEN_OPEN) {
		push(w, w->callable && !is(t, "[") ? CALL : BRACKET);
		return false;
	}
	if (w->count && w->frames[w->count - 1].kind >= BRACKET)
		kind = pop(w);
	if (kind == CALL)
		add_event(w, LUA_WALK_CALL, t->line);
	return kind == CALL || !is(t, "}");
}

/* Returns whether what ends with the token could be called. */
static bool take(struct walker *w, const struct lua_token *t)
{
	switch (t->kind) {
	case LUA_TOKEN_STRING:
		if (w->callable)
			add_event(w, LUA_WALK_CALL, t->line);
		return w->callable;
	case LUA_TOKEN_VALUE: return is_name(t);
	case LUA_TOKEN_OPEN:
	case LUA_TOKEN_CLOSE: return take_bracket(w, t);
	case LUA_TOKEN_FUNCTION: take_word_function(w, t); return false;
	case LUA_TOKEN_ENDS: take_end(w); return false;
	case LUA_TOKEN_OTHER: take_word(w, t); return false;
	default: return false;
	}
}

static void step(struct walker *w, const struct lua_token *t)
{
	uint32_t added = w->added;

	w->added = 0;
	count_vars(w, added, t->line);
	w->callable = take_declared(w, t) ? false : take(w, t);
	w->line = t->line;
}

bool lua_walk_source(const uint8_t *text, size_t len, struct lua_walk *out)
{
	struct walker w = { .walk = out };
	struct lua_tokens s = { .version = LUA_51,
				.p = (const char *)text,
				.end = (const char *)text + len,
				.line = 1 };
	struct lua_token t;

	*out = (struct lua_walk){ 0 };
	add_function(&w, 0);
	do {
		t = lua_token_next(&s);
		if (!w.failed)
			step(&w, &t);
	} while (t.kind != LUA_TOKEN_END && !w.failed);
	free(w.frames);
	return !w.failed;
}

void lua_walk_free(struct lua_walk *w)
{
	free(w->events);
	free(w->functions);
	*w = (struct lua_walk){ 0 };
}
