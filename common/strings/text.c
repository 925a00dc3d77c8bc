/* SPDX-License-Identifier: MIT */
/*
 * Text that a user pasted or logged. Three shapes are looked for, at the beginnings of lines:
 *
 *   lists      "a", "b" …   literals of Lua, alone or behind `local preload =`, `return {`, `{`;
 *                           what the manual's snippet prints, and one %q a line;
 *   numbered   17 TAB 6 TAB \095\095call   index, length and escaped bytes: the length proves it;
 *   plain      one string a line, taken only when there is little of the other two.
 *
 * All else is what a console says in between. A line behind a prompt is the echo of what was typed.
 */
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/input.h"
#include "common/strings/lexer.h"

struct text {
	struct lexer lx;
	struct string_set *set; /* NULL: just count */
	bool plain;             /* take plain lines, not the other shapes */
	bool in_banner;
	bool prompted;    /* a prompt since the capture began: a string met again begins another */
	size_t block_end; /* wraps are known up to here */
	struct buf word;
	bool failed;
	bool console; /* prompts or a banner */
	/* What was seen. Heads begin a list, statements have words before it. */
	uint32_t lists, heads, statements, numbered, plains;
};

static void emit(struct text *t, const uint8_t *text, size_t len)
{
	struct string_set *set = t->set;
	uint32_t i;

	if (!set)
		return;
	i = t->prompted ? string_set_find(set, text, len) : STRING_UNKNOWN;
	if (i != STRING_UNKNOWN && set->items[i].last == set->captures) {
		string_set_capture(set);
		t->prompted = false;
	}
	if (string_set_add(set, text, len) == STRING_UNKNOWN)
		t->failed = true;
}

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

/* Bytes of the separator at the cursor: a comma, or the "and" of the modules that generate.c writes. */
static size_t separator_length(const struct lexer *lx)
{
	if (at_byte(lx, ",;"))
		return 1;
	return lx->len - lx->at >= 4 && !memcmp(lx->data + lx->at, "and ", 4) ? 4 : 0;
}

/* Moves behind the separator that follows a literal, or nowhere. */
static bool skip_separator(struct lexer *lx, bool lines)
{
	struct lexer was = *lx;
	size_t n;

	skip_between(lx, lines);
	n = separator_length(lx);
	lx->at += n;
	if (n)
		return true;
	lx->at = was.at;
	lx->line = was.line;
	return false;
}

/* The rest of a list, from behind its first literal. */
static void read_rest(struct text *t, bool head)
{
	struct lexer *lx = &t->lx;

	for (;;) {
		struct lexer was;

		emit(t, t->word.data, t->word.len);
		t->lists++;
		if (!skip_separator(lx, head))
			return;
		was = *lx;
		skip_between(lx, true);
		if (lexer_at_string(lx)) {
			if (lexer_string(lx, &t->word) != LEXER_TEXT)
				return;
			continue;
		}
		if (head && t->set && !at_byte(lx, "}"))
			string_set_note(t->set, was.at, "text", "the list ends with a comma");
		lx->at = was.at;
		lx->line = was.line;
		return;
	}
}

/* The list that begins at the cursor's line, behind at bytes of it. False: there is none. */
static bool read_list(struct text *t, const struct lexer_line *l, size_t at, bool echo)
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
	if (found == LEXER_TEXT && (head || at_byte(lx, ",;})\r\n") || lx->at >= lx->len)) {
		t->heads++;
		t->statements += head;
		read_rest(t, head);
		return true;
	}
	lx->at = start;
	return false;
}

/* Moves over decimal digits and the tab behind them. */
static bool skip_number(const struct lexer_line *l, size_t *at, uint32_t *v)
{
	size_t start = *at;

	*v = 0;
	while (*at < l->n && *at - start < 8 && l->p[*at] >= '0' && l->p[*at] <= '9')
		*v = *v * 10 + (uint32_t)(l->p[(*at)++] - '0');
	return *at > start && *at < l->n && l->p[(*at)++] == '\t';
}

