/* SPDX-License-Identifier: MIT */
/*
 * tests/golden/decoded/NAME.json: what an independent decoder says of an image. Strings are bytes
 * as characters 0...255; infinity stands as the bare word Infinity.
 */
#include "tests/util_golden.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "common/lua/dialect.h"

struct comparison {
	const struct lua_image *img;
	const char *path;
	uint32_t next; /* prototype, in the order of the file */
};

static void same(struct comparison *c, const char *what, uint64_t got, const json_t *wanted)
{
	char text[80];

	snprintf(text, sizeof(text), "proto[%" PRIu32 "].%s", c->next - 1, what);
	golden_same(c->path, text, got, (uint64_t)json_integer_value(wanted));
}

/* Infinity is no JSON: a string of the same length takes its place. */
static json_t *decoded_load(const char *path)
{
	static const char bare[] = "\", Infinity]";
	static const char quoted[] = "\", \"inf\"   ]";
	struct file f = golden_file(path);
	json_error_t error;
	json_t *j;

	for (size_t i = 0; i + sizeof(bare) <= f.len; i++)
		if (memcmp(f.data + i, bare, sizeof(bare) - 1) == 0)
			memcpy(f.data + i, quoted, sizeof(quoted) - 1);
	j = json_loadb((const char *)f.data, f.len, JSON_ALLOW_NUL, &error);
	if (!j)
		fail_msg("%s: line %d: %s", path, error.line, error.text);
	file_close(&f);
	return j;
}

static bool text_is(const struct lua_string *s, const json_t *wanted)
{
	const uint8_t *p = (const uint8_t *)json_string_value(wanted);
	size_t n = json_string_length(wanted);
	uint32_t len = 0;

	for (size_t i = 0; i < n; i++, len++) {
		uint8_t byte = p[i];

		if (byte >= 0x80)
			byte = (uint8_t)(byte << 6 | (p[++i] & 0x3f));
		if (len >= s->len || s->text[len] != byte)
			return false;
	}
	return len == s->len;
}

/* null is LUA_NONE. */
static void same_string(struct comparison *c, const char *what, uint32_t string,
			const json_t *wanted)
{
	const struct lua_image *img = c->img;

	if (json_is_null(wanted) ? string == LUA_NONE
				 : string < img->nstrings && text_is(&img->strings[string], wanted))
		return;
	fail_msg("%s: proto[%" PRIu32 "].%s is not \"%s\"", c->path, c->next - 1, what,
		 json_is_null(wanted) ? "(none)" : json_string_value(wanted));
}

static double number_of(const json_t *j)
{
	return json_is_string(j) ? INFINITY : json_number_value(j);
}

static void same_constant(struct comparison *c, const struct lua_const *k, const json_t *pair)
{
	const char *type = json_string_value(json_array_get(pair, 0));
	const json_t *value = json_array_get(pair, 1);
	bool same_type = false, equal = false;

	switch (k->type) {
	case LUA_NIL: same_type = equal = !strcmp(type, "nil"); break;
	case LUA_BOOLEAN:
		same_type = !strcmp(type, "boolean");
		equal = k->b == json_is_true(value);
		break;
	case LUA_INTEGER:
		same_type = !strcmp(type, c->img->traits.version == LUA_51 ? "number" : "integer");
		equal = k->i == json_integer_value(value);
		break;
	case LUA_FLOAT:
		same_type = !strcmp(type, "number");
		equal = k->f == number_of(value);
		break;
	case LUA_STRING:
		same_type = !strcmp(type, "string");
		same_string(c, "k", k->string, value);
		return;
	}
	if (!same_type || !equal)
		fail_msg("%s: proto[%" PRIu32 "].k: not the %s of the decoder", c->path,
			 c->next - 1, type);
}

static void same_names(struct comparison *c, const struct lua_proto *p, const json_t *j)
{
	const json_t *ups = json_object_get(j, "upvalues");
	const json_t *locals = json_object_get(j, "locvars");

	golden_same(c->path, "upvalues", p->upvalues.count, json_array_size(ups));
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &c->img->upvalues[p->upvalues.first + i];
		const json_t *wanted = json_array_get(ups, i);

		if (!json_is_array(wanted)) { /* 5.1 has names only */
			same_string(c, "upvalues", u->name, wanted);
			continue;
		}
		same_string(c, "upvalues", u->name, json_array_get(wanted, 0));
		same(c, "upvalues.instack", u->instack, json_array_get(wanted, 1));
		same(c, "upvalues.idx", u->index, json_array_get(wanted, 2));
	}
	golden_same(c->path, "locvars", p->locals.count, json_array_size(locals));
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &c->img->locals[p->locals.first + i];
		const json_t *wanted = json_array_get(locals, i);

		same_string(c, "locvars", l->name, json_array_get(wanted, 0));
		same(c, "locvars.startpc", l->start_pc, json_array_get(wanted, 1));
		same(c, "locvars.endpc", l->end_pc, json_array_get(wanted, 2));
	}
}

static void same_lines(struct comparison *c, const struct lua_proto *p, const json_t *wanted)
{
	uint32_t *lines = calloc((size_t)p->ncode + 1, sizeof(*lines));

	assert_non_null(lines);
	if (json_is_null(wanted)) {
		assert_null(p->lineinfo);
	} else {
		golden_same(c->path, "lines", lua_lines(c->img, p, lines), p->ncode);
		golden_same(c->path, "lineinfo", p->ncode, json_array_size(wanted));
		for (uint32_t i = 0; i < p->ncode; i++)
			same(c, "lineinfo", lines[i], json_array_get(wanted, i));
	}
	free(lines);
}

