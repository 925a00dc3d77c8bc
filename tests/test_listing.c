/* SPDX-License-Identifier: MIT */
/* The listing against luac.cross -l -l, and what it makes of code that no compiler wrote. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/listing.h"
#include "tests/util_code.h"
#include "tests/util_golden.h"

/* How a listing is to be written: 53-debug2 has no images, those of 53 differ by the lines only. */
struct style {
	const struct lua_image *img;
	bool no_lines;
};

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

static void write_header(const struct style *s, uint32_t proto, struct buf *out)
{
	const struct lua_proto *p = &s->img->protos[proto];
	bool is51 = s->img->traits.version == LUA_51;
	uint32_t nups = is51 ? p->nups : p->upvalues.count;

	buf_byte(out, '\n');
	lua_proto_title(s->img, proto, out);
	buf_printf(out, " (%u instruction%s", p->ncode, plural(p->ncode));
	if (is51)
		buf_printf(out, ", %u bytes", 4 * p->ncode);
	buf_printf(out, " at PTR)\n%u%s param%s, %u slot%s, %u upvalue%s, ", p->params,
		   p->vararg ? "+" : "", plural(p->params), p->stack, plural(p->stack), nups,
		   plural(nups));
	buf_printf(out, "%u local%s, %u constant%s, %u function%s\n", p->locals.count,
		   plural(p->locals.count), p->constants.count, plural(p->constants.count),
		   p->children.count, plural(p->children.count));
}

static void write_comment(const struct style *s, uint32_t proto, uint32_t pc,
			  const struct lua_insn *insn, struct buf *out)
{
	struct buf comment = { 0 }, title = { 0 };
	const struct lua_slice *children = &s->img->protos[proto].children;

	lua_comment(s->img, proto, pc, &comment);
	if (strcmp(insn->op->name, "CLOSURE") == 0) {
		lua_proto_title(s->img, s->img->children[children->first + (uint32_t)insn->bx],
				&title);
		golden_same_bytes("closure", "comment", comment.data, comment.len, title.data,
				  title.len);
		buf_str(out, "\t; PTR");
	} else if (comment.len) {
		buf_str(out, "\t; ");
		buf_put(out, comment.data, comment.len);
	}
	buf_free(&comment);
	buf_free(&title);
}

static void write_code(const struct style *s, uint32_t proto, struct buf *out)
{
	const struct lua_proto *p = &s->img->protos[proto];
	uint32_t *lines = calloc(p->ncode + 1, sizeof(*lines));
	uint32_t covered = lua_lines(s->img, p, lines);

	if (p->lineinfo)
		golden_same("lines", "instructions covered", covered, p->ncode);
	for (uint32_t pc = 0; pc < p->ncode; pc++) {
		struct lua_insn insn = lua_decode(lua_dialect_of(s->img->traits.version),
						  lua_word(p, pc));

		if (lua_is_extra_word(s->img, proto, pc))
			continue;
		buf_printf(out, "\t%u\t", pc + 1);
		if (lines[pc] && !s->no_lines)
			buf_printf(out, "[%u]", lines[pc]);
		else
			buf_str(out, "[-]");
		buf_printf(out, "\t%-9s\t", insn.op->name);
		lua_operands(s->img, &insn, out);
		write_comment(s, proto, pc, &insn, out);
		buf_byte(out, '\n');
	}
	free(lines);
}

static void write_string(const struct lua_image *img, uint32_t string, struct buf *out)
{
	if (string == LUA_NONE)
		buf_byte(out, '-');
	else
		buf_put(out, img->strings[string].text, img->strings[string].len);
}

static void write_upvalues(const struct lua_image *img, const struct lua_proto *p, struct buf *out)
{
	buf_printf(out, "upvalues (%u) for PTR:\n", p->upvalues.count);
	for (uint32_t i = 0; i < p->upvalues.count; i++) {
		const struct lua_upvalue *u = &img->upvalues[p->upvalues.first + i];
		bool instack = u->instack;

		/* The one thing that luac -f changes: instack of a module's _ENV. */
		if (img->traits.form != LUA_FORM_CHUNK && p->parent == LUA_NONE)
			instack = true;
		buf_printf(out, "\t%u\t", i);
		write_string(img, u->name, out);
		if (img->traits.version == LUA_53)
			buf_printf(out, "\t%u\t%u", instack, u->index);
		buf_byte(out, '\n');
	}
}

