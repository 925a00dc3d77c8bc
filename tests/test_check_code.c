/* SPDX-License-Identifier: MIT */
/*
 * Instructions that no compiler makes. By hand for each rule, and by putting operands of compiled
 * code out of range one after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/lua/check_parts.h"
#include "common/lua/ops.h"
#include "tests/util_code.h"
#include "tests/util_golden.h"

enum { STACK = 8, WORDS = 8 };

#define ABC(op, a, b, c) \
	((uint32_t)(op) | (uint32_t)(a) << 6 | (uint32_t)(c) << 14 | (uint32_t)(b) << 23)
#define ABX(op, a, bx)   ((uint32_t)(op) | (uint32_t)(a) << 6 | (uint32_t)(bx) << 14)
#define ASBX(op, a, sbx) ABX(op, a, (sbx) + 131071)
#define AX(op, ax)       ((uint32_t)(op) | (uint32_t)(ax) << 6)
#define K(n)             (256 + (n))

/*
 * A function of 8 registers with ..., an upvalue, the constants "name" and 1, and a function inside
 * with two upvalues. "RETURN 0 1" is put behind the words. at: the instruction at fault.
 */
struct row {
	uint32_t words[WORDS];
	uint32_t n, at;
	const char *cause; /* of the first finding; NULL: nothing is wrong */
	uint32_t more;     /* findings behind it */
};

