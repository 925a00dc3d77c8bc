/* SPDX-License-Identifier: MIT */
#include "lfsdump/firmware.h"

#include <string.h>

#include "common/firmware/forecast.h"
#include "common/firmware/view_firmware.h"
#include "common/firmware/view_flash.h"
#include "lfsdump/code.h"
#include "lfsdump/document.h"
#include "lfsdump/extract_lfs.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"

enum { ROWS_SHOWN = 12 };

int report_firmware(const struct firmware *fw)
{
	return report_notes(fw->file, &fw->diag, fw->notes, fw->note_count);
}

static enum err refuse_view(const struct firmware *fw, const char *name, struct diag *diag)
{
	struct buf list = { 0 };
	enum err e;

	for (unsigned i = 0; i < firmware_view_count; i++)
		if (firmware_views[i].forms & 1u << fw->form)
			buf_printf(&list, " --%s", firmware_views[i].view->name);
	buf_byte(&list, 0);
	e = diag_fail(diag, ERR_KIND, "%s has no --%s, but%.120s",
		      fw->form == FIRMWARE_ELF ? "an ELF file" : "a dump or .bin", name,
		      list.failed ? "" : (const char *)list.data);
	buf_free(&list);
	return e;
}

/* The views asked for, as this firmware has them; *missing gets a name that it has not, *nowhere
 * whether the image in it has none of that name either. */
static unsigned views_asked(const struct firmware *fw, const struct settings *s,
			    const struct view *views[VIEWS_MAX], const char **missing,
			    bool *nowhere)
{
	unsigned n = 0;

	*missing = NULL;
	*nowhere = false;
	for (unsigned i = 0; i < s->nviews; i++) {
		views[n] = firmware_view_find(s->views[i].name, fw->form);
		if (views[n]) {
			n++;
		} else if (!*missing || !s->views[i].image) {
			*missing = s->views[i].name;
			*nowhere = !s->views[i].image;
		}
	}
	return n;
}

static unsigned standard_views(const struct firmware *fw, const struct settings *s,
			       const struct view *views[VIEWS_MAX])
{
	bool all = s->style.form == OUTPUT_JSON;
	bool one = s->style.form == OUTPUT_CSV || s->style.form == OUTPUT_TSV;
	unsigned n = 0;

	for (unsigned i = 0; i < firmware_view_count && n < (one ? 1 : VIEWS_MAX); i++)
		if (firmware_views[i].forms & 1u << fw->form && (all || firmware_views[i].standard))
			views[n++] = firmware_views[i].view;
	return n;
}

static enum err show_standard(FILE *f, const struct settings *s, const struct firmware *fw,
			      struct diag *diag)
{
	const struct view *views[VIEWS_MAX];
	unsigned n = standard_views(fw, s, views);
	struct output_style style = s->style;
	enum err e = ERR_NONE;

	if (s->style.form == OUTPUT_JSON)
		return document_views(f, &style, fw->file, fw, views, n, diag);
	for (unsigned i = 0; i < n && !e; i++) {
		uint64_t rows = views[i]->count(fw, VIEW_ROOT);

		if (!rows)
			continue;
		if (i && style.form != OUTPUT_CSV && style.form != OUTPUT_TSV)
			fputc('\n', f);
		style.no_title = i == 0;
		style.limit = ROWS_SHOWN;
		e = output_view(f, views[i], fw, &style, diag);
	}
	return e;
}

/* An image for another Lua is one that the firmware does not load. */
static void note_other_lua(const struct firmware *fw, const struct lfs_part *part)
{
	const struct lua_image *img = part->book.img;
	int version = img ? (img->traits.version == LUA_51 ? 51 : 53) : 0;
	struct diag note = { 0 };

	if (!img || !fw->lua.version || fw->lua.version == version)
		return;
	diag_fail(&note, ERR_KIND, "the firmware is Lua 5.%d: it does not load an image of 5.%d",
		  fw->lua.version % 10, version % 10);
	complain(part->name, &note);
}

/* The image in the LFS region, shown like any other. Without one that is no failure by itself. */
static enum err show_lfs(FILE *f, const struct settings *s, const struct firmware *fw, bool wanted,
			 book_fn show, struct diag *diag)
{
	struct lfs_part part;
	struct diag none = { 0 };
	enum err e = lfs_open(fw, s, &none, &part);

	if (e == ERR_MEMORY || (e && wanted))
		*diag = none;
	if (e)
		return diag->code;
	if (!wanted && s->style.form == OUTPUT_TABLE)
		fprintf(f, "\n%s\n", part.name);
	e = show(f, s, &part.book, diag);
	if (!s->job)
		note_other_lua(fw, &part);
	if (report_damage(&part.book) && !e)
		e = ERR_DAMAGED;
	lfs_close(&part);
	return e;
}

