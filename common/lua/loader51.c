/* SPDX-License-Identifier: MIT */
/*
 * What node.LFS.reload() of a Lua 5.1 firmware does with a file. Source: app/lua/lflash.c and
 * app/uzlib/uzlib_inflate.c of release 3.0-release_20240225.
 *
 *	the last four bytes of the file are taken as the length of what it inflates to, T;
 *	files of 200 bytes or fewer are not looked at
 *	a first pass inflates, 2,048 bytes at a time, into memory that is used in a ring:
 *	  with the first block, in this order: the signature's version, packed bit, all bits but the
 *	  absolute one; flash_size against the region; (T - flash_size) / 4 against the words that
 *	  the flags need
 *	  each block goes into a CRC, and what lies behind flash_size into the flags
 *	the CRC is compared
 *	the region is erased and a second pass relocates and writes
 *	the watchdog restarts the chip, and luaN_init() looks at the header: boot.c
 *
 * A refusal in the first pass leaves the old image as it was.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/lua/flash51.h"
#include "common/lua/loader.h"
#include "common/lua/loader51.h"

enum {
	FILE_MIN = 201,
	MEMORY = 23040, /* what the loader allocates, apart from the flags: 22.5 KB */
};

struct loader51 {
	const struct check_target *target;
	struct check_report *report;
	bool headed;  /* the header was checked */
	bool told;    /* there is a finding on why it stopped */
	uint32_t crc; /* not yet inverted */
	uint8_t header[FLASH51_HEADER];
	uint32_t flash_size;
	uint8_t *flags;
	uint32_t nflags; /* bytes */
	uint32_t flags_at;
};

/* Heap that a reload needs: buffers, and a bit per word of the image. */
enum { RELOAD_HEAP = 23040, RELOAD_SHARE = 32 };

#define REBUILD51 \
	"make the image with that firmware's own luac.cross (float builds: luac.cross, " \
	"integer builds: luac.cross.int)"

static uint32_t crc32_add(uint32_t crc, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return crc;
}

static bool refuse(struct loader51 *l, uint64_t off, const char *path, struct check_finding *f)
{
	check_place(f, off, path);
	if (f)
		f->inflated = true;
	l->told = true;
	return false;
}

static bool check_signature(struct loader51 *l)
{
	struct check_report *r = l->report;
	uint32_t sig = le32(l->header);
	uint32_t want = loader51_signature(l->target, sig);
	const char *build = loader51_build(sig);
	struct check_finding *f = NULL;

	if ((sig & FLASH51_SIG_FORMAT) != (want & FLASH51_SIG_FORMAT))
		f = check_add(r, CHECK_REFUSED, "Incorrect LFS header version", REBUILD51,
			      "the signature 0x%08" PRIx32 " is not of an LFS format that the "
			      "firmware knows",
			      sig);
	else if ((sig & FLASH51_SIG_PACKED) != (want & FLASH51_SIG_PACKED))
		f = check_add(r, CHECK_REFUSED, "Incorrect LFS build type", REBUILD51,
			      "the image was made for %s, the firmware is %s", build,
			      loader51_build(want));
	else if ((sig & ~(uint32_t)FLASH51_SIG_ABSOLUTE) != want)
		f = check_add(r, CHECK_REFUSED, "incorrect LFS header signature", REBUILD51,
			      "the signature is 0x%08" PRIx32 " (%s), not 0x%08" PRIx32 " (%s)",
			      sig, build, want, loader51_build(want));
	else
		return true;
	return refuse(l, 0, "flash_sig", f);
}

static bool check_size(struct loader51 *l, int32_t total)
{
	struct check_report *r = l->report;
	uint32_t region = l->target->region ? l->target->region : LUA_FLASH_MAX;
	uint32_t size = le32(l->header + HEADER51_SIZE);
	uint32_t words = ((uint32_t)total - size) / 4;

	if (size > region)
		return refuse(l, 4, "flash_size",
			      check_add(r, CHECK_REFUSED,
					"LFS Image too big for configured LFS region",
					"enlarge the LFS partition, or take modules or debug data "
					"out of the image",
					"the image needs %" PRIu32 " bytes, the region has "
					"%" PRIu32,
					size, region));
	if (size & 3 || words != 1 + (size / 4 - 1) / 32)
		return refuse(l, 4, "flash_size",
			      check_add(r, CHECK_REFUSED, "LFS length mismatch",
					LOADER_UPLOAD_AGAIN,
					"the file's last four bytes tell %" PRIu32 " bytes, "
					"flash_size is %" PRIu32 ": cut short, longer than it was, "
					"or damaged",
					(uint32_t)total, size));
	l->flash_size = size;
	l->nflags = 4 * words;
	return true;
}

static bool check_memory(struct loader51 *l)
{
	uint32_t need = MEMORY + l->nflags;

	if (need > LOADER_HEAP)
		return refuse(l, 4, "flash_size",
			      check_add(l->report, CHECK_REFUSED, "Memory allocation error",
					"make the image smaller",
					"loading needs %" PRIu32 " bytes of heap, a device has "
					"about %u",
					need, (unsigned)LOADER_HEAP));
	l->flags = calloc(1, l->nflags);
	if (!l->flags)
		l->report->failed = true;
	return l->flags != NULL;
}

static bool check_header(struct loader51 *l, const uint8_t *block, int32_t total)
{
	memcpy(l->header, block, sizeof(l->header));
	l->headed = true;
	free(l->flags);
	l->flags = NULL;
	return check_signature(l) && check_size(l, total) && check_memory(l);
}