/* clang-format off */
static const struct row rows51[] = {
	{ { ABC(0, 7, 0, 0) }, 1, 0, NULL, 0 },
	{ { ABC(0, 8, 0, 0) }, 1, 0, "MOVE: register 8 of 8 (", 0 },
	{ { ABC(0, 0, 8, 0) }, 1, 0, "MOVE: register 8 of 8 (", 0 },
	{ { ABC(0, 0, 0, 1) }, 1, 0, "MOVE: unused operand C is 1", 0 },
	{ { 38 }, 1, 0, "instruction: there is no opcode 38", 0 },
	{ { 63 }, 1, 0, "instruction: there is no opcode 63", 0 },
	{ { ABX(1, 0, 2) }, 1, 0, "LOADK: constant 2 of 2", 0 },
	{ { ABC(2, 0, 2, 0) }, 1, 0, "LOADBOOL: flag B is 2", 0 },
	{ { ABC(2, 0, 1, 1), ABC(2, 0, 0, 0) }, 2, 0, NULL, 0 },
	{ { ABC(2, 0, 1, 1) }, 1, 0, "LOADBOOL: leads out of the function, to instruction 3 ", 0 },
	{ { ABC(3, 2, 1, 0) }, 1, 0, "LOADNIL: from register 2 to 1", 0 },
	{ { ABC(4, 0, 0, 0) }, 1, 0, NULL, 0 },
	{ { ABC(4, 0, 1, 0) }, 1, 0, "GETUPVAL: upvalue 1 of 1", 0 },
	{ { ABC(8, 0, 1, 0) }, 1, 0, "SETUPVAL: upvalue 1 of 1", 0 },
	{ { ABX(5, 0, 0) }, 1, 0, NULL, 0 },
	{ { ABX(5, 0, 1) }, 1, 0, "GETGLOBAL: constant 1 is no string", 0 },
	{ { ABX(7, 0, 1) }, 1, 0, "SETGLOBAL: constant 1 is no string", 0 },
	{ { ABC(6, 0, 0, K(1)) }, 1, 0, NULL, 0 },
	{ { ABC(6, 0, 0, K(2)) }, 1, 0, "GETTABLE: constant 2 of 2", 0 },
	{ { ABC(9, 0, K(2), 0) }, 1, 0, "SETTABLE: constant 2 of 2", 0 },
	{ { ABC(12, 0, 9, K(0)) }, 1, 0, "ADD: register 9 of 8", 0 },
	{ { ABC(10, 0, 40, 0) }, 1, 0, NULL, 0 },
	{ { ABC(10, 0, 255, 0) }, 1, 0, "NEWTABLE: room for 16106127360 items", 0 },
	{ { ABC(10, 0, 0, 300) }, 1, 0, "NEWTABLE: room for ", 0 },
	{ { ABC(11, 6, 0, K(0)) }, 1, 0, NULL, 0 },
	{ { ABC(11, 7, 0, K(0)) }, 1, 0, "SELF: register 8 of 8", 0 },
	{ { ABC(11, 0, 0, K(1)) }, 1, 0, "SELF: constant 1 is no string", 0 },
	{ { ABC(21, 0, 1, 2) }, 1, 0, NULL, 0 },
	{ { ABC(21, 0, 1, 1) }, 1, 0, "CONCAT: from register 1 to 1", 0 },
	{ { ASBX(22, 0, -1) }, 1, 0, NULL, 0 },
	{ { ASBX(22, 0, -2) }, 1, 0, "JMP: leads out of the function, to instruction 0 of 2", 0 },
	{ { ASBX(22, 0, 1) }, 1, 0, "JMP: leads out of the function, to instruction 3 of 2", 0 },
	{ { ASBX(22, 1, 0) }, 1, 0, "JMP: unused operand A is 1", 0 },
	{ { ABC(23, 1, 0, K(0)), ASBX(22, 0, 0) }, 2, 0, NULL, 0 },
	{ { ABC(23, 2, 0, K(0)), ASBX(22, 0, 0) }, 2, 0, "EQ: flag A is 2", 0 },
	{ { ABC(24, 0, 0, 0), ABC(0, 0, 0, 0) }, 2, 0, "LT: no JMP behind it", 0 },
	{ { ABC(25, 0, 0, 0) }, 1, 0, "LE: no JMP behind it", 0 },
	{ { ABC(26, 0, 0, 2), ASBX(22, 0, 0) }, 2, 0, "TEST: flag C is 2", 0 },
	{ { ABC(27, 0, 1, 1), ABC(0, 0, 0, 0) }, 2, 0, "TESTSET: no JMP behind it", 0 },
	{ { ABC(28, 0, 8, 9) }, 1, 0, NULL, 0 },
	{ { ABC(28, 0, 9, 1) }, 1, 0, "CALL: register 8 of 8", 0 },
	{ { ABC(28, 0, 1, 10) }, 1, 0, "CALL: register 8 of 8", 0 },
	{ { ABC(28, 0, 0, 1) }, 1, 0, "CALL: nothing before it leaves open results", 0 },
	{ { ABC(28, 0, 1, 0) }, 1, 0, "CALL: nothing behind it takes its open results", 0 },
	{ { ABC(28, 1, 1, 0), ABC(28, 0, 0, 1) }, 2, 0, NULL, 0 },
	{ { ABC(28, 1, 1, 0), ABC(28, 1, 0, 1) }, 2, 1,
	  "CALL: the open results begin in register 1, below its own", 0 },
	{ { ABC(28, 1, 1, 0), ABC(30, 1, 0, 0) }, 2, 0, NULL, 0 },
	{ { ABC(29, 0, 1, 0), ABC(30, 0, 0, 0) }, 2, 0, NULL, 0 },
	{ { ABC(29, 0, 1, 1), ABC(30, 0, 1, 0) }, 2, 0, "TAILCALL: C is 1, not 0", 0 },
	{ { ABC(29, 0, 1, 0), ABC(0, 0, 0, 0) }, 2, 0, "TAILCALL: no RETURN of its results", 0 },
	{ { ABC(30, 0, 9, 0) }, 1, 0, NULL, 0 },
	{ { ABC(30, 0, 10, 0) }, 1, 0, "RETURN: register 8 of 8", 0 },
	{ { ABC(30, 0, 0, 0) }, 1, 0, "RETURN: nothing before it leaves open results", 0 },
	{ { ASBX(32, 0, 0), ASBX(31, 0, -1) }, 2, 0, NULL, 0 },
	{ { ASBX(32, 5, 0), ASBX(31, 5, -1) }, 2, 0, "FORPREP: register 8 of 8", 1 },
	{ { ASBX(32, 0, 1), ASBX(31, 0, -1) }, 2, 0, "FORPREP: does not lead to its FORLOOP", 0 },
	{ { ASBX(32, 0, 0), ASBX(31, 0, 0) }, 2, 1, "FORLOOP: does not lead to its FORPREP", 0 },
	{ { ABC(33, 0, 0, 2), ASBX(22, 0, -2) }, 2, 0, NULL, 0 },
	{ { ABC(33, 0, 0, 0), ASBX(22, 0, -2) }, 2, 0, "TFORLOOP: no results", 0 },
	{ { ABC(33, 3, 0, 2), ASBX(22, 0, -2) }, 2, 0, "TFORLOOP: register 8 of 8", 0 },
	{ { ABC(33, 0, 0, 6), ASBX(22, 0, -2) }, 2, 0, "TFORLOOP: register 8 of 8", 0 },
	{ { ABC(33, 0, 0, 2) }, 1, 0, "TFORLOOP: no JMP behind it", 0 },
	{ { ABC(34, 0, 7, 1) }, 1, 0, NULL, 0 },
	{ { ABC(34, 0, 8, 1) }, 1, 0, "SETLIST: register 8 of 8", 0 },
	{ { ABC(34, 0, 0, 1) }, 1, 0, "SETLIST: nothing before it leaves open results", 0 },
	{ { ABC(37, 1, 0, 0), ABC(34, 0, 0, 1) }, 2, 0, NULL, 0 },
	{ { ABC(34, 0, 1, 3) }, 1, 0, "SETLIST: block 3 of items in a function of 2 ", 0 },
	{ { ABC(34, 0, 1, 0), 5 }, 2, 0, "SETLIST: block 5 in a word of its own", 0 },
	{ { ABC(34, 0, 1, 0), 512 }, 2, 0, "SETLIST: block 512 of items in a function of 3 ", 0 },
	{ { ABC(34, 0, 1, 0) }, 1, 0, "SETLIST: no block and no instruction behind it", 1 },
	{ { ABC(35, 8, 0, 0) }, 1, 0, "CLOSE: register 8 of 8", 0 },
	{ { ABX(36, 0, 0), ABC(0, 0, 7, 0), ABC(4, 0, 0, 0) }, 3, 0, NULL, 0 },
	{ { ABX(36, 0, 1) }, 1, 0, "CLOSURE: function 1 of 1", 0 },
	{ { ABX(36, 0, 0), ABC(0, 0, 8, 0), ABC(4, 0, 0, 0) }, 3, 1,
	  "CLOSURE: captures register 8 of 8", 0 },
	{ { ABX(36, 0, 0), ABC(0, 0, 0, 0), ABC(4, 0, 1, 0) }, 3, 2,
	  "CLOSURE: captures upvalue 1 of 1", 0 },
	{ { ABX(36, 0, 0), ABC(0, 1, 0, 0), ABC(4, 0, 0, 0) }, 3, 1,
	  "CLOSURE: unused operand of a capture is 1", 0 },
	{ { ABX(36, 0, 0), ABC(0, 0, 0, 0), ABC(6, 0, 0, 0) }, 3, 2,
	  "CLOSURE: instruction 3 captures no upvalue", 0 },
	{ { ASBX(22, 0, 2), ABX(36, 0, 0), ABC(0, 0, 0, 0), ABC(4, 0, 0, 0) }, 4, 0,
	  "JMP: leads into another instruction, to 4", 0 },
	{ { ABC(37, 0, 9, 0) }, 1, 0, NULL, 0 },
	{ { ABC(37, 0, 10, 0) }, 1, 0, "VARARG: register 8 of 8", 0 },
	{ { ABC(37, 0, 0, 0) }, 1, 0, "VARARG: nothing behind it takes its open results", 0 },
};

