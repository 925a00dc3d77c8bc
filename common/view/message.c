/* SPDX-License-Identifier: MIT */
#include "common/view/message.h"

#include <string.h>

#include "common/view/escape.h"

enum { FIRST_SHOWN = 500 };

static void write_without_memory(FILE *f, const char *head, const char *first, const char *second)
{
	char line[1200];

	snprintf(line, sizeof(line), "%.100s: %.*s%s%.500s", head, FIRST_SHOWN, first,
		 second ? ": " : "", second ? second : "");
	for (char *p = line; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	fprintf(f, "%s\n", line);
}

void message_line(FILE *f, const char *head, const char *first, const char *second)
{
	struct buf line = { 0 };

	buf_str(&line, head);
	buf_str(&line, ": ");
	escape_text(&line, (const uint8_t *)first, strlen(first));
	if (second) {
		buf_str(&line, ": ");
		escape_text(&line, (const uint8_t *)second, strlen(second));
	}
	buf_byte(&line, '\n');
	if (line.failed)
		write_without_memory(f, head, first, second);
	else
		fwrite(line.data, 1, line.len, f);
	buf_free(&line);
}

void message_end(FILE *f, const char *program, struct buf *line)
{
	buf_byte(line, '\n');
	if (line->failed)
		fprintf(f, "%s: out of memory\n", program);
	else
		fwrite(line->data, 1, line->len, f);
	buf_free(line);
}
