/* SPDX-License-Identifier: MIT */
#include "common/lua/link_strings.h"

#include <stdlib.h>
#include <string.h>

#include "common/lua/fixed53.h"
#include "common/lua/table51.h"

uint32_t link_find_fixed(const uint8_t *text, uint32_t len)
{
	for (uint32_t i = 0; len <= FIXED53_MAX_LEN && i < FIXED53_COUNT; i++)
		if (len == strlen(fixed53[i]) && memcmp(text, fixed53[i], len) == 0)
			return LINK_FIXED | i;
	return LUA_NONE;
}

static uint32_t mapped(const struct lua_image *img, const uint32_t *map, uint32_t string)
{
	if (string == LUA_NONE)
		return LUA_NONE;
	return string & LINK_FIXED ? img->ntext + (string & ~LINK_FIXED) : map[string];
}

/* Turns places in the scan into places in the image. */
static void map_strings(struct lua_image *img, const uint32_t *map)
{
	for (uint32_t i = 0; i < img->nprotos; i++) {
		struct lua_proto *p = &img->protos[i];

		p->source = mapped(img, map, p->source);
		p->lineinfo_string = mapped(img, map, p->lineinfo_string);
	}
	for (uint32_t i = 0; i < img->nconstants; i++)
		if (img->constants[i].type == LUA_STRING)
			img->constants[i].string = mapped(img, map, img->constants[i].string);
	for (uint32_t i = 0; i < img->nupvalues; i++)
		img->upvalues[i].name = mapped(img, map, img->upvalues[i].name);
	for (uint32_t i = 0; i < img->nlocals; i++)
		img->locals[i].name = mapped(img, map, img->locals[i].name);
	for (uint32_t i = 0; i < img->nmodules; i++)
		img->modules[i].name = mapped(img, map, img->modules[i].name);
}

/* Lays the strings out in the order in which a table of 5.1 gives them. */
static bool order51(struct lua_image *img, uint32_t *map)
{
	struct lua_string *sorted = calloc((size_t)img->nstrings + 1, sizeof(*sorted));
	uint32_t *hashes = calloc(2 * (size_t)img->nstrings + 1, sizeof(*hashes));
	uint32_t *order = hashes ? hashes + img->nstrings : NULL;
	bool ok = sorted && hashes;

	for (uint32_t i = 0; ok && i < img->nstrings; i++)
		hashes[i] = lua_hash51(img->strings[i].text, img->strings[i].len);
	ok = ok && table51_order(hashes, img->nstrings, order);
	for (uint32_t i = 0; ok && i < img->nstrings; i++) {
		sorted[i] = img->strings[order[i]];
		map[order[i]] = i;
	}
	free(hashes);
	if (!ok) {
		free(sorted);
		return false;
	}
	free(img->strings);
	img->strings = sorted;
	img->cap.strings = img->nstrings;
	return true;
}

void link_order_strings(struct lua_image *img, struct rd *rd)
{
	uint32_t *map = calloc((size_t)img->nstrings + 1, sizeof(*map));

	img->ntext = img->nstrings;
	for (uint32_t i = 0; map && i < img->nstrings; i++)
		map[i] = i;
	if (!map || (img->traits.version == LUA_51 && !order51(img, map)))
		diag_fail(rd->diag, ERR_MEMORY, "out of memory");
	else
		map_strings(img, map);
	free(map);
	for (uint32_t i = 0; img->traits.version == LUA_53 && i < FIXED53_COUNT; i++)
		lua_add_string(img, rd, (const uint8_t *)fixed53[i], (uint32_t)strlen(fixed53[i]),
			       0);
}
