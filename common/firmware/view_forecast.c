/* SPDX-License-Identifier: MIT */
#include "common/firmware/view_forecast.h"

#include <string.h>

static const struct forecast *of(const void *ctx)
{
	return ((const struct forecast_list *)ctx)->forecast;
}

enum {
	C_TEXT,
	C_LENGTH,
	C_SURE,
	C_IMAGE,
	C_MODULE,
	C_FUNCTIONS,
	C_THROUGH,
	C_USES,
	C_ADDRESS,
	C_COLUMNS
};

static const struct view_column columns[] = {
	[C_TEXT] = { "text", "string", VIEW_TEXT, 0, "the string" },
	[C_LENGTH] = { "length", "length", VIEW_SIZE, VIEW_HIDDEN, "its bytes" },
	[C_SURE] = { "when", "in RAM", VIEW_TEXT, 0,
		     "at start: always; when used: once the code has run; never: formats and "
		     "error\n"
		     "messages" },
	[C_IMAGE] = { "in_image", "in image", VIEW_BOOL, VIEW_IF_ANY,
		      "does --image hold it in flash?" },
	[C_MODULE] = { "module", "module", VIEW_TEXT, VIEW_IF_ANY,
		       "the C module whose code it is in; + for several" },
	[C_FUNCTIONS] = { "functions", "functions", VIEW_TEXT, VIEW_ELASTIC,
			  "C functions that use it" },
	[C_THROUGH] = { "through", "through", VIEW_TEXT, VIEW_HIDDEN, "what they hand it to" },
	[C_USES] = { "uses", "uses", VIEW_COUNT, 0, "calls that have it" },
	[C_ADDRESS] = { "address", "first use", VIEW_HEX, VIEW_HIDDEN, "address of a call" },
};

static uint64_t count(const void *ctx, uint64_t row)
{
	return row == VIEW_ROOT ? of(ctx)->nstrings : 0;
}

/* The functions' names, each once, or the names of what they call. */
static void put_names(const struct forecast *f, const struct forecast_string *s, bool through,
		      struct buf *out)
{
	const char *last = NULL;

	for (uint32_t i = s->first; i < s->first + s->count; i++) {
		const struct forecast_use *u = &f->uses[i];
		const char *name = through ? u->through : f->fw->symbols[u->symbol].name;

		if (last && !strcmp(last, name))
			continue;
		if (last)
			buf_str(out, ", ");
		buf_str(out, name);
		last = name;
	}
}

static bool in_image(const struct lua_book *book, const struct forecast_string *s)
{
	const struct lua_image *img = book->img;

	for (uint32_t i = 0; img && i < img->nstrings; i++)
		if (img->strings[i].len == s->len && !memcmp(img->strings[i].text, s->p, s->len))
			return true;
	return false;
}

static void cell(const void *ctx, uint64_t row, unsigned column, struct view_cell *c,
		 struct buf *scratch)
{
	const struct forecast_list *list = ctx;
	const struct forecast *f = list->forecast;
	const struct forecast_string *s = &f->strings[row];

	switch (column) {
	case C_TEXT: view_bytes(c, s->p, s->len); break;
	case C_LENGTH: view_int(c, s->len); break;
	case C_SURE: view_text(c, forecast_sure_words[s->sure]); break;
	case C_IMAGE:
		if (list->image)
			view_bool(c, in_image(list->image, s));
		break;
	case C_MODULE:
		if (s->module != FIRMWARE_NONE)
			buf_printf(scratch, "%s%s", f->fw->modules[s->module].name,
				   s->modules ? " +" : "");
		break;
	case C_FUNCTIONS: put_names(f, s, false, scratch); break;
	case C_THROUGH: put_names(f, s, true, scratch); break;
	case C_USES: view_int(c, s->count); break;
	case C_ADDRESS: view_int(c, f->uses[s->first].address); break;
	default: break;
	}
	if (scratch->len)
		view_bytes(c, scratch->data, scratch->len);
}

const struct view forecast_view = {
	.name = "forecast",
	.title = "Strings that C code interns",
	.help = "strings that the firmware's C code will intern, and which functions do",
	.columns = columns,
	.ncolumns = C_COLUMNS,
	.count = count,
	.child = view_nth,
	.cell = cell,
};
