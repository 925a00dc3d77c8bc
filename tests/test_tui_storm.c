/* SPDX-License-Identifier: MIT */
/* Random keys, mouse events and sizes; the sanitized build is what makes it a test. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tui_drive.h"

#define GOLDEN "tests/golden/"

enum { KEYS = 10000 };

static uint64_t state;

static uint32_t next(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

/* Nothing that writes files or ends it all: a prompt's Enter would take any name for one. */
static uint32_t random_key(const struct drive *d)
{
	uint32_t key;

	if (next(4) == 0)
		key = K_UP + next(K_F10 - K_UP);
	else
		key = next(20) ? 32 + next(95) : next(32);
	if (key == K_ENTER && d->app.prompt.kind > PROMPT_FIND)
		key = K_ESCAPE;
	if (d->app.prompt.kind == PROMPT_REPLACE)
		key = 'n';
	return key;
}

static void check_screen(const struct drive *d)
{
	for (const unsigned char *p = (const unsigned char *)d->text; *p; p++)
		if (*p < ' ' && *p != '\n')
			fail_msg("control byte %02x on the screen", *p);
}

static void storm(const char *const *paths, uint64_t seed, bool ascii)
{
	struct drive d;

	state = seed;
	drive_begin(&d, paths, 24, 80, ascii);
	for (unsigned i = 0; i < KEYS; i++) {
		if (next(40) == 0)
			drive_size(&d, 1 + (int)next(100), 1 + (int)next(300));
		else if (next(20) == 0)
			drive_mouse(&d, (enum mouse)next(5), (int)next(30), (int)next(100));
		else
			drive_key(&d, random_key(&d));
		d.app.quit = false;
		check_screen(&d);
	}
	drive_end(&d);
}

static void random_keys_do_no_harm_to_an_image(void **arg)
{
	static const char *const paths[] = { GOLDEN "img/app-51f.img", NULL };

	(void)arg;
	storm(paths, 1, false);
}

static void random_keys_do_no_harm_to_an_image_of_odd_texts(void **arg)
{
	static const char *const paths[] = { GOLDEN "img/edge-53.img", NULL };

	(void)arg;
	storm(paths, 2, true);
}

static void random_keys_do_no_harm_to_a_diff(void **arg)
{
	static const char *const paths[] = { GOLDEN "img/app-51f.img", GOLDEN "img/app-53.img",
					     NULL };

	(void)arg;
	storm(paths, 3, false);
}

static void random_keys_do_no_harm_to_strings(void **arg)
{
	static const char *const paths[] = { "samples/capture-51.json", "samples/lfs-51-double.img",
					     NULL };

	(void)arg;
	storm(paths, 4, false);
}

static void random_keys_do_no_harm_to_firmwares(void **arg)
{
	static const char *const paths[] = { "samples/firmware-51-double.elf",
					     "samples/firmware-51-double.elf", NULL };

	(void)arg;
	storm(paths, 5, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys_do_no_harm_to_an_image),
		cmocka_unit_test(random_keys_do_no_harm_to_an_image_of_odd_texts),
		cmocka_unit_test(random_keys_do_no_harm_to_a_diff),
		cmocka_unit_test(random_keys_do_no_harm_to_strings),
		cmocka_unit_test(random_keys_do_no_harm_to_firmwares),
	};

	return cmocka_run_group_tests_name("test_tui_storm", tests, NULL, NULL);
}
