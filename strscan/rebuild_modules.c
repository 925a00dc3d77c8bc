/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/lua/convert.h"
#include "common/view/escape.h"
#include "common/view/message.h"
#include "strscan/rebuild_job.h"
#include "strscan/report.h"

uint32_t module_find(const struct job *job, const char *name, size_t n)
{
	for (uint32_t i = 0; i < job->count; i++) {
		const struct job_module *m = &job->modules[i];

		if (m->status != MODULE_REMOVED && m->in.name_len == n &&
		    memcmp(m->in.name, name, n) == 0)
			return i;
	}
	return LUA_NONE;
}

static void say_replaced(const struct job_module *was, const struct job_module *now)
{
	bool joined = now->status == MODULE_JOINED;
	struct buf line = { 0 };

	buf_str(&line, "strscan: ");
	escape_text(&line, now->in.name, now->in.name_len);
	buf_str(&line, joined ? ": strings of " : ": that of ");
	escape_text(&line, (const uint8_t *)was->from, strlen(was->from));
	buf_str(&line, joined ? " joined with those of " : " replaced by that of ");
	escape_text(&line, (const uint8_t *)now->from, strlen(now->from));
	message_end(stderr, "strscan", &line);
}

/* The strings that a module's functions have. */
static void add_strings(struct string_set *to, const struct lua_image *img, uint32_t proto)
{
	const struct lua_proto *p = proto < img->nprotos ? &img->protos[proto] : NULL;

	for (uint32_t i = 0; p && i < p->constants.count; i++) {
		const struct lua_const *k = &img->constants[p->constants.first + i];

		if (k->type == LUA_STRING && k->string < img->nstrings)
			string_set_add(to, img->strings[k->string].text,
				       img->strings[k->string].len);
	}
	for (uint32_t i = 0; p && i < p->children.count; i++)
		add_strings(to, img, img->children[p->children.first + i]);
}

static bool is_captured(const struct lua_link_input *in)
{
	return in->name_len == strlen(REBUILD_CAPTURED) &&
	       memcmp(in->name, REBUILD_CAPTURED, in->name_len) == 0;
}

void rebuild_captured(const struct lua_image *img, struct string_set *to)
{
	for (uint32_t i = 0; i < img->nmodules; i++) {
		struct lua_link_input in = lua_link_module(img, i);

		if (!is_captured(&in))
			continue;
		string_set_capture(to);
		add_strings(to, img, in.proto);
	}
}

/* A module of a name that is there takes the other's place. */
static bool add_module(struct job *job, const struct job_module *m)
{
	uint32_t i = module_find(job, (const char *)m->in.name, m->in.name_len);
	struct job_module *p = i != LUA_NONE ? &job->modules[i] : NULL;
	struct job_module was;

	if (!p) {
		p = vec_grow(&job->modules, &job->count, &job->cap, sizeof(*p), 1);
		if (p)
			*p = *m;
		return p != NULL;
	}
	was = *p;
	*p = *m;
	p->old = was.old;
	if (m->status != MODULE_JOINED)
		p->status = is_captured(&m->in) ? MODULE_JOINED : MODULE_REPLACED;
	job->joined |= is_captured(&m->in);
	if (m->status != MODULE_JOINED || job->scan->set.count)
		say_replaced(&was, p);
	return true;
}

