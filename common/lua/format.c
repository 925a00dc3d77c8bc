/* SPDX-License-Identifier: MIT */
#include "common/lua/format.h"

#include <string.h>

#include "common/base/rd.h"

const struct lua_format *const lua_formats[] = { &lua_lfs51, &lua_lfs51_absolute, &lua_lfs51_2018,
						 &lua_lfs53, &lua_lfs53_absolute, &lua_lc51,
						 &lua_lc53 };
const unsigned lua_format_count = sizeof(lua_formats) / sizeof(lua_formats[0]);

/* Files that people hand to the tool by mistake, by their first bytes; the first match counts. */
struct kind {
	const char *name, *advice;
	uint8_t head[8];
	uint8_t len;
};

#define USE_LUAC "make an image with luac.cross -f, or a chunk with luac.cross of NodeMCU"
#define NO_LC    "a device cannot load it either; compile with luac.cross of NodeMCU"

static const struct kind kinds[] = {
	{ "a chunk of a PC's Lua 5.1 (luac)", NO_LC, { 0x1b, 'L', 'u', 'a', 0x51 }, 5 },
	{ "a chunk of a PC's Lua 5.2 (luac)", NO_LC, { 0x1b, 'L', 'u', 'a', 0x52 }, 5 },
	{ "a chunk of a PC's Lua 5.3 (luac)", NO_LC, { 0x1b, 'L', 'u', 'a', 0x53, 0 }, 6 },
	{ "a Lua 5.3 chunk of an unknown format", NO_LC, { 0x1b, 'L', 'u', 'a', 0x53 }, 5 },
	{ "a chunk of a PC's Lua 5.4 (luac)", NO_LC, { 0x1b, 'L', 'u', 'a', 0x54 }, 5 },
	{ "a chunk of another Lua", NO_LC, { 0x1b, 'L', 'u', 'a' }, 4 },
	{ "a LuaJIT chunk", NO_LC, { 0x1b, 'L', 'J' }, 3 },
	{ "an ELF file (a firmware, or a program)",
	  "give the LFS image that goes with it, not the firmware",
	  { 0x7f, 'E', 'L', 'F' },
	  4 },
	{ "an ESP firmware image or flash dump",
	  "cut the LFS region out of it and give that",
	  { 0xe9 },
	  1 },
	{ "an ESP8266 firmware image (version 2)",
	  "give the LFS image that goes with it",
	  { 0xea },
	  1 },
	{ "a zip archive", "unpack it and give the .img in it", { 'P', 'K', 3, 4 }, 4 },
	{ "a PNG picture", USE_LUAC, { 0x89, 'P', 'N', 'G' }, 4 },
	{ "a bzip2 file", "unpack it first", { 'B', 'Z', 'h' }, 3 },
	{ "an xz file", "unpack it first", { 0xfd, '7', 'z', 'X', 'Z' }, 5 },
};

static bool all_of(const uint8_t *data, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != value)
			return false;
	return true;
}

static bool is_text(const uint8_t *data, size_t len)
{
	size_t n = len < 4096 ? len : 4096;

	for (size_t i = 0; i < n; i++)
		if (data[i] < 0x20 && !strchr("\t\n\r\f\033", data[i]))
			return false;
	return memchr(data, 0, n) == NULL;
}

static const char *lfs_kind(uint32_t word, const char **advice)
{
	*advice = "made for a firmware that this program does not know";
	if ((word & 0xffff0000) == 0xfafa0000)
		return "an LFS image of another version";
	return NULL;
}

const char *lua_kind_of(const uint8_t *data, size_t len, const char **advice)
{
	const char *name;

	*advice = USE_LUAC;
	if (len == 0)
		return "an empty file";
	name = len >= 4 ? lfs_kind(le32(data), advice) : NULL;
	if (name)
		return name;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (len >= kinds[i].len && memcmp(data, kinds[i].head, kinds[i].len) == 0) {
			*advice = kinds[i].advice;
			return kinds[i].name;
		}
	}
	*advice = USE_LUAC;
	if (all_of(data, len, 0xff)) {
		*advice = "nothing has been flashed there yet";
		return "erased flash (ff bytes only)";
	}
	if (is_text(data, len)) {
		*advice = "compile it first: luac.cross -f -o lfs.img FILE.lua …";
		return "text, perhaps Lua source";
	}
	return "no file that this program knows";
}
