/* SPDX-License-Identifier: MIT */
/*
 * Objects begin with next @0, tt u8 @4, marked u8 @5. Source: lobject.h, lfunc.h, lstate.h.
 *
 *                5.1                                       5.3
 *   table  5     lsizenode u8 @7, array @12, node @16,     lsizenode u8 @7, sizearray @12,
 *                sizearray @28; 32 bytes                   array @16, node @20; 32 bytes
 *   node         TValue, key, next: 20 bytes with numbers of 4 bytes, otherwise 32
 *   closure 6    isC u8 @6, nupvalues u8 @7, f or p @16,   Lua 06, C 26; nupvalues u8 @6,
 *                upvalues @20                              f or p @12, upvalues @16
 *   userdata 7   len @16, bytes @24                        len @12, bytes @20
 *   thread 8     l_G @16, stack_last @28, stack @32,       nci u16 @6, l_G @16, stack_last @28,
 *                stacksize @44, base_ci @40, size_ci @48   stack @32, stacksize @96
 *   proto 9      see flash51.h                             see flash53.h
 *   upvalue      tag 10: v @8, value @12                   no object: v @0, refcount @4, value @8
 *   string       4                                         4, long ones 14: length @12
 */
#include "common/strings/ram_census.h"

/* The addresses of a vector of n, and the vector itself. */
static void follow_vector(struct census *c, enum ram_kind kind, uint32_t at, uint32_t n)
{
	if (!census_claim(c, kind, at, 4 * (uint64_t)n))
		return;
	for (uint32_t i = 0; i < n; i++)
		census_follow(c, census_word(c, at + 4 * i));
}

/* A TValue that holds an object. */
static void follow_value(struct census *c, uint32_t at)
{
	unsigned tag = census_byte(c, at + (c->value == 8 ? 4 : 8)) & 15;

	if (tag >= TAG_STRING && tag <= TAG_THREAD)
		census_follow(c, census_word(c, at));
}

static bool is_string(const struct census *c, uint32_t at)
{
	return (census_byte(c, at + (c->value == 8 ? 4 : 8)) & 15) == TAG_STRING;
}

/* An entry of a table whose key and value are strings. */
static void tell_pair(struct census *c, uint32_t key, uint32_t value)
{
	struct ram_string k, v;

	if (!is_string(c, key) || !is_string(c, value))
		return;
	k = ram_string_at(&c->ram, census_word(c, key));
	v = ram_string_at(&c->ram, census_word(c, value));
	if (k.text && v.text)
		c->pair(c->ctx, &k, &v);
}

/* Values at at, of which each is the first part of size bytes. */
static void follow_values(struct census *c, enum ram_kind kind, uint32_t at, uint64_t n,
			  unsigned size, unsigned key)
{
	if (!census_claim(c, kind, at, n * size))
		return;
	for (uint32_t i = 0; i < n; i++) {
		follow_value(c, at + i * size);
		if (key)
			follow_value(c, at + i * size + key);
		if (key && c->pair)
			tell_pair(c, at + i * size + key, at + i * size);
	}
}

/* Short ones, and all of 5.1, are those of the string table. */
static bool take_long_string(struct census *c, uint32_t at)
{
	uint32_t len = census_word(c, at + 12);
	const uint8_t *end = len < c->ram.len ? ram_bytes(&c->ram, at + 16 + len, 1) : NULL;

	if (!end || *end || !census_claim_object(c, RAM_STRINGS, at, 17 + (uint64_t)len))
		return false;
	census_count_string(c, len);
	return true;
}

static bool take_table(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	unsigned log = census_byte(c, at + 7);
	uint32_t size = census_word(c, at + (old ? 28 : 12)),
		 array = census_word(c, at + (old ? 12 : 16));
	uint32_t node = census_word(c, at + (old ? 16 : 20));

	if (log > 24 || size > c->ram.len || !size != !array || !node || node % 4)
		return false;
	if (!census_claim_object(c, RAM_TABLES, at, 32))
		return false;
	census_follow(c, census_word(c, at + 8));
	follow_values(c, RAM_TABLES, array, size, c->value, 0);
	/* An empty table has a node that all share, outside of the heap. */
	follow_values(c, RAM_TABLES, node, 1u << log, c->node, c->value == 8 ? 8 : 16);
	return true;
}

/* 5.3's upvalues are no objects; their closures lead to them. */
static void take_upvalue53(struct census *c, uint32_t at)
{
	if (census_is_free(c, at, 16) && census_claim_object(c, RAM_UPVALUES, at, 8 + c->value))
		follow_value(c, at + 8);
}

