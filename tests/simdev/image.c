/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <stdio.h>
#include <string.h>

#include "common/base/gzip.h"
#include "common/lua/check_parts.h"
#include "common/lua/convert.h"
#include "common/lua/flash51.h"
#include "common/lua/flash53.h"

static struct check_target target_of(const char *variant, uint32_t region)
{
	struct check_target t = { 0 };

	check_kind_find(!strcmp(variant, "53")   ? "lua53"
			: !strcmp(variant, "51") ? "lua51-float"
						 : "lua51-int",
			&t);
	t.region = region;
	t.base = LFS_MAPPED;
	return t;
}

/* The first message, if any, and the report is done with. */
static void take_message(struct check_report *r, char message[IMAGE_MESSAGE])
{
	*message = 0;
	for (uint32_t i = r->count; i > 0; i--)
		if (r->findings[i - 1].level == CHECK_REFUSED)
			snprintf(message, IMAGE_MESSAGE, "%s", r->findings[i - 1].message);
	check_free(r);
}

bool image_accept(const char *variant, uint32_t region, const void *data, size_t len,
		  char message[IMAGE_MESSAGE], uint32_t *heap)
{
	struct check_target target = target_of(variant, region);
	struct check_report report = { 0 };
	bool taken = target.version == LUA_51 ? check_loader51(data, len, &target, &report)
					      : check_loader53(data, len, &target, &report);

	*heap = report.heap;
	take_message(&report, message);
	return taken;
}

/* Words of the file, one bit each behind the image: those that are set name places in it. */
static bool lay_out51(uint32_t region, const void *data, size_t len, struct buf *out)
{
	struct buf bytes = { 0 };
	struct diag diag = { 0 };
	size_t trailing, size;

	gzip_inflate(data, len, 4 * LFS_MOST, &diag, &bytes, &trailing);
	size = bytes.len < FLASH51_HEADER ? 0 : le32(bytes.data + HEADER51_SIZE);
	if (size > region || size + size / 32 > bytes.len)
		size = 0;
	for (size_t i = 0; i < size / 4; i++) {
		uint32_t word = le32(bytes.data + 4 * i);
		bool place = bytes.data[size + i / 8] >> i % 8 & 1;

		buf_u32(out, place ? 4 * word + LFS_MAPPED : word);
	}
	buf_free(&bytes);
	return !out->failed;
}

static bool lay_out53(uint32_t region, const void *data, size_t len, struct buf *out)
{
	struct lua_image *img = NULL, *absolute = NULL;
	struct diag diag = { 0 };

	lua_image_load(data, len, &diag, &img);
	if (img && !diag.code)
		lua_image_convert(img, LUA_FORM_ABSOLUTE, LFS_MAPPED, &diag, &absolute);
	if (absolute)
		buf_put(out, absolute->bytes,
			absolute->nbytes < region ? absolute->nbytes : region);
	else
		buf_u32(out, FLASH53_SIG);
	lua_image_free(absolute);
	lua_image_free(img);
	return !out->failed;
}

bool image_lay_out(const char *variant, uint32_t region, const void *data, size_t len,
		   struct buf *out)
{
	return (strcmp(variant, "53") ? lay_out51 : lay_out53)(region, data, len, out);
}

bool image_boot(const char *variant, uint32_t region, const uint8_t *flash,
		char message[IMAGE_MESSAGE], struct lua_image **img)
{
	struct check_target target = target_of(variant, region);
	struct check_report report = { 0 };
	struct diag diag = { 0 };
	bool taken = target.version == LUA_51 ? check_boot51(flash, region, &target, &report)
					      : check_boot53(flash, region, &target, &report);

	take_message(&report, message);
	*img = NULL;
	if (taken && lua_image_load(flash, region, &diag, img) != ERR_NONE) {
		lua_image_free(*img);
		*img = NULL;
	}
	return taken;
}

void image_free(struct lua_image *img)
{
	lua_image_free(img);
}

bool image_sound(const struct lua_image *img)
{
	struct check_report report = { 0 };
	struct lua_book book;
	bool sound;

	sound = lua_book_open(&book, "", img->bytes, img->nbytes) == ERR_NONE;
	if (sound)
		check_code(&book, &report);
	sound = sound && !report.bad && !report.failed;
	check_free(&report);
	lua_book_close(&book);
	return sound;
}

uint32_t image_modules(const struct lua_image *img)
{
	return img ? img->nmodules : 0;
}

uint32_t image_strings(const struct lua_image *img)
{
	return img ? img->nstrings : 0;
}

uint32_t image_size(const struct lua_image *img)
{
	return img ? (uint32_t)img->flash_size : 0;
}

bool image_time(const struct lua_image *img, int64_t *seconds)
{
	*seconds = img ? img->build_time : 0;
	return img && img->has_time;
}

const char *image_string(const struct lua_image *img, uint32_t i, size_t *len)
{
	*len = img->strings[i].len;
	return (const char *)img->strings[i].text;
}

const char *image_module(const struct lua_image *img, uint32_t i, size_t *len)
{
	*len = 0;
	return img->modules[i].name < img->nstrings ? image_string(img, img->modules[i].name, len)
						    : "";
}
