/* SPDX-License-Identifier: MIT */
/* Views of a firmware as a whole: what it is, and how full the memories are. */
#include <string.h>

#include "common/firmware/flash_map.h"
#include "common/firmware/view_firmware.h"

const char *const firmware_area_names[FIRMWARE_AREAS] = {
	[AREA_OTHER] = "other", [AREA_ROM] = "ROM",     [AREA_IRAM] = "IRAM",
	[AREA_DRAM] = "DRAM",   [AREA_FLASH] = "flash",
};

/* The memories of a chip that have a limit; 0: none is known. */
static uint32_t area_limit(enum firmware_chip chip, enum firmware_area area)
{
	static const uint32_t esp8266[FIRMWARE_AREAS] = {
		[AREA_IRAM] = 0x8000, [AREA_DRAM] = 0x14000, [AREA_FLASH] = 0x100000
	};

	return chip == CHIP_ESP8266 ? esp8266[area] : 0;
}

uint32_t firmware_area_used(const struct firmware *fw, enum firmware_area area)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < fw->nsections; i++)
		if (fw->sections[i].area == area)
			sum += fw->sections[i].size;
	return sum;
}

void firmware_lua_words(const struct firmware *fw, struct buf *out)
{
	const struct firmware_lua *lua = &fw->lua;

	if (lua->version == 51)
		buf_printf(out, "Lua 5.1, %s numbers", lua->integer ? "integer" : "double");
	else if (lua->version == 53)
		buf_printf(out, "Lua 5.3, %s-bit integers, %s floats", lua->wide ? "64" : "32",
			   lua->wide ? "double" : "single");
}

/* Summary */

enum {
	S_FILE,
	S_CHIP,
	S_FORM,
	S_LUA,
	S_FIRMWARE,
	S_BUILD,
	S_RELEASE,
	S_BRANCH,
	S_COMMIT,
	S_SDK,
	S_SSL,
	S_TVALUE,
	S_ENTRY,
	S_HEAP,
	S_MODULES,
	S_TABLES,
	S_FUNCTIONS,
	S_STRINGS,
	S_SYMBOLS,
	S_SOURCES,
	S_DEBUG,
	S_COLUMNS
};

static const struct view_column summary_columns[] = {
	[S_FILE] = { "file", "file", VIEW_TEXT, VIEW_HIDDEN, "name of the file" },
	[S_CHIP] = { "chip", "chip", VIEW_TEXT, 0, "the chip that it is for" },
	[S_FORM] = { "form", "form", VIEW_TEXT, 0, "ELF file, flash image or flash dump" },
	[S_LUA] = { "lua", "Lua", VIEW_TEXT, 0, "version of Lua and its number types" },
	[S_FIRMWARE] = { "firmware", "firmware", VIEW_TEXT, 0, "first line of its banner" },
	[S_BUILD] = { "build", "build", VIEW_TEXT, 0, "when it was built, by its banner" },
	[S_RELEASE] = { "release", "release", VIEW_TEXT, 0, "its release, by its banner" },
	[S_BRANCH] = { "branch", "branch", VIEW_TEXT, VIEW_HIDDEN, "its branch" },
	[S_COMMIT] = { "commit", "commit", VIEW_TEXT, 0, "its commit" },
	[S_SDK] = { "sdk", "SDK", VIEW_TEXT, 0, "version of the SDK" },
	[S_SSL] = { "ssl", "TLS", VIEW_TEXT, VIEW_HIDDEN, "whether it has TLS" },
	[S_TVALUE] = { "tvalue_bytes", "TValue", VIEW_COUNT, VIEW_HIDDEN, "bytes of a TValue" },
	[S_ENTRY] = { "entry", "entry", VIEW_HEX, VIEW_HIDDEN, "where it starts" },
	[S_HEAP] = { "heap", "left for heap", VIEW_SIZE, 0,
		     "RAM that data and bss leave (ESP8266)" },
	[S_MODULES] = { "modules", "modules", VIEW_TEXT, 0, "modules built in" },
	[S_TABLES] = { "rotables", "ROTables", VIEW_COUNT, 0, "ROTables" },
	[S_FUNCTIONS] = { "functions", "C functions", VIEW_COUNT, 0,
			  "C functions in ROTables, each counted once" },
	[S_STRINGS] = { "strings", "strings", VIEW_COUNT, VIEW_HIDDEN, "strings in flash" },
	[S_SYMBOLS] = { "symbols", "symbols", VIEW_COUNT, 0, "symbols" },
	[S_SOURCES] = { "sources", "source files", VIEW_COUNT, VIEW_HIDDEN, "source files" },
	[S_DEBUG] = { "dwarf", "debug data", VIEW_BOOL, VIEW_HIDDEN, "does it have DWARF?" },
};

