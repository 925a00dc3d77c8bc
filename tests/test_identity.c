/* SPDX-License-Identifier: MIT */
/*
 * Identities: what keeps one and what changes it; and SHA-256 against the vectors of FIPS 180-4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/gzip.h"
#include "common/lua/identity.h"
#include "tests/util_golden.h"
#include "tests/util_gzip.h"

#define IMG "tests/golden/img/"

static const struct {
	const char *message, *digest;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
	  "lmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void hex_of(const uint8_t *digest, char hex[65])
{
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
}

static void digests_are_those_of_the_standard(void **state)
{
	uint8_t digest[SHA256_BYTES];
	char hex[65];

	(void)state;
	for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i].message);

		for (size_t cut = 0; cut <= len; cut++) {
			struct sha256 s = sha256_begin();

			sha256_add(&s, vectors[i].message, cut);
			sha256_add(&s, vectors[i].message + cut, len - cut);
			sha256_end(&s, digest);
			hex_of(digest, hex);
			assert_string_equal(hex, vectors[i].digest);
		}
	}
}

static void a_million_letters_have_the_digest_of_the_standard(void **state)
{
	struct sha256 s = sha256_begin();
	uint8_t digest[SHA256_BYTES];
	char letters[1000], hex[65];

	(void)state;
	memset(letters, 'a', sizeof(letters));
	for (unsigned i = 0; i < 1000; i++)
		sha256_add(&s, letters, sizeof(letters));
	sha256_end(&s, digest);
	hex_of(digest, hex);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct id {
	uint8_t bytes[SHA256_BYTES];
};

static struct id id_of(const struct lua_image *img)
{
	struct id id;

	lua_identity(img, id.bytes);
	return id;
}

static struct id id_of_bytes(const char *path, const uint8_t *data, size_t len)
{
	struct lua_image *img;
	struct diag diag = { 0 };
	struct id id;

	if (lua_image_load(data, len, &diag, &img))
		fail_msg("%s: %s: %s", path, diag.path, diag.text);
	id = id_of(img);
	lua_image_free(img);
	return id;
}

static struct id id_of_file(const char *path)
{
	struct file f = golden_file(path);
	struct id id = id_of_bytes(path, f.data, f.len);

	file_close(&f);
	return id;
}

static bool same(const struct id *a, const struct id *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void same_as(const char *path, const struct id *a, const struct id *b)
{
	golden_same_bytes(path, "identity", a, sizeof(*a), b, sizeof(*b));
}

static unsigned twins;

static void check_twin(const char *path, const char *twin)
{
	struct id a = id_of_file(path);
	struct id b;

	if (access(twin, R_OK) != 0)
		return;
	b = id_of_file(twin);
	same_as(twin, &b, &a);
	twins++;
}

/* The same flash with ff behind it, up to the partition's end. */
static void check_padded(const char *path)
{
	struct file f = golden_file(path);
	struct id plain = id_of_file(path);
	struct buf b = { 0 };
	struct id padded;

	buf_put(&b, f.data, f.len);
	while (b.len % 65536)
		buf_byte(&b, 0xff);
	padded = id_of_bytes(path, b.data, b.len);
	same_as(path, &padded, &plain);
	buf_free(&b);
	file_close(&f);
}

static void check_recompressed(const char *path)
{
	static const int levels[] = { 0, 1, 6, 9 };
	struct file f = golden_file(path);
	struct id plain = id_of_file(path);
	struct diag diag = { 0 };
	struct buf image = { 0 };
	size_t trailing;

	if (gzip_probe(f.data, f.len)) {
		gzip_inflate(f.data, f.len, FILE_MAX, &diag, &image, &trailing);
		for (unsigned i = 0; i < 4; i++) {
			struct buf again = { 0 };
			struct id id;

			gzip_wrap(image.data, image.len, levels[i], &again);
			id = id_of_bytes(path, again.data, again.len);
			same_as(path, &id, &plain);
			buf_free(&again);
		}
	}
	buf_free(&image);
	file_close(&f);
}

/* -s changes neither a 5.1 image nor, but for the missing empty names, a 5.3 one. */
static void check_forms(const char *path)
{
	static const char *const ends[] = { "-abs.img", "-strip.img" };
	size_t stem = strlen(path) - strlen(".img");
	char twin[200];

	check_recompressed(path);
	if (golden_sibling(path, "regions", ".bin", twin, sizeof(twin)))
		check_twin(path, twin);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(twin, sizeof(twin), "%.*s%s", (int)stem, path, ends[i]);
		check_twin(path, twin);
	}
}

static void every_form_of_an_image_has_its_identity(void **state)
{
	(void)state;
	twins = 0;
	golden_each(IMG "*.img", check_forms);
	assert_in_range(twins, 60, 100);
	golden_each(IMG "*-abs.img", check_padded);
	golden_each("tests/golden/regions/*.bin", check_padded);
}

/* Time and seed of an image in flash, by their places. */
static void time_and_seed_do_not_count(void **state)
{
	struct file f = golden_file(IMG "app-53-abs.img");
	struct id before = id_of_bytes("app", f.data, f.len);
	struct id after;

	(void)state;
	f.data[8] ^= 1;
	f.data[12] ^= 1;
	after = id_of_bytes("app", f.data, f.len);
	same_as("app", &after, &before);
	file_close(&f);
}