static const struct row rows53[] = {
	{ { AX(46, 0) }, 1, 0, "EXTRAARG: belongs to no instruction", 0 },
	{ { 47 }, 1, 0, "instruction: there is no opcode 47", 0 },
	{ { ABX(2, 0, 0), AX(46, 1) }, 2, 0, NULL, 0 },
	{ { ABX(2, 0, 0), AX(46, 2) }, 2, 0, "LOADKX: constant 2 of 2", 0 },
	{ { ABX(2, 0, 1), AX(46, 1) }, 2, 0, "LOADKX: unused operand B is 1", 0 },
	{ { ABX(2, 0, 0), ABC(0, 0, 0, 0) }, 2, 0, "LOADKX: no EXTRAARG behind it", 0 },
	{ { ABC(3, 0, 0, 1), ABX(2, 0, 0), AX(46, 1) }, 3, 0,
	  "LOADBOOL: leads into another instruction, to 3", 0 },
	{ { ABC(4, 0, 7, 0) }, 1, 0, NULL, 0 },
	{ { ABC(4, 1, 7, 0) }, 1, 0, "LOADNIL: register 8 of 8", 0 },
	{ { ABC(6, 0, 0, K(1)) }, 1, 0, NULL, 0 },
	{ { ABC(6, 0, 1, K(0)) }, 1, 0, "GETTABUP: upvalue 1 of 1", 0 },
	{ { ABC(8, 1, K(0), 0) }, 1, 0, "SETTABUP: upvalue 1 of 1", 0 },
	{ { ABC(12, 0, 0, K(1)) }, 1, 0, "SELF: constant 1 is no string", 0 },
	{ { ABC(26, 0, 1, 1) }, 1, 0, "BNOT: unused operand C is 1", 0 },
	{ { ASBX(30, 8, 0) }, 1, 0, NULL, 0 },
	{ { ASBX(30, 9, 0) }, 1, 0, "JMP: register 8 of 8", 0 },
	{ { ASBX(30, 0, 1), ABX(2, 0, 0), AX(46, 1) }, 3, 0,
	  "JMP: leads into another instruction, to 3", 0 },
	{ { ABC(34, 0, 1, 1), ASBX(30, 0, 0) }, 2, 0, "TEST: unused operand B is 1", 0 },
	{ { ASBX(30, 0, 0), ABC(41, 0, 0, 1), ASBX(42, 2, -3) }, 3, 0, NULL, 0 },
	{ { ABC(41, 0, 0, 0), ASBX(42, 2, -2) }, 2, 0, "TFORCALL: no results", 0 },
	{ { ABC(41, 0, 0, 1), ASBX(42, 1, -2) }, 2, 0, "TFORCALL: no TFORLOOP of its results", 0 },
	{ { ABC(41, 3, 0, 1), ASBX(42, 5, -2) }, 2, 0, "TFORCALL: register 8 of 8", 0 },
	{ { ASBX(42, 2, -1) }, 1, 0, "TFORLOOP: no TFORCALL before it", 0 },
	{ { ABC(43, 0, 1, 0), AX(46, 5) }, 2, 0, "SETLIST: block 5 in a word of its own", 0 },
	{ { ABC(43, 0, 1, 0), ABC(0, 0, 0, 0) }, 2, 0, "SETLIST: no EXTRAARG behind it", 0 },
	{ { ABX(44, 0, 0) }, 1, 0, NULL, 0 },
	{ { ABX(44, 0, 1) }, 1, 0, "CLOSURE: function 1 of 1", 0 },
	{ { ABC(45, 0, 0, 0), ABC(38, 0, 0, 0) }, 2, 0, NULL, 0 },
	{ { ABC(37, 0, 1, 0), ABC(38, 1, 0, 0) }, 2, 0, "TAILCALL: no RETURN of its results", 1 },
};
/* clang-format on */