/* Finds the names of metatables, when a view that is to be shown has them. */
static enum err find_names(struct firmware *fw, const struct settings *s, struct diag *diag)
{
	bool wanted = !s->nviews && s->style.form == OUTPUT_JSON;

	for (unsigned i = 0; i < firmware_view_count; i++)
		for (unsigned k = 0; k < s->nviews; k++)
			wanted |= firmware_views[i].names &&
				  !strcmp(firmware_views[i].view->name, s->views[k].name);
	return wanted ? forecast_name_tables(fw, diag) : ERR_NONE;
}

static enum err show_views(FILE *f, const struct settings *s, struct firmware *fw, book_fn show,
			   struct diag *diag)
{
	const struct view *views[VIEWS_MAX];
	const char *missing;
	bool nowhere;
	unsigned n = views_asked(fw, s, views, &missing, &nowhere);
	enum err e = firmware_study(fw, diag);

	if (!e)
		e = find_names(fw, s, diag);
	if (e)
		return e;
	if (s->disasm)
		return code_show(f, s, fw, diag);
	if (s->nviews && !missing)
		return document_views(f, &s->style, fw->file, fw, views, n, diag);
	if (missing && (n || nowhere || fw->form == FIRMWARE_ELF))
		return refuse_view(fw, missing, diag);
	if (missing)
		return show_lfs(f, s, fw, true, show, diag);
	e = show_standard(f, s, fw, diag);
	if (!e && fw->form != FIRMWARE_ELF && s->style.form == OUTPUT_TABLE)
		e = show_lfs(f, s, fw, false, show, diag);
	return e;
}

/* What a dump lacks is no damage: reading a flash often stops half-way. */
static void note_missing(const struct firmware *fw)
{
	struct buf lines = { 0 };
	struct diag more = { 0 };
	unsigned count = 0;

	flash_missing(fw, &lines);
	for (size_t at = 0; at < lines.len && !lines.failed;) {
		const uint8_t *line = lines.data + at;
		size_t n = (size_t)((const uint8_t *)memchr(line, '\n', lines.len - at) - line);
		struct diag note = { 0 };

		diag_fail(&note, ERR_TRUNCATED, "%.*s", (int)n, (const char *)line);
		if (count++ < NOTES_SHOWN)
			complain(fw->file, &note);
		at += n + 1;
	}
	if (count > NOTES_SHOWN) {
		diag_fail(&more, ERR_TRUNCATED, "and %u more; --partitions shows them",
			  count - NOTES_SHOWN);
		complain(fw->file, &more);
	}
	buf_free(&lines);
}

/* What is not looked at is no damage either. */
static void note_packed(const struct firmware *fw)
{
	struct diag note = { 0 };

	diag_fail(&note, ERR_KIND,
		  "its debug data is compressed, and not read; objcopy --decompress-debug-sections "
		  "helps");
	complain(fw->file, &note);
}

/* What can be done with an image, done with that in the LFS region. */
static enum err run_job(FILE *f, const struct settings *s, const struct firmware *fw,
			struct diag *diag)
{
	struct lfs_part part;
	const struct input in = { .book = &part.book };
	enum err e = lfs_open(fw, s, diag, &part);

	if (!e)
		e = s->job->run(f, s, &in, diag);
	if (!e && report_damage(&part.book))
		e = ERR_DAMAGED;
	lfs_close(&part);
	return e;
}

int firmware_show(FILE *f, const struct settings *s, const char *file, const uint8_t *data,
		  size_t len, book_fn show)
{
	struct firmware fw;
	struct diag diag = { 0 };
	enum err e = ERR_NONE;
	int status;

	firmware_open(&fw, file, data, len);
	if (s->job && fw.form != FIRMWARE_ELF)
		e = show_lfs(f, s, &fw, true, show, &diag);
	else if (s->job)
		e = diag_fail(&diag, ERR_KIND, "%s takes an image, not a firmware", s->job->name);
	else if (s->base && fw.form == FIRMWARE_ELF)
		e = diag_fail(&diag, ERR_KIND, "--base takes an image, not a firmware");
	else if (s->lfs_address && fw.form == FIRMWARE_ELF)
		e = diag_fail(&diag, ERR_KIND,
			      "--lfs-addr takes a dump or a .bin, not an ELF file");
	else if (s->job)
		e = run_job(f, s, &fw, &diag);
	else if (fw.nsections || fw.form != FIRMWARE_ELF)
		e = show_views(f, s, &fw, show, &diag);
	else if (s->style.form == OUTPUT_JSON)
		e = document_views(f, &s->style, fw.file, &fw,
				   &(const struct view *){ &firmware_view_damage }, 1, &diag);
	status = report_firmware(&fw);
	if (diag.code)
		complain(file, &diag);
	if (fw.form == FIRMWARE_DUMP && !s->nviews && !s->job)
		note_missing(&fw);
	if (fw.packed_dwarf)
		note_packed(&fw);
	firmware_close(&fw);
	return status || e || diag.code;
}
