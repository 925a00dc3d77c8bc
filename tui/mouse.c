/* SPDX-License-Identifier: MIT */
#include "tui/mouse.h"

enum { MOVED = 32, MODIFIERS = 4 | 8 | 16, OLDER_BASE = 32, NUMBER_MAX = 10000 };

void mouse_begin(struct mouse_report *r, bool sgr)
{
	*r = (struct mouse_report){ .under_way = true, .sgr = sgr };
}

static enum mouse_step tell(struct mouse_report *r, bool released, struct event *e)
{
	static const struct {
		unsigned button;
		enum mouse mouse;
	} known[] = { { 0, MOUSE_PRESS },
		      { MOVED, MOUSE_DRAG },
		      { 64, MOUSE_WHEEL_UP },
		      { 65, MOUSE_WHEEL_DOWN },
		      { 3, MOUSE_RELEASE } };
	unsigned button = r->numbers[0] & ~(unsigned)MODIFIERS;
	unsigned n = r->sgr ? 4 : 5; /* SGR tells of a release by its end */

	r->under_way = false;
	if (!r->numbers[1] || !r->numbers[2])
		return MOUSE_IGNORED;
	for (unsigned i = 0; i < n; i++) {
		if (known[i].button != button)
			continue;
		*e = (struct event){ .kind = EVENT_MOUSE,
				     .mouse = released ? MOUSE_RELEASE : known[i].mouse,
				     .x = (int)r->numbers[1] - 1,
				     .y = (int)r->numbers[2] - 1 };
		return MOUSE_TOLD;
	}
	return MOUSE_IGNORED;
}

static enum mouse_step take_older(struct mouse_report *r, uint32_t c, struct event *e)
{
	r->numbers[r->n++] = c - OLDER_BASE;
	return r->n == 3 ? tell(r, false, e) : MOUSE_MORE;
}

enum mouse_step mouse_take(struct mouse_report *r, uint32_t c, struct event *e)
{
	if (!r->sgr && c >= OLDER_BASE && c < K_NONE)
		return take_older(r, c, e);
	if (r->sgr && c >= '0' && c <= '9') {
		if (r->numbers[r->n] < NUMBER_MAX)
			r->numbers[r->n] = r->numbers[r->n] * 10 + (c - '0');
		return MOUSE_MORE;
	}
	if (r->sgr && c == ';' && r->n < 2) {
		r->n++;
		return MOUSE_MORE;
	}
	if (r->sgr && r->n == 2 && (c == 'M' || c == 'm'))
		return tell(r, c == 'm', e);
	r->under_way = false;
	return MOUSE_BROKEN;
}