static bool same_name(const struct lua_link_input *a, const struct lua_link_input *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

bool modules_differ(const struct lua_image *img)
{
	for (uint32_t i = 0; i < img->nmodules; i++)
		for (uint32_t k = 0; k < i; k++) {
			struct lua_link_input a = lua_link_module(img, i);
			struct lua_link_input b = lua_link_module(img, k);

			if (same_name(&a, &b))
				return false;
		}
	return true;
}

/* Of two modules of an image that have one name, a device only ever finds the first. */
static bool is_second(const struct job *job, const struct job_module *m)
{
	uint32_t i = module_find(job, (const char *)m->in.name, m->in.name_len);

	if (i == LUA_NONE || job->modules[i].from != m->from)
		return false;
	report_remark(m->from, "a second \"%.*s\", which no device finds, is left out",
		      (int)(m->in.name_len < 60 ? m->in.name_len : 60), (const char *)m->in.name);
	return true;
}

enum lua_strip sources_strip(const struct job *job)
{
	const struct lua_traits *t = &job->options.traits;
	bool esp32 = job->target.esp32 ||
		     (t->version == LUA_53 && t->form == LUA_FORM_ABSOLUTE &&
		      lua_base_is_esp32(t, job->options.base)) ||
		     (t->version == LUA_53 && t->integer_bytes != t->float_bytes);

	return job->r->has_strip || esp32 ? LUA_STRIP_NONE : LUA_STRIP_LOCALS;
}

int modules_add(struct job *job, struct part *p, enum module_status status)
{
	const struct lua_image *img = p->book.img;
	bool first = job->first == &p->book;
	struct diag diag = { 0 };

	for (uint32_t i = 0; img && i < img->nmodules; i++) {
		struct job_module m = { .in = lua_link_module(img, i),
					.status = first ? MODULE_KEPT : status,
					.from = p->path,
					.old = first ? i : LUA_NONE };

		if (img->traits.form == LUA_FORM_CHUNK) {
			m.in.name = (const uint8_t *)p->name;
			m.in.name_len = (uint32_t)strlen(p->name);
			m.in.source = p->source ? p->chunk_name : NULL;
			m.in.strip = p->source ? sources_strip(job) : LUA_STRIP_NONE;
		}
		if (is_captured(&m.in) && status != MODULE_JOINED) {
			string_set_capture(&job->chosen);
			add_strings(&job->chosen, img, m.in.proto);
		}
		if (is_second(job, &m))
			continue;
		if (!add_module(job, &m))
			diag_fail(&diag, ERR_MEMORY, "out of memory");
	}
	return job_fail(p->path, &diag);
}

static int refuse_option(const char *option, const char *name, const char *why)
{
	struct buf line = { 0 };

	buf_printf(&line, "strscan: --%s ", option);
	escape_text(&line, (const uint8_t *)name, strlen(name));
	buf_printf(&line, ": %s", why);
	message_end(stderr, "strscan", &line);
	return 1;
}

static bool has_name(const char *const *list, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

int modules_remove(struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->r->removed.count; i++) {
		const char *name = job->r->removed.list[i];
		uint32_t k = module_find(job, name, strlen(name));

		/* With a device it is the one that is in there. */
		if (k == LUA_NONE && job->r->device && strcmp(name, REBUILD_CAPTURED) == 0)
			continue;
		if (has_name(job->r->removed.list, i, name))
			continue;
		if (k == LUA_NONE) {
			status |= refuse_option("remove", name, "there is no such module");
			continue;
		}
		job->modules[k].status = MODULE_REMOVED;
		if (strcmp(name, REBUILD_CAPTURED) == 0) {
			string_set_free(&job->chosen);
			job->chosen = (struct string_set){ 0 };
			job->joined = false;
		}
	}
	return status;
}

static bool list_has(const uint32_t *list, uint32_t n, uint32_t value)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

/* All at once, so that two can change places. */
int modules_rename(struct job *job)
{
	uint32_t n = job->r->renamed.count;
	uint32_t *which = calloc((size_t)n + 1, sizeof(*which));
	int status = !which;

	if (!which)
		report_no_memory(job_output(job));
	for (uint32_t i = 0; which && i < n; i++) {
		const char *old = job->r->renamed.list[i];
		size_t len = (size_t)(strchr(old, '=') - old);

		which[i] = module_find(job, old, len);
		if (which[i] == LUA_NONE)
			status |= refuse_option("rename", old, "there is no such module");
		else if (list_has(which, i, which[i]))
			status |= refuse_option("rename", old,
						"the module gets another name already");
	}
	for (uint32_t i = 0; i < n && !status; i++) {
		struct job_module *m = &job->modules[which[i]];
		const char *name = strchr(job->r->renamed.list[i], '=') + 1;

		m->in.name = (const uint8_t *)name;
		m->in.name_len = (uint32_t)strlen(name);
		m->status = m->status == MODULE_KEPT ? MODULE_RENAMED : m->status;
	}
	free(which);
	return status;
}

static int same_names(const struct job_module *a, const struct job_module *b)
{
	struct buf line = { 0 };

	buf_str(&line, "strscan: two modules would be called ");
	escape_text(&line, b->in.name, b->in.name_len);
	buf_str(&line, ": that of ");
	escape_text(&line, (const uint8_t *)a->from, strlen(a->from));
	buf_str(&line, a->status == MODULE_RENAMED ? " (renamed)" : "");
	buf_str(&line, " and that of ");
	escape_text(&line, (const uint8_t *)b->from, strlen(b->from));
	buf_str(&line, b->status == MODULE_RENAMED ? " (renamed)" : "");
	message_end(stderr, "strscan", &line);
	return 1;
}

/* Another one of the name, behind module i. */
static uint32_t find_twin(const struct job *job, uint32_t i)
{
	const struct job_module *m = &job->modules[i];

	for (uint32_t k = i + 1; k < job->count; k++)
		if (job->modules[k].status != MODULE_REMOVED &&
		    job->modules[k].in.name_len == m->in.name_len &&
		    memcmp(job->modules[k].in.name, m->in.name, m->in.name_len) == 0)
			return k;
	return LUA_NONE;
}

int modules_check(const struct job *job)
{
	int status = 0;

	for (uint32_t i = 0; i < job->count; i++) {
		const struct job_module *m = &job->modules[i];
		uint32_t twin = find_twin(job, i);
		struct diag diag = { 0 };

		if (m->status == MODULE_REMOVED)
			continue;
		lua_link_check(&m->in, 1, &job->options.traits, &diag);
		status |= job_fail(m->from, &diag);
		if (twin != LUA_NONE)
			status |= same_names(m, &job->modules[twin]);
	}
	return status;
}

enum err modules_link(struct job *job, uint32_t skip, struct diag *diag, struct lua_image **out)
{
	struct lua_link_input *in = calloc((size_t)job->count + 1, sizeof(*in));
	struct lua_link_options o = job->options;
	uint32_t n = 0;

	*out = NULL;
	if (!in)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < job->count; i++)
		if (job->modules[i].status != MODULE_REMOVED && i != skip)
			in[n++] = job->modules[i].in;
	o.fix_fixed = o.traits.version == LUA_53 &&
		      (job->r->fix == WHEN_ALWAYS ||
		       (job->r->fix == WHEN_AUTO && lua_link_wants_fix(in, n)));
	lua_link(in, n, &o, diag, out);
	free(in);
	return diag->code;
}