/* Where the first word of the banner's bytes is; NULL: nowhere. */
static const char *find_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	for (; (size_t)(end - p) >= n; p++)
		if (!memcmp(p, word, n))
			return p;
	return NULL;
}

/* What follows the word up to the end of the line, or up to "powered by" in the last one. */
static void banner_cell(const struct firmware *fw, const char *word, struct view_cell *c)
{
	size_t len;
	const char *banner = flash_banner(fw, &len);
	const char *p = banner ? find_word(banner, banner + len, word) : NULL;
	const char *end, *stop;

	if (!p)
		return;
	p += strlen(word);
	while (p < banner + len && *p == '\n')
		p++;
	stop = memchr(p, '\n', len - (size_t)(p - banner));
	end = stop ? stop : banner + len;
	stop = find_word(p, end, " powered");
	end = stop ? stop : end;
	while (end > p && end[-1] == ' ')
		end--;
	view_bytes(c, p, (size_t)(end - p));
}

static void sdk_cell(const struct firmware *fw, struct view_cell *c)
{
	uint32_t s = firmware_symbol_find(fw, "SDK_VERSION");
	size_t len = 0;
	const char *p = NULL;

	if (s != FIRMWARE_NONE)
		p = firmware_string(fw, fw->symbols[s].address, &len);
	if (p)
		view_bytes(c, p, len < 80 ? len : 80);
}

static void modules_cell(const struct firmware *fw, struct view_cell *c, struct buf *scratch)
{
	const char *separator = "";

	for (uint32_t i = 0; i < fw->nmodules; i++) {
		if (!strcmp(fw->modules[i].name, "_G"))
			continue;
		buf_str(scratch, separator);
		buf_str(scratch, fw->modules[i].name);
		separator = ", ";
	}
	if (scratch->len)
		view_bytes(c, scratch->data, scratch->len);
}

static int64_t count_functions(const struct firmware *fw)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < fw->nfunctions; i++)
		n += !i || fw->entries[fw->functions[i]].address !=
				   fw->entries[fw->functions[i - 1]].address;
	return n;
}

/* What a flash cannot tell is not said to be none. */
static void count_cell(const struct firmware *fw, struct view_cell *c, int64_t n)
{
	if (n || fw->form == FIRMWARE_ELF)
		view_int(c, n);
}

static void number_cell(const struct firmware *fw, unsigned column, struct view_cell *c)
{
	uint32_t limit = area_limit(fw->chip, AREA_DRAM);
	uint32_t used = firmware_area_used(fw, AREA_DRAM);

	switch (column) {
	case S_TVALUE:
		if (fw->lua.tvalue_bytes)
			view_int(c, fw->lua.tvalue_bytes);
		break;
	case S_ENTRY: view_int(c, fw->entry); break;
	case S_HEAP:
		if (limit && used && fw->form == FIRMWARE_ELF)
			view_int(c, (int64_t)limit - used);
		break;
	case S_TABLES: count_cell(fw, c, fw->ntables); break;
	case S_FUNCTIONS: count_cell(fw, c, count_functions(fw)); break;
	case S_STRINGS: view_int(c, fw->ntexts); break;
	case S_SYMBOLS: count_cell(fw, c, fw->nsymbols); break;
	case S_SOURCES: count_cell(fw, c, fw->nsources); break;
	case S_DEBUG: view_bool(c, fw->has_dwarf); break;
	default: break;
	}
}

static void summary_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			 struct buf *scratch)
{
	static const char *const forms[] = { [FIRMWARE_ELF] = "ELF file",
					     [FIRMWARE_BIN] = "flash image",
					     [FIRMWARE_DUMP] = "flash dump" };
	const struct firmware *fw = ctx;

	(void)row;
	switch (column) {
	case S_FILE: view_text(c, fw->file); break;
	case S_CHIP: view_text(c, firmware_chip_names[fw->chip]); break;
	case S_FORM: view_text(c, forms[fw->form]); break;
	case S_LUA:
		firmware_lua_words(fw, scratch);
		if (scratch->len)
			view_bytes(c, scratch->data, scratch->len);
		break;
	case S_FIRMWARE: banner_cell(fw, "", c); break;
	case S_BUILD: banner_cell(fw, " build ", c); break;
	case S_RELEASE: banner_cell(fw, "release: ", c); break;
	case S_BRANCH: banner_cell(fw, "branch: ", c); break;
	case S_COMMIT: banner_cell(fw, "commit: ", c); break;
	case S_SSL: banner_cell(fw, "SSL: ", c); break;
	case S_SDK: sdk_cell(fw, c); break;
	case S_MODULES: modules_cell(fw, c, scratch); break;
	default: number_cell(fw, column, c); break;
	}
}

