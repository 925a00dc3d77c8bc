/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/lua/check.h"
#include "strscan/settings.h"

int settings_strip(struct settings *s, const char *arg)
{
	static const char *const words[] = { "none", "locals", "all" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(arg, words[i]) == 0)
			return s->rebuild.strip = (enum lua_strip)i, 0;
	return settings_usage("--strip takes none, locals or all, not", arg);
}

int settings_hash(struct settings *s, const char *arg)
{
	static const char *const words[] = { "stock", "small", "fast" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(arg, words[i]) == 0)
			return s->rebuild.hash = (enum lua_hash_size)i, 0;
	return settings_usage("--hash takes stock, small or fast, not", arg);
}

int settings_fix(struct settings *s, const char *arg)
{
	static const char *const words[] = { "auto", "always", "never" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(arg ? arg : "always", words[i]) == 0)
			return s->rebuild.fix = (enum rebuild_fix)i, 0;
	return settings_usage("--fix-fixed-strings takes auto, always or never, not", arg);
}

int settings_name(struct rebuild_names *names, const char *arg)
{
	const char **p = vec_grow(&names->list, &names->count, &names->cap, sizeof(*p), 1);

	if (!p)
		return settings_usage("out of memory", NULL);
	*p = arg;
	return 0;
}

/* The same file, under whatever name. */
static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The time of a build that is to be made again: see reproducible-builds.org. */
static int read_epoch(struct rebuild *r)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	unsigned long long value;
	char *end;

	if (r->has_time || !epoch || !*epoch)
		return 0;
	value = strtoull(epoch, &end, 10);
	if (*epoch < '0' || *epoch > '9' || *end || value > UINT32_MAX)
		return settings_usage("SOURCE_DATE_EPOCH is no number of seconds", epoch);
	r->has_time = true;
	r->time = (uint32_t)value;
	return 0;
}

static int check_names(const struct rebuild *r)
{
	for (uint32_t i = 0; i < r->renamed.count; i++) {
		const char *eq = strchr(r->renamed.list[i], '=');

		if (!eq || eq == r->renamed.list[i] || !eq[1])
			return settings_usage("--rename takes OLD=NEW, not", r->renamed.list[i]);
	}
	return 0;
}

/* -o over something that the image is made of. */
static int check_output(const struct settings *s)
{
	const struct rebuild *r = &s->rebuild;
	bool same = r->banner && same_file(s->output, r->banner);

	for (int i = 0; i < s->nfiles; i++)
		same |= same_file(s->output, s->files[i]);
	for (uint32_t i = 0; i < s->ndumps; i++)
		same |= same_file(s->output, s->dumps[i].path);
	for (uint32_t i = 0; i < s->nkeep_files; i++)
		same |= same_file(s->output, s->keep_files[i]);
	return same && !r->force
		       ? settings_usage("the output is an INPUT; --force lets it be replaced",
					s->output)
		       : 0;
}

static int check_style(struct settings *s)
{
	if (s->format == FORMAT_LUA || s->format == FORMAT_CSV)
		return settings_usage("--rebuild reports as text or json", NULL);
	if (s->style.columns || s->style.sort || s->style.filter)
		return settings_usage("--columns, --sort and --filter are for lists", NULL);
	if (s->format == FORMAT_JSON)
		s->style.form = OUTPUT_JSON;
	return 0;
}

static bool asks_device(const struct live *l)
{
	return l->probe || l->pull || l->banner || l->port || l->reset || l->watch || l->every ||
	       l->record || l->replay;
}

int settings_check_rebuild(struct settings *s)
{
	struct rebuild *r = &s->rebuild;
	struct check_target target;

	if (!r->wanted)
		return settings_usage("this goes with --rebuild: --for, --banner, --lfs-size, "
				      "--luac, --base, --remove, --rename, --strip, --hash, "
				      "--share, --fix-fixed-strings, --timestamp, --seed, "
				      "--as-luac, --force",
				      NULL);
	if (s->gen || s->list || s->census || s->capture || s->image || asks_device(&s->live))
		return settings_usage("--rebuild takes files, and goes with nothing else to do",
				      NULL);
	if (!s->nfiles && !s->ndumps)
		return settings_usage("--rebuild needs an INPUT", NULL);
	if (!s->output)
		return settings_usage("--rebuild needs -o FILE", NULL);
	if (r->kind && r->banner)
		return settings_usage("--for and --banner both tell the firmware", NULL);
	if (r->kind && !check_kind_find(r->kind, &target))
		return settings_usage("--for takes a firmware that lfsdump --check --for knows, "
				      "not",
				      r->kind);
	if (r->base % 4 != 0)
		return settings_usage("--base is no multiple of 4", NULL);
	if (check_names(r) || check_style(s) || read_epoch(r))
		return -1;
	return check_output(s);
}
