/* SPDX-License-Identifier: MIT */
/*
 * What an image uses of a firmware. Globals are keys of lua_rotable_base, or names that C code puts
 * into the table of globals at the start: a name that is nowhere among the firmware's strings is
 * neither. Fields are looked up in ROTables as a path of names leads to them; what the image
 * assigns is its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/firmware/target.h"
#include "common/lua/check_found.h"
#include "common/lua/xref.h"

struct uses {
	const struct firmware *fw;
	const struct check_scope *s;
	const struct lua_xref *x;
	const struct firmware_table *base;
};

static const struct firmware_entry *find_entry(const struct firmware *fw,
					       const struct firmware_table *t, const void *name,
					       size_t len)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct firmware_entry *e = &fw->entries[t->first + i];

		if (e->key && strlen(e->key) == len && memcmp(e->key, name, len) == 0)
			return e;
	}
	return NULL;
}

/* The ROTable that a dotted path leads to; NULL: none, or nobody can tell. */
static const struct firmware_table *find_table(const struct uses *u, const char *path)
{
	const struct firmware_table *t = u->base;

	for (;;) {
		size_t n = strcspn(path, ".");
		const struct firmware_entry *e = find_entry(u->fw, t, path, n);

		if (!e || e->value != VALUE_TABLE || e->table == FIRMWARE_NONE)
			return NULL;
		t = &u->fw->tables[e->table];
		if (path[n] == 0)
			return t;
		path += n + 1;
	}
}

/* A C string that is the name, or ends with it as the linker merges strings. */
static bool is_text(const struct firmware *fw, const struct lua_string *name)
{
	for (uint32_t i = 0; i < fw->ntexts; i++) {
		const struct firmware_text *t = &fw->texts[i];
		size_t before = t->len - name->len;

		if (t->len >= name->len && memcmp(t->p + before, name->text, name->len) == 0 &&
		    (before == 0 || t->p[before - 1] < '0'))
			return true;
	}
	return false;
}

static const struct lua_global *find_global(const struct lua_xref *x, const struct lua_image *img,
					    const char *name, size_t len)
{
	for (uint32_t i = 0; i < x->nglobals; i++) {
		const struct lua_string *s = &img->strings[x->globals[i].name];

		if (s->len == len && memcmp(s->text, name, len) == 0)
			return &x->globals[i];
	}
	return NULL;
}

/* " and 3 more places" */
static const char *more(uint32_t count, char out[CHECK_WORDS])
{
	out[0] = 0;
	if (count > 1)
		snprintf(out, CHECK_WORDS, " and %" PRIu32 " more place%s", count - 1,
			 count > 2 ? "s" : "");
	return out;
}

static void report_global(const struct uses *u, const struct lua_global *g)
{
	char name[CHECK_WORDS], where[CHECK_WORDS], others[CHECK_WORDS];

	for (uint32_t i = u->x->first[g->name]; i < u->x->first[g->name + 1]; i++) {
		const struct lua_ref *ref = &u->x->refs[i];

		if (ref->kind != LUA_REF_GLOBAL_READ)
			continue;
		check_advise(u->s,
			     "build a firmware with it, or see that other Lua code assigns it",
			     "the firmware has no global %s, used in %s%s",
			     check_quote(u->s->img, g->name, name),
			     check_where(u->s, ref->proto, ref->pc, where), more(g->reads, others));
		return;
	}
}

static void check_globals(const struct uses *u)
{
	const struct lua_image *img = u->s->img;

	for (uint32_t i = 0; i < u->x->nglobals; i++) {
		const struct lua_global *g = &u->x->globals[i];
		const struct lua_string *name = &img->strings[g->name];

		if (g->reads && !g->writes && !find_entry(u->fw, u->base, name->text, name->len) &&
		    !is_text(u->fw, name))
			report_global(u, g);
	}
}

static bool is_field(const struct lua_ref *ref)
{
	return (ref->kind == LUA_REF_FIELD_READ || ref->kind == LUA_REF_METHOD) &&
	       ref->object != LUA_NONE;
}

/* The firmware's table is there and has no such field; the table is not the image's own. */
static bool is_missing(const struct uses *u, const struct lua_ref *ref)
{
	const char *path = lua_xref_path(u->x, ref->object);
	const struct lua_string *name = &u->s->img->strings[ref->string];
	const struct firmware_table *t = find_table(u, path);
	const struct lua_global *g;

	if (!t || t->metatable != FIRMWARE_NONE || find_entry(u->fw, t, name->text, name->len))
		return false;
	g = find_global(u->x, u->s->img, path, strcspn(path, "."));
	return !g || !g->writes;
}

/* Nothing before ref i names the same field of the same object. */
static bool is_first(const struct uses *u, uint32_t i)
{
	const struct lua_ref *refs = u->x->refs;

	for (uint32_t k = u->x->first[refs[i].string]; k < i; k++)
		if (is_field(&refs[k]) && refs[k].object == refs[i].object)
			return false;
	return true;
}

static void report_field(const struct uses *u, const struct lua_ref *ref, uint32_t count)
{
	char name[CHECK_WORDS], where[CHECK_WORDS], others[CHECK_WORDS];
	char *plain = name;
	size_t n;

	check_quote(u->s->img, ref->string, name);
	n = strlen(name);
	if (n > 2) { /* the quotes stand around the whole */
		name[n - 1] = 0;
		plain = name + 1;
	}
	check_advise(u->s, "build a firmware that has it, or do without it",
		     "the firmware has no \"%.60s.%s\", used in %s%s",
		     lua_xref_path(u->x, ref->object), plain,
		     check_where(u->s, ref->proto, ref->pc, where), more(count, others));
}

/* Once for each field of each table: references to a string stand together. */
static void check_fields(const struct uses *u)
{
	for (uint32_t i = 0; i < u->x->nrefs; i++) {
		const struct lua_ref *ref = &u->x->refs[i];
		uint32_t count = 1;

		if (!is_field(ref) || !is_first(u, i) || !is_missing(u, ref))
			continue;
		for (uint32_t k = i + 1; k < u->x->first[ref->string + 1]; k++)
			count += is_field(&u->x->refs[k]) && u->x->refs[k].object == ref->object;
		report_field(u, ref, count);
	}
}

enum err firmware_uses(const struct firmware *fw, const struct lua_book *book,
		       const struct check_target *target, struct check_report *report,
		       struct diag *diag)
{
	struct check_scope s = { .book = book, .img = book->img, .target = target, .r = report };
	struct uses u = { .fw = fw, .s = &s };
	struct lua_xref x;

	if (!book->img)
		return ERR_NONE;
	for (uint32_t i = 0; i < fw->ntables && !u.base; i++)
		if (fw->tables[i].reach == REACH_BASE)
			u.base = &fw->tables[i];
	if (!u.base) {
		check_advise(&s, "give the ELF file that the firmware was made of",
			     "the firmware's table of modules is not found in this file: what the "
			     "image uses of it is not checked");
	} else if (lua_xref_make(book->img, diag, &x) == ERR_NONE) {
		u.x = &x;
		check_globals(&u);
		check_fields(&u);
		lua_xref_free(&x);
	}
	return report->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : diag->code;
}
