/* SPDX-License-Identifier: MIT */
/*
 * Captures as JSON, and recordings of a console.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/strings/capture.h"
#include "tests/util_golden.h"
#include "tests/util_strings.h"

static void add(struct string_set *set, const char *text, size_t len)
{
	assert_int_not_equal(string_set_add(set, (const uint8_t *)text, len), STRING_UNKNOWN);
}

static enum err load(struct string_set *set, const char *text, struct diag *diag)
{
	*diag = (struct diag){ 0 };
	return string_input_load(set, (const uint8_t *)text, strlen(text), diag);
}

static uint32_t seen(const struct string_set *set, const char *text)
{
	uint32_t i = string_set_find(set, (const uint8_t *)text, strlen(text));

	return i == STRING_UNKNOWN ? 0 : set->items[i].seen;
}

/* Every byte, every pair with a byte of 0x80 and above, and texts that want out of their quotes. */
static void fill_hostile(struct string_set *set, unsigned step)
{
	static const char *const words[] = { "",          "\"",           "\\",
					     "\\u0000",   "]]",           "--",
					     "</script>", "\xee\xbe\x80", "\xee\xbf\xbf",
					     "\xee\xbe",  "caf\xc3\xa9" };
	char text[2];

	string_set_capture(set);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		add(set, words[i], strlen(words[i]));
	for (unsigned i = 0; i < 256; i++) {
		text[0] = (char)i;
		add(set, text, 1);
	}
	for (unsigned i = 0; i < 65536; i += step) {
		text[0] = (char)(i >> 8);
		text[1] = (char)i;
		add(set, text, i < 32768 ? 1 : 2);
	}
	string_set_capture(set);
	add(set, "\0", 1);
	add(set, "nul\0here", 8);
}

static void any_bytes_are_read_as_they_were_written(void **state)
{
	struct string_set set = { 0 }, again = { 0 };
	struct diag diag = { 0 };
	struct buf json = { 0 };

	(void)state;
	fill_hostile(&set, 1);
	capture_write(&set, &json);
	assert_int_equal(string_input_load(&again, json.data, json.len, &diag), ERR_NONE);
	assert_int_equal(again.note_count, 0);
	assert_int_equal(again.captures, 2);
	assert_int_equal(again.count, set.count);
	golden_same_bytes("again", "texts", again.bytes.data, again.bytes.len, set.bytes.data,
			  set.bytes.len);
	for (uint32_t i = 0; i < set.count; i++)
		assert_int_equal(again.items[i].seen, set.items[i].seen);
	assert_int_equal(again.items[string_set_find(&again, (const uint8_t *)"\0", 1)].seen, 2);
	string_set_free(&set);
	string_set_free(&again);
	buf_free(&json);
}

/* jsonschema is Python's and knows nothing of us. */
static void what_is_written_keeps_to_the_schema(void **state)
{
	static const char check[] = "python3 -c 'import json,sys\n"
				    "try: import jsonschema\n"
				    "except ImportError: sys.exit(77)\n"
				    "s=json.load(open(\"tests/schema/capture-1.schema.json\"))\n"
				    "jsonschema.validate(json.load(sys.stdin.buffer), s)'";
	struct string_set set = { 0 };
	struct buf json = { 0 };
	FILE *f;
	int status;

	(void)state;
	fill_hostile(&set, 101);
	strcpy(set.device.banner, "NodeMCU 3.0.0.0 \"x\" \xff");
	strcpy(set.device.number, "float");
	set.device.lua = 51;
	set.device.heap = 33944;
	set.device.time = 1708866244;
	for (unsigned i = 0; i < 2; i++) {
		json.len = 0;
		capture_write(&set, &json);
		f = popen(check, "w");
		assert_non_null(f);
		fwrite(json.data, 1, json.len, f);
		status = pclose(f) >> 8;
		if (status == 77)
			skip();
		assert_int_equal(status, 0);
		set.device = (struct string_device){ 0 };
	}
	string_set_free(&set);
	buf_free(&json);
}

static void what_is_known_of_a_device_survives(void **state)
{
	struct string_set set = { 0 }, again = { 0 };
	struct string_device *d = &set.device;
	struct diag diag = { 0 };
	struct buf json = { 0 };

	(void)state;
	string_set_capture(&set);
	snprintf(d->banner, sizeof(d->banner), "NodeMCU \xff 3.0.0.0");
	snprintf(d->number, sizeof(d->number), "integer");
	d->lua = 53;
	d->heap = 1;
	d->time = 4102444800;
	capture_write(&set, &json);
	assert_int_equal(string_input_load(&again, json.data, json.len, &diag), ERR_NONE);
	assert_string_equal(again.device.banner, d->banner);
	assert_string_equal(again.device.number, d->number);
	assert_int_equal(again.device.lua, 53);
	assert_int_equal(again.device.heap, 1);
	assert_int_equal(again.device.time, 4102444800);
	string_set_free(&set);
	string_set_free(&again);
	buf_free(&json);
}

