/* SPDX-License-Identifier: MIT */
#include "strscan/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 30 };

static bool shown;

void progress_show(void *ctx, const struct capture_progress *p)
{
	unsigned full = p->total ? (unsigned)((uint64_t)BAR * p->done / p->total) : BAR;
	int64_t left = p->done ? p->ns / p->done * (p->total - p->done) : 0;
	char bar[BAR + 1];

	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	for (unsigned i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] %u of %u strings, %llu bytes, %lld s left\033[K", bar,
		(unsigned)p->done, (unsigned)p->total, (unsigned long long)p->bytes,
		(long long)((left + PORT_SECOND - 1) / PORT_SECOND));
	fflush(stderr);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
