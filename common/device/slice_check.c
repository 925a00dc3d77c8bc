/* SPDX-License-Identifier: MIT */
/*
 * Sums over the strings as the device has them, block by block: each byte is added to a multiple of
 * what was there, the remainder by a prime is kept. There is no room for more globals than _R, the
 * place in a string, from its end on, and a new field would make the array grow. So _P[1] becomes
 * string.byte, and the string behind a block gives its place to the sum, and the place's number is
 * the factor, a word of the line less. Those strings are in no sum and are read twice.
 */
#include "common/device/slice_parts.h"

enum { BLOCK = 120, TRIES = 12, ROUNDS = 6, PLACE_MIN = 33, ERRORS = 4 };

#define PRIME 8388593u

/* What the device must say of the strings from first to the one before place. */
static uint32_t sum_of(const struct slices *s, uint32_t first, uint32_t place)
{
	uint32_t v = 0;

	for (uint32_t i = first; i < place; i++) {
		const struct slice_string *str = &s->strings[i - 1];

		for (uint32_t k = str->len; k-- > 0;)
			v = (uint32_t)(((uint64_t)v * place + str->text[k]) % PRIME);
	}
	return v;
}

static enum console_answer tell_sum(struct slices *s, uint32_t first, uint32_t place,
				    struct diag *diag)
{
	unsigned p = (unsigned)place;
	char line[160];
	enum console_answer a = console_tell(s->console, "_P[1]=string.byte", diag);

	snprintf(line, sizeof(line), "_Q,_P[%u]=%u,0", p, (unsigned)first);
	if (a == CONSOLE_DONE)
		a = console_tell(s->console, line, diag);
	snprintf(line, sizeof(line),
		 "repeat _R=#_P[_Q]repeat _P[%u]=(_P[%u]*%u+_P[1](_P[_Q],_R))%%%u _R=_R-1 until "
		 "_R<1 _Q=_Q+1 until _Q==%u",
		 p, p, p, PRIME, p);
	return a == CONSOLE_DONE ? console_tell(s->console, line, diag) : a;
}

static enum console_answer ask_sum(struct slices *s, uint32_t first, uint32_t place, uint32_t *out,
				   struct diag *diag)
{
	char expression[32];
	struct buf text = { 0 };
	enum console_answer a = CONSOLE_LOST;
	unsigned errors = 0;
	uint32_t heard[2];

	snprintf(expression, sizeof(expression), "_Q,_P[%u]", (unsigned)place);
	for (unsigned n = 0; n < TRIES && a == CONSOLE_LOST; n++) {
		a = tell_sum(s, first, place, diag);
		if (a == CONSOLE_DONE)
			a = console_get(s->console, expression, &text, diag);
		a = slice_same_array(s, a);
		/*
		 * An error: a line before it was lost; or the array, by a restart without banner.
		 */
		if ((a == CONSOLE_ERROR && ++errors < ERRORS) ||
		    (a == CONSOLE_DONE &&
		     (!slice_numbers(&text, heard) || heard[0] != place || heard[1] >= PRIME)))
			a = CONSOLE_LOST;
	}
	buf_free(&text);
	if (a == CONSOLE_LOST)
		return slice_too_bad(s, first, diag);
	if (a == CONSOLE_DONE)
		*out = heard[1];
	return a;
}

static enum console_answer check_block(struct slices *s, uint32_t first, uint32_t place,
				       struct diag *diag)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		enum console_answer a = CONSOLE_DONE;
		uint32_t sum = 0;

		s->stage = STAGE_CHECK + 2 * first + 1;
		for (uint32_t i = first; round && i < place && a == CONSOLE_DONE; i++)
			a = slice_read_string(s, i, true, diag);
		if (a == CONSOLE_DONE)
			a = ask_sum(s, first, place, &sum, diag);
		if (a != CONSOLE_DONE)
			return a;
		if (sum == sum_of(s, first, place))
			return CONSOLE_DONE;
	}
	return CONSOLE_LOST;
}

/* A factor of few bits would let errors cancel each other. */
static bool is_factor(uint32_t place)
{
	return place >= PLACE_MIN && (place & (place - 1));
}

/*
 * Which string gives its place to the sum of those from first on: a long one, or one that is far
 * enough. None: first itself is to be read twice.
 */
static uint32_t find_place(const struct slices *s, uint32_t first)
{
	uint32_t i = first;

	while (i < s->count && i < first + BLOCK && s->strings[i - 1].len <= SLICE_LONG)
		i++;
	if (!is_factor(i) && i > first)
		i--;
	return is_factor(i) ? i : first;
}

enum console_answer slice_check(struct slices *s, struct diag *diag)
{
	enum console_answer a = CONSOLE_DONE;
	uint32_t place;

	/* The empty string is the first one, if there is one. */
	for (uint32_t first = 2; first <= s->count && a == CONSOLE_DONE; first = place + 1) {
		place = find_place(s, first);
		s->stage = STAGE_CHECK + 2 * first;
		slice_reached(s, 0, 0);
		if (s->strings[place - 1].len <= SLICE_LONG)
			a = slice_read_string(s, place, true, diag);
		if (a == CONSOLE_DONE && place > first)
			a = check_block(s, first, place, diag);
	}
	return slice_same_array(s, a);
}
