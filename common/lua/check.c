/* SPDX-License-Identifier: MIT */
#include "common/lua/check_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/lua/format.h"
#include "common/lua/loader.h"

struct check_finding *check_add(struct check_report *r, enum check_level level, const char *message,
				const char *remedy, const char *fmt, ...)
{
	struct check_finding *f = NULL;
	va_list args;

	r->refused |= level == CHECK_REFUSED;
	r->bad |= level != CHECK_NOTE;
	if (r->count < CHECK_FINDINGS_MAX)
		f = vec_grow(&r->findings, &r->count, &r->cap, sizeof(*f), 1);
	else
		r->dropped++;
	if (!f) {
		r->failed |= r->count < CHECK_FINDINGS_MAX;
		return NULL;
	}
	f->level = level;
	snprintf(f->message, sizeof(f->message), "%s", message ? message : "");
	snprintf(f->remedy, sizeof(f->remedy), "%s", remedy ? remedy : "");
	va_start(args, fmt);
	vsnprintf(f->cause, sizeof(f->cause), fmt, args);
	va_end(args);
	return f;
}

void check_place(struct check_finding *f, uint64_t off, const char *path)
{
	if (!f)
		return;
	f->placed = true;
	f->off = off;
	snprintf(f->path, sizeof(f->path), "%s", path);
}

void check_free(struct check_report *report)
{
	free(report->findings);
	*report = (struct check_report){ 0 };
}

struct check_finding *loader_undefined(struct check_report *r, const char *fmt, ...)
{
	char what[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return check_add(r, CHECK_ERROR, NULL, LOADER_UPLOAD_AGAIN,
			 "the loader leaves its buffers, anything may happen: %s", what);
}

const char *loader_file_kind(const uint8_t *data, size_t len)
{
	const char *advice;

	return lua_kind_of(data, len, &advice);
}

static bool is_form(const struct lua_image *img, enum lua_form form)
{
	return img && img->traits.form == form;
}

/* What goes wrong with an image that is written to flash as it is, whatever its content. */
static void check_absolute(const struct lua_image *img, const struct check_target *target,
			   struct check_report *r)
{
	uint32_t base = img->header.base;
	bool esp8266 = target->known && !target->esp32;

	check_add(r, CHECK_NOTE,
		  img->traits.version == LUA_51 ? "read error on LFS image file"
						: "(null): invalid header in precompiled chunk",
		  "write it with esptool.py to the address of the LFS region",
		  "an absolute image, for flashing: node.LFS.reload() refuses it so");
	if (target->region && img->file_size > target->region)
		check_add(r, CHECK_ERROR, NULL, "enlarge the LFS partition",
			  "the file has %llu bytes, the region %lu: writing it destroys what "
			  "follows the region",
			  (unsigned long long)img->file_size, (unsigned long)target->region);
	if (target->misplaced ||
	    (target->base ? base != target->base : esp8266 && base >> 20 != 0x402))
		check_add(r, CHECK_ERROR, NULL,
			  "relocate it to the address at which the device maps its LFS region "
			  "(node.info(\"lfs\").lfs_mapped)",
			  "the image was made for address 0x%08lx, where its region is not",
			  (unsigned long)base);
}

/* How the file gets into the region, and what the firmware says to that; true: it is in. */
static bool check_way(const uint8_t *data, size_t len, const struct lua_image *img,
		      const struct check_target *target, struct check_report *r)
{
	enum lua_version version = target->known ? target->version : img->traits.version;
	bool flashed = target->flashed || is_form(img, LUA_FORM_ABSOLUTE);

	if (flashed)
		return version == LUA_51 ? check_boot51(data, len, target, r)
					 : check_boot53(data, len, target, r);
	if (!target->known && is_form(img, LUA_FORM_CHUNK)) {
		check_add(r, CHECK_NOTE, NULL, NULL,
			  "a compiled chunk: dofile() runs it, node.LFS.reload() does not take it");
		return true;
	}
	if (!target->known && version == LUA_51 && img->traits.format == 0) {
		check_add(r, CHECK_NOTE, "read error on LFS image file",
			  "for a later firmware, make the image anew",
			  "an image for firmwares of June to September 2018; later ones refuse it");
		return true;
	}
	return version == LUA_51 ? check_loader51(data, len, target, r)
				 : check_loader53(data, len, target, r);
}

/* Place in the report of a finding that the content checks made. */
struct rank {
	uint64_t off;
	uint32_t group, index;
};

static int compare_ranks(const void *x, const void *y)
{
	const struct rank *a = x;
	const struct rank *b = y;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

/* By place in the file, then what has no place, then advice. */
static bool sort_findings(struct check_finding *findings, uint32_t n)
{
	struct rank *ranks = calloc(n ? n : 1, sizeof(*ranks));
	struct check_finding *copy = calloc(n ? n : 1, sizeof(*copy));
	bool good = ranks && copy;

	for (uint32_t i = 0; good && i < n; i++) {
		const struct check_finding *f = &findings[i];

		ranks[i].index = i;
		ranks[i].off = f->placed ? f->off : 0;
		ranks[i].group = f->level == CHECK_NOTE ? 2 : !f->placed;
		copy[i] = *f;
	}
	if (good) {
		qsort(ranks, n, sizeof(*ranks), compare_ranks);
		for (uint32_t i = 0; i < n; i++)
			findings[i] = copy[ranks[i].index];
	}
	free(ranks);
	free(copy);
	return good;
}

enum err check_file(const uint8_t *data, size_t len, const struct lua_book *book,
		    const struct check_target *target, struct check_report *out, struct diag *diag)
{
	const struct lua_image *img = book->img;
	const char *kind, *advice;
	uint32_t said;
	bool sorted = true;

	*out = (struct check_report){ 0 };
	if (target->no_region) {
		check_add(out, CHECK_REFUSED, "No LFS partition allocated",
			  "build the firmware with an LFS partition",
			  "the firmware was built without an LFS region");
	} else if (!img && !target->known) {
		kind = lua_kind_of(data, len, &advice);
		check_add(out, CHECK_REFUSED, NULL, advice, "%s: no firmware loads it", kind);
	} else if (check_way(data, len, img, target, out) && img) {
		if (is_form(img, LUA_FORM_ABSOLUTE))
			check_absolute(img, target, out);
		said = out->count;
		check_content(book, target, out);
		check_code(book, out);
		check_advice(book, target, out);
		sorted = sort_findings(out->findings + said, out->count - said);
	}
	if (!sorted || out->failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	return ERR_NONE;
}
