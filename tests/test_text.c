/* SPDX-License-Identifier: MIT */
/*
 * Strings out of text: recordings, terminals, what Lua's own %q writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/util_golden.h"
#include "tests/util_strings.h"
#include "tests/util_text.h"

static struct string_set load_file(const char *path)
{
	struct file f = golden_file(path);
	struct string_set set = text_load_bytes(f.data, f.len);

	file_close(&f);
	return set;
}

/* What the commands of one recording interned and those of the other did not. */
static const char *const only_slices[] = { "N", "__s", "collectgarbage", /* 5.3: */ "LUABOX",
					   "__name" };
static const char *const only_snippet[] = { "%q",
					    ",",
					    "concat",
					    "format",
					    "local preload=",
					    "table",
					    /* 5.3: */ "(for index)",
					    "(for limit)",
					    "(for step)",
					    "a",
					    "i",
					    "do local a=debug.getstrings'RAM'" };

static void add_words(struct string_set *set, const char *const *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t before = set->count;

		string_set_add(set, (const uint8_t *)words[i], strlen(words[i]));
		assert_int_equal(set->count, before + 1);
	}
}

/* A slice's lines, read by a few lines that share nothing with the reader. */
static struct string_set read_slices(const char *version)
{
	struct string_set set = { 0 };
	struct buf text = { 0 };
	char path[100], *save = NULL;

	snprintf(path, sizeof(path), "tests/golden/console/slices-%s.jsonl", version);
	strings_received(&text, path);
	buf_byte(&text, 0);
	string_set_capture(&set);
	for (char *line = strtok_r((char *)text.data, "\r\n", &save); line;
	     line = strtok_r(NULL, "\r\n", &save)) {
		unsigned index, length;
		int at = 0;
		struct buf word = { 0 };

		if (sscanf(line, "%u\t%u%n", &index, &length, &at) != 2 || line[at] != '\t')
			continue;
		strings_unescape(&word, line + at + 1, strlen(line + at + 1));
		assert_int_equal(word.len, length);
		string_set_add(&set, word.data, word.len);
		buf_free(&word);
	}
	buf_free(&text);
	return set;
}

static void compare_recordings(const char *version, bool lua53)
{
	struct string_set independent = read_slices(version), slices, snippet;
	char path[100];

	assert_int_equal(independent.count, lua53 ? 112 : 88);
	snprintf(path, sizeof(path), "tests/golden/console/slices-%s.jsonl", version);
	slices = load_file(path);
	strings_same(path, &slices, &independent);
	assert_int_equal(slices.note_count, 0);
	snprintf(path, sizeof(path), "tests/golden/console/snippet-%s.jsonl", version);
	snippet = load_file(path);
	assert_int_equal(snippet.note_count, 0);
	assert_int_equal(snippet.captures, 1);
	add_words(&snippet, only_slices, lua53 ? 5 : 3);
	add_words(&slices, only_snippet, lua53 ? 12 : 6);
	strings_same(path, &snippet, &slices);
	string_set_free(&independent);
	string_set_free(&slices);
	string_set_free(&snippet);
}

static void the_snippet_and_the_slices_give_the_same_strings(void **state)
{
	(void)state;
	compare_recordings("51", false);
	compare_recordings("51i", false);
	compare_recordings("53", true);
}

static void lists_of_getstrings_are_read_as_they_are_documented(void **state)
{
	static const char *const names[] = { "heap-51", "heap-51i", "heap-53" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct string_set want = { 0 }, got;
		char path[100];

		snprintf(path, sizeof(path), "tests/golden/ram/%s.strings.txt", names[i]);
		assert_true(strings_golden(&want, path) > 80);
		got = load_file(path);
		strings_same(path, &got, &want);
		string_set_free(&want);
		string_set_free(&got);
	}
}

/* What a shell's command prints. */
static void run(const char *command, struct buf *out)
{
	FILE *f = popen(command, "r");
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		buf_byte(out, (uint8_t)c);
	assert_int_equal(pclose(f), 0);
}

/* What the device sent, through a shell's filter. */
static struct string_set filtered(const char *recording, const char *filter)
{
	struct buf text = { 0 };
	struct string_set set;
	char command[400], path[] = "/tmp/test_text.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	strings_received(&text, recording);
	assert_int_equal(write(fd, text.data, text.len), text.len);
	close(fd);
	text.len = 0;
	snprintf(command, sizeof(command), "tr -d '\\r' <%s | %s", path, filter);
	run(command, &text);
	unlink(path);
	set = text_load_bytes(text.data, text.len);
	buf_free(&text);
	return set;
}

