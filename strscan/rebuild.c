/* SPDX-License-Identifier: MIT */
#include "strscan/rebuild.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/lua/convert.h"
#include "common/lua/fixed53.h"
#include "common/lua/format.h"
#include "common/view/escape.h"
#include "common/view/message.h"
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
	buf_str(&line, diag->text + 4); /* printable, see compiler.c */
	message_end(stderr, "strscan", &line);
	return 1;
}

const char *job_output(const struct job *job)
{
	return job->scan->s.output ? job->scan->s.output : "(standard output)";
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

/* As it stands in flash, or a file for the loader. */
static void choose_form(struct job *job)
{
	const struct lua_image *img = job->first ? job->first->img : NULL;
	struct lua_traits *t = &job->options.traits;
	bool was = img && img->traits.form == LUA_FORM_ABSOLUTE;

	if (job->r->base || (was && !job->r->loader))
		t->form = LUA_FORM_ABSOLUTE;
	else
		t->form = t->version == LUA_51 ? LUA_FORM_RELOCATABLE : LUA_FORM_PORTABLE;
	job->options.base = job->r->base ? job->r->base : img ? img->header.base : 0;
	job->target.flashed = t->form == LUA_FORM_ABSOLUTE;
	/* That the device has its region at --base is no more than a claim: see check.c. */
	if (!job->target.flashed)
		job->target.base = 0;
}

/* A file that was meant to be one is named. */
static int say_no_image(const struct job *job)
{
	const struct diag none = { .code = ERR_KIND, .text = "is neither an image nor a chunk" };

	for (uint32_t i = 0; i < job->nparts; i++)
		if (job->parts[i].unsure && !part_is_named_lua(job->parts[i].path))
			report(job->parts[i].path, &none);
	fprintf(stderr, "strscan: no image to start from: --for KIND or --banner FILE tells the "
			"firmware\n");
	return 1;
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
	if (job->r->device)
		job->target = *job->r->device;
	if (job->r->kind)
		check_kind_find(job->r->kind, &job->target);
	if (job->r->region)
		job->target.region = job->r->region;
	if (job->target.known) {
		traits_of_target(&job->target, t);
	} else if (job->first) {
		*t = job->first->img->traits;
	} else {
		return say_no_image(job);
	}
	choose_form(job);
	return 0;
}

static bool same_kind(const struct lua_traits *a, const struct lua_traits *b)
{
	return a->version == b->version && a->format == b->format && a->packed == b->packed &&
	       a->old_tags == b->old_tags && a->integer_bytes == b->integer_bytes &&
	       a->float_bytes == b->float_bytes;
}

/* The image to start from is all there is, and stays what it is. */
static bool is_unchanged(const struct job *job)
{
	const struct rebuild *r = job->r;

	return job->first && job->nparts == 1 && !job->scan->set.count &&
	       modules_differ(job->first->img) && !r->removed.count && !r->renamed.count &&
	       (!r->has_strip || r->strip == LUA_STRIP_NONE) && !r->as_luac &&
	       same_kind(&job->options.traits, &job->first->img->traits);
}

static void set_options(struct job *job)
{
	const struct rebuild *r = job->r;
	struct lua_link_options *o = &job->options;

	job->unchanged = is_unchanged(job);
	o->time = r->has_time ? r->time : (int64_t)time(NULL);
	o->seed = r->has_seed ? r->seed : job->first ? job->first->img->header.seed : 0;
	o->strip = r->has_strip ? r->strip : LUA_STRIP_NONE;
	o->hash = r->hash;
	o->share = r->share == WHEN_ALWAYS || (r->share == WHEN_AUTO && !r->as_luac);
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

/* That a loader refuses such a file is no news when it goes into flash as it is. */
static void drop_loader_note(const struct job *job, struct check_report *found)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < found->count; i++)
		if (!job->target.flashed || found->findings[i].level != CHECK_NOTE ||
		    !found->findings[i].message[0])
			found->findings[n++] = found->findings[i];
	found->count = n;
}

