/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: lets the allocation numbered FAIL_MALLOC (1 first) fail, once, or with
 * FAIL_MALLOC_ON set every one from there on. Tells FAIL_MALLOC_TELL, a file, when it came to that.
 * FAIL_MALLOC_SITES, a file, gets a line "NUMBER STACK" for the first allocation of each different
 * stack of callers: whoever fails these has been at every place that asks for memory. STACK is the
 * same in every run, wherever the program was loaded. What the process starts is left alone.
 */
#define _GNU_SOURCE /* RTLD_NEXT, dladdr */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static unsigned long count, wanted;
static bool on;

/* Of different stacks; those of the callers' callers tell who has to cope with the failure. */
enum { FRAMES = 12, SEEN_SIZE = 1 << 17 };
static uint64_t seen[SEEN_SIZE];
static int sites = -1;
static bool noting; /* the unwinder asks for memory itself */

/* What the dynamic linker itself asks for while it looks the functions up. */
static _Alignas(16) unsigned char early[4096];
static size_t early_used;

static void *early_take(size_t n)
{
	void *p = early + early_used;

	n = (n + 15) & ~(size_t)15;
	if (n > sizeof(early) - early_used)
		_exit(98);
	early_used += n;
	return p;
}

static void look_up(void)
{
	static bool looking;
	const char *n = getenv("FAIL_MALLOC");
	const char *list;

	if (looking)
		return;
	looking = true;
	*(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
	wanted = n ? strtoul(n, NULL, 10) : 0;
	on = getenv("FAIL_MALLOC_ON") != NULL;
	list = getenv("FAIL_MALLOC_SITES");
	if (list)
		sites = open(list, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unsetenv("LD_PRELOAD");
	looking = false;
}

/* FNV-1a over the callers' places in their files. */
static uint64_t stack_hash(void)
{
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);
	uint64_t hash = 0xcbf29ce484222325;
	Dl_info at;

	for (int i = 0; i < n; i++) {
		uint64_t where = (uint64_t)(uintptr_t)frames[i];

		if (dladdr(frames[i], &at))
			where -= (uint64_t)(uintptr_t)at.dli_fbase;
		for (int k = 0; k < 4; k++, where >>= 8)
			hash = (hash ^ (where & 0xff)) * 0x100000001b3;
	}
	return hash;
}

static void note_site(void)
{
	char line[64];
	uint64_t hash;
	size_t i;
	int len;

	noting = true;
	hash = stack_hash();
	for (i = hash % SEEN_SIZE; seen[i] && seen[i] != hash; i = (i + 1) % SEEN_SIZE)
		;
	if (!seen[i]) {
		seen[i] = hash;
		len = snprintf(line, sizeof(line), "%lu %016" PRIx64 "\n", count, hash);
		if (write(sites, line, (size_t)len) != len)
			_exit(97);
	}
	noting = false;
}

static bool fails(void)
{
	const char *tell;
	int fd;

	if (noting)
		return false;
	count++;
	if (sites >= 0)
		note_site();
	if (!wanted || count < wanted || (count > wanted && !on))
		return false;
	if (count == wanted && (tell = getenv("FAIL_MALLOC_TELL"))) {
		fd = open(tell, O_WRONLY | O_CREAT, 0600);
		if (fd >= 0)
			close(fd);
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	if (!next_malloc)
		look_up();
	if (!next_malloc)
		return early_take(n);
	return fails() ? NULL : next_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	if (!next_malloc)
		look_up();
	if (!next_malloc)
		return early_take(n * size);
	return fails() ? NULL : next_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	if (!next_malloc)
		look_up();
	if (!next_malloc)
		return early_take(n);
	return fails() ? NULL : next_realloc(p, n);
}

void free(void *p)
{
	static void (*next_free)(void *);

	if ((unsigned char *)p >= early && (unsigned char *)p < early + sizeof(early))
		return;
	if (!next_free)
		*(void **)&next_free = dlsym(RTLD_NEXT, "free");
	next_free(p);
}