/* fold knows nothing of us. In 5.1 a tab stands raw in the list, which no terminal copies. */
static void wrapped(const char *path)
{
	static const char *const filters[] = {
		"fold -w 80",
		"fold -w 132",
		"fold -w 47",
		"fold -w 80 | sed 's/$/\\r/'",
		/* blanks behind full lines; where sed can tell them, without tabs */
		"fold -w 80 | LC_ALL=C sed '/^.\\{80\\}$/s/$/  /'",
	};
	struct string_set whole = load_file(path);

	for (unsigned i = 0; i < (strstr(path, "53") ? 5 : 4); i++) {
		struct string_set set = filtered(path, filters[i]);

		strings_same(filters[i], &set, &whole);
		/* A line break in the last column cannot be told from a wrap of an escape. */
		for (uint32_t n = 0; n < set.note_count; n++)
			assert_non_null(strstr(set.notes[n].text, "backslash in the last"));
		string_set_free(&set);
	}
	string_set_free(&whole);
}

static void wraps_of_a_terminal_are_undone(void **state)
{
	(void)state;
	golden_each("tests/golden/console/snippet-*.jsonl", wrapped);
}

static void each_prefix_gives_strings_of_the_whole(void **state)
{
	struct string_set whole = load_file("tests/golden/console/snippet-51.jsonl");
	struct buf text = { 0 };

	(void)state;
	strings_received(&text, "tests/golden/console/snippet-51.jsonl");
	for (size_t len = 0; len < text.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct string_set set;

		assert_non_null(copy);
		memcpy(copy, text.data, len);
		set = text_load_bytes(copy, len);
		/* Without a list the echo is all there is. */
		if (set.count > 3)
			strings_hold("prefix", &whole, &set);
		string_set_free(&set);
		free(copy);
	}
	buf_free(&text);
	string_set_free(&whole);
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* Random strings, and the file of hex lines that Lua reads them from. */
static void make_random(struct string_set *set, FILE *hex)
{
	uint32_t x = 4711;
	uint8_t text[64];

	string_set_capture(set);
	for (unsigned i = 0; i < 10000; i++) {
		size_t len = next_random(&x) % 60;

		for (size_t k = 0; k < len; k++) {
			/* Half of them bytes that matter. */
			text[k] = next_random(&x) % 2
					  ? (uint8_t)next_random(&x)
					  : (uint8_t) "\n\r\\\"\0> 0189,nz"[next_random(&x) % 14];
		}
		string_set_add(set, text, len);
		for (size_t k = 0; k < len; k++)
			fprintf(hex, "%02x", text[k]);
		fputc('\n', hex);
	}
}

static void quoted_by(const char *lua, const char *format)
{
	struct string_set want = { 0 }, got;
	char path[] = "/tmp/test_text.XXXXXX", command[600];
	struct buf text = { 0 };
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(f);
	make_random(&want, f);
	fclose(f);
	snprintf(command, sizeof(command),
		 "%s -e 'local t = {} for l in io.lines(\"%s\") do t[#t + 1] = "
		 "(\"%%q\"):format((l:gsub(\"..\", function(h) return string.char(tonumber(h, 16)) "
		 "end))) end %s'",
		 lua, path, format);
	run(command, &text);
	unlink(path);
	got = text_load_bytes(text.data, text.len);
	assert_true(text.len > 300000);
	strings_same(lua, &got, &want);
	assert_int_equal(got.note_count, 0);
	assert_int_equal(got.captures, 1);
	string_set_free(&got);
	string_set_free(&want);
	buf_free(&text);
}

static void what_lua_quotes_is_read_back(void **state)
{
	static const char *const programs[] = { "lua5.1", "lua5.3" };
	char command[60];
	unsigned met = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(command, sizeof(command), "%s -v >/dev/null 2>&1", programs[i]);
		if (system(command) != 0)
			continue;
		met++;
		quoted_by(programs[i], "print(table.concat(t, \"\\n\"))");
		quoted_by(programs[i], "print(\"local preload=\" .. table.concat(t, \",\"))");
		quoted_by(programs[i],
			  "print(\"return {\" .. table.concat(t, \",\\n  \") .. \"}\")");
	}
	if (!met)
		skip();
}

