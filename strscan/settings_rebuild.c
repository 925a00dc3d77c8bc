/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/lua/check.h"
#include "common/lua/convert.h"
#include "strscan/settings.h"

/* The word that begins at p ends there. */
static size_t word_len(const char *p)
{
	return strcspn(p, " ");
}

int settings_word(const char *option, const char *words, const char *arg)
{
	struct buf what = { 0 };
	int i = 0;

	for (const char *w = words; *w; w += word_len(w), w += *w == ' ', i++)
		if (strlen(arg) == word_len(w) && strncmp(arg, w, word_len(w)) == 0)
			return i;
	buf_printf(&what, "%s takes ", option);
	for (const char *w = words; *w; w += word_len(w), w += *w == ' ') {
		const char *before = w == words ? "" : w[word_len(w)] ? ", " : " or ";

		buf_printf(&what, "%s%.*s", before, (int)word_len(w), w);
	}
	buf_str(&what, ", not");
	buf_byte(&what, '\0');
	settings_usage(what.failed ? option : (const char *)what.data, arg);
	buf_free(&what);
	return -1;
}

int settings_strip(struct settings *s, const char *arg)
{
	int i = settings_word("--strip", STRIP_WORDS, arg);

	s->rebuild.has_strip = true;
	s->rebuild.strip = i < 0 ? LUA_STRIP_NONE : (enum lua_strip)i;
	return i < 0 ? -1 : 0;
}

int settings_hash(struct settings *s, const char *arg)
{
	int i = settings_word("--hash", HASH_WORDS, arg);

	s->rebuild.has_hash = true;
	s->rebuild.hash = i < 0 ? LUA_HASH_STOCK : (enum lua_hash_size)i;
	return i < 0 ? -1 : 0;
}

/* arg: NULL is always. */
static int take_when(const char *option, const char *arg, enum when *out)
{
	char what[80];

	if (when_parse(arg, out))
		return 0;
	snprintf(what, sizeof(what), "%s takes auto, always or never, not", option);
	return settings_usage(what, arg);
}

int settings_fix(struct settings *s, const char *arg)
{
	s->rebuild.has_fix = true;
	return take_when("--fix-fixed-strings", arg, &s->rebuild.fix);
}

int settings_share(struct settings *s, const char *arg)
{
	return take_when("--share", arg, &s->rebuild.share);
}

int settings_rebuild_number(struct settings *s, const char *option, const char *arg)
{
	struct rebuild *r = &s->rebuild;
	bool base = strcmp(option, "--base") == 0, seed = strcmp(option, "--seed") == 0;
	uint32_t value;

	r->loader |= base && strcmp(arg, "none") == 0;
	if (base && strcmp(arg, "none") == 0)
		return 0;
	if (!settings_number(arg, base, &value))
		return settings_usage(
			base   ? "--base takes an address such as 0x40296000, or none; not"
			: seed ? "--seed takes a number of 32 bits, not"
			       : "--timestamp takes seconds since 1970, not",
			arg);
	*(base ? &r->base : seed ? &r->seed : &r->time) = value;
	r->has_seed |= seed;
	r->has_time |= !base && !seed;
	return 0;
}

int settings_name(struct rebuild_names *names, const char *arg)
{
	const char **p = vec_grow(&names->list, &names->count, &names->cap, sizeof(*p), 1);

	if (!p)
		return settings_no_memory();
	*p = arg;
	return 0;
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
	return l->probe || l->pull || l->banner || settings_live_option(l);
}

/* 1: the kinds were asked for, and told. */
static int check_kind(const struct rebuild *r)
{
	struct check_target target;

	if (r->kind && r->banner)
		return settings_usage("--for and --banner both tell the firmware", NULL);
	if (!r->kind || check_kind_find(r->kind, &target))
		return 0;
	if (strcmp(r->kind, "help") == 0) {
		check_kinds_table(stdout);
		return 1;
	}
	check_kinds_table(stderr);
	return settings_usage("--for takes one of these, not", r->kind);
}

/* The image on standard output: the report goes to standard error then. */
static int check_stdout(struct settings *s)
{
	if (strcmp(s->output, "-") != 0)
		return 0;
	if (isatty(STDOUT_FILENO))
		return settings_usage("an image is nothing for a terminal: -o FILE, or a pipe",
				      NULL);
	s->rebuild.to_stdout = true;
	s->output = NULL;
	return 0;
}

static const char *option_name(int id)
{
	for (const struct option_row *row = settings_rows; row->name || row->help; row++)
		if (row->name && row->id == id)
			return row->name;
	return NULL;
}

int settings_check_rebuild(struct settings *s)
{
	struct rebuild *r = &s->rebuild;
	int kind = check_kind(r);

	if (kind)
		return kind;
	if (!r->wanted)
		return settings_usage("this goes with --rebuild", option_name(r->option));
	if (s->gen || s->list || s->census || s->capture || s->image || asks_device(&s->live))
		return settings_usage("--rebuild takes files, and goes with nothing else to do",
				      NULL);
	if (!s->nfiles && !s->ndumps)
		return settings_usage("--rebuild needs an INPUT", NULL);
	if (!s->output)
		return settings_usage("--rebuild needs -o FILE", NULL);
	if (r->base % 4 != 0)
		return settings_usage("--base is no multiple of 4", NULL);
	if (r->base && r->base < LUA_BASE_FIRST)
		return settings_usage("no chip maps flash at the address of --base; the ESP8266 "
				      "has its flash's 0x96000 at 0x40296000",
				      NULL);
	if (r->as_luac && (r->share == WHEN_ALWAYS || r->hash != LUA_HASH_STOCK))
		return settings_usage("luac.cross knows neither --share nor --hash: not with "
				      "--as-luac",
				      NULL);
	if (check_names(r) || check_style(s) || read_epoch(r) || check_stdout(s))
		return -1;
	return settings_check_output(s);
}
