/* SPDX-License-Identifier: MIT */
#include "common/firmware/bin.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/rd.h"

enum {
	HEADER = 8,
	EXTENDED = 16,
	SEGMENT = 8,
	ALIGNMENT = 16,
	SUM_SEED = 0xef,
	LOADER_SEGMENTS = 16,
	SEGMENTS_2 = 4, /* what version 2 has in the place of the count */
};

/* Where an ESP8266's segments can be loaded to: the longer header has the pins there. */
static bool is_esp8266_ram(uint32_t address)
{
	return (address >= 0x3ffe8000 && address < 0x40000000) ||
	       (address >= 0x40100000 && address < 0x40140000);
}

bool bin_probe(const uint8_t *data, size_t len)
{
	if (len < 2)
		return false;
	if (data[0] == BIN_MAGIC_2)
		return data[1] == SEGMENTS_2;
	return data[0] == BIN_MAGIC && data[1] > 0 && data[1] <= LOADER_SEGMENTS;
}

static void add_sum(struct bin_image *image, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		image->sum ^= p[i];
}

/* False when the reading ends here. */
static bool read_segment(struct rd *rd, struct bin_image *image, bool counts)
{
	struct rd_scope scope = { "segment", image->nsegments, NULL };
	struct bin_segment *s = &image->segments[image->nsegments];
	const uint8_t *p;

	rd->scope = &scope;
	s->address = rd_u32(rd, "address");
	s->size = rd_u32(rd, "size");
	if (!rd_bad(rd)) {
		image->nsegments++;
		s->off = rd->off;
		s->present = rd->len < s->size ? (uint32_t)rd->len : s->size;
		if (s->present < s->size)
			rd_fail(rd, ERR_TRUNCATED, 4, "size",
				"%" PRIu32 " bytes wanted, %zu are there", s->size, rd->len);
		p = rd_take(rd, s->present, "bytes");
		if (p && counts)
			add_sum(image, p, s->present);
	}
	rd->scope = NULL;
	image->end = s->off ? s->off + s->present : rd->off;
	return !rd_bad(rd);
}

static void read_header(struct rd *rd, struct bin_image *image, uint8_t magic)
{
	uint8_t got = rd_u8(rd, "magic");

	if (!rd_bad(rd) && got != magic)
		rd_fail(rd, ERR_DAMAGED, 1, "magic", "%02x, not %02x", got, magic);
	image->wanted = rd_u8(rd, "segments");
	image->mode = rd_u8(rd, "flash mode");
	image->sizes = rd_u8(rd, "flash size");
	image->entry = rd_u32(rd, "entry");
}

static void read_extended(struct rd *rd, struct bin_image *image)
{
	uint8_t digest;

	rd_u32(rd, "pins");
	image->chip = rd_u16(rd, "chip");
	rd_take(rd, 9, "revisions");
	digest = rd_u8(rd, "digest");
	if (!rd_bad(rd) && digest > 1)
		rd_fail(rd, ERR_DAMAGED, 1, "digest", "%u, not 0 or 1", digest);
	image->digest = digest ? BIN_DIGEST_CUT : BIN_NO_DIGEST;
}

static void read_sum(struct rd *rd, struct bin_image *image)
{
	size_t done = (size_t)(rd->off - image->off);

	rd_take(rd, ALIGNMENT - 1 - done % ALIGNMENT, "padding");
	image->sum_off = rd->off;
	image->stored_sum = rd_u8(rd, "checksum");
	image->has_sum = !rd_bad(rd);
	image->end = rd->off;
}

static void read_digest(struct rd *rd, struct bin_image *image, const uint8_t *begin)
{
	struct sha256 s = sha256_begin();
	const uint8_t *stored;

	image->digest_off = rd->off;
	stored = rd_take(rd, SHA256_BYTES, "digest");
	if (!stored)
		return;
	memcpy(image->stored_sha, stored, SHA256_BYTES);
	sha256_add(&s, begin, (size_t)(image->digest_off - image->off));
	sha256_end(&s, image->sha);
	image->digest = memcmp(image->sha, stored, SHA256_BYTES) == 0 ? BIN_DIGEST_GOOD
								      : BIN_DIGEST_BAD;
	image->end = rd->off;
}

