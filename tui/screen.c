/* SPDX-License-Identifier: MIT */
#include "tui/screen.h"

#include <stdlib.h>
#include <string.h>

#include "common/view/escape.h"

static struct cell *cell_at(struct screen *s, int y, int x)
{
	return y >= 0 && x >= 0 && y < s->rows && x < s->cols
		       ? &s->cells[(size_t)y * (size_t)s->cols + (size_t)x]
		       : NULL;
}

static void blank(struct cell *c, enum look look)
{
	*c = (struct cell){ .chars = { ' ' }, .width = 1, .look = (uint8_t)look };
}

bool screen_resize(struct screen *s, int rows, int cols)
{
	struct cell *cells = calloc((size_t)rows * (size_t)cols + 1, sizeof(*cells));

	if (!cells)
		return false;
	free(s->cells);
	s->cells = cells;
	s->rows = rows;
	s->cols = cols;
	screen_clear(s);
	return true;
}

void screen_free(struct screen *s)
{
	free(s->cells);
	*s = (struct screen){ 0 };
}

void screen_clear(struct screen *s)
{
	for (int y = 0; y < s->rows; y++)
		screen_fill(s, y, 0, s->cols, LOOK_TEXT);
	s->cursor_y = s->cursor_x = -1;
}

/* A wide character must not lose one of its halves. */
static void mend(struct screen *s, int y, int x)
{
	struct cell *c = cell_at(s, y, x);
	struct cell *before = cell_at(s, y, x - 1);
	struct cell *behind = cell_at(s, y, x + 1);

	if (!c)
		return;
	if (c->width == 0 && before)
		blank(before, before->look);
	if (c->width == 2 && behind)
		blank(behind, behind->look);
}

void screen_fill(struct screen *s, int y, int x, int width, enum look look)
{
	for (int i = 0; i < width; i++) {
		struct cell *c = cell_at(s, y, x + i);

		if (!c)
			continue;
		mend(s, y, x + i);
		blank(c, look);
	}
}

static void put_char(struct screen *s, int y, int x, int width, uint32_t code, enum look look)
{
	struct cell *c = cell_at(s, y, x);

	if (!c)
		return;
	mend(s, y, x);
	if (width == 2) {
		struct cell *half = cell_at(s, y, x + 1);

		if (half) {
			mend(s, y, x + 1);
			*half = (struct cell){ .look = (uint8_t)look };
		}
	}
	*c = (struct cell){ .chars = { code }, .width = (uint8_t)width, .look = (uint8_t)look };
}

static void combine(struct screen *s, int y, int x, uint32_t code)
{
	struct cell *c = cell_at(s, y, x);

	if (c && c->width == 0)
		c = cell_at(s, y, x - 1);
	for (unsigned i = 1; c && i < CELL_CHARS; i++) {
		if (c->chars[i])
			continue;
		c->chars[i] = code;
		return;
	}
}

/* The character at p, which is replaced when it must not reach a terminal. */
static unsigned next_char(const struct screen *s, const uint8_t *p, size_t n, uint32_t *code,
			  size_t *width)
{
	unsigned length = utf8_length(p, n, code);

	*width = 1;
	if (!length || !utf8_printable(*code) || (s->ascii && *code >= 0x80)) {
		*code = '?';
		return length ? length : 1;
	}
	if (*code >= 0x80)
		*width = text_width(p, length);
	return length;
}

int screen_put(struct screen *s, int y, int x, int width, unsigned skip, enum look look,
	       const void *text, size_t n)
{
	const uint8_t *p = text;
	size_t at = 0; /* columns of the text */
	int used = 0;

	for (size_t i = 0; i < n;) {
		uint32_t code;
		size_t w;

		i += next_char(s, p + i, n - i, &code, &w);
		if (w == 0) {
			if (used)
				combine(s, y, x + used - 1, code);
			continue;
		}
		at += w;
		if (at <= skip)
			continue;
		if (at - w < skip) { /* half of it is to be seen */
			code = ' ';
			w = 1;
		}
		if (used + (int)w > width)
			break;
		put_char(s, y, x + used, (int)w, code, look);
		used += (int)w;
	}
	return used;
}

int screen_puts(struct screen *s, int y, int x, int width, enum look look, const char *text)
{
	return screen_put(s, y, x, width, 0, look, text, strlen(text));
}

void screen_paint(struct screen *s, int y, int x, int width, enum look look)
{
	for (int i = 0; i < width; i++) {
		struct cell *c = cell_at(s, y, x + i);

		if (c)
			c->look = (uint8_t)look;
	}
}

void screen_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_byte(out, (uint8_t)c);
	} else if (c < 0x800) {
		buf_byte(out, (uint8_t)(0xc0 | c >> 6));
		buf_byte(out, (uint8_t)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_byte(out, (uint8_t)(0xe0 | c >> 12));
		buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 63)));
		buf_byte(out, (uint8_t)(0x80 | (c & 63)));
	} else {
		buf_byte(out, (uint8_t)(0xf0 | c >> 18));
		buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 63)));
		buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 63)));
		buf_byte(out, (uint8_t)(0x80 | (c & 63)));
	}
}
