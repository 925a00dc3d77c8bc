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

int settings_check_rebuild(struct settings *s)
{
	struct rebuild *r = &s->rebuild;
	struct check_target target;

	if (!r->wanted)
		return settings_usage(
			"this goes with --rebuild: --for, --base, --remove, --rename, "
			"--strip, --hash, --share, --fix-fixed-strings, --timestamp, "
			"--seed, --force",
			NULL);
	if (s->gen || s->list || s->census || s->capture || s->live.probe || s->live.pull)
		return settings_usage("--rebuild goes with nothing else to do", NULL);
	if (!s->nfiles)
		return settings_usage("--rebuild needs an INPUT", NULL);
	if (!s->output)
		return settings_usage("--rebuild needs -o FILE", NULL);
	if (r->kind && !check_kind_find(r->kind, &target))
		return settings_usage("--for takes a firmware that lfsdump --check --for knows, "
				      "not",
				      r->kind);
	if (r->base % 4 != 0)
		return settings_usage("--base is no multiple of 4", NULL);
	for (uint32_t i = 0; i < r->renamed.count; i++)
		if (!strchr(r->renamed.list[i], '='))
			return settings_usage("--rename takes OLD=NEW, not", r->renamed.list[i]);
	for (int i = 0; i < s->nfiles; i++)
		if (!r->force && same_file(s->output, s->files[i]))
			return settings_usage("the output is an INPUT; --force lets it be replaced",
					      s->output);
	return 0;
}
