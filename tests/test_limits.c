/* SPDX-License-Identifier: MIT */
/*
 * Files made to be indigestible: whatever is in 16 MiB, lfsdump takes below 64 MiB of memory and
 * 2 seconds of processor time, and ends with 0 or 1.
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/util_bulk.h"
#include "tests/util_gzip.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { MEMORY_MAX_KIB = 64 << 10, CPU_MAX_MS = 2000, RUNS_MAX = 3 };

struct usage {
	int status; /* of the exit, 128 + signal when killed */
	long kib, ms;
};

struct load {
	char folder[40], path[60], errors[60];
	const char *program;
};

static int make_folder(void **state)
{
	static struct load load;

	load.program = getenv("LFSDUMP");
	strcpy(load.folder, "/tmp/lfsdump-limits-XXXXXX");
	if (!mkdtemp(load.folder))
		return -1;
	snprintf(load.path, sizeof(load.path), "%s/file", load.folder);
	snprintf(load.errors, sizeof(load.errors), "%s/errors", load.folder);
	*state = &load;
	return 0;
}

static int remove_folder(void **state)
{
	const struct load *load = *state;

	unlink(load->path);
	unlink(load->errors);
	return rmdir(load->folder);
}

static void write_file(const struct load *load, struct buf *b)
{
	FILE *f = fopen(load->path, "wb");

	assert_non_null(f);
	assert_false(b->failed);
	assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
	buf_free(b);
}

enum { OPTIONS_MAX = 2 };

/* options: as many as there are before a NULL. */
static void run_child(const struct load *load, const char *const options[OPTIONS_MAX])
{
	const char *argv[OPTIONS_MAX + 3] = { "lfsdump" };
	unsigned n = 1;
	int out = open("/dev/null", O_WRONLY);
	int err = open(load->errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	for (unsigned i = 0; i < OPTIONS_MAX && options[i]; i++)
		argv[n++] = options[i];
	argv[n] = load->path;
	execv(load->program, (char *const *)argv);
	_exit(99);
}

static struct usage run_once(const struct load *load, const char *const options[OPTIONS_MAX])
{
	struct rusage after;
	struct usage u = { 0 };
	int status;
	pid_t child;

	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_child(load, options);
	assert_int_equal(wait4(child, &status, 0, &after), child);
	u.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	u.kib = after.ru_maxrss;
	u.ms = (after.ru_utime.tv_sec + after.ru_stime.tv_sec) * 1000 +
	       (after.ru_utime.tv_usec + after.ru_stime.tv_usec) / 1000;
	return u;
}

/*
 * The time is the least of some runs where one took too long: what else goes on in the machine
 * makes the same work take up to twice the time, never less.
 */
static struct usage run(const struct load *load, const char *const options[OPTIONS_MAX])
{
	struct usage least = run_once(load, options);

	for (unsigned i = 1; i < RUNS_MAX && !SANITIZED && least.ms > CPU_MAX_MS; i++) {
		struct usage u = run_once(load, options);

		if (u.ms < least.ms)
			least.ms = u.ms;
	}
	return least;
}

static bool is_light(const struct load *load, const char *name,
		     const char *const options[OPTIONS_MAX])
{
	struct usage u = run(load, options);
	bool light = u.status <= 1 &&
		     (SANITIZED || (u.kib <= MEMORY_MAX_KIB && u.ms <= CPU_MAX_MS));

	if (!light || getenv("LIMITS_SHOW"))
		print_error("%s %s %s: exit %d, %ld KiB, %ld ms\n", name,
			    options[0] ? options[0] : "(default)",
			    options[0] && options[1] ? options[1] : "", u.status, u.kib, u.ms);
	return light;
}

/* Those that views and forms beside the usual ones are tried with. */
static bool is_hard(const char *name)
{
	static const char *const names[] = { "eq51", "text_loadk51", "controls51", "functions53" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void everything_is_light(void **state, const char *name, struct buf b)
{
	enum { USUAL = 5 };
	static const char *const options[][OPTIONS_MAX] = {
		{ NULL },
		{ "--damage" },
		{ "--json" },
		{ "--strings" },
		{ "--code" },
		{ "--code", "--csv" },
		{ "--code", "--markdown" },
		{ "--code", "--json" },
		{ "--hex" },
		{ "--globals" },
		{ "--strings", "--csv" },
		{ "--strings", "--markdown" },
	};
	unsigned n = is_hard(name) ? sizeof(options) / sizeof(options[0]) : USUAL;
	const struct load *load = *state;
	bool light = true;

	if (!load->program)
		skip();
	if (SANITIZED)
		n = 2;
	assert_true(b.len <= 16 << 20);
	write_file(load, &b);
	for (unsigned i = 0; i < n; i++)
		light &= is_light(load, name, options[i]);
	assert_true(light);
}

/* LIMITS_ONLY=NAME: just that file; LIMITS_SHOW=1: what each of them took. */
static void all_are_light(void **state, const struct bulk_kind *k)
{
	const char *only = getenv("LIMITS_ONLY");

	for (; k->name; k++)
		if (!only || strcmp(only, k->name) == 0)
			everything_is_light(state, k->name, k->make());
}

static void files_of_lua_5_1_take_64_mib_and_2_seconds_at_most(void **state)
{
	all_are_light(state, bulk_kinds51);
}

static void files_of_lua_5_3_take_64_mib_and_2_seconds_at_most(void **state)
{
	all_are_light(state, bulk_kinds53);
}

/* The last line that the program wrote to its standard error. */
static void complaint(const struct load *load, char *line, int size)
{
	FILE *f = fopen(load->errors, "r");

	assert_non_null(f);
	line[0] = '\0';
	while (fgets(line, size, f))
		;
	fclose(f);
}

static void refused(void **state, struct buf b, const char *words)
{
	const struct load *load = *state;
	char line[400];
	static const char *const none[OPTIONS_MAX] = { NULL };
	struct usage u;

	if (!load->program)
		skip();
	write_file(load, &b);
	u = run(load, none);
	complaint(load, line, sizeof(line));
	assert_int_equal(u.status, 1);
	if (!strstr(line, words))
		fail_msg("\"%s\", not \"%s\"", line, words);
	if (!SANITIZED)
		assert_true(u.kib <= MEMORY_MAX_KIB && u.ms <= CPU_MAX_MS);
}

static void a_gzip_bomb_is_refused(void **state)
{
	static const uint8_t head[64] = { 0x54, 0xa1, 0xfa, 0xfa, 0, 0, 0x40, 0 };
	struct buf inner = { 0 };
	struct buf b = { 0 };

	buf_put(&inner, head, sizeof(head));
	memset(buf_extend(&inner, 24 << 20), 0, 24 << 20);
	gzip_wrap(inner.data, inner.len, 9, &b);
	buf_free(&inner);
	assert_true(b.len < 100000);
	refused(state, b, "inflates to more than 16777216 bytes");
}

static void a_file_of_17_mib_is_refused(void **state)
{
	struct buf b = { 0 };

	memset(buf_extend(&b, 17 << 20), 0x1b, 17 << 20);
	refused(state, b, "larger than 16777216 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_lua_5_1_take_64_mib_and_2_seconds_at_most),
		cmocka_unit_test(files_of_lua_5_3_take_64_mib_and_2_seconds_at_most),
		cmocka_unit_test(a_gzip_bomb_is_refused),
		cmocka_unit_test(a_file_of_17_mib_is_refused),
	};

	return cmocka_run_group_tests_name("limits", tests, make_folder, remove_folder);
}
