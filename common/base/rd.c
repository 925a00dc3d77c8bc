/* SPDX-License-Identifier: MIT */
#include "common/base/rd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct rd rd_init(const uint8_t *p, size_t len, struct diag *diag)
{
	return (struct rd){ .p = p, .len = len, .diag = diag };
}

/* Outermost scope first. Returns the length written, never more than size - 1. */
static size_t path_format(const struct rd_scope *s, char *out, size_t size)
{
	size_t n = 0;
	int m;

	if (!s)
		return 0;
	n = path_format(s->up, out, size);
	if (s->index == RD_NO_INDEX)
		m = snprintf(out + n, size - n, "%s%s", n ? "." : "", s->name);
	else
		m = snprintf(out + n, size - n, "%s%s[%" PRIu32 "]", n ? "." : "", s->name,
			     s->index);
	return n + (size_t)m < size ? n + (size_t)m : size - 1;
}

enum err rd_fail(struct rd *rd, enum err code, size_t back, const char *field, const char *fmt, ...)
{
	char path[sizeof(rd->diag->path)] = "";
	char text[sizeof(rd->diag->text)];
	size_t n;
	va_list args;

	if (rd_bad(rd))
		return rd->diag->code;
	n = path_format(rd->scope, path, sizeof(path));
	if (field)
		snprintf(path + n, sizeof(path) - n, "%s%s", n ? "." : "", field);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	rd->diag->inflated = rd->inflated;
	return diag_fail_at(rd->diag, code, rd->off - back, path, "%s", text);
}

static int missing(struct rd *rd, uint64_t n, const char *field)
{
	rd_fail(rd, ERR_TRUNCATED, 0, field, "%" PRIu64 " bytes wanted, %zu left", n, rd->len);
	return 0;
}

const uint8_t *rd_take(struct rd *rd, size_t n, const char *field)
{
	const uint8_t *p = rd->p;

	if (rd_bad(rd))
		return NULL;
	if (n > rd->len) {
		missing(rd, n, field);
		return NULL;
	}
	rd->p += n;
	rd->len -= n;
	rd->off += n;
	return p;
}

struct rd rd_window(struct rd *rd, size_t off, size_t n, const char *field)
{
	struct rd w = *rd;

	w.len = 0;
	if (rd_bad(rd))
		return w;
	if (off > rd->len || n > rd->len - off) {
		rd_fail(rd, ERR_TRUNCATED, 0, field, "%zu bytes at 0x%zx do not fit in %zu", n, off,
			rd->len);
		return w;
	}
	w.p += off;
	w.off += off;
	w.len = n;
	return w;
}

uint8_t rd_u8(struct rd *rd, const char *field)
{
	const uint8_t *p = rd_take(rd, 1, field);

	return p ? *p : 0;
}

uint16_t rd_u16(struct rd *rd, const char *field)
{
	const uint8_t *p = rd_take(rd, 2, field);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

uint32_t rd_u32(struct rd *rd, const char *field)
{
	const uint8_t *p = rd_take(rd, 4, field);

	return p ? le32(p) : 0;
}

uint64_t rd_u64(struct rd *rd, const char *field)
{
	const uint8_t *p = rd_take(rd, 8, field);

	return p ? le64(p) : 0;
}

bool rd_fits(struct rd *rd, uint64_t count, size_t size, const char *field)
{
	if (rd_bad(rd))
		return false;
	if (count <= rd->len / size)
		return true;
	rd_fail(rd, ERR_TRUNCATED, 0, field,
		"%" PRIu64 " items of %zu bytes do not fit in %zu bytes", count, size, rd->len);
	return false;
}
