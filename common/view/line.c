/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/view/parts.h"

void line_blanks(struct buf *out, size_t n)
{
	uint8_t *p = n ? buf_extend(out, n) : NULL;

	if (p)
		memset(p, ' ', n);
}

void line_tree(struct buf *out, bool own, bool last, bool ascii)
{
	static const char *const pieces[2][2][2] = { { { "│  ", "   " }, { "├─ ", "└─ " } },
						     { { "|  ", "   " }, { "|- ", "`- " } } };

	buf_str(out, pieces[ascii][own][last]);
}

void line_bold(struct printing *p, const uint8_t *text, size_t n)
{
	buf_str(&p->out, p->style->colour ? "\033[1m" : "");
	escape_text(&p->out, text, n);
	buf_str(&p->out, p->style->colour ? "\033[0m\n" : "\n");
	drain(p->f, &p->out, DRAIN_SIZE);
}

size_t line_fit(struct buf *out, const struct buf *text, size_t width, bool elastic, bool ascii)
{
	size_t natural = text_width(text->data, text->len), dots = ascii ? 3 : 1, length;

	if (!elastic || natural <= width) {
		buf_put(out, text->data, text->len);
		return natural;
	}
	length = text_cut(text->data, text->len, width > dots ? width - dots : 0);
	buf_put(out, text->data, length);
	buf_str(out, ascii ? "..." : "…");
	return text_width(text->data, length) + dots;
}

void line_end(struct printing *p, size_t start)
{
	if (start > p->out.len) /* drained meanwhile */
		start = 0;
	while (p->out.len > start && p->out.data[p->out.len - 1] == ' ')
		p->out.len--;
	buf_byte(&p->out, '\n');
	drain(p->f, &p->out, DRAIN_SIZE);
}
