/* SPDX-License-Identifier: MIT */
#include "strscan/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 30 };

static bool shown;

static void put_bar(uint64_t done, uint64_t total)
{
	unsigned full = total ? (unsigned)(BAR * done / total) : BAR;
	char bar[BAR + 1];

	for (unsigned i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] ", bar);
}

static long long seconds_left(uint64_t done, uint64_t total, int64_t ns)
{
	int64_t left = done ? (int64_t)((double)ns / (double)done * (double)(total - done)) : 0;

	return (left + PORT_SECOND - 1) / PORT_SECOND;
}

static void end_bar(void)
{
	fputs("\033[K", stderr);
	fflush(stderr);
	shown = true;
}

void progress_show(void *ctx, const struct capture_progress *p)
{
	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	put_bar(p->done, p->total);
	fprintf(stderr, "%u of %u strings, %llu bytes, %lld s left", (unsigned)p->done,
		(unsigned)p->total, (unsigned long long)p->bytes,
		seconds_left(p->done, p->total, p->ns));
	end_bar();
}

void progress_bytes(void *ctx, uint64_t done, uint64_t total, int64_t ns)
{
	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	put_bar(done, total);
	fprintf(stderr, "%llu of %llu bytes, %.0f bytes/s, %lld s left", (unsigned long long)done,
		(unsigned long long)total,
		ns > 0 ? (double)done / ((double)ns / (double)PORT_SECOND) : 0,
		seconds_left(done, total, ns));
	end_bar();
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