/* A block of the first pass. */
static bool take_block(struct loader51_inflate *z, void *ctx)
{
	struct loader51 *l = ctx;
	uint32_t out = (uint32_t)z->out;
	uint32_t len = out % LOADER51_BLOCK ? out % LOADER51_BLOCK : LOADER51_BLOCK;
	const uint8_t *block = loader51_block(z);
	uint32_t start = 0;

	if (out <= LOADER51_BLOCK && !check_header(l, block, z->wanted))
		return false;
	l->crc = crc32_add(l->crc, block, len);
	if (out <= l->flash_size)
		return true;
	if (l->flash_size > out - len)
		start = l->flash_size - (out - len);
	if (l->flags_at + len - start > l->nflags) {
		loader_undefined(l->report,
				 "more bytes than the flags have room for follow the image; "
				 "the loader writes them anyway");
		l->told = true;
		return false;
	}
	memcpy(l->flags + l->flags_at, block + start, len - start);
	l->flags_at += (len - start) / 4 * 4;
	return true;
}

static void report_end(struct loader51 *l, const struct loader51_inflate *z)
{
	static const char broken[] = "read error on LFS image file";
	struct check_finding *f = NULL;
	size_t at = z->read;

	if (z->end == LOADER51_BROKEN && (z->len < 2 || z->file[0] != 0x1f || z->file[1] != 0x8b)) {
		at = 0;
		f = check_add(l->report, CHECK_REFUSED, broken,
			      "give the image that luac.cross -f writes for this firmware",
			      "this is %s, the loader wants an image in gzip",
			      loader_file_kind(z->file, z->len));
	} else if (z->end == LOADER51_BROKEN)
		f = check_add(l->report, CHECK_REFUSED, broken, LOADER_UPLOAD_AGAIN,
			      "the compressed data are damaged");
	else if (z->end == LOADER51_FAR)
		f = check_add(l->report, CHECK_REFUSED, "invalid dictionary offset on inflate",
			      "compress with luac.cross, or gzip with a window of 16 KB; if nobody "
			      "compressed it anew, upload it again",
			      "the compressed data copy from more than 16,384 bytes back, or from "
			      "before the first byte but one");
	else if (z->end == LOADER51_ENDLESS)
		f = check_add(l->report, CHECK_ERROR, NULL, LOADER_UPLOAD_AGAIN,
			      "the loader reads on behind the end of the file and never ends");
	else if (z->end == LOADER51_UNDEFINED)
		f = loader_undefined(l->report, "the tables of the compressed data are damaged");
	check_place(f, at, "gzip");
}

/* The stream ended as it should; what was made of it? */
static bool check_whole(struct loader51 *l, const struct loader51_inflate *z)
{
	if (z->crc != ~l->crc) {
		check_place(check_add(l->report, CHECK_REFUSED, "checksum error on LFS image file",
				      LOADER_UPLOAD_AGAIN,
				      "the CRC in the file is %08" PRIx32 ", that of what it "
				      "inflates to is %08" PRIx32,
				      z->crc, ~l->crc),
			    z->read >= 4 ? z->read - 4 : 0, "gzip.crc");
		return false;
	}
	if (!l->headed || (uint32_t)z->out < l->flash_size) {
		check_place(check_add(l->report, CHECK_ERROR, NULL, LOADER_UPLOAD_AGAIN,
				      "the data end before the image does: the region is erased "
				      "and never gets a valid signature"),
			    z->read, "gzip");
		return false;
	}
	return true;
}

/* The header as the second pass writes it. */
static bool check_start(struct loader51 *l)
{
	uint8_t header[FLASH51_HEADER];
	struct check_target target = *l->target;
	uint32_t flags = le32(l->flags);
	bool assumed = !target.base;

	if (assumed)
		target.base = 0x40210000;
	for (unsigned i = 0; i < FLASH51_HEADER / 4; i++) {
		uint32_t word = le32(l->header + (size_t)4 * i);

		if (i > 0 && flags >> i & 1)
			word = 4 * word + target.base;
		if (4 * i >= l->flash_size)
			word = UINT32_MAX;
		for (unsigned byte = 0; byte < 4; byte++)
			header[4 * i + byte] = (uint8_t)(word >> 8 * byte);
	}
	return boot51_header(header, &target, assumed, l->report);
}

static bool load(struct loader51 *l, struct loader51_inflate *z)
{
	loader51_inflate(z);
	if (z->end != LOADER51_DONE) {
		if (!l->told)
			report_end(l, z);
		return false;
	}
	if (!check_whole(l, z))
		return false;
	return check_start(l);
}

bool check_loader51(const uint8_t *data, size_t len, const struct check_target *target,
		    struct check_report *r)
{
	struct loader51 l = { .target = target, .report = r, .crc = UINT32_MAX };
	struct loader51_inflate *z;
	bool good;

	if (len < FILE_MIN) {
		check_add(r, CHECK_REFUSED, "read error on LFS image file", LOADER_UPLOAD_AGAIN,
			  "%s of %zu bytes; the loader refuses files of 200 bytes or fewer",
			  loader_file_kind(data, len), len);
		return false;
	}
	z = calloc(1, sizeof(*z));
	if (!z) {
		r->failed = true;
		return false;
	}
	*z = (struct loader51_inflate){ .file = data,
					.len = len,
					.block = take_block,
					.ctx = &l,
					.wanted = (int32_t)le32(data + len - 4) };
	good = load(&l, z);
	if (good)
		r->heap = RELOAD_HEAP + l.flash_size / RELOAD_SHARE;
	free(l.flags);
	free(z);
	return good;
}
