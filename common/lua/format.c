/* SPDX-License-Identifier: MIT */
#include "common/lua/format.h"

#include <string.h>

#include "common/base/gzip.h"
#include "common/base/rd.h"
#include "common/view/escape.h"

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
	  "if it is whole, lfsdump --extract-lfs takes the LFS image out of it",
	  { 0xe9 },
	  1 },
	{ "an ESP8266 firmware image (version 2)",
	  "give the LFS image that goes with it",
	  { 0xea },
	  1 },
	{ "a UF2 file", "give the .bin that it was made of", { 'U', 'F', '2', '\n' }, 4 },
	{ "an Intel HEX file",
	  "give the .bin that it was made of",
	  { ':', '0', '2', '0', '0' },
	  5 },
	{ "an archive of object files",
	  "give the firmware that it is linked to",
	  { '!', '<', 'a', 'r', 'c', 'h' },
	  6 },
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

/* Of the first bytes none a control, and at least nine in ten printable UTF-8. */
static bool is_text(const uint8_t *data, size_t len)
{
	size_t n = len < 4096 ? len : 4096;
	size_t plain = 0;

	for (size_t i = 0; i < n;) {
		bool blank = data[i] && strchr("\t\n\r\f\033", data[i]);
		uint32_t code;
		unsigned length = utf8_length(data + i, n - i, &code);

		if (data[i] < 0x20 && !blank)
			return false;
		plain += length;
		i += length ? length : 1;
	}
	return plain * 10 >= n * 9;
}

/* Texts by what they begin with, in small letters and without blanks. */
static const struct text_kind {
	const char *name, *advice, *head;
} text_kinds[] = {
	{ "a capture of a device's strings", "strscan --list FILE shows them", "{\"capture\":" },
	{ "an HTML page", "a browser shows it", "<!doctypehtml" },
	{ "an HTML page", "a browser shows it", "<html" },
};

static bool text_begins(const uint8_t *data, size_t len, const char *head)
{
	for (size_t i = 0; i < len && *head; i++) {
		int c = data[i] >= 'A' && data[i] <= 'Z' ? data[i] + ('a' - 'A') : data[i];

		if (c && strchr(" \t\r\n", c))
			continue;
		if (c != *head++)
			return false;
	}
	return *head == '\0';
}

static const char *text_kind(const uint8_t *data, size_t len, const char **advice)
{
	for (size_t i = 0; i < sizeof(text_kinds) / sizeof(text_kinds[0]); i++) {
		if (text_begins(data, len, text_kinds[i].head)) {
			*advice = text_kinds[i].advice;
			return text_kinds[i].name;
		}
	}
	*advice = "compile it first: luac.cross -f -o lfs.img FILE.lua …";
	return "text, perhaps Lua source";
}

/* The boot loader of an ESP32 stands behind 4 KB of erased flash. */
static bool is_esp32_dump(const uint8_t *data, size_t len)
{
	enum { BOOT_LOADER = 0x1000 };

	return len > BOOT_LOADER && data[BOOT_LOADER] == 0xe9 && all_of(data, BOOT_LOADER, 0xff);
}

/* What is inside a gzip file that holds no image of Lua 5.1. */
static const char *gzip_kind(const uint8_t *data, size_t len, const char **advice)
{
	uint8_t head[16];
	size_t n = gzip_head(data, len, head, sizeof(head));

	*advice = "unpack it first: gunzip -c FILE >FILE.img";
	if (lua_lfs53.probe(head, n) || lua_lfs53_absolute.probe(head, n))
		return "a gzip file around an image for Lua 5.3, which no device inflates";
	*advice = "unpack it and see what it is";
	return "a gzip file that holds no LFS image";
}

static const char *lfs_kind(uint32_t word, const char **advice)
{
	if ((word & 0xffff0000) != 0xfafa0000)
		return NULL;
	*advice = "made for a firmware that this program does not know";
	return "an LFS image of another version";
}

/* What a file is by its first bytes; NULL: nothing that is known. */
static const char *head_kind(const uint8_t *data, size_t len, const char **advice)
{
	const char *name = len >= 4 ? lfs_kind(le32(data), advice) : NULL;

	if (name)
		return name;
	if (gzip_probe(data, len))
		return gzip_kind(data, len, advice);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (len >= kinds[i].len && memcmp(data, kinds[i].head, kinds[i].len) == 0) {
			*advice = kinds[i].advice;
			return kinds[i].name;
		}
	}
	return NULL;
}

const char *lua_kind_of(const uint8_t *data, size_t len, const char **advice)
{
	const char *name;

	*advice = USE_LUAC;
	if (len == 0)
		return "an empty file";
	for (unsigned i = 0; i < lua_format_count; i++)
		if (lua_formats[i]->probe(data, len))
			return lua_formats[i]->words;
	name = head_kind(data, len, advice);
	if (name)
		return name;
	if (is_esp32_dump(data, len)) {
		*advice = "lfsdump --extract-lfs takes the LFS image out of it";
		return "a flash dump of an ESP32";
	}
	if (all_of(data, len, 0xff)) {
		*advice = "nothing has been flashed there yet";
		return "erased flash (ff bytes only)";
	}
	if (is_text(data, len))
		return text_kind(data, len, advice);
	return "no file that this program knows";
}
