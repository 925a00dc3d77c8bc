/* SPDX-License-Identifier: MIT */
/* What an instruction does, told from its bytes; encodings as the ISA references give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/firmware/insn_text.h"
#include "common/firmware/insn_values.h"

enum { NO = INSN_NO_REGISTER };

static struct insn decode(enum insn_set set, uint32_t word, uint32_t address)
{
	const uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
				   (uint8_t)(word >> 24) };
	struct insn in;

	assert_true(insn_decode(set, bytes, 4, address, &in));
	return in;
}

/* The assembler at hand knows no windowed instructions; these words are from the ISA reference. */
static void windowed_calls_move_the_window(void **state)
{
	(void)state;
	struct insn in = decode(INSN_ESP32, 0x004136, 0x400d0018); /* entry a1, 32 */
	assert_int_equal(in.kind, INSN_ENTRY);
	assert_int_equal(in.from, 1);
	assert_int_equal(in.value, 32);

	in = decode(INSN_ESP32, 0x000065, 0x400d0020); /* call8 . + 8 */
	assert_int_equal(in.kind, INSN_CALL);
	assert_int_equal(in.window, 8);
	assert_int_equal(in.target, 0x400d0028);
	assert_int_equal(insn_argument(INSN_ESP32, &in, 0), 10);
	assert_int_equal(insn_argument(INSN_ESP32, &in, 1), 11);
	assert_int_equal(insn_result(INSN_ESP32, &in), 10);
	assert_true(insn_call_keeps(INSN_ESP32, &in, 7));
	assert_false(insn_call_keeps(INSN_ESP32, &in, 8));

	in = decode(INSN_ESP32, 0x0008e0, 0x400d0020); /* callx8 a8 */
	assert_int_equal(in.kind, INSN_CALL_REGISTER);
	assert_int_equal(in.window, 8);
	assert_int_equal(in.from, 8);

	in = decode(INSN_ESP32, 0xf01d, 0x400d0020); /* retw.n */
	assert_int_equal(in.kind, INSN_RETURN);
	assert_int_equal(in.len, 2);
}

static void arguments_are_where_the_abi_has_them(void **state)
{
	(void)state;
	struct insn in = decode(INSN_LX106, 0x000005, 0x40210001); /* call0, from an odd address */
	assert_int_equal(in.target, 0x40210004);
	assert_int_equal(insn_argument(INSN_LX106, &in, 1), 3);
	assert_int_equal(insn_argument(INSN_LX106, &in, 6), NO);
	assert_true(insn_call_keeps(INSN_LX106, &in, 12));
	assert_false(insn_call_keeps(INSN_LX106, &in, 0));
	assert_int_equal(insn_argument(INSN_RISCV, &in, 2), 12);
	assert_int_equal(insn_argument(INSN_RISCV, &in, 8), NO);
	assert_true(insn_call_keeps(INSN_RISCV, &in, 8));
	assert_false(insn_call_keeps(INSN_RISCV, &in, 1));
}

/* x * 8 - x is a multiple of x, x * 8 - y of nothing that is known. */
static void sums_with_itself_are_multiples(void **state)
{
	(void)state;
	static const struct {
		uint32_t word;
		int32_t value; /* 0: no multiple of a register */
	} cases[] = {
		{ 0xf06650, 0 }, /* subx8 a6, a6, a5 */
		{ 0xf04440, 7 }, /* subx8 a4, a4, a4 */
		{ 0xd04440, 1 }, /* subx2 a4, a4, a4 */
		{ 0x906cc0, 3 }, /* addx2 a6, a12, a12 */
		{ 0xa06cc0, 5 }, /* addx4 a6, a12, a12 */
		{ 0x6cca, 2 },   /* add.n a6, a12, a12 */
		{ 0x209440, 0 }, /* or a9, a4, a4: a move */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct insn in = decode(INSN_LX106, cases[i].word, 0x40210000);

		assert_int_equal(in.kind == INSN_SHIFT, cases[i].value != 0);
		if (cases[i].value)
			assert_int_equal(in.value, cases[i].value);
	}
}

