/* SPDX-License-Identifier: MIT */
/*
 * Output files. What is being written has no name where the system can do that (O_TMPFILE): then
 * nothing is left behind whatever ends the program. Else it stands aside under a name of its own.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINK_TRIES = 100 };

static mode_t mode_for(const char *path)
{
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0666 & ~mask;
}

/* Devices, pipes and links that lead nowhere yet are written to as they are: they must stay. */
static bool is_direct(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return !S_ISREG(st.st_mode);
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static int open_nameless(const char *path)
{
#ifdef O_TMPFILE
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	bool nameable = access("/proc/self/fd", X_OK) == 0; /* else it could not get its name */
	int fd = folder && nameable ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;

	free(folder);
	return fd;
#else
	(void)path;
	return -1;
#endif
}

static int open_aside(struct output *out)
{
	size_t n = strlen(out->path) + sizeof(".XXXXXX");
	int fd;

	out->aside = malloc(n);
	if (!out->aside)
		return -1;
	snprintf(out->aside, n, "%s.XXXXXX", out->path);
	fd = mkstemp(out->aside);
	if (fd < 0) {
		free(out->aside);
		out->aside = NULL;
	}
	return fd;
}

static int open_for(struct output *out)
{
	int fd;

	if (out->direct)
		return open(out->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	fd = open_nameless(out->path);
	if (fd < 0)
		fd = open_aside(out);
	if (fd >= 0 && fchmod(fd, mode_for(out->path)) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Takes over out->path. */
static enum err open_stream(struct output *out, struct diag *diag)
{
	int fd;

	if (!out->path)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	fd = open_for(out);
	out->stream = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (out->stream)
		return ERR_NONE;
	diag_system(diag);
	if (fd >= 0)
		close(fd);
	output_abort(out);
	return diag->code;
}

enum err output_open(const char *path, struct diag *diag, struct output *out)
{
	char *real;

	*out = (struct output){ .direct = is_direct(path) };
	real = out->direct ? NULL : realpath(path, NULL); /* a link stays, its target changes */
	out->path = real ? real : strdup(path);
	return open_stream(out, diag);
}

enum err output_open_over(const char *path, struct diag *diag, struct output *out)
{
	*out = (struct output){ .path = strdup(path) };
	return open_stream(out, diag);
}

/* Gives a nameless file a name beside its target: only a rename can replace what is there. */
static bool name_aside(struct output *out)
{
	size_t n = strlen(out->path) + 32;
	char from[64];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fileno(out->stream));
	out->aside = malloc(n);
	for (int i = 0; out->aside && i < LINK_TRIES; i++) {
		snprintf(out->aside, n, "%s.%ld-%d", out->path, (long)getpid(), i);
		if (linkat(AT_FDCWD, from, AT_FDCWD, out->aside, AT_SYMLINK_FOLLOW) == 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	free(out->aside);
	out->aside = NULL;
	return false;
}

static bool settle(struct output *out, struct diag *diag)
{
	FILE *f = out->stream;
	bool good = file_flush(f, diag) == ERR_NONE;

	if (good && !out->direct)
		good = fsync(fileno(f)) == 0 && (out->aside || name_aside(out));
	out->stream = NULL;
	if (!good) {
		int why = errno;

		fclose(f);
		errno = why;
		return false;
	}
	if (fclose(f) != 0)
		return false;
	return out->direct || rename(out->aside, out->path) == 0;
}

enum err output_commit(struct output *out, struct diag *diag)
{
	if (settle(out, diag)) {
		free(out->aside);
		out->aside = NULL;
	} else {
		diag_system(diag); /* unless it is known already */
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
