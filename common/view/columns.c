/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/view/parts.h"

static const char *const type_words[] = {
	[VIEW_TEXT] = "text", [VIEW_COUNT] = "count",   [VIEW_SIZE] = "size",
	[VIEW_HEX] = "hex",   [VIEW_CHANGE] = "change", [VIEW_REAL] = "real",
	[VIEW_BOOL] = "bool", [VIEW_TIME] = "time",     [VIEW_SHARE] = "share",
	[VIEW_BAR] = "bar",   [VIEW_LIST] = "list",
};

bool column_in_json(const struct view_column *column)
{
	return column->type != VIEW_BAR && !(column->flags & VIEW_NO_JSON);
}

bool column_is_right(const struct view_column *column)
{
	switch (column->type) {
	case VIEW_COUNT:
	case VIEW_SIZE:
	case VIEW_CHANGE:
	case VIEW_HEX:
	case VIEW_REAL:
	case VIEW_SHARE:
	case VIEW_LIST: return !(column->flags & VIEW_TREE);
	default: return false;
	}
}

const char *column_title(const struct view_column *column)
{
	return column->title ? column->title : column->name;
}

size_t column_title_width(const struct view_column *column)
{
	const char *title = column_title(column);

	return text_width((const uint8_t *)title, strlen(title));
}

const char *column_type_word(const struct view_column *column)
{
	return type_words[column->type];
}

size_t titles_width(const struct view *v, const unsigned *columns, unsigned ncolumns)
{
	size_t most = 0;

	for (unsigned i = 0; i < ncolumns; i++) {
		size_t width = column_title_width(&v->columns[columns[i]]);

		if (width > most)
			most = width;
	}
	return most;
}

static bool is_default(const struct view *v, const struct view_column *column,
		       enum output_form form)
{
	unsigned hidden = VIEW_JSON_ONLY;

	if (form == OUTPUT_JSON)
		return column_in_json(column);
	if (form == OUTPUT_TABLE || form == OUTPUT_MARKDOWN)
		hidden |= VIEW_HIDDEN;
	if (form == OUTPUT_TABLE && v->heading)
		hidden |= VIEW_CONTEXT;
	return !(column->flags & hidden);
}

/* "no column foo; there are name, size": as much of it as a diag holds. */
static enum err fail_unknown(const struct view *v, const char *name, size_t n, struct diag *diag)
{
	struct buf text = { 0 }, known = { 0 };
	unsigned i;

	escape_text(&text, (const uint8_t *)name, n);
	text.len = text_cut(text.data, text.len, 40);
	for (i = 0; i < v->ncolumns; i++) {
		const char *next = v->columns[i].name;

		if (known.len + strlen(next) > 110) {
			buf_str(&known, ", ...");
			break;
		}
		buf_str(&known, i ? ", " : "");
		buf_str(&known, next);
	}
	diag_fail(diag, ERR_KIND, "no column \"%.*s\"; there are %.*s", (int)text.len,
		  text.data ? (const char *)text.data : "", (int)known.len,
		  known.data ? (const char *)known.data : "none");
	buf_free(&text);
	buf_free(&known);
	return ERR_KIND;
}

static void add_column(unsigned *columns, unsigned *n, unsigned column)
{
	unsigned i;

	for (i = 0; i < *n; i++)
		if (columns[i] == column)
			return;
	columns[(*n)++] = column;
}

static enum err parse_list(const struct view *v, const char *list, struct diag *diag,
			   unsigned *columns, unsigned *n)
{
	while (list) {
		const char *name = list + (*list == '+'), *comma = strchr(name, ',');
		size_t length = comma ? (size_t)(comma - name) : strlen(name);
		unsigned i = view_column_find(v, name, length);

		if (i == v->ncolumns)
			return fail_unknown(v, name, length, diag);
		add_column(columns, n, i);
		list = comma ? comma + 1 : NULL;
	}
	return ERR_NONE;
}

/* Bars are drawn in tables only, even when named. */
static void drop_bars(const struct view *v, unsigned *columns, unsigned *n)
{
	unsigned i, kept = 0;

	for (i = 0; i < *n; i++)
		if (v->columns[columns[i]].type != VIEW_BAR)
			columns[kept++] = columns[i];
	*n = kept;
}

enum err columns_select(const struct view *v, const struct output_style *style, struct diag *diag,
			unsigned **columns, unsigned *ncolumns)
{
	enum err err = ERR_NONE;
	unsigned i;

	*ncolumns = 0;
	*columns = malloc((v->ncolumns + 1) * sizeof(**columns));
	if (!*columns)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!style->columns || style->columns[0] == '+')
		for (i = 0; i < v->ncolumns; i++)
			if (is_default(v, &v->columns[i], style->form))
				add_column(*columns, ncolumns, i);
	if (style->columns)
		err = parse_list(v, style->columns, diag, *columns, ncolumns);
	if (style->form != OUTPUT_TABLE)
		drop_bars(v, *columns, ncolumns);
	return err;
}

/* What stands before a = like the name of a column must be one. */
static enum err check_filter(const struct view *v, const char *filter, struct diag *diag)
{
	const char *equals = filter ? strchr(filter, '=') : NULL;
	size_t n = equals ? (size_t)(equals - filter) : 0;

	if (n == 0 || strspn(filter, "abcdefghijklmnopqrstuvwxyz_ ") < n ||
	    view_column_find(v, filter, n) < v->ncolumns)
		return ERR_NONE;
	return fail_unknown(v, filter, n, diag);
}

enum err output_check(const struct view *v, const struct output_style *style, struct diag *diag)
{
	unsigned *columns, ncolumns;
	enum err err = columns_select(v, style, diag, &columns, &ncolumns);
	const char *key = style->sort;

	free(columns);
	if (!err)
		err = check_filter(v, style->filter, diag);
	if (err || !key)
		return err;
	key += key[0] == '-';
	if (view_column_find(v, key, strlen(key)) == v->ncolumns)
		return fail_unknown(v, key, strlen(key), diag);
	return ERR_NONE;
}

void output_columns_help(FILE *f, const struct view *v)
{
	size_t width = 0;
	unsigned i;

	for (i = 0; i < v->ncolumns; i++)
		if (strlen(v->columns[i].name) > width)
			width = strlen(v->columns[i].name);
	for (i = 0; i < v->ncolumns; i++) {
		const struct view_column *c = &v->columns[i];

		fprintf(f, "  %-*s  %-6s  %s\n", (int)width, c->name, column_type_word(c),
			c->help ? c->help : "");
	}
}
