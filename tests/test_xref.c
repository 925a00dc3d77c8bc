/* SPDX-License-Identifier: MIT */
/* Cross-references against luac's listings and the sources, and on code where values are hard to follow. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/lua/xref.h"
#include "tests/util_code.h"
#include "tests/util_golden.h"

enum { NAMES_MAX = 64, NAME_MAX_LEN = 40 };

/* Globals as something else than our code counts them. */
struct names {
	struct {
		char text[NAME_MAX_LEN];
		unsigned reads, writes;
	} items[NAMES_MAX];
	unsigned count;
};

static void names_add(struct names *n, const char *text, size_t len, bool write)
{
	unsigned i = 0;

	while (i < n->count &&
	       (strlen(n->items[i].text) != len || memcmp(n->items[i].text, text, len) != 0))
		i++;
	if (i == n->count) {
		assert_true(i < NAMES_MAX && len < NAME_MAX_LEN);
		memset(&n->items[i], 0, sizeof(n->items[i]));
		memcpy(n->items[i].text, text, len);
		n->count++;
	}
	n->items[i].reads += !write;
	n->items[i].writes += write;
}

static bool string_is(const struct lua_image *img, uint32_t string, const char *text)
{
	return string < img->nstrings && img->strings[string].len == strlen(text) &&
	       memcmp(img->strings[string].text, text, strlen(text)) == 0;
}

/* A line of a listing: GETGLOBAL in 5.1, GETTABUP with _ENV in 5.3 where its name is kept. */
static void names_of_line(struct names *n, const char *line, size_t len)
{
	char text[400], op[20], *comment, *end;

	if (len >= sizeof(text))
		return;
	memcpy(text, line, len);
	text[len] = '\0';
	comment = strstr(text, "\t; ");
	if (sscanf(text, " %*d [%*[^]]] %19s", op) != 1 || !comment)
		return;
	comment += 3;
	if (strcmp(op + 1, "ETGLOBAL") == 0) {
		names_add(n, comment, strlen(comment), op[0] == 'S');
	} else if (strcmp(op + 1, "ETTABUP") == 0 && strncmp(comment, "_ENV \"", 6) == 0) {
		comment += 6;
		end = strchr(comment, '"');
		names_add(n, comment, (size_t)(end - comment), op[0] == 'S');
	}
}

static void names_of_listing(struct names *n, const char *module, const char *build)
{
	char path[200];
	struct file f;
	const char *p, *end, *stop;

	snprintf(path, sizeof(path), "tests/golden/lst/%s-%s.txt", module, build);
	f = golden_file(path);
	end = (const char *)f.data + f.len;
	for (p = (const char *)f.data; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		names_of_line(n, p, (size_t)(stop - p));
	}
	file_close(&f);
}

static struct lua_xref xref_of(const struct lua_image *img)
{
	struct diag diag = { 0 };
	struct lua_xref x;

	assert_int_equal(lua_xref_make(img, &diag, &x), ERR_NONE);
	return x;
}

static const char *module_name(const struct lua_image *img, uint32_t module, char *out, size_t size)
{
	const struct lua_string *s = &img->strings[img->modules[module].name];

	snprintf(out, size, "%.*s", (int)s->len, (const char *)s->text);
	return out;
}

static void same_globals(const char *path, const struct lua_image *img, const struct names *want)
{
	struct lua_xref x = xref_of(img);

	golden_same(path, "number of globals", x.nglobals, want->count);
	for (uint32_t i = 0; i < x.nglobals; i++) {
		unsigned j = 0;

		while (j < want->count && !string_is(img, x.globals[i].name, want->items[j].text))
			j++;
		assert_true(j < want->count);
		golden_same(path, want->items[j].text, x.globals[i].reads, want->items[j].reads);
		golden_same(path, want->items[j].text, x.globals[i].writes, want->items[j].writes);
	}
	for (uint32_t i = 1; i < x.nglobals; i++) {
		const struct lua_string *a = &img->strings[x.globals[i - 1].name];
		const struct lua_string *b = &img->strings[x.globals[i].name];
		int c = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

		assert_true(c < 0 || (c == 0 && a->len < b->len));
	}
	lua_xref_free(&x);
}

