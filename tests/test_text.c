/* SPDX-License-Identifier: MIT */
/*
 * Strings out of text: recordings, terminals, what Lua's own %q writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/util_golden.h"
#include "tests/util_strings.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOW 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 20
#endif
#endif
#ifndef SLOW
#define SLOW 1
#endif

static struct string_set load_bytes(const void *data, size_t len)
{
	struct string_set set = { 0 };
	struct diag diag = { 0 };
	enum err e = string_input_load(&set, data, len, &diag);

	if (e && e != ERR_KIND)
		fail_msg("%s", diag.text);
	return set;
}

static struct string_set load(const char *text)
{
	return load_bytes(text, strlen(text));
}

static struct string_set load_file(const char *path)
{
	struct file f = golden_file(path);
	struct string_set set = load_bytes(f.data, f.len);

	file_close(&f);
	return set;
}

static uint32_t seen(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	return i == STRING_UNKNOWN ? 0 : set->items[i].seen;
}

/* The set holds these words and no others. Frees it. */
static void expect(const char *what, struct string_set set, const char *const *words)
{
	struct string_set want = { 0 };

	string_set_capture(&want);
	for (; *words; words++)
		string_set_add(&want, (const uint8_t *)*words, strlen(*words));
	strings_same(what, &set, &want);
	string_set_free(&want);
	string_set_free(&set);
}

#define EXPECT(text, ...) expect(text, load(text), (const char *const[]){ __VA_ARGS__, NULL })

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
	set = load_bytes(text.data, text.len);
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
		set = load_bytes(copy, len);
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
	got = load_bytes(text.data, text.len);
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
	EXPECT("\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\'\"", "\a\b\f\n\r\t\v\\\"'");
	EXPECT("\"\\65\\066\\0677\\x41\\x7a\"", "ABC7Az");
	EXPECT("\"a\\z  \n\t b\"", "ab");
	EXPECT("\"\\u{41}\\u{e9}\\u{20AC}\\u{1F600}\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	EXPECT("\"\\u{7FFFFFFF}\\u{3ffffff}\\u{1fffff}\"",
	       "\xfd\xbf\xbf\xbf\xbf\xbf\xfb\xbf\xbf\xbf\xbf\xf7\xbf\xbf\xbf");
	EXPECT("\"a\\\nb\\\r\nc\\\rd\"", "a\nb\nc\nd");
	EXPECT("local t = 'it\"s', \"it's\", [[lo\"ng]], [==[\n]]\r\n]=]]==]", "it\"s", "it's",
	       "lo\"ng", "]]\n]=]");
	/* 5.1 takes any other character for itself; what neither version takes is kept. */
	EXPECT("\"\\q\\-\"", "q-");
	EXPECT("\"\\256\\xg1\\u{}\\u{80000000}\"", "\\256\\xg1\\u{}\\u{80000000}");
}