static void same_vectors(struct comparison *c, const struct lua_proto *p, const json_t *j)
{
	const json_t *code = json_object_get(j, "code");
	const json_t *k = json_object_get(j, "k");

	golden_same(c->path, "code", p->ncode, json_array_size(code));
	for (uint32_t i = 0; i < p->ncode; i++)
		same(c, "code", lua_word(p, i), json_array_get(code, i));
	golden_same(c->path, "k", p->constants.count, json_array_size(k));
	for (uint32_t i = 0; i < p->constants.count; i++)
		same_constant(c, &c->img->constants[p->constants.first + i], json_array_get(k, i));
	same_names(c, p, j);
	same_lines(c, p, json_object_get(j, "lineinfo"));
}

/* Prototypes stand in the array as they nest: a parent, then its children, depth first. */
static void same_proto(struct comparison *c, uint32_t index, const json_t *j)
{
	const struct lua_proto *p = &c->img->protos[index];
	const json_t *children = json_object_get(j, "p");

	golden_same(c->path, "order of prototypes", index, c->next++);
	same_string(c, "source", lua_proto_source(c->img, index), json_object_get(j, "source"));
	same(c, "linedefined", p->line_first, json_object_get(j, "linedefined"));
	same(c, "lastlinedefined", p->line_last, json_object_get(j, "lastlinedefined"));
	same(c, "numparams", p->params, json_object_get(j, "numparams"));
	same(c, "is_vararg", p->vararg, json_object_get(j, "is_vararg"));
	same(c, "maxstacksize", p->stack, json_object_get(j, "maxstacksize"));
	same(c, "nups", p->nups, json_object_get(j, "nups"));
	if (json_object_get(j, "off"))
		same(c, "off", p->off, json_object_get(j, "off"));
	same_vectors(c, p, j);
	golden_same(c->path, "p", p->children.count, json_array_size(children));
	for (uint32_t i = 0; i < p->children.count; i++) {
		uint32_t child = c->img->children[p->children.first + i];

		golden_same(c->path, "parent", c->img->protos[child].parent, index);
		same_proto(c, child, json_array_get(children, i));
	}
}

/* 5.1: objects with place and hash. 5.3: the file's strings in order. */
static void same_strings(struct comparison *c, const json_t *wanted)
{
	const struct lua_image *img = c->img;
	uint32_t n = img->traits.version == LUA_51 ? img->nstrings : img->ntext;

	golden_same(c->path, "strings", n, json_array_size(wanted));
	for (uint32_t i = 0; i < n; i++) {
		const json_t *j = json_array_get(wanted, i);

		if (json_is_string(j)) {
			same_string(c, "strings", i, j);
			continue;
		}
		same_string(c, "strings", i, json_object_get(j, "s"));
		same(c, "strings.off", img->strings[i].off, json_object_get(j, "off"));
		same(c, "strings.hash", img->strings[i].hash, json_object_get(j, "hash"));
	}
}

static void same_modules(struct comparison *c, const json_t *j)
{
	const struct lua_image *img = c->img;
	const json_t *names = json_object_get(j, "modules");
	const json_t *protos = json_object_get(j, "protos");

	golden_same(c->path, "modules", img->nmodules, json_array_size(names));
	for (uint32_t i = 0; i < img->nmodules; i++)
		same_string(c, "modules", img->modules[i].name, json_array_get(names, i));
	if (!protos) {
		same_proto(c, img->header.main, json_object_get(j, "main"));
		return;
	}
	for (uint32_t i = 0; i < img->nmodules; i++)
		same_proto(c, img->modules[i].proto, json_array_get(protos, i));
}

static void same_field(struct comparison *c, const json_t *j, const char *key, uint64_t got)
{
	const json_t *value = json_object_get(j, key);

	golden_same(c->path, key, got,
		    json_is_boolean(value) ? json_is_true(value) : (uint64_t)number_of(value));
}

static void same_header(struct comparison *c, const json_t *j)
{
	const struct lua_image *img = c->img;

	assert_true(img->has_time);
	same_field(c, j, "timestamp", (uint64_t)img->build_time);
	if (img->traits.version == LUA_51) {
		same_field(c, j, "size", img->flash_size);
		same_field(c, j, "nsize", img->header.buckets);
		same_field(c, j, "packed", img->traits.packed);
		same_field(c, j, "elua_tags", img->traits.old_tags);
		return;
	}
	same_field(c, j, "integer_bytes", img->traits.integer_bytes);
	same_field(c, j, "number_bytes", img->traits.float_bytes);
	same_field(c, j, "seed", img->header.seed);
	same_field(c, j, "maxlen", img->header.max_len);
	same_field(c, j, "short", img->header.nshort);
	same_field(c, j, "long", img->header.nlong);
}

void golden_compare(const struct lua_image *img, const char *json_path)
{
	struct comparison c = { .img = img, .path = json_path };
	json_t *j = decoded_load(json_path);

	same_header(&c, j);
	same_strings(&c, json_object_get(j, "strings"));
	same_modules(&c, j);
	golden_same(json_path, "prototypes", c.next, img->nprotos);
	json_decref(j);
}
