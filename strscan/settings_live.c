/* SPDX-License-Identifier: MIT */
#include "strscan/settings.h"

/* Something that only a device can answer. */
static const char *live_option(const struct live *l)
{
	return l->port     ? "--port"
	       : l->reset  ? "--reset"
	       : l->watch  ? "--watch"
	       : l->every  ? "--every"
	       : l->record ? "--record"
	       : l->replay ? "--replay"
			   : NULL;
}

int settings_check_live(struct settings *s)
{
	struct live *l = &s->live;
	bool strings = s->gen || s->list || s->capture;
	bool inputs = s->ndumps || s->nfiles || s->forecast;
	bool asks = l->probe || l->pull || l->banner;

	l->capture = strings && !inputs;
	s->live_wanted = l->capture || asks;
	if (inputs && (asks || live_option(l)))
		return settings_usage("a device is asked when there are no inputs; this is about a "
				      "device",
				      asks ? "--probe, --pull, --save-banner" : live_option(l));
	if (!s->live_wanted && live_option(l))
		return settings_usage("this is about a device, but nothing is asked of it",
				      live_option(l));
	if (l->replay && (l->port || l->record || l->reset))
		return settings_usage("--replay takes the place of a port", NULL);
	if (l->watch > 1 && !s->min_seen)
		s->min_seen = l->watch;
	if (!l->every)
		l->every = 10;
	return 0;
}
