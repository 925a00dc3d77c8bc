/* SPDX-License-Identifier: MIT */
#include "strscan/rebuild.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/file.h"
#include "common/lua/check.h"
#include "common/lua/fit.h"
#include "common/lua/format.h"
#include "common/strings/filter.h"
#include "common/strings/input.h"
#include "common/view/escape.h"
#include "strscan/report.h"

#define CAPTURED "dummy_strings"

/* An input, loaded and told apart. */
struct part {
	const char *path;
	struct file file;
	struct lua_book book; /* an image or a chunk; of a source, once it is compiled */
	bool source;
	char *name, *chunk_name; /* "main", "@main.lua" */
};

struct job {
	const struct rebuild *r;
	struct part *parts;
	uint32_t nparts;
	struct string_set set; /* of captures */
	struct buf captured;   /* the module made of them */
	struct lua_link_input *in;
	uint32_t count, cap;
	struct lua_link_options options;
	const struct lua_image *first; /* the image to start from; NULL: none */
};

static int fail(const char *path, struct diag *diag)
{
	if (diag->code)
		report(path, diag);
	return diag->code ? 1 : 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* As luac.cross has it: the file's name up to the first dot, dots before it apart. */
static bool name_part(struct part *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *name = base + strspn(base, ".");
	size_t n = strlen(base) + 2;

	p->name = strdup(name);
	p->chunk_name = malloc(n);
	if (!p->name || !p->chunk_name)
		return false;
	p->name[strcspn(name, ".")] = '\0';
	snprintf(p->chunk_name, n, "@%s", base);
	return true;
}

/* Images and chunks have marks of their own; of the rest, only a name tells a source. */
static void load_part(struct job *job, struct part *p, struct diag *diag)
{
	if (file_load(p->path, diag, &p->file))
		return;
	if (!name_part(p, p->path)) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return;
	}
	p->source = ends_with(p->path, ".lua");
	if (p->source)
		return;
	if (lua_book_open(&p->book, p->path, p->file.data, p->file.len) == ERR_NONE)
		return;
	if (p->book.diag.code != ERR_KIND || p->book.img)
		*diag = p->book.diag;
	else
		string_input_load(&job->set, p->file.data, p->file.len, diag);
}

static int load_parts(struct job *job, char **files, int nfiles)
{
	int status = 0;

	job->parts = calloc((size_t)nfiles + 1, sizeof(*job->parts));
	if (!job->parts)
		return 1;
	for (int i = 0; i < nfiles; i++) {
		struct part *p = &job->parts[job->nparts++];
		uint32_t notes = job->set.note_count;
		struct diag diag = { 0 };

		p->path = files[i];
		load_part(job, p, &diag);
		status |= report_notes(files[i], &job->set, notes) | fail(files[i], &diag);
	}
	return status;
}

static void traits_of_kind(const struct check_target *t, struct lua_traits *out)
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

/* What the image is made for: --for, else what the first image was made for. */
static int choose_target(struct job *job)
{
	struct lua_traits *t = &job->options.traits;
	struct check_target target;

	for (uint32_t i = 0; i < job->nparts && !job->first; i++) {
		const struct lua_image *img = job->parts[i].book.img;

		if (img && img->traits.form != LUA_FORM_CHUNK)
			job->first = img;
	}
	if (job->r->kind && check_kind_find(job->r->kind, &target))
		traits_of_kind(&target, t);
	else if (job->first)
		*t = job->first->traits;
	else
		return fprintf(stderr, "strscan: no image to start from: --for KIND tells the "
				       "firmware\n"),
		       1;
	if (job->r->base)
		t->form = LUA_FORM_ABSOLUTE;
	job->options.base = job->r->base ? job->r->base : job->first ? job->first->header.base : 0;
	return 0;
}

static bool is_name(const struct lua_link_input *in, const char *name, size_t n)
{
	return in->name_len == n && memcmp(in->name, name, n) == 0;
}

static void say(const char *what, const struct lua_link_input *in)
{
	struct buf line = { 0 };

	buf_str(&line, "strscan: ");
	escape_text(&line, in->name, in->name_len);
	buf_printf(&line, ": %s\n", what);
	fwrite(line.data, 1, line.len, stderr);
	buf_free(&line);
}

