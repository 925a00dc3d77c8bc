/* SPDX-License-Identifier: MIT */
/*
 * What lives in the heap: from the fields around the string table, which are those of global_State,
 * along the lists of all collectable objects and along what the objects hold. Offsets within
 * global_State are not needed: what a field leads to is judged by its form.
 *
 * Objects begin with next @0, tt u8 @4, marked u8 @5. Source: lobject.h, lfunc.h, lstate.h.
 *
 *                5.1                                       5.3
 *   table  5     lsizenode u8 @7, array @12, node @16,     lsizenode u8 @7, sizearray @12,
 *                sizearray @28; 32 bytes                   array @16, node @20; 32 bytes
 *   node         TValue, key, next: 20 bytes with numbers of 4 bytes, otherwise 32
 *   closure 6    isC u8 @6, nupvalues u8 @7, f or p @16,   Lua 06, C 26; nupvalues u8 @6, f or p @12,
 *                upvalues @20                              upvalues @16
 *   userdata 7   len @16, bytes @24                        len @12, bytes @20
 *   thread 8     l_G @16, stack_last @28, stack @32,       nci u16 @6, l_G @16, stack_last @28,
 *                stacksize @44, base_ci @40, size_ci @48   stack @32, stacksize @96
 *   proto 9      see lfs51.h; 72 bytes                     see lfs53_absolute.h; 76 bytes
 *   upvalue      tag 10: v @8, value @12                   no object: v @0, refcount @4, value @8
 *   string       4                                         4, long ones 14: length @12
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/strings/ram.h"

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

struct census {
	struct ram ram;
	const struct ram_table *table;
	struct ram_census *out;
	uint8_t *claimed; /* a bit for each word of the dump */
	uint32_t *todo;   /* addresses that may be objects */
	uint32_t count, cap;
	unsigned value, node; /* bytes of a TValue and of a table's node */
	uint64_t scanned;     /* words, against dumps made to keep us busy */
	bool failed;
};
#define SCAN_MAX (1u << 27)

enum { TAG_STRING = 4, TAG_TABLE, TAG_CLOSURE, TAG_USERDATA, TAG_THREAD, TAG_PROTO, TAG_UPVALUE };
#define TAG_LONG   0x14 /* 5.3 */
#define TAG_C_FUNC 0x26 /* 5.3 */

/* Whether the words of a range are in the dump and nobody's so far. */
static bool is_free(const struct census *c, uint32_t at, uint32_t n)
{
	uint32_t first = (at - c->ram.base) / 4;

	if (at % 4 || !n || !ram_bytes(&c->ram, at, n))
		return false;
	for (uint32_t i = first; i < first + (n + 3) / 4; i++)
		if (c->claimed[i / 8] >> i % 8 & 1)
			return false;
	return true;
}

/* Counts a range for kind, once. False when it is taken or not in the dump. */
static bool claim(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n)
{
	uint32_t first = (at - c->ram.base) / 4;

	c->scanned += n / 4;
	if (n > c->ram.len || c->scanned > SCAN_MAX || !is_free(c, at, (uint32_t)n))
		return false;
	for (uint32_t i = first; i < first + ((uint32_t)n + 3) / 4; i++)
		c->claimed[i / 8] |= (uint8_t)(1 << i % 8);
	c->out->kinds[kind].bytes += (uint32_t)n;
	return true;
}

static bool claim_object(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n)
{
	if (!claim(c, kind, at, n))
		return false;
	c->out->kinds[kind].count++;
	return true;
}

static uint32_t word(const struct census *c, uint32_t at)
{
	return ram_word(&c->ram, at);
}

static unsigned byte(const struct census *c, uint32_t at)
{
	const uint8_t *p = ram_bytes(&c->ram, at, 1);

	return p ? *p : 0;
}

/* To be looked at later, if it may be an object that nobody looked at. */
static void follow(struct census *c, uint32_t at)
{
	uint32_t *todo;

	if (!is_free(c, at, 8) || c->failed)
		return;
	todo = vec_grow(&c->todo, &c->count, &c->cap, sizeof(*todo), 1);
	if (todo)
		*todo = at;
	c->failed |= !todo;
}