static void write_debug(const struct lua_image *img, const struct lua_proto *p, struct buf *out)
{
	buf_printf(out, "constants (%u) for PTR:\n", p->constants.count);
	for (uint32_t i = 0; i < p->constants.count; i++) {
		buf_printf(out, "\t%u\t", i + 1);
		lua_constant_text(img, &img->constants[p->constants.first + i], out);
		buf_byte(out, '\n');
	}
	buf_printf(out, "locals (%u) for PTR:\n", p->locals.count);
	for (uint32_t i = 0; i < p->locals.count; i++) {
		const struct lua_local *l = &img->locals[p->locals.first + i];

		buf_printf(out, "\t%u\t", i);
		write_string(img, l->name, out);
		buf_printf(out, "\t%u\t%u\n", l->start_pc + 1, l->end_pc + 1);
	}
	write_upvalues(img, p, out);
}

/* As luac prints a function and then those inside it. */
static void write_proto(const struct style *s, uint32_t proto, struct buf *out)
{
	const struct lua_proto *p = &s->img->protos[proto];

	write_header(s, proto, out);
	write_code(s, proto, out);
	write_debug(s->img, p, out);
	for (uint32_t i = 0; i < p->children.count; i++)
		write_proto(s, s->img->children[p->children.first + i], out);
}

static void compare_text(const char *path, const struct file *want, const struct buf *got)
{
	size_t same = 0, start, end;

	while (same < want->len && same < got->len && want->data[same] == got->data[same])
		same++;
	if (same == want->len && same == got->len)
		return;
	for (start = same; start > 0 && want->data[start - 1] != '\n'; start--)
		;
	for (end = same; end < got->len && got->data[end] != '\n'; end++)
		;
	fail_msg("%s: byte %zu: \"%.*s\"", path, same, (int)(end - start), got->data + start);
}

static bool compare_module(const char *img_path, const char *module, const char *lst, bool no_lines)
{
	struct lua_image *img;
	struct style style = { .no_lines = no_lines };
	struct file want;
	struct buf got = { 0 };
	bool found = false;

	img = golden_load(img_path);
	style.img = img;
	want = golden_file(lst);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		const struct lua_module *m = &img->modules[i];
		const struct lua_string *name = m->name == LUA_NONE ? NULL : &img->strings[m->name];

		if (name &&
		    (name->len != strlen(module) || memcmp(name->text, module, name->len) != 0))
			continue;
		got.len = 0;
		write_proto(&style, m->proto, &got);
		compare_text(img_path, &want, &got);
		found = true;
	}
	buf_free(&got);
	file_close(&want);
	lua_image_free(img);
	return found;
}

/* Compares a listing with each image of a build that holds its module; counts them. */
static unsigned compare_images(const char *lst, const char *module, const char *build,
			       bool no_lines)
{
	static const char *const variants[] = { "", "-abs", "-strip" };
	/* -s takes names out of 5.3 images. */
	size_t nvariants = strncmp(build, "51", 2) == 0 ? 3 : 2;
	char pattern[200];
	unsigned n = 0;
	glob_t found;

	for (size_t v = 0; v < nvariants; v++) {
		snprintf(pattern, sizeof(pattern), "tests/golden/img/*-%s%s.img", build,
			 variants[v]);
		if (glob(pattern, 0, NULL, &found) != 0)
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			n += compare_module(found.gl_pathv[i], module, lst, no_lines);
		globfree(&found);
	}
	return n;
}

/* luac.cross stopped while it wrote this one: it ends inside a constant. */
static bool is_cut(const char *chunk)
{
	return strcmp(chunk, "tests/golden/lc/numbers-51i.lc") == 0;
}

static void check_listing(const char *lst)
{
	char module[64], build[64], chunk[200];
	const char *name = strrchr(lst, '/') + 1, *dash = strchr(name, '-');
	unsigned n = 0;

	snprintf(module, sizeof(module), "%.*s", (int)(dash - name), name);
	snprintf(build, sizeof(build), "%.*s", (int)(strrchr(dash, '.') - dash - 1), dash + 1);
	if (golden_sibling(lst, "lc", ".lc", chunk, sizeof(chunk)) && !is_cut(chunk))
		n += compare_module(chunk, module, lst, false);
	if (strcmp(build, "53-debug2") == 0)
		n += compare_images(lst, module, "53", true);
	else
		n += compare_images(lst, module, build, false);
	if (strcmp(build, "51f") == 0)
		n += compare_images(lst, module, "51-2018[ab]-[fp]*", false);
	else if (strcmp(build, "51i") == 0)
		n += compare_images(lst, module, "51-2018[ab]-int", false);
	if (n == 0)
		fail_msg("%s: nothing to compare with", lst);
}