static void lists_come_in_many_shapes(void **state)
{
	(void)state;
	EXPECT("\"a\"", "a");
	EXPECT("local preload = \"a\", \"b\"\n", "a", "b");
	EXPECT("local preload=\n  \"a\",\n  'b' -- \"c\"\n  , \"d\"\nlocal x = 5\n", "a", "b", "d");
	EXPECT("return { \"a\", \"b\";\n\"c\", }\n", "a", "b", "c");
	EXPECT("> > local preload=\"a\",\n>> \"b\"\n>> \n", "a", "b");
	EXPECT("-- made by hand\n\nlocal _ = {\"a\"}\n  local preload = \"b\"\n", "a", "b");
	EXPECT("\"a\"\n\"b\"\r\n\"c\"\r\r\n", "a", "b", "c");
	EXPECT("a\nb c\n\n d \n", "a", "b c", " d ");
	EXPECT("1\t1\ta\n2\t2\t\\009b\n3\t5\tx\\46y\n", "a", "\tb", "x\\46y");
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
	struct string_set set = load(log_text);

	(void)state;
	assert_int_equal(set.captures, 2);
	assert_int_equal(seen(&set, "one"), 2);
	assert_int_equal(seen(&set, "two"), 1);
	assert_int_equal(seen(&set, "three"), 2);
	assert_int_equal(seen(&set, "four"), 1);
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
	struct string_set set = load(text);

	assert_int_equal(set.note_count, 1);
	if (!strstr(set.notes[0].text, words))
		fail_msg("%s: \"%s\"", text, set.notes[0].text);
	assert_int_equal(set.notes[0].off, strstr(text, at) - text);
	expect(text, set, strings);
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

/* Whether a text is read as doubtful. */
static bool is_doubtful(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	assert_int_not_equal(i, STRING_UNKNOWN);
	return set->items[i].doubtful;
}

static uint32_t damage(const struct string_set *set)
{
	return set->note_count - set->remarks;
}

static void other_output_between_the_items_of_a_list_is_passed_over(void **state)
{
	static const char *const texts[] = {
		"local preload=\"a1\",\"b1\",\ntemp 21.5\n\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\"\ntemp 21.5\n,\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\",temp 21.5\n\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\"temp 21.5\n,\"c1\",\"d1\"\n> \n",
		"local preload=\"a1\",\"b1\",\nsaid \"x\", \"y\"\nz\n\"c1\",\"d1\"\n> \n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct string_set set = load(texts[i]);

		assert_int_equal(damage(&set), 0);
		assert_int_equal(set.remarks, 1);
		for (uint32_t k = 0; k < set.count; k++)
			assert_false(set.items[k].doubtful);
		expect(texts[i], set, (const char *const[]){ "a1", "b1", "c1", "d1", NULL });
	}
}

static void a_string_that_other_output_may_be_in_is_doubtful(void **state)
{
	static const struct {
		const char *text, *doubtful;
	} cases[] = {
		{ "local preload=\"a1\",\"bro\ntemp 21.5\nken\",\"c1\",\"d1\"\n> \n", "broken" },
		{ "local preload=\"a1\",\"bro7.5\nken\",\"c1\",\"d1\"\n> \n", "bro7.5ken" },
		{ "local preload=\"a1\",\"bro\nsaid \"x\" ok\nken\",\"c1\",\"d1\"\n> \n",
		  "broken" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct string_set set = load(cases[i].text);

		assert_int_equal(damage(&set), 1);
		assert_true(is_doubtful(&set, cases[i].doubtful));
		for (unsigned k = 0; k < 3; k++)
			assert_false(
				is_doubtful(&set, (const char *const[]){ "a1", "c1", "d1" }[k]));
		assert_int_equal(set.count, 4);
		string_set_free(&set);
	}
}

static void a_list_that_loses_its_thread_is_never_lost_silently(void **state)
{
	static const char *const texts[] = {
		"local preload=\"a1\",\"b1\"temp 21.5\nfoo bar\n",
		"local preload=\"a1\",\"b\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nc\",\"d1\",\"e1\"\n",
		"local preload=\"a1\"\ntemp 21.5 c\",\"d1\",\"e1\"\nc\",\"d1\",\"e1\"\n",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct string_set set = load(texts[i]);

		assert_true(damage(&set) > 0);
		assert_int_equal(seen(&set, "a1"), 1);
		string_set_free(&set);
	}
}

/* Forty topics, wrapped at 80 columns; a line of another program in the middle. */
static void a_line_between_wrapped_ones_costs_the_string_it_tears_at_most(void **state)
{
	struct buf list = { 0 }, text = { 0 };
	struct string_set set;

	(void)state;
	buf_str(&list, "local preload=");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&list, "%s\"home/kitchen/x%02u\"", i ? "," : "", i);
	for (size_t at = 0; at < list.len; at += 80) {
		buf_put(&text, list.data + at, list.len - at < 80 ? list.len - at : 80);
		buf_str(&text, at == 160 ? "\ntemp 21.5\n" : "\n");
	}
	set = load_bytes(text.data, text.len);
	assert_int_equal(set.count, 40);
	for (unsigned i = 0; i < 40; i++) {
		char word[20];

		snprintf(word, sizeof(word), "home/kitchen/x%02u", i);
		assert_int_equal(is_doubtful(&set, word), i == 11);
	}
	string_set_free(&set);
	buf_free(&text);
	buf_free(&list);
}

static void a_wrapped_line_may_look_like_a_prompt(void **state)
{
	struct buf text = { 0 };
	struct string_set set;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		buf_printf(&text, "%s%0*u\",\"yy\n", i ? "> zz\",\"" : "local preload=\"",
			   i ? 67 : 60, i);
	buf_str(&text, "> zz\"\n> print(1)\n1\n");
	set = load_bytes(text.data, text.len);
	assert_int_equal(damage(&set), 0);
	assert_int_equal(set.count, 4);
	assert_false(is_doubtful(&set, "yy> zz"));
	string_set_free(&set);
	buf_free(&text);
}

/* Rows of 40 columns; the backslash in the last one is of \" or of a line break. */
static void a_backslash_in_the_last_column_is_what_the_next_line_says(void **state)
{
	struct string_set set = load("local preload=\"0123456789012345678901234\n"
				     "56789\",\"0123456789\",\"012345678901234\\\n"
				     "\"quoted\\\"\",\"01234567890123456789012345\n"
				     "6\",\"0123456789\",\"0123456789012345678\\\n"
				     "new line\"\n> \n");

	(void)state;
	assert_int_equal(damage(&set), 0);
	assert_false(is_doubtful(&set, "012345678901234\"quoted\""));
	assert_false(is_doubtful(&set, "0123456789012345678\nnew line"));
	string_set_free(&set);
}

static void numbered_strings_lose_their_numbers(void **state)
{
	(void)state;
	EXPECT("7\tconfig\n8\ta b\n9\thttpd\n", "config", "a b", "httpd");
	EXPECT("1 config\n2 httpd\n3 init\n", "config", "httpd", "init");
	EXPECT("1: config\n2: httpd\n3: init\n", "config", "httpd", "init");
	EXPECT("[1] = config\n[2] = httpd\n[3] = init\n", "config", "httpd", "init");
	EXPECT("[1]=\"config\",\n[2]=\"a\\\"b\",\n[3]=\"init\"\n", "config", "a\"b", "init");
	EXPECT("1=config\n2=httpd\n3=init\n", "config", "httpd", "init");
	EXPECT("> for k, v in pairs(t) do print(k, v) end\n1\tconfig\ntemp 21.5\n2\thttpd\n"
	       "3\tinit\n> \n",
	       "config", "httpd", "init");
	/* Numbers that do not follow one another are part of the strings. */
	EXPECT("2 pumps\n5 lamps\n3 doors\n", "2 pumps", "5 lamps", "3 doors");
}

static void expect_bytes(const char *text, size_t len, const char *const *words)
{
	expect(words[0], load_bytes(text, len), words);
}

static void texts_of_other_systems_are_read(void **state)
{
	static const char le[] = "\xff\xfe\"\0a\0\xe9\0\"\0,\0\"\0\x3d\xd8\x00\xde\"\0\r\0\n";
	static const char be[] = "\xfe\xff\0\"\0a\0\"\0,\0\"\0b\0\"\0\r\0\n";
	static const char bare[] = "\"\0a\0\"\0,\0\"\0b\0\"\0\r\0\n";
	static const char *const ab[] = { "a", "b", NULL };

	(void)state;
	EXPECT("\xef\xbb\xbflocal preload=\"a\",\"b\"\n", "a", "b");
	EXPECT("\xef\xbb\xbf{\"capture\":1,\"strings\":[\"a\",\"b\"]}", "a", "b");
	EXPECT("one\rtwo\rthree\r", "one", "two", "three");
	expect_bytes(le, sizeof(le),
		     (const char *const[]){ "a\xc3\xa9", "\xf0\x9f\x98\x80", NULL });
	expect_bytes(be, sizeof(be) - 1, ab);
	expect_bytes(bare, sizeof(bare), ab);
}

static void the_time_before_most_lines_is_no_part_of_them(void **state)
{
	(void)state;
	EXPECT("2024-05-01 10:00:01.123 > local preload=\"a\",\n"
	       "2024-05-01 10:00:01.129 > \"b\"\n2024-05-01 10:00:01.130 > \n",
	       "a", "b");
	EXPECT("[10:00:02.100] \"a\"\n[10:00:02.100] \"b\"\n[10:00:02.103] \"c\"\n", "a", "b", "c");
	EXPECT("10:00:01.123 -> one\n10:00:01.124 -> two\n10:00:01.125 -> three\n", "one", "two",
	       "three");
	EXPECT("[2024-05-01 10:00:02] one\n[2024-05-01 10:00:02] two\n", "one", "two");
	EXPECT("May  1 10:00:02 one\nMay  1 10:00:03 two\n", "one", "two");
	/* Strings that are times. */
	EXPECT("10:00:01\n10:00:02\nhttpd\n", "10:00:01", "10:00:02", "httpd");
}

static void only_the_output_of_commands_that_print_strings_counts(void **state)
{
	(void)state;
	EXPECT("> a=debug.getstrings()\n> for _, v in ipairs(a) do print((\"%q\"):format(v)) end\n"
	       "\"one\"\n\"two\"\n> print(\"hello\")\n\"hello\"\n> \n",
	       "one", "two");
}

static void a_value_behind_a_secret_s_name_is_marked_unless_the_list_is_sorted(void **state)
{
	struct string_set set = load(
		"local preload=\"x1\",\"pwd\",\"blabla1234\",\"ssid\",\"MyNet\","
		"\"token\",\"get\"\n");

	(void)state;
	assert_int_equal(set.count, 7);
	for (uint32_t i = 0; i < set.count; i++)
		assert_int_equal(set.items[i].beside, i == 2 || i == 4);
	string_set_free(&set);
	set = load("\"alpha\"\n\"beta\"\n\"pass\"\n\"pass2day\"\n\"zeta\"\n");
	for (uint32_t i = 0; i < set.count; i++)
		assert_false(set.items[i].beside);
	string_set_free(&set);
}

/* Lists of 250 at most, as the manual's users split them, are one capture. */
static void only_what_a_prompt_parts_is_another_capture(void **state)
{
	struct string_set set = load("local preload=\"a\",\"b\"\nlocal preload=\"b\",\"c\"\n");

	(void)state;
	assert_int_equal(set.captures, 1);
	string_set_free(&set);
	set = load("local preload=\"a\",\"b\"\n> x\nlocal preload=\"b\",\"c\"\n> \n\"d\"\n");
	assert_int_equal(set.captures, 2);
	assert_int_equal(seen(&set, "b"), 2);
	assert_int_equal(seen(&set, "d"), 1);
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

static void expect_speed(const char *what, const struct buf *text, uint32_t at_least)
{
	clock_t start = clock();
	struct string_set set = load_bytes(text->data, text->len);
	double t = (double)(clock() - start) / CLOCKS_PER_SEC;

	if (t > SLOW || set.count < at_least)
		fail_msg("%s: %u strings, %.2f s", what, set.count, t);
	string_set_free(&set);
}

static void a_hundred_thousand_lines_take_no_second(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "\"home/attic/sensor number %u\"\n", i);
	expect_speed("quoted", &text, 100000);
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "home/attic/sensor number %u\n", i);
	expect_speed("plain", &text, 100000);
	text.len = 0;
	buf_str(&text, "local preload=\"\"");
	for (unsigned i = 1; i < 100000; i++)
		buf_printf(&text, ",\"home/attic/sensor number %u\"%s", i, i % 7 ? "" : "\n");
	expect_speed("list", &text, 100000);
	/* Quotes and brackets that nothing closes must not make each line read all the rest. */
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_str(&text, i % 3 ? "\"open\n" : "[[\nlocal x=\"open\n");
	expect_speed("open", &text, 0);
	text.len = 0;
	for (unsigned i = 0; i < 100000; i++)
		buf_str(&text, "{[=[\n{\n");
	expect_speed("brackets", &text, 0);
	buf_free(&text);
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
		cmocka_unit_test(other_output_between_the_items_of_a_list_is_passed_over),
		cmocka_unit_test(a_string_that_other_output_may_be_in_is_doubtful),
		cmocka_unit_test(a_list_that_loses_its_thread_is_never_lost_silently),
		cmocka_unit_test(a_line_between_wrapped_ones_costs_the_string_it_tears_at_most),
		cmocka_unit_test(a_wrapped_line_may_look_like_a_prompt),
		cmocka_unit_test(a_backslash_in_the_last_column_is_what_the_next_line_says),
		cmocka_unit_test(numbered_strings_lose_their_numbers),
		cmocka_unit_test(texts_of_other_systems_are_read),
		cmocka_unit_test(the_time_before_most_lines_is_no_part_of_them),
		cmocka_unit_test(only_the_output_of_commands_that_print_strings_counts),
		cmocka_unit_test(
			a_value_behind_a_secret_s_name_is_marked_unless_the_list_is_sorted),
		cmocka_unit_test(only_what_a_prompt_parts_is_another_capture),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(a_hundred_thousand_lines_take_no_second),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