static bool take_closure(struct census *c, uint32_t at, unsigned tag)
{
	bool old = c->ram.lua == 51;
	bool lua = old ? !census_byte(c, at + 6) : tag == TAG_CLOSURE;
	unsigned n = census_byte(c, at + (old ? 7 : 6));
	uint32_t values = at + (old ? 20 : 16);

	if (old && c->value == 16 && !lua)
		values += 4; /* aligned */
	if (!census_word(c, values - 4) && old && c->value != 16)
		return false;
	if (!census_claim_object(c, RAM_CLOSURES, at,
				 values - at + (lua ? 4 : c->value) * (uint64_t)n))
		return false;
	if (old)
		census_follow(c, census_word(c, at + 12));
	if (lua)
		census_follow(c, census_word(c, values - 4));
	for (uint32_t i = 0; i < n; i++) {
		if (!lua)
			follow_value(c, values + i * c->value);
		else if (old)
			census_follow(c, census_word(c, values + 4 * i));
		else
			take_upvalue53(c, census_word(c, values + 4 * i));
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

	while (n < UINT16_MAX && census_byte(c, at + (uint32_t)n))
		n++;
	return n + 1;
}

static bool take_proto(struct census *c, uint32_t at)
{
	const struct proto_form *f = c->ram.lua == 51 ? &form51 : &form53;
	uint32_t ncode = census_word(c, at + f->ncode), code = census_word(c, at + f->code);
	uint32_t n = census_word(c, at + f->nlocvars), v = census_word(c, at + f->locvars);
	uint32_t lines = census_word(c, at + f->lineinfo);

	if (ncode > c->ram.len || census_word(c, at + f->nk) > c->ram.len || (ncode && !code))
		return false;
	if (!census_claim_object(c, RAM_PROTOS, at, f->size))
		return false;
	census_claim(c, RAM_PROTOS, code, 4 * (uint64_t)ncode);
	follow_values(c, RAM_PROTOS, census_word(c, at + f->k), census_word(c, at + f->nk),
		      c->value, 0);
	follow_vector(c, RAM_PROTOS, census_word(c, at + f->p), census_word(c, at + f->np));
	if (census_is_free(c, lines, 1))
		census_claim(c, RAM_PROTOS, lines,
			     f->nlineinfo ? census_word(c, at + f->nlineinfo)
					  : lineinfo_length(c, lines));
	if (census_claim(c, RAM_PROTOS, v, 12 * (uint64_t)n))
		for (uint32_t i = 0; i < n; i++)
			census_follow(c, census_word(c, v + 12 * i));
	n = census_word(c, at + f->nupvalues);
	v = census_word(c, at + f->upvalues);
	if (c->ram.lua == 51)
		follow_vector(c, RAM_PROTOS, v, n);
	else if (census_claim(c, RAM_PROTOS, v, 8 * (uint64_t)n))
		for (uint32_t i = 0; i < n; i++)
			census_follow(c, census_word(c, v + 8 * i));
	census_follow(c, census_word(c, at + f->source));
	return true;
}

static bool take_userdata(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint64_t n = census_word(c, at + (old ? 16 : 12));

	if (!census_claim_object(c, RAM_USERDATA, at, n + (old ? 24 : 20)))
		return false;
	census_follow(c, census_word(c, at + 8));
	if (old)
		census_follow(c, census_word(c, at + 12));
	return true;
}

/* The global_State stands right behind the main thread, the string table inside. */
bool census_is_thread(const struct census *c, uint32_t at)
{
	uint32_t g = census_word(c, at + 16);

	return g % 4 == 0 && g <= c->table->at && c->table->at - g <= 32;
}

/* The stack's length in bytes and in values tells what a value takes. */
unsigned census_measure_value(const struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint32_t bytes = census_word(c, at + 28) - census_word(c, at + 32);
	uint32_t n = census_word(c, at + (old ? 44 : 96)) - (old ? 6 : 5);

	return n && bytes % n == 0 ? bytes / n : 0;
}

bool census_take_thread(struct census *c, uint32_t at)
{
	bool old = c->ram.lua == 51;
	uint32_t g = census_word(c, at + 16), stack = census_word(c, at + 32);
	uint32_t size = census_word(c, at + (old ? 44 : 96)), call = census_word(c, at + 64);
	uint32_t n = old ? 104 + 2 * (c->value - 8) : 120,
		 top = census_word(c, at + (old ? 8 : 12));

	/* In 5.3 a word for the application stands in front. */
	if (!census_is_thread(c, at) ||
	    !census_claim_object(c, RAM_THREADS, old ? at : at - 4, old ? n : n + 4))
		return false;
	if (g > at && g - at - n < 16)
		census_claim(c, RAM_THREADS, g, old ? 252 + 2 * c->value : 280 + 2 * c->value);
	/* Above the top stands what was there before. */
	if (size < c->ram.len && census_claim(c, RAM_THREADS, stack, (uint64_t)size * c->value))
		for (uint32_t v = stack; v < top && v - stack < size * c->value; v += c->value)
			follow_value(c, v);
	if (old)
		census_claim(c, RAM_THREADS, census_word(c, at + 40),
			     24 * (uint64_t)census_word(c, at + 48));
	/* 5.3 chains its CallInfos: next @12, the first is in the thread. */
	while (!old && call && census_claim(c, RAM_THREADS, call, 36))
		call = census_word(c, call + 12);
	if (old)
		census_follow(c, census_word(c, at + 72 + 2 * c->value));
	return true;
}

static bool take_upvalue51(struct census *c, uint32_t at)
{
	if (!census_word(c, at + 8) ||
	    !census_claim_object(c, RAM_UPVALUES, at, c->value == 16 ? 32 : 12 + c->value))
		return false;
	follow_value(c, census_word(c, at + 8));
	return true;
}

void census_take(struct census *c, uint32_t at)
{
	unsigned tag = census_byte(c, at + 4);
	bool taken = false;

	if (!census_is_free(c, at, 8))
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
		taken = census_take_thread(c, at);
	else if (tag == TAG_PROTO)
		taken = take_proto(c, at);
	else if (tag == TAG_UPVALUE && c->ram.lua == 51)
		taken = take_upvalue51(c, at);
	/* The list goes on in next. */
	if (taken)
		census_follow(c, census_word(c, at));
}
