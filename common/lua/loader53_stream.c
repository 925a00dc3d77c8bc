/* SPDX-License-Identifier: MIT */
#include "common/lua/loader53.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/lua/stream53.h"

static void report(struct loader53 *l, struct check_finding *f, size_t off, const char *field)
{
	check_place(f, off, field);
	l->stopped = true;
}

void loader53_fail(struct loader53 *l, size_t off, const char *field, const char *message,
		   const char *remedy, const char *fmt, ...)
{
	char cause[200];
	va_list args;

	if (l->stopped)
		return;
	va_start(args, fmt);
	vsnprintf(cause, sizeof(cause), fmt, args);
	va_end(args);
	report(l, check_add(l->report, CHECK_REFUSED, message, remedy, "%s", cause), off, field);
}

void loader53_lost(struct loader53 *l, size_t off, const char *field, const char *fmt, ...)
{
	char cause[200];
	va_list args;

	if (l->stopped)
		return;
	va_start(args, fmt);
	vsnprintf(cause, sizeof(cause), fmt, args);
	va_end(args);
	report(l, loader_undefined(l->report, "%s", cause), off, field);
}

const uint8_t *loader53_take(struct loader53 *l, uint32_t n, const char *field)
{
	const uint8_t *p;

	if (l->stopped || n == 0)
		return NULL;
	if (n > l->len - l->pos) {
		loader53_fail(l, l->pos, field, "(null): truncated precompiled chunk",
			      LOADER_UPLOAD_AGAIN,
			      "the file ends inside a field: cut short, or a count before it is "
			      "damaged");
		return NULL;
	}
	p = l->data + l->pos;
	l->pos += n;
	return p;
}

uint8_t loader53_byte(struct loader53 *l, const char *field)
{
	const uint8_t *p = loader53_take(l, 1, field);

	return p ? *p : 0;
}

/* Groups of 7 bits behind those in x; bits that do not fit fall out at the top. */
static uint64_t groups(struct loader53 *l, uint64_t x, const char *field)
{
	uint8_t b;

	do {
		b = loader53_byte(l, field);
		x = x << 7 | (b & 0x7f);
	} while (b & 0x80);
	return x;
}

/* To int, whatever the width of lua_Integer: the low 32 bits. */
static int32_t to_int(uint64_t x)
{
	return (int32_t)(uint32_t)x;
}

int32_t loader53_int(struct loader53 *l, const char *field)
{
	return to_int(groups(l, 0, field));
}

int32_t loader53_integer(struct loader53 *l, uint8_t tag, const char *field)
{
	uint64_t x = tag & 15;

	if (tag & 0x80)
		x = groups(l, x, field);
	if ((tag >> 4 & 7) == TYPED53_NEGATIVE)
		x = ~x;
	return to_int(x);
}

/* What to do when a vector does not fit. */
static const char *less(const char *field)
{
	if (strcmp(field, "maxlen") == 0)
		return "if the file is not damaged, cut its longest string in pieces, or read it "
		       "from a file";
	if (strcmp(field, "nshort") == 0)
		return "if the file is not damaged, leave strings out: of dummy_strings, or "
		       "modules";
	return "if the file is not damaged, make the function smaller: data in several functions "
	       "or files";
}

static uint32_t allocate(struct loader53 *l, uint32_t bytes, const char *field)
{
	if (l->stopped)
		return 0;
	if (bytes > LOADER_HEAP - l->heap) {
		loader53_fail(l, l->pos, field, "not enough memory", less(field),
			      "the loader wants %" PRIu32 " bytes at once, %" PRIu32
			      " are in use; a device has about %u",
			      bytes, l->heap, (unsigned)LOADER_HEAP);
		return 0;
	}
	l->heap += bytes;
	if (l->heap > l->peak)
		l->peak = l->heap;
	return bytes;
}

uint32_t loader53_vector(struct loader53 *l, int32_t count, uint32_t size, const char *field)
{
	/* the loader's own test: it lets -1 pass */
	if ((uint32_t)count + 1 > UINT32_MAX / size) {
		loader53_fail(l, l->pos, field, "memory allocation error: block too big",
			      LOADER_UPLOAD_AGAIN, "a count of %" PRId32 ": the file is damaged",
			      count);
		return 0;
	}
	return allocate(l, (uint32_t)count * size, field);
}

uint32_t loader53_new(struct loader53 *l, uint32_t size, const char *field)
{
	return allocate(l, size, field);
}

void loader53_write(struct loader53 *l, uint64_t size)
{
	if (!l->stopped)
		l->flash += (size + 3) / 4 * 4;
}

bool loader53_string(struct loader53 *l, uint8_t tag, const char *field)
{
	size_t off = l->pos - 1;
	int32_t n = to_int((uint64_t)loader53_integer(l, tag, field) - 1);

	if (l->stopped || n < 0)
		return false;
	if ((uint32_t)n >= l->slots) {
		loader53_lost(l, off, field,
			      "it reads string %" PRId32 " of a vector that holds %" PRIu32, n,
			      l->slots);
		return false;
	}
	if ((uint32_t)n >= l->nstrings && !l->stray) {
		l->stray = true;
		check_place(check_add(l->report, CHECK_ERROR, NULL, REBUILD53,
				      "the loader uses string %" PRId32 " of %" PRIu32
				      ": a slot that it never filled",
				      n, l->nstrings),
			    off, field);
	}
	return true;
}
