/* SPDX-License-Identifier: MIT */
#include "common/device/lfs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/device/probe.h"

enum { SLICE = 16, ARRAY_BYTES = 16, HEAP_LEFT = 4096, SUM_PRIME = 8388593 };

const char *const lfs_words[LFS_ROWS] = {
	[LFS_TIME] = "time of the build",
	[LFS_SIZE] = "bytes in flash",
	[LFS_MODULES] = "modules",
	[LFS_STRINGS] = "strings in flash",
	[LFS_STRING_SUM] = "sum of the strings",
};

/* Before 2019 node.flashindex() tells all: time, two addresses, size, names. */
#define INDEX(n) "node.flashindex and(select(" #n ",node.flashindex()))"

static void compare(struct lfs_row *row)
{
	if (!row->device.len || !row->image.len)
		row->same = LFS_UNKNOWN;
	else if (row->device.len == row->image.len &&
		 memcmp(row->device.data, row->image.data, row->image.len) == 0)
		row->same = LFS_SAME;
	else
		row->same = LFS_DIFFERENT;
}

struct name {
	const uint8_t *text;
	uint32_t len;
};

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* The names as the device lists them, sorted. */
static void put_modules(const struct lua_image *img, struct buf *out)
{
	struct name *names = calloc((size_t)img->nmodules + 1, sizeof(*names));
	uint32_t n = 0;

	if (!names) {
		out->failed = true;
		return;
	}
	for (uint32_t i = 0; i < img->nmodules; i++)
		if (img->modules[i].name < img->nstrings) {
			const struct lua_string *s = &img->strings[img->modules[i].name];

			names[n++] = (struct name){ s->text, s->len };
		}
	qsort(names, n, sizeof(*names), by_name);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_byte(out, ',');
		buf_put(out, names[i].text, names[i].len);
	}
	free(names);
}

/* Order does not matter: the device's is of its own making. */
static uint32_t put_strings(const struct lua_image *img, struct buf *count, struct buf *sum)
{
	uint32_t n = 0, v = 0;

	for (uint32_t i = 0; i < img->nstrings; i++) {
		const struct lua_string *s = &img->strings[i];

		if (img->traits.version == LUA_53 && s->len > LUA_SHORT_MAX)
			continue;
		v = (v + console_sum(0, s->len, s->text, s->len)) % SUM_PRIME;
		n++;
	}
	buf_printf(count, "%" PRIu32, n);
	buf_printf(sum, "%06" PRIx32, v);
	return n;
}

static enum err ask_strings(struct console *c, struct lfs_report *r, struct diag *diag)
{
	struct tool t = {
		.console = c,
		.lines[0] = "_P=nil collectgarbage()_P=debug.getstrings'ROM'or{}",
		.lines[1] = "_Q=function(i)local t,p,b=0,_P,string.byte for k=i,i+15 do "
			    "local s=p[k]if s then local v=#s for c=1,#s do "
			    "v=(v*251+b(s,c))%8388593 end t=(t+v)%8388593 end end return#p,t end",
	};
	long long count = 1, got[2];
	uint32_t sum = 0;
	char expression[24];

	for (long long i = 1; i <= count; i += SLICE) {
		long long before = -1;

		snprintf(expression, sizeof(expression), "_Q(%lld)", i);
		/* Nothing but a second answer can tell that the first one was not damaged. */
		for (unsigned n = 0; n < 12; n++) {
			if (tool_ask(&t, expression, got, 2, NULL, diag))
				return diag->code;
			if (got[1] == before)
				break;
			before = got[1];
		}
		if (got[0] < 0 || got[0] > 100000)
			return diag_fail(diag, ERR_IO, "the device's strings cannot be counted");
		count = got[0];
		sum = (uint32_t)((sum + (uint64_t)got[1]) % SUM_PRIME);
	}
	buf_printf(&r->rows[LFS_STRINGS].device, "%lld", count);
	buf_printf(&r->rows[LFS_STRING_SUM].device, "%06" PRIx32, sum);
	return tool_run(c, "_P,_Q=nil", diag);
}

static bool is_zero(const struct buf *text)
{
	return text->len == 1 && text->data[0] == '0';
}

static enum err ask(struct console *c, struct lfs_report *r, uint32_t strings, struct diag *diag)
{
	long long able = 0;
	int64_t heap;

	if (tool_value(c, "node.LFS and node.LFS.time or " INDEX(1), &r->rows[LFS_TIME].device,
		       diag) ||
	    tool_value(c, "node.LFS and node.info'lfs'.lfs_used or " INDEX(4),
		       &r->rows[LFS_SIZE].device, diag) ||
	    tool_value(c, "table.concat(node.LFS and node.LFS.list()or " INDEX(5) ",',')",
		       &r->rows[LFS_MODULES].device, diag) ||
	    tool_number(c, "debug and debug.getstrings and 1", 0, &able, diag))
		return diag->code;
	/* Without an image 5.3 says that it was built at 0. */
	if (!r->rows[LFS_MODULES].device.len && is_zero(&r->rows[LFS_TIME].device))
		r->rows[LFS_TIME].device.len = 0;
	r->loaded = r->rows[LFS_MODULES].device.len || r->rows[LFS_TIME].device.len;
	if (able != 1 || !r->loaded)
		return diag->code;
	heap = probe_heap(c, diag);
	r->short_of_heap = heap >= 0 && heap < (int64_t)strings * ARRAY_BYTES + HEAP_LEFT;
	return diag->code || r->short_of_heap ? diag->code : ask_strings(c, r, diag);
}

static void judge(struct lfs_report *r)
{
	bool different = !r->loaded, sure = false;

	for (unsigned i = 0; i < LFS_ROWS; i++) {
		compare(&r->rows[i]);
		different |= r->rows[i].same == LFS_DIFFERENT;
		sure |= r->rows[i].same == LFS_SAME && (i == LFS_TIME || i == LFS_STRING_SUM);
	}
	r->same = different ? LFS_DIFFERENT : sure ? LFS_SAME : LFS_UNKNOWN;
}

enum err lfs_compare(struct console *c, const struct lua_image *img, struct lfs_report *out,
		     struct diag *diag)
{
	uint32_t strings;

	*out = (struct lfs_report){ 0 };
	if (img->has_time)
		buf_printf(&out->rows[LFS_TIME].image, "%" PRId64, img->build_time);
	buf_printf(&out->rows[LFS_SIZE].image, "%" PRIu64, img->flash_size);
	put_modules(img, &out->rows[LFS_MODULES].image);
	strings = put_strings(img, &out->rows[LFS_STRINGS].image, &out->rows[LFS_STRING_SUM].image);
	if (ask(c, out, strings, diag))
		return diag->code;
	judge(out);
	for (unsigned i = 0; i < LFS_ROWS; i++)
		if (out->rows[i].image.failed || out->rows[i].device.failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
	return diag->code;
}

void lfs_free(struct lfs_report *r)
{
	for (unsigned i = 0; i < LFS_ROWS; i++) {
		buf_free(&r->rows[i].image);
		buf_free(&r->rows[i].device);
	}
}
