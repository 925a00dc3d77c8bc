/* SPDX-License-Identifier: MIT */
#include "lfsdump/choice.h"

#include <string.h>

#include "common/firmware/view_disasm.h"
#include "common/firmware/view_firmware.h"
#include "lfsdump/diff.h"

enum { CHOICE_KINDS = 4 };

void choice_add(struct settings *s, const char *name, const struct lua_view_entry *image)
{
	for (unsigned i = 0; i < s->nviews; i++)
		if (!strcmp(s->views[i].name, name))
			return;
	if (s->nviews < VIEWS_MAX)
		s->views[s->nviews++] = (struct view_choice){ name, image };
}

static unsigned add(const struct view *v, const struct view *out[CHOICE_KINDS], unsigned n)
{
	if (!v || n == CHOICE_KINDS)
		return n;
	for (unsigned i = 0; i < n; i++)
		if (out[i] == v)
			return n;
	out[n] = v;
	return n + 1;
}

/* All views that a name stands for, depending on the file; returns how many. */
static unsigned views_of(const struct settings *s, const char *name,
			 const struct view *out[CHOICE_KINDS])
{
	unsigned n = 0;

	for (unsigned i = 0; i < lua_view_count; i++)
		if (!strcmp(lua_views[i].view->name, name))
			n = add(s->diff ? diff_view(lua_views[i].view) : lua_views[i].view, out, n);
	if (s->diff)
		return add(firmware_diff_view(name), out, n);
	if (!strcmp(firmware_view_disasm.name, name))
		n = add(&firmware_view_disasm, out, n);
	for (unsigned i = 0; i < firmware_view_count; i++)
		if (!strcmp(firmware_views[i].view->name, name))
			n = add(firmware_views[i].view, out, n);
	return n;
}

/* The first file begins like a firmware: its columns are those that are meant. */
static bool is_for_firmware(const struct settings *s)
{
	unsigned char head[4] = { 0 };
	FILE *f = s->nfiles && strcmp(s->files[0], "-") != 0 ? fopen(s->files[0], "rb") : NULL;
	size_t n = f ? fread(head, 1, sizeof(head), f) : 0;

	if (f)
		fclose(f);
	return n && (!memcmp(head,
			     "\x7f"
			     "ELF",
			     4) ||
		     head[0] == 0xe9 || head[0] == 0xea || head[0] == 0xff);
}

enum err choice_check(const struct settings *s, const struct view_choice *choice, struct diag *diag)
{
	const struct view *views[CHOICE_KINDS];
	unsigned n = views_of(s, choice->name, views);

	if (!n)
		return diag_fail(diag, ERR_KIND,
				 "--diff has no --%s: of images it shows summary, bytes, modules, "
				 "strings, of firmwares summary, memory, modules, sources, symbols",
				 choice->name);
	for (unsigned i = 0; i < n; i++) {
		struct diag d = { 0 };

		if (!output_check(views[i], &s->style, &d))
			return ERR_NONE;
		if (!i || (choice->image && is_for_firmware(s)))
			*diag = d;
	}
	return diag->code;
}

static bool is_of_firmware(const struct settings *s, const char *name, const struct view *v)
{
	if (s->diff)
		return firmware_diff_view(name) == v;
	for (unsigned i = 0; i < firmware_view_count; i++)
		if (firmware_views[i].view == v)
			return true;
	return false;
}

static void each_of(const struct settings *s, const char *name, choice_fn *fn, void *ctx)
{
	const struct view *views[CHOICE_KINDS];
	unsigned n = views_of(s, name, views);

	for (unsigned i = 0; i < n; i++)
		fn(ctx, name,
		   n < 2                               ? ""
		   : is_of_firmware(s, name, views[i]) ? ", of a firmware"
						       : ", of an image",
		   views[i]);
}

/* Whether row i is the first of its name, of images' views too. */
static bool is_first(unsigned i)
{
	const char *name = firmware_views[i].view->name;

	for (unsigned k = 0; k < lua_view_count; k++)
		if (!strcmp(lua_views[k].view->name, name))
			return false;
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(firmware_views[k].view->name, name))
			return false;
	return true;
}

void choice_each(const struct settings *s, choice_fn *fn, void *ctx)
{
	for (unsigned i = 0; i < s->nviews; i++)
		each_of(s, s->views[i].name, fn, ctx);
	for (unsigned i = 0; !s->nviews && i < lua_view_count; i++)
		each_of(s, lua_views[i].view->name, fn, ctx);
	for (unsigned i = 0; !s->nviews && i < firmware_view_count; i++)
		if (is_first(i))
			each_of(s, firmware_views[i].view->name, fn, ctx);
}
