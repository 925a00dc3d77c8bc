/* SPDX-License-Identifier: MIT */
#include "common/device/files.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/sha256.h"

const char *const files_suffixes[FILES_ROLES] = { "~new", "~try", "~old", "~bak" };

/* A file that takes longer than that would keep the device from its other tasks for too long. */
enum { HASH_MAX = 128 << 10, SUFFIX = 4, MARK = 4 };

/* Slices of _P: how long, the sum of console_sum. */
#define SUM_FUNCTION \
	"_Q=function(i,n)local f=_P local s=f:seek('set',i)==i and f:read(n)or''local v=#s " \
	"for c=1,#s do v=(v*251+s:byte(c))%8388593 end return #s,v end"

static void put_beside(const char *name, const char *suffix, char out[FILES_NAME_MAX + 1])
{
	size_t n = strlen(name), most = FILES_NAME_MAX - SUFFIX;

	if (n <= most)
		snprintf(out, FILES_NAME_MAX + 1, "%s%s", name, suffix);
	else
		snprintf(out, FILES_NAME_MAX + 1, "%.*s%04x%s", (int)(most - MARK), name,
			 (unsigned)(console_sum(0, n, (const uint8_t *)name, n) & 0xffff), suffix);
}

enum err files_name(const char *name, struct files_names *out, struct diag *diag)
{
	size_t n = strlen(name);

	*out = (struct files_names){ 0 };
	if (!n || n > FILES_NAME_MAX)
		return diag_fail(diag, ERR_LIMIT,
				 "names of files on the device have 1 to %d bytes, not %zu",
				 FILES_NAME_MAX, n);
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] > '~' || strchr("'\"\\", name[i]))
			return diag_fail(diag, ERR_KIND,
					 "a name for the device's files has no spaces, quotes, "
					 "backslashes or letters beyond ASCII");
	memcpy(out->name, name, n + 1);
	for (unsigned i = 0; i < FILES_ROLES; i++)
		put_beside(name, files_suffixes[i], out->beside[i]);
	return ERR_NONE;
}

enum err files_check(struct console *c, struct diag *diag)
{
	struct buf text = { 0 };

	if (tool_value(c, "file and file.open and 1", &text, diag) == ERR_NONE &&
	    !(text.len == 1 && text.data[0] == '1'))
		diag_fail(diag, ERR_KIND,
			  "this firmware has no file module: nothing can be "
			  "uploaded to it");
	buf_free(&text);
	return diag->code;
}

enum err files_space(struct console *c, struct files_space *out, struct diag *diag)
{
	long long left, total;

	if (tool_number(c, "(file.fsinfo())", -1, &left, diag) ||
	    tool_number(c, "(select(3,file.fsinfo()))", -1, &total, diag))
		return diag->code;
	if (left < 0 || total <= 0)
		return diag_fail(diag, ERR_IO, "no file system is mounted on the device");
	*out = (struct files_space){ (uint64_t)left, (uint64_t)total };
	return ERR_NONE;
}

enum err files_size(struct console *c, const char *name, int64_t *size, struct diag *diag)
{
	char expression[160];
	long long n;

	snprintf(expression, sizeof(expression),
		 "(file.stat and file.stat'%s'or{size=file.list()['%s']}).size", name, name);
	tool_number(c, expression, -1, &n, diag);
	*size = n;
	return diag->code;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts the lines of text, which ends with a newline if there is any. */
static void sort_lines(struct buf *text, struct diag *diag)
{
	const char *lines[64];
	struct buf sorted = { 0 };
	size_t n = 0;
	char *p = (char *)text->data, *end;

	for (; text->len && n < 64 && (end = memchr(p, '\n', strlen(p))); p = end + 1) {
		*end = '\0';
		lines[n++] = p;
	}
	if (n)
		qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++)
		buf_printf(&sorted, "%s\n", lines[i]);
	if (sorted.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	buf_free(text);
	*text = sorted;
}

enum err files_list(struct console *c, const char *end, struct buf *out, struct diag *diag)
{
	char expression[160];
	struct buf text = { 0 };

	snprintf(expression, sizeof(expression),
		 "(function(t)for n in pairs(file.list())do if n:sub(-%zu)=='%s'then "
		 "t=t..n..'\"'end end return t end)''",
		 strlen(end), end);
	if (tool_value(c, expression, &text, diag) == ERR_NONE) {
		for (size_t i = 0; i < text.len; i++)
			buf_byte(out, text.data[i] == '"' ? '\n' : text.data[i]);
		buf_byte(out, 0);
		if (out->failed)
			diag_fail(diag, ERR_MEMORY, "out of memory");
		else
			out->len--;
	}
	buf_free(&text);
	if (!diag->code)
		sort_lines(out, diag);
	return diag->code;
}

enum err files_remove(struct console *c, const char *name, struct diag *diag)
{
	char line[80];

