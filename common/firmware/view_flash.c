/* SPDX-License-Identifier: MIT */
/* Partitions, records and LFS regions. */
#include "common/firmware/view_flash.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of a stretch of flash that the file has. */
static uint64_t present(const struct firmware *fw, uint64_t address, uint64_t size)
{
	uint64_t from = fw->flash->start;
	uint64_t to = from + fw->len;

	from = address > from ? address : from;
	to = address + size < to ? address + size : to;
	return from < to ? to - from : 0;
}

/* Addresses and sizes that the first start fills in. */
static bool is_unset(const struct firmware *fw, const struct partition *p)
{
	return fw->flash->table.fresh && (p->size == 0 || p->size == UINT32_MAX ||
					  (p->address == 0 && p != &fw->flash->table.items[0]));
}

/* Partitions. */

enum {
	PART_NAME,
	PART_LABEL,
	PART_TYPE,
	PART_SUBTYPE,
	PART_ADDRESS,
	PART_SIZE,
	PART_MAPPED,
	PART_FILE,
	PART_FAULT
};

static const struct view_column partition_columns[] = {
	[PART_NAME] = { "partition", NULL, VIEW_TEXT, 0, "what it is for, by its type" },
	[PART_LABEL] = { "label", NULL, VIEW_TEXT, VIEW_IF_ANY, "its name (ESP32)" },
	[PART_TYPE] = { "type", NULL, VIEW_COUNT, VIEW_HIDDEN, "as the table has it" },
	[PART_SUBTYPE] = { "subtype", NULL, VIEW_COUNT, VIEW_HIDDEN,
			   "as the table has it (ESP32)" },
	[PART_ADDRESS] = { "address", NULL, VIEW_HEX, 0,
			   "in flash; none: the first start chooses it" },
	[PART_SIZE] = { "size", NULL, VIEW_SIZE, 0, "bytes; none: the first start chooses it" },
	[PART_MAPPED] = { "mapped", NULL, VIEW_HEX, VIEW_IF_ANY,
			  "address at which an ESP8266 has it" },
	[PART_FILE] = { "file", "in the file", VIEW_TEXT, 0, "whole, in part, or not at all" },
	[PART_FAULT] = { "fault", NULL, VIEW_TEXT, VIEW_IF_ANY, "what is wrong with its place" },
};

static uint64_t count_partitions(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;

	return row == VIEW_ROOT && fw->flash ? fw->flash->table.count : 0;
}

static const char *file_words(const struct firmware *fw, const struct partition *p)
{
	uint64_t n = present(fw, p->address, p->size);

	if (is_unset(fw, p))
		return NULL;
	return n == p->size ? "whole" : n ? "in part" : "no";
}

static void put_name(const struct partition_table *t, uint32_t item, struct view_cell *out,
		     struct buf *scratch)
{
	scratch->len = 0;
	partition_words(t, item, scratch);
	view_bytes(out, scratch->data, scratch->len);
}

static void partition_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
			   struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct flash_map *m = fw->flash;
	const struct partition *p = &m->table.items[row];
	bool esp32 = m->table.kind == PARTITION_ESP32;
	bool unset = is_unset(fw, p);

	switch (column) {
	case PART_NAME: put_name(&m->table, (uint32_t)row, out, scratch); break;
	case PART_LABEL: view_text(out, p->label); break;
	case PART_TYPE: view_int(out, p->type); break;
	case PART_SUBTYPE:
		if (esp32)
			view_int(out, p->subtype);
		break;
	case PART_ADDRESS:
		if (!unset || p->address)
			view_int(out, p->address);
		break;
	case PART_SIZE:
		if (!m->table.fresh || (p->size && p->size != UINT32_MAX))
			view_int(out, p->size);
		break;
	case PART_MAPPED:
		if (!esp32 && !unset && p->address < FLASH_WINDOW)
			view_int(out, FLASH_MAPPED + p->address);
		break;
	case PART_FILE: view_text(out, file_words(fw, p)); break;
	case PART_FAULT:
		view_text(out, partition_fault(&m->table, (uint32_t)row, m->flash_size));
		break;
	}
}

const struct view flash_view_partitions = {
	.name = "partitions",
	.title = "Partitions",
	.help = "the partition table of a flash dump or a .bin",
	.columns = partition_columns,
	.ncolumns = sizeof(partition_columns) / sizeof(partition_columns[0]),
	.count = count_partitions,
	.child = view_nth,
	.cell = partition_cell,
};

void flash_missing(const struct firmware *fw, struct buf *out)
{
	const struct flash_map *m = fw->flash;

	if (m && m->table_cut) {
		uint32_t at = m->esp32 ? PARTITION_AT32 : PARTITION_AT;
		uint32_t size = m->esp32 ? PARTITION_BYTES32 : PARTITION_PAGE;

		buf_printf(out,
			   "partition table: of 0x%" PRIx32 "...0x%" PRIx32 " the file has %" PRIu64
			   " bytes, and nothing of what is behind it\n",
			   at, at + size, present(fw, at, size));
	}
	for (uint32_t i = 0; m && i < m->table.count; i++) {
		const struct partition *p = &m->table.items[i];
		uint64_t n = present(fw, p->address, p->size);

		if (is_unset(fw, p) || n == p->size)
			continue;
		partition_words(&m->table, i, out);
		buf_printf(out,
			   ": of 0x%" PRIx32 "...0x%" PRIx64 " the file has %" PRIu64 " bytes\n",
			   p->address, (uint64_t)p->address + p->size, n);
	}
}

