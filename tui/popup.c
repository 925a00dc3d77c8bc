/* SPDX-License-Identifier: MIT */
#include "tui/popup.h"

#include <string.h>

#include "common/view/escape.h"

enum { HELP_INDENT = 20 };

void popup_close(struct popup *p)
{
	buf_free(&p->text);
	*p = (struct popup){ 0 };
}

static void count_lines(struct popup *p)
{
	p->lines = 0;
	for (size_t i = 0; i < p->text.len; i++)
		p->lines += p->text.data[i] == '\n';
}

void popup_show(struct popup *p, const char *title)
{
	p->title = title;
	p->top = 0;
	count_lines(p);
}

bool popup_key(struct popup *p, uint32_t key, enum action action, unsigned count)
{
	uint32_t page = p->height > 1 ? (uint32_t)p->height : 1;
	uint32_t last = p->lines > page ? p->lines - page : 0;
	int64_t to = p->top;

	switch (action) {
	case DO_UP: to -= count; break;
	case DO_DOWN: to += count; break;
	case DO_PAGE_UP:
	case DO_HALF_UP: to -= page; break;
	case DO_PAGE_DOWN:
	case DO_HALF_DOWN: to += page; break;
	case DO_TOP: to = 0; break;
	case DO_BOTTOM: to = last; break;
	default:
		(void)key;
		popup_close(p);
		return false;
	}
	p->top = to < 0 ? 0 : to > (int64_t)last ? last : (uint32_t)to;
	return true;
}

static size_t widest(const struct popup *p)
{
	size_t most = strlen(p->title);

	for (size_t from = 0; from < p->text.len;) {
		const uint8_t *line = p->text.data + from;
		const uint8_t *end = memchr(line, '\n', p->text.len - from);
		size_t n = end ? (size_t)(end - line) : p->text.len - from;
		size_t width = text_width(line, n);

		if (width > most)
			most = width;
		from += n + 1;
	}
	return most;
}

static void frame(struct screen *s, int y, int x, int height, int width, const char *title)
{
	const char *const *c;
	static const char *const lines[2][6] = { { "┌", "─", "┐", "│", "└", "┘" },
						 { "+", "-", "+", "|", "+", "+" } };

	c = lines[s->ascii];
	for (int i = 0; i < height; i++)
		screen_fill(s, y + i, x, width, LOOK_POPUP);
	for (int i = 1; i < width - 1; i++) {
		screen_puts(s, y, x + i, 1, LOOK_FRAME, c[1]);
		screen_puts(s, y + height - 1, x + i, 1, LOOK_FRAME, c[1]);
	}
	for (int i = 1; i < height - 1; i++) {
		screen_puts(s, y + i, x, 1, LOOK_FRAME, c[3]);
		screen_puts(s, y + i, x + width - 1, 1, LOOK_FRAME, c[3]);
	}
	screen_puts(s, y, x, 1, LOOK_FRAME, c[0]);
	screen_puts(s, y, x + width - 1, 1, LOOK_FRAME, c[2]);
	screen_puts(s, y + height - 1, x, 1, LOOK_FRAME, c[4]);
	screen_puts(s, y + height - 1, x + width - 1, 1, LOOK_FRAME, c[5]);
	screen_puts(s, y, x + 2, width - 4, LOOK_TITLE, title);
}

/* Bytes that make a line: up to the last blank that fits, or as many as fit. */
static size_t line_bytes(const uint8_t *p, size_t n, size_t width)
{
	size_t fits = text_cut(p, n, width);

	for (size_t i = fits; fits < n && i > fits / 4; i--)
		if (p[i] == ' ')
			return i;
	return fits ? fits : n;
}

/* Appends escaped text in lines of so many columns, all but the first indented. */
static void put_lines(struct buf *out, const void *text, size_t len, size_t indent, size_t width)
{
	const uint8_t *p = text;

	for (size_t at = 0; at < len;) {
		size_t n = line_bytes(p + at, len - at, width > indent ? width - indent : 1);

		for (size_t i = 0; at && i < indent; i++)
			buf_byte(out, ' ');
		buf_put(out, p + at, n);
		buf_byte(out, '\n');
		at += n;
		while (at < len && p[at] == ' ')
			at++;
	}
}

static void help_keys(const struct key_row *r, struct buf *out)
{
	size_t start = out->len;
	char name[16];

	buf_str(out, "  ");
	for (unsigned i = 0; i < 4 && r->keys[i]; i++) {
		buf_str(out, i ? " " : "");
		buf_str(out, key_label(r->keys[i], name));
	}
	while (out->len - start < HELP_INDENT && !out->failed)
		buf_byte(out, ' ');
}

static void write_help(struct buf *out, size_t width)
{
	static const char mouse[] = "Mouse: click a line, a view's name or a column's title; "
				    "wheel; drag the divider";

	for (const struct key_row *r = key_rows; r->help; r++) {
		size_t indent = r->action == DO_NOTHING ? 0 : HELP_INDENT;

		if (indent)
			help_keys(r, out);
		else if (r != key_rows)
			buf_byte(out, '\n');
		put_lines(out, r->help, strlen(r->help), indent, width);
	}
	buf_byte(out, '\n');
	put_lines(out, mouse, sizeof(mouse) - 1, 0, width);
}

/* The help is written anew for every width of the screen. */
static void fit_help(struct popup *p, int width)
{
	if (p->help_width == width)
		return;
	p->help_width = width;
	p->text.len = 0;
	write_help(&p->text, width > 1 ? (size_t)width : 1);
	count_lines(p);
}

