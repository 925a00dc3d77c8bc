/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/tui_drive.h"

void drive_text(const struct screen *s, struct buf *out)
{
	for (int y = 0; y < s->rows; y++) {
		size_t start = out->len;

		for (int x = 0; x < s->cols; x++) {
			const struct cell *c = &s->cells[(size_t)y * (size_t)s->cols + (size_t)x];

			for (unsigned i = 0; c->width && i < CELL_CHARS && c->chars[i]; i++)
				screen_utf8(out, c->chars[i]);
		}
		while (out->len > start && out->data[out->len - 1] == ' ')
			out->len--;
		buf_byte(out, '\n');
	}
}

static void draw(struct drive *d)
{
	struct buf out = { 0 };

	app_draw(&d->app, &d->screen);
	drive_text(&d->screen, &out);
	buf_byte(&out, 0);
	assert_false(out.failed);
	free(d->text);
	d->text = (char *)out.data;
}

static void open_files(struct drive *d, const char *const *paths)
{
	struct diag diag = { 0 };

	for (; *paths; paths++) {
		subject_open(*paths, &diag, &d->subjects[d->n]);
		assert_non_null(d->subjects[d->n++]);
	}
	diag = (struct diag){ 0 };
	assert_int_equal(subject_relate(d->subjects, &d->n, &diag), 0);
}

void drive_begin(struct drive *d, const char *const *paths, int rows, int cols, bool ascii)
{
	*d = (struct drive){ .screen.ascii = ascii };
	open_files(d, paths);
	app_begin(&d->app, d->subjects, d->n, ascii);
	drive_size(d, rows, cols);
}

void drive_files(struct drive *d, const char *first, const char *second)
{
	const char *const paths[] = { first, second, NULL };

	drive_begin(d, paths, 24, 80, false);
}

void drive_end(struct drive *d)
{
	app_end(&d->app);
	screen_free(&d->screen);
	for (unsigned i = 0; i < d->n; i++)
		subject_close(d->subjects[i]);
	free(d->text);
}

void drive_size(struct drive *d, int rows, int cols)
{
	assert_true(screen_resize(&d->screen, rows, cols));
	app_resize(&d->app, rows, cols);
	draw(d);
}

void drive_key(struct drive *d, uint32_t key)
{
	const struct event e = { .kind = EVENT_KEY, .key = key };

	app_event(&d->app, &e);
	while (app_work(&d->app))
		continue;
	draw(d);
}

void drive_mouse(struct drive *d, enum mouse what, int y, int x)
{
	const struct event e = { .kind = EVENT_MOUSE, .mouse = what, .y = y, .x = x };

	app_event(&d->app, &e);
	draw(d);
}

void drive_keys(struct drive *d, const char *keys)
{
	for (; *keys; keys++) {
		switch (*keys) {
		case '\n': drive_key(d, K_ENTER); break;
		case '\t': drive_key(d, K_TAB); break;
		case '\b': drive_key(d, K_BACKSPACE); break;
		case '\033': drive_key(d, K_ESCAPE); break;
		default: drive_key(d, (uint8_t)*keys); break;
		}
	}
}

void drive_sees(struct drive *d, const char *text)
{
	if (!strstr(d->text, text)) {
		print_error("not on the screen: %s\n%s", text, d->text);
		fail();
	}
}

void drive_misses(struct drive *d, const char *text)
{
	if (strstr(d->text, text)) {
		print_error("on the screen: %s\n%s", text, d->text);
		fail();
	}
}

char *drive_row(struct drive *d, int y)
{
	const char *line = d->text;
	char *copy;
	size_t n;

	while (y-- > 0)
		line = strchr(line, '\n') + 1;
	n = strcspn(line, "\n");
	copy = malloc(n + 1);
	assert_non_null(copy);
	memcpy(copy, line, n);
	copy[n] = '\0';
	return copy;
}

enum look drive_look(const struct drive *d, int y, int x)
{
	return (enum look)d->screen.cells[y * d->screen.cols + x].look;
}
