/* SPDX-License-Identifier: MIT */
#include "common/firmware/partition.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/rd.h"

enum {
	ENTRY_WORDS = 3,
	ENTRY = 12,
	HEAD = 4, /* of a record */
	ENTRY32 = 32,
	TYPES_MAX = 256, /* the SDK's are below 100, the firmware's own follow */
	MD5_MARK = 0xebeb,
	ENTRY_MARK = 0x50aa,
};

struct name {
	uint32_t type;
	const char *words;
};

static const struct name types[] = {
	{ 1, "BOOTLOADER" }, { 2, "OTA_1" },       { 3, "OTA_2" },
	{ 4, "RF_CAL" },     { 5, "PHY_DATA" },    { 6, "SYSTEM_PARAMETER" },
	{ 101, "EAGLEROM" }, { 102, "IROM0TEXT" }, { 103, "LFS0" },
	{ 104, "LFS1" },     { 105, "TLSCERT" },   { 106, "SPIFFS0" },
	{ 107, "SPIFFS1" },
};

/* type << 8 | subtype */
static const struct name types32[] = {
	{ 0x0000, "app factory" },    { 0x0020, "app test" },     { 0x0100, "data ota" },
	{ 0x0101, "data phy" },       { 0x0102, "data nvs" },     { 0x0103, "data coredump" },
	{ 0x0104, "data nvs_keys" },  { 0x0105, "data efuse" },   { 0x0180, "data esphttpd" },
	{ 0x0181, "data fat" },       { 0x0182, "data spiffs" },  { 0x0183, "data littlefs" },
	{ 0xc200, "NodeMCU SPIFFS" }, { 0xc201, "NodeMCU LFS0" }, { 0xc202, "NodeMCU LFS1" },
};

static const char *name_of(const struct name *names, size_t n, uint32_t type)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].type == type)
			return names[i].words;
	return NULL;
}

#define NAME_OF(names, type) name_of(names, sizeof(names) / sizeof((names)[0]), type)

static struct partition *add_item(struct partition_table *t)
{
	return t->count < PARTITIONS_MAX ? &t->items[t->count++] : NULL;
}

static void read_entry(struct rd *all, struct partition_table *t)
{
	struct rd_scope scope = { "partition", t->count, NULL };
	struct partition p = { .off = all->off };
	struct partition *to;
	struct rd rd = *all;

	rd.scope = &scope;
	p.type = rd_u32(&rd, "type");
	p.address = rd_u32(&rd, "address");
	p.size = rd_u32(&rd, "size");
	rd_take(all, ENTRY, "partition");
	if (rd_bad(&rd))
		return;
	if (p.type == 0 && p.size == 0 && all->len == 0) {
		t->fresh = true;
		t->irom0_end = p.address;
		return;
	}
	to = add_item(t);
	if (p.type == 0 || p.type >= TYPES_MAX)
		rd_fail(&rd, ERR_DAMAGED, ENTRY, "type", "0x%" PRIx32 " is no type of partition",
			p.type);
	else if (!to)
		rd_fail(&rd, ERR_LIMIT, ENTRY, NULL, "more than %d partitions", PARTITIONS_MAX);
	if (to)
		*to = p;
}

static void read_entries(struct rd *page, const struct partition_record *r,
			 struct partition_table *t)
{
	struct rd rd = *page;
	size_t n = (size_t)4 * r->words;

	rd.len = n; /* the caller has seen that they are there */
	t->kind = PARTITION_ESP8266;
	t->off = rd.off;
	if (r->words == 0 || r->words % ENTRY_WORDS) {
		rd_fail(&rd, ERR_DAMAGED, 4, "words", "%u are no entries of %d", r->words,
			ENTRY_WORDS);
		return;
	}
	while (rd.len && !rd_bad(&rd))
		read_entry(&rd, t);
}

static void read_record(struct rd *page, struct partition_table *t)
{
	struct rd_scope scope = { "record", t->nrecords, NULL };
	struct partition_record r = { .off = page->off };
	struct rd rd = *page;
	uint16_t zeros;
	size_t n;

	rd.scope = &scope;
	r.words = rd_u8(&rd, "words");
	r.id = rd_u8(&rd, "id");
	zeros = rd_u16(&rd, "zeros");
	n = (size_t)4 * r.words;
	if (!rd_bad(&rd) && zeros)
		rd_fail(&rd, ERR_DAMAGED, 2, "zeros", "%04x", zeros);
	else if (!rd_bad(&rd) && n > rd.len)
		rd_fail(&rd, ERR_DAMAGED, 4, "words", "%u words do not fit in %zu bytes", r.words,
			rd.len);
	if (rd_bad(&rd))
		return;
	if (t->nrecords < RECORDS_MAX)
		t->records[t->nrecords++] = r;
	if (r.id == RECORD_TABLE && t->kind == PARTITION_NONE)
		read_entries(&rd, &r, t);
	else if (r.id == RECORD_TABLE)
		t->spare++;
	rd_take(page, HEAD + n, "record");
}

