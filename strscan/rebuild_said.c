/* SPDX-License-Identifier: MIT */
/*
 * What --rebuild says on standard error besides failures of inputs.
 */
#include <string.h>

#include "common/view/escape.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

static void idle(const char *option, const char *why)
{
	report_remark(option, "no effect: %s", why);
}

bool job_has_sources(const struct job *job)
{
	for (uint32_t i = 0; i < job->nparts && i < (uint32_t)job->scan->s.nfiles; i++)
		if (job->parts[i].source)
			return true;
	return false;
}

void say_idle_options(const struct job *job)
{
	static const char *const v51 = "the image is for Lua 5.1";
	static const char *const portable = "a 5.3 image for the loader is laid out by the device";
	const struct lua_traits *t = &job->options.traits;
	const struct settings *s = &job->scan->s;
	const struct rebuild *r = job->r;
	bool strings = job->scan->set.count != 0;

	if (t->version == LUA_51 && r->has_seed)
		idle("--seed", v51);
	if (t->version == LUA_51 && r->has_fix)
		idle("--fix-fixed-strings", v51);
	if (t->form == LUA_FORM_PORTABLE && r->has_hash)
		idle("--hash", portable);
	if (t->form == LUA_FORM_PORTABLE && r->share == WHEN_ALWAYS)
		idle("--share", portable);
	if (r->luac && !job_has_sources(job) && !strings)
		idle("--luac", "there is nothing to compile");
	if (!strings && (s->keep.count || s->drop.count || s->budget || s->min_seen))
		idle("--keep, --drop, --budget, --min-seen",
		     "there is no capture among the inputs");
	if (r->loader && r->base)
		idle("--base none", "a later --base gives an address");
}

/* The module that a place in a 5.3 image for the loader is in: its functions stand together. */
static void add_module_name(const struct lua_image *img, const struct check_finding *f,
			    struct diag *diag)
{
	const struct lua_module *m = NULL;
	size_t n = strlen(diag->text);
	char name[61];

	if (img->traits.form != LUA_FORM_PORTABLE || !f->placed ||
	    strncmp(f->path, "proto", 5) != 0)
		return;
	for (uint32_t i = 0; i < img->nmodules; i++)
		if (img->modules[i].proto < img->nprotos &&
		    img->protos[img->modules[i].proto].off <= f->off)
			m = &img->modules[i];
	if (!m || m->name >= img->nstrings)
		return;
	escape_words(img->strings[m->name].text, img->strings[m->name].len, name, sizeof(name));
	snprintf(diag->text + n, sizeof(diag->text) - n, " (module %s)", name);
}

/* The report has them all; who only sees the errors gets the first ones. */
void say_refused(const struct job *job, const struct lua_image *img,
		 const struct check_report *found)
{
	enum { SAID = 3 };
	uint32_t said = 0;

	for (uint32_t i = 0; i < found->count && said < SAID; i++) {
		const struct check_finding *f = &found->findings[i];
		struct diag diag = { .code = ERR_DAMAGED,
				     .off = f->off,
				     .placed = f->placed,
				     .inflated = f->inflated };

		if (f->level == CHECK_NOTE)
			continue;
		said++;
		snprintf(diag.path, sizeof(diag.path), "%s", f->path);
		snprintf(diag.text, sizeof(diag.text), "%s%.60s%s%.110s",
			 f->level == CHECK_REFUSED ? "refused: " : "not safe: ", f->message,
			 f->message[0] && f->cause[0] ? ": " : "", f->cause);
		add_module_name(img, f, &diag);
		report(job_output(job), &diag);
	}
}