/* The sources are the same for all builds, so 5.1's listings tell the globals of 5.3 too. */
static void check_image_globals(const char *path)
{
	struct lua_image *img;
	struct names want = { 0 };
	char name[64];

	if (strstr(path, "-53") && strstr(path, "-abs"))
		return;
	img = golden_load(path);
	for (uint32_t m = 0; m < img->nmodules; m++)
		names_of_listing(&want, module_name(img, m, name, sizeof(name)), "51f");
	same_globals(path, img, &want);
	lua_image_free(img);
}

static void check_chunk_globals(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct lua_image *img;
	struct names want = { 0 };
	char module[64];

	snprintf(module, sizeof(module), "%.*s", (int)(strchr(name, '-') - name), name);
	if (strcmp(module, "ops53") == 0 || strcmp(module, "fixed") == 0 ||
	    strcmp(name, "numbers-51i.lc") == 0)
		return;
	img = golden_load(path);
	names_of_listing(&want, module, "51f");
	same_globals(path, img, &want);
	lua_image_free(img);
}

static void globals_are_those_that_luac_lists(void **state)
{
	(void)state;
	golden_each("tests/golden/img/app-*.img", check_image_globals);
	golden_each("tests/golden/img/appds-*.img", check_image_globals);
	golden_each("tests/golden/img/edge-*.img", check_image_globals);
	golden_each("tests/golden/img/floats-*.img", check_image_globals);
	golden_each("tests/golden/lc/*.lc", check_chunk_globals);
}

/* luac names _ENV in those listings only; the images are others, where it has no name. */
static void globals_of_5_3_are_the_fields_of_env(void **state)
{
	static const char *const chunks[][2] = { { "httpd", "tests/golden/lc/httpd-53.lc" },
						 { "control", "tests/golden/lc/control-53.lc" } };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct lua_image *img = golden_load(chunks[i][1]);
		struct names want = { 0 };

		names_of_listing(&want, chunks[i][0], "53-debug0");
		assert_true(want.count > 0);
		same_globals(chunks[i][1], img, &want);
		lua_image_free(img);
	}
}

/* What one instruction refers to, comparable between images. */
struct line {
	uint32_t proto, pc, kind;
	const struct lua_string *text;
	const char *object;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if (x->pc != y->pc)
		return x->pc < y->pc ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->text->len != y->text->len)
		return x->text->len < y->text->len ? -1 : 1;
	return memcmp(x->text->text, y->text->text, x->text->len);
}

static struct line *lines_of(const struct lua_image *img, const struct lua_xref *x, size_t *n)
{
	struct line *lines = calloc(x->nrefs + 1, sizeof(*lines));

	*n = 0;
	for (uint32_t i = 0; i < x->nrefs; i++) {
		const struct lua_ref *r = &x->refs[i];
		struct line *l = &lines[*n];

		if (r->kind > LUA_REF_METHOD)
			continue;
		*l = (struct line){ r->proto, r->pc, r->kind, &img->strings[r->string], "" };
		if (r->object != LUA_NONE)
			l->object = (const char *)x->paths[r->object].data;
		(*n)++;
	}
	qsort(lines, *n, sizeof(*lines), compare_lines);
	return lines;
}

static void same_references(const char *path, const char *other)
{
	struct lua_image *a = golden_load(path), *b = golden_load(other);
	struct lua_xref x = xref_of(a), y = xref_of(b);
	size_t n, m;
	struct line *l = lines_of(a, &x, &n), *k = lines_of(b, &y, &m);

	golden_same(other, "references", m, n);
	for (size_t i = 0; i < n; i++) {
		if (compare_lines(&l[i], &k[i]) != 0 || strcmp(l[i].object, k[i].object) != 0)
			fail_msg("%s: proto %u pc %u: %.*s of \"%s\", not \"%s\"", other,
				 k[i].proto, k[i].pc, (int)k[i].text->len,
				 (const char *)k[i].text->text, k[i].object, l[i].object);
	}
	free(l);
	free(k);
	lua_xref_free(&x);
	lua_xref_free(&y);
	lua_image_free(a);
	lua_image_free(b);
}