void popup_help(struct popup *p)
{
	popup_close(p);
	popup_show(p, " Keys ");
	fit_help(p, 76);
}

void popup_draw(struct popup *p, struct screen *s)
{
	size_t most, left;
	int width, height, x, y;
	const uint8_t *at;

	if (p->help_width)
		fit_help(p, s->cols > 5 ? s->cols - 4 : 1);
	most = widest(p) + 4;
	width = most < (size_t)s->cols ? (int)most : s->cols;
	height = p->lines + 2 < (uint32_t)s->rows ? (int)p->lines + 2 : s->rows;
	y = (s->rows - height) / 2;
	x = (s->cols - width) / 2;
	at = p->text.data;
	left = p->text.len;
	p->height = height - 2;
	if (p->lines <= (uint32_t)p->height)
		p->top = 0;
	else if (p->top > p->lines - (uint32_t)p->height)
		p->top = p->lines - (uint32_t)p->height;
	frame(s, y, x, height, width, p->title);
	for (uint32_t line = 0; left > 0; line++) {
		const uint8_t *end = memchr(at, '\n', left);
		size_t n = end ? (size_t)(end - at) : left;

		if (line >= p->top && line - p->top < (uint32_t)p->height)
			screen_put(s, y + 1 + (int)(line - p->top), x + 2, width - 4, 0, LOOK_POPUP,
				   at, n);
		left -= n < left ? n + 1 : left;
		at += n + 1;
	}
	if (p->lines > (uint32_t)p->height)
		screen_puts(s, y + height - 1, x + 2, width - 4, LOOK_FRAME,
			    p->top + (uint32_t)p->height < p->lines ? " more below " : " end ");
}

void popup_tell(struct popup *p, const char *title, const char *text, int width)
{
	struct buf all = { 0 };

	popup_close(p);
	escape_text(&all, (const uint8_t *)text, strlen(text));
	put_lines(&p->text, all.data, all.len, 0, width > 1 ? (size_t)width : 1);
	p->text.failed |= all.failed;
	buf_free(&all);
	popup_show(p, title);
	p->brief = true;
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *words, const char *text)
{
	p->kind = kind;
	p->words = words;
	p->text.len = 0;
	buf_str(&p->text, text);
	p->at = p->text.len;
}

void prompt_close(struct prompt *p)
{
	p->kind = PROMPT_NONE;
}

/* Where the character before at begins, or the one behind it ends. */
static size_t back(const struct prompt *p, size_t at)
{
	while (at > 0 && (p->text.data[--at] & 0xc0) == 0x80)
		continue;
	return at;
}

static size_t forth(const struct prompt *p, size_t at)
{
	if (at < p->text.len)
		at++;
	while (at < p->text.len && (p->text.data[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void cut(struct prompt *p, size_t from, size_t to)
{
	if (from >= to)
		return;
	memmove(p->text.data + from, p->text.data + to, p->text.len - to);
	p->text.len -= to - from;
	p->at = from;
}

static void insert(struct prompt *p, uint32_t key)
{
	enum { PROMPT_MAX = 1000 };
	size_t before = p->text.len;
	uint8_t c[4];
	size_t n;

	if (before > PROMPT_MAX)
		return;
	screen_utf8(&p->text, key);
	n = p->text.len - before;
	if (p->text.failed || n == 0 || n > sizeof(c))
		return;
	memcpy(c, p->text.data + before, n);
	memmove(p->text.data + p->at + n, p->text.data + p->at, before - p->at);
	memcpy(p->text.data + p->at, c, n);
	p->at += n;
}

void prompt_key(struct prompt *p, uint32_t key)
{
	size_t word = p->at;

	switch (key) {
	case K_LEFT: p->at = back(p, p->at); break;
	case K_RIGHT: p->at = forth(p, p->at); break;
	case K_HOME:
	case K_CONTROL('A'): p->at = 0; break;
	case K_END:
	case K_CONTROL('E'): p->at = p->text.len; break;
	case K_BACKSPACE: cut(p, back(p, p->at), p->at); break;
	case K_DELETE: cut(p, p->at, forth(p, p->at)); break;
	case K_CONTROL('U'): cut(p, 0, p->at); break;
	case K_CONTROL('W'):
		while (word > 0 && p->text.data[word - 1] == ' ')
			word--;
		while (word > 0 && p->text.data[word - 1] != ' ')
			word--;
		cut(p, word, p->at);
		break;
	case K_UP:
		p->text.len = 0;
		buf_put(&p->text, p->last.data, p->last.len);
		p->at = p->text.len;
		break;
	default:
		if (key >= ' ' && key < K_NONE && utf8_printable(key))
			insert(p, key);
		break;
	}
}

void prompt_draw(const struct prompt *p, struct screen *s, int y)
{
	size_t before = text_width(p->text.data, p->at);
	bool question = p->kind == PROMPT_REPLACE || p->kind == PROMPT_LEAVE;
	int x;
	unsigned skip;

	screen_fill(s, y, 0, s->cols, LOOK_TEXT);
	x = screen_puts(s, y, 0, s->cols > 20 && !question ? s->cols - 8 : s->cols, LOOK_KEY,
			p->words);
	skip = before >= (size_t)(s->cols - x) ? (unsigned)(before - (size_t)(s->cols - x) + 1) : 0;
	screen_put(s, y, x, s->cols - x, skip, LOOK_TEXT, p->text.data, p->text.len);
	s->cursor_y = y;
	s->cursor_x = x + (int)(before - skip);
}
