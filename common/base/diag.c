/* SPDX-License-Identifier: MIT */
#include "common/base/diag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum err fail(struct diag *d, enum err code, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static enum err fail(struct diag *d, enum err code, const char *fmt, va_list args)
{
	d->code = code;
	vsnprintf(d->text, sizeof(d->text), fmt, args);
	return code;
}

enum err diag_fail(struct diag *d, enum err code, const char *fmt, ...)
{
	va_list args;

	if (!d)
		return code;
	if (d->code)
		return d->code;
	va_start(args, fmt);
	fail(d, code, fmt, args);
	va_end(args);
	return code;
}

enum err diag_system(struct diag *d)
{
	if (errno == ENOMEM)
		return diag_fail(d, ERR_MEMORY, "out of memory");
	return diag_fail(d, ERR_IO, "%s", strerror(errno));
}

enum err diag_fail_at(struct diag *d, enum err code, uint64_t off, const char *path,
		      const char *fmt, ...)
{
	va_list args;

	if (!d)
		return code;
	if (d->code)
		return d->code;
	d->placed = true;
	d->off = off;
	snprintf(d->path, sizeof(d->path), "%s", path);
	va_start(args, fmt);
	fail(d, code, fmt, args);
	va_end(args);
	return code;
}

void diag_format(const struct diag *d, char *out, unsigned size)
{
	if (!d->placed)
		snprintf(out, size, "%s", d->text);
	else
		snprintf(out, size, "%soffset 0x%" PRIx64 ": %s%s%s",
			 d->inflated ? "inflated " : "", d->off, d->path, d->path[0] ? ": " : "",
			 d->text);
}
