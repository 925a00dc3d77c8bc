/* SPDX-License-Identifier: MIT */
#include "common/strings/ram.h"

#include "common/strings/filter.h"

#include <inttypes.h>
#include <stdio.h>

struct collector {
	struct string_set *set;
	uint32_t buckets; /* offset of the hash vector */
	bool failed;
};

static bool collect(void *ctx, const struct ram_string *s)
{
	static const char *const words[] = {
		[RAM_OUTSIDE] = "the chain leads out of the dump",
		[RAM_CYCLE] = "the chain goes in a circle",
		[RAM_STRANGE] = "no string of this bucket",
		[RAM_TORN] = "the text does not fit its hash",
	};
	struct collector *c = ctx;
	char path[40];

	if (s->fault == RAM_SOUND) {
		c->failed |= string_set_add(c->set, s->text, s->len) == STRING_UNKNOWN;
		return !c->failed;
	}
	snprintf(path, sizeof(path), "bucket[%" PRIu32 "]", s->bucket);
	string_set_note(c->set, c->buckets + 4 * (uint64_t)s->bucket, path,
			"string at 0x%08" PRIx32 ": %s", s->at, words[s->fault]);
	return true;
}

/* What a table holds under the name of a secret is one. */
static void mark_value(void *ctx, const struct ram_string *key, const struct ram_string *value)
{
	struct string_set *set = ctx;
	uint32_t i;

	if (!string_is_key(key->text, key->len) || string_is_key(value->text, value->len))
		return;
	i = string_set_find(set, value->text, value->len);
	if (i != STRING_UNKNOWN && value->len > 2)
		set->items[i].beside = true;
}

enum err ram_strings(struct string_set *set, struct ram_dump *dump, struct diag *diag)
{
	struct collector c = { .set = set };
	struct ram_table t;
	struct ram r;
	enum err e = ram_open(dump, diag, &r, &t);

	if (e)
		return e;
	dump->lua = r.lua;
	dump->strt = t.at;
	if (!set->device.lua)
		set->device.lua = r.lua;
	c.buckets = t.hash - r.base;
	string_set_capture(set);
	ram_table_walk(&r, &t, collect, &c);
	if (c.failed || !ram_pairs(&r, &t, mark_value, set))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (t.found != t.nuse)
		string_set_note(set, t.at - r.base, "strt.nuse",
				"counts %" PRIu32 " strings, %" PRIu32 " were found", t.nuse,
				t.found);
	return ERR_NONE;
}