	snprintf(line, sizeof(line), "file.remove'%s'", name);
	return tool_run(c, line, diag);
}

enum err files_rename(struct console *c, const char *from, const char *to, const char *old,
		      struct diag *diag)
{
	struct tool t = {
		.console = c,
		.lines[1] = "_Q=function()local f,t,o=_P[1],_P[2],_P[3]local e,r=file.exists,"
			    "file.rename if e(f)then if e(t)then if o then file.remove(o)r(t,o)"
			    "else file.remove(t)end end r(f,t)end return e(f)and 0 or 1 end",
	};
	long long done = 0;

	snprintf(t.lines[0], sizeof(t.lines[0]), "_P={'%s','%s'%s%s%s}", from, to, old ? ",'" : "",
		 old ? old : "", old ? "'" : "");
	if (tool_ask(&t, "_Q()", &done, 1, NULL, diag) == ERR_NONE && !done)
		diag_fail(diag, ERR_IO, "the device does not rename %s to %s", from, to);
	/* _P is no file. */
	if (!diag->code)
		tool_run(c, "_P,_Q=nil", diag);
	return diag->code;
}

static void open_sums(struct tool *t, struct console *c, const char *name)
{
	*t = (struct tool){ .console = c, .lines[1] = SUM_FUNCTION };
	snprintf(t->lines[0], sizeof(t->lines[0]), TOOL_FILE, name, "r");
}

/* The bytes of a slice that are right: none, when any is not. */
static enum err slice_same(struct tool *t, const uint8_t *data, size_t n, uint64_t at,
			   uint64_t *same, struct diag *diag)
{
	char expression[48];
	long long got[2] = { 0 };

	*same = 0;
	snprintf(expression, sizeof(expression), "_Q(%llu,%zu)", (unsigned long long)at, n);
	/* A sum may have come damaged; a right one cannot come by chance. */
	for (unsigned i = 0; i < 3 && !*same; i++) {
		if (tool_ask(t, expression, got, 2, NULL, diag))
			return diag->code;
		if (got[0] > 0 && got[0] <= (long long)n &&
		    got[1] == console_sum(0, (size_t)got[0], data, (size_t)got[0]))
			*same = (uint64_t)got[0];
	}
	return ERR_NONE;
}

enum err files_prefix(struct console *c, const char *name, const uint8_t *data, size_t len,
		      uint64_t *same, struct diag *diag)
{
	struct tool t;
	uint64_t n;

	open_sums(&t, c, name);
	for (*same = 0; *same < len; *same += n) {
		size_t want = len - *same < FILES_SLICE ? len - *same : FILES_SLICE;

		if (slice_same(&t, data + *same, want, *same, &n, diag))
			return diag->code;
		if (n < want) {
			*same += n;
			break;
		}
	}
	tool_end(&t);
	return diag->code;
}

/* True when the device made a sum of its own and it is right. */
static bool hash_equal(struct console *c, const char *name, const uint8_t *data, size_t len,
		       struct diag *diag)
{
	struct sha256 s = sha256_begin();
	uint8_t hash[SHA256_BYTES];
	struct buf got = { 0 }, want = { 0 };
	char expression[160];
	bool equal;

	snprintf(
		expression, sizeof(expression),
		"crypto and crypto.fhash and(encoder or crypto).toHex(crypto.fhash('sha256','%s'))",
		name);
	sha256_add(&s, data, len);
	sha256_end(&s, hash);
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		buf_printf(&want, "%02x", hash[i]);
	tool_value(c, expression, &got, diag);
	for (size_t i = 0; i < got.len; i++)
		got.data[i] |= 0x20;
	equal = !diag->code && !want.failed && got.len == want.len &&
		memcmp(got.data, want.data, got.len) == 0;
	buf_free(&got);
	buf_free(&want);
	return equal;
}

enum err files_equal(struct console *c, const char *name, const uint8_t *data, size_t len,
		     bool *equal, const char **how, struct diag *diag)
{
	const char *other = NULL;
	uint64_t same;
	int64_t size;

	how = how ? how : &other;
	*how = "its size";
	*equal = false;
	if (files_size(c, name, &size, diag) || size < 0 || (uint64_t)size != len)
		return diag->code;
	*how = "SHA-256";
	*equal = len <= HASH_MAX && hash_equal(c, name, data, len, diag);
	if (*equal || diag->code)
		return diag->code;
	*how = "sums of 1,024 bytes";
	if (files_prefix(c, name, data, len, &same, diag) == ERR_NONE)
		*equal = same == len;
	return diag->code;
}
