/* SPDX-License-Identifier: MIT */
/*
 * Lists of literals, with what else a device prints between them.
 */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/text.h"

static size_t skip_blanks(const uint8_t *p, size_t n, size_t at)
{
	while (at < n && (p[at] == ' ' || p[at] == '\t'))
		at++;
	return at;
}

/* Moves over a word and the blanks behind it. */
static bool skip_word(const struct lexer_line *l, size_t *at, const char *word)
{
	size_t k = strlen(word);

	if (l->n - *at < k || memcmp(l->p + *at, word, k) != 0)
		return false;
	*at = skip_blanks(l->p, l->n, *at + k);
	return true;
}

static bool skip_name(const struct lexer_line *l, size_t *at)
{
	size_t start = *at;

	while (*at < l->n && (l->p[*at] == '_' || (l->p[*at] >= '0' && l->p[*at] <= '9') ||
			      ((l->p[*at] | 0x20) >= 'a' && (l->p[*at] | 0x20) <= 'z')))
		++*at;
	start = *at - start;
	*at = skip_blanks(l->p, l->n, *at);
	return start > 0;
}

/*
 * What may stand before a list's first literal: nothing, or the head of a statement. False: the
 * line begins otherwise. An assignment that was typed is no list, unless it is the manual's.
 */
static bool skip_head(const struct lexer_line *l, size_t *at, bool echo, bool *head)
{
	bool local, equals = false;
	size_t name;

	*at = skip_blanks(l->p, l->n, *at);
	name = *at;
	skip_word(l, &name, "do local _ = function() ");
	local = skip_word(l, &name, "local ");
	if (skip_word(l, &name, "preload") || (local && !echo && skip_name(l, &name)))
		equals = skip_word(l, &name, "=");
	if (!equals && skip_word(l, &name, "return "))
		equals = true;
	*head = equals;
	if (equals)
		*at = name;
	if (skip_word(l, at, "{"))
		*head = true;
	return *head || (*at < l->n && memchr("\"'[", l->p[*at], 3));
}

static void comment(struct lexer *lx)
{
	struct lexer_line l = lexer_line(lx->data, lx->len, lx->at);

	lx->at += l.n;
}

/* White space, comments, prompts and stray lines between the literals of a list. */
static void skip_between(struct lexer *lx, bool lines)
{
	while (lx->at < lx->len) {
		const uint8_t *p = lx->data + lx->at;
		size_t left = lx->len - lx->at, n = lexer_newline(p, left);

		if (n && !lines)
			return;
		if (n) {
			struct lexer_line l = lexer_line(lx->data, lx->len, lx->at + n);

			lx->at += n;
			lx->line = lx->at;
			lx->at += console_prompt(l.p, l.n);
			if (console_noise(l.p, l.n))
				lx->at = lx->line + l.n;
		} else if (memchr(" \t\v\f", *p, 4)) {
			lx->at++;
		} else if (left >= 2 && p[0] == '-' && p[1] == '-') {
			comment(lx);
		} else {
			return;
		}
	}
}

static bool at_byte(const struct lexer *lx, const char *set)
{
	return lx->at < lx->len && strchr(set, lx->data[lx->at]) && lx->data[lx->at];
}

/* Other output inside a list, in lines. */
#define PASSED_MAX 64

/*
 * Moves to the next line that goes on with the list, over other output. False: there is none before
 * a prompt, another list or a banner.
 */
static bool pass_output(struct text *t, enum lexer_state state)
{
	struct lexer *lx = &t->lx;
	struct lexer_line l = lexer_line(lx->data, lx->len, lx->at);

	for (uint32_t passed = 1; passed <= PASSED_MAX && l.next < lx->len; passed++) {
		size_t start = l.next, at = 0;
		bool head, list;

		l = lexer_line(lx->data, lx->len, start);
		if (console_prompt(l.p, l.n) || console_banner(l.p, l.n, false, NULL))
			return false;
		list = skip_head(&l, &at, false, &head);
		if (list && head)
			return false;
		at = skip_blanks(l.p, l.n, 0);
		if (state == LEXER_AT_SEPARATOR && list)
			return false;
		if (state == LEXER_AT_LITERAL ? list : lexer_separator(l.p + at, l.n - at) > 0) {
			if (!lexer_line_fits(lx, l.p, l.n, 0, state, 0))
				continue;
			lx->at = lx->line = start;
			t->passed += passed;
			return true;
		}
	}
	return false;
}

