/* SPDX-License-Identifier: MIT */
/*
 * Strings of captures and those of modules that hold nothing but strings become one such module. It
 * gets what no other module of the new image holds anyway, so these are linked first.
 */
#include <stdlib.h>
#include <string.h>

#include "common/lua/format.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

/* The image without the module of strings; an empty book when there are no other modules. */
static enum err open_rest(struct job *job, uint32_t skip, struct diag *diag, struct lua_book *out)
{
	struct lua_image *img = NULL;
	struct buf bytes = { 0 };
	uint32_t n = 0;

	*out = (struct lua_book){ 0 };
	for (uint32_t i = 0; i < job->count; i++)
		n += i != skip && job->modules[i].status != MODULE_REMOVED;
	if (!n || modules_link(job, skip, diag, &img))
		return diag->code;
	img->draft = true; /* compressing it well takes longer than all the rest */
	if (img->format->save(img, diag, &bytes) == ERR_NONE)
		lua_book_open(out, "image", bytes.data, bytes.len);
	lua_image_free(img);
	buf_free(&bytes);
	return diag->code ? diag->code : out->diag.code;
}

static bool add_all(struct string_set *to, const struct string_set *from, unsigned verdicts)
{
	if (from->count)
		string_set_capture(to);
	for (uint32_t i = 0; i < from->count; i++) {
		const struct string_item *s = &from->items[i];

		if (verdicts & 1u << s->verdict &&
		    string_set_add(to, string_text(from, s), s->len) == STRING_UNKNOWN)
			return false;
	}
	return true;
}

/* Those that are there by mistake, or only while strings are fetched, do not count. */
static const unsigned in_ram = 1u << STRING_KEPT | 1u << STRING_IN_IMAGE | 1u << STRING_PRIVATE |
			       1u << STRING_VOLATILE | 1u << STRING_DROPPED |
			       1u << STRING_OVER_BUDGET;

/* Judges the captured strings as --gen does; what was chosen before stays. */
static enum err judge(struct job *job, const struct lua_book *rest, struct diag *diag)
{
	static const char *const all[] = { "*", NULL };
	const struct settings *s = &job->scan->s;
	struct string_filter filter = {
		.image = rest->img ? rest : NULL,
		.min_seen = s->min_seen,
		.lua = (int)job->options.traits.version,
		.keep = s->keep.list,
		.drop = s->drop.list,
		.budget = s->budget,
		.constant = job->options.traits.tvalue_bytes,
	};
	struct string_filter again = {
		.image = filter.image, .lua = filter.lua, .keep = all, .constant = filter.constant
	};

	report_doubts(&job->scan->set, &filter);
	if (string_judge(&job->scan->set, &filter, diag))
		return diag->code;
	job->left_out = string_totals(&job->scan->set);
	if (!add_all(&job->module, &job->scan->set, 1u << STRING_KEPT) ||
	    !add_all(&job->module, &job->chosen, 1u << STRING_KEPT) ||
	    (job->r->kept && !add_all(&job->module, job->r->kept, 1u << STRING_KEPT)) ||
	    !add_all(&job->moving, &job->scan->set, in_ram))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	return string_judge(&job->module, &again, diag);
}

static enum err make_module(struct job *job, struct diag *diag)
{
	struct part *p = &job->parts[job->nparts];

	if (!string_totals(&job->module).kept)
		return ERR_NONE;
	job->nparts++;
	p->path = job->scan->set.count ? "captures" : "several inputs";
	p->source = true;
	p->name = strdup(REBUILD_CAPTURED);
	p->chunk_name = strdup("@" REBUILD_CAPTURED ".lua");
	string_generate(&job->module, &job->text);
	if (!p->name || !p->chunk_name || job->text.failed)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (part_compile(job, p, &job->text, diag))
		return diag->code;
	if (modules_add(job, p,
			module_find(job, REBUILD_CAPTURED, strlen(REBUILD_CAPTURED)) == LUA_NONE
				? MODULE_ADDED
				: MODULE_JOINED))
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return diag->code;
}

/* The Lua that the strings were in, when it is another. */
static void say_lua(const struct job *job)
{
	int lua = job->scan->lua ? job->scan->lua : job->scan->set.device.lua;

	if (lua && lua != (int)job->options.traits.version)
		fprintf(stderr,
			"strscan: note: the image is for Lua 5.%d, the strings are of a device "
			"with "
			"Lua 5.%d\n",
			(int)job->options.traits.version % 10, lua % 10);
}

int strings_add(struct job *job)
{
	uint32_t old = module_find(job, REBUILD_CAPTURED, strlen(REBUILD_CAPTURED));
	struct diag diag = { 0 };
	struct lua_book rest;

	if (job->scan->set.count || job->joined || job->r->kept) {
		say_lua(job);
		if (open_rest(job, old, &diag, &rest) == ERR_NONE &&
		    judge(job, &rest, &diag) == ERR_NONE)
			make_module(job, &diag);
		if (!diag.code)
			diag = rest.diag;
		lua_book_close(&rest);
	}
	if (!diag.code && !add_all(&job->moving, &job->chosen, in_ram))
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	return job_fail(REBUILD_CAPTURED, &diag);
}

/* Marks the strings of the set that an image has in its string table. */
static void mark(const struct string_set *set, const struct lua_image *img, uint8_t bit,
		 uint8_t *marks)
{
	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];
		uint32_t at = string_set_find(set, s->text, s->len);

		if (at != STRING_UNKNOWN && s->uses != LUA_USE_LINEINFO &&
		    (img->traits.version == LUA_51 || s->len <= LUA_SHORT_MAX))
			marks[at] |= bit;
	}
}

enum err strings_count(const struct job *job, const struct lua_image *img, struct diag *diag,
		       uint32_t *moved, uint64_t *freed)
{
	const struct string_set *set = &job->moving;
	uint8_t *marks = calloc((size_t)set->count + 1, 1);

	*moved = 0;
	*freed = 0;
	if (!marks)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	mark(set, img, 1, marks);
	if (job->first)
		mark(set, job->first->img, 2, marks);
	for (uint32_t i = 0; i < set->count; i++)
		if (marks[i] == 1) {
			++*moved;
			*freed += string_ram(set->items[i].len);
		}
	free(marks);
	return ERR_NONE;
}
