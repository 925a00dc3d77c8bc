/* SPDX-License-Identifier: MIT */
/*
 * The file system: files in memory, as SPIFFS holds them (names of at most 31 bytes, no folders),
 * and, if wanted, in a folder of this machine as well, each as it was when a page was written last:
 * what an open file has in its cache is lost with the power.
 */
#ifndef SIMDEV_FS_H
#define SIMDEV_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum { FS_NAME = 31, FS_TOTAL = 892976, FS_FILES = 64, FS_OPEN = 4, FS_PAGE = 251 };

struct fs_file {
	char name[FS_NAME + 1]; /* "": no file */
	struct buf bytes;
};

struct fs_open {
	struct fs_file *file; /* NULL: not open */
	size_t pos;
	bool reads, writes, appends;
	size_t cached; /* bytes at the file's end that are in no page yet */
	bool changed;
};

struct fs {
	struct fs_file files[FS_FILES];
	struct fs_open open[FS_OPEN];
	int last; /* handle of the file opened last; 0: that could not be */
	const char *folder;
	size_t total; /* bytes */
};

/* total: bytes; 0: what the device has. */
void fs_init(struct fs *fs, const char *folder, size_t total);
void fs_free(struct fs *fs);

struct fs_file *fs_find(struct fs *fs, const char *name);
/* Makes or replaces a file; false when it does not fit. */
bool fs_store(struct fs *fs, const char *name, const void *data, size_t len);
void fs_remove(struct fs *fs, const char *name);
bool fs_rename(struct fs *fs, const char *from, const char *to);
/* Bytes in use, with what a file costs beside its bytes. */
size_t fs_used(const struct fs *fs);

/* mode as for fopen: r, w, a, and a + behind. A handle from 1 on; 0 when it cannot be. */
int fs_open(struct fs *fs, const char *name, const char *mode);
struct fs_open *fs_handle(struct fs *fs, int handle); /* NULL: not open */
bool fs_write(struct fs *fs, int handle, const void *data, size_t len);
void fs_flush(struct fs *fs, int handle);
void fs_close(struct fs *fs, int handle);
/* The power goes, or the device restarts: files are as their pages are. */
void fs_lose(struct fs *fs);

#endif