static void captures_add_up(void **state)
{
	struct string_set set = { 0 };
	struct diag diag;

	(void)state;
	assert_int_equal(load(&set,
			      "{\"capture\":1,\"captures\":3,\"strings\":["
			      "{\"text\":\"a\",\"seen\":2},{\"text\":\"b\"}]}",
			      &diag),
			 ERR_NONE);
	assert_int_equal(load(&set, "\"b\"\n\"c\"\n", &diag), ERR_NONE);
	/* No string is in more captures than there are. */
	assert_int_equal(load(&set,
			      "{\"strings\":[{\"text\":\"a\",\"seen\":99},\"d\"],"
			      "\"captures\":2,\"capture\":1,\"new\":{\"x\":[]}}",
			      &diag),
			 ERR_NONE);
	assert_int_equal(set.captures, 6);
	assert_int_equal(seen(&set, "a"), 4);
	assert_int_equal(seen(&set, "b"), 2);
	assert_int_equal(seen(&set, "c"), 1);
	assert_int_equal(seen(&set, "d"), 1);
	string_set_free(&set);
}

static void damage_has_its_place(void **state)
{
	static const struct {
		const char *text;
		enum err code;
		uint64_t off;
		const char *words;
	} cases[] = {
		{ "{\"capture\":1,\"strings\":[}", ERR_DAMAGED, 25, "no valid JSON from line 1" },
		{ "{\"capture\":1,\"strings\":[\"\xff\"]}", ERR_DAMAGED, 25, "" },
		{ "{\"capture\":1,\"strings\":[\"a\"]", ERR_TRUNCATED, 0, "too early, in line 1" },
		{ "{\"capture\":2,\"strings\":[]}", ERR_KIND, 0, "version 2" },
		{ "{\"capture\":\"x\",\"strings\":[]}", ERR_KIND, 0, "no number" },
		{ "{\"capture\":1,\"strings\":{}}", ERR_DAMAGED, 0, "no list of \"strings\"" },
	};
	struct string_set set = { 0 };
	struct diag diag;

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(load(&set, cases[i].text, &diag), cases[i].code);
		assert_non_null(strstr(diag.text, cases[i].words));
		/* The parser tells the byte that it did not like, or the one behind it. */
		assert_in_range(diag.off, cases[i].off - (cases[i].off > 0), cases[i].off + 1);
	}
	assert_int_equal(
		load(&set, "{\"capture\":1,\"strings\":[\"a\",{},5,{\"text\":1},\"b\"]}", &diag),
		ERR_NONE);
	assert_int_equal(set.count, 2);
	assert_int_equal(set.note_count, 3);
	assert_string_equal(set.notes[1].text, "item 2 is no string");
	string_set_free(&set);
}

