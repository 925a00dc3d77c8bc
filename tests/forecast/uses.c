/* SPDX-License-Identifier: MIT */
/*
 * Every way in which a string comes to a call. A string that is interned begins with yes_, one that
 * never is as it stands with never_, one that no call is given with no_. What follows says how.
 */
#include "api.h"

#define APART __attribute__((noinline, noipa))

extern const char *volatile sink;
const char *volatile sink;

APART void straight(lua_State *L)
{
	lua_pushstring(L, "yes_straight");
	lua_setfield(L, -2, "yes_field");
	lua_pushlstring(L, "yes_lengthno_", 10);
	sink = "no_stored_alone";
}

/* Held in a register over calls, after a branch. */
APART void kept(lua_State *L)
{
	const char *s = "yes_kept";

	if (number())
		lua_pushstring(L, s);
	number();
	lua_getfield(L, number(), s);
	lua_pushstring(L, s);
}

APART void chosen(lua_State *L)
{
	lua_pushstring(L, number() ? "yes_one" : "yes_other");
	const char *s = number() > 3 ? "yes_short" : "yes_longer_one";
	lua_pushlstring(L, s, number() > 3 ? 9 : 14);
}

APART void chosen_of_four(lua_State *L)
{
	const char *s;

	switch (number()) {
	case 7:
		s = "yes_case_7";
		number();
		break;
	case 8: s = "yes_case_8"; break;
	case 11: s = "yes_case_11"; break;
	default: return;
	}
	lua_pushstring(L, s);
}

static const char *const names[] = { "yes_table_0", "yes_table_1", "yes_table_2", "yes_table_3" };

APART void from_table(lua_State *L)
{
	lua_pushstring(L, names[number()]);
}

static const char *const looped[] = { "yes_loop_0", "yes_loop_1", "yes_loop_2" };
const char *const no_table[] = { "no_table_0", "no_table_1" };

APART void from_loop(lua_State *L)
{
	for (int i = 0; i < 3; i++)
		lua_setfield(L, i, looped[i]);
}

static const struct {
	const char *name, *other;
	int value;
} records[] = { { "yes_record_0", "no_record_0", 1 },
		{ "yes_record_1", "no_record_1", 2 },
		{ "yes_record_2", "no_record_2", 3 },
		{ "yes_record_3", "no_record_3", 4 } };

APART void from_records(lua_State *L)
{
	for (int i = 0; i < 4; i++)
		if (number() != records[i].value)
			lua_setfield(L, records[i].value, records[i].name);
	sink = records[number()].other;
}

/* Texts one behind the other, of which a multiplication tells the place. */
static const char arrays[][14] = { "yes_array_one", "yes_array_two", "yes_arrays_3" };

APART void from_arrays(lua_State *L)
{
	unsigned i = (unsigned)number();

	if (i < 3)
		lua_getfield(L, -1, arrays[i]);
}

/* Handed on by functions that are not Lua's. */
APART void hand_on(lua_State *L, int i, const char *key)
{
	number();
	lua_pushstring(L, key);
again:
	lua_setfield(L, i, "yes_in_hand_on");
	if (number())
		goto again;
}

APART void hand_on_again(const char *key, lua_State *L)
{
	hand_on(L, 1, key);
	number();
}

APART void handed(lua_State *L)
{
	hand_on(L, 3, "yes_handed");
	hand_on_again("yes_handed_twice", L);
}

/* Given back by a function. */
APART const char *name_of(int i)
{
	return i < 0 ? "yes_none" : names[i];
}

APART void given_back(lua_State *L)
{
	lua_pushstring(L, name_of(number()));
}

APART int messages(lua_State *L)
{
	lua_pushfstring(L, "yes_no_percent");
	lua_pushfstring(L, "never_format %d", number());
	if (number())
		return luaL_argerror(L, 1, "never_argument");
	return luaL_error(L, "never_error");
}

/* Made at run time: nobody can tell. */
APART void made(lua_State *L)
{
	char text[2] = { (char)number(), 0 };

	lua_pushstring(L, text);
	lua_pushstring(L, (const char *)(unsigned long)number());
	lua_pushlstring(L, "no_prefix", (unsigned)number());
}

/* The pointer is 0 where it is used again. */
APART void zero(lua_State *L)
{
	const char *const *p = looped;
	const char *s = "no_not_zero";

	while (s) {
		s = *p++;
		sink = s;
	}
	lua_pushstring(L, s);
}

void start(void)
{
	lua_State *L = (lua_State *)0x100;

	straight(L), kept(L), chosen(L), chosen_of_four(L), from_table(L), from_loop(L);
	from_records(L), from_arrays(L), handed(L), given_back(L), messages(L), made(L), zero(L);
}