enum err partition_read(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
			struct partition_table *out)
{
	size_t left = off < len ? len - (size_t)off : 0;
	struct rd rd = rd_init(left ? data + off : NULL,
			       left < PARTITION_PAGE ? left : PARTITION_PAGE, diag);

	*out = (struct partition_table){ 0 };
	rd.off = off;
	while (!rd_bad(&rd) && rd.len >= HEAD && rd.p[1] != RECORD_FREE)
		read_record(&rd, out);
	if (out->kind == PARTITION_NONE && diag->code == ERR_NONE)
		return diag_fail(diag, ERR_KIND, "no partition table");
	return diag->code;
}

bool partition_probe(const uint8_t *data, size_t len)
{
	struct partition_table t;
	struct diag diag = { 0 };

	return partition_read(data, len, 0, &diag, &t) == ERR_NONE &&
	       partition_find(&t, PARTITION_IROM0, 0) < t.count;
}

/* False: the table ends here. */
static bool read_entry32(struct rd *all, struct partition_table *t)
{
	struct rd_scope scope = { "partition", t->count, NULL };
	struct partition p = { .off = all->off };
	struct rd rd = *all;
	const uint8_t *label;
	struct partition *to;
	uint16_t mark;

	rd.scope = &scope;
	mark = rd_u16(&rd, "mark");
	p.type = rd_u8(&rd, "type");
	p.subtype = rd_u8(&rd, "subtype");
	p.address = rd_u32(&rd, "address");
	p.size = rd_u32(&rd, "size");
	label = rd_take(&rd, 16, "label");
	rd_u32(&rd, "flags");
	rd_take(all, ENTRY32, "partition");
	if (rd_bad(&rd) || mark == MD5_MARK)
		return !rd_bad(&rd);
	if (mark != ENTRY_MARK) {
		if (mark != 0xffff)
			rd_fail(&rd, ERR_DAMAGED, ENTRY32, "mark", "%04x, not %04x", mark,
				ENTRY_MARK);
		return false;
	}
	memcpy(p.label, label, 16);
	to = add_item(t);
	if (to)
		*to = p;
	return to != NULL;
}

enum err partition_read32(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
			  struct partition_table *out)
{
	size_t left = off < len ? len - (size_t)off : 0;
	struct rd rd = rd_init(left ? data + off : NULL,
			       left < PARTITION_BYTES32 ? left : PARTITION_BYTES32, diag);

	*out = (struct partition_table){ .off = off };
	rd.off = off;
	if (rd.len < 2 || rd.p[0] != (ENTRY_MARK & 0xff) || rd.p[1] != ENTRY_MARK >> 8)
		return diag_fail(diag, ERR_KIND, "no partition table");
	out->kind = PARTITION_ESP32;
	while (rd.len && read_entry32(&rd, out))
		;
	return diag->code;
}

const char *partition_fault(const struct partition_table *t, uint32_t item, uint32_t flash_size)
{
	const struct partition *p = &t->items[item];
	bool unset = t->fresh && (p->address == 0 || p->size == 0 || p->size == UINT32_MAX);

	if (unset)
		return NULL;
	if (p->address % PARTITION_PAGE || p->size % PARTITION_PAGE)
		return "not at pages of 4 KB";
	if (flash_size && (p->address > flash_size || p->size > flash_size - p->address))
		return "outside the flash";
	if ((uint64_t)p->address + p->size > UINT32_MAX)
		return "outside any flash";
	for (uint32_t i = 0; i < item; i++) {
		const struct partition *q = &t->items[i];

		if (p->size && q->size && p->address < (uint64_t)q->address + q->size &&
		    q->address < (uint64_t)p->address + p->size)
			return "over another partition";
	}
	return NULL;
}

uint32_t partition_find(const struct partition_table *t, uint32_t type, uint32_t subtype)
{
	uint32_t i = 0;

	while (i < t->count && (t->items[i].type != type ||
				(t->kind == PARTITION_ESP32 && t->items[i].subtype != subtype)))
		i++;
	return i;
}

void partition_words(const struct partition_table *t, uint32_t item, struct buf *out)
{
	const struct partition *p = &t->items[item];
	const char *words = t->kind == PARTITION_ESP32 ? NAME_OF(types32, p->type << 8 | p->subtype)
						       : NAME_OF(types, p->type);

	if (words)
		buf_str(out, words);
	else if (t->kind == PARTITION_ESP32 && p->type == PARTITION_APP32 && p->subtype / 16 == 1)
		buf_printf(out, "app ota_%" PRIu32, p->subtype % 16);
	else if (t->kind == PARTITION_ESP32)
		buf_printf(out, "type 0x%" PRIx32 ", subtype 0x%" PRIx32, p->type, p->subtype);
	else
		buf_printf(out, "type %" PRIu32, p->type);
}

const char *partition_record_words(uint8_t id)
{
	static const char *const words[] = {
		"deleted",           "partition table", "PHY data set up",  "reflash",
		"LFS image to load", "init string",     "start-up options",
	};

	return id < sizeof(words) / sizeof(words[0]) ? words[id] : NULL;
}