/* tests/schema/capture-1.schema.json says what each may be. */
static void a_field_that_the_schema_forbids_is_noted_and_passed_over(void **state)
{
	static const struct {
		const char *fields, *path;
	} cases[] = {
		{ "\"device\":[]", "device" },
		{ "\"device\":{\"banner\":1}", "device.banner" },
		{ "\"device\":{\"lua\":\"5.2\"}", "device.lua" },
		{ "\"device\":{\"lua\":\"5.11\"}", "device.lua" },
		{ "\"device\":{\"number\":8}", "device.number" },
		{ "\"device\":{\"heap\":0}", "device.heap" },
		{ "\"device\":{\"time\":\"x\"}", "device.time" },
		{ "\"captures\":-1", "captures" },
		{ "\"captures\":0.5", "captures" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct string_set set = { 0 };
		struct diag diag;
		char text[200];

		snprintf(text, sizeof(text), "{\"capture\":1,%s,\"strings\":[\"a\"]}",
			 cases[i].fields);
		assert_int_equal(load(&set, text, &diag), ERR_NONE);
		assert_int_equal(set.note_count, 1);
		assert_string_equal(set.notes[0].path, cases[i].path);
		assert_int_equal(set.notes[0].code, ERR_DAMAGED);
		assert_int_equal(seen(&set, "a"), 1);
		assert_int_equal(set.device.lua, 0);
		assert_true(set.device.heap <= 0);
		string_set_free(&set);
	}
}

static void a_list_that_was_printed_as_json_is_read_again(void **state)
{
	struct string_set set = { 0 };
	struct diag diag;

	(void)state;
	assert_int_equal(load(&set,
			      "{\"captures\":2,\"totals\":{\"kept\":1},\"strings\":["
			      "{\"text\":\"a\",\"seen\":2,\"verdict\":\"kept\"},"
			      "{\"text\":\"b\",\"seen\":1,\"verdict\":\"private\"}]}",
			      &diag),
			 ERR_NONE);
	assert_int_equal(set.captures, 2);
	assert_int_equal(seen(&set, "a"), 2);
	assert_int_equal(seen(&set, "b"), 1);
	string_set_free(&set);
	assert_int_equal(
		load(&set, "RAM,flash,length,seen,verdict,text\n1,2,3,4,kept,abc\n", &diag),
		ERR_KIND);
	assert_non_null(strstr(diag.text, "--format json"));
	string_set_free(&set);
}

static void doubt_survives_until_a_capture_is_sure(void **state)
{
	struct string_set set = { 0 }, again = { 0 };
	struct diag diag;
	struct buf json = { 0 };

	(void)state;
	string_set_capture(&set);
	string_set_add_doubtful(&set, (const uint8_t *)"a", 1);
	add(&set, "b", 1);
	capture_write(&set, &json);
	buf_byte(&json, 0);
	assert_int_equal(load(&again, (const char *)json.data, &diag), ERR_NONE);
	assert_true(again.items[0].doubtful);
	assert_false(again.items[1].doubtful);
	assert_int_equal(load(&again, "\"a\"\n", &diag), ERR_NONE);
	assert_false(again.items[0].doubtful);
	string_set_free(&set);
	string_set_free(&again);
	buf_free(&json);
}

static void every_prefix_is_survived(void **state)
{
	struct string_set set = { 0 };
	struct buf json = { 0 };

	(void)state;
	string_set_capture(&set);
	add(&set, "nul\0here \xff\xfe \xee\xbe\x80", 15);
	add(&set, "\"quotes\"", 8);
	set.device.lua = 51;
	capture_write(&set, &json);
	for (size_t len = 0; len <= json.len; len++) {
		uint8_t *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, json.data, len);
		strings_tour_text(copy, len);
		free(copy);
	}
	string_set_free(&set);
	buf_free(&json);
}

/* The bytes that a recording holds are read as if they came in a file. */
static void same_as_its_bytes(const char *path)
{
	struct string_set recorded = { 0 }, plain = { 0 };
	struct diag diag = { 0 }, diag2 = { 0 };
	struct file f = golden_file(path);
	struct buf rx = { 0 };

	strings_received(&rx, path);
	assert_int_equal(string_input_load(&recorded, f.data, f.len, &diag),
			 string_input_load(&plain, rx.data, rx.len, &diag2));
	strings_same(path, &recorded, &plain);
	buf_free(&rx);
	file_close(&f);
	string_set_free(&recorded);
	string_set_free(&plain);
}

static void a_recording_is_read_by_the_bytes_from_the_device(void **state)
{
	struct string_set set = { 0 };
	struct diag diag;

	(void)state;
	golden_each("tests/golden/console/*.jsonl", same_as_its_bytes);
	assert_int_equal(load(&set,
			      "{\"dir\": \"rx\", \"hex\": \"226122\"}\nnonsense\n"
			      "{\"dir\": \"rx\", \"hex\": \"2c2262220a\"}\n"
			      "{\"dir\": \"rx\", \"hex\": \"0\"}\n",
			      &diag),
			 ERR_NONE);
	assert_int_equal(set.count, 2);
	assert_int_equal(set.note_count, 2);
	assert_int_equal(set.notes[0].off, 31);
	string_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_read_as_they_were_written),
		cmocka_unit_test(what_is_written_keeps_to_the_schema),
		cmocka_unit_test(what_is_known_of_a_device_survives),
		cmocka_unit_test(captures_add_up),
		cmocka_unit_test(damage_has_its_place),
		cmocka_unit_test(a_field_that_the_schema_forbids_is_noted_and_passed_over),
		cmocka_unit_test(a_list_that_was_printed_as_json_is_read_again),
		cmocka_unit_test(doubt_survives_until_a_capture_is_sure),
		cmocka_unit_test(every_prefix_is_survived),
		cmocka_unit_test(a_recording_is_read_by_the_bytes_from_the_device),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
