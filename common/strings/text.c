/* SPDX-License-Identifier: MIT */
/*
 * Text that a user pasted or logged. Four shapes are looked for, at the beginnings of lines:
 *
 *   lists      "a", "b" …   literals of Lua, alone or behind `local preload =`, `return {`, `{`;
 *                           what the manual's snippet prints, and one %q a line;
 *   numbered   17 TAB 6 TAB \095\095call   index, length and escaped bytes: the length proves it;
 *   indexed    7 TAB config, [1] = config   what print(k, v) writes, when most lines are so;
 *   plain      one string a line, taken only when there is little of the others.
 *
 * All else is what a console says in between. A line behind a prompt is the echo of what was typed.
 */
#include "common/strings/text.h"

#include <stdlib.h>
#include <string.h>

#include "common/strings/console.h"
#include "common/strings/filter.h"
#include "common/strings/input.h"

/* A word such as "password", and what may be its value: more than a word. */
static void note_pair(struct text *t, uint32_t key, uint32_t value)
{
	const struct string_item *k = &t->set->items[key], *v = &t->set->items[value];
	uint32_t *p;

	if (!string_is_value(string_text(t->set, k), k->len, string_text(t->set, v), v->len))
		return;
	p = vec_grow(&t->values, &t->nvalues, &t->values_cap, sizeof(*p), 1);
	if (p)
		*p = value;
	t->failed |= !p;
}

/* Less than, by bytes. */
static bool is_before(const struct string_set *set, uint32_t a, uint32_t b)
{
	const struct string_item *x = &set->items[a], *y = &set->items[b];
	size_t n = x->len < y->len ? x->len : y->len;
	int c = n ? memcmp(string_text(set, x), string_text(set, y), n) : 0;

	return c < 0 || (c == 0 && x->len < y->len);
}

/* Marks the values that stand behind keys such as "password", unless the strings are sorted. */
static void mark_values(struct text *t)
{
	/* A sorted list has but the seams between its captures. */
	if (t->downwards > t->set->captures)
		for (uint32_t i = 0; i < t->nvalues; i++)
			t->set->items[t->values[i]].beside = true;
	free(t->values);
	t->values = NULL;
}

