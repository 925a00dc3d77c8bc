/* SPDX-License-Identifier: MIT */
/*
 * What a Lua 5.3 firmware does with a file after node.LFS.reload() and the restart. Source:
 * app/lua53/lundump.c and lnodemcu.c of release 3.0-release_20240225.
 *
 *	the region is erased, before anything of the file is read
 *	header: 1b, "Lua", 53, 0b, guard, sizes of int, Instruction, lua_Integer, lua_Number, one
 *	byte that is not looked at, 370.5 as lua_Number; seed
 *	mark and strings (loader53_strings.c), mark and functions (loader53_function.c)
 *	the names of the modules, and the time
 *	signature and sizes are written last
 *
 * The file's counts are believed, and the region's size is never looked at. What follows the time
 * is not read. Errors are told with the file's name, which is not known there: "(null)".
 */
#include "common/lua/loader53.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/rd.h"
#include "common/lua/flash53.h"
#include "common/lua/stream53.h"

enum { MODULES_MAX = 255 }; /* the table's size is a byte */

static void literal(struct loader53 *l, const char *want, const char *field, const char *message,
		    const char *cause)
{
	size_t off = l->pos;
	uint32_t n = (uint32_t)strlen(want);
	const uint8_t *p = loader53_take(l, n, field);

	if (p && memcmp(p, want, n) != 0)
		loader53_fail(l, off, field, message, LOADER_UPLOAD_AGAIN, "%s", cause);
}

static void check_magic(struct loader53 *l)
{
	uint8_t first = loader53_byte(l, "header.signature");
	uint8_t version, format;

	if (first != 0x1b)
		loader53_fail(
			l, 0, "header.signature", "(null): invalid header in precompiled chunk",
			"give the image that luac.cross -f of Lua 5.3 writes",
			"this is %s, not a Lua 5.3 LFS image", loader_file_kind(l->data, l->len));
	literal(l, "Lua", "header.signature", "(null): not a precompiled chunk",
		"the file does not begin with 1b and Lua: it is none of luac.cross, or damaged");
	version = loader53_byte(l, "header.version");
	if (version != 0x53)
		loader53_fail(l, 4, "header.version",
			      "(null): version mismatch in precompiled chunk", REBUILD53,
			      "this is %s, the firmware runs Lua 5.3",
			      loader_file_kind(l->data, l->len));
	format = loader53_byte(l, "header.format");
	if (format != 0x0b)
		loader53_fail(l, 5, "header.format", "(null): format mismatch in precompiled chunk",
			      format == 0x0a ? "run it with dofile, or make an image: luac.cross -f"
					     : REBUILD53,
			      "this is %s, not an LFS image", loader_file_kind(l->data, l->len));
}

static void check_size(struct loader53 *l, uint8_t want, const char *type)
{
	size_t off = l->pos;
	uint8_t have = loader53_byte(l, "header.sizes");
	char message[80];

	if (have == want)
		return;
	snprintf(message, sizeof(message), "(null): %s size mismatch in precompiled chunk", type);
	loader53_fail(l, off, "header.sizes", message, REBUILD53,
		      "%s has %u bytes in the image, %u in the firmware", type, have, want);
}

static bool is_370_5(const uint8_t *p, uint8_t bytes)
{
	uint64_t bits = bytes == 8 ? le64(p) : le32(p);

	return bits == (bytes == 8 ? 0x4077280000000000 : 0x43b94000);
}

static void check_header(struct loader53 *l)
{
	const uint8_t *number;
	size_t off;

	check_magic(l);
	literal(l, "\x19\x93\r\n\x1a\n", "header.guard", "(null): corrupted precompiled chunk",
		"the bytes that show damage by text transfers are not as they should be");
	check_size(l, 4, "int");
	check_size(l, 4, "Instruction");
	check_size(l, l->integer_bytes, "lua_Integer");
	check_size(l, l->float_bytes, "lua_Number");
	loader53_byte(l, "header.number_type");
	off = l->pos;
	number = loader53_take(l, l->float_bytes, "header.number");
	if (number && !is_370_5(number, l->float_bytes))
		loader53_fail(l, off, "header.number",
			      "(null): float format mismatch in precompiled chunk",
			      LOADER_UPLOAD_AGAIN, "the test number is not 370.5");
}

