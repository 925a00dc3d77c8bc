/* SPDX-License-Identifier: MIT */
/*
 * The console's conversation against scripts and against recordings of the firmware; the live tests
 * are in test_strscan_*.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/device/capture.h"
#include "common/device/console_parts.h"
#include "common/device/slice_parts.h"
#include "common/lua/check.h"
#include "tests/util_golden.h"
#include "tests/util_peer.h"

/* Both lines of a console that is found in order. */
#define IN_ORDER \
	PEER_PAUSE PEER_ECHO "error\r\n> " PEER_PAUSE PEER_PAUSE PEER_ECHO PEER_ANSWER \
			     "\r\n> " PEER_PAUSE

static bool echoes(const char *sent, const char *came)
{
	struct console_echo e;
	bool all = false;

	console_echo_begin(&e, sent, strlen(sent));
	for (; *came && !all; came++)
		all = console_echo_take(&e, (uint8_t)*came);
	return all;
}

static void an_echo_is_seen_through_prompts_and_lines_of_others(void **state)
{
	(void)state;
	assert_true(echoes("print(1)", "print(1)"));
	assert_true(echoes("print(1)", "> print(1)"));
	assert_true(echoes("print(1)", "22.5 C\r\n> prtemperature 3\r\nint(1)"));
	assert_true(echoes("print(1)", "p\r\nrint(E:M 12\r\n1hello\r\n)"));
	assert_true(echoes("aab", "aaaab"));
}

static void an_echo_with_a_byte_lost_doubled_or_changed_is_none(void **state)
{
	(void)state;
	assert_false(echoes("print(1)", "prnt(1)\r\n"));
	assert_false(echoes("print(1)", "priint(1)\r\n"));
	assert_false(echoes("print(1)", "psint(1)\r\n"));
	assert_false(echoes("print(1)", "print(1"));
}

static bool parses(const char *line, struct slice_line *out)
{
	return slice_parse((const uint8_t *)line, strlen(line), 32, out);
}

static void lines_of_a_slice_are_told_from_all_others(void **state)
{
	struct slice_line l;

	(void)state;
	assert_true(parses("1\t5\thello", &l));
	assert_true(l.index == 1 && l.len == 5 && memcmp(l.text, "hello", 5) == 0);
	assert_true(parses("0\t0\t", &l) && l.index == 0 && l.len == 0);
	assert_true(parses("> 22.5 C31\t3\tabc", &l) && l.index == 31);
	assert_false(parses("2\t9\tnil", &l));
	assert_false(parses("1\t5\thell", &l));
	assert_false(parses("1\t5\thelloo", &l));
	assert_false(parses("1\t5\thel\001o", &l));
	assert_false(parses("32", &l));
	assert_false(parses("1\t99999999999\tnil", &l));
	assert_false(parses("1\t5", &l));
	assert_false(parses("", &l));
}

static void a_console_in_order_is_found_at_once(void **state)
{
	static const char script[] = IN_ORDER "more";
	struct port *port = peer_open(script, sizeof(script) - 1);
	struct console c;
	struct diag diag = { 0 };

	(void)state;
	assert_int_equal(console_open(&c, port, &diag), ERR_NONE);
	assert_true(c.echo);
	console_free(&c);
	port_close(port);
}

static void silence_ends_in_a_message_that_tells_what_to_do(void **state)
{
	static const char script[] = PEER_REST PEER_REST PEER_REST PEER_REST PEER_REST "x";
	struct port *port = peer_open(script, sizeof(script) - 1);
	struct console c;
	struct diag diag = { 0 };

	(void)state;
	assert_int_equal(console_open(&c, port, &diag), ERR_IO);
	assert_non_null(strstr(diag.text, "nothing at all"));
	assert_non_null(strstr(diag.text, "--reset"));
	assert_true(port_now(port) < 30 * PORT_SECOND);
	console_free(&c);
	port_close(port);
}

/* Asks one line of a console in order, whose answer the script is. */
static enum console_answer ask(const char *script, struct console *c, struct port **port)
{
	char whole[1000];
	struct diag diag = { 0 };

	snprintf(whole, sizeof(whole), "%s%s", IN_ORDER, script);
	*port = peer_open(whole, strlen(whole));
	assert_int_equal(console_open(c, *port, &diag), ERR_NONE);
	return console_ask(c, "=-7,x", "-7\t", &diag);
}

static void assert_answer(const char *script, enum console_answer expected)
{
	struct console c;
	struct port *port;

	assert_int_equal(ask(script, &c, &port), expected);
	console_free(&c);
	port_close(port);
}