void text_emit(struct text *t, const uint8_t *text, size_t len, bool doubtful)
{
	struct string_set *set = t->set;
	uint32_t i;

	if (!set || (t->choosy && t->command && !t->prints && !t->proven))
		return;
	i = t->prompted ? string_set_find(set, text, len) : STRING_UNKNOWN;
	if (i != STRING_UNKNOWN && set->items[i].last == set->captures) {
		string_set_capture(set);
		t->prompted = false;
	}
	i = doubtful ? string_set_add_doubtful(set, text, len) : string_set_add(set, text, len);
	t->failed |= i == STRING_UNKNOWN;
	if (i != STRING_UNKNOWN && t->last != STRING_UNKNOWN) {
		t->downwards += is_before(set, i, t->last);
		note_pair(t, t->last, i);
	}
	t->last = i;
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

/* Reads a line "17 TAB 6 TAB \\095\\095call": index, length and escaped bytes. */
static bool read_numbered(struct text *t, const struct lexer_line *l)
{
	size_t at = 0, n;
	uint32_t index, length;

	if (!skip_number(l, &at, &index) || !skip_number(l, &at, &length))
		return false;
	n = l->n - at;
	t->proven = true;
	unescape_decimal(&t->word, l->p + at, n);
	if (t->word.len == length) {
		text_emit(t, t->word.data, t->word.len, false);
	} else if (n == length) {
		text_emit(t, l->p + at, n, false);
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

/* A line behind a prompt of so many bytes: a command, or one more line of it. */
static void read_command(struct text *t, const struct lexer_line *l, size_t prompt)
{
	const uint8_t *p = l->p + prompt;
	size_t n = l->n - prompt;
	bool more = l->n > 1 && l->p[1] == '>';

	t->command = n || (more && t->command);
	t->prints = (more && t->prints) || console_prints_strings(p, n);
	t->printing += t->prints;
	if (t->set && n)
		string_set_command(t->set, p, n);
}

/*
 * A line that would go on with an open literal, and has more behind it, was one of a list: where
 * that lost its thread, strings are lost, too.
 */
static void notice_torn(struct text *t, const struct lexer_line *l)
{
	static const char pattern[] = "\",\"";
	bool found = false;

	for (size_t i = 0; i + 3 <= l->n && !found; i++)
		found = !memcmp(l->p + i, pattern, 3);
	if (found && t->set && lexer_line_fits(&t->lx, l->p, l->n, 0, LEXER_IN_LITERAL, '"'))
		string_set_note(t->set, (uint64_t)(l->p - t->lx.data), "text",
				"a piece of a list that nothing leads to: its strings are lost");
}

static void read_line(struct text *t)
{
	struct lexer_line l = lexer_line(t->lx.data, t->lx.len, t->lx.at);
	size_t prompt = console_prompt(l.p, l.n);
	struct string_device *device = t->set ? &t->set->device : NULL;

	t->in_banner = console_banner(l.p, l.n, t->in_banner, device);
	t->prompted |= t->in_banner || prompt;
	t->console |= t->in_banner || prompt;
	t->proven = false;
	if (prompt)
		read_command(t, &l, prompt);
	if (!t->plain && !t->in_banner && text_read_list(t, &l, prompt, prompt > 0)) {
		l = lexer_line(t->lx.data, t->lx.len, t->lx.at);
	} else if (prompt || t->in_banner || console_noise(l.p, l.n)) {
		/* the console's */
	} else if (t->index) {
		t->passed += !text_read_indexed(t, &l);
	} else if (t->plain) {
		text_emit(t, l.p, l.n, false);
	} else if (!read_numbered(t, &l)) {
		t->plains++;
		notice_torn(t, &l);
	}
	t->lx.at = l.next;
}

static void text_scan(struct text *t)
{
	t->last = STRING_UNKNOWN;
	while (t->lx.at < t->lx.len && !t->failed)
		read_line(t);
	t->failed |= t->word.failed;
	buf_free(&t->word);
	if (!t->set)
		return;
	mark_values(t);
	if (t->passed)
		string_set_remark(t->set, "text", "other output is passed over: %u lines",
				  t->passed);
}

/* Text has few control bytes; what has many is no list of plain strings. */
static bool is_readable(const uint8_t *data, size_t len)
{
	size_t controls = 0;

	for (size_t i = 0; i < len; i++)
		controls += data[i] < 0x20 && !memchr("\t\n\r\033", data[i], 4);
	return controls <= len / 16;
}

/* A text without anything around it that was not part of it. */
static enum err load_clean(struct string_set *set, const uint8_t *data, size_t len,
			   struct diag *diag)
{
	struct text t = { .lx = { .data = data, .len = len } };
	struct text_index index;
	struct text again = { .lx = { .data = data, .len = len, .set = set }, .set = set };
	bool lists;

	text_scan(&t);
	/* A quoted line or two may stand among plain ones. */
	lists = t.statements || t.numbered || t.heads >= 8 || (t.heads && t.heads >= t.plains / 2);
	if (t.failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!lists && (!t.plains || !is_readable(data, len)))
		return diag_fail(
			diag, ERR_KIND,
			"no strings found: neither text nor a capture (a RAM dump is given as "
			"--ram FILE@ADDRESS)");
	string_set_capture(set);
	again.plain = !lists;
	again.choosy = t.printing > 0;
	if (!lists && text_find_index(data, len, &index))
		again.index = &index;
	set->plain |= again.plain && !again.index;
	if (again.plain && !again.index && t.console)
		string_set_remark(set, "text",
				  "no literals here: each line of output is taken for a string");
	text_scan(&again);
	return again.failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}

static enum err text_load(struct string_set *set, const uint8_t *data, size_t len,
			  struct diag *diag)
{
	struct buf clean = { 0 };
	bool changed = text_clean(data, len, &clean);
	uint32_t notes = set->note_count;
	enum err e;

	if (clean.failed)
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (changed)
		e = load_clean(set, clean.data, clean.len, diag);
	else
		e = load_clean(set, data, len, diag);
	/* Offsets are of another text then. */
	if (changed)
		string_set_unplace(set, notes);
	buf_free(&clean);
	return e;
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
