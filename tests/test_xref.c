/* SPDX-License-Identifier: MIT */
/* Cross-references against luac's listings and the sources. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/util_xref.h"
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
		{ "edge-53", "edge-53-abs" },      { "app-53-e32i64f64", "app-53-e32i64f64-abs" },
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

	img = golden_load(path);
	x = xref_of(img);
	xref_check_order(path, img, &x);
	xref_check_constants(path, img, &x);
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
		golden_same(path, "chains", chains, 19);
		lua_xref_free(&x);
		lua_image_free(img);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globals_are_those_that_luac_lists),
		cmocka_unit_test(globals_of_5_3_are_the_fields_of_env),
		cmocka_unit_test(names_and_layout_make_no_difference),
		cmocka_unit_test(every_string_knows_who_refers_to_it),
		cmocka_unit_test(sources_and_references_agree),
	};

	return cmocka_run_group_tests_name("xref", tests, NULL, NULL);
}
