/* SPDX-License-Identifier: MIT */
/*
 * A device's life: from a restart to the next one.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "sim.h"

enum { HOOK_COUNT = 1000 }; /* instructions between two looks at the world */

/*
 * Runs while Lua does: bytes come, commands come, the watchdog barks. A restart ends Lua by an
 * error, again and again for those who catch errors.
 */
static void hook(lua_State *L, lua_Debug *ar)
{
	struct sim *sim = sim_of(L);
	uint32_t limit_ms = sim->config->watchdog_ms;

	(void)ar;
	sim_poll(sim, 0);
	if (limit_ms && clock_ns() - sim->task_ns > limit_ms * CLOCK_MS)
		sim_restart(sim, SIM_WATCHDOG);
	if (sim->restarting) {
		lua_sethook(L, hook, LUA_MASKCOUNT, 1);
		luaL_error(L, "restarting");
	}
}

/* An error outside of any protected call: the device says so and restarts. */
static int panic(lua_State *L)
{
	struct sim *sim = sim_of(L);

	sim_uart(sim, "PANIC: unprotected error in call to Lua API\n", 44);
	sim_restart(sim, SIM_WATCHDOG);
	longjmp(sim->panic, 1);
}

/*
 * The heap that is free now is what the device has after its start, and the room of the
 * application's strings that are in flash.
 */
static void limit_heap(struct sim *sim)
{
	static const struct {
		const char *variant;
		uint32_t free;
	} known[] = { { "51", 33944 }, { "51i", 34888 }, { "53", 32976 } };
	size_t n = sim->config->heap;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!n && !strcmp(known[i].variant, sim->config->variant))
			n = known[i].free;
	if (sim->faults.of[FAULT_HEAP].on)
		n = sim->faults.of[FAULT_HEAP].n;
	else
		n += table_heap(&sim->kept) - table_heap(&sim->steady);
	lua_gc(sim->L, LUA_GCCOLLECT, 0);
	sim->heap.limit = sim->heap.used + n * HEAP_RATIO / 2;
	sim->heap.peak = sim->heap.used;
	sim->heap.strict = sim->config->always && lang_attempts > 1;
}

static bool in_image(const void *lfs, const char *s, size_t len)
{
	return lfs_has_string(lfs, s, len);
}

static void open_state(struct sim *sim)
{
	lua_State *L;

	sim->heap.limit = SIZE_MAX;
	sim->heap.strict = false;
	L = sim->L = lua_newstate(heap_alloc, &sim->heap);
	if (!L || !lang_strings_known(L)) {
		fputs("simdev: this Lua library keeps its strings in a way unknown here\n", stderr);
		exit(1);
	}
	lua_atpanic(L, panic);
	lang_open(L);
	modules_open(sim);
	lfs_load_functions(sim);
	lang_collector(L, sim->config->always);
	table_read(&sim->own, L, NULL, NULL);
	table_without(&sim->steady, &sim->kept, in_image, &sim->lfs);
	table_anchor(&sim->steady, L);
	limit_heap(sim);
	lua_sethook(L, hook, LUA_MASKCOUNT, HOOK_COUNT);
}

/* init.lua comes before the first prompt, which is an empty line's. */
static void start_application(struct sim *sim)
{
	const struct fault_state *prompt = &sim->faults.of[FAULT_PROMPT];
	size_t len = strcspn(prompt->text, ",");

	if (prompt->on) {
		lua_pushlstring(sim->L, prompt->text, len);
		lua_setglobal(sim->L, "_PROMPT");
		lua_pushstring(sim->L, prompt->text + len + (prompt->text[len] != 0));
		lua_setglobal(sim->L, "_PROMPT2");
	}
	repl_run_file(sim, sim->faults.of[FAULT_LOOP].on ? NULL : "init.lua");
	if (!sim->restarting && !sim->config->telnet)
		buf_str(&sim->input, " \n");
}

/* Until the firmware is up, whatever comes is lost. */
static void pass_boot_time(struct sim *sim)
{
	int64_t up = clock_ns() + sim->config->boot_ms * CLOCK_MS, left;

	while ((left = up - clock_ns()) > 0) {
		clock_sleep(left < 5 * CLOCK_MS ? left : 5 * CLOCK_MS);
		sim_poll(sim, 0);
		wire_clear(&sim->wire);
	}
}

void sim_boot(struct sim *sim)
{
	sim->restarting = sim->hung = false;
	sim->restart_ns = 0;
	sim->partial = LUA_NOREF;
	sim->ntasks = 0;
	sim->input.len = sim->pile.len = 0;
	memset(sim->timers, 0, sizeof(sim->timers));
	memset(&sim->roms, 0, sizeof(sim->roms));
	strcpy(sim->prompt[0], "> ");
	strcpy(sim->prompt[1], ">> ");
	sim->wire.baud = sim->config->baud;
	sim->started_ns = clock_ns();
	sim->starts++;
	console_init(&sim->console);
	pass_boot_time(sim);
	boot_print_garbage(sim);
	if (!lfs_boot(sim)) /* it hangs */
		sim->hung = true;
	if (sim->restarting)
		return;
	open_state(sim);
	boot_print_banner(sim);
	start_application(sim);
	sim_flush(sim);
}

void sim_shut_down(struct sim *sim)
{
	heap_give(&sim->heap, sim->pile.len);
	sim->pile.len = 0;
	wire_flush(&sim->wire);
	if (sim->config->telnet)
		wire_hang_up(&sim->wire);
	sim->greeted = false;
	fs_lose(&sim->fs);
	if (sim->L) {
		sim->heap.limit = SIZE_MAX;
		lua_sethook(sim->L, NULL, 0, 0);
		lua_close(sim->L);
	}
	sim->L = NULL;
	table_free(&sim->own);
	table_free(&sim->steady);
}
