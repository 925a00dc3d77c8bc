/* SPDX-License-Identifier: MIT */
#include "sim.h"

#include <poll.h>
#include <string.h>

#include "clock.h"

struct sim *sim_of(lua_State *L)
{
	void *ud;
	lua_getallocf(L, &ud);
	return ud;
}

void sim_restart(struct sim *sim, enum sim_cause cause)
{
	sim->cause = cause;
	if (cause == SIM_SOFT)
		sim->restart_ns = clock_ns();
	else
		sim->restarting = true;
}

/* Waits for something to come; gives back whether the line has something. */
static bool wait_for_input(struct sim *sim, int timeout_ms)
{
	struct wire *w = &sim->wire;
	struct pollfd p[4] = {
		{ .fd = sim->control.listener, .events = POLLIN },
		{ .fd = sim->control.fd, .events = POLLIN },
		{ .fd = w->fd < 0 ? w->listener : -1, .events = POLLIN },
		{ .fd = wire_present(w) ? w->fd : -1, .events = POLLIN },
	};

	if (sim->control.fd >= 0)
		p[0].fd = -1;
	if (w->listener < 0 && p[3].fd < 0 && timeout_ms > 5)
		timeout_ms = 5; /* there is no other way to see that a terminal was opened */
	poll(p, 4, timeout_ms);
	return p[3].revents;
}

void sim_poll(struct sim *sim, int timeout_ms)
{
	if (timeout_ms > 0 && wait_for_input(sim, timeout_ms)) {
		if (!sim->wire.fast)
			clock_sleep(CLOCK_MS / 5); /* a byte takes its time */
		wire_idle(&sim->wire);
	}
	wire_present(&sim->wire);
	if (!wire_poll(&sim->wire)) {
		wire_hang_up(&sim->wire);
		sim->greeted = false;
	}
	control_poll(sim);
	if (*sim->signalled)
		sim->stopping = sim->restarting = true;
}

bool sim_fault(struct sim *sim, const char *text)
{
	int fault = faults_set(&sim->faults, text);
	const struct fault_state *s = fault < 0 ? NULL : &sim->faults.of[fault];

	if (!s)
		return false;
	if (fault == FAULT_HEAP && s->on)
		sim->heap.limit = sim->heap.used + (size_t)s->n * HEAP_RATIO / 2;
	if (fault == FAULT_MISSING)
		sim->roms.hidden = s->on ? s->text : NULL;
	if (fault == FAULT_UNPLUG && s->on && s->n == 0)
		wire_hang_up(&sim->wire);
	if (fault == FAULT_CHATTER && s->on)
		sim->chatter_ns = clock_ns();
	return true;
}

void sim_strings(struct sim *sim, struct table *out)
{
	table_read(out, sim->L, &sim->own, &sim->steady);
}

/* A task is a C function that calls: tracebacks show it. */
static int task(lua_State *L)
{
	lua_call(L, lua_gettop(L) - 1, 0);
	return 0;
}

/* Gives back the status, with the error on top when it is one. */
static int call_task(struct sim *sim, int narg)
{
	int base = lua_gettop(sim->L) - narg;

	sim->task_ns = clock_ns();
	lua_pushcfunction(sim->L, task);
	lua_insert(sim->L, base);
	return lua_pcall(sim->L, narg + 1, 0, 0);
}

/* An error that a task lets out is printed, and the device restarts two seconds later. */
void sim_call(struct sim *sim, int narg)
{
	const char *s;
	size_t len;

	if (call_task(sim, narg) != LUA_OK && !sim->restarting) {
		s = lua_tolstring(sim->L, -1, &len);
		if (s)
			sim_print(sim, s, len);
		sim_print(sim, "\n", 1);
		if (!sim->restart_ns)
			sim_restart(sim, SIM_SOFT);
		sim->restart_ns += 2 * CLOCK_SECOND;
	}
	lua_settop(sim->L, 0);
	sim_flush(sim);
}

static bool run_posted(struct sim *sim)
{
	int ref = sim->tasks[0];

	if (sim->ntasks == 0)
		return false;
	memmove(sim->tasks, sim->tasks + 1, --sim->ntasks * sizeof(sim->tasks[0]));
	lua_rawgeti(sim->L, LUA_REGISTRYINDEX, ref);
	luaL_unref(sim->L, LUA_REGISTRYINDEX, ref);
	lua_pushinteger(sim->L, 1);
	sim_call(sim, 1);
	return true;
}

static bool run_timer(struct sim *sim, int64_t now)
{
	for (int i = 0; i < SIM_TIMERS; i++) {
		struct sim_timer *t = &sim->timers[i];

		if (!t->armed || t->due_ns > now)
			continue;
		t->armed = t->mode == 2;
		t->due_ns = now + t->period_ns;
		lua_rawgeti(sim->L, LUA_REGISTRYINDEX, t->callback);
		lua_rawgeti(sim->L, LUA_REGISTRYINDEX, t->object);
		sim_call(sim, 1);
		return true;
	}
	return false;
}

static bool run_chatter(struct sim *sim, int64_t now)
{
	const struct fault_state *s = &sim->faults.of[FAULT_CHATTER];

	if (!s->on || s->n == 0 || sim->chatter_ns > now)
		return false;
	if (sim->chatter_ns > 0)
		sim_chatter(sim);
	sim->chatter_ns = now + (1 + faults_random(&sim->faults, 2 * s->n)) * CLOCK_MS;
	sim_flush(sim);
	return true;
}

/* The telnet module: whoever comes is greeted, and what he sends is the interpreter's. */
static void serve_session(struct sim *sim)
{
	char text[96];
	int c;

	if (sim->wire.fd >= 0 && sim->hung) /* no module runs */
		wire_hang_up(&sim->wire);
	if (sim->wire.fd < 0)
		return;
	if (!sim->greeted) {
		sim->greeted = true;
		snprintf(text, sizeof(text),
			 "Welcome to NodeMCU world (%zu mem free, 192.168.4.1)\n",
			 heap_free(&sim->heap));
		sim_print(sim, text, strlen(text));
		sim_flush(sim);
	}
	while ((c = wire_get(&sim->wire)) >= 0)
		if (!faults_hit(&sim->faults, FAULT_RESTART_IN))
			buf_byte(&sim->input, (uint8_t)c);
		else
			sim_restart(sim, SIM_WATCHDOG);
}

bool sim_run(struct sim *sim)
{
	int64_t now = clock_ns();

	if (sim->restart_ns && sim->restart_ns <= now) {
		sim->restarting = true;
		return true;
	}
	if (sim->config->telnet)
		serve_session(sim);
	else if (console_read(sim))
		return true;
	sim_flush(sim);
	return repl_run(sim) || run_posted(sim) || run_timer(sim, now) || run_chatter(sim, now) ||
	       sim->wire.count > 0; /* that came while something was printed */
}

int sim_timeout(const struct sim *sim)
{
	int64_t now = clock_ns(), due = now + 100 * CLOCK_MS;

	if (sim->restart_ns && sim->restart_ns < due)
		due = sim->restart_ns;
	if (sim->faults.of[FAULT_CHATTER].on && sim->chatter_ns < due)
		due = sim->chatter_ns;
	for (int i = 0; i < SIM_TIMERS; i++)
		if (sim->timers[i].armed && sim->timers[i].due_ns < due)
			due = sim->timers[i].due_ns;
	return due <= now ? 1 : (int)((due - now) / CLOCK_MS) + 1;
}