/* True when a list may end before the cursor's byte. */
static bool may_end(const struct lexer *lx)
{
	const uint8_t *p = lx->data + lx->at;
	size_t left = lx->len - lx->at;

	return !left || lexer_newline(p, left) || at_byte(lx, "})") ||
	       (left >= 3 && !memcmp(p, "end", 3));
}

/* Moves behind the separator that follows a literal, or nowhere. */
static bool skip_separator(struct text *t, bool lines)
{
	struct lexer *lx = &t->lx;
	size_t at = lx->at, line = lx->line, n;

	for (unsigned tries = 0; tries < 2; tries++) {
		skip_between(lx, lines);
		n = lexer_separator(lx->data + lx->at, lx->len - lx->at);
		lx->at += n;
		if (n)
			return true;
		if (!lines || tries || !pass_output(t, LEXER_AT_SEPARATOR))
			break;
	}
	lx->at = at;
	lx->line = line;
	skip_between(lx, false);
	if (t->set && lines && !may_end(lx))
		string_set_note(t->set, lx->at, "text", "the list breaks off here");
	return false;
}

/* Moves to the literal that follows a separator; false, and nowhere: there is none. */
static bool skip_to_literal(struct text *t, bool lines)
{
	struct lexer *lx = &t->lx;
	size_t at = lx->at, line = lx->line;

	skip_between(lx, true);
	if (lexer_at_string(lx))
		return true;
	if (at_byte(lx, "}"))
		return false;
	if (lines && pass_output(t, LEXER_AT_LITERAL)) {
		skip_between(lx, false);
		return lexer_at_string(lx);
	}
	if (t->set && lines)
		string_set_note(t->set, at, "text", "the list ends with a comma");
	lx->at = at;
	lx->line = line;
	return false;
}

/* The rest of a list, from behind its first literal. */
static void read_rest(struct text *t, bool head)
{
	struct lexer *lx = &t->lx;

	do {
		text_emit(t, t->word.data, t->word.len, lx->doubtful);
		t->lists++;
		if (!skip_separator(t, head) || !skip_to_literal(t, head))
			return;
	} while (lexer_string(lx, &t->word) == LEXER_TEXT);
}

/* Whether the first literal, which was read, begins a list and no sentence. */
static bool begins_list(const struct lexer *lx, bool head)
{
	struct lexer_line l = lexer_line(lx->data, lx->len, lx->line);
	size_t left = lx->line + l.n > lx->at ? lx->line + l.n - lx->at : 0;
	struct lexer open = *lx;

	/* The last literal of the line may be open. */
	open.wrap.width = (unsigned)left;
	return head || lexer_line_fits(&open, lx->data + lx->at, left, 0, LEXER_AT_SEPARATOR, 0);
}

bool text_read_list(struct text *t, const struct lexer_line *l, size_t at, bool echo)
{
	struct lexer *lx = &t->lx;
	size_t start = lx->at;
	enum lexer_found found;
	bool head;

	if (!skip_head(l, &at, echo, &head))
		return false;
	if (start >= t->block_end)
		t->block_end = lexer_measure(lx->data, lx->len, start, &lx->wrap);
	lx->line = start;
	lx->at = start + at;
	/* Text may begin with an apostrophe or a bracket; a note would be noise. */
	lx->set = head || at_byte(lx, "\"") ? t->set : NULL;
	lx->alone = !head;
	if (head)
		skip_between(lx, true);
	found = lexer_string(lx, &t->word);
	if (found == LEXER_TEXT)
		skip_between(lx, false);
	lx->set = t->set;
	if (found == LEXER_BROKEN && lx->line > start)
		return true;
	if (found == LEXER_TEXT && begins_list(lx, head)) {
		t->heads++;
		t->statements += head;
		t->proven = head;
		read_rest(t, head);
		return true;
	}
	lx->at = start;
	return false;
}