struct made {
	struct code code;
	struct lua_book book;
	uint32_t lines[64], code_first[CODE_PROTOS_MAX];
	struct check_report r;
};

static void make(struct made *m, enum lua_version version, const struct row *row)
{
	struct code *c = &m->code;

	memset(m, 0, sizeof(*m));
	code_init(c, version);
	code_proto(c, LUA_NONE);
	code_upvalue(c, true, 0);
	code_string(c, "name");
	code_number(c, 1);
	for (uint32_t i = 0; i < row->n; i++)
		code_word(c, row->words[i]);
	code_abc(c, version == LUA_51 ? 30 : 38, 0, 1, 0);
	code_proto(c, 0);
	code_upvalue(c, true, 0);
	code_upvalue(c, true, 0);
	code_abc(c, version == LUA_51 ? 30 : 38, 0, 1, 0);
	code_done(c);
	c->protos[0].stack = c->protos[1].stack = STACK;
	c->protos[0].vararg = 2;
	c->img.bytes = c->bytes;
	c->img.nbytes = sizeof(c->bytes);
	m->book.img = &c->img;
	m->book.lines = m->lines;
	m->book.code_first = m->code_first;
}

static void check_row(enum lua_version version, const struct row *row, unsigned number)
{
	struct made *m = malloc(sizeof(*m));
	char what[60], path[40];

	assert_non_null(m);
	make(m, version, row);
	check_code(&m->book, &m->r);
	snprintf(what, sizeof(what), "Lua %d, row %u", version, number);
	golden_same(what, m->r.count ? m->r.findings[0].cause : "findings", m->r.count,
		    row->cause ? 1 + row->more : 0);
	if (row->cause) {
		snprintf(path, sizeof(path), "proto[0].code[%u]", (unsigned)row->at);
		assert_string_equal(m->r.findings[0].path, path);
		assert_int_equal(m->r.findings[0].off, 4 * row->at);
		assert_int_equal(m->r.findings[0].level, CHECK_ERROR);
		if (strncmp(m->r.findings[0].cause, row->cause, strlen(row->cause)) != 0)
			fail_msg("%s: %s, not %s", what, m->r.findings[0].cause, row->cause);
	}
	check_free(&m->r);
	free(m);
}

