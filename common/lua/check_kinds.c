/* SPDX-License-Identifier: MIT */
#include "common/lua/check.h"

#include <stdio.h>
#include <string.h>

#include "common/view/manual.h"

const struct check_kind check_kinds[] = {
	{ .name = "lua51-float",
	  .words = "Lua 5.1, floating-point numbers (packed, the usual build)",
	  .version = LUA_51,
	  .float_bytes = 8,
	  .packed = true },
	{ .name = "lua51-int",
	  .words = "Lua 5.1, integer numbers",
	  .version = LUA_51,
	  .integer_bytes = 4 },
	{ .name = "lua51-float-unpacked",
	  .words = "Lua 5.1, floating-point numbers, LUA_PACK_TVALUES off",
	  .version = LUA_51,
	  .float_bytes = 8 },
	{ .name = "lua53",
	  .words = "Lua 5.3, 32-bit integers and floats (ESP8266; ESP32 as configured by default)",
	  .version = LUA_53,
	  .integer_bytes = 4,
	  .float_bytes = 4 },
	{ .name = "lua53-64",
	  .words = "Lua 5.3, 64-bit integers and floats (ESP8266)",
	  .version = LUA_53,
	  .integer_bytes = 8,
	  .float_bytes = 8 },
	{ .name = "lua53-i32f32",
	  .words = "Lua 5.3 on the ESP32, 32-bit integers and floats",
	  .version = LUA_53,
	  .integer_bytes = 4,
	  .float_bytes = 4,
	  .esp32 = true },
	{ .name = "lua53-i32f64",
	  .words = "Lua 5.3 on the ESP32, 32-bit integers, 64-bit floats",
	  .version = LUA_53,
	  .integer_bytes = 4,
	  .float_bytes = 8,
	  .esp32 = true },
	{ .name = "lua53-i64f32",
	  .words = "Lua 5.3 on the ESP32, 64-bit integers, 32-bit floats",
	  .version = LUA_53,
	  .integer_bytes = 8,
	  .float_bytes = 4,
	  .esp32 = true },
	{ .name = "lua53-i64f64",
	  .words = "Lua 5.3 on the ESP32, 64-bit integers and floats",
	  .version = LUA_53,
	  .integer_bytes = 8,
	  .float_bytes = 8,
	  .esp32 = true },
	{ .name = NULL },
};

const char *check_kind_nth(unsigned i, const char **words)
{
	*words = check_kinds[i].words;
	return check_kinds[i].name;
}

void check_kinds_table(FILE *f)
{
	for (const struct check_kind *k = check_kinds; k->name; k++)
		fprintf(f, "%-22s%s\n", k->name, k->words);
}

void check_kinds_manual(FILE *f)
{
	size_t width = 0;

	for (const struct check_kind *k = check_kinds; k->name; k++)
		if (strlen(k->name) > width)
			width = strlen(k->name);
	manual_part(f, "KINDS");
	manual_list(f, width);
	for (const struct check_kind *k = check_kinds; k->name; k++)
		manual_item(f, k->name, k->words);
	manual_list_end(f);
}

bool check_kind_find(const char *name, struct check_target *target)
{
	for (const struct check_kind *k = check_kinds; k->name; k++) {
		if (strcmp(k->name, name) != 0)
			continue;
		*target = (struct check_target){ .known = true,
						 .version = k->version,
						 .integer_bytes = k->integer_bytes,
						 .float_bytes = k->float_bytes,
						 .packed = k->packed,
						 .esp32 = k->esp32 };
		snprintf(target->name, sizeof(target->name), "%s", k->name);
		return true;
	}
	return false;
}
