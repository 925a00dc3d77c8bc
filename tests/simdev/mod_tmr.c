/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "sim.h"

enum { ALARM_SINGLE, ALARM_SEMI, ALARM_AUTO };
static const char object_name[] = "tmr.timer";

static struct sim_timer *check_timer(lua_State *L)
{
	int i = *(int *)luaL_checkudata(L, 1, object_name);
	return &sim_of(L)->timers[i];
}

static int unregister(lua_State *L)
{
	struct sim_timer *t = check_timer(L);

	luaL_unref(L, LUA_REGISTRYINDEX, t->callback);
	luaL_unref(L, LUA_REGISTRYINDEX, t->object);
	*t = (struct sim_timer){ .callback = LUA_NOREF, .object = LUA_NOREF };
	return 0;
}

static int create(lua_State *L)
{
	struct sim *sim = sim_of(L);
	int i = 0;

	while (i < SIM_TIMERS && sim->timers[i].period_ns)
		i++;
	if (i == SIM_TIMERS)
		return luaL_error(L, "no timer left");
	sim->timers[i] = (struct sim_timer){ .period_ns = CLOCK_MS,
					     .callback = LUA_NOREF,
					     .object = LUA_NOREF };
	*(int *)lua_newuserdata(L, sizeof(i)) = i;
	luaL_getmetatable(L, object_name);
	lua_setmetatable(L, -2);
	return 1;
}

/* register(interval, mode, function) */
static int register_timer(lua_State *L)
{
	struct sim_timer *t = check_timer(L);
	lua_Integer ms = luaL_checkinteger(L, 2);
	int mode = (int)luaL_checkinteger(L, 3);

	luaL_argcheck(L, ms >= 1 && ms <= 12884901, 2, "range");
	luaL_argcheck(L, mode >= ALARM_SINGLE && mode <= ALARM_AUTO, 3, "Invalid mode");
	luaL_checktype(L, 4, LUA_TFUNCTION);
	luaL_unref(L, LUA_REGISTRYINDEX, t->callback);
	luaL_unref(L, LUA_REGISTRYINDEX, t->object);
	lua_settop(L, 4);
	t->callback = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushvalue(L, 1);
	t->object = luaL_ref(L, LUA_REGISTRYINDEX);
	t->mode = mode;
	t->period_ns = ms * CLOCK_MS;
	t->armed = false;
	return 0;
}

static int start(lua_State *L)
{
	struct sim_timer *t = check_timer(L);
	bool can = !t->armed && t->callback != LUA_NOREF;

	if (can) {
		t->armed = true;
		t->due_ns = clock_ns() + t->period_ns;
	}
	lua_pushboolean(L, can);
	return 1;
}

static int alarm(lua_State *L)
{
	register_timer(L);
	return start(L);
}

static int stop(lua_State *L)
{
	struct sim_timer *t = check_timer(L);

	lua_pushboolean(L, t->armed);
	t->armed = false;
	return 1;
}

static int now(lua_State *L)
{
	int64_t us = (clock_ns() - sim_of(L)->started_ns) / 1000;
	lua_pushinteger(L, (lua_Integer)(us & 0x7fffffff));
	return 1;
}

static int seconds(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)((clock_ns() - sim_of(L)->started_ns) / CLOCK_SECOND));
	return 1;
}

/* Waits, deaf to all but the line's own interrupts. */
static int delay(lua_State *L)
{
	struct sim *sim = sim_of(L);
	int64_t until = clock_ns() + luaL_checkinteger(L, 1) * 1000, left;

	while ((left = until - clock_ns()) > 0 && !sim->restarting) {
		wire_flush(&sim->wire);
		clock_sleep(left < 5 * CLOCK_MS ? left : 5 * CLOCK_MS);
		sim_poll(sim, 0);
	}
	return 0;
}

static int wdclr(lua_State *L)
{
	sim_of(L)->task_ns = clock_ns();
	return 0;
}

void mod_tmr_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "create", create }, { "now", now },
					      { "time", seconds },  { "delay", delay },
					      { "wdclr", wdclr },   { NULL, NULL } };
	static const luaL_Reg methods[] = {
		{ "alarm", alarm }, { "register", register_timer }, { "start", start },
		{ "stop", stop },   { "unregister", unregister },   { NULL, NULL }
	};
	static const char *const modes[] = { "ALARM_SINGLE", "ALARM_SEMI", "ALARM_AUTO" };
	lua_State *L = sim->L;
	struct rom *rom = modules_add(sim, "tmr", functions), *object;

	for (int i = 0; i < 3; i++) {
		lua_pushinteger(L, i);
		rom_set(L, &sim->roms, rom, modes[i]);
	}
	object = rom_new(L, &sim->roms, "timer");
	rom_set_functions(L, &sim->roms, object, methods);
	luaL_newmetatable(L, object_name);
	rom_push(L, object);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
