/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/fit.h"
#include "common/strings/input.h"
#include "common/view/escape.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

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

/* The same bytes were there before: they are no second capture. */
static bool is_known(const struct job *job, const struct part *p)
{
	for (const struct part *q = job->parts; q < p; q++)
		if (q->file.len == p->file.len && p->file.len &&
		    memcmp(q->file.data, p->file.data, p->file.len) == 0) {
			report_remark(p->path, "the same as %s: counted once", q->path);
			return true;
		}
	return false;
}

/* Images and chunks have marks of their own; of the rest, only a name tells a source. */
static void load_part(struct job *job, struct part *p, const char *name, struct diag *diag)
{
	if (file_load_max(name, STRING_INPUT_MAX, diag, &p->file))
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
	else if (!is_known(job, p))
		string_input_load(&job->scan->set, p->file.data, p->file.len, diag);
}

/* Damage that was passed over is said, and is no reason to stop: what it spoils is found out. */
static int say_notes(const struct part *p)
{
	const struct lua_image *img = p->book.img;

	if (!img || !img->note_count)
		return 0;
	report(p->path, &img->notes[0]);
	return 1;
}

int parts_load(struct job *job)
{
	char **files = job->scan->s.files;
	int status = 0;

	job->parts = calloc((size_t)job->scan->s.nfiles + 1, sizeof(*job->parts));
	if (!job->parts) {
		job->scan->lost = true;
		return 1;
	}
	for (int i = 0; i < job->scan->s.nfiles; i++) {
		struct part *p = &job->parts[job->nparts++];
		uint32_t notes = job->scan->set.note_count;
		struct diag diag = { 0 };

		p->path = strcmp(files[i], "-") == 0 ? "(standard input)" : files[i];
		load_part(job, p, files[i], &diag);
		status |= report_notes(p->path, &job->scan->set, notes) | say_notes(p);
		if (job_fail(p->path, &diag))
			job->scan->lost = true;
	}
	return status;
}

static enum err compile_here(struct job *job, const uint8_t *text, size_t len, struct diag *diag,
			     struct lua_image **out)
{
	const struct lua_traits *t = &job->options.traits;
	struct lua_compiler compiler;

	if (!lua_compiler_open(t->version, &compiler))
		return diag_fail(diag, ERR_IO,
				 "no Lua %s library on this computer (liblua%s); --luac PATH uses "
				 "a luac.cross instead",
				 t->version == LUA_51 ? "5.1" : "5.3",
				 t->version == LUA_51 ? "5.1" : "5.3");
	lua_compile_for(&compiler, t, text, len, diag, out);
	lua_compiler_close(&compiler);
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
}