static void nothing_is_run_behind_what_is_no_instruction(void **state)
{
	(void)state;
	static const struct {
		enum insn_set set;
		uint32_t word;
		bool ends;
	} cases[] = {
		{ INSN_LX106, 0x000000, true },   /* ill */
		{ INSN_LX106, 0xf06d, true },     /* ill.n */
		{ INSN_LX106, 0xf03d, false },    /* nop.n */
		{ INSN_RISCV, 0x0000, true },     /* c.unimp */
		{ INSN_RISCV, 0xc0001073, true }, /* unimp */
		{ INSN_RISCV, 0x9002, false },    /* c.ebreak: a debugger goes on */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct insn in = decode(cases[i].set, cases[i].word, 0x40210000);

		assert_int_equal(insn_ends(&in), cases[i].ends);
	}
}

static void an_instruction_that_is_cut_is_none(void **state)
{
	(void)state;
	const uint8_t call[] = { 0x05, 0, 0 };
	const uint8_t lui[] = { 0xb7, 0x47, 0x07, 0x42 };
	struct insn in;

	for (size_t n = 0; n < sizeof(call); n++)
		assert_false(insn_decode(INSN_LX106, call, n, 0, &in));
	for (size_t n = 0; n < sizeof(lui); n++)
		assert_false(insn_decode(INSN_RISCV, lui, n, 0, &in));
	assert_true(insn_decode(INSN_RISCV, lui, sizeof(lui), 0, &in));
	assert_int_equal(in.value, 0x42074000);
}

/* Whatever the bytes are: registers and lengths are some that there are. */
static void any_bytes_are_some_instruction(void **state)
{
	(void)state;
	static const enum insn_set sets[] = { INSN_LX106, INSN_ESP32, INSN_ESP32S3, INSN_RISCV };
	uint32_t word = 1;

	for (unsigned s = 0; s < 4; s++) {
		struct insn_text *text = NULL;
		struct diag diag = { 0 };
		struct insn_words words;

		assert_int_equal(insn_text_open(sets[s], &diag, &text) == ERR_NONE,
				 insn_text_available());
		for (unsigned i = 0; i < 200000; i++) {
			word = word * 1664525 + 1013904223;
			struct insn in = decode(sets[s], word ^ word >> 16, 0x40210000 + i);
			unsigned limit = sets[s] == INSN_RISCV ? 32 : 16;

			assert_true(in.len >= 2 && in.len <= 4);
			assert_true(in.to < limit || in.to == NO);
			assert_true(in.from < limit || in.from == NO);
			assert_true(in.other < limit || in.other == NO);
			if (text)
				insn_text_words(text, &in, &words);
		}
		insn_text_close(text);
	}
}

/* Multiplied by 2^31 the stack pointer is no offset, and none that overflows. */
static void a_shifted_stack_pointer_is_no_place_on_the_stack(void **state)
{
	(void)state;
	struct firmware fw = { .chip = CHIP_ESP8266 };
	struct values_machine m = { .fw = &fw, .set = INSN_LX106 };
	struct values_state s;
	struct insn down = decode(INSN_LX106, 0xd0c112, 0x40210000);  /* addi a1, a1, -48 */
	struct insn shift = decode(INSN_LX106, 0x012110, 0x40210003); /* slli a2, a1, 31 */

	assert_int_equal(shift.value, INT32_MIN);
	values_begin(&m, &s);
	values_step(&m, &s, &down);
	assert_int_equal(s.frame, -48);
	values_step(&m, &s, &shift);
	assert_int_equal(s.frame, -48);
	struct values v = values_of(&s, 2);
	assert_true(v.other && v.n == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windowed_calls_move_the_window),
		cmocka_unit_test(arguments_are_where_the_abi_has_them),
		cmocka_unit_test(sums_with_itself_are_multiples),
		cmocka_unit_test(nothing_is_run_behind_what_is_no_instruction),
		cmocka_unit_test(an_instruction_that_is_cut_is_none),
		cmocka_unit_test(a_shifted_stack_pointer_is_no_place_on_the_stack),
		cmocka_unit_test(any_bytes_are_some_instruction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