/* The addresses of a vector of n, and the vector itself. */
static void follow_vector(struct census *c, enum ram_kind kind, uint32_t at, uint32_t n)
{
	if (!claim(c, kind, at, 4 * (uint64_t)n))
		return;
	for (uint32_t i = 0; i < n; i++)
		follow(c, word(c, at + 4 * i));
}

/* A TValue that holds an object. */
static void follow_value(struct census *c, uint32_t at)
{
	unsigned tag = byte(c, at + (c->value == 8 ? 4 : 8)) & 15;

	if (tag >= TAG_STRING && tag <= TAG_THREAD)
		follow(c, word(c, at));
}

/* Values at at, of which each is the first part of size bytes. */
static void follow_values(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n,
			  unsigned size, unsigned key)
{
	if (!claim(c, kind, at, n * size))
		return;
	for (uint32_t i = 0; i < n; i++) {
		follow_value(c, at + i * size);
		if (key)
			follow_value(c, at + i * size + key);
	}
}

/* Short ones, and all of 5.1, are those of the string table. */
static bool take_long_string(struct census *c, uint32_t at)
{
	uint32_t len = word(c, at + 12);
	const uint8_t *end = len < c->ram.len ? ram_bytes(&c->ram, at + 16 + len, 1) : NULL;

	if (!end || *end || !claim_object(c, RAM_STRINGS, at, 17 + (uint64_t)len))
		return false;
	if (len > c->out->largest_string)
		c->out->largest_string = len;
	return true;
}

static bool take_table(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	unsigned log = byte(c, at + 7);
	uint32_t size = word(c, at + (old ? 28 : 12)), array = word(c, at + (old ? 12 : 16));
	uint32_t node = word(c, at + (old ? 16 : 20));

	if (log > 24 || size > c->ram.len || !size != !array || !node || node % 4)
		return false;
	if (!claim_object(c, RAM_TABLES, at, 32))
		return false;
	follow(c, word(c, at + 8));
	follow_values(c, RAM_TABLES, array, size, c->value, 0);
	/* An empty table has a node that all share, outside of the heap. */
	follow_values(c, RAM_TABLES, node, 1u << log, c->node, c->value == 8 ? 8 : 16);
	return true;
}

/* 5.3's upvalues are no objects; their closures lead to them. */
static void take_upvalue53(struct census *c, uint32_t at)
{
	if (is_free(c, at, 16) && claim_object(c, RAM_UPVALUES, at, 8 + c->value))
		follow_value(c, at + 8);
}

static bool take_closure(struct census *c, uint32_t at, unsigned tag)
{
	bool old = c->ram.lua == 51;
	bool lua = old ? !byte(c, at + 6) : tag == TAG_CLOSURE;
	unsigned n = byte(c, at + (old ? 7 : 6));
	uint32_t values = at + (old ? 20 : 16);

	if (old && c->value == 16 && !lua)
		values += 4; /* aligned */
	if (!word(c, values - 4) && old && c->value != 16)
		return false;
	if (!claim_object(c, RAM_CLOSURES, at, values - at + (lua ? 4 : c->value) * (uint64_t)n))
		return false;
	if (old)
		follow(c, word(c, at + 12));
	if (lua)
		follow(c, word(c, values - 4));
	for (uint32_t i = 0; i < n; i++) {
		if (!lua)
			follow_value(c, values + i * c->value);
		else if (old)
			follow(c, word(c, values + 4 * i));
		else
			take_upvalue53(c, word(c, values + 4 * i));
	}
	return true;
}

/* Offsets of a prototype's fields. */
struct proto_form {
	uint8_t size, k, code, p, lineinfo, locvars, upvalues, source;
	uint8_t nk, ncode, np, nlineinfo, nlocvars, nupvalues;
};
static const struct proto_form form51 = { 72, 8, 12, 16, 20, 24, 28, 32, 40, 44, 48, 0, 52, 36 };
static const struct proto_form form53 = { 76, 44, 48, 52, 56, 60, 64, 68, 16, 20, 28, 24, 32, 12 };