static void listings_of_all_builds_agree_with_luac(void **state)
{
	(void)state;
	golden_each("tests/golden/lst/*.txt", check_listing);
}

/* lopcodes.h of both versions. */
static const char *const names51 =
	"MOVE LOADK LOADBOOL LOADNIL GETUPVAL GETGLOBAL GETTABLE SETGLOBAL SETUPVAL SETTABLE "
	"NEWTABLE SELF ADD SUB MUL DIV MOD POW UNM NOT LEN CONCAT JMP EQ LT LE TEST TESTSET CALL "
	"TAILCALL RETURN FORLOOP FORPREP TFORLOOP SETLIST CLOSE CLOSURE VARARG ";
static const char *const names53 =
	"MOVE LOADK LOADKX LOADBOOL LOADNIL GETUPVAL GETTABUP GETTABLE SETTABUP SETUPVAL SETTABLE "
	"NEWTABLE SELF ADD SUB MUL MOD POW DIV IDIV BAND BOR BXOR SHL SHR UNM BNOT NOT LEN CONCAT "
	"JMP EQ LT LE TEST TESTSET CALL TAILCALL RETURN FORLOOP FORPREP TFORCALL TFORLOOP SETLIST "
	"CLOSURE VARARG EXTRAARG ";

static void opcodes_stand_in_lua_s_order(void **state)
{
	static const enum lua_version versions[] = { LUA_51, LUA_53 };
	struct buf text = { 0 };

	(void)state;
	for (unsigned v = 0; v < 2; v++) {
		const struct lua_dialect *d = lua_dialect_of(versions[v]);
		const char *want = v ? names53 : names51;

		text.len = 0;
		for (unsigned i = 0; i < d->nops; i++)
			buf_printf(&text, "%s ", d->ops[i].name);
		golden_same_bytes(d->name, "names", text.data, text.len, want, strlen(want));
	}
	buf_free(&text);
}

static void expect(struct code *c, uint32_t pc, const char *operands, const char *comment)
{
	struct lua_insn insn = lua_decode(lua_dialect_of(c->img.traits.version),
					  lua_word(&c->protos[0], pc));
	struct buf b = { 0 };

	lua_operands(&c->img, &insn, &b);
	golden_same_bytes(comment, "operands", b.data, b.len, operands, strlen(operands));
	b.len = 0;
	lua_comment(&c->img, 0, pc, &b);
	golden_same_bytes(operands, "comment", b.data, b.len, comment, strlen(comment));
	buf_free(&b);
}

/* The encodings are of Lua 5.1.5's luac for a list of 25,601 items. */
static void setlist_takes_its_count_from_the_next_word_in_5_1(void **state)
{
	struct code c;

	(void)state;
	code_init(&c, LUA_51);
	code_proto(&c, LUA_NONE);
	code_abc(&c, 34, 0, 1, 0);
	code_word(&c, 513);
	code_abc(&c, 34, 0, 1, 0);
	code_word(&c, 34); /* data that looks like SETLIST 0 0 0 */
	code_abc(&c, 30, 0, 1, 0);
	code_done(&c);
	expect(&c, 0, "0 1 0", "513");
	expect(&c, 2, "0 1 0", "34");
	assert_false(lua_is_extra_word(&c.img, 0, 0));
	assert_true(lua_is_extra_word(&c.img, 0, 1));
	assert_false(lua_is_extra_word(&c.img, 0, 2));
	assert_true(lua_is_extra_word(&c.img, 0, 3));
	assert_false(lua_is_extra_word(&c.img, 0, 4));
}

static void extra_arguments_belong_to_the_instruction_before_in_5_3(void **state)
{
	struct code c;

	(void)state;
	code_init(&c, LUA_53);
	code_proto(&c, LUA_NONE);
	code_abx(&c, 2, 7, 0); /* LOADKX */
	code_ax(&c, 46, 1);
	code_abc(&c, 43, 0, 1, 0); /* SETLIST */
	code_ax(&c, 46, 513);
	code_abx(&c, 2, 7, 0);
	code_number(&c, 1);
	code_string(&c, "key\n\"\x01\xff");
	code_done(&c);
	expect(&c, 0, "7", "");
	expect(&c, 1, "-2", "\"key\\n\\\"\\001\\255\"");
	expect(&c, 2, "0 1 0", "513");
	expect(&c, 3, "-514", "");
	assert_false(lua_is_extra_word(&c.img, 0, 3));
}