/* The modules' names, one entry of a table each; they must be as many as the functions. */
static void check_entries(struct loader53 *l, int32_t nprotos)
{
	size_t off = l->pos;
	uint32_t entry = flash53_entry(flash53_tvalue(l->integer_bytes, l->float_bytes));
	int32_t n = (int32_t)((uint32_t)loader53_int(l, "modules.count") - 1);

	for (int32_t i = 0; i < n && !l->stopped; i++) {
		size_t at = l->pos;
		bool named = loader53_string(l, loader53_byte(l, "modules.name"), "modules.name");

		if (i >= nprotos)
			loader53_lost(l, at, "modules.name",
				      "there are more names (%" PRId32 ") than modules (%" PRId32
				      ")",
				      n, nprotos);
		if (!named && !l->stopped)
			check_place(check_add(l->report, CHECK_ERROR, NULL, REBUILD53,
					      "module %" PRId32 " has no name: listing or loading "
					      "modules crashes",
					      i),
				    at, "modules.name");
		loader53_write(l, entry);
	}
	loader53_write(l, entry);
	loader53_write(l, FLASH53_ROTABLE);
	loader53_integer(l, loader53_byte(l, "modules.time"), "modules.time");
	if (l->stopped)
		return;
	if (n != nprotos)
		check_place(check_add(l->report, CHECK_ERROR, NULL, REBUILD53,
				      "%" PRId32 " names for %" PRId32
				      " modules: listing or loading modules crashes",
				      n, nprotos),
			    off, "modules.count");
	else if (n > MODULES_MAX)
		check_place(check_add(l->report, CHECK_ERROR, NULL, "put fewer modules into it",
				      "%" PRId32 " modules, but a table of modules holds %d", n,
				      MODULES_MAX),
			    off, "modules.count");
}

static void load(struct loader53 *l)
{
	int32_t n;

	check_header(l);
	loader53_write(l, FLASH53_HEADER);
	loader53_integer(l, loader53_byte(l, "seed"), "seed");
	literal(l, STRINGS53_MARK, "strings.mark", "(null): no string vector precompiled chunk",
		"the strings do not begin where they should");
	loader53_strings(l);
	literal(l, PROTOS53_MARK, "modules.mark", "(null): no Proto vector precompiled chunk",
		"the functions do not begin where the strings end");
	n = loader53_int(l, "modules.count");
	loader53_vector(l, n, 4, "modules.count");
	for (int32_t i = 0; i < n && !l->stopped; i++)
		loader53_function(l);
	check_entries(l, n);
}

static void check_region(const struct loader53 *l, uint32_t region)
{
	uint64_t limit = region ? region : LUA_FLASH_MAX;

	if (l->flash > limit)
		check_add(l->report, CHECK_ERROR, NULL,
			  "enlarge the LFS partition, or take modules or debug data out",
			  "the image needs %" PRIu64 " bytes, the region has %" PRIu64
			  ": the loader writes on and destroys what follows the region",
			  l->flash, limit);
}

bool check_loader53(const uint8_t *data, size_t len, const struct check_target *target,
		    struct check_report *r)
{
	struct loader53 l = { .data = data,
			      .len = len,
			      .report = r,
			      .integer_bytes = target->integer_bytes,
			      .float_bytes = target->float_bytes };

	if (!target->known || target->version != LUA_53) {
		/* the image's own; what no firmware has is measured against the usual one */
		l.integer_bytes = len > 14 && data[14] == 8 ? 8 : 4;
		l.float_bytes = len > 15 && data[15] == 8 ? 8 : 4;
	}
	load(&l);
	check_region(&l, target->region);
	r->heap = l.peak;
	if (l.stopped)
		check_add(r, CHECK_NOTE, NULL,
			  "upload a good image and load that; a reset wakes it",
			  "Lua 5.3 erases the region before it looks at the file: the image that "
			  "was in it is lost, and the console may be dead until a reset");
	return !l.stopped;
}
