/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"

static enum err too_large(struct diag *diag)
{
	return diag_fail(diag, ERR_LIMIT, "larger than %u bytes, more than any flash chip holds",
			 FILE_MAX);
}

/* size is a hint: a pipe has none, and a file may grow while it is read. */
static enum err slurp(int fd, size_t size, struct diag *diag, struct file *out)
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
			diag_fail(diag, ERR_IO, "%s", strerror(errno));
			break;
		}
		if (b.len + (size_t)n > FILE_MAX) {
			too_large(diag);
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
	struct stat st;
	enum err e;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*out = (struct file){ 0 };
	if (fd < 0)
		return diag_fail(diag, ERR_IO, "%s", strerror(errno));
	if (fstat(fd, &st) < 0)
		e = diag_fail(diag, ERR_IO, "%s", strerror(errno));
	else if (st.st_size > (off_t)FILE_MAX)
		e = too_large(diag);
	else
		e = slurp(fd, (size_t)st.st_size, diag, out);
	if (fd != STDIN_FILENO)
		close(fd);
	return e;
}

void file_close(struct file *f)
{
	free(f->data);
	*f = (struct file){ 0 };
}

static mode_t mode_for(const char *path)
{
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0666 & ~mask;
}

enum err output_open(const char *path, struct diag *diag, struct output *out)
{
	size_t n = strlen(path) + sizeof(".XXXXXX");
	int fd;

	*out = (struct output){ .path = strdup(path), .aside = malloc(n) };
	if (!out->path || !out->aside) {
		output_abort(out);
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	}
	snprintf(out->aside, n, "%s.XXXXXX", path);
	fd = mkstemp(out->aside);
	if (fd < 0) {
		free(out->aside);
		out->aside = NULL;
	} else if (fchmod(fd, mode_for(path)) == 0) {
		out->stream = fdopen(fd, "wb");
	}
	if (out->stream)
		return ERR_NONE;
	diag_fail(diag, ERR_IO, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	output_abort(out);
	return diag->code;
}

enum err output_commit(struct output *out, struct diag *diag)
{
	FILE *f = out->stream;
	bool bad = fflush(f) != 0 || ferror(f) || fsync(fileno(f)) != 0;
	int why = errno;

	out->stream = NULL;
	if (fclose(f) != 0 && !bad) {
		bad = true;
		why = errno;
	}
	if (!bad && rename(out->aside, out->path) != 0) {
		bad = true;
		why = errno;
	}
	if (bad) {
		diag_fail(diag, ERR_IO, "%s", strerror(why));
	} else {
		free(out->aside);
		out->aside = NULL;
	}
	output_abort(out);
	return diag->code;
}

void output_abort(struct output *out)
{
	if (out->stream)
		fclose(out->stream);
	if (out->aside)
		unlink(out->aside);
	free(out->aside);
	free(out->path);
	*out = (struct output){ 0 };
}
