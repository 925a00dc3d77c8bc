/* SPDX-License-Identifier: MIT */
#include "lfsdump/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/buf.h"
#include "common/base/file.h"

enum { TREE_DEPTH = 32, TREE_FILES = 100000 };

const char *tree_name(const char *path, size_t *len)
{
	const char *name = file_base_name(path);

	*len = strcspn(name, ".");
	return name;
}

static enum err add_file(struct tree *t, char *path, struct diag *diag)
{
	struct tree_file *file = NULL;

	if (t->count >= TREE_FILES) {
		free(path);
		return diag_fail(diag, ERR_LIMIT, "more than %d sources", TREE_FILES);
	}
	file = vec_grow(&t->files, &t->count, &t->cap, sizeof(*file), 1);
	if (!file) {
		free(path);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	file->path = path;
	file->name = tree_name(path, &file->name_len);
	return ERR_NONE;
}

static char *join(const char *folder, const char *name)
{
	struct buf path = { 0 };
	size_t n = strlen(folder);

	buf_str(&path, folder);
	if (n && folder[n - 1] != '/')
		buf_byte(&path, '/');
	buf_put(&path, name, strlen(name) + 1);
	if (path.failed)
		buf_free(&path);
	return (char *)path.data;
}

static bool is_source(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".lua") == 0;
}

static enum err list(struct tree *t, const char *folder, unsigned depth, struct diag *diag);

/* Takes over path. What is neither file nor folder, or has gone meanwhile, is passed over. */
static enum err list_entry(struct tree *t, char *path, const char *name, unsigned depth,
			   struct diag *diag)
{
	struct stat own;
	struct stat st;
	enum err e = ERR_NONE;

	if (!path)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (lstat(path, &own) == 0 && S_ISDIR(own.st_mode)) {
		e = list(t, path, depth + 1, diag);
	} else if (is_source(name) && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		return add_file(t, path, diag);
	}
	free(path);
	return e;
}

static enum err list(struct tree *t, const char *folder, unsigned depth, struct diag *diag)
{
	DIR *dir = depth <= TREE_DEPTH ? opendir(folder) : NULL;
	const struct dirent *entry;
	enum err e = ERR_NONE;

	if (depth > TREE_DEPTH)
		return diag_fail(diag, ERR_LIMIT, "folders deeper than %d", TREE_DEPTH);
	if (!dir && errno == ENOMEM)
		return diag_system(diag);
	if (!dir)
		return diag_fail(diag, ERR_IO, "%.100s: %s", folder, strerror(errno));
	while (!e && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			e = list_entry(t, join(folder, entry->d_name), entry->d_name, depth, diag);
	closedir(dir);
	return e;
}

static int compare_names(const void *a, size_t n, const void *b, size_t m)
{
	int order = memcmp(a, b, n < m ? n : m);

	return order ? order : n < m ? -1 : n > m;
}

static int by_name(const void *x, const void *y)
{
	const struct tree_file *a = x;
	const struct tree_file *b = y;
	int order = compare_names(a->name, a->name_len, b->name, b->name_len);

	return order ? order : strcmp(a->path, b->path);
}

enum err tree_list(const char *folder, struct diag *diag, struct tree *out)
{
	*out = (struct tree){ 0 };
	list(out, folder, 0, diag);
	if (out->count)
		qsort(out->files, out->count, sizeof(*out->files), by_name);
	return diag->code;
}

void tree_free(struct tree *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->files[i].path);
	free(t->files);
	*t = (struct tree){ 0 };
}

uint32_t tree_find(const struct tree *t, const uint8_t *name, size_t len)
{
	uint32_t from = 0;
	uint32_t to = t->count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		const struct tree_file *f = &t->files[middle];

		if (compare_names(f->name, f->name_len, name, len) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return tree_is(t, from, name, len) ? from : t->count;
}

bool tree_is(const struct tree *t, uint32_t file, const uint8_t *name, size_t len)
{
	return file < t->count && t->files[file].name_len == len &&
	       memcmp(t->files[file].name, name, len) == 0;
}