static void escapes_of_both_versions_are_known(void **state)
{
	(void)state;
	TEXT_EXPECT("\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\"", "\a\b\f\n\r\t\v\\\"'");
	TEXT_EXPECT("\"\\65\\066\\0677\\x41\\x7a\"", "ABC7Az");
	TEXT_EXPECT("\"a\\z  \n\t b\"", "ab");
	TEXT_EXPECT("\"\\u{41}\\u{e9}\\u{20AC}\\u{1F600}\"",
		    "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	TEXT_EXPECT("\"\\u{7FFFFFFF}\\u{3ffffff}\\u{1fffff}\"",
		    "\xfd\xbf\xbf\xbf\xbf\xbf\xfb\xbf\xbf\xbf\xbf\xf7\xbf\xbf\xbf");
	TEXT_EXPECT("\"a\\\nb\\\r\nc\\\rd\"", "a\nb\nc\nd");
	TEXT_EXPECT("local t = 'it\"s', \"it's\", [[lo\"ng]], [==[\n]]\r\n]=]]==]", "it\"s", "it's",
		    "lo\"ng", "]]\n]=]");
	/* 5.1 takes any other character for itself; what neither version takes is kept. */
	TEXT_EXPECT("\"\\q\\-\"", "q-");
	TEXT_EXPECT("\"\\256\\xg1\\u{}\\u{80000000}\"", "\\256\\xg1\\u{}\\u{80000000}");
}

static void lists_come_in_many_shapes(void **state)
{
	(void)state;
	TEXT_EXPECT("\"a\"", "a");
	TEXT_EXPECT("local preload = \"a\", \"b\"\n", "a", "b");
	TEXT_EXPECT("local preload=\n  \"a\",\n  'b' -- \"c\"\n  , \"d\"\nlocal x = 5\n", "a", "b",
		    "d");
	TEXT_EXPECT("return { \"a\", \"b\";\n\"c\", }\n", "a", "b", "c");
	TEXT_EXPECT("> > local preload=\"a\",\n>> \"b\"\n>> \n", "a", "b");
	TEXT_EXPECT("-- made by hand\n\nlocal _ = {\"a\"}\n  local preload = \"b\"\n", "a", "b");
	TEXT_EXPECT("\"a\"\n\"b\"\r\n\"c\"\r\r\n", "a", "b", "c");
	TEXT_EXPECT("a\nb c\n\n d \n", "a", "b c", " d ");
	TEXT_EXPECT("1\t1\ta\n2\t2\t\\009b\n3\t5\tx\\46y\n", "a", "\tb", "x\\46y");
}

static const char log_text[] =
	"l\x01\xff\r\n"
	"NodeMCU 3.0.0.0 \r\n"
	"\tbranch: release\r\n"
	"\tbuild type: integer\r\n"
	"\tmodules: file,node\r\n"
	" build 2026-11-22 21:43 powered by Lua 5.3.6 on SDK 3.0.1-dev(fce080e)\r\n"
	"temp 21.5\r\n"
	"> ssid = \"typed\"\r\n"
	"> =\"echo\"\r\n"
	"echo\r\n"
	"> for _, s in ipairs(a) do print((\"%q\"):format(s)) end\r\n"
	"\"one\"\r\n"
	"E:M 1032\r\n"
	"\"twoE:M 88\r\n"
	"\"\r\n"
	"got \"quoted\" message\r\n"
	"'tis a line of an application\r\n"
	"[1] = 5\r\n"
	"\"three\"\r\n"
	"Lua error: \tstdin:1: not enough memory\r\n"
	"> print(('local preload='..table.concat(a,',')))\r\n"
	"local preload=\"one\",\"three\",\r\nE:M 20\r\n\"four\"\r\n"
	"> \r\n";

static void other_lines_of_a_console_are_left_out(void **state)
{
	struct string_set set = text_load(log_text);

	(void)state;
	assert_int_equal(set.captures, 2);
	assert_int_equal(text_seen(&set, "one"), 2);
	assert_int_equal(text_seen(&set, "two"), 1);
	assert_int_equal(text_seen(&set, "three"), 2);
	assert_int_equal(text_seen(&set, "four"), 1);
	assert_int_equal(set.count, 4);
	assert_int_equal(set.note_count, 1);
	assert_non_null(strstr(set.notes[0].text, "allocator"));
	assert_int_equal(set.notes[0].code, ERR_NONE);
	assert_int_equal(set.device.lua, 53);
	assert_string_equal(set.device.number, "integer");
	assert_string_equal(set.device.banner, "NodeMCU 3.0.0.0");
	string_set_free(&set);
}