enum err bin_read(const uint8_t *data, size_t len, uint64_t off, struct diag *diag,
		  struct bin_image *out)
{
	const uint8_t *begin = off < len ? data + off : NULL;
	struct rd rd = rd_init(begin, begin ? len - (size_t)off : 0, diag);

	*out = (struct bin_image){ .off = off, .end = off, .version = 1, .sum = SUM_SEED };
	rd.off = off;
	if (rd.len && begin[0] == BIN_MAGIC_2) {
		out->version = 2;
		read_header(&rd, out, BIN_MAGIC_2);
		if (rd_bad(&rd) || !read_segment(&rd, out, false))
			return diag->code;
	}
	read_header(&rd, out, BIN_MAGIC);
	if (rd_bad(&rd))
		return diag->code;
	if (out->wanted == 0 || out->wanted > LOADER_SEGMENTS)
		return rd_fail(&rd, ERR_DAMAGED, HEADER - 1, "segments",
			       "%" PRIu32 " of them, 1...16 can be", out->wanted);
	out->esp32 = out->version == 1 && rd.len >= SEGMENT && !is_esp8266_ram(le32(rd.p));
	out->wanted += out->version - 1u;
	if (out->esp32)
		read_extended(&rd, out);
	while (!rd_bad(&rd) && out->nsegments < out->wanted)
		read_segment(&rd, out, true);
	if (!rd_bad(&rd))
		read_sum(&rd, out);
	if (!rd_bad(&rd) && out->digest)
		read_digest(&rd, out, begin);
	return diag->code;
}

/* In the header, by code. */
static const uint32_t sizes8266[16] = { 512u << 10, 256u << 10, 1u << 20, 2u << 20, 4u << 20,
					2u << 20,   4u << 20,   0,        8u << 20, 16u << 20 };

uint32_t bin_flash_size(const struct bin_image *image)
{
	unsigned code = image->sizes >> 4;

	if (image->esp32)
		return code < 8 ? 1u << (20 + code) : 0;
	return sizes8266[code];
}

const char *bin_mode(const struct bin_image *image)
{
	static const char *const modes[] = { "QIO", "QOUT", "DIO", "DOUT" };

	return image->mode < 4 ? modes[image->mode] : NULL;
}

const char *bin_frequency(const struct bin_image *image)
{
	/* Others divide another clock. */
	if (image->esp32 && image->chip != 0 && image->chip != 2 && image->chip != 5 &&
	    image->chip != 9)
		return NULL;
	switch (image->sizes & 15) {
	case 0: return "40 MHz";
	case 1: return "26 MHz";
	case 2: return "20 MHz";
	case 15: return "80 MHz";
	default: return NULL;
	}
}

static const struct chip {
	uint16_t id;
	bool riscv;
	const char *name;
} chips[] = {
	{ 0, false, "ESP32" },    { 2, false, "ESP32-S2" }, { 5, true, "ESP32-C3" },
	{ 9, false, "ESP32-S3" }, { 12, true, "ESP32-C2" }, { 13, true, "ESP32-C6" },
	{ 16, true, "ESP32-H2" }, { 18, true, "ESP32-P4" }, { 20, true, "ESP32-C61" },
	{ 23, true, "ESP32-C5" },
};

static const struct chip *find_chip(uint16_t id)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chips[i].id == id)
			return &chips[i];
	return NULL;
}

const char *bin_chip(const struct bin_image *image)
{
	const struct chip *c = find_chip(image->chip);

	if (!image->esp32)
		return "ESP8266";
	return c ? c->name : NULL;
}

bool bin_is_riscv(const struct bin_image *image)
{
	const struct chip *c = find_chip(image->chip);

	return image->esp32 && c && c->riscv;
}