static void unescape_decimal(struct buf *out, const uint8_t *p, size_t n)
{
	out->len = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned v = 256;

		if (p[i] == '\\' && n - i > 3 && p[i + 1] <= '2' && p[i + 1] >= '0' &&
		    p[i + 2] >= '0' && p[i + 2] <= '9' && p[i + 3] >= '0' && p[i + 3] <= '9')
			v = (p[i + 1] - '0') * 100u + (p[i + 2] - '0') * 10u + (p[i + 3] - '0');
		buf_byte(out, v < 256 ? (uint8_t)v : p[i]);
		i += v < 256 ? 3 : 0;
	}
}

static bool read_numbered(struct text *t, const struct lexer_line *l)
{
	size_t at = 0, n;
	uint32_t index, length;

	if (!skip_number(l, &at, &index) || !skip_number(l, &at, &length))
		return false;
	n = l->n - at;
	unescape_decimal(&t->word, l->p + at, n);
	if (t->word.len == length) {
		emit(t, t->word.data, t->word.len);
	} else if (n == length) {
		emit(t, l->p + at, n);
	} else {
		if (t->set && t->numbered)
			string_set_note(t->set, (uint64_t)(l->p - t->lx.data), "text",
					"string %u has %zu bytes, not %u", index, t->word.len,
					length);
		return t->numbered > 0;
	}
	t->numbered++;
	return true;
}

static void read_line(struct text *t)
{
	struct lexer_line l = lexer_line(t->lx.data, t->lx.len, t->lx.at);
	size_t prompt = console_prompt(l.p, l.n);
	struct string_device *device = t->set ? &t->set->device : NULL;

	t->in_banner = console_banner(l.p, l.n, t->in_banner, device);
	t->prompted |= t->in_banner || prompt;
	t->console |= t->in_banner || prompt;
	if (!t->plain && !t->in_banner && read_list(t, &l, prompt, prompt > 0)) {
		l = lexer_line(t->lx.data, t->lx.len, t->lx.at);
	} else if (prompt || t->in_banner || console_noise(l.p, l.n)) {
		/* the console's */
	} else if (t->plain) {
		emit(t, l.p, l.n);
	} else if (!read_numbered(t, &l)) {
		t->plains++;
	}
	t->lx.at = l.next;
}

static struct text text_scan(struct string_set *set, const uint8_t *data, size_t len, bool plain)
{
	struct text t = { .lx = { .data = data, .len = len, .set = set },
			  .set = set,
			  .plain = plain };

	while (t.lx.at < len && !t.failed)
		read_line(&t);
	t.failed |= t.word.failed;
	buf_free(&t.word);
	return t;
}

/* Text has few control bytes; what has many is no list of plain strings. */
static bool is_readable(const uint8_t *data, size_t len)
{
	size_t controls = 0;

	for (size_t i = 0; i < len; i++)
		controls += data[i] < 0x20 && !memchr("\t\n\r\033", data[i], 4);
	return controls <= len / 16;
}

static enum err text_load(struct string_set *set, const uint8_t *data, size_t len,
			  struct diag *diag)
{
	struct text t = text_scan(NULL, data, len, false);
	/* A quoted line or two may stand among plain ones. */
	bool lists = t.statements || t.numbered || t.heads >= 8 ||
		     (t.heads && t.heads >= t.plains / 2);

	if (t.failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!lists && (!t.plains || !is_readable(data, len)))
		return diag_fail(diag, ERR_KIND, "no strings found in this text");
	string_set_capture(set);
	if (!lists && t.console)
		string_set_note(set, 0, "text",
				"no literals here: each line of output is taken for a string");
	t = text_scan(set, data, len, !lists);
	return t.failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

/* Anything but files that other programs of ours read. */
static bool text_probe(const uint8_t *data, size_t len)
{
	static const char magics[][4] = { "\033Lua", "\177ELF", "\x1f\x8b\x08" };

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= 4 && !memcmp(data, magics[i], i < 2 ? 4 : 3))
			return false;
	return !(len >= 4 && data[3] == 0xfa && data[2] == 0xfa);
}

const struct string_input string_text_input = {
	.name = "text",
	.words = "lists of Lua literals, console logs, one string a line",
	.probe = text_probe,
	.load = text_load,
};