/* Writes the image when a device takes it, and reports either way. */
static enum err judge_image(struct job *job, const struct buf *bytes, FILE *f, struct diag *diag)
{
	struct check_report found = { 0 };
	struct lua_book book;

	if (lua_book_open(&book, job_output(job), bytes->data, bytes->len))
		*diag = book.diag;
	else if (check_file(bytes->data, bytes->len, &book, &job->target, &found, diag) ==
		 ERR_NONE) {
		drop_loader_note(job, &found);
		say_refused(job, book.img, &found);
		if (found.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else if (!found.bad)
			job->scan->printed = fwrite(bytes->data, 1, bytes->len, f) == bytes->len &&
					     fflush(f) == 0;
		if (found.bad || job->scan->printed)
			job_report(job, &book, &found,
				   job->r->report ? job->r->report : report_stream(f), diag);
		else
			diag_system(diag);
		/* Better no image than one of which nobody was told what it is. */
		if (diag->code == ERR_MEMORY)
			job->scan->printed = false;
	}
	check_free(&found);
	lua_book_close(&book);
	return diag->code;
}

/* The image to start from in the form that is wanted, its modules and strings where they are. */
static enum err keep_layout(struct job *job, struct diag *diag, struct lua_image **out)
{
	const struct lua_link_options *o = &job->options;
	const struct rebuild *r = job->r;
	struct lua_image *img = job->first->img;
	struct lua_link_input in[LUA_LINK_MAX51];
	uint32_t n = 0;

	for (; n < img->nmodules && n < LUA_LINK_MAX51; n++)
		in[n] = lua_link_module(img, n);
	if (r->has_time)
		lua_image_set_time(img, r->time);
	img->header.seed = o->seed;
	if (r->has_hash)
		img->header.buckets = lua_link_buckets(img, o->hash);
	if (img->traits.version == LUA_53 &&
	    (r->fix == WHEN_ALWAYS || (r->fix == WHEN_AUTO && lua_link_wants_fix(in, n))))
		img->header.fixed_count = FIXED53_COUNT;
	else if (r->fix == WHEN_NEVER && r->has_fix)
		img->header.fixed_count = FIXED53_STOCK;
	img->share = r->share == WHEN_ALWAYS ||
		     (r->share == WHEN_AUTO && lua_image_shares(img, diag));
	return diag->code ? diag->code : lua_image_convert(img, o->traits.form, o->base, diag, out);
}

static enum err make_image(struct job *job, struct diag *diag, struct lua_image **out)
{
	return job->unchanged ? keep_layout(job, diag, out)
			      : modules_link(job, LUA_NONE, diag, out);
}

static int write_image(struct job *job, FILE *f)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };

	if (make_image(job, &diag, &img) == ERR_NONE &&
	    img->format->save(img, &diag, &bytes) == ERR_NONE)
		judge_image(job, &bytes, f, &diag);
	buf_free(&bytes);
	lua_image_free(img);
	return job_fail(job_output(job), &diag);
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
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct job job = { .scan = scan, .r = &scan->s.rebuild };
	int status = parts_load(&job);
	bool stop = scan->lost || choose_target(&job);

	/* A reader of the report that has seen enough does not take the image with it. */
	sigaction(SIGPIPE, &ignore, NULL);
	if (!stop) {
		status |= parts_tell(&job);
		stop = scan->lost;
	}
	if (!stop) {
		set_options(&job);
		say_idle_options(&job);
		stop = add_parts(&job) || modules_remove(&job) || modules_rename(&job) ||
		       strings_add(&job) || modules_check(&job) || write_image(&job, f);
	}
	if (!scan->printed)
		fprintf(stderr, "strscan: nothing is written\n");
	job_free(&job);
	return status || stop || !scan->printed;
}
