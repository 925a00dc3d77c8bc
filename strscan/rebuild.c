/* SPDX-License-Identifier: MIT */
#include "strscan/rebuild.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/lua/format.h"
#include "common/view/escape.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

/* Lua and luac name the file in front of the line: "main.lua:2: ..." */
int job_fail(const char *path, struct diag *diag)
{
	struct buf line = { 0 };

	if (!diag->code)
		return 0;
	if (strncmp(diag->text, "line:", 5) != 0) {
		report(path, diag);
		return 1;
	}
	buf_str(&line, "strscan: ");
	escape_text(&line, (const uint8_t *)path, strlen(path));
	buf_str(&line, diag->text + 4); /* printable ASCII, see compiler.c */
	buf_byte(&line, '\n');
	fwrite(line.data, 1, line.len, stderr);
	buf_free(&line);
	return 1;
}

static void traits_of_target(const struct check_target *t, struct lua_traits *out)
{
	*out = (struct lua_traits){ .version = t->version,
				    .format = 1,
				    .integer_bytes = t->integer_bytes,
				    .float_bytes = t->float_bytes,
				    .packed = t->packed };
	if (t->version == LUA_51)
		out->tvalue_bytes = !t->float_bytes ? 8 : t->packed ? 12 : 16;
	else
		out->tvalue_bytes = t->integer_bytes == 4 && t->float_bytes == 4 ? 8 : 12;
	out->form = t->version == LUA_51 ? LUA_FORM_RELOCATABLE : LUA_FORM_PORTABLE;
}

static int read_banner(struct job *job)
{
	struct diag diag = { 0 };
	struct file file;

	if (file_load(job->r->banner, &diag, &file) == ERR_NONE)
		check_banner(file.data, file.len, &job->target, &diag);
	file_close(&file);
	return job_fail(job->r->banner, &diag);
}

/* What the image is made for: --for or --banner, else what the first image was made for. */
static int choose_target(struct job *job)
{
	struct lua_traits *t = &job->options.traits;

	for (uint32_t i = 0; i < job->nparts && !job->first; i++) {
		const struct lua_image *img = job->parts[i].book.img;

		if (img && img->traits.form != LUA_FORM_CHUNK)
			job->first = &job->parts[i].book;
	}
	if (job->r->banner && read_banner(job))
		return 1;
	if (job->r->kind)
		check_kind_find(job->r->kind, &job->target);
	if (job->r->region)
		job->target.region = job->r->region;
	if (job->target.known) {
		traits_of_target(&job->target, t);
	} else if (job->first) {
		*t = job->first->img->traits;
	} else {
		fprintf(stderr, "strscan: no image to start from: --for KIND or --banner FILE "
				"tells the firmware\n");
		return 1;
	}
	if (job->r->base)
		t->form = LUA_FORM_ABSOLUTE;
	job->options.base = job->r->base ? job->r->base
			    : job->first ? job->first->img->header.base
					 : 0;
	job->target.flashed = t->form == LUA_FORM_ABSOLUTE;
	job->target.base = job->target.flashed ? job->options.base : 0;
	return 0;
}

static void set_options(struct job *job)
{
	const struct rebuild *r = job->r;
	struct lua_link_options *o = &job->options;

	o->time = r->has_time ? r->time : (int64_t)time(NULL);
	o->seed = r->has_seed ? r->seed : job->first ? job->first->img->header.seed : 0;
	o->strip = r->strip;
	o->hash = r->hash;
	o->share = r->share;
	o->as_luac = r->as_luac;
}

/* The linker says the same of a module's number; here its file is known. */
static enum err check_part(const struct job *job, const struct part *p, struct diag *diag)
{
	const struct lua_traits *t = &job->options.traits;
	const struct lua_traits *has = p->book.img ? &p->book.img->traits : t;

	if (has->version == t->version && has->integer_bytes == t->integer_bytes &&
	    has->float_bytes == t->float_bytes)
		return ERR_NONE;
	return diag_fail(diag, ERR_KIND, "is for a firmware with another Lua or other numbers");
}

static int add_parts(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->nparts; i++) {
		struct part *p = &job->parts[i];
		struct diag diag = { 0 };

		if (p->source)
			part_compile(job, p, NULL, &diag);
		else
			check_part(job, p, &diag);
		status |= diag.code ? job_fail(p->path, &diag) : modules_add(job, p, MODULE_ADDED);
		/* Without a compiler, all say the same. */
		if (p->source && job->r->luac && !job->luac.path)
			break;
	}
	return status;
}

/* Where the report goes: not into the image. */
static FILE *report_stream(FILE *image)
{
	struct stat a, b;
	bool same = fstat(fileno(image), &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	return same ? stderr : stdout;
}

/* Writes the image when a device takes it, and reports either way. */
static enum err judge_image(struct job *job, const struct buf *bytes, FILE *f, struct diag *diag)
{
	struct check_report found = { 0 };
	struct lua_book book;

	if (lua_book_open(&book, job->scan->s.output, bytes->data, bytes->len))
		*diag = book.diag;
	else if (check_file(bytes->data, bytes->len, &book, &job->target, &found, diag) ==
		 ERR_NONE) {
		if (!found.bad && !found.failed)
			job->scan->printed = fwrite(bytes->data, 1, bytes->len, f) == bytes->len &&
					     fflush(f) == 0;
		if (found.bad || job->scan->printed)
			job_report(job, &book, &found, report_stream(f), diag);
		else
			diag_fail(diag, ERR_IO, "%s", strerror(errno));
	}
	check_free(&found);
	lua_book_close(&book);
	return diag->code;
}

static int write_image(struct job *job, FILE *f)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	if (modules_link(job, LUA_NONE, &diag, &img) == ERR_NONE &&
	    img->format->save(img, &diag, &bytes) == ERR_NONE)
		judge_image(job, &bytes, f, &diag);
	buf_free(&bytes);
	lua_image_free(img);
	return job_fail(job->scan->s.output, &diag);
}

static void job_free(struct job *job)
{
	parts_free(job);
	free(job->modules);
	buf_free(&job->text);
	string_set_free(&job->chosen);
	string_set_free(&job->moving);
	string_set_free(&job->module);
}

int rebuild_run(struct scan *scan, FILE *f)
{
	struct job job = { .scan = scan, .r = &scan->s.rebuild };
	int status = parts_load(&job);
	bool stop = scan->lost || choose_target(&job);

	if (!stop) {
		set_options(&job);
		stop = add_parts(&job) || modules_remove(&job) || modules_rename(&job) ||
		       strings_add(&job) || write_image(&job, f);
	}
	if (!scan->printed)
		fprintf(stderr, "strscan: nothing is written\n");
	job_free(&job);
	return status || stop || !scan->printed;
}
