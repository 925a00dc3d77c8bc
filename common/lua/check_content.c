/* SPDX-License-Identifier: MIT */
/*
 * What a loader does not look at. Facts about the device: the firmware's lflash.c, lundump.c,
 * lstring.c, lgc.c, ltable.c of release 3.0-release_20240225.
 */
#include "common/lua/check_found.h"

#include <string.h>

#include "common/lua/flash51.h"

/* Bytes that no device reads: the type of the header's number, and what follows the end. */
static bool is_unread(const struct diag *note)
{
	return strcmp(note->path, "header.number_type") == 0 || strcmp(note->path, "end") == 0;
}

static void report_diag(const struct check_scope *s, const struct diag *d)
{
	struct check_finding *f;

	if (is_unread(d)) {
		f = check_advise(s, "compare the file's size with that of what luac.cross wrote",
				 "%s: no device reads that, but no luac.cross writes it", d->text);
		check_place(f, d->off, d->path);
		return;
	}
	f = check_wrong(s, d->placed ? d->off : CHECK_NO_OFFSET, d->path, "%s", d->text);
	if (f && d->placed)
		f->inflated = d->inflated;
}

/* What reading the file stumbled over. Where the loader refuses the file, it has said so itself. */
static void report_damage(const struct check_scope *s)
{
	const struct lua_image *img = s->img;
	uint32_t notes = img->note_count < LUA_NOTES_MAX ? img->note_count : LUA_NOTES_MAX;

	if (s->book->diag.code && !s->r->refused)
		report_diag(s, &s->book->diag);
	for (uint32_t i = 0; i < notes; i++)
		report_diag(s, &img->notes[i]);
	if (img->note_count > notes)
		check_wrong(s, CHECK_NO_OFFSET, NULL, "and %u more of this kind",
			    (unsigned)(img->note_count - notes));
}

/* Nothing in the header tells the generations of type tags apart, so no loader can refuse. */
static void check_tags(const struct check_scope *s)
{
	const struct lua_traits *t = &s->img->traits;
	struct check_finding *f;

	if (!s->target->known || s->target->version != LUA_51 || t->version != LUA_51 ||
	    t->old_tags == s->target->old_tags || s->img->nstrings == 0)
		return;
	f = check_wrong(s, s->img->strings[0].off + (uint64_t)TSTRING51_TT, "strings[0].tt",
			"the image has the type tags of %s April 2020, the firmware those of %s: "
			"it accepts the image and then misbehaves",
			t->old_tags ? "before" : "after", t->old_tags ? "after" : "before");
	if (f)
		strcpy(f->remedy, "rebuild it with the luac.cross of the firmware's own release");
}

/* The header of an absolute 5.3 image on the ESP8266 does not tell the widths of numbers. */
static void check_widths(const struct check_scope *s)
{
	const struct lua_traits *t = &s->img->traits;
	const struct check_target *to = s->target;

	if (!to->known || to->version != LUA_53 || t->version != LUA_53 ||
	    t->form != LUA_FORM_ABSOLUTE ||
	    (t->integer_bytes == to->integer_bytes && t->float_bytes == to->float_bytes))
		return;
	check_wrong(s, CHECK_NO_OFFSET, NULL,
		    "numbers of %u and %u bytes on a firmware with %u and %u: it accepts the image "
		    "and crashes when a module is used",
		    t->integer_bytes, t->float_bytes, to->integer_bytes, to->float_bytes);
}

void check_content(const struct lua_book *book, const struct check_target *target,
		   struct check_report *r)
{
	struct check_scope s = { .book = book, .img = book->img, .target = target, .r = r };

	if (!s.img)
		return;
	report_damage(&s);
	check_tags(&s);
	check_widths(&s);
	if (s.img->traits.form != LUA_FORM_CHUNK) {
		if (s.img->traits.version == LUA_51) {
			check_strings51(&s);
			check_main51(&s);
			check_odd51(&s);
		} else {
			check_strings53(&s);
			check_fixed53(&s);
		}
		check_modules(&s);
	}
	check_protos(&s);
}
