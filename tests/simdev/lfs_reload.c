/* SPDX-License-Identifier: MIT */
/*
 * Loading an image into the region, as the two firmwares do it, page by page: the power may go at
 * any of them.
 */
#include <string.h>

#include "clock.h"
#include "sim.h"

enum { SIGNATURE = 4, WRITING = 8 };

static void say(struct sim *sim, const char *s)
{
	sim_uart(sim, s, strlen(s));
}

/* Before a page is erased or written, time passes. False: the power is gone, or the reset came. */
static bool step(struct sim *sim)
{
	int64_t until = clock_ns() + sim->config->page_ms * CLOCK_MS;

	if (faults_hit(&sim->faults, FAULT_CUT)) {
		sim->faults.of[FAULT_CUT].on = false;
		sim_restart(sim, SIM_POWER_ON);
	}
	do
		sim_poll(sim, sim->config->page_ms ? 1 : 0);
	while (!sim->restarting && clock_ns() < until);
	return !sim->restarting;
}

static bool erase(struct sim *sim, size_t pages, bool dots)
{
	for (size_t i = 0; i < pages; i++) {
		if (dots && region_is_blank(&sim->lfs.region, i))
			continue;
		if (!step(sim))
			return false;
		region_erase(&sim->lfs.region, i);
		if (dots)
			say(sim, ".");
	}
	return true;
}

static bool write_bytes(struct sim *sim, const struct buf *b, size_t from)
{
	for (size_t at = from; at < b->len; at += LFS_PAGE - at % LFS_PAGE) {
		size_t n = LFS_PAGE - at % LFS_PAGE;

		if (!step(sim))
			return false;
		region_write(&sim->lfs.region, at, b->data + at, n < b->len - at ? n : b->len - at);
	}
	return true;
}

/* Until all is written the signature says that it is not. */
static bool write51(struct sim *sim, struct buf *b)
{
	uint8_t signature[SIGNATURE];

	if (b->len < SIGNATURE || !erase(sim, (b->len - 1) / LFS_PAGE + 1, false))
		return false;
	memcpy(signature, b->data, SIGNATURE);
	b->data[0] |= WRITING;
	if (!write_bytes(sim, b, 0) || !step(sim))
		return false;
	region_write(&sim->lfs.region, 0, signature, SIGNATURE);
	return true;
}

/* The header comes last. */
static bool write53(struct sim *sim, const struct buf *b)
{
	enum { HEADER = 48 };

	if (!write_bytes(sim, b, HEADER) || !step(sim))
		return false;
	region_write(&sim->lfs.region, 0, b->data, b->len < HEADER ? b->len : HEADER);
	return true;
}

/* 5.1: the answer is a string, or a restart. */
static int reload51(lua_State *L)
{
	static const char done[] = "LFS region updated.  Restarting.";
	struct sim *sim = sim_of(L);
	const char *name = lua_tostring(L, 1), *variant = sim->config->variant;
	const struct fs_file *f = name ? fs_find(&sim->fs, name) : NULL;
	char message[IMAGE_MESSAGE] = "LFS image file not found";
	struct buf bytes = { 0 };
	uint32_t heap;
	bool taken = f && image_accept(variant, sim->config->lfs_size, f->bytes.data, f->bytes.len,
				       message, &heap);

	if (taken && heap > heap_free(&sim->heap)) {
		taken = false;
		snprintf(message, sizeof(message), "Memory allocation error");
	}
	if (!taken) {
		lua_pushstring(L, *message ? message : "Unknown Error");
		return 1;
	}
	if (image_lay_out(variant, sim->config->lfs_size, f->bytes.data, f->bytes.len, &bytes) &&
	    write51(sim, &bytes)) {
		say(sim, done);
		wire_flush(&sim->wire);
		sim_restart(sim, SIM_WATCHDOG);
	}
	buf_free(&bytes);
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
	region_set_pending(&sim->lfs.region, name);
	sim_restart(sim, SIM_SOFT);
	return luaL_error(L, "system restarting");
}

