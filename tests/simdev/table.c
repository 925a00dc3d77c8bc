/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"

/* What the recording of golden/ram itself needed. */
static const char *const recorders[] = { "RAM",   "__s",        "collectgarbage",
					 "debug", "getstrings", "print" };

static int compare(const void *pa, const void *pb)
{
	const struct table_item *a = pa, *b = pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->s, b->s, n) : 0;
	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static void add(struct table *t, const char *s, size_t len)
{
	struct table_item *i = vec_grow(&t->items, &t->count, &t->cap, sizeof(*i), 1);

	if (i) {
		i->off = t->texts.len;
		i->len = len;
	}
	buf_put(&t->texts, s, len);
}

static void finish(struct table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		t->items[i].s = t->texts.data + t->items[i].off;
	if (t->count > 0)
		qsort(t->items, t->count, sizeof(*t->items), compare);
}

static bool of_recorders(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(recorders) / sizeof(recorders[0]); i++)
		if (strlen(recorders[i]) == len && !memcmp(recorders[i], s, len))
			return true;
	return false;
}

/* Undoes \ddd in place; gives back the length. */
static size_t unescape(char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		if (s[i] == '\\' && len - i >= 4) {
			s[n] = (char)((s[i + 1] - '0') * 100 + (s[i + 2] - '0') * 10 + s[i + 3] -
				      '0');
			i += 4;
		} else {
			s[n] = s[i++];
		}
	}
	return n;
}

bool table_load(struct table *t, const char *path, bool recorded)
{
	struct diag diag = { 0 };
	struct file file;
	bool ok = file_load(path, &diag, &file) == ERR_NONE;
	char *p = (char *)file.data, *end = p + (ok ? file.len : 0);

	while (ok && p < end) {
		char *line_end = memchr(p, '\n', (size_t)(end - p)), *tab, *text;
		size_t len, told;

		ok = line_end && (tab = memchr(p, '\t', (size_t)(line_end - p))) &&
		     (text = memchr(tab + 1, '\t', (size_t)(line_end - tab - 1)));
		if (!ok)
			break;
		told = strtoul(tab + 1, NULL, 10);
		len = unescape(text + 1, (size_t)(line_end - text - 1));
		ok = len == told;
		if (ok && !(recorded && of_recorders(text + 1, len)))
			add(t, text + 1, len);
		p = line_end + 1;
	}
	file_close(&file);
	finish(t);
	return ok;
}

void table_free(struct table *t)
{
	buf_free(&t->texts);
	free(t->items);
	*t = (struct table){ 0 };
}

bool table_has(const struct table *t, const char *s, size_t len)
{
	struct table_item key = { .s = (const uint8_t *)s, .len = len };
	return t->count > 0 && bsearch(&key, t->items, t->count, sizeof(key), compare);
}

void table_without(struct table *out, const struct table *t, table_other *other, const void *ctx)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const char *s = (const char *)t->items[i].s;

		if (!other(ctx, s, t->items[i].len))
			add(out, s, t->items[i].len);
	}
	finish(out);
}

static size_t block(size_t n)
{
	return 8 + (n + 7) / 8 * 8;
}

size_t table_heap(const struct table *t)
{
	enum { HEAD = 16, BUCKET = 4 };
	size_t sum = 0, buckets = lang_buckets;

	for (uint32_t i = 0; i < t->count; i++)
		sum += block(HEAD + t->items[i].len + 1);
	while (buckets < t->count)
		buckets *= 2;
	return sum + block(BUCKET * buckets);
}

struct reading {
	struct table *t;
	const struct table *skip, *keep;
};

static void read_one(void *ctx, const char *s, size_t len)
{
	const struct reading *r = ctx;

	if (len > lang_longest_listed)
		return;
	if (r->skip && table_has(r->skip, s, len) && !table_has(r->keep, s, len))
		return;
	add(r->t, s, len);
}

void table_read(struct table *t, lua_State *L, const struct table *skip, const struct table *keep)
{
	struct reading r = { t, skip, keep };
	lang_strings(L, read_one, &r);
	finish(t);
}

struct table_sums table_sums(const struct table *t)
{
	struct table_sums s = { .count = t->count, .bytes = t->texts.len };
	for (size_t i = 0; i < t->texts.len; i++)
		s.sum += t->texts.data[i];
	return s;
}

void table_print(const struct table *t, FILE *out)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_item *item = &t->items[i];
		fprintf(out, "%u\t%zu\t", (unsigned)i + 1, item->len);
		for (size_t k = 0; k < item->len; k++)
			fprintf(out, isalnum(item->s[k]) ? "%c" : "\\%03d", item->s[k]);
		fputc('\n', out);
	}
}

void table_anchor(const struct table *t, lua_State *L)
{
	static const char key;

	lua_pushlightuserdata(L, (void *)&key);
	lua_createtable(L, (int)t->count, 0);
	table_fill(t, L);
	lua_rawset(L, LUA_REGISTRYINDEX);
}

void table_fill(const struct table *t, lua_State *L)
{
	for (uint32_t i = 0; i < t->count; i++) {
		lua_pushlstring(L, (const char *)t->items[i].s, t->items[i].len);
		lua_rawseti(L, -2, (int)i + 1);
	}
}
