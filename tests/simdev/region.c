/* SPDX-License-Identifier: MIT */
#include "region.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_BYTES = 1024 };

static void path_of(const struct region *f, const char *name, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/%s", f->folder, name);
}

/* Maps the file, which is made if need be. */
static void *map(struct region *f)
{
	char path[PATH_BYTES];
	void *p = MAP_FAILED;
	int fd;

	path_of(f, ".lfs.bin", path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return p;
	f->fresh = lseek(fd, 0, SEEK_END) < f->mapped;
	if (ftruncate(fd, f->mapped) == 0)
		p = mmap(NULL, f->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p;
}

static void read_pending(struct region *f)
{
	char path[PATH_BYTES];
	FILE *in;

	if (!f->folder)
		return;
	path_of(f, ".lfs.next", path);
	in = fopen(path, "r");
	if (!in)
		return;
	f->pending[fread(f->pending, 1, FS_NAME, in)] = 0;
	fclose(in);
}

bool region_open(struct region *f, const char *folder, uint32_t size)
{
	void *p;

	f->fresh = true;
	f->size = size;
	f->mapped = size ? size : LFS_PAGE;
	f->folder = folder;
	p = folder ? map(f) : malloc(f->mapped);
	if (!p || p == MAP_FAILED)
		return false;
	f->bytes = p;
	if (f->fresh)
		memset(p, 0xff, f->mapped);
	read_pending(f);
	return true;
}

void region_close(struct region *f)
{
	if (f->bytes && f->folder)
		munmap(f->bytes, f->mapped);
	else
		free(f->bytes);
	f->bytes = NULL;
}

bool region_is_blank(const struct region *f, size_t page)
{
	const uint8_t *p = f->bytes + page * LFS_PAGE;

	return *p == 0xff && !memcmp(p, p + 1, LFS_PAGE - 1);
}

void region_erase(struct region *f, size_t page)
{
	memset(f->bytes + page * LFS_PAGE, 0xff, LFS_PAGE);
}

void region_write(struct region *f, size_t off, const void *data, size_t len)
{
	for (size_t i = 0; i < len && off + i < f->size; i++)
		f->bytes[off + i] &= ((const uint8_t *)data)[i];
}

void region_set_pending(struct region *f, const char *name)
{
	char path[PATH_BYTES];
	FILE *out;

	snprintf(f->pending, sizeof(f->pending), "%s", name);
	if (!f->folder)
		return;
	path_of(f, ".lfs.next", path);
	if (!*name) {
		unlink(path);
		return;
	}
	out = fopen(path, "w");
	if (out)
		fputs(name, out);
	if (!out || fclose(out) != 0)
		fprintf(stderr, "simdev: %s: cannot be written\n", path);
}
