/* SPDX-License-Identifier: MIT */
#include "lfsdump/report.h"

#include <stdio.h>
#include <string.h>

#include "common/view/escape.h"

enum { PROBLEMS_SHOWN = 8 };

void complain(const char *file, const struct diag *d)
{
	char text[400];
	struct buf line = { 0 };

	diag_format(d, text, sizeof(text));
	buf_str(&line, "lfsdump: ");
	escape_text(&line, (const uint8_t *)file, strlen(file));
	buf_str(&line, ": ");
	escape_text(&line, (const uint8_t *)text, strlen(text));
	buf_byte(&line, '\n');
	fwrite(line.data, 1, line.len, stderr);
	buf_free(&line);
}

int report_damage(const struct lua_book *book)
{
	uint32_t notes = book->img ? book->img->note_count : 0;

	if (book->diag.code)
		complain(book->file, &book->diag);
	for (uint32_t i = 0; i < notes && i < PROBLEMS_SHOWN; i++)
		complain(book->file, &book->img->notes[i]);
	if (notes > PROBLEMS_SHOWN)
		fprintf(stderr, "lfsdump: %s: and %u more; --damage lists them\n", book->file,
			(unsigned)(notes - PROBLEMS_SHOWN));
	return book->diag.code || notes ? 1 : 0;
}
