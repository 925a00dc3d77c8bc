/* SPDX-License-Identifier: MIT */
/*
 * What a firmware says at its start to what stands in the LFS region. Sources: luaN_init() in
 * app/lua/lflash.c (5.1) and app/lua53/lnodemcu.c (5.3) of release 3.0-release_20240225.
 *
 * 5.1: a first word of 0 or ffffffff is no image; the signature but its absolute bit must be the
 * build's own; pROhash must not be ffffffff, and mainProto must lie less than flash_size behind the
 * region's start. What is refused stays where it is.
 *
 * 5.3: a first word of 0 or ffffffff is no image; any other word than the build's signature is
 * taken for a broken image, and the region is erased.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/lua/flash51.h"
#include "common/lua/flash53.h"
#include "common/lua/loader.h"

#define WRITE_IT "write the absolute image that was made for this firmware and this address"

uint32_t loader51_signature(const struct check_target *target, uint32_t sig)
{
	uint32_t want = FLASH51_SIG | FLASH51_SIG_1;

	if (!target->known || target->version != LUA_51)
		return want | (sig & (FLASH51_SIG_INTEGER | FLASH51_SIG_PACKED));
	if (!target->float_bytes)
		return want | FLASH51_SIG_INTEGER;
	return want | (target->packed ? FLASH51_SIG_PACKED : 0);
}

const char *loader51_build(uint32_t sig)
{
	static const char *const builds[] = { "a float build, unpacked", "an integer build",
					      "a float build (packed)", "no build" };

	return builds[sig >> 1 & 3];
}

/* The first n words of the region; flash that the data do not reach is erased. */
static void read_words(const uint8_t *data, size_t len, uint8_t *out, size_t n)
{
	memset(out, 0xff, n);
	if (len > 0)
		memcpy(out, data, len < n ? len : n);
}

/* "Not an image": nothing is wrong with the region, but nothing is there. */
static bool is_empty(uint32_t sig)
{
	return sig == 0 || sig == UINT32_MAX;
}

static void report_bounds(const uint8_t *header, uint32_t base, bool assumed,
			  struct check_report *r)
{
	char message[120] = "Flash size check failed";
	uint32_t main = le32(header + HEADER51_MAIN) - base;

	if (!assumed)
		snprintf(message, sizeof(message),
			 "Flash size check failed: 0x%08" PRIx32 " vs 0xFFFFFFFF; "
			 "0x%08" PRIx32 " >= 0x%08" PRIx32,
			 le32(header + HEADER51_HASH), main, le32(header + HEADER51_SIZE));
	check_place(check_add(r, CHECK_REFUSED, message,
			      "make the image anew; an absolute one for the address of the region",
			      "mainProto does not lie in the image, or there is no hash vector: "
			      "the firmware starts without LFS"),
		    HEADER51_MAIN, "mainProto");
}

bool boot51_header(const uint8_t *header, const struct check_target *target, bool assumed,
		   struct check_report *r)
{
	uint32_t sig = le32(header);
	uint32_t want = loader51_signature(target, sig);
	uint32_t base = target->base ? target->base : le32(header + HEADER51_HASH) - FLASH51_HEADER;
	char message[120];

	if (is_empty(sig)) {
		check_place(check_add(r, CHECK_REFUSED, "No LFS image loaded", WRITE_IT,
				      "the region is empty"),
			    0, "flash_sig");
		return false;
	}
	if ((sig & ~(uint32_t)FLASH51_SIG_ABSOLUTE) != want) {
		snprintf(message, sizeof(message),
			 "Flash sig not correct: 0x%08" PRIx32 " vs 0x%08" PRIx32,
			 sig & ~(uint32_t)FLASH51_SIG_ABSOLUTE, want);
		check_place(check_add(r, CHECK_REFUSED, message, WRITE_IT,
				      "the firmware is %s and takes no other image",
				      loader51_build(want)),
			    0, "flash_sig");
		return false;
	}
	if (le32(header + HEADER51_HASH) == UINT32_MAX ||
	    le32(header + HEADER51_MAIN) - base >= le32(header + HEADER51_SIZE)) {
		report_bounds(header, base, assumed, r);
		return false;
	}
	return true;
}

bool check_boot51(const uint8_t *data, size_t len, const struct check_target *target,
		  struct check_report *r)
{
	uint8_t header[FLASH51_HEADER];

	read_words(data, len, header, sizeof(header));
	return boot51_header(header, target, false, r);
}

static bool accepts53(const struct check_target *target, uint32_t sig)
{
	uint32_t want = FLASH53_SIG;

	if (!target->known || target->version != LUA_53)
		return (sig & ~(uint32_t)(FLASH53_FLOAT64 | FLASH53_INT64)) == FLASH53_SIG;
	if (target->esp32 && target->float_bytes == 8)
		want |= FLASH53_FLOAT64;
	if (target->esp32 && target->integer_bytes == 8)
		want |= FLASH53_INT64;
	return sig == want;
}

bool check_boot53(const uint8_t *data, size_t len, const struct check_target *target,
		  struct check_report *r)
{
	uint8_t header[4];
	uint32_t sig;

	read_words(data, len, header, sizeof(header));
	sig = le32(header);
	if (accepts53(target, sig))
		return true;
	if (is_empty(sig))
		check_place(check_add(r, CHECK_REFUSED, NULL, WRITE_IT,
				      "the region is empty: the firmware starts without LFS, and "
				      "without a word"),
			    0, "flash_sig");
	else
		check_place(check_add(r, CHECK_REFUSED, "LFS image corrupted.", WRITE_IT,
				      "the signature 0x%08" PRIx32 " is not this firmware's: it "
				      "erases the region",
				      sig),
			    0, "flash_sig");
	return false;
}
