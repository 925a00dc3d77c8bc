/* SPDX-License-Identifier: MIT */
/*
 * All that an LFS image or a compiled chunk has in it, one item a line, its fields behind tabs.
 *
 *	cc walk.c $(pkg-config --cflags --libs nodemcu-lfs) -o walk
 *	./walk lfs.img
 */
#include <inttypes.h>
#include <stdio.h>

#include <nodemcu-lfs.h>

/* Texts of a file are any bytes. */
static void put_text(struct nlfs_text text)
{
	if (!text.data)
		fputs("\tnone", stdout);
	else
		putchar('\t');
	for (size_t i = 0; i < text.len; i++)
		printf("%02x", (unsigned char)text.data[i]);
}

static void put_number(uint32_t n)
{
	if (n == NLFS_NONE)
		fputs("\tnone", stdout);
	else
		printf("\t%" PRIu32, n);
}

static void put_modules(const struct nlfs *l)
{
	struct nlfs_module m;

	for (uint32_t i = 0; nlfs_module(l, i, &m); i++) {
		fputs("module", stdout);
		put_text(m.name);
		put_number(m.proto);
		printf("\t%" PRIu32 "\n", m.size);
	}
}

static void put_references(const struct nlfs *l, uint32_t string)
{
	struct nlfs_reference r;

	for (uint32_t i = 0; nlfs_reference(l, string, i, &r); i++) {
		printf("reference\t%s", r.words);
		put_number(r.proto);
		put_number(r.pc);
		put_text(r.object);
		putchar('\n');
	}
}

static void put_strings(const struct nlfs *l)
{
	struct nlfs_string s;

	for (uint32_t i = 0; nlfs_string(l, i, &s); i++) {
		fputs("string", stdout);
		put_text(s.text);
		printf("\t%" PRIu32 "\t%" PRIu64 "\t%u\t%" PRIu32 "\n", s.hash, s.offset, s.uses,
		       s.refs);
		put_references(l, i);
	}
}

static void put_constant(const struct nlfs *l, const struct nlfs_constant *k)
{
	struct nlfs_string s = { .text = { 0 } };

	switch (k->type) {
	case NLFS_NIL: fputs("constant\tnil", stdout); break;
	case NLFS_BOOLEAN: printf("constant\tboolean\t%d", k->boolean); break;
	case NLFS_INTEGER: printf("constant\tinteger\t%" PRId64, k->integer); break;
	case NLFS_FLOAT: printf("constant\tnumber\t%.17g", k->number); break;
	case NLFS_STRING:
		nlfs_string(l, k->string, &s);
		fputs("constant\tstring", stdout);
		put_text(s.text);
	}
	putchar('\n');
}

/* False after a complaint. */
static bool put_code(const struct nlfs *l, uint32_t proto)
{
	struct nlfs_instruction in;
	struct nlfs_error error;
	uint8_t *text;
	size_t len;

	for (uint32_t pc = 0; nlfs_instruction(l, proto, pc, &in); pc++) {
		if (nlfs_instruction_text(l, proto, pc, &text, &len, &error)) {
			fprintf(stderr, "walk: %s\n", error.text);
			return false;
		}
		printf("instruction\t%" PRIu32 "\t%" PRIu32 "\t%s", in.word, in.line,
		       in.name ? in.name : "?");
		put_text((struct nlfs_text){ (const char *)text, len });
		putchar('\n');
		nlfs_free(text);
	}
	return true;
}

static void put_names(const struct nlfs *l, uint32_t proto)
{
	struct nlfs_upvalue u;
	struct nlfs_local v;

	for (uint32_t i = 0; nlfs_upvalue(l, proto, i, &u); i++) {
		fputs("upvalue", stdout);
		put_text(u.name);
		printf("\t%d\t%d\n", u.in_stack, u.index);
	}
	for (uint32_t i = 0; nlfs_local(l, proto, i, &v); i++) {
		fputs("local", stdout);
		put_text(v.name);
		printf("\t%" PRIu32 "\t%" PRIu32 "\n", v.start_pc, v.end_pc);
	}
}

static bool put_protos(const struct nlfs *l)
{
	struct nlfs_proto p;
	struct nlfs_constant k;

	for (uint32_t i = 0; nlfs_proto(l, i, &p); i++) {
		fputs("function", stdout);
		put_number(i);
		put_number(p.parent);
		put_number(p.module);
		put_text(p.source);
		printf("\t%" PRIu32 "\t%" PRIu32 "\t%d\t%d\t%d\t%d\t%" PRIu64 "\n", p.line_first,
		       p.line_last, p.params, p.vararg, p.stack, p.used_upvalues, p.offset);
		for (uint32_t c = 0; c < p.children; c++) {
			fputs("child", stdout);
			put_number(nlfs_child(l, i, c));
			putchar('\n');
		}
		for (uint32_t c = 0; nlfs_constant(l, i, c, &k); c++)
			put_constant(l, &k);
		if (!put_code(l, i))
			return false;
		put_names(l, i);
	}
	return true;
}

static void put_head(const struct nlfs *l)
{
	struct nlfs_info info;
	struct nlfs_error note;
	uint8_t identity[32];

	if (!nlfs_info(l, &info) || !nlfs_identity(l, identity))
		return;
	printf("file\t%s\t%d\t%" PRId64 "\t", info.format, info.lua, info.time);
	for (size_t i = 0; i < sizeof(identity); i++)
		printf("%02x", identity[i]);
	putchar('\n');
	for (uint32_t i = 0; nlfs_note(l, i, &note); i++)
		printf("note\t%" PRIu64 "\t%s\t%s\n", note.offset, note.path, note.text);
}

int main(int argc, char **argv)
{
	struct nlfs_error error;
	struct nlfs *l;
	int status = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: walk FILE\n");
		return 2;
	}
	if (nlfs_load_file(argv[1], &l, &error)) {
		fprintf(stderr, "walk: %s: %s\n", argv[1], error.text);
		status = 1;
	}
	if (l && nlfs_study(l, &error)) {
		fprintf(stderr, "walk: %s: %s\n", argv[1], error.text);
		status = 1;
	}
	if (l) {
		put_head(l);
		put_modules(l);
		put_strings(l);
		status |= !put_protos(l);
	}
	nlfs_close(l);
	return fflush(stdout) || ferror(stdout) ? 1 : status;
}
