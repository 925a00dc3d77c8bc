/* SPDX-License-Identifier: MIT */
#include "common/device/probe.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/view/escape.h"

#define NUMBER_TYPE "node.info'build_config'.number_type"

/*
 * What is asked, in the order in which it is shown. Releases before 3.0 have node.info() without
 * arguments only; ESP32 has less. An expression that fails has no value.
 */
static const struct row {
	size_t field;
	const char *label, *expression;
} rows[] = {
#define ROW(field, label, expression) \
	{ \
		offsetof(struct probe, field), label, expression \
	}
	ROW(version, "firmware",
	    "(function(t)return t.node_version_major..'.'..t.node_version_minor..'.'.."
	    "t.node_version_revision end)(node.info'sw_version')"),
	ROW(release, "release", "node.info'sw_version'.git_release"),
	ROW(branch, "branch", "node.info'sw_version'.git_branch"),
	ROW(commit, "commit", "node.info'sw_version'.git_commit_id"),
	ROW(stamp, "commit time", "node.info'sw_version'.git_commit_dts"),
	ROW(lua, "Lua", "_VERSION"),
	ROW(number, "numbers", NUMBER_TYPE),
	ROW(ssl, "SSL", "node.info'build_config'.ssl"),
	ROW(modules, "modules", "node.info'build_config'.modules"),
	ROW(chip, "chip id", "('%x'):format(node.chipid())"),
	ROW(flash, "flash bytes", "node.flashsize()"),
	ROW(heap, "heap free", NULL),
	ROW(lfs_size, "LFS size", "node.info'lfs'.lfs_size"),
	ROW(lfs_used, "LFS used", "node.info'lfs'.lfs_used"),
	ROW(lfs_base, "LFS base", "node.info'lfs'.lfs_base"),
	ROW(lfs_mapped, "LFS mapped", "node.info'lfs'.lfs_mapped"),
	ROW(lfs_time, "LFS time", "node.LFS.list()and node.LFS.time"),
	ROW(lfs_modules, "LFS modules", "table.concat(node.LFS.list(),',')"),
#undef ROW
};
enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

static char **field_of(const struct probe *p, const struct row *row)
{
	return (char **)(void *)((char *)(uintptr_t)p + row->field);
}

static char *copy(const uint8_t *text, size_t n)
{
	char *p = malloc(n + 1);

	if (p) {
		memcpy(p, text, n);
		p[n] = '\0';
	}
	return p;
}

/* The value, or NULL when there is none. */
static enum err ask(struct console *c, const char *expression, char **out, struct diag *diag)
{
	struct buf text = { 0 };
	enum console_answer a = CONSOLE_RESTART;

	for (unsigned i = 0; i < 3 && a == CONSOLE_RESTART; i++)
		a = console_value(c, expression, &text, diag);
	if (a == CONSOLE_DONE && !(text.len == 3 && memcmp(text.data, "nil", 3) == 0)) {
		*out = copy(text.data, text.len);
		if (!*out)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	} else if (a == CONSOLE_RESTART) {
		diag_fail(diag, ERR_IO, "the device restarts again and again");
	}
	buf_free(&text);
	if (a == CONSOLE_DONE)
		console_progress(c);
	return diag->code;
}

int64_t probe_heap(struct console *c, struct diag *diag)
{
	return probe_number(c, "node.heap()", diag);
}

