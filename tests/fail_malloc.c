/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: lets the allocation numbered FAIL_MALLOC (1 first) fail, once, or with
 * FAIL_MALLOC_ON set every one from there on. Tells FAIL_MALLOC_TELL, a file, when it came to that.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static unsigned long count, wanted;
static bool on;

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

	if (looking)
		return;
	looking = true;
	*(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
	wanted = n ? strtoul(n, NULL, 10) : 0;
	on = getenv("FAIL_MALLOC_ON") != NULL;
	looking = false;
}

static bool fails(void)
{
	const char *tell;
	int fd;

	count++;
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