int lfs_reload(lua_State *L)
{
	lua_settop(L, 1);
	if (sim_of(L)->config->lfs_size == 0) {
		lua_pushliteral(L, "No LFS partition allocated");
		return 1;
	}
	return LUA_VERSION_NUM == 501 ? reload51(L) : reload53(L);
}

int lfs_reload_deprecated(lua_State *L)
{
	static const char note[] =
		"Warning, deprecated API! node.flashreload. It will be removed soon. "
		"Use node.LFS interface instead. See documentation for details.\n";

	if (!lfs_is_old(sim_of(L)))
		sim_uart(sim_of(L), note, sizeof(note) - 1);
	return lfs_reload(L);
}

bool lfs_put(struct sim *sim, const void *data, size_t len, char message[IMAGE_MESSAGE])
{
	const char *variant = sim->config->variant;
	struct buf bytes = { 0 };
	uint32_t heap;
	bool ok = image_accept(variant, sim->config->lfs_size, data, len, message, &heap) &&
		  image_lay_out(variant, sim->config->lfs_size, data, len, &bytes);

	for (size_t i = 0; ok && i < sim->lfs.region.size / LFS_PAGE; i++)
		region_erase(&sim->lfs.region, i);
	if (ok)
		region_write(&sim->lfs.region, 0, bytes.data, bytes.len);
	buf_free(&bytes);
	return ok;
}

static bool erase_all53(struct sim *sim)
{
	char text[32];

	say(sim, "\nErasing LFS from flash addr 0x096000");
	snprintf(text, sizeof(text), " to 0x%06x\n",
		 (unsigned)(LFS_BASE + sim->lfs.region.size - 1));
	if (!erase(sim, sim->lfs.region.size / LFS_PAGE, true))
		return false;
	say(sim, text);
	return true;
}

static bool fail53(struct sim *sim, const char *message)
{
	say(sim, message);
	say(sim, "\nstack traceback:\n\t[C]: in ?\n\t[C]: in ?\n");
	return false;
}

/* The name is forgotten at once: it is tried only once. */
static bool load_pending53(struct sim *sim)
{
	char message[IMAGE_MESSAGE], name[sizeof(sim->lfs.region.pending)];
	const char *variant = sim->config->variant;
	struct buf bytes = { 0 };
	const struct fs_file *f;
	uint32_t heap;
	bool ok;

	memcpy(name, sim->lfs.region.pending, sizeof(name));
	region_set_pending(&sim->lfs.region, "");
	f = fs_find(&sim->fs, name);
	if (!f) {
		snprintf(message, sizeof(message), "cannot open %s", name);
		return fail53(sim, message);
	}
	if (!erase_all53(sim))
		return true;
	if (!image_accept(variant, sim->config->lfs_size, f->bytes.data, f->bytes.len, message,
			  &heap)) {
		if (*message)
			return fail53(sim, message);
		sim_restart(sim, SIM_WATCHDOG);
		return true;
	}
	ok = image_lay_out(variant, sim->config->lfs_size, f->bytes.data, f->bytes.len, &bytes) &&
	     write53(sim, &bytes);
	buf_free(&bytes);
	return ok || sim->restarting;
}

bool lfs_boot(struct sim *sim)
{
	struct lfs *lfs = &sim->lfs;
	char message[IMAGE_MESSAGE];

	if (*lfs->region.pending && !load_pending53(sim))
		return false;
	if (sim->restarting || lfs->region.size == 0)
		return true;
	image_free(lfs->image);
	lfs->there = image_boot(sim->config->variant, lfs->region.size, lfs->region.bytes, message,
				&lfs->image);
	lfs->sound = lfs->image && image_sound(lfs->image);
	if (LUA_VERSION_NUM == 503 && lfs->there)
		snprintf(message, sizeof(message), "LFS image loaded");
	if (*message) {
		say(sim, message);
		say(sim, "\n");
	}
	if (LUA_VERSION_NUM == 503 && !lfs->there && *message)
		erase_all53(sim);
	return true;
}
