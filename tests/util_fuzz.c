/* SPDX-License-Identifier: MIT */
#include "tests/util_fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "common/device/capture.h"
#include "tests/util_ways.h"
#include "tests/util_firmware.h"
#include "tests/util_flash.h"
#include "tests/util_gzip.h"
#include "tests/util_pair.h"
#include "tests/util_rebuild.h"
#include "tests/util_strings.h"
#include "tests/util_peer.h"
#include "tests/util_tour.h"

/* data, but for the first n bytes. */
static void with_head(const uint8_t *data, size_t len, const void *head, size_t n, struct buf *out)
{
	buf_put(out, head, n);
	if (len > n)
		buf_put(out, data + n, len - n);
}

/* The low byte of a 5.1 signature tells of numbers and packing: those bits are the fuzzer's. */
static void with_signature(const uint8_t *data, size_t len, uint8_t format, uint8_t low,
			   struct buf *out)
{
	uint8_t head[4] = { (uint8_t)(0x50 | low | (len ? data[0] & 6 : 0)), format, 0xfa, 0xfa };

	with_head(data, len, head, sizeof(head), out);
}

static void make_lfs51(const uint8_t *data, size_t len, struct buf *out)
{
	struct buf image = { 0 };

	with_signature(data, len, 0xa1, 0, &image);
	gzip_wrap(image.data, image.len, 0, out);
	buf_free(&image);
}

static void make_absolute(const uint8_t *data, size_t len, struct buf *out)
{
	with_signature(data, len, 0xa1, 1, out);
}

static void make_2018(const uint8_t *data, size_t len, struct buf *out)
{
	with_signature(data, len, 0xaf, 0, out);
}

static void make_lc51(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "\033LuaQ\0\1\4\4\4", 10, out);
}

static void make_lfs53(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "\033LuaS\x0b\x19\x93\r\n\x1a\n\4\4", 14, out);
}

static void make_absolute53(const uint8_t *data, size_t len, struct buf *out)
{
	uint8_t head[4] = { (uint8_t)(0x50 | (len ? data[0] & 3 : 0)), 0xa2, 0xfa, 0xfa };

	with_head(data, len, head, sizeof(head), out);
}

static void make_lc53(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "\033LuaS\x0a\x19\x93\r\n\x1a\n\4\4", 14, out);
}

static void make_gzip(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "\x1f\x8b\x08", 3, out);
}

static void make_same(const uint8_t *data, size_t len, struct buf *out)
{
	buf_put(out, data, len);
}

static void make_capture(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "{\"capture\": 1", 13, out);
}

/* A capture from a device that says what the file tells, as a script of util_peer.h. */
static void tour_console(const uint8_t *file, size_t len)
{
	struct port *port = peer_open(file, len);
	struct string_set set = { 0 };
	struct console c;
	struct diag diag = { 0 };

	if (console_open(&c, port, &diag) == ERR_NONE)
		capture_take(&c, NULL, &set, &diag);
	console_leave(&c);
	console_free(&c);
	port_close(port);
	string_set_free(&set);
}

/*
 * Of rebuild, check and diff the first byte chooses the format; the last ones are sources,
 * captures, text, as they begin.
 */
static void make_rebuild(const uint8_t *data, size_t len, struct buf *out)
{
	static void (*const makers[])(const uint8_t *, size_t, struct buf *) = {
		make_lfs51, make_absolute,   make_2018, make_lc51,
		make_lfs53, make_absolute53, make_lc53, make_same,
	};

	if (len)
		makers[data[0] % 8](data + 1, len - 1, out);
}

static void make_bin(const uint8_t *data, size_t len, struct buf *out)
{
	with_head(data, len, "\xe9", 1, out);
}

/*
 * The fuzzer's bytes go where a flash has something: the first 128 are the image at its begin, the
 * next 128 the partition table, the others an LFS region. An odd first byte makes it an ESP32's.
 */
