/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/lua/fit.h"
#include "common/strings/input.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

/*
 * As luac.cross has it: the file's name up to the first dot, dots before it apart. Its chunk is
 * called as the whole path, but folders here are nothing to a device.
 */
static bool name_part(struct part *p, const char *path, bool as_luac)
{
	const char *base = file_base_name(path);
	const char *name = base + strspn(base, ".");
	const char *chunk = as_luac ? path : base;
	size_t n = strlen(chunk) + 2;

	p->name = strdup(name);
	p->chunk_name = malloc(n);
	if (!p->name || !p->chunk_name)
		return false;
	p->name[strcspn(name, ".")] = '\0';
	snprintf(p->chunk_name, n, "@%s", chunk);
	return true;
}

static bool is_compiled(const struct file *f)
{
	return f->len >= 4 && memcmp(f->data, "\033Lua", 4) == 0;
}

/* Images and chunks have marks of their own; the rest is told apart when the target is known. */
static void load_part(struct part *p, const char *name, bool as_luac, struct diag *diag)
{
	if (file_load_max(name, STRING_INPUT_MAX, diag, &p->file))
		return;
	if (!name_part(p, p->path, as_luac)) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return;
	}
	if (lua_book_open(&p->book, p->path, p->file.data, p->file.len) == ERR_NONE)
		return;
	p->unsure = p->book.diag.code == ERR_KIND && !p->book.img && !is_compiled(&p->file);
	if (!p->unsure)
		*diag = p->book.diag;
}

/* What the loader of the firmware that it was made for says, where that can be asked. */
static void ask_loader(const struct part *p, struct diag *diag)
{
	const struct lua_traits *t = &p->book.img->traits;
	bool v51 = t->version == LUA_51;
	struct check_target target = { 0 };
	struct check_report r = { 0 };
	bool loaded = true;

	if ((v51 && t->form == LUA_FORM_RELOCATABLE && t->format) || t->form == LUA_FORM_PORTABLE)
		loaded = (v51 ? check_loader51 : check_loader53)(p->file.data, p->file.len, &target,
								 &r);
	if (!loaded && r.count)
		diag_fail(diag, ERR_DAMAGED, "damaged: %.80s%s%.80s", r.findings[0].message,
			  r.findings[0].message[0] && r.findings[0].cause[0] ? ": " : "",
			  r.findings[0].cause);
	else if (!loaded)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	check_free(&r);
}

/* What is damaged does not become part of an image, however little it is. */
static void refuse_damaged(const struct part *p, struct diag *diag)
{
	const struct lua_image *img = p->book.img;

	if (diag->code || !img)
		return;
	if (img->note_count)
		*diag = img->notes[0];
	else
		ask_loader(p, diag);
}

int parts_load(struct job *job)
{
	char **files = job->scan->s.files;
	int status = 0;

	job->parts = calloc((size_t)job->scan->s.nfiles + 1, sizeof(*job->parts));
	if (!job->parts) {
		job->scan->lost = true;
		report_no_memory(job_output(job));
		return 1;
	}
	for (int i = 0; i < job->scan->s.nfiles; i++) {
		struct part *p = &job->parts[job->nparts++];
		struct diag diag = { 0 };

		p->nameless = strcmp(files[i], "-") == 0;
		p->path = file_shown_name(files[i]);
		load_part(p, files[i], job->r->as_luac, &diag);
		refuse_damaged(p, &diag);
		if (job_fail(p->path, &diag)) {
			job->scan->lost = true;
			status = 1;
		}
	}
	return status;
}

const struct lua_compiler *parts_compiler(struct job *job, struct diag *diag)
{
	enum lua_version version = job->options.traits.version;
	const char *name = version == LUA_51 ? "5.1" : "5.3";

	if (job->compiler.library || lua_compiler_open(version, &job->compiler))
		return &job->compiler;
	if (errno == ENOMEM)
		diag_system(diag);
	diag_fail(diag, ERR_IO,
		  "no Lua %s library on this computer (liblua%s); --luac PATH uses a luac.cross "
		  "instead",
		  name, name);
	return NULL;
}

static enum err compile_here(struct job *job, const uint8_t *text, size_t len, struct diag *diag,
			     struct lua_image **out)
{
	const struct lua_compiler *c = parts_compiler(job, diag);

	if (c)
		lua_compile_for(c, &job->options.traits, text, len, diag, out);
	return diag->code;
}

enum err part_compile(struct job *job, struct part *p, const struct buf *text, struct diag *diag)
{
	const struct lua_traits *t = &job->options.traits;

	if (!job->r->luac)
		return compile_here(job, text ? text->data : p->file.data,
				    text ? text->len : p->file.len, diag, &p->book.img);
	if (!job->luac.path && luac_open(job->r->luac, t, diag, &job->luac))
		return diag->code;
	return luac_compile(&job->luac, p->path, text, t, diag, &p->book.img);
}

void parts_free(struct job *job)
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
	lua_compiler_close(&job->compiler);
}
