/* SPDX-License-Identifier: MIT */
#include "strscan/settings.h"
#include "strscan/settings_ids.h"

int settings_take_live(struct live *l, int id, const char *arg)
{
	switch (id) {
	case OPT_PROBE: l->probe = true; break;
	case OPT_BANNER: l->banner = arg; break;
	case OPT_PULL: l->pull = arg; break;
	case OPT_PORT: l->port = arg; break;
	case OPT_RESET: l->reset = true; break;
	case OPT_WATCH:
		if (!settings_number(arg, 1, &l->watch))
			return settings_usage("--watch takes a number of captures, not", arg);
		break;
	case OPT_EVERY:
		if (!settings_number(arg, 1, &l->every))
			return settings_usage("--every takes a number of seconds, not", arg);
		break;
	case OPT_RECORD: l->record = arg; break;
	case OPT_REPLAY: l->replay = arg; break;
	default: return -1;
	}
	return 0;
}

const char *settings_live_option(const struct live *l)
{
	return l->port     ? "--port"
	       : l->reset  ? "--reset"
	       : l->watch  ? "--watch"
	       : l->every  ? "--every"
	       : l->record ? "--record"
	       : l->replay ? "--replay"
			   : NULL;
}

int settings_check_port(struct settings *s)
{
	struct live *l = &s->live;

	if (l->replay && (l->port || l->record || l->reset))
		return settings_usage("--replay takes the place of a port", NULL);
	if (l->watch > 1 && !s->min_seen)
		s->min_seen = l->watch;
	return 0;
}

int settings_check_live(struct settings *s)
{
	struct live *l = &s->live;
	bool strings = s->gen || s->list || s->capture;
	bool inputs = s->ndumps || s->nfiles || s->forecast;
	bool asks = l->probe || l->pull || l->banner;

	l->capture = strings && !inputs;
	s->live_wanted = l->capture || asks;
	if (inputs && (asks || settings_live_option(l)))
		return settings_usage("a device is asked when there are no inputs; this is about a "
				      "device",
				      asks ? "--probe, --pull, --save-banner"
					   : settings_live_option(l));
	if (!s->live_wanted && settings_live_option(l))
		return settings_usage("this is about a device, but nothing is asked of it",
				      settings_live_option(l));
	if (!l->every)
		l->every = 10;
	return settings_check_port(s);
}
