/* SPDX-License-Identifier: MIT */
#include "console.h"

#include "sim.h"

enum { BACKSPACE = 8, DELETE = 127 };

void console_init(struct console *c)
{
	*c = (struct console){ .echo = true, .runs = true, .callback = LUA_NOREF, .until = -1 };
}

static void echo(struct sim *sim, const char *s, size_t len)
{
	if (sim->console.echo && !sim->faults.of[FAULT_ECHO].on)
		sim_uart(sim, s, len);
}

static void call_back(struct sim *sim, const char *s, size_t len)
{
	if (sim->console.callback == LUA_NOREF)
		return;
	lua_rawgeti(sim->L, LUA_REGISTRYINDEX, sim->console.callback);
	lua_pushlstring(sim->L, s, len);
	sim_call(sim, 1);
}

/* A line has ended; true when it goes to the interpreter. */
static bool end_line(struct sim *sim)
{
	struct console *c = &sim->console;

	echo(sim, "\n", 1);
	call_back(sim, c->line, c->len);
	if (c->len == 0) {
		repl_prompt(sim);
		return false;
	}
	c->line[c->len++] = '\n';
	buf_put(&sim->input, c->line, c->len);
	c->len = 0;
	return true;
}

/* A character of a line; true when the line has ended. */
static bool edit(struct sim *sim, char ch)
{
	struct console *c = &sim->console;

	if ((ch == '\r' && c->last == '\n') || (ch == '\n' && c->last == '\r')) {
		c->last = 0;
		return false;
	}
	if (ch == BACKSPACE || ch == DELETE) {
		if (c->len > 0) {
			echo(sim, "\b \b", 3);
			c->len--;
		}
		c->last = 0;
		return false;
	}
	c->last = ch;
	if (ch == '\r' || ch == '\n')
		return end_line(sim);
	echo(sim, &ch, 1);
	if (c->len + 1 >= CONSOLE_LINE) /* what was typed so far is lost; nothing tells it */
		c->len = 0;
	c->line[c->len++] = ch;
	return false;
}

/* A byte for the application's function. */
static void collect(struct sim *sim, char ch)
{
	struct console *c = &sim->console;

	if (c->callback == LUA_NOREF)
		return;
	if (c->until == 0) {
		call_back(sim, &ch, 1);
		return;
	}
	c->line[c->len++] = ch;
	if (c->len >= CONSOLE_LINE || (c->until > 0 && c->len >= (size_t)c->until) ||
	    (c->until < 0 && ch == c->end)) {
		size_t len = c->len;
		c->len = 0;
		call_back(sim, c->line, len);
	}
}

static bool be_a_modem(struct sim *sim, char ch)
{
	if (ch == '\r' || ch == '\n')
		sim_uart(sim, "\nERROR\n", 7);
	return false;
}

bool console_read(struct sim *sim)
{
	int ch;

	while (!sim->restarting && (ch = wire_get(&sim->wire)) >= 0) {
		if (faults_hit(&sim->faults, FAULT_RESTART_IN)) {
			sim->faults.of[FAULT_RESTART_IN].on = false;
			sim_restart(sim, SIM_WATCHDOG);
		} else if (sim->hung || sim->faults.of[FAULT_DEAD].on ||
			   sim->faults.of[FAULT_STEAL].on) {
			continue;
		} else if (sim->faults.of[FAULT_STRANGER].on) {
			be_a_modem(sim, (char)ch);
		} else if (!sim->console.runs) {
			collect(sim, (char)ch);
		} else if (edit(sim, (char)ch)) {
			return true;
		}
	}
	return false;
}