static void make_flash(const uint8_t *data, size_t len, struct buf *out)
{
	bool esp32 = len && data[0] & 1;
	const size_t places[] = { esp32 ? 0x1000 : 0, esp32 ? PARTITION_AT32 : PARTITION_AT,
				  0x20000 };

	for (unsigned i = 0; i < 3 && len; i++) {
		size_t n = i < 2 && len > 128 ? 128 : len;

		flash_fill(out, places[i]);
		if (i == 0)
			buf_byte(out, 0xe9);
		buf_put(out, data, n);
		data += n;
		len -= n;
	}
}

/* A firmware's for Xtensa or RISC-V, as its first byte is even or odd. */
static void make_elf(const uint8_t *data, size_t len, struct buf *out)
{
	uint8_t head[20] = { 0x7f, 'E', 'L', 'F', 1, 1, 1, [16] = 2, [18] = 94 };

	if (len && data[0] & 1)
		head[18] = 243;
	with_head(data, len, head, sizeof(head), out);
}

/* The flash code of an ESP8266 behind the page with its partition table; then an LFS region. */
static void make_irom0(const uint8_t *data, size_t len, struct buf *out)
{
	static const uint32_t items[][3] = { { 102, 0x10000, 0x4000 }, { 103, 0x14000, 0x4000 } };

	flash_put_table(out, items, 2);
	flash_fill(out, PARTITION_PAGE);
	buf_put(out, data, len);
}

const struct fuzz_target fuzz_targets[] = {
	{ "lfs51", make_lfs51, NULL },
	{ "lfs51_absolute", make_absolute, NULL },
	{ "lfs51_2018", make_2018, NULL },
	{ "lc51", make_lc51, NULL },
	{ "lfs53", make_lfs53, NULL },
	{ "lfs53_absolute", make_absolute53, NULL },
	{ "lc53", make_lc53, NULL },
	{ "gzip", make_gzip, NULL },
	{ "text", make_same, strings_tour_text },
	{ "capture", make_capture, strings_tour_text },
	{ "ram", make_same, strings_tour_ram },
	{ "console", make_same, tour_console },
	{ "rebuild", make_rebuild, rebuild_tour },
	{ "check", make_rebuild, check_all_ways },
	{ "diff", make_rebuild, pair_tour },
	{ "bin", make_bin, flash_tour },
	{ "flash", make_flash, flash_tour },
	{ "irom0", make_irom0, flash_tour },
	{ "elf", make_elf, firmware_tour },
	{ NULL, NULL, NULL },
};

/*
 * Everything for each input would be slow: one of the output forms, or the check for one firmware.
 * A checksum spreads what is done over the inputs.
 */
static void tour_a_part(const uint8_t *file, size_t len)
{
	uint32_t h = 2166136261u;
	unsigned part;

	for (size_t i = 0; i < len; i++)
		h = (h ^ file[i]) * 16777619u;
	part = 1u << (h >> 8) % 8 & TOUR_ALL;
	tour_bytes(file, len, part);
	if (part == 0)
		check_one_way(file, len, h >> 11);
}

static void tour_all(const uint8_t *file, size_t len)
{
	tour_bytes(file, len, TOUR_ALL);
	check_all_ways(file, len);
}

static const struct fuzz_target *target_of(const char *name)
{
	const struct fuzz_target *t = fuzz_targets;

	while (t->name && strcmp(t->name, name) != 0)
		t++;
	if (!t->name)
		abort();
	return t;
}

void fuzz_read(const char *name, const uint8_t *data, size_t len,
	       void (*read)(const uint8_t *file, size_t len))
{
	struct buf b = { 0 };
	uint8_t *file;

	target_of(name)->make(data, len, &b);
	/* Exactly as large as the file, so that the sanitizer sees the first byte behind it. */
	file = malloc(b.len ? b.len : 1);
	if (!file)
		abort();
	if (b.len)
		memcpy(file, b.data, b.len);
	read(file, b.len);
	free(file);
	buf_free(&b);
}

void fuzz_run(const char *name, const uint8_t *data, size_t len, bool all)
{
	const struct fuzz_target *t = target_of(name);

	fuzz_read(name, data, len, t->read ? t->read : all ? tour_all : tour_a_part);
}