/* A module of a name that is there takes the other's place. */
static bool add_module(struct job *job, const struct lua_link_input *in)
{
	struct lua_link_input *p;

	for (uint32_t i = 0; i < job->count; i++) {
		if (!is_name(&job->in[i], (const char *)in->name, in->name_len))
			continue;
		say("replaced", in);
		job->in[i] = *in;
		return true;
	}
	p = vec_grow(&job->in, &job->count, &job->cap, sizeof(*p), 1);
	if (p)
		*p = *in;
	return p != NULL;
}

static enum err compile_part(struct job *job, struct part *p, const uint8_t *text, size_t len,
			     struct diag *diag)
{
	const struct lua_traits *t = &job->options.traits;
	struct lua_compiler compiler;

	if (!lua_compiler_open(t->version, &compiler))
		return diag_fail(diag, ERR_IO, "no Lua %s library on this computer (liblua%s)",
				 t->version == LUA_51 ? "5.1" : "5.3",
				 t->version == LUA_51 ? "5.1" : "5.3");
	lua_compile_for(&compiler, t, text, len, diag, &p->book.img);
	lua_compiler_close(&compiler);
	return diag->code;
}

static bool add_part(struct job *job, struct part *p)
{
	struct lua_link_input in;

	for (uint32_t i = 0; p->book.img && i < p->book.img->nmodules; i++) {
		in = lua_link_module(p->book.img, i);
		if (p->book.img->traits.form == LUA_FORM_CHUNK) {
			in.name = (const uint8_t *)p->name;
			in.name_len = (uint32_t)strlen(p->name);
			in.source = p->source ? p->chunk_name : NULL;
		}
		if (!add_module(job, &in))
			return false;
	}
	return true;
}

static int add_parts(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->nparts; i++) {
		struct part *p = &job->parts[i];
		struct diag diag = { 0 };

		if (p->source)
			compile_part(job, p, p->file.data, p->file.len, &diag);
		if (!diag.code && !add_part(job, p))
			diag_fail(&diag, ERR_MEMORY, "out of memory");
		status |= fail(p->path, &diag);
	}
	return status;
}

/* The strings of all captures become one module, behind the others. */
static int add_captured(struct job *job)
{
	struct string_filter filter = { .lua = (int)job->options.traits.version };
	struct part *p = &job->parts[job->nparts];
	struct diag diag = { 0 };

	if (!job->set.count)
		return 0;
	job->nparts++;
	p->path = CAPTURED ".lua";
	p->source = true;
	for (uint32_t i = 0; i < job->nparts && !filter.image; i++)
		if (job->parts[i].book.img && job->parts[i].book.img == job->first)
			filter.image = &job->parts[i].book;
	if (!name_part(p, p->path))
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	else if (string_judge(&job->set, &filter, &diag) == ERR_NONE) {
		string_generate(&job->set, &job->captured);
		compile_part(job, p, job->captured.data, job->captured.len, &diag);
	}
	if (!diag.code && !add_part(job, p))
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	report_totals(&job->set, stderr, "strscan: ");
	return fail(p->path, &diag);
}

static int unknown(const char *option, const char *name)
{
	fprintf(stderr, "strscan: --%s %s: there is no such module\n", option, name);
	return 1;
}

static int remove_modules(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->r->removed.count; i++) {
		const char *name = job->r->removed.list[i];
		uint32_t k = 0;

		while (k < job->count && !is_name(&job->in[k], name, strlen(name)))
			k++;
		if (k == job->count) {
			status |= unknown("remove", name);
			continue;
		}
		say("removed", &job->in[k]);
		memmove(&job->in[k], &job->in[k + 1], (--job->count - k) * sizeof(*job->in));
	}
	return status;
}

static int rename_modules(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->r->renamed.count; i++) {
		const char *old = job->r->renamed.list[i];
		const char *eq = strchr(old, '=');
		uint32_t k = 0;

		while (k < job->count && !is_name(&job->in[k], old, (size_t)(eq - old)))
			k++;
		if (k == job->count) {
			status |= unknown("rename", old);
			continue;
		}
		job->in[k].name = (const uint8_t *)eq + 1;
		job->in[k].name_len = (uint32_t)strlen(eq + 1);
	}
	return status;
}

static int64_t build_time(const struct rebuild *r)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (r->has_time)
		return r->time;
	return epoch && *epoch ? (int64_t)strtoll(epoch, NULL, 10) : (int64_t)time(NULL);
}

