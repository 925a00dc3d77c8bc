/* SPDX-License-Identifier: MIT */
/* Images and their segments. */
#include <string.h>

#include "common/firmware/view_flash.h"

/* Images. */

enum {
	IMG_OFFSET,
	IMG_CHIP,
	IMG_VERSION,
	IMG_ENTRY,
	IMG_MODE,
	IMG_FLASH,
	IMG_FREQUENCY,
	IMG_SEGMENTS,
	IMG_SIZE,
	IMG_CHECKSUM,
	IMG_SUM_GOOD,
	IMG_DIGEST,
	IMG_USED
};

static const struct view_column image_columns[] = {
	[IMG_OFFSET] = { "offset", NULL, VIEW_HEX, 0, "where it begins in the file" },
	[IMG_CHIP] = { "chip", NULL, VIEW_TEXT, 0, "that it is for" },
	[IMG_VERSION] = { "version", NULL, VIEW_COUNT, 0, "of the format: 2 has flash code in it" },
	[IMG_ENTRY] = { "entry", NULL, VIEW_HEX, 0, "address of the first instruction" },
	[IMG_MODE] = { "mode", NULL, VIEW_TEXT, 0, "in which the flash is read" },
	[IMG_FLASH] = { "flash", NULL, VIEW_SIZE, 0, "size of the flash, as the header says" },
	[IMG_FREQUENCY] = { "frequency", "clock", VIEW_TEXT, 0, "of the flash's clock" },
	[IMG_SEGMENTS] = { "segments", NULL, VIEW_COUNT, VIEW_HIDDEN, "that the header promises" },
	[IMG_SIZE] = { "size", NULL, VIEW_SIZE, 0, "bytes in the file" },
	[IMG_CHECKSUM] = { "checksum", "sum", VIEW_HEX, 0, "as stored" },
	[IMG_SUM_GOOD] = { "checksum_good", "ok", VIEW_BOOL, 0, "it is that of the segments" },
	[IMG_DIGEST] = { "digest", "SHA-256", VIEW_TEXT, VIEW_IF_ANY,
			 "the SHA-256 behind the image: good, bad, cut off" },
	[IMG_USED] = { "used", NULL, VIEW_BOOL, VIEW_HIDDEN, "its memory is shown" },
};

static uint64_t count_images(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;

	return row == VIEW_ROOT && fw->flash ? fw->flash->nimages : 0;
}

static const char *digest_words(enum bin_digest d)
{
	static const char *const words[] = { NULL, "cut off", "good", "bad" };

	return words[d];
}

static void put_sum(const struct bin_image *i, unsigned column, struct view_cell *out)
{
	if (!i->has_sum)
		return;
	if (column == IMG_CHECKSUM)
		view_int(out, i->stored_sum);
	else
		view_bool(out, i->sum == i->stored_sum);
}

static void image_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
		       struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct bin_image *i = &fw->flash->images[row];

	(void)scratch;
	switch (column) {
	case IMG_OFFSET: view_int(out, (int64_t)i->off); break;
	case IMG_CHIP: view_text(out, bin_chip(i)); break;
	case IMG_VERSION: view_int(out, i->version); break;
	case IMG_ENTRY: view_int(out, i->entry); break;
	case IMG_MODE: view_text(out, bin_mode(i)); break;
	case IMG_FLASH:
		if (bin_flash_size(i))
			view_int(out, bin_flash_size(i));
		break;
	case IMG_FREQUENCY: view_text(out, bin_frequency(i)); break;
	case IMG_SEGMENTS: view_int(out, i->wanted); break;
	case IMG_SIZE: view_int(out, (int64_t)(i->end - i->off)); break;
	case IMG_CHECKSUM:
	case IMG_SUM_GOOD: put_sum(i, column, out); break;
	case IMG_DIGEST: view_text(out, digest_words(i->digest)); break;
	case IMG_USED: view_bool(out, row == fw->flash->app); break;
	}
}

const struct view flash_view_images = {
	.name = "images",
	.title = "Firmware images",
	.help = "firmware images of a .bin or a flash dump, with checksum and digest",
	.columns = image_columns,
	.ncolumns = sizeof(image_columns) / sizeof(image_columns[0]),
	.count = count_images,
	.child = view_nth,
	.cell = image_cell,
};

/* Segments. */

enum { SEG_IMAGE, SEG_NUMBER, SEG_ADDRESS, SEG_MEMORY, SEG_SIZE, SEG_OFFSET, SEG_MISSING };

static const struct view_column segment_columns[] = {
	[SEG_IMAGE] = { "image", NULL, VIEW_HEX, 0, "where its image begins in the file" },
	[SEG_NUMBER] = { "number", "no", VIEW_COUNT, 0, "in the image, 0 first" },
	[SEG_ADDRESS] = { "address", NULL, VIEW_HEX, 0,
			  "where it is loaded or mapped; 0: padding, or (version 2) flash code" },
	[SEG_MEMORY] = { "memory", NULL, VIEW_TEXT, 0, "what memory the address is in" },
	[SEG_SIZE] = { "size", NULL, VIEW_SIZE, 0, "bytes" },
	[SEG_OFFSET] = { "offset", NULL, VIEW_HEX, 0, "of its first byte in the file" },
	[SEG_MISSING] = { "missing", NULL, VIEW_SIZE, VIEW_IF_ANY,
			  "bytes that the file does not have" },
};

static uint64_t count_segments(const void *ctx, uint64_t row)
{
	const struct firmware *fw = ctx;
	uint64_t n = 0;

	for (uint32_t i = 0; row == VIEW_ROOT && fw->flash && i < fw->flash->nimages; i++)
		n += fw->flash->images[i].nsegments;
	return n;
}

static const char *memory_words(const struct firmware *fw, uint32_t address)
{
	static const char *const words[FIRMWARE_AREAS] = {
		[AREA_ROM] = "ROM",
		[AREA_IRAM] = "IRAM",
		[AREA_DRAM] = "DRAM",
		[AREA_FLASH] = "flash",
	};

	return words[firmware_area_of(fw->chip, address)];
}

static void segment_cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *out,
			 struct buf *scratch)
{
	const struct firmware *fw = ctx;
	const struct bin_image *i = fw->flash->images;
	const struct bin_segment *s;

	(void)scratch;
	for (; row >= i->nsegments; i++)
		row -= i->nsegments;
	s = &i->segments[row];
	switch (column) {
	case SEG_IMAGE: view_int(out, (int64_t)i->off); break;
	case SEG_NUMBER: view_int(out, (int64_t)row); break;
	case SEG_ADDRESS: view_int(out, s->address); break;
	case SEG_MEMORY: view_text(out, memory_words(fw, s->address)); break;
	case SEG_SIZE: view_int(out, s->size); break;
	case SEG_OFFSET: view_int(out, (int64_t)s->off); break;
	case SEG_MISSING:
		if (s->present < s->size)
			view_int(out, s->size - s->present);
		break;
	}
}

const struct view flash_view_segments = {
	.name = "segments",
	.title = "Segments",
	.help = "segments of the firmware images in a .bin or a flash dump",
	.columns = segment_columns,
	.ncolumns = sizeof(segment_columns) / sizeof(segment_columns[0]),
	.count = count_segments,
	.child = view_nth,
	.cell = segment_cell,
};
