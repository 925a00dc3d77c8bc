/* SPDX-License-Identifier: MIT */
#include "common/lua/build.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/flash51.h"
#include "common/lua/flash53.h"
#include "common/lua/layout.h"

/* What has one size in both versions. */
static_assert((int)FLASH51_LOCAL == FLASH53_LOCAL, "sizes of LocVars differ");

enum err lua_keep(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	buf_put(&img->store, data, len);
	if (img->store.failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	img->bytes = img->store.data;
	img->nbytes = img->store.len;
	return ERR_NONE;
}

bool lua_tally(struct lua_image *img, struct rd *rd, uint64_t bytes, const char *field)
{
	if (rd_bad(rd))
		return false;
	if (bytes > LUA_FLASH_MAX - img->flash_tally) {
		rd_fail(rd, ERR_LIMIT, 0, field, "needs more than %d bytes of flash",
			LUA_FLASH_MAX);
		return false;
	}
	img->flash_tally += (uint32_t)bytes;
	return true;
}

static void *grow(struct rd *rd, void *items, uint32_t *count, uint32_t *cap, size_t size,
		  uint32_t n)
{
	void *p = vec_grow(items, count, cap, size, n);

	if (!p)
		diag_fail(rd->diag, ERR_MEMORY, "out of memory");
	return p;
}

uint32_t lua_add_string(struct lua_image *img, struct rd *rd, const uint8_t *text, uint32_t len,
			uint32_t off)
{
	struct lua_string *s;

	if (!lua_tally(img, rd, lua_string_bytes(len), "strings"))
		return LUA_NONE;
	s = grow(rd, &img->strings, &img->nstrings, &img->cap.strings, sizeof(*s), 1);
	if (!s)
		return LUA_NONE;
	*s = (struct lua_string){ .text = text, .len = len, .off = off, .chain = LUA_NONE };
	return img->nstrings - 1;
}

static uint32_t slot_of(const struct lua_image *img, const uint8_t *text, uint32_t len)
{
	uint32_t mask = img->string_slots - 1;
	uint32_t i = lua_hash53(text, len, 0) & mask;

	for (; img->string_index[i]; i = (i + 1) & mask) {
		const struct lua_string *s = &img->strings[img->string_index[i] - 1];

		if (s->len == len && memcmp(s->text, text, len) == 0)
			break;
	}
	return i;
}

/* Doubles the table before it is two thirds full; entries are index + 1. */
static bool rehash(struct lua_image *img, struct rd *rd)
{
	uint32_t slots = img->string_slots ? img->string_slots * 2 : 256;
	uint32_t *index;

	if (img->nstrings * 3 < img->string_slots * 2)
		return true;
	index = calloc(slots, sizeof(*index));
	if (!index) {
		diag_fail(rd->diag, ERR_MEMORY, "out of memory");
		return false;
	}
	free(img->string_index);
	img->string_index = index;
	img->string_slots = slots;
	for (uint32_t i = 0; i < img->nstrings; i++)
		index[slot_of(img, img->strings[i].text, img->strings[i].len)] = i + 1;
	return true;
}

uint32_t lua_intern(struct lua_image *img, struct rd *rd, const uint8_t *text, uint32_t len,
		    uint32_t off)
{
	uint32_t slot;

	if (rd_bad(rd) || !rehash(img, rd))
		return LUA_NONE;
	slot = slot_of(img, text, len);
	if (!img->string_index[slot]) {
		if (lua_add_string(img, rd, text, len, off) == LUA_NONE)
			return LUA_NONE;
		img->string_index[slot] = img->nstrings;
	}
	return img->string_index[slot] - 1;
}

void lua_refer(struct lua_image *img, uint32_t string, enum lua_use use)
{
	if (string >= img->nstrings)
		return;
	img->strings[string].refs++;
	img->strings[string].uses |= (uint8_t)use;
}

uint32_t lua_add_proto(struct lua_image *img, struct rd *rd, uint32_t parent, uint32_t module)
{
	uint32_t depth = parent == LUA_NONE ? 0 : img->protos[parent].depth + 1;
	struct lua_proto *p;

	if (depth > LUA_DEPTH_MAX) {
		rd_fail(rd, ERR_LIMIT, 0, NULL, "functions nested deeper than %d", LUA_DEPTH_MAX);
		return LUA_NONE;
	}
	if (!lua_tally(img, rd, img->traits.version == LUA_51 ? FLASH51_PROTO : FLASH53_PROTO,
		       NULL))
		return LUA_NONE;
	p = grow(rd, &img->protos, &img->nprotos, &img->cap.protos, sizeof(*p), 1);
	if (!p)
		return LUA_NONE;
	p->parent = parent;
	p->module = module;
	p->depth = depth;
	p->source = LUA_NONE;
	p->lineinfo_string = LUA_NONE;
	return img->nprotos - 1;
}

bool lua_add_constants(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out)
{
	out->first = img->nconstants;
	out->count = 0;
	if (!lua_tally(img, rd, (uint64_t)count * img->traits.tvalue_bytes, "sizek"))
		return false;
	if (!grow(rd, &img->constants, &img->nconstants, &img->cap.constants,
		  sizeof(*img->constants), count))
		return false;
	out->count = count;
	return true;
}

bool lua_add_upvalues(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out)
{
	uint64_t each = img->traits.version == LUA_51 ? FLASH51_UPVALUE : FLASH53_UPVALUE;

	out->first = img->nupvalues;
	out->count = 0;
	if (!lua_tally(img, rd, count * each, "sizeupvalues"))
		return false;
	if (!grow(rd, &img->upvalues, &img->nupvalues, &img->cap.upvalues, sizeof(*img->upvalues),
		  count))
		return false;
	out->count = count;
	for (uint32_t i = 0; i < count; i++)
		img->upvalues[out->first + i].name = LUA_NONE;
	return true;
}

bool lua_add_locals(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out)
{
	out->first = img->nlocals;
	out->count = 0;
	if (!lua_tally(img, rd, (uint64_t)count * FLASH51_LOCAL, "sizelocvars"))
		return false;
	if (!grow(rd, &img->locals, &img->nlocals, &img->cap.locals, sizeof(*img->locals), count))
		return false;
	out->count = count;
	for (uint32_t i = 0; i < count; i++)
		img->locals[out->first + i].name = LUA_NONE;
	return true;
}

bool lua_add_children(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out)
{
	out->first = img->nchildren;
	out->count = 0;
	if (!lua_tally(img, rd, (uint64_t)count * 4, "sizep"))
		return false;
	if (!grow(rd, &img->children, &img->nchildren, &img->cap.children, sizeof(*img->children),
		  count))
		return false;
	out->count = count;
	for (uint32_t i = 0; i < count; i++)
		img->children[out->first + i] = LUA_NONE;
	return true;
}

uint32_t lua_add_module(struct lua_image *img, struct rd *rd, uint32_t name, uint32_t proto)
{
	struct lua_module *m;

	if (rd_bad(rd))
		return LUA_NONE;
	m = grow(rd, &img->modules, &img->nmodules, &img->cap.modules, sizeof(*m), 1);
	if (!m)
		return LUA_NONE;
	m->name = name;
	m->proto = proto;
	return img->nmodules - 1;
}

void lua_note_diag(struct lua_image *img, const struct diag *diag)
{
	if (img->note_count++ < LUA_NOTES_MAX)
		img->notes[img->note_count - 1] = *diag;
}

void lua_note(struct lua_image *img, uint64_t off, const char *path, const char *fmt, ...)
{
	struct diag d = { .code = ERR_DAMAGED, .placed = true, .off = off };
	va_list args;

	snprintf(d.path, sizeof(d.path), "%s", path);
	va_start(args, fmt);
	vsnprintf(d.text, sizeof(d.text), fmt, args);
	va_end(args);
	lua_note_diag(img, &d);
}