static void answers_are_told_apart(void **state)
{
	(void)state;
	assert_answer(PEER_ECHO PEER_ECHO "-7\tnil\r\n> ", CONSOLE_DONE);
	assert_answer(PEER_ECHO PEER_ECHO "noise\r\n22 C-7\tnil\r\n> ", CONSOLE_DONE);
	assert_answer(PEER_ECHO PEER_ECHO "Lua error: \tstdin:1: no\r\n> " PEER_REST,
		      CONSOLE_ERROR);
	assert_answer(PEER_ECHO PEER_ECHO "not enough memory\r\n> " PEER_REST, CONSOLE_MEMORY);
	assert_answer(PEER_ECHO PEER_ECHO "> " PEER_REST, CONSOLE_LOST);
	assert_answer(PEER_ECHO PEER_ECHO "-7\tni" PEER_REST, CONSOLE_LOST);
	assert_answer("=-7,y" PEER_REST PEER_REST, CONSOLE_LOST);
	assert_answer(PEER_ECHO PEER_ECHO "NodeMCU 3.0\r\n build x powered by Lua 5.1.4\r\n",
		      CONSOLE_RESTART);
	assert_answer(PEER_ECHO, CONSOLE_FAILED);
}

#define SECOND \
	PEER_PAUSE PEER_PAUSE PEER_PAUSE PEER_PAUSE PEER_PAUSE PEER_PAUSE PEER_PAUSE PEER_PAUSE \
		PEER_PAUSE PEER_PAUSE

enum { ROUNDS = 80 };

/* Answers come, one every two seconds; seconds until that is given up. */
static int64_t work(bool limited)
{
	static const char round[] = PEER_ECHO SECOND SECOND PEER_ECHO PEER_ANSWER "\r\n> ";
	struct buf script = { 0 };
	struct diag diag = { 0 };
	struct console c;
	struct port *port;
	int64_t start, end;

	buf_str(&script, IN_ORDER);
	for (unsigned i = 0; i < ROUNDS; i++)
		buf_str(&script, round);
	port = peer_open(script.data, script.len);
	assert_int_equal(console_open(&c, port, &diag), ERR_NONE);
	start = port_now(port);
	if (limited)
		console_advance(&c);
	while (console_run(&c, "x()", &diag) != CONSOLE_FAILED)
		console_progress(&c);
	end = port_now(port);
	assert_int_equal(strstr(diag.text, "nothing comes whole") != NULL, limited);
	console_free(&c);
	port_close(port);
	buf_free(&script);
	return (end - start) / PORT_SECOND;
}

static void work_that_does_not_get_on_ends_though_answers_come(void **state)
{
	(void)state;
	assert_in_range(work(true), 90, 110);
	assert_in_range(work(false), ROUNDS * 2, 1000); /* the script's end */
}

/* What is read once more is no progress. */
static void strings_that_were_there_before_do_not_count_as_progress(void **state)
{
	static const char script[] = IN_ORDER "x";
	struct port *port = peer_open(script, sizeof(script) - 1);
	struct diag diag = { 0 };
	struct console c;
	struct slices s = { .console = &c, .stage = STAGE_CHECK };
	int64_t limit;

	(void)state;
	assert_int_equal(console_open(&c, port, &diag), ERR_NONE);
	slice_reached(&s, 9, 64);
	limit = c.limit;
	assert_true(limit > port_now(port));
	port_write(port, "x", 1, &diag); /* which takes its time */
	for (uint32_t i = 1; i < 10; i++)
		slice_reached(&s, i, 0);
	assert_true(c.limit == limit);
	slice_reached(&s, 9, 72);
	assert_true(c.limit > limit);
	limit = c.limit;
	port_write(port, "x", 1, &diag);
	s.stage++;
	slice_reached(&s, 1, 0);
	assert_true(c.limit > limit);
	console_free(&c);
	port_close(port);
}

