/* SPDX-License-Identifier: MIT */
#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"

enum err file_too_large(struct diag *diag, size_t max)
{
	if (max != FILE_MAX)
		return diag_fail(diag, ERR_LIMIT, "larger than %zu MB", max >> 20);
	return diag_fail(diag, ERR_LIMIT, "larger than %u bytes, more than any flash chip holds",
			 FILE_MAX);
}

/* size is a hint: a pipe has none, and a file may grow while it is read. */
static enum err slurp(int fd, size_t size, size_t max, struct diag *diag, struct file *out)
{
	struct buf b = { 0 };
	ssize_t n = 1;

	for (;;) {
		size_t want = b.cap > b.len ? b.cap - b.len : b.len < size ? size - b.len : 65536;
		uint8_t *p = buf_extend(&b, want);

		if (!p)
			break;
		b.len -= want;
		n = read(fd, p, want);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			diag_system(diag);
			break;
		}
		if (b.len + (size_t)n > max) {
			file_too_large(diag, max);
			break;
		}
		b.len += (size_t)n;
	}
	if (b.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	if (diag->code) {
		buf_free(&b);
		return diag->code;
	}
	out->data = b.data;
	out->len = b.len;
	return ERR_NONE;
}

enum err file_load(const char *path, struct diag *diag, struct file *out)
{
	return file_load_max(path, FILE_MAX, diag, out);
}

enum err file_load_max(const char *path, size_t max, struct diag *diag, struct file *out)
{
	struct stat st;
	enum err e;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*out = (struct file){ 0 };
	if (fd < 0)
		return diag_system(diag);
	if (fstat(fd, &st) < 0)
		e = diag_system(diag);
	else if (st.st_size > (off_t)max)
		e = file_too_large(diag, max);
	else
		e = slurp(fd, (size_t)st.st_size, max, diag, out);
	if (fd != STDIN_FILENO)
		close(fd);
	return e;
}

void file_close(struct file *f)
{
	free(f->data);
	*f = (struct file){ 0 };
}

void file_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

enum err file_flush(FILE *f, struct diag *diag)
{
	if (fflush(f) == 0 && !ferror(f))
		return ERR_NONE;
	/* An earlier write failed: bytes are lost, and why is asked for once more. */
	clearerr(f);
	if (fputc('\n', f) == EOF || fflush(f) != 0)
		return diag_system(diag);
	return diag_fail(diag, ERR_IO, "not all of it could be written");
}

const char *file_shown_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "(standard input)" : path;
}

const char *file_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool file_is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}