static void names_and_layout_make_no_difference(void **state)
{
	static const char *const others[][2] = {
		{ "app-53", "app-53-debug0" },     { "app-53", "app-53-strip" },
		{ "app-53", "app-53d" },           { "app-53", "app-53-e32i64f64" },
		{ "edge-53", "edge-53-debug0" },   { "app-51f", "app-51f-debug0" },
		{ "app-51f", "app-51f-debug2" },   { "app-51f", "app-51f-abs" },
		{ "app-51f", "app-51i" },          { "app-51f", "app-51-2018b-packed" },
		{ "edge-51f", "edge-51f-debug0" }, { "edge-51i", "edge-51-2018a-int" },
	};
	char a[100], b[100];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(a, sizeof(a), "tests/golden/img/%s.img", others[i][0]);
		snprintf(b, sizeof(b), "tests/golden/img/%s.img", others[i][1]);
		same_references(a, b);
	}
}

/* All images: order, and that no constant is forgotten. */
static bool has_ref(const struct lua_xref *x, uint32_t string, uint32_t proto)
{
	for (uint32_t i = x->first[string]; i < x->first[string + 1]; i++) {
		if (x->refs[i].proto == proto && x->refs[i].kind <= LUA_REF_METHOD)
			return true;
	}
	return false;
}

static void check_constants(const char *path, const struct lua_image *img, const struct lua_xref *x)
{
	for (uint32_t p = 0; p < img->nprotos; p++) {
		const struct lua_slice *s = &img->protos[p].constants;

		for (uint32_t i = 0; i < s->count; i++) {
			const struct lua_const *k = &img->constants[s->first + i];

			if (k->type == LUA_STRING && !has_ref(x, k->string, p))
				fail_msg("%s: proto %u: constant %u has no reference", path, p, i);
		}
	}
}

static void check_order(const char *path, const struct lua_image *img, const struct lua_xref *x)
{
	golden_same(path, "first", x->first[0], 0);
	golden_same(path, "last", x->first[img->nstrings], x->nrefs);
	for (uint32_t s = 0; s < img->nstrings; s++) {
		for (uint32_t i = x->first[s]; i < x->first[s + 1]; i++) {
			const struct lua_ref *r = &x->refs[i];

			golden_same(path, "string", r->string, s);
			if (i > x->first[s])
				assert_true(r[-1].proto < r->proto ||
					    (r[-1].proto == r->proto && r[-1].pc <= r->pc));
		}
	}
}

/* References of prototypes' records; those of constants are the model's. */
static void check_counts(const char *path, const struct lua_image *img, const struct lua_xref *x)
{
	uint32_t *n = calloc(img->nstrings + 1, sizeof(*n));

	for (uint32_t i = 0; i < x->nrefs; i++)
		n[x->refs[i].string] += x->refs[i].kind > LUA_REF_METHOD;
	for (uint32_t i = 0; i < img->nconstants; i++) {
		if (img->constants[i].type == LUA_STRING)
			n[img->constants[i].string]++;
	}
	for (uint32_t s = 0; s < img->nstrings; s++)
		golden_same(path, "references to a string", n[s], img->strings[s].refs);
	free(n);
}

static void check_image(const char *path)
{
	struct lua_image *img;
	struct lua_xref x;

	if (strstr(path, "-53") && strstr(path, "-abs"))
		return;
	img = golden_load(path);
	x = xref_of(img);
	check_order(path, img, &x);
	check_constants(path, img, &x);
	check_counts(path, img, &x);
	lua_xref_free(&x);
	lua_image_free(img);
}

static void every_string_knows_who_refers_to_it(void **state)
{
	(void)state;
	golden_each("tests/golden/img/*.img", check_image);
}

