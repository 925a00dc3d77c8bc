/* SPDX-License-Identifier: MIT */
/*
 * What loaders do not look at: nothing in an unharmed image, and in harmed ones the field that was
 * harmed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/fixed53.h"
#include "common/lua/format.h"
#include "tests/util_check.h"
#include "tests/util_golden.h"
#include "tests/util_verdicts.h"

#define IMG "tests/golden/img/"
#define LC  "tests/golden/lc/"

static void is_clean(const char *path)
{
	struct file f = golden_file(path);
	struct checked c;

	checked_open(&c, path, f.data, f.len, NULL);
	assert_non_null(c.book.img);
	/* luac.cross left the one unfinished; the next test is about the others. */
	if (!strstr(path, "numbers-51i.lc") && !strstr(path, "fixed-53"))
		golden_same(path, c.r.count ? c.r.findings[0].cause : "findings", c.r.count, 0);
	checked_close(&c);
	file_close(&f);
}

static void unharmed_files_are_clean(void **state)
{
	(void)state;
	golden_each(IMG "*.img", is_clean);
	golden_each(LC "*.lc", is_clean);
}

/* edge53/fixed.lua: the lines that have the words, as often as they do. */
static const struct {
	const char *word, *reads;
	unsigned lines[6];
} fixed_words[] = {
	{ "\"userdata\" in ", "a \"userdata\" that does not equal", { 3, 7, 19, 23 } },
	{ "\"thread\" in ", "reads \"userdata\"", { 3, 8, 17, 17, 23 } },
	{ "\"proto\" in ", "reads \"thread\"", { 3, 12, 12, 23 } },
};

static unsigned count_fixed(const struct checked *c, unsigned word, unsigned line)
{
	char text[60];
	unsigned n = 0;

	snprintf(text, sizeof(text), "%sfixed.lua:%u ", fixed_words[word].word, line);
	for (uint32_t i = 0; i < c->r.count; i++)
		n += strstr(c->r.findings[i].cause, text) &&
		     strstr(c->r.findings[i].cause, fixed_words[word].reads);
	return n;
}

static void mistaken_words_are_found(const char *path)
{
	struct file f = golden_file(path);
	struct checked c;
	unsigned total = 0;

	checked_open(&c, path, f.data, f.len, NULL);
	for (unsigned w = 0; w < 3; w++) {
		for (unsigned line = 1; line <= 23; line++) {
			unsigned wanted = 0;

			for (unsigned i = 0; i < 6; i++)
				wanted += fixed_words[w].lines[i] == line;
			golden_same(path, fixed_words[w].word, count_fixed(&c, w, line), wanted);
			total += wanted;
		}
	}
	golden_same(path, "errors", c.errors, total);
	checked_close(&c);
	file_close(&f);
}

/* With the strings numbered as the loader does, each word is itself. */
static void repaired_words_are_clean(const char *path)
{
	struct lua_image *img = golden_load(path);
	struct diag diag = { 0 };
	struct buf out = { 0 };
	struct checked c;

	img->header.fixed_count = FIXED53_COUNT;
	assert_int_equal(img->format->save(img, &diag, &out), ERR_NONE);
	checked_open(&c, path, out.data, out.len, NULL);
	golden_same(path, c.r.count ? c.r.findings[0].cause : "findings", c.r.count, 0);
	checked_close(&c);
	buf_free(&out);
	lua_image_free(img);
}

static void words_that_the_device_mistakes_are_named_with_their_lines(void **state)
{
	(void)state;
	golden_each(IMG "fixed-53*.img", mistaken_words_are_found);
	golden_each(IMG "fixed-53*.img", repaired_words_are_clean);
}

/* What a field is found by. */
enum place {
	AT_STRING,  /* delta from the TString */
	AT_TEXT,    /* from the NUL behind the text */
	AT_PROTO,   /* from the record */
	AT_HEAD,    /* stream: from the record's end */
	AT_CODE,    /* delta is the instruction */
	AT_UPVALUE, /* delta from the vector, as for the next two */
	AT_LOCAL,
	AT_LINES,
	AT_FLAG, /* bit index is turned */
};

