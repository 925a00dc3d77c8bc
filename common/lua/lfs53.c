/* SPDX-License-Identifier: MIT */
/*
 * Portable LFS image of NodeMCU's Lua 5.3, what luac.cross -f writes. Source: luaU_DumpAllProtos()
 * of ldump.c, luaU_undumpLFS() of lundump.c.
 *
 *	header     17+N bytes (stream53.c), format byte 0b
 *	seed       typed integer: start value of all string hashes
 *	strings    string section (stream53_strings.c)
 *	mark       19 'p' 'r'
 *	nmodules   count, then so many functions (stream53_function.c), strings by reference
 *	nk         count: nmodules + 1
 *	names      nk - 1 strings by reference: the modules' names
 *	time       typed integer: Unix time of the build
 */
#include "common/lua/format.h"

#include <inttypes.h>
#include <string.h>

#include "common/lua/flash53.h"
#include "common/lua/stream53.h"

enum { FORMAT_LFS = 0x0b };

static bool probe(const uint8_t *data, size_t len)
{
	return len >= 6 && memcmp(data, "\x1bLua\x53\x0b", 6) == 0;
}

/* As a lua_Integer of the file: a 32-bit one turns negative. */
static int64_t as_integer(const struct lua_image *img, uint32_t value)
{
	return img->traits.integer_bytes == 4 ? (int32_t)value : (int64_t)value;
}

static void read_seed(struct stream53 *s)
{
	uint64_t off = s->rd.off;
	int64_t seed = stream53_integer(s, rd_u8(&s->rd, "seed"), "seed");

	s->img->header.seed = (uint32_t)seed;
	if (seed != as_integer(s->img, (uint32_t)seed))
		stream53_note(s, off, "seed", "does not fit in 32 bits");
}

static void read_modules(struct stream53 *s)
{
	uint32_t n = stream53_count(s, INT32_MAX, "nmodules");
	uint64_t flash = FLASH53_HEADER + FLASH53_ROTABLE +
			 ((uint64_t)n + 1) * flash53_entry(s->img->traits.tvalue_bytes);

	s->img->header.size = FLASH53_HEADER;
	if (!rd_fits(&s->rd, n, FUNCTION53_MIN, "nmodules") ||
	    !lua_tally(s->img, &s->rd, flash, "nmodules"))
		return;
	for (uint32_t i = 0; i < n && !rd_bad(&s->rd); i++) {
		uint32_t module = lua_add_module(s->img, &s->rd, LUA_NONE, LUA_NONE);
		uint32_t root;

		if (module == LUA_NONE)
			return;
		root = stream53_function(s, LUA_NONE, module);
		s->img->modules[module].proto = root;
	}
}

/* Names without a function get a module without one, functions without a name stay nameless. */
static void read_names(struct stream53 *s)
{
	struct lua_image *img = s->img;
	struct rd_scope scope = { "modules", 0, s->rd.scope };
	uint64_t off = s->rd.off;
	uint32_t nk = stream53_count(s, INT32_MAX, "nk");

	if (!rd_fits(&s->rd, nk, 1, "nk"))
		return;
	if (nk != img->nmodules + 1)
		stream53_note(s, off, "nk", "%" PRIu32 " for %" PRIu32 " modules", nk,
			      img->nmodules);
	s->rd.scope = &scope;
	for (; scope.index + 1 < nk && !rd_bad(&s->rd); scope.index++) {
		uint32_t name = stream53_string(s, rd_u8(&s->rd, "name"), "name");

		if (scope.index >= img->nmodules &&
		    (!lua_tally(img, &s->rd, flash53_entry(img->traits.tvalue_bytes), "name") ||
		     lua_add_module(img, &s->rd, LUA_NONE, LUA_NONE) == LUA_NONE))
			break;
		img->modules[scope.index].name = name;
		lua_refer(img, name, LUA_USE_MODULE);
		if (name == LUA_NONE)
			stream53_note(s, s->rd.off - 1, "name", "no string");
	}
	s->rd.scope = scope.up;
}

static void read_time(struct stream53 *s)
{
	struct lua_image *img = s->img;
	uint64_t off = s->rd.off;
	int64_t t = stream53_integer(s, rd_u8(&s->rd, "time"), "time");

	if (rd_bad(&s->rd))
		return;
	img->has_time = true;
	img->build_time = (uint32_t)t;
	if (t != as_integer(img, (uint32_t)t))
		stream53_note(s, off, "time", "does not fit in 32 bits");
}

static enum err load(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag)
{
	struct stream53 s = { .img = img, .refs = true };

	img->traits.version = LUA_53;
	img->traits.form = LUA_FORM_PORTABLE;
	if (lua_keep(img, data, len, diag))
		return diag->code;
	s.rd = rd_init(img->bytes, img->nbytes, diag);
	stream53_header(&s, FORMAT_LFS);
	read_seed(&s);
	stream53_strings(&s);
	stream53_mark(&s, PROTOS53_MARK, "modules.mark");
	read_modules(&s);
	read_names(&s);
	read_time(&s);
	stream53_end(&s);
	return diag->code;
}

static enum err save(const struct lua_image *img, struct diag *diag, struct buf *out)
{
	struct writer53 w = { .img = img, .diag = diag, .out = out, .refs = true };

	writer53_header(&w, FORMAT_LFS);
	writer53_integer(&w, as_integer(img, img->header.seed));
	writer53_strings(&w);
	buf_str(out, PROTOS53_MARK);
	writer53_count(&w, img->nmodules);
	for (uint32_t i = 0; i < img->nmodules; i++)
		writer53_function(&w, img->modules[i].proto);
	writer53_count(&w, (uint64_t)img->nmodules + 1);
	for (uint32_t i = 0; i < img->nmodules; i++)
		writer53_string(&w, img->modules[i].name);
	writer53_integer(&w, as_integer(img, (uint32_t)img->build_time));
	return writer53_end(&w);
}

const struct lua_format lua_lfs53 = { "lfs53", probe, load, save, "a Lua 5.3 LFS image" };