/* Source text with comments and the insides of strings blanked, for looking things up in it. */
static struct file source_of(const char *module, bool keep_strings)
{
	char path[200];
	struct file f;
	uint8_t quote = 0;

	snprintf(path, sizeof(path), "tests/golden/app/%s.lua", module);
	f = golden_file(path);
	assert_true(f.len > 0);
	for (size_t i = 0; i + 1 < f.len; i++) {
		if (!quote && f.data[i] == '-' && f.data[i + 1] == '-')
			while (i + 1 < f.len && f.data[i] != '\n')
				f.data[i++] = ' ';
		else if (quote && f.data[i] == '\\')
			f.data[i] = f.data[i + 1] = ' ';
		else if (f.data[i] == quote)
			quote = 0;
		else if (!quote && (f.data[i] == '"' || f.data[i] == '\''))
			quote = f.data[i];
		else if (quote && !keep_strings)
			f.data[i] = ' ';
	}
	f.data[f.len - 1] = '\0';
	return f;
}

/* Each require "NAME" of the source is one of the module's, and there are no others. */
static unsigned check_requires(const struct lua_image *img, const struct lua_xref *x,
			       uint32_t module)
{
	char name[64], wanted[64];
	struct file f = source_of(module_name(img, module, name, sizeof(name)), true);
	unsigned in_source = 0, in_code = 0;

	for (const char *p = (const char *)f.data; (p = strstr(p, "require")); p++) {
		bool found = false;

		if (sscanf(p, "require%*[ (]\"%63[^\"]\"", wanted) != 1)
			continue;
		in_source++;
		for (uint32_t i = 0; i < x->nrequires && !found; i++) {
			const struct lua_require *q = &x->requires[i];

			found = q->kind == LUA_REQUIRE && string_is(img, q->name, wanted) &&
				img->protos[q->proto].module == module &&
				string_is(img, img->modules[q->module].name, wanted);
		}
		if (!found)
			fail_msg("%s: require \"%s\" not seen", name, wanted);
	}
	for (uint32_t i = 0; i < x->nrequires; i++)
	in_code += x->requires[i].kind == LUA_REQUIRE &&
		   img->protos[x->requires[i].proto].module == module;
	golden_same(name, "requires", in_code, in_source);
	file_close(&f);
	return in_source;
}

static void check_field(const struct lua_image *img, const struct lua_xref *x, uint32_t module,
			const char *object, const char *name)
{
	for (uint32_t i = 0; i < x->nrefs; i++) {
		const struct lua_ref *r = &x->refs[i];

		if ((r->kind == LUA_REF_FIELD_READ || r->kind == LUA_REF_FIELD_WRITE) &&
		    r->object != LUA_NONE && img->protos[r->proto].module == module &&
		    string_is(img, r->string, name) &&
		    strcmp((const char *)x->paths[r->object].data, object) == 0)
			return;
	}
	fail_msg("%s.%s not seen", object, name);
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n;
}

/* a.b.c in the source, a a global: c is a field of "a.b", and b of "a". */
static unsigned check_chain(const struct lua_image *img, const struct lua_xref *x, uint32_t module,
			    const char *p)
{
	char object[100], name[64];
	size_t end = word_length(p), len;
	unsigned n = 0;

	while (p[end] == '.' && (len = word_length(p + end + 1)) > 0) {
		snprintf(object, sizeof(object), "%.*s", (int)end, p);
		snprintf(name, sizeof(name), "%.*s", (int)len, p + end + 1);
		check_field(img, x, module, object, name);
		end += 1 + len;
		n++;
	}
	return n;
}