struct harm {
	const char *path;
	enum place at;
	uint32_t index; /* of the string or prototype */
	int delta;
	uint32_t bytes, value;
	const char *field, *cause;
	bool elsewhere; /* the finding is not where the harm was done */
};

#define F  IMG "app-51f.img"
#define A  IMG "app-51f-abs.img"
#define D  IMG "app-51f-debug0.img"
#define P  IMG "app-53.img"
#define PA IMG "app-53-abs.img"

/* Words of the main prototype, as tests/golden/lst would have it: 8 is EQ 0 0 -3, 27 LOADK 4 -2. */
static const struct harm harms[] = {
	{ F, AT_STRING, 5, 5, 1, 0x00, "strings[5].marked", "takes the string for one in RAM", 0 },
	{ F, AT_STRING, 5, 5, 1, 0x41, "strings[5].marked", "takes the string for one in RAM", 0 },
	{ F, AT_STRING, 5, 11, 1, 0x5a, "strings[5].hash", "not that of the text", 1 },
	{ F, AT_TEXT, 5, 0, 1, 'x', "strings[5].text", "no NUL behind", 0 },
	{ F, AT_TEXT, 5, -1, 1, '#', "strings[5].hash", "not that of the text", 1 },
	{ F, AT_PROTO, 1, 5, 1, 1, "proto[1].marked", "takes the prototype for one in RAM", 0 },
	{ F, AT_PROTO, 2, 56, 4, 100, "proto[2].linedefined", "line 100 to line 9", 0 },
	{ F, AT_PROTO, 2, 56, 4, 7, "proto[2].packedlineinfo", "of a function from 7 to 9", 1 },
	{ F, AT_PROTO, 1, 60, 4, 9, "proto[1].linedefined", "line 0 to line 9", 1 },
	{ F, AT_PROTO, 1, 69, 1, 200, "proto[1].numparams", "200 parameters in 8 registers", 0 },
	{ F, AT_PROTO, 1, 70, 1, 1, "proto[1].is_vararg", "0x01", 0 },
	{ F, AT_PROTO, 1, 71, 1, 251, "proto[1].maxstacksize", "251 registers", 0 },
	{ F, AT_PROTO, 1, 68, 1, 1, "proto[0].code[3]", "captures no upvalue", 1 },
	{ F, AT_PROTO, 0, 69, 1, 0, "mainProto.numparams", "no module is found", 0 },
	{ F, AT_PROTO, 0, 68, 1, 1, "proto[0].nups", "no function around it", 0 },
	{ F, AT_CODE, 0, 8, 4, 0x404017, "mainProto.code[8]", "finds module \"config\"", 0 },
	{ F, AT_CODE, 0, 27, 4, 0x0101, "mainProto.code[27]", "lists the modules", 0 },
	{ F, AT_FLAG, 1, 0, 0, 0, "flags", "but are no addresses", 1 },
	{ F, AT_FLAG, 6, 0, 0, 0, "flags", "but are no addresses", 1 },
	{ A, AT_PROTO, 1, 32, 4, 0, "proto[1].source", "an error in this function crashes", 0 },
	{ D, AT_LOCAL, 1, 4, 4, 21, "proto[1].locvars[0].startpc", "21 to 19 of 20", 0 },
	{ D, AT_LOCAL, 1, 8, 4, 21, "proto[1].locvars[0].startpc", "to 21 of 20", 1 },
	{ D, AT_LOCAL, 1, 16, 4, 1, "proto[1].locvars[1].startpc", "before the local", 0 },
	{ P, AT_HEAD, 1, -3, 1, 200, "proto[1].numparams", "200 parameters in", 0 },
	{ P, AT_HEAD, 1, -2, 1, 3, "proto[1].is_vararg", "0x03", 0 },
	{ P, AT_UPVALUE, 1, 3, 1, 2, "proto[1].upvalues[0].instack", "2, not 0 or 1", 1 },
	{ P, AT_UPVALUE, 1, 4, 1, 200, "proto[1].upvalues[0].idx", "200, but the function", 1 },
	{ P, AT_LINES, 1, 2, 1, 7, "proto[1].lineinfo", "", 1 },
	{ PA, AT_STRING, 5, 5, 1, 0x40, "strings[5].marked", "takes the string for one in RAM", 0 },
	{ PA, AT_STRING, 5, 6, 1, 1, "strings[5].extra", "1, not 0: the device's compiler", 0 },
	{ PA, AT_STRING, 5, 8, 4, 0x1234, "strings[5].hash", "is not the hash of", 0 },
	{ PA, AT_TEXT, 5, 0, 1, 'x', "strings[5].text", "no NUL behind", 0 },
	{ PA, AT_PROTO, 1, 5, 1, 1, "proto[1].marked", "takes the prototype for one in RAM", 0 },
	{ PA, AT_PROTO, 1, 7, 1, 3, "proto[1].is_vararg", "0x03", 0 },
	{ PA, AT_UPVALUE, 1, 4, 1, 2, "proto[1].upvalues[0].instack", "2, not 0 or 1", 0 },
	{ PA, AT_UPVALUE, 1, 5, 1, 99, "proto[1].upvalues[0].idx", "99, but the function", 0 },
};