static void each_rule_finds_its_instruction_and_no_other(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(rows51) / sizeof(rows51[0]); i++)
		check_row(LUA_51, &rows51[i], i);
	for (unsigned i = 0; i < sizeof(rows53) / sizeof(rows53[0]); i++)
		check_row(LUA_53, &rows53[i], i);
}

static void a_function_ends_in_return(void **state)
{
	static const struct row row = { { ABC(0, 0, 0, 0) }, 1, 0, NULL, 0 };
	struct made *m = malloc(sizeof(*m));

	(void)state;
	assert_non_null(m);
	make(m, LUA_51, &row);
	m->code.protos[0].ncode = 1;
	check_code(&m->book, &m->r);
	assert_int_equal(m->r.count, 1);
	assert_non_null(strstr(m->r.findings[0].cause, "does not end in RETURN"));
	check_free(&m->r);
	m->code.protos[0].ncode = 0;
	check_code(&m->book, &m->r);
	assert_int_equal(m->r.count, 1);
	assert_string_equal(m->r.findings[0].path, "proto[0].sizecode");
	check_free(&m->r);
	free(m);
}

static void extra_arguments_need_a_function_that_takes_them(void **state)
{
	static const struct row row = { { ABC(37, 0, 1, 0) }, 1, 0, NULL, 0 };
	static const uint8_t without[] = { 0, 1, 7 };
	struct made *m = malloc(sizeof(*m));

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < sizeof(without); i++) {
		make(m, LUA_51, &row);
		m->code.protos[0].vararg = without[i];
		check_code(&m->book, &m->r);
		assert_int_equal(m->r.count, 1);
		assert_non_null(strstr(m->r.findings[0].cause, "has no extra arguments"));
		check_free(&m->r);
	}
	free(m);
}

/* Compiled code, whose words are changed in place. */

enum { A_SHIFT = 6, C_SHIFT = 14, B_SHIFT = 23 };
static const uint32_t masks[] = { 0xffu << A_SHIFT, 0x1ffu << B_SHIFT, 0x1ffu << C_SHIFT,
				  0x3ffffu << C_SHIFT };