static unsigned check_chains(const struct lua_image *img, const struct lua_xref *x, uint32_t module)
{
	struct names globals = { 0 };
	char name[64];
	struct file f = source_of(module_name(img, module, name, sizeof(name)), false);
	const char *begin = (const char *)f.data;
	unsigned n = 0;
	size_t len;

	names_of_listing(&globals, name, "51f");
	for (const char *p = begin; *p; p += len ? len : 1) {
		len = word_length(p);
		if (len == 0 || (p > begin && (p[-1] == '.' || p[-1] == ':')))
			continue;
		for (unsigned i = 0; i < globals.count; i++) {
			if (strlen(globals.items[i].text) == len &&
			    memcmp(globals.items[i].text, p, len) == 0)
				n += check_chain(img, x, module, p);
		}
	}
	file_close(&f);
	return n;
}

static void sources_and_references_agree(void **state)
{
	static const char *const builds[] = { "51f", "51i", "53", "53d", "53-debug0" };
	char path[100];

	(void)state;
	for (size_t b = 0; b < sizeof(builds) / sizeof(builds[0]); b++) {
		struct lua_image *img;
		struct lua_xref x;
		unsigned requires = 0, chains = 0;

		snprintf(path, sizeof(path), "tests/golden/img/app-%s.img", builds[b]);
		img = golden_load(path);
		x = xref_of(img);
		for (uint32_t m = 0; m < img->nmodules; m++) {
			requires += check_requires(img, &x, m);
			chains += check_chains(img, &x, m);
		}
		golden_same(path, "requires", requires, 4);
		assert_true(chains > 30);
		lua_xref_free(&x);
		lua_image_free(img);
	}
}

/*
 * What luac 5.1.5 and 5.3.6 made of
 *
 *	local LFS = node.LFS
 *	local get = LFS.get
 *	local n = 0
 *	if a then b() end
 *	for i = 1, 3 do LFS.loop(i) end
 *	get("main")
 *	get(a .. b)
 *	LFS.list()
 *	pcall(require, "config")
 *	require(a and "one" or "two")
 *	dofile("lua/sensor.lc")
 *	loadfile("config.lua")
 *	_G.require "publish"
 *	local function f()
 *	  n = n + 1
 *	  return function() return LFS.inner, get("sensor"), n.field end
 *	end
 *	local later
 *	local function g() return later.field end
 *	later = node
 *	return LFS[f], g
 */