static uint64_t lineinfo_length(const struct census *c, uint32_t at)
{
	uint64_t n = 0;

	while (n < UINT16_MAX && byte(c, at + (uint32_t)n))
		n++;
	return n + 1;
}

static bool take_proto(struct census *c, uint32_t at)
{
	const struct proto_form *f = c->ram.lua == 51 ? &form51 : &form53;
	uint32_t ncode = word(c, at + f->ncode), code = word(c, at + f->code);
	uint32_t n = word(c, at + f->nlocvars), v = word(c, at + f->locvars);
	uint32_t lines = word(c, at + f->lineinfo);

	if (ncode > c->ram.len || word(c, at + f->nk) > c->ram.len || (ncode && !code))
		return false;
	if (!claim_object(c, RAM_PROTOS, at, f->size))
		return false;
	claim(c, RAM_PROTOS, code, 4 * (uint64_t)ncode);
	follow_values(c, RAM_PROTOS, word(c, at + f->k), word(c, at + f->nk), c->value, 0);
	follow_vector(c, RAM_PROTOS, word(c, at + f->p), word(c, at + f->np));
	if (is_free(c, lines, 1))
		claim(c, RAM_PROTOS, lines,
		      f->nlineinfo ? word(c, at + f->nlineinfo) : lineinfo_length(c, lines));
	if (claim(c, RAM_PROTOS, v, 12 * (uint64_t)n))
		for (uint32_t i = 0; i < n; i++)
			follow(c, word(c, v + 12 * i));
	n = word(c, at + f->nupvalues);
	v = word(c, at + f->upvalues);
	if (c->ram.lua == 51)
		follow_vector(c, RAM_PROTOS, v, n);
	else if (claim(c, RAM_PROTOS, v, 8 * (uint64_t)n))
		for (uint32_t i = 0; i < n; i++)
			follow(c, word(c, v + 8 * i));
	follow(c, word(c, at + f->source));
	return true;
}

static bool take_userdata(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint64_t n = word(c, at + (old ? 16 : 12));

	if (!claim_object(c, RAM_USERDATA, at, n + (old ? 24 : 20)))
		return false;
	follow(c, word(c, at + 8));
	if (old)
		follow(c, word(c, at + 12));
	return true;
}

/* The global_State stands right behind the main thread, the string table inside. */
static bool is_thread(const struct census *c, uint32_t at)
{
	uint32_t g = word(c, at + 16);

	return g % 4 == 0 && g <= c->table->at && c->table->at - g <= 32;
}

/* The stack's length in bytes and in values tells what a value takes. */
static unsigned measure_value(const struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint32_t bytes = word(c, at + 28) - word(c, at + 32);
	uint32_t n = word(c, at + (old ? 44 : 96)) - (old ? 6 : 5);

	return n && bytes % n == 0 ? bytes / n : 0;
}

static bool take_thread(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint32_t g = word(c, at + 16), stack = word(c, at + 32);
	uint32_t size = word(c, at + (old ? 44 : 96)), call = word(c, at + 64);
	uint32_t n = old ? 104 + 2 * (c->value - 8) : 120, top = word(c, at + (old ? 8 : 12));

	/* In 5.3 a word for the application stands in front. */
	if (!is_thread(c, at) || !claim_object(c, RAM_THREADS, old ? at : at - 4, old ? n : n + 4))
		return false;
	if (g > at && g - at - n < 16)
		claim(c, RAM_THREADS, g, old ? 252 + 2 * c->value : 280 + 2 * c->value);
	/* Above the top stands what was there before. */
	if (size < c->ram.len && claim(c, RAM_THREADS, stack, size * c->value))
		for (uint32_t v = stack; v < top && v - stack < size * c->value; v += c->value)
			follow_value(c, v);
	if (old)
		claim(c, RAM_THREADS, word(c, at + 40), 24 * (uint64_t)word(c, at + 48));
	/* 5.3 chains its CallInfos: next @12, the first is in the thread. */
	while (!old && call && claim(c, RAM_THREADS, call, 36))
		call = word(c, call + 12);
	if (old)
		follow(c, word(c, at + 72 + 2 * c->value));
	return true;
}