static void other_versions_and_numbers_have_other_identities(void **state)
{
	static const char *const paths[] = { IMG "app-51f.img",          IMG "app-51i.img",
					     IMG "app-53.img",           IMG "app-53d.img",
					     IMG "app-53-e32i32f64.img", IMG "app-53-e32i64f32.img",
					     IMG "app-53-e32i64f64.img", IMG "app-53-debug0.img",
					     IMG "app-51f-debug0.img",   IMG "app-51f-debug2.img",
					     IMG "appds-51f.img",        IMG "edge-51f.img",
					     IMG "many-53.img" };
	enum { N = sizeof(paths) / sizeof(paths[0]) };
	struct id ids[N];

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		ids[i] = id_of_file(paths[i]);
		for (unsigned k = 0; k < i; k++)
			if (same(&ids[i], &ids[k]))
				fail_msg("%s and %s have the same identity", paths[i], paths[k]);
	}
}

/* One thing changed at a time: the identity must follow, and come back with the thing. */
struct subject {
	struct lua_image *img;
	struct id id;
	const char *what;
};

static void must_differ(const struct subject *s)
{
	struct id id = id_of(s->img);

	if (same(&id, &s->id))
		fail_msg("%s does not count", s->what);
}

static void must_be_back(const struct subject *s)
{
	struct id id = id_of(s->img);

	same_as(s->what, &id, &s->id);
}

static void try_byte(struct subject *s, uint8_t *p, const char *what)
{
	s->what = what;
	++*p;
	must_differ(s);
	--*p;
	must_be_back(s);
}

static void try_word(struct subject *s, uint32_t *p, const char *what)
{
	s->what = what;
	++*p;
	must_differ(s);
	--*p;
	must_be_back(s);
}

/* Code and line info point into the image's own bytes. */
static void try_bytes(struct subject *s, const uint8_t *p, size_t n, const char *what)
{
	uint8_t *own = s->img->store.data;

	for (size_t i = 0; i < n; i++)
		try_byte(s, own + (size_t)(p - s->img->bytes) + i, what);
}

static void try_constant(struct subject *s, struct lua_const *k)
{
	struct lua_const before = *k;

	s->what = "a constant";
	if (k->type == LUA_STRING) {
		k->string = k->string ? k->string - 1 : 1;
	} else if (k->type == LUA_BOOLEAN) {
		k->b = !k->b;
	} else if (k->type == LUA_NIL) {
		k->type = LUA_BOOLEAN;
		k->b = false;
	} else {
		k->i ^= 1; /* of a float: its last bit */
	}
	must_differ(s);
	*k = before;
	must_be_back(s);
}

static void try_name(struct subject *s, uint32_t *name, const char *what)
{
	uint32_t before = *name;
	uint32_t other = s->img->nstrings - 1;

	s->what = what;
	*name = before == other ? LUA_NONE : other;
	must_differ(s);
	*name = before;
	must_be_back(s);
}

static void try_proto(struct subject *s, struct lua_proto *p)
{
	struct lua_image *img = s->img;

	try_bytes(s, p->code, p->ncode, "an instruction");
	if (p->lineinfo)
		try_bytes(s, p->lineinfo, p->nlineinfo, "a line");
	for (uint32_t i = 0; i < p->constants.count; i++)
		try_constant(s, &img->constants[p->constants.first + i]);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		struct lua_local *l = &img->locals[p->locals.first + i];

		try_name(s, &l->name, "a local's name");
		try_word(s, &l->start_pc, "a local's begin");
		try_word(s, &l->end_pc, "a local's end");
	}
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		struct lua_upvalue *u = &img->upvalues[p->upvalues.first + i];

		try_name(s, &u->name, "an upvalue's name");
		try_byte(s, &u->instack, "where an upvalue comes from");
		try_byte(s, &u->index, "an upvalue's index");
	}
	try_name(s, &p->source, "a source");
	try_word(s, &p->line_first, "a function's first line");
	try_word(s, &p->line_last, "a function's last line");
	try_byte(s, &p->params, "the number of parameters");
	try_byte(s, &p->vararg, "varargs");
	try_byte(s, &p->stack, "the stack's size");
	try_byte(s, &p->nups, "the number of upvalues");
}

static void swap_modules(struct subject *s)
{
	struct lua_module *m = s->img->modules;
	struct lua_module first = m[0];

	s->what = "the modules' order";
	m[0] = m[1];
	m[1] = first;
	must_differ(s);
	m[1] = m[0];
	m[0] = first;
	must_be_back(s);
}

static void check_changes(const char *path)
{
	struct subject s = { .img = golden_load(path) };
	uint32_t main = s.img->header.main;

	s.id = id_of(s.img);
	for (uint32_t i = 0; i < s.img->nprotos; i++)
		if (i != main)
			try_proto(&s, &s.img->protos[i]);
	for (uint32_t i = 0; i < s.img->nmodules; i++)
		try_name(&s, &s.img->modules[i].name, "a module's name");
	if (s.img->nmodules > 1)
		swap_modules(&s);
	s.img->nmodules--;
	s.what = "a module";
	must_differ(&s);
	s.img->nmodules++;
	lua_image_free(s.img);
}

static void every_single_change_gives_another_identity(void **state)
{
	(void)state;
	check_changes(IMG "app-51f-debug0.img");
	check_changes(IMG "app-51i-abs.img");
	check_changes(IMG "app-53-debug0.img");
	check_changes("tests/golden/regions/app-53d.bin");
	check_changes("tests/golden/lc/main-51f.lc");
	check_changes("tests/golden/lc/main-53.lc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(a_million_letters_have_the_digest_of_the_standard),
		cmocka_unit_test(every_form_of_an_image_has_its_identity),
		cmocka_unit_test(time_and_seed_do_not_count),
		cmocka_unit_test(other_versions_and_numbers_have_other_identities),
		cmocka_unit_test(every_single_change_gives_another_identity),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