static uint32_t place_of(const struct lua_image *img, const struct harm *h)
{
	const struct lua_proto *p = &img->protos[h->index < img->nprotos ? h->index : 0];
	const struct lua_string *s = &img->strings[h->index < img->nstrings ? h->index : 0];
	int64_t off = 0;

	switch (h->at) {
	case AT_STRING: off = s->off; break;
	case AT_TEXT: off = s->off + 16 + (int64_t)s->len; break;
	case AT_PROTO: off = p->off; break;
	case AT_HEAD:
		off = p->parts[LUA_PART_RECORD].off + (int64_t)p->parts[LUA_PART_RECORD].len;
		break;
	case AT_CODE: return (uint32_t)(p->code - img->bytes) + 4 * (uint32_t)h->delta;
	case AT_UPVALUE: off = p->parts[LUA_PART_UPVALUES].off; break;
	case AT_LOCAL: off = p->parts[LUA_PART_LOCALS].off; break;
	case AT_LINES: off = p->parts[LUA_PART_LINES].off; break;
	case AT_FLAG: return (uint32_t)img->flash_size + h->index / 8;
	}
	return (uint32_t)(off + h->delta);
}

static void put(struct buf *b, uint32_t off, uint32_t bytes, uint32_t value)
{
	assert_true(off + bytes <= b->len);
	for (uint32_t i = 0; i < bytes; i++)
		b->data[off + i] = (uint8_t)(value >> 8 * i);
}

static void is_named(const struct checked *c, const struct harm *h, uint32_t off, const char *what)
{
	const struct check_finding *f = c->r.findings;

	golden_same(what, c->r.count ? f->cause : "findings", c->r.count, 1);
	assert_int_equal(f->level, CHECK_ERROR);
	assert_string_equal(f->path, h->field);
	if (!strstr(f->cause, h->cause))
		fail_msg("%s: %s", what, f->cause);
	assert_true(f->placed && f->remedy[0]);
	assert_int_equal(f->inflated, strcmp(h->path, F) == 0 || strcmp(h->path, D) == 0);
	if (!h->elsewhere)
		golden_same(what, "offset", f->off, off);
}

static void check_harm(const struct harm *h, unsigned number)
{
	struct lua_image *img = golden_load(h->path);
	struct buf b = image_bytes(h->path), file;
	uint32_t off = place_of(img, h);
	struct checked c;
	char what[100];

	snprintf(what, sizeof(what), "harm %u, %s", number, h->field);
	put(&b, off, h->bytes, h->value);
	if (h->at == AT_FLAG)
		b.data[off] ^= (uint8_t)(1 << h->index % 8);
	file = image_file(h->path, &b);
	checked_open(&c, h->path, file.data, file.len, NULL);
	is_named(&c, h, off, what);
	checked_close(&c);
	buf_free(&file);
	buf_free(&b);
	lua_image_free(img);
}

static void what_was_harmed_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(harms) / sizeof(harms[0]); i++)
		check_harm(&harms[i], i);
}

