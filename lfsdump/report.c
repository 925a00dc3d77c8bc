/* SPDX-License-Identifier: MIT */
#include "lfsdump/report.h"

#include <string.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "common/view/message.h"

static bool unfinished;

void complain_told(const char *file, const struct diag *d)
{
	char text[400];

	diag_format(d, text, sizeof(text));
	message_line(stderr, "lfsdump", file, text);
	unfinished |= d->code == ERR_MEMORY;
}

void complain(const char *file, const struct diag *d)
{
	complain_told(file, d);
	unfinished |= d->code == ERR_IO;
}

void report_is_unfinished(void)
{
	unfinished = true;
}

int report_output(void)
{
	struct diag diag = { 0 };

	if (file_flush(stdout, &diag))
		complain("standard output", &diag);
	return diag.code != ERR_NONE;
}

bool report_unfinished(void)
{
	return unfinished;
}

void complain_usage(const char *what, const char *value)
{
	char head[320];

	snprintf(head, sizeof(head), "lfsdump: %s", what);
	if (value)
		message_line(stderr, head, value, NULL);
	else
		fprintf(stderr, "%s\n", head);
}

int report_notes(const char *file, const struct diag *first, const struct diag *notes,
		 uint32_t count)
{
	struct diag more = { 0 };

	if (first->code)
		complain(file, first);
	for (uint32_t i = 0; i < count && i < NOTES_SHOWN; i++)
		complain(file, &notes[i]);
	if (count > NOTES_SHOWN) {
		diag_fail(&more, ERR_DAMAGED, "and %u more; --damage lists them",
			  (unsigned)(count - NOTES_SHOWN));
		complain(file, &more);
	}
	return first->code || count;
}

int report_damage(const struct lua_book *book)
{
	const struct lua_image *img = book->img;

	return report_notes(book->file, &book->diag, img ? img->notes : NULL,
			    img ? img->note_count : 0);
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