static void operands_that_point_nowhere_are_question_marks(void **state)
{
	struct code c;

	(void)state;
	code_init(&c, LUA_51);
	code_proto(&c, LUA_NONE);
	code_abx(&c, 1, 0, 99);        /* LOADK */
	code_abc(&c, 4, 0, 9, 0);      /* GETUPVAL */
	code_abx(&c, 5, 0, 0);         /* GETGLOBAL of a number */
	code_abc(&c, 12, 0, 257, 256); /* ADD */
	code_abx(&c, 22, 0, 131071 + 9);
	code_abx(&c, 22, 0, 0); /* JMP far back */
	code_abx(&c, 36, 0, 5); /* CLOSURE */
	code_abc(&c, 34, 0, 1, 0);
	code_number(&c, 1.5);
	code_done(&c);
	expect(&c, 0, "0 -100", "?");
	expect(&c, 1, "0 9", "?");
	expect(&c, 2, "0 -1", "?");
	expect(&c, 3, "0 -2 -1", "? 1.5");
	expect(&c, 4, "9", "to ?");
	expect(&c, 5, "-131071", "to ?");
	assert_int_equal(lua_jump_target(&c.img, 0, 4), LUA_NONE);
	expect(&c, 6, "0 5", "?");
	expect(&c, 7, "0 1 0", "?");
}

static void words_of_all_kinds_are_listed_without_harm(void **state)
{
	uint32_t seed = 1;
	struct buf b = { 0 };
	struct code c;

	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		code_init(&c, round % 2 ? LUA_53 : LUA_51);
		code_proto(&c, LUA_NONE);
		for (unsigned i = 0; i < CODE_WORDS_MAX; i++)
			code_word(&c, seed = seed * 1664525 + 1013904223);
		code_string(&c, "s");
		code_done(&c);
		for (uint32_t pc = 0; pc < c.protos[0].ncode; pc++) {
			struct lua_insn insn = lua_decode(lua_dialect_of(c.img.traits.version),
							  lua_word(&c.protos[0], pc));

			b.len = 0;
			lua_operands(&c.img, &insn, &b);
			assert_int_equal(b.len > 0, insn.op != NULL);
			lua_comment(&c.img, 0, pc, &b);
		}
	}
	buf_free(&b);
}

static uint32_t lines_of(enum lua_version version, const char *bytes, size_t n, uint32_t ncode,
			 uint32_t *out)
{
	struct lua_image img = { .traits.version = version };
	struct lua_proto p = { .lineinfo = (const uint8_t *)bytes,
			       .nlineinfo = (uint32_t)n,
			       .ncode = ncode };

	return lua_lines(&img, &p, out);
}

/* Bytes as packed by the rules of ldebug.c, by hand. */
static void packed_lines_end_early_or_late_when_damaged(void **state)
{
	uint32_t l[8];

	(void)state;
	/* line 1 twice, line 2 once; +2+3: line 7; -4: line 3 */
	assert_int_equal(lines_of(LUA_51, "\x02\x01\x83\x01\xc4\x01", 7, 5, l), 5);
	assert_int_equal(l[0], 1);
	assert_int_equal(l[1], 1);
	assert_int_equal(l[2], 2);
	assert_int_equal(l[3], 7);
	assert_int_equal(l[4], 3);
	/* a step of 0x3f + (1 << 6) + 2 */
	assert_int_equal(lines_of(LUA_51, "\xbf\x81\x01", 4, 1, l), 1);
	assert_int_equal(l[0], 0x3f + 64 + 2);
	/* short, long, cut in a step, a step without end */
	assert_int_equal(lines_of(LUA_51, "\x02", 2, 3, l), 2);
	assert_int_equal(l[2], 0);
	assert_true(lines_of(LUA_51, "\x02\x03", 3, 3, l) > 3);
	assert_int_equal(lines_of(LUA_51, "\x02\x85", 2, 3, l), 2);
	assert_int_equal(lines_of(LUA_51, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10, 1, l), 0);
	/* 7f: a fill byte or a count */
	assert_int_equal(lines_of(LUA_51, "\x01\x7f", 2, 3, l), 1);
	assert_int_equal(lines_of(LUA_53, "\x01\x7f", 2, 3, l), 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listings_of_all_builds_agree_with_luac),
		cmocka_unit_test(opcodes_stand_in_lua_s_order),
		cmocka_unit_test(setlist_takes_its_count_from_the_next_word_in_5_1),
		cmocka_unit_test(extra_arguments_belong_to_the_instruction_before_in_5_3),
		cmocka_unit_test(operands_that_point_nowhere_are_question_marks),
		cmocka_unit_test(words_of_all_kinds_are_listed_without_harm),
		cmocka_unit_test(packed_lines_end_early_or_late_when_damaged),
	};

	return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
