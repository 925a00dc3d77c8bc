/* SPDX-License-Identifier: MIT */
#include "fs.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"

/* A name in the folder: a device's "/" would leave it. */
static void host_path(const struct fs *fs, const char *name, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/", fs->folder);
	for (; *name && n > 0 && (size_t)n + 1 < size; name++)
		out[n++] = *name == '/' ? '%' : *name;
	out[n] = 0;
}

/* A reader of the folder, and who starts after a kill, sees the file as it was or as it is. */
static void keep(const struct fs *fs, const struct fs_file *f)
{
	char path[1024], aside[1024];
	FILE *out;
	bool ok;

	if (!fs->folder || *f->name == '.')
		return;
	host_path(fs, f->name, path, sizeof(path));
	host_path(fs, ".aside", aside, sizeof(aside));
	out = fopen(aside, "wb");
	ok = out && fwrite(f->bytes.data, 1, f->bytes.len, out) == f->bytes.len;
	if (out)
		ok = fclose(out) == 0 && ok;
	if (!ok || rename(aside, path) != 0)
		fprintf(stderr, "simdev: %s: cannot be written\n", path);
}

static void load_folder(struct fs *fs)
{
	DIR *dir = opendir(fs->folder);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char path[1024], name[sizeof(e->d_name)];
		struct diag diag = { 0 };
		struct file file;

		if (e->d_name[0] == '.')
			continue;
		host_path(fs, e->d_name, path, sizeof(path));
		if (file_load(path, &diag, &file) == ERR_NONE) {
			snprintf(name, sizeof(name), "%s", e->d_name);
			for (char *p = name; (p = strchr(p, '%'));)
				*p = '/';
			fs_store(fs, name, file.data, file.len);
		}
		file_close(&file);
	}
	if (dir)
		closedir(dir);
}

void fs_init(struct fs *fs, const char *folder, size_t total)
{
	fs->folder = folder;
	fs->total = total ? total : FS_TOTAL;
	if (folder)
		load_folder(fs);
}

void fs_free(struct fs *fs)
{
	for (size_t i = 0; i < FS_FILES; i++)
		buf_free(&fs->files[i].bytes);
}

struct fs_file *fs_find(struct fs *fs, const char *name)
{
	for (size_t i = 0; i < FS_FILES; i++)
		if (*name && !strcmp(fs->files[i].name, name))
			return &fs->files[i];
	return NULL;
}

static struct fs_file *make(struct fs *fs, const char *name)
{
	struct fs_file *f = fs_find(fs, name);

	for (size_t i = 0; !f && i < FS_FILES; i++)
		if (!*fs->files[i].name)
			f = &fs->files[i];
	if (!f || !*name || strlen(name) > FS_NAME)
		return NULL;
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->bytes.len = 0;
	return f;
}

bool fs_store(struct fs *fs, const char *name, const void *data, size_t len)
{
	struct fs_file *f = make(fs, name);

	if (!f || fs_used(fs) + len > fs->total)
		return false;
	buf_put(&f->bytes, data, len);
	keep(fs, f);
	return !f->bytes.failed;
}

void fs_remove(struct fs *fs, const char *name)
{
	struct fs_file *f = fs_find(fs, name);
	char path[1024];

	if (!f)
		return;
	for (size_t i = 0; i < FS_OPEN; i++)
		if (fs->open[i].file == f)
			fs->open[i] = (struct fs_open){ 0 };
	if (fs->folder) {
		host_path(fs, name, path, sizeof(path));
		unlink(path);
	}
	buf_free(&f->bytes);
	*f = (struct fs_file){ 0 };
}

bool fs_rename(struct fs *fs, const char *from, const char *to)
{
	struct fs_file *f = fs_find(fs, from);
	char path[1024], new_path[1024];

	if (!f || !*to || strlen(to) > FS_NAME || fs_find(fs, to))
		return false;
	snprintf(f->name, sizeof(f->name), "%s", to);
	if (fs->folder) {
		host_path(fs, from, path, sizeof(path));
		host_path(fs, to, new_path, sizeof(new_path));
		rename(path, new_path);
	}
	return true;
}

size_t fs_used(const struct fs *fs)
{
	size_t n = 0;

	for (size_t i = 0; i < FS_FILES; i++)
		if (*fs->files[i].name) /* an index page, and whole pages */
			n += FS_PAGE + (fs->files[i].bytes.len + FS_PAGE - 1) / FS_PAGE * FS_PAGE;
	return n;
}

int fs_open(struct fs *fs, const char *name, const char *mode)
{
	struct fs_file *f = *mode == 'w' ? NULL : fs_find(fs, name);
	bool plus = strchr(mode, '+');
	int handle = 0;

	if (!strchr("rwa", *mode) || (*mode == 'r' && !f))
		return 0;
	for (int i = FS_OPEN; i > 0; i--)
		if (!fs->open[i - 1].file)
			handle = i;
	if (handle && !f)
		f = make(fs, name);
	if (!handle || !f)
		return 0;
	fs->open[handle - 1] = (struct fs_open){
		.file = f,
		.reads = plus || *mode == 'r',
		.writes = plus || *mode != 'r',
		.appends = *mode == 'a',
	};
	if (*mode == 'w')
		keep(fs, f);
	return handle;
}

struct fs_open *fs_handle(struct fs *fs, int handle)
{
	struct fs_open *o = handle >= 1 && handle <= FS_OPEN ? &fs->open[handle - 1] : NULL;
	return o && o->file ? o : NULL;
}

/* What goes beyond a page has filled it: that page is written. */
static void write_pages(struct fs *fs, struct fs_open *o, size_t grown)
{
	size_t len = o->file->bytes.len, whole = len - len % FS_PAGE;
	size_t before = len - grown - o->cached;

	o->changed = true;
	o->cached += grown;
	if (whole <= before)
		return;
	o->file->bytes.len = whole;
	keep(fs, o->file);
	o->file->bytes.len = len;
	o->cached = len - whole;
}

bool fs_write(struct fs *fs, int handle, const void *data, size_t len)
{
	struct fs_open *o = fs_handle(fs, handle);
	struct buf *b = o ? &o->file->bytes : NULL;
	size_t over;

	if (!o || !o->writes || fs_used(fs) + len > fs->total)
		return false;
	if (o->appends)
		o->pos = b->len;
	over = b->len - o->pos < len ? b->len - o->pos : len;
	if (over > 0)
		memcpy(b->data + o->pos, data, over);
	buf_put(b, (const char *)data + over, len - over);
	o->pos += len;
	write_pages(fs, o, len - over);
	return !b->failed;
}

void fs_flush(struct fs *fs, int handle)
{
	struct fs_open *o = fs_handle(fs, handle);

	if (o && o->changed)
		keep(fs, o->file);
	if (o) {
		o->changed = false;
		o->cached = 0;
	}
}

void fs_close(struct fs *fs, int handle)
{
	struct fs_open *o = fs_handle(fs, handle);

	fs_flush(fs, handle);
	if (o)
		*o = (struct fs_open){ 0 };
}

void fs_lose(struct fs *fs)
{
	fs->last = 0;
	for (size_t i = 0; i < FS_OPEN; i++) {
		struct fs_open *o = &fs->open[i];

		if (o->file && o->cached <= o->file->bytes.len)
			o->file->bytes.len -= o->cached;
		if (o->file && (o->cached || o->changed))
			keep(fs, o->file);
		*o = (struct fs_open){ 0 };
	}
}
