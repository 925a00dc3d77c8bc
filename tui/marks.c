/* SPDX-License-Identifier: MIT */
#include "tui/marks.h"

#include <stdlib.h>
#include <string.h>

void marks_free(struct marks *m)
{
	string_set_free(&m->set);
	free(m->off);
	*m = (struct marks){ 0 };
}

bool marks_has(const struct marks *m, const uint8_t *text, size_t len)
{
	uint32_t i = m->set.count ? string_set_find(&m->set, text, len) : STRING_UNKNOWN;

	return i != STRING_UNKNOWN && !m->off[i];
}

enum err marks_judge(const struct marks *m, struct string_set *out, struct diag *diag)
{
	static const char *const all[] = { "*", NULL };
	const struct string_filter filter = {
		.image = m->image,
		.keep = all,
		.lua = m->image ? (int)m->image->img->traits.version : 0,
	};

	*out = (struct string_set){ 0 };
	string_set_capture(out);
	for (uint32_t i = 0; i < m->set.count; i++) {
		const struct string_item *s = &m->set.items[i];

		if (!m->off[i] &&
		    string_set_add(out, string_text(&m->set, s), s->len) == STRING_UNKNOWN)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	return string_judge(out, &filter, diag);
}

static enum err add_up(struct marks *m, struct diag *diag)
{
	struct string_set set;

	if (marks_judge(m, &set, diag) == ERR_NONE)
		m->totals = string_totals(&set);
	m->count = set.count;
	string_set_free(&set);
	return diag->code;
}

enum err marks_turn(struct marks *m, const uint8_t *text, size_t len, struct diag *diag)
{
	uint32_t known = m->set.count;
	uint32_t i;

	if (!known)
		string_set_capture(&m->set);
	i = string_set_add(&m->set, text, len);
	if (i == STRING_UNKNOWN)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (i == known && i >= m->off_cap) {
		uint32_t cap = 2 * i + 64;
		uint8_t *off = realloc(m->off, cap);

		if (!off)
			return diag_fail(diag, ERR_MEMORY, "out of memory");
		m->off = off;
		m->off_cap = cap;
	}
	m->off[i] = i == known ? 0 : !m->off[i];
	m->written = false;
	return add_up(m, diag);
}