/* clang-format off */
static const struct code_function flow51[] = {
	{ .parent = LUA_NONE, .nups = 0, 
	  .constants = { "node", "LFS", "get", "", "a", "b", "", "", "loop", "main", "list", "pcall", "require", "config", "one", "two", "dofile", "lua/sensor.lc", "loadfile", "config.lua", "_G", "publish" },
	  .nconstants = 22, .ncode = 62,
	  .code = { 0x00000005, 0x00404006, 0x00408046, 0x0000c081, 0x000100c5, 0x000000da, 0x80004016, 0x000140c5, 0x008040dc, 0x000180c1, 0x0001c101, 0x00018141, 0x800080e0, 0x004201c6, 0x03000200, 0x010041dc, 0x7ffec0df, 0x008000c0, 0x00024101, 0x010040dc, 0x008000c0, 0x00010105, 0x00014145, 0x02014115, 0x010040dc, 0x004280c6, 0x008040dc, 0x0002c0c5, 0x00030105, 0x00034141, 0x018040dc, 0x000300c5, 0x00010105, 0x0000011a, 0x80008016, 0x00038101, 0x0000411a, 0x80000016, 0x0003c101, 0x010040dc, 0x000400c5, 0x00044101, 0x010040dc, 0x000480c5, 0x0004c101, 0x010040dc, 0x000500c5, 0x01c300c6, 0x00054101, 0x010040dc, 0x000000e4, 0x01000000, 0x00000000, 0x00800000, 0x02000103, 0x00004164, 0x02000000, 0x00000105, 0x0000c186, 0x028001c0, 0x0180019e, 0x0080001e } },
	{ .parent = 0, .nups = 3, 
	  .constants = { "" },
	  .nconstants = 1, .ncode = 9,
	  .code = { 0x00000004, 0x0040000c, 0x00000008, 0x00000024, 0x00800004, 0x01000004, 0x00000004, 0x0100001e, 0x0080001e } },
	{ .parent = 1, .nups = 3, 
	  .constants = { "inner", "sensor", "field" },
	  .nconstants = 3, .ncode = 9,
	  .code = { 0x00000004, 0x00400006, 0x00800044, 0x00004081, 0x0100805c, 0x01000084, 0x01408086, 0x0200001e, 0x0080001e } },
	{ .parent = 0, .nups = 1, 
	  .constants = { "field" },
	  .nconstants = 1, .ncode = 4,
	  .code = { 0x00000004, 0x00400006, 0x0100001e, 0x0080001e } },
};
static const struct code_function flow53[] = {
	{ .parent = LUA_NONE, .nups = 1, .upvalues = { { 1, 0 } },
	  .constants = { "node", "LFS", "get", "", "a", "b", "", "", "loop", "main", "list", "pcall", "require", "config", "one", "two", "dofile", "lua/sensor.lc", "loadfile", "config.lua", "_G", "publish" },
	  .nconstants = 22, .ncode = 58,
	  .code = { 0x00400006, 0x00404007, 0x00408047, 0x0000c081, 0x004100c6, 0x000000e2, 0x8000401e, 0x004140c6, 0x008040e4, 0x000180c1, 0x0001c101, 0x00018141, 0x800080e8, 0x004201c7, 0x03000200, 0x010041e4, 0x7ffec0e7, 0x008000c0, 0x00024101, 0x010040e4, 0x008000c0, 0x00410106, 0x00414146, 0x0201411d, 0x010040e4, 0x004280c7, 0x008040e4, 0x0042c0c6, 0x00430106, 0x00034141, 0x018040e4, 0x004300c6, 0x00410106, 0x00000122, 0x8000801e, 0x00038101, 0x00004122, 0x8000001e, 0x0003c101, 0x010040e4, 0x004400c6, 0x00044101, 0x010040e4, 0x004480c6, 0x0004c101, 0x010040e4, 0x004500c6, 0x01c300c7, 0x00054101, 0x010040e4, 0x000000ec, 0x00000104, 0x0000416c, 0x00400106, 0x0000c187, 0x028001c0, 0x018001a6, 0x00800026 } },
	{ .parent = 0, .nups = 3, .upvalues = { { 1, 2 }, { 1, 0 }, { 1, 1 } },
	  .constants = { "" },
	  .nconstants = 1, .ncode = 6,
	  .code = { 0x00000005, 0x0040000d, 0x00000009, 0x0000002c, 0x01000026, 0x00800026 } },
	{ .parent = 1, .nups = 3, .upvalues = { { 0, 1 }, { 0, 2 }, { 0, 0 } },
	  .constants = { "inner", "sensor", "field" },
	  .nconstants = 3, .ncode = 7,
	  .code = { 0x00400006, 0x00800045, 0x00004081, 0x01008064, 0x01408086, 0x02000026, 0x00800026 } },
	{ .parent = 0, .nups = 1, .upvalues = { { 1, 4 } },
	  .constants = { "field" },
	  .nconstants = 1, .ncode = 3,
	  .code = { 0x00400006, 0x01000026, 0x00800026 } },
};
/* clang-format on */

struct wanted_require {
	enum lua_require_kind kind;
	const char *name;   /* NULL: computed */
	const char *module; /* NULL: none of the image */
};

static const struct wanted_require flow_requires[] = {
	{ LUA_LFS_INDEX, "loop", NULL },
	{ LUA_LFS_INDEX, "main", "main" },
	{ LUA_LFS_INDEX, NULL, NULL },
	{ LUA_REQUIRE, "config", "config" },
	{ LUA_REQUIRE, NULL, NULL },
	{ LUA_DOFILE, "lua/sensor.lc", "sensor" },
	{ LUA_DOFILE, "config.lua", "config" },
	{ LUA_REQUIRE, "publish", "publish" },
	{ LUA_LFS_INDEX, NULL, NULL },
	{ LUA_LFS_INDEX, "inner", NULL },
	{ LUA_LFS_INDEX, "sensor", "sensor" },
};