static bool take_upvalue51(struct census *c, uint32_t at)
{
	if (!word(c, at + 8) ||
	    !claim_object(c, RAM_UPVALUES, at, c->value == 16 ? 32 : 12 + c->value))
		return false;
	follow_value(c, word(c, at + 8));
	return true;
}

static void take(struct census *c, uint32_t at)
{
	unsigned tag = byte(c, at + 4);
	bool taken = false;

	if (!is_free(c, at, 8))
		return;
	if (tag == TAG_LONG && c->ram.lua == 53)
		taken = take_long_string(c, at);
	else if (tag == TAG_TABLE)
		taken = take_table(c, at);
	else if (tag == TAG_CLOSURE || (tag == TAG_C_FUNC && c->ram.lua == 53))
		taken = take_closure(c, at, tag);
	else if (tag == TAG_USERDATA)
		taken = take_userdata(c, at);
	else if (tag == TAG_THREAD)
		taken = take_thread(c, at);
	else if (tag == TAG_PROTO)
		taken = take_proto(c, at);
	else if (tag == TAG_UPVALUE && c->ram.lua == 51)
		taken = take_upvalue51(c, at);
	/* The list goes on in next. */
	if (taken)
		follow(c, word(c, at));
}

static bool take_interned(void *ctx, const struct ram_string *s)
{
	struct census *c = ctx;

	if (s->fault != RAM_SOUND || !claim_object(c, RAM_STRINGS, s->at, 17 + (uint64_t)s->len))
		return true;
	if (s->len > c->out->largest_string)
		c->out->largest_string = s->len;
	/* 5.1 chains strings by next; in 5.3 they are in the list of all objects. */
	if (c->ram.lua == 53)
		follow(c, word(c, s->at));
	return true;
}

/* Finds the main thread, and by it the size of a value; counts it before all that is less sure. */
static void take_main_thread(struct census *c)
{
	unsigned value = 0;
	uint32_t thread = 0;

	for (uint32_t at = c->table->at + STATE_FIRST; at != c->table->at + STATE_END; at += 4) {
		thread = word(c, at);
		if (byte(c, thread + 4) != TAG_THREAD || !is_thread(c, thread))
			continue;
		value = measure_value(c, thread);
		if (value == 8 || value == 12 || value == 16)
			break;
		value = 0;
	}
	c->value = value ? value : c->ram.lua == 51 ? 12 : 8;
	c->node = c->value == 8 ? 20 : 32;
	if (value && take_thread(c, thread))
		follow(c, word(c, thread));
}

static void count_all(struct census *c)
{
	struct ram_table t = *c->table;
	uint32_t known = 0;

	ram_table_walk(&c->ram, &t, take_interned, c);
	claim_object(c, RAM_STRING_TABLE, t.hash, 4 * (uint64_t)t.size);
	take_main_thread(c);
	for (uint32_t at = t.at + STATE_FIRST; at != t.at + STATE_END; at += 4)
		follow(c, word(c, at));
	while (c->count && !c->failed)
		take(c, c->todo[--c->count]);
	for (unsigned i = 0; i < RAM_OTHER; i++)
		known += c->out->kinds[i].bytes;
	c->out->kinds[RAM_OTHER].bytes = (uint32_t)c->ram.len - known;
}

enum err ram_census(const struct ram_dump *dump, struct diag *diag, struct ram_census *out)
{
	struct ram_table table;
	struct census c = { .table = &table, .out = out };
	enum err e;

	memset(out, 0, sizeof(*out));
	e = ram_open(dump, diag, &c.ram, &table);
	if (e)
		return e;
	c.claimed = calloc(dump->len / 32 + 2, 1);
	if (c.claimed)
		count_all(&c);
	if (!c.claimed || c.failed)
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	free(c.claimed);
	free(c.todo);
	return e;
}
