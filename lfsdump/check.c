/* SPDX-License-Identifier: MIT */
#include "lfsdump/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/firmware/target.h"
#include "common/lua/view_check.h"
#include "common/view/escape.h"
#include "lfsdump/check_firmware.h"
#include "lfsdump/extract_lfs.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"

bool check_set_kind(struct settings *s, const char *name)
{
	struct check_target target;

	if (!check_kind_find(name, &target)) {
		check_kinds_table(stderr);
		complain_usage("--for takes one of these, not", name);
		return false;
	}
	target.old_tags = s->target.old_tags;
	target.region = s->target.region;
	s->target = target;
	return true;
}

void check_take_target(struct settings *s, const struct check_target *target)
{
	struct check_target given = s->target;

	s->target = *target;
	if (given.region)
		s->target.region = given.region;
	s->target.old_tags |= given.old_tags;
}

bool check_set_banner(struct settings *s, const char *path)
{
	struct check_target target = s->target;
	struct diag diag = { 0 };
	struct file file;

	if (file_load(path, &diag, &file) == ERR_NONE)
		check_banner(file.data, file.len, &target, &diag);
	file_close(&file);
	if (diag.code) {
		complain(path, &diag);
		return false;
	}
	check_take_target(s, &target);
	return true;
}

uint32_t check_size(const char *text)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (*end == 'k' || *end == 'K') {
		n *= 1024;
		end++;
	}
	return errno || *end || text[0] == '-' || n > UINT32_MAX ? 0 : (uint32_t)n;
}

static const char *verdict_words(const struct check_report *r)
{
	if (r->refused)
		return "refused";
	return r->bad ? "not safe" : "accepted";
}

/* How a file that is neither refused nor unsafe gets onto the device. */
static const char *way_words(const struct lua_book *book)
{
	if (!book->img)
		return "";
	if (book->img->traits.form == LUA_FORM_ABSOLUTE)
		return " when written to flash";
	return book->img->traits.form == LUA_FORM_CHUNK ? " as a file to run, not as an image" : "";
}

/* "lfs.img: accepted by lua51-float", with the colour of a traffic light. */
static void put_verdict(const struct settings *s, const struct lua_book *book,
			const struct check_report *r, struct buf *out)
{
	const char *colour = r->bad ? "\033[1;31m" : "\033[1;32m";
	const char *unknown = book->img ? "the firmware it was made for" : "every firmware";
	const char *name = s->target.known ? s->target.name : unknown;

	if (s->style.form == OUTPUT_MARKDOWN)
		escape_markdown(out, (const uint8_t *)book->file, strlen(book->file));
	else
		escape_text(out, (const uint8_t *)book->file, strlen(book->file));
	buf_printf(out, ": %s%s%s %s ", s->style.colour ? colour : "", verdict_words(r),
		   s->style.colour ? "\033[0m" : "", r->bad && !r->refused ? "for" : "by");
	escape_text(out, (const uint8_t *)name, strlen(name));
	buf_str(out, r->bad ? "" : way_words(book));
	buf_byte(out, '\n');
	if (s->style.form == OUTPUT_MARKDOWN || r->count)
		buf_byte(out, '\n');
}

static void put_json_head(const struct settings *s, const struct lua_book *book,
			  const struct check_report *r, struct buf *out)
{
	json_begin(out, book->file);
	buf_str(out, ",\"target\":");
	if (s->target.known)
		escape_json(out, (const uint8_t *)s->target.name, strlen(s->target.name));
	else
		buf_str(out, "null");
	buf_printf(out, ",\"verdict\":\"%s\",\"findings\":", verdict_words(r));
}

static enum err print_report(FILE *f, const struct settings *s, const struct lua_book *book,
			     const struct check_report *r, struct diag *diag)
{
	bool json = s->style.form == OUTPUT_JSON;
	struct buf head = { 0 };
	enum err e;

	if (json)
		put_json_head(s, book, r, &head);
	else if (s->style.form == OUTPUT_TABLE || s->style.form == OUTPUT_MARKDOWN)
		put_verdict(s, book, r, &head);
	e = print_buf(f, &head, diag);
	if (!e && (json || r->count || s->style.form != OUTPUT_TABLE))
		e = output_view(f, &lua_view_check, r, &s->style, diag);
	if (json)
		fputs("}\n", f);
	else if (s->style.form == OUTPUT_TABLE && r->dropped)
		fprintf(f, "\nand %u more findings\n", (unsigned)r->dropped);
	return e;
}

static enum err judge(FILE *f, const struct settings *s, const struct lua_book *book,
		      const uint8_t *data, size_t len, struct diag *diag)
{
	struct check_report report;
	enum err e = check_file(data, len, book, &s->target, &report, diag);

	if (!e)
		e = check_firmware(s, book, &report, diag);
	if (!e)
		e = print_report(f, s, book, &report, diag);
	if (!e && report.bad)
		e = ERR_DAMAGED;
	check_free(&report);
	return e;
}

/* Without another one it is the firmware in the dump that has the image, if there is any. */
static void take_own_target(struct settings *s, struct firmware *fw)
{
	struct check_target own = { 0 };
	struct diag none = { 0 };

	if (firmware_target(fw, &own, &none) == ERR_NONE)
		check_take_target(s, &own);
}

/* The image in the LFS region of a dump, where no loader looks at it any more. */
static enum err check_dump(FILE *f, const struct settings *s, const struct input *in,
			   struct diag *diag)
{
	struct settings there = *s;
	struct firmware fw;
	struct lfs_part part;
	struct diag none = { 0 };
	enum err e;

	firmware_open(&fw, in->book->file, in->raw->data, in->raw->len);
	e = lfs_open(&fw, s, &none, &part);
	if (!e && !s->target.known)
		take_own_target(&there, &fw);
	there.target.flashed = true;
	there.target.misplaced = !e && !flash_lfs_in_place(&fw, &part.where);
	if (!e)
		e = judge(f, &there, &part.book, fw.data + part.where.off, part.where.present,
			  diag);
	else if (e == ERR_KIND)
		e = judge(f, s, in->book, in->raw->data, in->raw->len, diag);
	else
		*diag = none;
	lfs_close(&part);
	firmware_close(&fw);
	return e;
}

static enum err run_check(FILE *f, const struct settings *s, const struct input *in,
			  struct diag *diag)
{
	const struct lua_book *book = in->book;

	if (book->diag.code == ERR_IO || book->diag.code == ERR_MEMORY)
		return book->diag.code;
	if (book->diag.code == ERR_KIND && firmware_probe(in->raw->data, in->raw->len))
		return check_dump(f, s, in, diag);
	return judge(f, s, book, in->raw->data, in->raw->len, diag);
}

const struct job job_check = {
	.name = "--check",
	.run = run_check,
	.view = &lua_view_check,
	.forms = JOB_ALL_FORMS,
	.judges_damage = true,
};
