/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <stdio.h>
#include <string.h>

#include "common/lua/check.h"

static struct check_target target_of(const char *variant)
{
	struct check_target t = { 0 };

	check_kind_find(!strcmp(variant, "53")   ? "lua53"
			: !strcmp(variant, "51") ? "lua51-float"
						 : "lua51-int",
			&t);
	t.region = LFS_SIZE;
	t.base = LFS_MAPPED;
	return t;
}

struct lua_image *image_load(const char *variant, const void *data, size_t len,
			     char message[IMAGE_MESSAGE])
{
	struct check_target target = target_of(variant);
	struct check_report report = { 0 };
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	bool taken = target.version == LUA_51 ? check_loader51(data, len, &target, &report)
					      : check_loader53(data, len, &target, &report);

	snprintf(message, IMAGE_MESSAGE, "Unknown Error");
	for (uint32_t i = report.count; i > 0; i--)
		if (report.findings[i - 1].level == CHECK_REFUSED)
			snprintf(message, IMAGE_MESSAGE, "%s", report.findings[i - 1].message);
	check_free(&report);
	if (taken)
		lua_image_load(data, len, &diag, &img);
	return img;
}

void image_free(struct lua_image *img)
{
	lua_image_free(img);
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