static void check_flow_requires(const struct lua_image *img, const struct lua_xref *x)
{
	size_t n = sizeof(flow_requires) / sizeof(flow_requires[0]);

	for (size_t i = 0; i < n && i < x->nrequires; i++) {
		const struct lua_require *q = &x->requires[i];
		const struct wanted_require *w = &flow_requires[i];

		assert_int_equal(q->kind, w->kind);
		if (w->name)
			assert_true(string_is(img, q->name, w->name));
		else
			assert_int_equal(q->name, LUA_NONE);
		if (w->module)
			assert_true(string_is(img, img->modules[q->module].name, w->module));
		else
			assert_int_equal(q->module, LUA_NONE);
	}
	golden_same("flow", "requires", x->nrequires, n);
}

static uint32_t count_fields(const struct lua_image *img, const struct lua_xref *x,
			     const char *name, const char *object)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->nrefs; i++) {
		const struct lua_ref *r = &x->refs[i];
		const char *have;

		if (r->kind != LUA_REF_FIELD_READ || !string_is(img, r->string, name))
			continue;
		have = r->object == LUA_NONE ? "" : (const char *)x->paths[r->object].data;
		n += strcmp(have, object) == 0;
	}
	return n;
}

static void values_are_followed_through_jumps_loops_and_closures(void **state)
{
	static const enum lua_version versions[] = { LUA_51, LUA_53 };
	static const char *const modules[] = { "config", "main", "publish", "sensor" };

	(void)state;
	for (unsigned v = 0; v < 2; v++) {
		struct lua_xref x;
		struct code c;

		code_compiled(&c, versions[v], v ? flow53 : flow51, 4);
		for (unsigned i = 0; i < 4; i++)
			code_module(&c, modules[i]);
		code_done(&c);
		x = xref_of(&c.img);
		check_flow_requires(&c.img, &x);
		golden_same("flow", "loop", count_fields(&c.img, &x, "loop", "node.LFS"), 1);
		golden_same("flow", "inner", count_fields(&c.img, &x, "inner", "node.LFS"), 1);
		/* n and later are assigned behind the back of whoever reads them */
		golden_same("flow", "field", count_fields(&c.img, &x, "field", ""), 2);
		lua_xref_free(&x);
	}
}

static uint32_t count_kind(const struct lua_image *img, const struct lua_xref *x, const char *text,
			   enum lua_ref_kind kind, uint32_t pc)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->nrefs; i++)
		n += x->refs[i].kind == kind && x->refs[i].pc == pc &&
		     string_is(img, x->refs[i].string, text);
	return n;
}

static void names_come_from_registers_and_extra_arguments(void **state)
{
	struct lua_xref x;
	struct code c;

	(void)state;
	code_init(&c, LUA_53);
	code_proto(&c, LUA_NONE);
	code_upvalue(&c, true, 0);
	code_string(&c, "unused");
	code_string(&c, "name");
	code_abx(&c, 2, 0, 0); /* LOADKX */
	code_ax(&c, 46, 1);
	code_abc(&c, 6, 1, 0, 0);   /* GETTABUP 1 0 0 */
	code_abc(&c, 8, 0, 257, 1); /* SETTABUP 0 "name" 1 */
	code_done(&c);
	x = xref_of(&c.img);
	assert_int_equal(x.nrefs, 4);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_CONSTANT, 0), 1);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_GLOBAL_READ, 2), 1);
	assert_int_equal(count_kind(&c.img, &x, "name", LUA_REF_GLOBAL_WRITE, 3), 1);
	assert_int_equal(count_kind(&c.img, &x, "unused", LUA_REF_CONSTANT, LUA_NONE), 1);
	lua_xref_free(&x);
}

