/* SPDX-License-Identifier: MIT */
/* The browser on firmwares: where code leads. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/firmware/firmware.h"
#include "common/firmware/insn_text.h"
#include "tests/tui_drive.h"

#define ELF "samples/firmware-51-double.elf"

static struct drive d;

/* Looks for a row of the code of a function, which the list of symbols leads to. */
static void begin_at(const char *function, const char *text)
{
	const char *const paths[] = { ELF, NULL };

	if (!insn_text_available())
		skip();
	drive_begin(&d, paths, 40, 120, false);
	drive_keys(&d, "\t7t/");
	drive_keys(&d, function);
	drive_keys(&d, "\n\n");
	drive_sees(&d, ": disasm");
	drive_keys(&d, "/");
	drive_keys(&d, text);
	drive_keys(&d, "\n");
}

static void a_call_leads_to_the_function_and_back(void **state)
{
	(void)state;
	begin_at("net_close", "luaL_checkudata");
	drive_keys(&d, "\n");
	drive_sees(&d, "luaL_checkudata: disasm");
	drive_keys(&d, "\b");
	drive_sees(&d, "net_close: disasm");
	drive_end(&d);
}

static void a_literal_leads_to_its_string(void **state)
{
	(void)state;
	begin_at("net_close", "not connected");
	drive_keys(&d, "\n");
	drive_sees(&d, ".elf: strings");
	drive_sees(&d, "not connected");
	drive_end(&d);
}

static void a_branch_leads_to_its_label(void **state)
{
	uint64_t line;

	(void)state;
	begin_at("gpio_mode", "bge");
	line = d.app.pane.cursor;
	drive_keys(&d, "\n");
	drive_sees(&d, "gpio_mode: disasm");
	assert_int_equal(d.app.pane.cursor, line + 6); /* objdump has five between 2f and 42 */
	drive_keys(&d, "\b");
	assert_int_equal(d.app.pane.cursor, line);
	drive_end(&d);
}

static void an_object_of_c_leads_to_its_symbol(void **state)
{
	(void)state;
	begin_at("gpio_mode", "registers");
	drive_keys(&d, "\n");
	drive_sees(&d, ".elf: symbols");
	drive_end(&d);
}

/* A copy in which a byte of net_close is another. */
static void write_changed(const char *path)
{
	struct file file;
	struct firmware fw;
	struct diag diag = { 0 };
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(file_load(ELF, &diag, &file), 0);
	assert_int_equal(firmware_open(&fw, ELF, file.data, file.len), 0);
	const struct firmware_symbol *s = &fw.symbols[firmware_symbol_find(&fw, "net_close")];
	const struct firmware_section *in = &fw.sections[s->section];
	file.data[in->off + (s->address - in->address) + 16] ^= 1;
	assert_int_equal(fwrite(file.data, 1, file.len, out), file.len);
	firmware_close(&fw);
	file_close(&file);
	fclose(out);
}

static void two_firmwares_show_what_changed(void **state)
{
	char copy[] = "/tmp/tui-firmware-XXXXXX";
	const char *const paths[] = { ELF, copy, NULL };

	(void)state;
	close(mkstemp(copy));
	write_changed(copy);
	drive_begin(&d, paths, 40, 120, false);
	unlink(copy);
	assert_int_equal(d.n, 3);
	drive_sees(&d, "firmware-51-double.elf -> tui-firmware-");
	drive_sees(&d, "content   differs");
	drive_keys(&d, "\t4t");
	drive_sees(&d, "│ net_close  changed   37   37");
	drive_misses(&d, "net_send");
	drive_keys(&d, "\n");
	assert_ptr_equal(d.app.pane.page.place.subject, d.subjects[2]);
	drive_sees(&d, insn_text_available() ? "net_close: disasm" : ": symbols");
	drive_keys(&d, "\b");
	drive_sees(&d, " changed ");
	drive_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_leads_to_the_function_and_back),
		cmocka_unit_test(a_literal_leads_to_its_string),
		cmocka_unit_test(a_branch_leads_to_its_label),
		cmocka_unit_test(an_object_of_c_leads_to_its_symbol),
		cmocka_unit_test(two_firmwares_show_what_changed),
	};

	return cmocka_run_group_tests_name("test_tui_firmware", tests, NULL, NULL);
}
