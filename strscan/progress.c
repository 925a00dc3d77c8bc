/* SPDX-License-Identifier: MIT */
#include "strscan/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/view/place.h"

enum { BAR_MOST = 30, BAR_LEAST = 5, TEXT = 160 };

static bool shown;

/* The bar takes what the text leaves of a line: a longer one would never be cleared. */
static void show(uint64_t done, uint64_t total, const char *text)
{
	const struct place place = { .fd = STDERR_FILENO };
	struct output_style style = { 0 };
	int most, bar, full;

	place_style(&place, &style);
	most = (int)style.width - 1;
	bar = most - (int)strlen(text) - 3;
	bar = bar > BAR_MOST ? BAR_MOST : bar;
	fputc('\r', stderr);
	if (bar >= BAR_LEAST) {
		full = total ? (int)((uint64_t)bar * done / total) : bar;
		fputc('[', stderr);
		for (int i = 0; i < bar; i++)
			fputc(i < full ? '#' : '.', stderr);
		fputs("] ", stderr);
	}
	fprintf(stderr, "%.*s\033[K", most > 0 ? most : 0, text);
	fflush(stderr);
	shown = true;
}

static long long seconds_left(uint64_t done, uint64_t total, int64_t ns)
{
	int64_t left = done ? (int64_t)((double)ns / (double)done * (double)(total - done)) : 0;

	return (left + PORT_SECOND - 1) / PORT_SECOND;
}

void progress_show(void *ctx, const struct capture_progress *p)
{
	char text[TEXT];

	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	snprintf(text, sizeof(text), "%u of %u strings, %llu bytes, %lld s left", (unsigned)p->done,
		 (unsigned)p->total, (unsigned long long)p->bytes,
		 seconds_left(p->done, p->total, p->ns));
	show(p->done, p->total, text);
}

void progress_bytes(void *ctx, uint64_t done, uint64_t total, int64_t ns)
{
	char text[TEXT];

	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	snprintf(text, sizeof(text), "%llu of %llu bytes, %.0f bytes/s, %lld s left",
		 (unsigned long long)done, (unsigned long long)total,
		 ns > 0 ? (double)done / ((double)ns / (double)PORT_SECOND) : 0,
		 seconds_left(done, total, ns));
	show(done, total, text);
}

void progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