int64_t probe_number(struct console *c, const char *expression, struct diag *diag)
{
	struct buf text = { 0 };
	int64_t n = -1;

	for (unsigned i = 0; i < 10 && n < 0 && !diag->code; i++) {
		enum console_answer a = console_get(c, expression, &text, diag);
		char *end;

		buf_byte(&text, 0);
		if (text.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		if (a == CONSOLE_ERROR || text.failed)
			break;
		if (a != CONSOLE_DONE)
			continue;
		n = strtoll((const char *)text.data, &end, 10);
		if ((*end && *end != '.') || end == (const char *)text.data)
			n = -1;
	}
	buf_free(&text);
	return n;
}

/* What 1/2 and the largest integer are tells what the firmware does not. */
static enum err ask_number(struct console *c, char **out, struct diag *diag)
{
	char *half = NULL, *wide = NULL;

	if (!ask(c, "1/2", &half, diag) && half)
		ask(c, "math.maxinteger and math.maxinteger>2147483647", &wide, diag);
	if (half && !diag->code) {
		const char *type = half[0] == '0' && !half[1]          ? "integer"
				   : wide && strcmp(wide, "true") == 0 ? "double"
								       : "float";

		*out = copy((const uint8_t *)type, strlen(type));
		if (!*out)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	free(half);
	free(wide);
	return diag->code;
}

static enum err set_heap(struct probe *p, int64_t heap, struct diag *diag)
{
	char text[24];

	if (diag->code || heap < 0)
		return diag->code;
	snprintf(text, sizeof(text), "%lld", (long long)heap);
	p->heap = copy((const uint8_t *)text, strlen(text));
	return p->heap ? ERR_NONE : diag_fail(diag, ERR_MEMORY, "out of memory");
}

enum err probe_take(struct console *c, struct probe *p, struct diag *diag)
{
	*p = (struct probe){ 0 };
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].expression && ask(c, rows[i].expression, field_of(p, &rows[i]), diag))
			return diag->code;
	if (set_heap(p, probe_heap(c, diag), diag))
		return diag->code;
	if (!p->lua)
		return diag_fail(diag, ERR_IO, "this console is no Lua's");
	if (!p->version)
		ask(c, "(function(a,b,c)return a..'.'..b..'.'..c end)(node.info())", &p->version,
		    diag);
	if (!p->number)
		ask_number(c, &p->number, diag);
	return diag->code;
}

void probe_free(struct probe *p)
{
	for (size_t i = 0; i < NROWS; i++)
		free(*field_of(p, &rows[i]));
	*p = (struct probe){ 0 };
}

static void set_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

enum err probe_device(struct console *c, struct string_device *device, struct diag *diag)
{
	char *lua = NULL, *number = NULL, *version = NULL;
	struct probe found;

	if (ask(c, "_VERSION", &lua, diag) || ask(c, NUMBER_TYPE, &number, diag) ||
	    ask(c, "node.info'sw_version'.git_release", &version, diag))
		goto out;
	if (!number)
		ask_number(c, &number, diag);
	found = (struct probe){ .version = version };
	if (lua)
		device->lua = strstr(lua, "5.1") ? 51 : strstr(lua, "5.3") ? 53 : 0;
	device->heap = probe_heap(c, diag);
	device->time = (int64_t)time(NULL);
	set_text(device->number, sizeof(device->number), number);
	if (found.version)
		snprintf(device->banner, sizeof(device->banner), "NodeMCU %s", found.version);
out:
	free(lua);
	free(number);
	free(version);
	return diag->code;
}

static bool is_number(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text) &&
	       (text[0] != '0' || !text[1]);
}

void probe_write(const struct probe *p, bool json, struct buf *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < NROWS; i++) {
		const char *value = *field_of(p, &rows[i]);

		if (!value)
			continue;
		if (!json) {
			buf_printf(out, "%-12s ", rows[i].label);
			escape_text(out, (const uint8_t *)value, strlen(value));
			buf_byte(out, '\n');
			continue;
		}
		buf_str(out, n++ ? ",\"" : "{\"");
		for (const char *l = rows[i].label; *l; l++)
			buf_byte(out, *l == ' ' ? '_' : (uint8_t)(*l | (*l < 'a' ? 0x20 : 0)));
		buf_str(out, "\":");
		if (is_number(value))
			buf_str(out, value);
		else
			escape_json(out, (const uint8_t *)value, strlen(value));
	}
	if (json)
		buf_str(out, n ? "}\n" : "{}\n");
}

static void put_line(struct buf *out, const char *key, const char *value)
{
	if (value)
		buf_printf(out, "\t%s: %s\n", key, value);
}

bool probe_banner(const struct console *c, const struct probe *p, struct buf *out)
{
	bool seen = c->banner.len && c->restarts;

	if (seen) {
		buf_put(out, c->banner.data, c->banner.len);
		return true;
	}
	if (!p->lua || !p->version)
		return false;
	buf_printf(out, "NodeMCU %s\n", p->version);
	put_line(out, "branch", p->branch);
	put_line(out, "commit", p->commit);
	put_line(out, "release", p->release);
	put_line(out, "release DTS", p->stamp);
	put_line(out, "SSL", p->ssl);
	put_line(out, "build type", p->number);
	if (p->lfs_size && is_number(p->lfs_size))
		buf_printf(out, "\tLFS: 0x%lx bytes total capacity\n",
			   strtoul(p->lfs_size, NULL, 10));
	put_line(out, "modules", p->modules);
	buf_printf(out, " build (asked for by strscan) powered by %s\n", p->lua);
	return true;
}