static void old_type_tags_are_found_when_the_firmware_has_new_ones(void **state)
{
	static const char *const paths[] = { IMG "app-51-2018b-packed.img", F };
	struct check_target to = { .known = true, .version = LUA_51, .packed = true };

	(void)state;
	to.float_bytes = 8;
	for (unsigned i = 0; i < 4; i++) {
		struct file f = golden_file(paths[i % 2]);
		struct checked c;

		to.old_tags = i / 2;
		checked_open(&c, paths[i % 2], f.data, f.len, &to);
		golden_same(paths[i % 2], "findings", c.r.count, (i % 2 == 0) != to.old_tags);
		if (c.r.count) {
			assert_string_equal(c.r.findings[0].path, "strings[0].tt");
			assert_non_null(checked_find(&c, "and then misbehaves"));
		}
		checked_close(&c);
		file_close(&f);
	}
}

static void other_widths_of_numbers_are_found_where_no_header_tells(void **state)
{
	struct check_target to = {
		.known = true, .version = LUA_53, .integer_bytes = 8, .float_bytes = 8
	};
	struct file f = golden_file(PA);
	struct checked c;

	(void)state;
	checked_open(&c, PA, f.data, f.len, &to);
	assert_int_equal(c.r.count, 1);
	assert_non_null(checked_find(&c, "numbers of 4 and 4 bytes on a firmware with 8 and 8"));
	checked_close(&c);
	file_close(&f);
}

static void fields_that_nothing_reads_are_a_note(void **state)
{
	struct buf b = image_bytes(F), file;
	struct checked c;

	(void)state;
	put(&b, 24, 4, 1);
	put(&b, 28, 4, 1);
	file = image_file(F, &b);
	checked_open(&c, F, file.data, file.len, NULL);
	assert_int_equal(c.r.count, 1);
	assert_int_equal(c.r.findings[0].level, CHECK_NOTE);
	assert_int_equal(c.r.findings[0].off, 24);
	assert_non_null(checked_find(&c, "2 fields that the device does not read"));
	checked_close(&c);
	buf_free(&file);
	buf_free(&b);
}

/* What loads and then breaks, or lists or finds fewer modules than there are in the base. */
static bool breaks_later(const struct verdict *v)
{
	const json_t *modules = json_object_get(v->json, "modules");
	const json_t *closures = json_object_get(v->json, "closures");
	char path[100];
	struct lua_image *img;
	json_int_t n;

	if (strstr(v->boot, "crash") || strstr(v->boot, "hang"))
		return true;
	snprintf(path, sizeof(path), IMG "%s", json_string_value(json_object_get(v->json, "base")));
	img = golden_load(path);
	n = img->nmodules;
	lua_image_free(img);
	return json_integer_value(modules) < n || json_integer_value(closures) < n;
}

static unsigned broken;

static void is_not_clean(const struct verdict *v)
{
	struct checked c;
	char what[60];

	if (!v->loaded || strcmp(v->operation, "othervariant") == 0)
		return;
	snprintf(what, sizeof(what), "case %u, %s", v->number, v->operation);
	checked_open(&c, what, v->input.data, v->input.len, NULL);
	if (breaks_later(v)) {
		broken++;
		golden_same(what, "found", c.errors > 0, true);
	} else if (strcmp(v->operation, "none") == 0) {
		golden_same(what, "errors", c.errors, 0);
	}
	checked_close(&c);
}

static void what_loads_and_then_breaks_is_found(void **state)
{
	static const char *const builds[] = { "51f", "51i", "53", "53d" };
	static const unsigned least[] = { 41, 45, 12, 15 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		broken = 0;
		verdicts_each(builds[i], is_not_clean);
		if (broken < least[i])
			fail_msg("%s: only %u cases", builds[i], broken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unharmed_files_are_clean),
		cmocka_unit_test(words_that_the_device_mistakes_are_named_with_their_lines),
		cmocka_unit_test(what_was_harmed_is_named),
		cmocka_unit_test(old_type_tags_are_found_when_the_firmware_has_new_ones),
		cmocka_unit_test(other_widths_of_numbers_are_found_where_no_header_tells),
		cmocka_unit_test(fields_that_nothing_reads_are_a_note),
		cmocka_unit_test(what_loads_and_then_breaks_is_found),
	};

	return cmocka_run_group_tests_name("check_content", tests, NULL, NULL);
}
