/* SPDX-License-Identifier: MIT */
#include "lfs.h"

#include <string.h>

#include "sim.h"

void lfs_free(struct lfs *lfs)
{
	image_free(lfs->image);
	lfs->image = NULL;
}

/* True when the file is taken; else message tells what the device says. */
static bool load(struct sim *sim, const struct fs_file *file, char message[IMAGE_MESSAGE])
{
	struct lua_image *img = image_load(sim->config->variant, file->bytes.data, file->bytes.len,
					   message);
	if (!img)
		return false;
	lfs_free(&sim->lfs);
	sim->lfs.image = img;
	return true;
}

/* 5.1: the answer is a string, or a restart. */
static int reload51(lua_State *L)
{
	static const char done[] = "LFS region updated.  Restarting.";
	struct sim *sim = sim_of(L);
	const char *name = lua_tostring(L, 1);
	const struct fs_file *f = name ? fs_find(&sim->fs, name) : NULL;
	char message[IMAGE_MESSAGE] = "LFS image file not found";

	if (!f || !load(sim, f, message)) {
		lua_pushstring(L, message);
		return 1;
	}
	sim_uart(sim, done, sizeof(done) - 1);
	wire_flush(&sim->wire);
	sim_restart(sim, SIM_WATCHDOG);
	return luaL_error(L, "restarting");
}

/* 5.3: nothing is looked at before the restart. */
static int reload53(lua_State *L)
{
	struct sim *sim = sim_of(L);
	const char *name = lua_tostring(L, 1);

	if (!name || !fs_find(&sim->fs, name)) {
		lua_pushliteral(L, "No LFS partition allocated");
		return 1;
	}
	snprintf(sim->lfs.pending, sizeof(sim->lfs.pending), "%s", name);
	sim_restart(sim, SIM_SOFT);
	return luaL_error(L, "system restarting");
}

static int reload(lua_State *L)
{
	lua_settop(L, 1);
	return LUA_VERSION_NUM == 501 ? reload51(L) : reload53(L);
}

int lfs_reload_deprecated(lua_State *L)
{
	static const char note[] =
		"Warning, deprecated API! node.flashreload. It will be removed soon. "
		"Use node.LFS interface instead. See documentation for details.\n";

	sim_uart(sim_of(L), note, sizeof(note) - 1);
	return reload(L);
}

static void say(struct sim *sim, const char *s)
{
	sim_uart(sim, s, strlen(s));
}

static bool load_pending(struct sim *sim)
{
	char message[IMAGE_MESSAGE] = "cannot open file", name[sizeof(sim->lfs.pending)];
	const struct fs_file *f;

	memcpy(name, sim->lfs.pending, sizeof(name));
	*sim->lfs.pending = 0;
	lfs_free(&sim->lfs);
	say(sim, "\nErasing LFS from flash addr 0x096000 to 0x0b5fff\n");
	f = fs_find(&sim->fs, name);
	if (f && load(sim, f, message)) {
		say(sim, "LFS image loaded\n");
		return true;
	}
	say(sim, message);
	say(sim, "\nstack traceback:\n\t[C]: in ?\n\t[C]: in ?\n");
	return false;
}

bool lfs_boot(struct sim *sim)
{
	if (*sim->lfs.pending)
		return load_pending(sim);
	if (LUA_VERSION_NUM == 501 && !sim->lfs.image)
		say(sim, "No LFS image loaded\n");
	return true;
}

/* Sorts the array on top as the firmware does, by the script's own table.sort. */
static void sort_top(lua_State *L)
{
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "sort");
	lua_remove(L, -2);
	lua_pushvalue(L, -2);
	lua_call(L, 1, 0);
}

static int list(lua_State *L)
{
	const struct lua_image *img = sim_of(L)->lfs.image;
	uint32_t n = image_modules(img);

	if (!img)
		return 0;
	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 0; i < n; i++) {
		size_t len;
		const char *name = image_module(img, i, &len);
		lua_pushlstring(L, name, len);
		lua_rawseti(L, -2, (int)i + 1);
	}
	sort_top(L);
	return 1;
}

static int not_run(lua_State *L)
{
	return luaL_error(L, "this device runs no images");
}

int lfs_get(lua_State *L)
{
	const struct lua_image *img = sim_of(L)->lfs.image;
	size_t len, l;
	const char *name = luaL_checklstring(L, 1, &len);

	for (uint32_t i = 0; i < image_modules(img); i++) {
		const char *s = image_module(img, i, &l);
		if (l == len && !memcmp(s, name, len)) {
			lua_pushcfunction(L, not_run);
			return 1;
		}
	}
	lua_pushnil(L);
	return 1;
}

int lfs_config(lua_State *L)
{
	lua_createtable(L, 0, 4);
	lua_pushinteger(L, LFS_MAPPED);
	lua_setfield(L, -2, "lfs_mapped");
	lua_pushinteger(L, LFS_BASE);
	lua_setfield(L, -2, "lfs_base");
	lua_pushinteger(L, LFS_SIZE);
	lua_setfield(L, -2, "lfs_size");
	lua_pushinteger(L, image_size(sim_of(L)->lfs.image));
	lua_setfield(L, -2, "lfs_used");
	return 1;
}

/* node.LFS.NAME: what is no function of it is a module. */
static int field(lua_State *L)
{
	const char *name;
	int64_t seconds;

	lua_remove(L, 1);
	name = lua_tostring(L, 1);
	if (!name)
		lua_pushnil(L);
	else if (!strcmp(name, "config"))
		lfs_config(L);
	else if (strcmp(name, "time"))
		lfs_get(L);
	else if (image_time(sim_of(L)->lfs.image, &seconds))
		lua_pushinteger(L, (lua_Integer)seconds);
	else
		lua_pushnil(L);
	return 1;
}

void lfs_open(struct sim *sim)
{
	static const luaL_Reg functions[] = {
		{ "list", list }, { "get", lfs_get }, { "reload", reload }, { NULL, NULL }
	};
	struct rom *rom = rom_new(sim->L, &sim->roms, "LFS");

	rom_set_functions(sim->L, &sim->roms, rom, functions);
	lua_pushcfunction(sim->L, field);
	rom_set_other(sim->L, &sim->roms, rom);
	rom_push(sim->L, rom);
}

void lfs_push_strings(struct sim *sim)
{
	const struct lua_image *img = sim->lfs.image;
	lua_State *L = sim->L;

	if (!img) {
		lua_pushnil(L);
		return;
	}
	lua_newtable(L);
	for (uint32_t i = 0, n = 0; i < image_strings(img); i++) {
		size_t len;
		const char *s = image_string(img, i, &len);
		if (len > lang_longest_listed)
			continue;
		lua_pushlstring(L, s, len);
		lua_rawseti(L, -2, (int)++n);
	}
	sort_top(L);
}
