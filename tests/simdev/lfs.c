/* SPDX-License-Identifier: MIT */
#include "lfs.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"

void lfs_free(struct lfs *lfs)
{
	lua_image_free(lfs->image);
	lfs->image = NULL;
}

static struct check_target target_of(const struct sim *sim)
{
	const char *v = sim->config->variant;
	struct check_target t = { 0 };

	check_kind_find(!strcmp(v, "53")   ? "lua53"
			: !strcmp(v, "51") ? "lua51-float"
					   : "lua51-int",
			&t);
	t.region = LFS_SIZE;
	t.base = LFS_MAPPED;
	return t;
}

/*
 * Gives an image to the loader's model. "": it is taken. Messages are constant or the report's,
 * which is copied to out.
 */
static void load(struct sim *sim, const struct fs_file *file, char *out, size_t size)
{
	struct check_target target = target_of(sim);
	struct check_report report = { 0 };
	struct diag diag = { 0 };
	const struct buf *b = &file->bytes;
	bool taken = target.version == LUA_51 ? check_loader51(b->data, b->len, &target, &report)
					      : check_loader53(b->data, b->len, &target, &report);

	*out = 0;
	for (uint32_t i = 0; i < report.count && !*out; i++)
		if (report.findings[i].level == CHECK_REFUSED)
			snprintf(out, size, "%s", report.findings[i].message);
	check_free(&report);
	if (!taken)
		return;
	*out = 0;
	lfs_free(&sim->lfs);
	lua_image_load(b->data, b->len, &diag, &sim->lfs.image);
}

/* 5.1: the answer is a string, or a restart. */
static int reload51(lua_State *L)
{
	static const char done[] = "LFS region updated.  Restarting.";
	struct sim *sim = sim_of(L);
	const char *name = lua_tostring(L, 1);
	const struct fs_file *f = name ? fs_find(&sim->fs, name) : NULL;
	char message[120] = "LFS image file not found";

	if (f)
		load(sim, f, message, sizeof(message));
	if (*message) {
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
	char message[120] = "cannot open file", name[sizeof(sim->lfs.pending)];
	const struct fs_file *f;

	memcpy(name, sim->lfs.pending, sizeof(name));
	*sim->lfs.pending = 0;
	lfs_free(&sim->lfs);
	say(sim, "\nErasing LFS from flash addr 0x096000 to 0x0b5fff\n");
	f = fs_find(&sim->fs, name);
	if (f)
		load(sim, f, message, sizeof(message));
	if (!*message) {
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

static void push_string(lua_State *L, const struct lua_image *img, uint32_t s)
{
	if (s < img->nstrings)
		lua_pushlstring(L, (const char *)img->strings[s].text, img->strings[s].len);
	else
		lua_pushnil(L);
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

	if (!img)
		return 0;
	lua_createtable(L, (int)img->nmodules, 0);
	for (uint32_t i = 0; i < img->nmodules; i++) {
		push_string(L, img, img->modules[i].name);
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
	size_t len;
	const char *name = luaL_checklstring(L, 1, &len);

	for (uint32_t i = 0; img && i < img->nmodules; i++) {
		uint32_t s = img->modules[i].name;
		if (s < img->nstrings && img->strings[s].len == len &&
		    !memcmp(img->strings[s].text, name, len)) {
			lua_pushcfunction(L, not_run);
			return 1;
		}
	}
	lua_pushnil(L);
	return 1;
}

int lfs_config(lua_State *L)
{
	const struct lua_image *img = sim_of(L)->lfs.image;

	lua_createtable(L, 0, 4);
	lua_pushinteger(L, LFS_MAPPED);
	lua_setfield(L, -2, "lfs_mapped");
	lua_pushinteger(L, LFS_BASE);
	lua_setfield(L, -2, "lfs_base");
	lua_pushinteger(L, LFS_SIZE);
	lua_setfield(L, -2, "lfs_size");
	lua_pushinteger(L, img ? (lua_Integer)img->flash_size : 0);
	lua_setfield(L, -2, "lfs_used");
	return 1;
}

/* node.LFS.NAME: what is no function of it is a module. */
static int field(lua_State *L)
{
	const struct lua_image *img = sim_of(L)->lfs.image;
	const char *name;

	lua_remove(L, 1);
	name = lua_tostring(L, 1);
	if (!name)
		lua_pushnil(L);
	else if (!strcmp(name, "config"))
		lfs_config(L);
	else if (strcmp(name, "time"))
		lfs_get(L);
	else if (img && img->has_time)
		lua_pushinteger(L, (lua_Integer)img->build_time);
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
	lua_createtable(L, (int)img->nstrings, 0);
	for (uint32_t i = 0, n = 0; i < img->nstrings; i++)
		if (img->strings[i].len <= lang_longest_listed) {
			push_string(L, img, i);
			lua_rawseti(L, -2, (int)++n);
		}
	sort_top(L);
}