/* t[k] := k2 with constants: the key is a name, the value a constant. */
static void keys_are_fields_and_values_are_constants(void **state)
{
	struct lua_xref x;
	struct code c;

	(void)state;
	code_init(&c, LUA_51);
	code_proto(&c, LUA_NONE);
	code_string(&c, "key");
	code_string(&c, "value");
	code_string(&c, "t");
	code_abx(&c, 5, 0, 2);        /* GETGLOBAL 0 t */
	code_abc(&c, 9, 0, 256, 257); /* SETTABLE 0 key value */
	code_abc(&c, 11, 0, 0, 256);  /* SELF 0 0 key */
	code_done(&c);
	x = xref_of(&c.img);
	assert_int_equal(x.nrefs, 4);
	assert_int_equal(count_kind(&c.img, &x, "key", LUA_REF_FIELD_WRITE, 1), 1);
	assert_int_equal(count_kind(&c.img, &x, "value", LUA_REF_CONSTANT, 1), 1);
	assert_int_equal(count_kind(&c.img, &x, "key", LUA_REF_METHOD, 2), 1);
	assert_int_equal(x.npaths, 1);
	assert_string_equal((const char *)x.paths[0].data, "t");
	lua_xref_free(&x);
}

static void words_of_all_kinds_are_followed_without_harm(void **state)
{
	uint32_t seed = 7;
	struct lua_xref x;
	struct code c;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		code_init(&c, round % 2 ? LUA_53 : LUA_51);
		for (unsigned p = 0; p < CODE_PROTOS_MAX; p++) {
			code_proto(&c, p ? p - 1 : LUA_NONE);
			for (unsigned i = 0; i < 8; i++)
				code_string(&c, i % 2 ? "node" : "LFS");
			for (unsigned i = 0; i < 3; i++)
				code_upvalue(&c, i % 2, (uint8_t)(200 + i));
			c.protos[p].nups = 255;
			for (unsigned i = 0; i < CODE_WORDS_MAX / CODE_PROTOS_MAX; i++)
				code_word(&c, seed = seed * 1664525 + 1013904223);
		}
		code_done(&c);
		x = xref_of(&c.img);
		check_order("words", &c.img, &x);
		check_constants("words", &c.img, &x);
		lua_xref_free(&x);
	}
}

/* Two million instructions of the kinds that cost most: far from what quadratic work would need. */
static void work_stays_in_proportion(void **state)
{
	enum { WORDS = 2000000 };
	uint8_t *words = calloc(WORDS, 4);
	uint32_t seed = 3, word;
	struct lua_xref x;
	struct code c;
	clock_t start;

	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		code_init(&c, round % 2 ? LUA_53 : LUA_51);
		code_proto(&c, LUA_NONE);
		code_string(&c, "node");
		code_string(&c, "LFS");
		code_proto(&c, 0);
		for (unsigned i = 0; i < 4; i++)
			code_upvalue(&c, true, 0);
		code_done(&c);
		for (uint32_t i = 0; i < WORDS; i++) {
			seed = seed * 1664525 + 1013904223;
			word = round < 2 ? (seed >> 8) % (round ? 47 : 38) | (seed & 0xff0080c0)
					 : (round == 2 ? 36 : 44); /* CLOSURE 0 0 */
			memcpy(words + (size_t)4 * i, &word, 4);
		}
		c.protos[0].code = words;
		c.protos[0].ncode = WORDS;
		start = clock();
		x = xref_of(&c.img);
		assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
		lua_xref_free(&x);
	}
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globals_are_those_that_luac_lists),
		cmocka_unit_test(globals_of_5_3_are_the_fields_of_env),
		cmocka_unit_test(names_and_layout_make_no_difference),
		cmocka_unit_test(every_string_knows_who_refers_to_it),
		cmocka_unit_test(sources_and_references_agree),
		cmocka_unit_test(values_are_followed_through_jumps_loops_and_closures),
		cmocka_unit_test(names_come_from_registers_and_extra_arguments),
		cmocka_unit_test(keys_are_fields_and_values_are_constants),
		cmocka_unit_test(words_of_all_kinds_are_followed_without_harm),
		cmocka_unit_test(work_stays_in_proportion),
	};

	return cmocka_run_group_tests_name("xref", tests, NULL, NULL);
}
