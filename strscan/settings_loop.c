/* SPDX-License-Identifier: MIT */
#include "strscan/settings.h"
#include "strscan/settings_ids.h"

int settings_take_loop(struct loop *l, int id, const char *arg)
{
	const struct {
		int id;
		const char **text;
		bool *flag;
	} rows[] = {
		{ OPT_OPTIMIZE, NULL, &l->optimize },
		{ OPT_UPLOAD, &l->upload, NULL },
		{ OPT_AS, &l->as, NULL },
		{ OPT_VERIFY, &l->verify, NULL },
		{ OPT_RELOAD, &l->reload, NULL },
		{ OPT_RESTORE, &l->old, &l->restore },
		{ OPT_GUARD, &l->guard, NULL },
		{ OPT_YES, NULL, &l->yes },
	};

	l->wanted = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].id != id)
			continue;
		if (rows[i].text)
			*rows[i].text = arg;
		if (rows[i].flag)
			*rows[i].flag = true;
	}
	return 0;
}

/* What goes on with other things than a device's image. */
static const char *other_option(const struct settings *s)
{
	return s->gen                 ? "--gen"
	       : s->list              ? "--list"
	       : s->census            ? "--census"
	       : s->capture           ? "--capture"
	       : s->rebuild.wanted    ? "--rebuild"
	       : s->live.probe        ? "--probe"
	       : s->live.pull         ? "--pull"
	       : s->live.banner       ? "--save-banner"
	       : s->ndumps            ? "--ram"
	       : s->style.columns     ? "--columns"
	       : s->style.sort        ? "--sort"
	       : s->style.filter      ? "--filter"
	       : s->rebuild.base != 0 ? "--base"
				      : NULL;
}

static int check_steps(const struct settings *s)
{
	const struct loop *l = &s->loop;
	bool steps = l->upload || l->verify || l->reload;

	if (l->optimize + l->restore + steps + (l->guard != NULL) != 1)
		return settings_usage("one of --optimize, --restore and --guard, or some of "
				      "--upload, --reload and --verify, at a time",
				      NULL);
	if (!l->optimize && s->nfiles)
		return settings_usage("an INPUT goes with --optimize", s->files[0]);
	if (l->optimize && !s->nfiles && !s->image)
		return settings_usage("--optimize needs the image that is in the device, or all "
				      "its modules: --image FILE or INPUT",
				      NULL);
	if (l->guard && !s->image)
		return settings_usage("--guard needs the image that it is for: --image FILE", NULL);
	if (l->reload && l->verify)
		return settings_usage("--reload compares the image by itself; it goes without "
				      "--verify",
				      NULL);
	if (l->as && !l->upload && !l->optimize)
		return settings_usage("--as goes with --upload or --optimize", NULL);
	return 0;
}

/* An optional argument stands behind "=", but what else could this be? */
static void take_restored(struct settings *s)
{
	if (!s->loop.restore || s->loop.old || s->nfiles != 1)
		return;
	s->loop.old = s->files[0];
	s->nfiles = 0;
}

int settings_check_loop(struct settings *s)
{
	const char *other = other_option(s);

	take_restored(s);
	if (other)
		return settings_usage("this goes with no step of --optimize, nor with it", other);
	if (s->format == FORMAT_LUA || s->format == FORMAT_CSV)
		return settings_usage("what comes of it is told as text or json", NULL);
	if (settings_check_port(s))
		return -1;
	if (s->format == FORMAT_JSON)
		s->style.form = OUTPUT_JSON;
	return check_steps(s) || settings_check_output(s) ? -1 : 0;
}