/* Records. */

enum { REC_ID, REC_WORDS, REC_SIZE, REC_OFFSET, REC_VALUE };

static const struct view_column record_columns[] = {
	[REC_ID] = { "id", NULL, VIEW_COUNT, 0, "of the record" },
	[REC_WORDS] = { "record", NULL, VIEW_TEXT, 0, "what it holds" },
	[REC_SIZE] = { "size", NULL, VIEW_SIZE, 0, "bytes behind its head" },
	[REC_OFFSET] = { "offset", NULL, VIEW_HEX, 0, "of its head in the file" },
	[REC_VALUE] = { "value", NULL, VIEW_TEXT, VIEW_IF_ANY, "texts" },
};

static uint64_t count_records(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;

	return row == VIEW_ROOT && fw->flash ? fw->flash->table.nrecords : 0;
}

static void put_value(const struct firmware *fw, const struct partition_record *r,
		      struct view_cell *out)
{
	const uint8_t *p = fw->data + r->off + 4;
	size_t n = (size_t)4 * r->words; /* partition_read has seen them */

	if (r->id == RECORD_LFS || r->id == RECORD_INIT)
		view_bytes(out, p, strnlen((const char *)p, n));
}

static void record_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
			struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct partition_record *r = &fw->flash->table.records[row];

	(void)scratch;
	switch (column) {
	case REC_ID: view_int(out, r->id); break;
	case REC_WORDS: view_text(out, partition_record_words(r->id)); break;
	case REC_SIZE: view_int(out, (int64_t)4 * r->words); break;
	case REC_OFFSET: view_int(out, (int64_t)r->off); break;
	case REC_VALUE: put_value(fw, r, out); break;
	}
}

const struct view flash_view_records = {
	.name = "records",
	.title = "Boot records",
	.help = "the records beside an ESP8266's partition table",
	.columns = record_columns,
	.ncolumns = sizeof(record_columns) / sizeof(record_columns[0]),
	.count = count_records,
	.child = view_nth,
	.cell = record_cell,
};

/* LFS. */

enum { LFS_ADDRESS, LFS_SIZE, LFS_HOW, LFS_STATE, LFS_IMAGE, LFS_PRESENT, LFS_BASE, LFS_MADE_FOR };

static const struct view_column lfs_columns[] = {
	[LFS_ADDRESS] = { "address", NULL, VIEW_HEX, 0, "in flash" },
	[LFS_SIZE] = { "size", NULL, VIEW_SIZE, 0, "of the region, as far as it is known" },
	[LFS_HOW] = { "found", NULL, VIEW_TEXT, 0, "by the partition table, or by a search" },
	[LFS_STATE] = { "holds", NULL, VIEW_TEXT, 0, "an image, or what else" },
	[LFS_IMAGE] = { "image", NULL, VIEW_SIZE, 0, "bytes of the image" },
	[LFS_PRESENT] = { "present", NULL, VIEW_SIZE, VIEW_HIDDEN, "and how many the file has" },
	[LFS_BASE] = { "mapped", NULL, VIEW_HEX, VIEW_IF_ANY,
		       "address at which an ESP8266 has it; an ESP32 chooses one at each start" },
	[LFS_MADE_FOR] = { "made_for", "made for", VIEW_HEX, 0,
			   "address that the image's pointers are for" },
};

static uint64_t count_lfs(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;

	return row == VIEW_ROOT && fw->flash ? fw->flash->nlfs : 0;
}

static void put_number(struct view_cell *out, uint32_t n)
{
	if (n)
		view_int(out, n);
}

static void lfs_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
		     struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct flash_lfs *lfs = &fw->flash->lfs[row];

	(void)scratch;
	switch (column) {
	case LFS_ADDRESS: view_int(out, lfs->address); break;
	case LFS_SIZE: put_number(out, lfs->size); break;
	case LFS_HOW: view_text(out, flash_how_words(lfs->how)); break;
	case LFS_STATE: view_text(out, flash_state_words(lfs->state)); break;
	case LFS_IMAGE: put_number(out, lfs->image); break;
	case LFS_PRESENT:
		if (lfs->image)
			view_int(out, lfs->present);
		break;
	case LFS_BASE: put_number(out, lfs->base); break;
	case LFS_MADE_FOR: put_number(out, lfs->made_for); break;
	}
}

const struct view flash_view_lfs = {
	.name = "lfs",
	.title = "LFS regions",
	.help = "where a flash dump or a .bin has LFS, and in what state",
	.columns = lfs_columns,
	.ncolumns = sizeof(lfs_columns) / sizeof(lfs_columns[0]),
	.count = count_lfs,
	.child = view_nth,
	.cell = lfs_cell,
};
