/* SPDX-License-Identifier: MIT */
#include "lfsdump/report.h"

#include <string.h>

#include "common/view/escape.h"

enum { PROBLEMS_SHOWN = 8 };

/* Ends the line and writes it; without memory for it at least that is said. */
static void print_line(struct buf *line)
{
	buf_byte(line, '\n');
	if (line->failed)
		fputs("lfsdump: out of memory\n", stderr);
	else
		fwrite(line->data, 1, line->len, stderr);
	buf_free(line);
}

void complain(const char *file, const struct diag *d)
{
	char text[400];
	struct buf line = { 0 };

	diag_format(d, text, sizeof(text));
	buf_str(&line, "lfsdump: ");
	escape_text(&line, (const uint8_t *)file, strlen(file));
	buf_str(&line, ": ");
	escape_text(&line, (const uint8_t *)text, strlen(text));
	print_line(&line);
}

void complain_usage(const char *what, const char *value)
{
	struct buf line = { 0 };

	buf_printf(&line, "lfsdump: %s", what);
	if (value) {
		buf_str(&line, ": ");
		escape_text(&line, (const uint8_t *)value, strlen(value));
	}
	print_line(&line);
}

int report_damage(const struct lua_book *book)
{
	uint32_t notes = book->img ? book->img->note_count : 0;
	struct diag more = { 0 };

	if (book->diag.code)
		complain(book->file, &book->diag);
	for (uint32_t i = 0; i < notes && i < PROBLEMS_SHOWN; i++)
		complain(book->file, &book->img->notes[i]);
	if (notes > PROBLEMS_SHOWN) {
		diag_fail(&more, ERR_DAMAGED, "and %u more; --damage lists them",
			  (unsigned)(notes - PROBLEMS_SHOWN));
		complain(book->file, &more);
	}
	return book->diag.code || notes ? 1 : 0;
}

enum err print_buf(FILE *f, struct buf *out, struct diag *diag)
{
	enum err e = ERR_NONE;

	if (out->failed)
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	else if (out->len)
		fwrite(out->data, 1, out->len, f);
	buf_free(out);
	return e;
}

void json_begin(struct buf *out, const char *file)
{
	buf_str(out, "{\"schema\":1,\"file\":");
	escape_json(out, (const uint8_t *)file, strlen(file));
}