/* A note is expected whose words and offset are these; what else is read must be right. */
static void expect_note(const char *text, const char *words, const char *at,
			const char *const *strings)
{
	struct string_set set = text_load(text);

	assert_int_equal(set.note_count, 1);
	if (!strstr(set.notes[0].text, words))
		fail_msg("%s: \"%s\"", text, set.notes[0].text);
	assert_int_equal(set.notes[0].off, strstr(text, at) - text);
	text_expect(text, set, strings);
}
#define NOTE(text, words, at, ...) \
	expect_note(text, words, at, (const char *const[]){ __VA_ARGS__, NULL })

static void what_is_broken_is_noted_with_its_place(void **state)
{
	(void)state;
	NOTE("local preload=\"a\",\"b", "no end", "\"b", "a");
	NOTE("local preload=\"a\",\"b\n> \"x\"\n", "no end", "\"b", "a", "x");
	NOTE("\"a\"\n\"b\n\"c\"\n", "no end", "\"b", "a", "c");
	NOTE("local preload=\"a\",\n> x\n", "ends with a comma", "\n> x", "a");
	NOTE("local preload=\"a\", [==[b]]\n", "no end", "[==[", "a");
	NOTE("\"a\\300\"", "no escape", "\\300", "a\\300");
	NOTE("local preload=\"bro\nken\", \"long enough to be the longest line\", \"a\"\n",
	     "joined", "\nken", "long enough to be the longest line", "broken", "a");
	NOTE("1\t1\ta\n2\t9\tb\n3\t1\tc\n", "9", "2\t9", "a", "c");
}

/* Lists of 250 at most, as the manual's users split them, are one capture. */
static void only_what_a_prompt_parts_is_another_capture(void **state)
{
	struct string_set set = text_load("local preload=\"a\",\"b\"\nlocal preload=\"b\",\"c\"\n");

	(void)state;
	assert_int_equal(set.captures, 1);
	string_set_free(&set);
	set = text_load("local preload=\"a\",\"b\"\n> x\nlocal preload=\"b\",\"c\"\n> \n\"d\"\n");
	assert_int_equal(set.captures, 2);
	assert_int_equal(text_seen(&set, "b"), 2);
	assert_int_equal(text_seen(&set, "d"), 1);
	string_set_free(&set);
}

static void what_is_no_text_is_refused(void **state)
{
	static const char *const paths[] = { "tests/golden/img/app-51f.img",
					     "tests/golden/img/app-53.img",
					     "tests/golden/lc/app-51f.lc",
					     "tests/golden/ram/heap-51.bin" };
	struct diag diag = { 0 };
	struct string_set set = { 0 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct file f;

		if (file_load(paths[i], &diag, &f)) {
			diag = (struct diag){ 0 };
			continue;
		}
		if (string_input_load(&set, f.data, f.len, &diag) != ERR_KIND)
			fail_msg("%s: taken for text", paths[i]);
		diag = (struct diag){ 0 };
		file_close(&f);
	}
	assert_int_equal(set.count, 0);
	assert_int_equal(string_input_load(&set, (const uint8_t *)"", 0, &diag), ERR_KIND);
	string_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_snippet_and_the_slices_give_the_same_strings),
		cmocka_unit_test(lists_of_getstrings_are_read_as_they_are_documented),
		cmocka_unit_test(wraps_of_a_terminal_are_undone),
		cmocka_unit_test(each_prefix_gives_strings_of_the_whole),
		cmocka_unit_test(what_lua_quotes_is_read_back),
		cmocka_unit_test(escapes_of_both_versions_are_known),
		cmocka_unit_test(lists_come_in_many_shapes),
		cmocka_unit_test(other_lines_of_a_console_are_left_out),
		cmocka_unit_test(what_is_broken_is_noted_with_its_place),
		cmocka_unit_test(only_what_a_prompt_parts_is_another_capture),
		cmocka_unit_test(what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