static void set_options(struct job *job)
{
	struct lua_link_options *o = &job->options;

	o->time = build_time(job->r);
	o->seed = job->r->has_seed ? job->r->seed : job->first ? job->first->header.seed : 0;
	o->strip = job->r->strip;
	o->hash = job->r->hash;
	o->share = job->r->share;
	o->fix_fixed = job->r->fix == FIX_ALWAYS ||
		       (job->r->fix == FIX_WHEN_NEEDED && lua_link_wants_fix(job->in, job->count));
	o->fix_fixed = o->fix_fixed && o->traits.version == LUA_53;
	if (o->fix_fixed)
		fprintf(stderr, "strscan: fixed strings are numbered as the device has them\n");
}

static void say_findings(const struct check_report *report)
{
	for (uint32_t i = 0; i < report->count; i++) {
		const struct check_finding *f = &report->findings[i];
		struct buf line = { 0 };

		if (f->level == CHECK_NOTE)
			continue;
		buf_str(&line, "strscan: ");
		escape_text(&line, (const uint8_t *)f->message, strlen(f->message));
		escape_text(&line, (const uint8_t *)f->cause, strlen(f->cause));
		buf_byte(&line, '\n');
		fwrite(line.data, 1, line.len, stderr);
		buf_free(&line);
	}
}

/* What a device would say to the file. False: nothing good. */
static bool is_sound(const struct job *job, const struct buf *bytes)
{
	struct check_target target = { 0 };
	struct check_report found = { 0 };
	struct diag diag = { 0 };
	struct lua_book book;
	bool ok;

	if (job->r->kind)
		check_kind_find(job->r->kind, &target);
	target.flashed = job->options.traits.form == LUA_FORM_ABSOLUTE;
	target.base = target.flashed ? job->options.base : 0;
	lua_book_open(&book, "image", bytes->data, bytes->len);
	check_file(bytes->data, bytes->len, &book, &target, &found, &diag);
	ok = !diag.code && !book.diag.code && !found.bad;
	say_findings(&found);
	fail("image", &diag);
	check_free(&found);
	lua_book_close(&book);
	return ok;
}

static void say_result(const struct job *job, const struct lua_image *img, size_t size)
{
	fprintf(stderr,
		"strscan: %" PRIu32 " modules, %" PRIu32 " strings, %" PRIu64
		" bytes of flash, file of %zu bytes",
		img->nmodules, img->traits.version == LUA_51 ? img->nstrings : img->ntext,
		img->flash_size, size);
	if (job->first)
		fprintf(stderr, "; before: %" PRIu32 " modules, %" PRIu64 " and %" PRIu64 " bytes",
			job->first->nmodules, job->first->flash_size, job->first->file_size);
	fputc('\n', stderr);
}

static bool write_image(struct job *job, FILE *f)
{
	struct lua_image *img = NULL;
	struct diag diag = { 0 };
	struct buf bytes = { 0 };
	bool ok = false;

	set_options(job);
	if (lua_link(job->in, job->count, &job->options, &diag, &img) == ERR_NONE &&
	    img->format->save(img, &diag, &bytes) == ERR_NONE) {
		ok = is_sound(job, &bytes) && fwrite(bytes.data, 1, bytes.len, f) == bytes.len;
		if (ok)
			say_result(job, img, bytes.len);
		else
			fprintf(stderr, "strscan: nothing is written\n");
	}
	fail("image", &diag);
	buf_free(&bytes);
	lua_image_free(img);
	return ok;
}

static void job_free(struct job *job)
{
	for (uint32_t i = 0; i < job->nparts; i++) {
		struct part *p = &job->parts[i];

		file_close(&p->file);
		if (p->source)
			lua_image_free(p->book.img);
		else
			lua_book_close(&p->book);
		free(p->name);
		free(p->chunk_name);
	}
	free(job->parts);
	free(job->in);
	buf_free(&job->captured);
	string_set_free(&job->set);
}

bool rebuild_run(const struct rebuild *r, char **files, int nfiles, FILE *f)
{
	struct job job = { .r = r };
	bool ok = !load_parts(&job, files, nfiles) && !choose_target(&job) && !add_parts(&job) &&
		  !add_captured(&job);

	ok = ok && !remove_modules(&job) && !rename_modules(&job) && write_image(&job, f);
	job_free(&job);
	return ok;
}
