/* SPDX-License-Identifier: MIT */
/*
 * What lives in the heap: from the fields around the string table, which are those of global_State,
 * along the lists of all collectable objects and along what the objects hold. Offsets within
 * global_State are not needed: what a field leads to is judged by its form.
 */
#include "common/strings/ram_census.h"

#include <stdlib.h>
#include <string.h>

const char *const ram_kind_words[RAM_KINDS] = {
	[RAM_STRINGS] = "strings",      [RAM_STRING_TABLE] = "string table",
	[RAM_TABLES] = "tables",        [RAM_CLOSURES] = "closures",
	[RAM_PROTOS] = "prototypes",    [RAM_UPVALUES] = "upvalues",
	[RAM_USERDATA] = "userdata",    [RAM_THREADS] = "threads and stacks",
	[RAM_OTHER] = "other and free",
};

/* Bytes behind the string table that are fields of global_State. */
#define STATE_FIRST 12
#define STATE_END   300

/* Words looked at; ends a count in dumps that were made to keep us busy. */
#define SCAN_MAX (1u << 27)

bool census_is_free(const struct census *c, uint32_t at, uint32_t n)
{
	uint32_t first = (at - c->ram.base) / 4;

	if (at % 4 || !n || !ram_bytes(&c->ram, at, n))
		return false;
	for (uint32_t i = first; i < first + (n + 3) / 4; i++)
		if (c->claimed[i / 8] >> i % 8 & 1)
			return false;
	return true;
}

bool census_claim(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n)
{
	uint32_t first = (at - c->ram.base) / 4;

	c->scanned += n / 4;
	if (n > c->ram.len || c->scanned > SCAN_MAX || !census_is_free(c, at, (uint32_t)n))
		return false;
	for (uint32_t i = first; i < first + ((uint32_t)n + 3) / 4; i++)
		c->claimed[i / 8] |= (uint8_t)(1 << i % 8);
	c->out->kinds[kind].bytes += (uint32_t)n;
	return true;
}

bool census_claim_object(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n)
{
	if (!census_claim(c, kind, at, n))
		return false;
	c->out->kinds[kind].count++;
	return true;
}

void census_follow(struct census *c, uint32_t at)
{
	uint32_t *todo;

	if (!census_is_free(c, at, 8) || c->failed)
		return;
	todo = vec_grow(&c->todo, &c->count, &c->cap, sizeof(*todo), 1);
	if (todo)
		*todo = at;
	c->failed |= !todo;
}

const uint32_t ram_size_limits[RAM_SIZES] = { 8, 16, 24, 32, 40, 64, 128, UINT32_MAX };

void census_count_string(struct census *c, uint32_t len)
{
	unsigned i = 0;

	while (len > ram_size_limits[i])
		i++;
	c->out->sizes[i].count++;
	c->out->sizes[i].bytes += 17 + len;
	if (len > c->out->largest_string)
		c->out->largest_string = len;
}

static bool take_interned(void *ctx, const struct ram_string *s)
{
	struct census *c = ctx;

	if (s->fault != RAM_SOUND ||
	    !census_claim_object(c, RAM_STRINGS, s->at, 17 + (uint64_t)s->len))
		return true;
	census_count_string(c, s->len);
	/* 5.1 chains strings by next; in 5.3 they are in the list of all objects. */
	if (c->ram.lua == 53)
		census_follow(c, census_word(c, s->at));
	return true;
}

/* Finds the main thread, and by it the size of a value; counts it before all that is less sure. */
static void take_main_thread(struct census *c)
{
	unsigned value = 0;
	uint32_t thread = 0;

	for (uint32_t at = c->table->at + STATE_FIRST; at != c->table->at + STATE_END; at += 4) {
		thread = census_word(c, at);
		if (census_byte(c, thread + 4) != TAG_THREAD || !census_is_thread(c, thread))
			continue;
		value = census_measure_value(c, thread);
		if (value == 8 || value == 12 || value == 16)
			break;
		value = 0;
	}
	c->value = value ? value : c->ram.lua == 51 ? 12 : 8;
	c->node = c->value == 8 ? 20 : 32;
	if (value && census_take_thread(c, thread))
		census_follow(c, census_word(c, thread));
}

static void count_all(struct census *c)
{
	struct ram_table t = *c->table;
	uint32_t known = 0;

	ram_table_walk(&c->ram, &t, take_interned, c);
	census_claim_object(c, RAM_STRING_TABLE, t.hash, 4 * (uint64_t)t.size);
	take_main_thread(c);
	for (uint32_t at = t.at + STATE_FIRST; at != t.at + STATE_END; at += 4)
		census_follow(c, census_word(c, at));
	while (c->count && !c->failed)
		census_take(c, c->todo[--c->count]);
	for (unsigned i = 0; i < RAM_OTHER; i++)
		known += c->out->kinds[i].bytes;
	c->out->kinds[RAM_OTHER].bytes = (uint32_t)c->ram.len - known;
}

/* False: no memory. */
static bool run(struct census *c)
{
	memset(c->out, 0, sizeof(*c->out));
	c->claimed = calloc(c->ram.len / 32 + 2, 1);
	if (c->claimed)
		count_all(c);
	else
		c->failed = true;
	free(c->claimed);
	free(c->todo);
	return !c->failed;
}

enum err ram_census(const struct ram_dump *dump, struct diag *diag, struct ram_census *out)
{
	struct ram_table table;
	struct census c = { .table = &table, .out = out };
	enum err e = ram_open(dump, diag, &c.ram, &table);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	return run(&c) ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}

bool ram_pairs(const struct ram *r, const struct ram_table *t, ram_pair visit, void *ctx)
{
	struct ram_census out;
	struct census c = { .ram = *r, .table = t, .out = &out, .pair = visit, .ctx = ctx };

	return run(&c);
}