enum field { FIELD_A, FIELD_B, FIELD_C, FIELD_BX };

static void put_word(struct lua_image *img, const struct lua_proto *p, uint32_t pc, uint32_t word)
{
	uint8_t *at = img->store.data + (p->code - img->bytes) + 4 * (size_t)pc;

	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

/* The word with all bits of the field set, which is out of any range that compilers use. */
static void check_flip(struct lua_book *book, uint32_t proto, uint32_t pc, enum field field)
{
	const struct lua_proto *p = &book->img->protos[proto];
	struct check_report r = { 0 };
	uint32_t word = lua_word(p, pc);
	char path[48];
	uint32_t hits = 0;

	if ((word & masks[field]) == masks[field])
		return;
	put_word(book->img, p, pc, word | masks[field]);
	check_code(book, &r);
	snprintf(path, sizeof(path), "proto[%u].code[%u]", (unsigned)proto, (unsigned)pc);
	for (uint32_t i = 0; i < r.count; i++)
		hits += r.findings[i].level == CHECK_ERROR && strcmp(r.findings[i].path, path) == 0;
	if (!hits)
		fail_msg("%s: %s, word %08x: nothing is found", book->file, path,
			 (unsigned)(word | masks[field]));
	check_free(&r);
	put_word(book->img, p, pc, word);
}

static void check_flips(struct lua_book *book, uint32_t proto, uint32_t pc)
{
	const struct lua_proto *p = &book->img->protos[proto];
	const struct lua_dialect *d = lua_dialect_of(book->img->traits.version);
	struct lua_insn i = lua_decode(d, lua_word(p, pc));

	check_flip(book, proto, pc, FIELD_A);
	if (i.op->mode != LUA_ABC) {
		check_flip(book, proto, pc, FIELD_BX);
		return;
	}
	check_flip(book, proto, pc, FIELD_B);
	check_flip(book, proto, pc, FIELD_C);
}

static void flip_all(const char *path)
{
	struct file f = golden_file(path);
	struct check_report r = { 0 };
	struct lua_book book;

	assert_int_equal(lua_book_open(&book, path, f.data, f.len), ERR_NONE);
	for (uint32_t i = 0; i < book.img->nprotos; i++)
		for (uint32_t pc = 0; pc < book.img->protos[i].ncode; pc++)
			check_flips(&book, i, pc);
	check_code(&book, &r);
	assert_int_equal(r.count, 0);
	lua_book_close(&book);
	file_close(&f);
}

static void every_operand_out_of_range_is_found(void **state)
{
	(void)state;
	flip_all("tests/golden/img/app-51i.img");
	flip_all("tests/golden/img/app-53.img");
	flip_all("tests/golden/img/ops53-53d.img");
	flip_all("tests/golden/lc/control-51f.lc");
	flip_all("tests/golden/lc/control-53.lc");
}

static void every_unknown_opcode_is_found(void **state)
{
	struct file f = golden_file("tests/golden/img/app-53.img");
	struct lua_book book;

	(void)state;
	assert_int_equal(lua_book_open(&book, "app", f.data, f.len), ERR_NONE);
	for (uint32_t i = 0; i < book.img->nprotos; i++) {
		const struct lua_proto *p = &book.img->protos[i];

		for (uint32_t pc = 0; pc < p->ncode; pc++) {
			struct check_report r = { 0 };
			uint32_t word = lua_word(p, pc);

			put_word(book.img, p, pc, word | 0x3f);
			check_code(&book, &r);
			assert_true(r.bad);
			check_free(&r);
			put_word(book.img, p, pc, word);
		}
	}
	lua_book_close(&book);
	file_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_finds_its_instruction_and_no_other),
		cmocka_unit_test(a_function_ends_in_return),
		cmocka_unit_test(extra_arguments_need_a_function_that_takes_them),
		cmocka_unit_test(every_operand_out_of_range_is_found),
		cmocka_unit_test(every_unknown_opcode_is_found),
	};

	return cmocka_run_group_tests_name("check_code", tests, NULL, NULL);
}
