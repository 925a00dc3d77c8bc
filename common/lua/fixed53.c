/* SPDX-License-Identifier: MIT */
#include "common/lua/fixed53.h"

/* Order: luaX_getstr(), "not enough memory", "_ENV", luaT_getstr() of the firmware's Lua 5.3. */
const char *const fixed53[FIXED53_COUNT] = {
	"and",        "break",
	"do",         "else",
	"elseif",     "end",
	"false",      "for",
	"function",   "goto",
	"if",         "in",
	"local",      "nil",
	"not",        "or",
	"repeat",     "return",
	"then",       "true",
	"until",      "while",
	"//",         "..",
	"...",        "==",
	">=",         "<=",
	"~=",         "<<",
	">>",         "::",
	"<eof>",      "<number>",
	"<integer>",  "<name>",
	"<string>",   "not enough memory",
	"_ENV",       "__index",
	"__newindex", "__gc",
	"__mode",     "__len",
	"__eq",       "__add",
	"__sub",      "__mul",
	"__mod",      "__pow",
	"__div",      "__idiv",
	"__band",     "__bor",
	"__bxor",     "__shl",
	"__shr",      "__unm",
	"__bnot",     "__lt",
	"__le",       "__concat",
	"__call",     "no value",
	"boolean",    "userdata",
	"number",     "string",
	"table",      "userdata",
	"thread",     "proto",
};

uint8_t fixed53_extra(uint32_t index)
{
	return index < FIXED53_RESERVED ? (uint8_t)(index + 1) : 0;
}

uint32_t fixed53_from_file(uint32_t fixed_count, uint64_t number)
{
	if (fixed_count == FIXED53_COUNT)
		return number < FIXED53_COUNT ? (uint32_t)number : LUA_NONE;
	if (number >= FIXED53_STOCK)
		return LUA_NONE;
	return (uint32_t)number + (number >= FIXED53_USERDATA2);
}

uint32_t fixed53_to_file(uint32_t fixed_count, uint32_t index)
{
	if (fixed_count == FIXED53_COUNT)
		return index == FIXED53_USERDATA ? FIXED53_USERDATA2 : index;
	if (index == FIXED53_USERDATA2)
		return FIXED53_USERDATA;
	return index - (index > FIXED53_USERDATA2);
}
