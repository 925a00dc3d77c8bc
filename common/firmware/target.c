/* SPDX-License-Identifier: MIT */
#include "common/firmware/target.h"

#include <stdio.h>
#include <string.h>

#include "common/base/file.h"
#include "common/firmware/flash_map.h"

/* Without a banner: what the ROTables' layout tells. They look so since the tags changed. */
static bool by_tables(const struct firmware *fw, struct check_target *target)
{
	const struct firmware_lua *lua = &fw->lua;

	if (!lua->version)
		return false;
	*target = (struct check_target){ .known = true };
	target->version = lua->version == 51 ? LUA_51 : LUA_53;
	if (target->version == LUA_51) {
		target->integer_bytes = lua->integer ? 4 : 0;
		target->float_bytes = lua->integer ? 0 : 8;
		target->packed = lua->tvalue_bytes == 12;
	} else {
		target->integer_bytes = target->float_bytes = lua->wide ? 8 : 4;
	}
	return true;
}

/* The table of an ELF file is where its flash code begins. */
static bool read_table(const struct firmware *fw, struct partition_table *table)
{
	struct diag diag = { 0 };
	const uint8_t *page;
	size_t n;

	if (fw->flash) {
		*table = fw->flash->table;
		return table->kind != PARTITION_NONE;
	}
	if (fw->chip != CHIP_ESP8266)
		return false;
	page = firmware_bytes(fw, FLASH_MAPPED + PARTITION_AT, &n);
	return page && partition_read(page, n, 0, &diag, table) == ERR_NONE;
}

static void read_region(const struct firmware *fw, struct check_target *target)
{
	struct partition_table table;
	uint32_t item;

	if (!read_table(fw, &table))
		return;
	item = partition_find(&table, target->esp32 ? PARTITION_LFS32 : PARTITION_LFS0, 1);
	target->no_region = item == table.count || table.items[item].size == 0;
	target->region = target->no_region ? 0 : table.items[item].size;
	if (!target->no_region && !target->esp32 && table.items[item].address)
		target->base = FLASH_MAPPED + table.items[item].address;
}

enum err firmware_target(struct firmware *fw, struct check_target *target, struct diag *diag)
{
	struct diag banner = { 0 };
	const char *text;
	size_t len = 0;
	char kind[sizeof(target->name)] = "a firmware";

	if (firmware_study(fw, diag))
		return diag->code;
	text = flash_banner(fw, &len);
	if ((!text || check_banner((const uint8_t *)text, len, target, &banner)) &&
	    !by_tables(fw, target))
		return diag_fail(
			diag, ERR_KIND,
			"no boot banner and no ROTables in it: no NodeMCU firmware, or not "
			"all of it");
	target->esp32 = fw->chip != CHIP_ESP8266 && fw->chip != CHIP_UNKNOWN;
	read_region(fw, target);
	if (fw->ntables && fw->tables[0].reach == REACH_BASE)
		target->modules[0] = 0; /* firmware_uses() knows better */
	for (const struct check_kind *k = check_kinds; k->name; k++)
		if (k->version == target->version && k->integer_bytes == target->integer_bytes &&
		    k->float_bytes == target->float_bytes && k->packed == target->packed &&
		    k->esp32 == target->esp32)
			snprintf(kind, sizeof(kind), "%s", k->name);
	snprintf(target->name, sizeof(target->name), "%.20s, by %.48s", kind,
		 file_base_name(fw->file));
	return ERR_NONE;
}
