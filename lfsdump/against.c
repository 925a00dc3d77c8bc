/* SPDX-License-Identifier: MIT */
#include "lfsdump/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/lua/against.h"
#include "lfsdump/report.h"
#include "lfsdump/tree.h"

struct comparison {
	const struct lua_book *book;
	struct lua_compiler compiler;
	struct tree tree;
	struct lua_against result;
	struct diag *diag;
	bool trouble; /* complained of already */
};

static struct lua_against_row *add_row(struct comparison *c, const void *name, size_t len)
{
	struct lua_against_row *r = vec_grow(&c->result.rows, &c->result.count, &c->result.cap,
					     sizeof(*r), 1);

	if (!r) {
		diag_fail(c->diag, ERR_MEMORY, "out of memory");
		return NULL;
	}
	r->name = name;
	r->name_len = len;
	return r;
}

/* A chunk is the module that its file is named after. */
static const uint8_t *module_name(const struct lua_book *b, uint32_t module, size_t *len)
{
	uint32_t name = b->img->modules[module].name;

	if (name < b->img->nstrings) {
		*len = b->img->strings[name].len;
		return b->img->strings[name].text;
	}
	*len = 0;
	if (b->img->traits.form == LUA_FORM_CHUNK)
		return (const uint8_t *)tree_name(b->file, len);
	return (const uint8_t *)"";
}

static void judge_file(struct comparison *c, uint32_t module, const char *path,
		       struct lua_against_verdict *out)
{
	struct diag diag = { 0 };
	struct file file;

	if (file_load(path, &diag, &file) == ERR_NONE)
		lua_against_judge(c->book, module, file.data, file.len, &c->compiler, c->diag, out);
	file_close(&file);
	if (!diag.code)
		return;
	complain(path, &diag);
	c->trouble = true;
	out->status = AGAINST_UNSURE;
	snprintf(out->how, sizeof(out->how), "the source cannot be read");
}

/* Of several sources of that name the one that fits best counts. */
static void compare_module(struct comparison *c, uint32_t module)
{
	size_t len;
	const uint8_t *name = module_name(c->book, module, &len);
	struct lua_against_row *r = add_row(c, name, len);
	uint32_t file = tree_find(&c->tree, name, len);

	if (!r)
		return;
	r->verdict.status = AGAINST_EXTRA;
	snprintf(r->verdict.how, sizeof(r->verdict.how), "by name");
	for (; tree_is(&c->tree, file, name, len) && !c->diag->code; file++) {
		struct lua_against_verdict v = { 0 };

		c->tree.files[file].used = true;
		judge_file(c, module, c->tree.files[file].path, &v);
		if (r->path && v.status <= r->verdict.status)
			continue;
		r->verdict = v;
		r->path = c->tree.files[file].path;
	}
}

static void add_missing(struct comparison *c)
{
	for (uint32_t i = 0; i < c->tree.count; i++) {
		const struct tree_file *file = &c->tree.files[i];
		struct lua_against_row *r;

		if (file->used)
			continue;
		r = add_row(c, file->name, file->name_len);
		if (!r)
			return;
		r->path = file->path;
		r->verdict.status = AGAINST_MISSING;
		snprintf(r->verdict.how, sizeof(r->verdict.how), "by name");
	}
}

static int by_status(const void *x, const void *y)
{
	const struct lua_against_row *a = x;
	const struct lua_against_row *b = y;
	size_t n = a->name_len < b->name_len ? a->name_len : b->name_len;
	int order;

	if (a->verdict.status != b->verdict.status)
		return a->verdict.status < b->verdict.status ? -1 : 1;
	order = n ? memcmp(a->name, b->name, n) : 0;
	if (!order)
		order = a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
	return order || !a->path || !b->path ? order : strcmp(a->path, b->path);
}

static void print(FILE *f, const struct settings *s, struct comparison *c)
{
	bool json = s->style.form == OUTPUT_JSON;
	struct buf head = { 0 };

	if (json) {
		json_begin(&head, c->book->file);
		buf_str(&head, ",\"against\":");
	}
	if (print_buf(f, &head, c->diag))
		return;
	output_view(f, &lua_against_view, &c->result, &s->style, c->diag);
	if (json)
		fputs("}\n", f);
}

static bool all_well(const struct comparison *c)
{
	bool well = !c->trouble && !c->diag->code;

	for (uint32_t i = 0; i < c->result.count; i++)
		well &= c->result.rows[i].verdict.status >= AGAINST_UNSURE;
	return well;
}

static void compare(struct comparison *c)
{
	const struct lua_image *img = c->book->img;

	for (uint32_t i = 0; i < img->nmodules && !c->diag->code; i++)
		compare_module(c, i);
	if (img->traits.form != LUA_FORM_CHUNK)
		add_missing(c);
	if (c->result.count)
		qsort(c->result.rows, c->result.count, sizeof(*c->result.rows), by_status);
}

static enum err run_against(FILE *f, const struct settings *s, const struct input *in,
			    struct diag *diag)
{
	const struct lua_book *book = in->book;
	struct comparison c = { .book = book, .diag = diag };
	bool well;

	if (!book->img)
		return ERR_NONE;
	if (tree_list(s->against, diag, &c.tree) == ERR_NONE) {
		if (!lua_compiler_open(book->img->traits.version, &c.compiler) && errno == ENOMEM)
			diag_system(diag);
		else
			compare(&c);
	}
	if (!diag->code)
		print(f, s, &c);
	well = all_well(&c);
	lua_compiler_close(&c.compiler);
	tree_free(&c.tree);
	free(c.result.rows);
	return well ? ERR_NONE : ERR_DAMAGED;
}

const struct job job_against = {
	.name = "--against",
	.run = run_against,
	.view = &lua_against_view,
	.forms = JOB_ALL_FORMS,
	.names_files = true,
};
