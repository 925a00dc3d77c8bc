/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim.h"

enum { CHIP_ID = 0x6b7c2d, FLASH_ID = 0x1640ef, FLASH_BYTES = 4 << 20 };

static void set_int(lua_State *L, const char *name, lua_Integer n)
{
	lua_pushinteger(L, n);
	lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *s)
{
	lua_pushstring(L, s);
	lua_setfield(L, -2, name);
}

static int info_hw(lua_State *L)
{
	lua_createtable(L, 0, 5);
	set_int(L, "chip_id", CHIP_ID);
	set_int(L, "flash_id", FLASH_ID);
	set_int(L, "flash_size", FLASH_BYTES / 1024);
	set_int(L, "flash_mode", 2);
	set_int(L, "flash_speed", 40000000);
	return 1;
}

static int info_version(lua_State *L)
{
	lua_createtable(L, 0, 7);
	set_int(L, "node_version_major", 3);
	set_int(L, "node_version_minor", 0);
	set_int(L, "node_version_revision", 0);
	set_text(L, "git_branch", "release");
	set_text(L, "git_commit_id", "36cbf9f017d356319a6369e299765eedff191154");
	set_text(L, "git_release", "3.0.0-release_20240225");
	set_text(L, "git_commit_dts", "202402250804");
	return 1;
}

static int info_build(lua_State *L)
{
	const struct sim *sim = sim_of(L);

	lua_createtable(L, 0, 4);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "ssl");
	set_int(L, "lfs_size", sim_of(L)->config->lfs_size);
	set_text(L, "modules", sim->modules);
	set_text(L, "number_type", strcmp(sim->config->variant, "51i") ? "float" : "integer");
	return 1;
}

static int info_legacy(lua_State *L)
{
	static const char note[] =
		"Warning, deprecated API! node.info() without parameter. It will be removed in "
		"the next version. See documentation for details.\n";
	static const lua_Integer values[] = { 3, 0,       0, CHIP_ID, FLASH_ID, FLASH_BYTES / 1024,
					      2, 40000000 };

	sim_uart(sim_of(L), note, sizeof(note) - 1);
	for (size_t i = 0; i < 8; i++)
		lua_pushinteger(L, values[i]);
	return 8;
}

static int info(lua_State *L)
{
	static const char *const names[] = { "lfs",          "hw",     "sw_version",
					     "build_config", "legacy", NULL };
	static const lua_CFunction functions[] = { lfs_config, info_hw, info_version, info_build,
						   info_legacy };
	return functions[luaL_checkoption(L, 1, "legacy", names)](L);
}

static int push_int(lua_State *L, lua_Integer n)
{
	lua_pushinteger(L, n);
	return 1;
}

static int chipid(lua_State *L)
{
	return push_int(L, CHIP_ID);
}

static int flashid(lua_State *L)
{
	return push_int(L, FLASH_ID);
}

static int flashsize(lua_State *L)
{
	return push_int(L, FLASH_BYTES);
}

static int heap(lua_State *L)
{
	return push_int(L, (lua_Integer)heap_free(&sim_of(L)->heap));
}

static int restart(lua_State *L)
{
	sim_restart(sim_of(L), SIM_SOFT);
	return 0;
}

static int bootreason(lua_State *L)
{
	const bool reset = sim_of(L)->cause == SIM_POWER_ON;
	lua_pushinteger(L, reset ? 1 : 2);
	lua_pushinteger(L, reset ? 6 : 4);
	return 2;
}

static int setcpufreq(lua_State *L)
{
	return push_int(L, luaL_checkinteger(L, 1) == 160 ? 160 : 80);
}

static int getcpufreq(lua_State *L)
{
	return push_int(L, 80);
}

/* Text for the interpreter, as if it had been typed. */
static int input(lua_State *L)
{
	size_t len;
	const char *s = luaL_checklstring(L, 1, &len);
	buf_put(&sim_of(L)->input, s, len);
	return 0;
}

static int getpartitiontable(lua_State *L)
{
	lua_createtable(L, 0, 4);
	set_int(L, "lfs_addr", LFS_BASE);
	set_int(L, "lfs_size", sim_of(L)->config->lfs_size);
	set_int(L, "spiffs_addr", 0x100000);
	set_int(L, "spiffs_size", 0x100000);
	return 1;
}

static int post(lua_State *L)
{
	struct sim *sim = sim_of(L);
	int n = lua_type(L, 1) == LUA_TNUMBER ? 2 : 1;

	luaL_checktype(L, n, LUA_TFUNCTION);
	if (sim->ntasks == SIM_TASKS)
		return luaL_error(L, "Task queue overflow. Task not posted");
	lua_pushvalue(L, n);
	sim->tasks[sim->ntasks++] = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

static void set_number(struct sim *sim, struct rom *rom, const char *name, int n)
{
	lua_pushinteger(sim->L, n);
	rom_set(sim->L, &sim->roms, rom, name);
}

void mod_node_open(struct sim *sim)
{
	static const luaL_Reg functions[] = { { "info", info },
					      { "chipid", chipid },
					      { "flashid", flashid },
					      { "flashsize", flashsize },
					      { "heap", heap },
					      { "restart", restart },
					      { "bootreason", bootreason },
					      { "setcpufreq", setcpufreq },
					      { "getcpufreq", getcpufreq },
					      { "input", input },
					      { "getpartitiontable", getpartitiontable },
					      { "flashreload", lfs_reload_deprecated },
					      { "flashindex", lfs_index },
					      { NULL, NULL } };
	static const luaL_Reg of_task[] = { { "post", post }, { NULL, NULL } };
	lua_State *L = sim->L;
	struct rom *node = modules_add(sim, "node", functions), *task;

	lfs_open(sim);
	rom_set(L, &sim->roms, node, "LFS");
	task = rom_new(L, &sim->roms, "task");
	rom_set_functions(L, &sim->roms, task, of_task);
	set_number(sim, task, "LOW_PRIORITY", 0);
	set_number(sim, task, "MEDIUM_PRIORITY", 1);
	set_number(sim, task, "HIGH_PRIORITY", 2);
	rom_push(L, task);
	rom_set(L, &sim->roms, node, "task");
	set_number(sim, node, "CPU80MHZ", 80);
	set_number(sim, node, "CPU160MHZ", 160);
}