static void a_line_whose_echo_differs_never_runs(void **state)
{
	struct console c;
	struct port *port;
	const struct buf *sent;
	const char *line;

	(void)state;
	assert_int_equal(ask("=-,x" PEER_REST PEER_REST, &c, &port), CONSOLE_LOST);
	sent = peer_sent(port);
	line = (const char *)console_find(sent->data, sent->len, "=-7,x");
	assert_non_null(line);
	/* What cannot compile follows before the newline does. */
	assert_memory_equal(line + 5, "]]", 2);
	console_free(&c);
	port_close(port);
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* What came in a recording, in one piece. */
static void received(const char *path, struct buf *out)
{
	struct file f = golden_file(path);
	const char *p = (const char *)f.data, *end = p + f.len;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *hex = strstr(p, "\"hex\": \"") + 8;

		assert_non_null(lf);
		if (console_find((const uint8_t *)p, (size_t)(lf - p), "\"rx\""))
			for (; *hex != '"'; hex += 2)
				buf_byte(out, (uint8_t)(digit(hex[0]) << 4 | digit(hex[1])));
		p = lf + 1;
	}
	file_close(&f);
}

static void check_boot(const char *path)
{
	struct port *port = peer_open("", 0);
	struct console c = { .port = port };
	struct check_target target;
	struct diag diag = { 0 };

	received(path, &c.in);
	text_scan(&c);
	assert_int_equal(c.restarts, 1);
	assert_int_equal(check_banner(c.banner.data, c.banner.len, &target, &diag), ERR_NONE);
	assert_true(target.known);
	assert_true(console_at_prompt(&c));
	assert_int_equal(text_error(&c), CONSOLE_DONE);
	console_free(&c);
	port_close(port);
}

static void the_recorded_starts_are_seen_as_restarts(void **state)
{
	(void)state;
	golden_each("tests/golden/console/boot-*.jsonl", check_boot);
}

static void check_errors(const char *path)
{
	struct console c = { 0 };
	const uint8_t *p;

	received(path, &c.in);
	assert_int_equal(text_error(&c), CONSOLE_ERROR);
	assert_non_null(strstr(c.error, "attempt to concatenate"));
	/* From where the heap ran out; the integer build refuses the number instead. */
	p = console_find(c.in.data, c.in.len, "Lua error: \tnot enough memory");
	assert_true(p || strstr(path, "51i"));
	if (p) {
		c.in.len -= (size_t)(p - c.in.data);
		memmove(c.in.data, p, c.in.len);
		assert_int_equal(text_error(&c), CONSOLE_MEMORY);
	}
	console_free(&c);
}

static void recorded_errors_are_told_from_strings_that_say_the_same(void **state)
{
	struct console c = { 0 };

	(void)state;
	golden_each("tests/golden/console/errors-5*.jsonl", check_errors);
	/* "not enough memory" is a string of every table. */
	received("tests/golden/console/slices-51.jsonl", &c.in);
	assert_int_equal(text_error(&c), CONSOLE_DONE);
	console_free(&c);
}

static void names_that_are_no_ports_are_refused(void **state)
{
	static const char *const names[] = { "",         "tcp:",          "tcp:h:",    "rfc2217:h",
					     "tcp:[::1", "rfc2217:h:1@x", "/dev/x@9x", "tcp::23" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct port_options o = { .name = names[i], .wake = -1 };
		struct diag diag = { 0 };
		struct port *port;

		assert_int_equal(port_open(&o, &diag, &port), ERR_KIND);
		assert_null(port);
	}
}

static void a_damaged_recording_is_refused_with_its_place(void **state)
{
	static const char text[] = "{\"t\": 1, \"dir\": \"tx\", \"hex\": \"41\"}\n{\"t\": 2}\n";
	struct port_options o = { .wake = -1,
				  .replay = (const uint8_t *)text,
				  .replay_len = sizeof(text) - 1 };
	struct diag diag = { 0 };
	struct port *port;

	(void)state;
	assert_int_equal(port_open(&o, &diag, &port), ERR_DAMAGED);
	assert_int_equal(diag.off, 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_echo_is_seen_through_prompts_and_lines_of_others),
		cmocka_unit_test(an_echo_with_a_byte_lost_doubled_or_changed_is_none),
		cmocka_unit_test(lines_of_a_slice_are_told_from_all_others),
		cmocka_unit_test(a_console_in_order_is_found_at_once),
		cmocka_unit_test(silence_ends_in_a_message_that_tells_what_to_do),
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(work_that_does_not_get_on_ends_though_answers_come),
		cmocka_unit_test(strings_that_were_there_before_do_not_count_as_progress),
		cmocka_unit_test(a_line_whose_echo_differs_never_runs),
		cmocka_unit_test(the_recorded_starts_are_seen_as_restarts),
		cmocka_unit_test(recorded_errors_are_told_from_strings_that_say_the_same),
		cmocka_unit_test(names_that_are_no_ports_are_refused),
		cmocka_unit_test(a_damaged_recording_is_refused_with_its_place),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
