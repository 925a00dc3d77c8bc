/* SPDX-License-Identifier: MIT */
#include "common/lua/extract.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/file.h"
#include "common/view/escape.h"
#include "lfsdump/jobs.h"
#include "lfsdump/report.h"

enum {
	NAME_BYTES_MAX = 200, /* leaves room for endings in the 255 of most file systems */
	MODULES_MAX = 255,    /* luac.cross makes 50 at most, a list in flash has room for these */
};

/* Names that this run has given to files, each with its NUL. */
static struct buf taken;

static bool is_taken(const char *path)
{
	for (size_t at = 0; at < taken.len;) {
		const char *name = (const char *)taken.data + at;

		if (strcmp(name, path) == 0)
			return true;
		at += strlen(name) + 1;
	}
	return false;
}

/* Printable characters, but for what paths, shells or other systems' file names give a meaning. */
static bool is_plain(uint32_t code, bool first)
{
	if (first && (code == '.' || code == '-' || code == '~'))
		return false;
	return utf8_printable(code) && (code >= 0x80 || !strchr(" !\"$%&'*/:;<>?\\`|", (int)code));
}

static void put_safe(struct buf *out, const uint8_t *p, size_t n)
{
	size_t start = out->len;

	for (size_t i = 0; i < n && out->len - start < NAME_BYTES_MAX;) {
		uint32_t code = 0;
		unsigned k = utf8_length(p + i, n - i, &code);

		if (k && is_plain(code, i == 0)) {
			buf_put(out, p + i, k);
			i += k;
		} else {
			buf_printf(out, "%%%02X", p[i++]);
		}
	}
	if (out->len == start)
		buf_str(out, "unnamed");
}

/* The first of DIR/NAME.lc, DIR/NAME-2.lc ... that this run has not used. */
static const char *choose_path(const char *folder, const struct lua_string *name, struct buf *path)
{
	for (unsigned n = 1;; n++) {
		path->len = 0;
		buf_str(path, folder);
		buf_byte(path, '/');
		put_safe(path, name ? name->text : NULL, name ? name->len : 0);
		if (n > 1)
			buf_printf(path, "-%u", n);
		buf_str(path, ".lc");
		buf_byte(path, 0);
		if (path->failed)
			return NULL;
		if (!is_taken((const char *)path->data))
			break;
	}
	buf_put(&taken, path->data, path->len);
	return taken.failed ? NULL : (const char *)path->data;
}

enum there { THERE_NOT, THERE_SAME, THERE_OTHER };

static enum there look(const char *path, const struct buf *lc)
{
	struct diag diag = { 0 };
	struct stat st;
	struct file f;
	enum there r = THERE_OTHER;

	if (lstat(path, &st) != 0)
		return THERE_NOT;
	if (!S_ISREG(st.st_mode) || file_load(path, &diag, &f))
		return THERE_OTHER;
	if (f.len == lc->len && memcmp(f.data, lc->data, f.len) == 0)
		r = THERE_SAME;
	file_close(&f);
	return r;
}

static enum err write_file(const char *path, const struct buf *lc, struct diag *diag)
{
	struct output out;

	if (output_open_over(path, diag, &out))
		return diag->code;
	fwrite(lc->data, 1, lc->len, out.stream);
	return output_commit(&out, diag);
}

/* Tells what became of a file, on f or as a complaint. */
static enum err save(FILE *f, const struct settings *s, const char *path, const struct buf *lc)
{
	enum there there = look(path, lc);
	struct diag diag = { 0 };
	struct buf line = { 0 };

	if (there == THERE_OTHER && !s->force)
		diag_fail(&diag, ERR_IO, "is there with other contents; --force overwrites it");
	else if (there != THERE_SAME)
		write_file(path, lc, &diag);
	if (diag.code) {
		complain(path, &diag);
		return diag.code;
	}
	escape_text(&line, (const uint8_t *)path, strlen(path));
	buf_printf(&line, "  %zu bytes%s\n", lc->len, there == THERE_SAME ? ", as it was" : "");
	if (print_buf(f, &line, &diag))
		complain(path, &diag);
	return diag.code;
}

static enum err extract_module(FILE *f, const struct settings *s, const struct lua_book *book,
			       uint32_t module)
{
	const struct lua_image *img = book->img;
	uint32_t name = img->modules[module].name;
	struct diag diag = { 0 };
	struct buf path = { 0 };
	struct buf lc = { 0 };
	const char *p;
	enum err e = lua_extract(img, module, &diag, &lc);

	if (e == ERR_NONE) {
		p = choose_path(s->extract, name < img->nstrings ? &img->strings[name] : NULL,
				&path);
		e = p ? save(f, s, p, &lc) : diag_fail(&diag, ERR_MEMORY, "out of memory");
	}
	if (diag.code)
		complain(book->file, &diag);
	buf_free(&path);
	buf_free(&lc);
	return e;
}

/* False after a complaint of the folder: the image is not to blame. */
static bool make_folder(const char *folder)
{
	struct diag diag = { 0 };
	struct buf who = { 0 };

	if (mkdir(folder, 0777) == 0 || errno == EEXIST)
		return true;
	diag_system(&diag);
	buf_printf(&who, "--extract %s", folder);
	buf_byte(&who, 0);
	complain(who.failed ? "--extract" : (const char *)who.data, &diag);
	buf_free(&who);
	return false;
}

static enum err run_extract(FILE *f, const struct settings *s, const struct input *in,
			    struct diag *diag)
{
	const struct lua_book *book = in->book;
	enum err worst = ERR_NONE;

	if (!book->img || book->diag.code)
		return ERR_NONE;
	if (book->img->nmodules > MODULES_MAX)
		return diag_fail(diag, ERR_LIMIT, "%u modules, --extract takes %d at most",
				 (unsigned)book->img->nmodules, MODULES_MAX);
	if (!make_folder(s->extract))
		return ERR_IO;
	for (uint32_t i = 0; i < book->img->nmodules; i++) {
		enum err e = extract_module(f, s, book, i);

		worst = e ? e : worst;
	}
	return worst;
}

const struct job job_extract = {
	.name = "--extract",
	.run = run_extract,
	.view = NULL,
	.one_file = true,
	.forms = 1u << OUTPUT_TABLE,
};
