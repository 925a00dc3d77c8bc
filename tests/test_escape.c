/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <iconv.h>
#include <jansson.h>
#include <string.h>

#include "common/view/escape.h"

typedef void (*escape_fn)(struct buf *out, const uint8_t *p, size_t n);

/* Whether iconv, which is not ours, takes n bytes for UTF-8. */
static bool is_utf8(const uint8_t *p, size_t n)
{
	iconv_t cd = iconv_open("UTF-32LE", "UTF-8");
	char out[1024], *from = (char *)(uintptr_t)p, *to = out;
	size_t room = sizeof(out), result;

	assert_true(cd != (iconv_t)-1 && n * 4 <= room);
	result = iconv(cd, &from, &n, &to, &room);
	iconv_close(cd);
	return result != (size_t)-1 && !n;
}

static uint8_t hex_value(uint8_t c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* The inverse of escape_text. */
static void unescape_text(struct buf *out, const struct buf *text)
{
	size_t i = 0;

	while (i < text->len) {
		const uint8_t *p = text->data + i;

		if (*p != '\\') {
			buf_byte(out, *p);
			i++;
		} else if (p[1] == 'x') {
			buf_byte(out, (uint8_t)(hex_value(p[2]) << 4 | hex_value(p[3])));
			i += 4;
		} else {
			buf_byte(out, p[1] == 'n'   ? '\n'
				      : p[1] == 'r' ? '\r'
				      : p[1] == 't' ? '\t'
						    : '\\');
			i += 2;
		}
	}
}

/* The inverse of escape_json, as its header tells it, on what jansson read. */
static void unescape_json(struct buf *out, const struct buf *text)
{
	json_error_t error;
	json_t *string = json_loadb((const char *)text->data, text->len,
				    JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	const uint8_t *p;
	size_t i, n;

	assert_non_null(string);
	p = (const uint8_t *)json_string_value(string);
	n = json_string_length(string);
	for (i = 0; i < n; i++) {
		uint32_t code = 0;

		if (n - i >= 3 && p[i] == 0xee && (p[i + 1] & 0xfe) == 0xbe)
			code = 0xe000u | (p[i + 1] & 0x3fu) << 6 | (p[i + 2] & 0x3fu);
		buf_byte(out, code ? (uint8_t)code : p[i]);
		i += code ? 2 : 0;
	}
	json_decref(string);
}

static void check_clean(const struct buf *out)
{
	size_t i;

	for (i = 0; i < out->len; i++)
		if (out->data[i] < 0x20 || out->data[i] == 0x7f)
			fail_msg("raw control byte %02x", out->data[i]);
	assert_true(is_utf8(out->data, out->len));
}

static void check_round_trips(const uint8_t *p, size_t n)
{
	struct buf text = { 0 }, json = { 0 }, back = { 0 };

	escape_text(&text, p, n);
	unescape_text(&back, &text);
	assert_int_equal(back.len, n);
	assert_memory_equal(back.data, p, n);
	back.len = 0;
	escape_json(&json, p, n);
	unescape_json(&back, &json);
	assert_int_equal(back.len, n);
	assert_memory_equal(back.data, p, n);
	if (n != 2 || !(p[0] % 16)) { /* iconv is slow */
		check_clean(&text);
		check_clean(&json);
	}
	buf_free(&text);
	buf_free(&json);
	buf_free(&back);
}

static void check_text(escape_fn escape, const char *in, size_t n, const char *expected)
{
	struct buf out = { 0 };

	escape(&out, (const uint8_t *)in, n);
	buf_byte(&out, 0);
	assert_string_equal((const char *)out.data, expected);
	buf_free(&out);
}

#define CHECK(escape, in, expected) check_text(escape, in, sizeof(in) - 1, expected)

static void every_byte_and_every_pair_comes_back(void **state)
{
	unsigned a, b;

	(void)state;
	for (a = 0; a < 256; a++) {
		uint8_t pair[2] = { (uint8_t)a, 0 };

		check_round_trips(pair, 1);
		for (b = 0; b < 256; b++) {
			pair[1] = (uint8_t)b;
			check_round_trips(pair, 2);
		}
	}
}

static void longer_sequences_come_back(void **state)
{
	static const char *const hostile[] = {
		"\xee\xbe\x80",     "\xee\xbf\xbf",     "\xee\xbd\xbf", "x\xee\xbe\x80\x80y",
		"\xed\xa0\x80",     "\xc0\xaf",         "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xf0\x9f\x98", "\xf0\x9f\x98\x80",
		"\xe2\x80\xae",     "\xe2\x82",         "\xef\xbf\xbf", "\xf3\xa0\x81\x81",
		"\\x41\\n\\\\",     "\xc2\x9b\x33m",    "\xef\xbb\xbf", "\xf4\x8f\xbf\xbf",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		check_round_trips((const uint8_t *)hostile[i], strlen(hostile[i]));
}

static void utf8_length_agrees_with_iconv(void **state)
{
	static const uint8_t seconds[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0 };
	static const uint8_t tails[] = { 0x41, 0x80, 0xbf };
	uint32_t code;
	size_t i;

	(void)state;
	for (i = 0; i < 256u * 9 * 3 * 3; i++) {
		uint8_t s[4] = { (uint8_t)(i % 256), seconds[i / 256 % 9], tails[i / 2304 % 3],
				 tails[i / 6912] };
		unsigned n, length = utf8_length(s, 4, &code), found = 0;

		for (n = 1; n <= 4 && !found; n++)
			found = is_utf8(s, n) ? n : 0;
		assert_int_equal(length, found);
		assert_int_equal(utf8_length(s, length ? length - 1 : 0, &code), 0);
	}
}

static void text_names_what_terminals_must_not_see(void **state)
{
	(void)state;
	CHECK(escape_text, "a\n\r\t\\z", "a\\n\\r\\t\\\\z");
	CHECK(escape_text, "\0\x1b[31m\x7f", "\\x00\\x1b[31m\\x7f");
	CHECK(escape_text, "\xc2\x9b", "\\xc2\\x9b");                   /* C1 CSI */
	CHECK(escape_text, "\xe2\x80\xae", "\\xe2\\x80\\xae");          /* U+202E */
	CHECK(escape_text, "\xe2\x81\xa6", "\\xe2\\x81\\xa6");          /* U+2066 */
	CHECK(escape_text, "\xe2\x80\x8b", "\\xe2\\x80\\x8b");          /* U+200B */
	CHECK(escape_text, "\xe2\x80\xa8", "\\xe2\\x80\\xa8");          /* U+2028 */
	CHECK(escape_text, "\xef\xbb\xbf", "\\xef\\xbb\\xbf");          /* U+FEFF */
	CHECK(escape_text, "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); /* tag A */
	CHECK(escape_text, "\xc0\x80|\xed\xa0\x80", "\\xc0\\x80|\\xed\\xa0\\x80");
	CHECK(escape_text, "Gr\xc3\xbc\xc3\x9f \xe6\x97\xa5", "Grüß 日");
	CHECK(escape_text, "", "");
}

static void json_keeps_text_and_marks_bytes(void **state)
{
	(void)state;
	CHECK(escape_json, "a\"\\\n\r\t\0\x1b", "\"a\\\"\\\\\\n\\r\\t\\u0000\\u001b\"");
	CHECK(escape_json, "Gr\xc3\xbc\xc3\x9f", "\"Grüß\"");
	CHECK(escape_json, "\xc2\x9b\x7f", "\"\\u009b\\u007f\"");
	CHECK(escape_json, "\xe2\x80\xae", "\"\\u202e\"");
	CHECK(escape_json, "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"");
	CHECK(escape_json, "\xff", "\"\xee\xbf\xbf\"");
	CHECK(escape_json, "\x80", "\"\xee\xbe\x80\"");
	CHECK(escape_json, "\xee\xbe\x80", "\"\xee\xbf\xae\xee\xbe\xbe\xee\xbe\x80\"");
}

static void csv_quotes_and_disarms_formulas(void **state)
{
	(void)state;
	CHECK(escape_csv, "plain", "plain");
	CHECK(escape_csv, "", "");
	CHECK(escape_csv, "a,b", "\"a,b\"");
	CHECK(escape_csv, "a\"b\"", "\"a\"\"b\"\"\"");
	CHECK(escape_csv, " a", "\" a\"");
	CHECK(escape_csv, "a\nb", "a\\nb");
	CHECK(escape_csv, "=1+1", "\"'=1+1\"");
	CHECK(escape_csv, "@x\"", "\"'@x\"\"\"");
	CHECK(escape_csv, "-", "\"'-\"");
	CHECK(escape_csv, "-1", "-1");
	CHECK(escape_csv, "+1.5e-7", "+1.5e-7");
	CHECK(escape_csv, "-1+1", "\"'-1+1\"");
	CHECK(escape_csv, "-1e", "\"'-1e\"");
	CHECK(escape_csv, "-1.", "\"'-1.\"");
}

static void markdown_cells_hold_no_markup(void **state)
{
	(void)state;
	CHECK(escape_markdown, "a|b", "a\\|b");
	CHECK(escape_markdown, "<b>&amp;", "\\<b\\>\\&amp;");
	CHECK(escape_markdown, "*_`[x]~", "\\*\\_\\`\\[x\\]\\~");
	CHECK(escape_markdown, "\n\\", "\\\\n\\\\\\\\");
	CHECK(escape_markdown, "http://www.x", "http\\://www\\.x");
	CHECK(escape_markdown, "main.lua:3", "main.lua:3");
}

static void widths_are_those_of_terminals(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} known[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "\xc3\xbc", 1 },                             /* u umlaut */
		{ "u\xcc\x88", 1 },                            /* u, combining diaeresis */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 },             /* CJK */
		{ "\xed\x95\x9c", 2 },                         /* Hangul syllable */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2 }, /* the same in jamo */
		{ "\xef\xbc\xa1", 2 },                         /* fullwidth A */
		{ "\xef\xbd\xb1", 1 },                         /* halfwidth katakana */
		{ "\xf0\x9f\x98\x80", 2 },                     /* emoji */
		{ "\xe2\x94\x9c\xe2\x94\x80", 2 },             /* box drawing */
		{ "\xd7\xa9\xd7\x81", 1 },                     /* shin, shin dot */
		{ "\xe0\xb8\x81\xe0\xb8\xb4", 1 },             /* Thai ko kai, sara i */
		{ "\xf0\xa0\x80\x80", 2 },                     /* CJK extension B */
		{ "\xee\x82\xa0", 1 },                         /* private use */
		{ "\\xff", 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(text_width((const uint8_t *)known[i].text, strlen(known[i].text)),
				 known[i].width);
}

static void cuts_spare_escapes_and_characters(void **state)
{
	static const struct {
		const char *text;
		size_t width, bytes;
	} known[] = {
		{ "abc", 2, 2 },
		{ "a\\xffb", 4, 1 },
		{ "a\\xffb", 5, 5 },
		{ "a\\nb", 2, 1 },
		{ "\\\\x41", 2, 2 },
		{ "\\\\x41", 3, 3 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, 3 },
		{ "u\xcc\x88v", 1, 3 },
		{ "abc", 0, 0 },
		{ "abc", 9, 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(text_cut((const uint8_t *)known[i].text, strlen(known[i].text),
					  known[i].width),
				 known[i].bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_and_every_pair_comes_back),
		cmocka_unit_test(longer_sequences_come_back),
		cmocka_unit_test(utf8_length_agrees_with_iconv),
		cmocka_unit_test(text_names_what_terminals_must_not_see),
		cmocka_unit_test(json_keeps_text_and_marks_bytes),
		cmocka_unit_test(csv_quotes_and_disarms_formulas),
		cmocka_unit_test(markdown_cells_hold_no_markup),
		cmocka_unit_test(widths_are_those_of_terminals),
		cmocka_unit_test(cuts_spare_escapes_and_characters),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
