/* SPDX-License-Identifier: MIT */
#include "tests/library_tour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nodemcu-lfs.h"

/* Texts are looked at to their end, so that a sanitizer notices a length that is none. */
static unsigned sum;

static void broken(const char *what)
{
	fprintf(stderr, "broken promise: library: %s\n", what);
	abort();
}

static void look(struct nlfs_text t)
{
	for (size_t i = 0; i < t.len; i++)
		sum += (uint8_t)t.data[i];
}

static void look_error(const struct nlfs_error *e, enum nlfs_code code)
{
	if (e->code != code || !memchr(e->text, 0, sizeof(e->text)) || !e->text[0])
		broken("a failure without words");
}

static void look_instruction(const struct nlfs *l, uint32_t proto, uint32_t pc)
{
	struct nlfs_instruction in;
	struct nlfs_error error = { 0 };
	uint8_t *text;
	size_t len;
	enum nlfs_code code;

	if (!nlfs_instruction(l, proto, pc, &in))
		broken("no instruction");
	code = nlfs_instruction_text(l, proto, pc, &text, &len, &error);
	if (code)
		look_error(&error, code);
	else if (text[len] != 0)
		broken("a text without an end");
	nlfs_free(text);
}

static void look_proto(const struct nlfs *l, uint32_t i, uint32_t protos, uint32_t strings)
{
	struct nlfs_proto p;
	struct nlfs_constant k;
	struct nlfs_upvalue u;
	struct nlfs_local v;

	if (!nlfs_proto(l, i, &p))
		broken("no prototype");
	if (p.parent != NLFS_NONE && p.parent >= i)
		broken("a parent behind its child");
	look(p.source);
	for (uint32_t n = 0; n < p.instructions; n++)
		look_instruction(l, i, n);
	for (uint32_t n = 0; n < p.constants; n++)
		if (nlfs_constant(l, i, n, &k) && k.type == NLFS_STRING && k.string != NLFS_NONE &&
		    k.string >= strings)
			broken("a string that there is not");
	for (uint32_t n = 0; nlfs_upvalue(l, i, n, &u); n++)
		look(u.name);
	for (uint32_t n = 0; nlfs_local(l, i, n, &v); n++)
		look(v.name);
	for (uint32_t n = 0; n <= p.children; n++) {
		uint32_t child = nlfs_child(l, i, n);

		if (child != NLFS_NONE && (child >= protos || child <= i || n == p.children))
			broken("a child that there is not");
	}
}

static void look_strings(const struct nlfs *l, const struct nlfs_info *info)
{
	struct nlfs_string s;
	struct nlfs_reference ref;

	for (uint32_t i = 0; i < info->strings; i++) {
		if (!nlfs_string(l, i, &s))
			broken("no string");
		look(s.text);
		for (uint32_t n = 0; nlfs_reference(l, i, n, &ref); n++) {
			look(ref.object);
			if (ref.proto != NLFS_NONE && ref.proto >= info->protos)
				broken("a reference from nowhere");
		}
	}
	if (nlfs_string(l, info->strings, &s))
		broken("a string more");
}

static void look_report(const struct nlfs *l, const char *kind)
{
	struct nlfs_target target = { .kind = kind };
	struct nlfs_report *r;
	struct nlfs_finding f;
	struct nlfs_error error = { 0 };
	enum nlfs_code code = nlfs_check(l, &target, &r, &error);

	if (code) {
		look_error(&error, code);
		return;
	}
	sum += nlfs_verdict(r);
	for (uint32_t i = 0; nlfs_finding(r, i, &f); i++)
		sum += (unsigned)(strlen(f.path) + strlen(f.message) + strlen(f.cause) +
				  strlen(f.remedy));
	nlfs_report_close(r);
}

/* What the library wrote, it must read without a word of complaint. */
static void look_written(enum nlfs_code code, const struct nlfs_error *error, uint8_t *data,
			 size_t len)
{
	struct nlfs_error again = { 0 };
	struct nlfs *l = NULL;

	if (code)
		look_error(error, code);
	else if (nlfs_load(data, len, &l, &again))
		broken("what was written cannot be read");
	nlfs_close(l);
	nlfs_free(data);
}

static void write_all(const struct nlfs *l, uint32_t modules)
{
	struct nlfs_error error = { 0 };
	uint8_t *data;
	size_t len;

	for (uint32_t base = 0; base <= 0x40296000; base += 0x40296000) {
		enum nlfs_code code = nlfs_write_image(l, base, &data, &len, &error);

		look_written(code, &error, data, len);
	}
	for (uint32_t i = 0; i <= modules && i < 4; i++) {
		struct nlfs_input in = { .from = l, .module = i };
		enum nlfs_code code = nlfs_write_chunk(l, i, &data, &len, &error);

		look_written(code, &error, data, len);
		code = nlfs_link(&in, 1, l, (enum nlfs_strip)(i % 3), 1, &data, &len, &error);
		look_written(code, &error, data, len);
	}
}

void library_tour(const uint8_t *data, size_t len)
{
	struct nlfs *l;
	struct nlfs_info info;
	struct nlfs_module m;
	struct nlfs_error error = { 0 };
	const char *kind, *words;
	uint8_t id[32];
	enum nlfs_code code = nlfs_load(data, len, &l, &error);

	if (code)
		look_error(&error, code);
	if (nlfs_kind((uint32_t)len % 10, &kind, &words))
		look_report(l, kind);
	look_report(l, NULL);
	if (nlfs_info(l, &info)) {
		nlfs_study(l, &error);
		for (uint32_t i = 0; i < info.notes && nlfs_note(l, i, &error); i++)
			look_error(&error, error.code);
		for (uint32_t i = 0; i < info.modules; i++)
			if (nlfs_module(l, i, &m))
				look(m.name);
		for (uint32_t i = 0; i < info.protos; i++)
			look_proto(l, i, info.protos, info.strings);
		look_strings(l, &info);
		nlfs_identity(l, id);
		write_all(l, info.modules);
	}
	nlfs_close(l);
}
