/* SPDX-License-Identifier: MIT */
/*
 * What a device's own loader of Lua 5.1 images refuses or breaks on, reading must not overlook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/format.h"
#include "tests/util_verdicts.h"

/* Word for word what the loader may end with when nothing is wrong with the file itself. */
static bool is_harmless(const struct verdict *v)
{
	static const char *const operations[] = { "none",         "lc",       "wrongkind",
						  "othervariant", "window14", "window15" };

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(v->operation, operations[i]) == 0)
			return true;
	return v->message && strcmp(v->message, "LFS Image too big for configured LFS region") == 0;
}

static bool crashes_later(const struct verdict *v)
{
	const char *boot = json_string_value(json_object_get(v->json, "boot"));

	return (boot && (strstr(boot, "crash") || strstr(boot, "hang"))) ||
	       json_object_get(v->json, "list_error");
}

/* Reading does not look at instructions, nor at the four bytes of a record that only they use. */
static bool is_in_code(const struct verdict *v, const struct lua_image *img)
{
	const json_t *m = json_object_get(v->json, "mutation");
	uint64_t off = (uint64_t)json_integer_value(json_object_get(m, "offset"));

	for (uint32_t i = 0; strncmp(v->operation, "inflated-", 9) == 0 && i < img->nprotos; i++) {
		const struct lua_range *code = &img->protos[i].parts[LUA_PART_CODE];

		if ((off >= code->off && off - code->off < code->len) ||
		    (off >= img->protos[i].off && (off - img->protos[i].off) / 4 == 17))
			return true;
	}
	return false;
}

static unsigned overlooked;

static void nothing_bad_is_overlooked(const struct verdict *v)
{
	struct diag diag = { 0 };
	struct lua_image *img;
	bool loaded = json_is_true(json_object_get(v->json, "loaded"));
	bool bad = (v->message && !loaded) || crashes_later(v);

	lua_image_load(v->input.data, v->input.len, &diag, &img);
	if (bad && !is_harmless(v) && !diag.code && !img->note_count && !is_in_code(v, img)) {
		overlooked++;
		print_error("case %u (%s, %s) passes\n", v->number, v->operation, v->message);
	}
	lua_image_free(img);
}

static void what_the_loader_refuses_or_breaks_on_is_seen(void **state)
{
	(void)state;
	overlooked = 0;
	assert_true(verdicts_each("51f", nothing_bad_is_overlooked) > 250);
	assert_true(verdicts_each("51i", nothing_bad_is_overlooked) > 250);
	assert_int_equal(overlooked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_loader_refuses_or_breaks_on_is_seen),
	};

	return cmocka_run_group_tests_name("overlooked51", tests, NULL, NULL);
}