const struct view firmware_view_summary = {
	.name = "summary",
	.title = NULL,
	.help = "what the firmware is",
	.columns = summary_columns,
	.ncolumns = S_COLUMNS,
	.record = true,
	.count = view_one,
	.child = view_nth,
	.cell = summary_cell,
};

/* Memory */

enum { M_MEMORY, M_USED, M_LIMIT, M_LEFT, M_SHARE, M_BAR, M_SECTIONS, M_COLUMNS };

static const struct view_column memory_columns[] = {
	[M_MEMORY] = { "memory", "memory", VIEW_TEXT, 0, "IRAM, DRAM, flash, other" },
	[M_USED] = { "used", "used", VIEW_SIZE, 0, "bytes of its sections" },
	[M_LIMIT] = { "limit", "of", VIEW_SIZE, VIEW_IF_ANY, "bytes that there are (ESP8266)" },
	[M_LEFT] = { "left", "left", VIEW_CHANGE, VIEW_IF_ANY,
		     "bytes left; DRAM: for heap and stack" },
	[M_SHARE] = { "share", "share", VIEW_SHARE, VIEW_IF_ANY, "used, of the limit" },
	[M_BAR] = { "bar", "", VIEW_BAR, 0, "the same as a bar" },
	[M_SECTIONS] = { "sections", "sections", VIEW_TEXT, VIEW_ELASTIC, "names of its sections" },
};

static const enum firmware_area areas_shown[] = { AREA_IRAM, AREA_DRAM, AREA_FLASH, AREA_OTHER };
enum { AREAS_SHOWN = sizeof(areas_shown) / sizeof(areas_shown[0]) };

static uint64_t memory_count(const void *ctx, uint64_t row)
{
	uint64_t n = 0;

	for (unsigned i = 0; row == VIEW_ROOT && i < AREAS_SHOWN; i++)
		n += firmware_area_used(ctx, areas_shown[i]) != 0;
	return n;
}

static uint64_t memory_child(const void *ctx, uint64_t row, uint64_t n)
{
	unsigned i = 0;

	(void)row;
	for (; i < AREAS_SHOWN - 1; i++)
		if (firmware_area_used(ctx, areas_shown[i]) && n-- == 0)
			break;
	return areas_shown[i];
}

static void sections_cell(const struct firmware *fw, enum firmware_area area, struct view_cell *c,
			  struct buf *scratch)
{
	for (uint32_t i = 0; i < fw->nsections; i++) {
		if (fw->sections[i].area != area)
			continue;
		buf_str(scratch, scratch->len ? " " : "");
		buf_str(scratch, fw->sections[i].name);
	}
	view_bytes(c, scratch->data, scratch->len);
}

static void memory_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	enum firmware_area area = (enum firmware_area)row;
	uint32_t used = firmware_area_used(fw, area);
	uint32_t limit = area_limit(fw->chip, area);

	switch (column) {
	case M_MEMORY: view_text(c, firmware_area_names[area]); break;
	case M_USED: view_int(c, used); break;
	case M_SECTIONS: sections_cell(fw, area, c, scratch); break;
	default: break;
	}
	if (!limit)
		return;
	switch (column) {
	case M_LIMIT: view_int(c, limit); break;
	case M_LEFT: view_int(c, (int64_t)limit - used); break;
	case M_SHARE: view_real(c, (double)used / limit); break;
	case M_BAR: view_real(c, used < limit ? (double)used / limit : 1.0); break;
	default: break;
	}
}

const struct view firmware_view_memory = {
	.name = "memory",
	.title = "Memory",
	.help = "how full IRAM, DRAM and flash are",
	.columns = memory_columns,
	.ncolumns = M_COLUMNS,
	.count = memory_count,
	.child = memory_child,
	.cell = memory_cell,
};
