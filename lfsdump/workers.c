/* SPDX-License-Identifier: MIT */
/*
 * Processes, not threads: a crash costs one file, and memory is given back. Each worker has two
 * pipes, for what it prints and for what it complains of. Behind each file it writes one byte to
 * both, END plus the bits of enum outcome: the escaping of all output leaves no such byte in it.
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "lfsdump/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/diag.h"
#include "common/base/file.h"
#include "lfsdump/report.h"

enum outcome { OUTCOME_WRONG = 1, OUTCOME_UNFINISHED = 2 };
enum { END = 1, END_MOST = END + OUTCOME_WRONG + OUTCOME_UNFINISHED };

/* A worker that is ahead waits when its pipe is full; with a large one that is seldom. */
enum { CHUNK = 1 << 16, PIPE_WANTED = 1 << 20 };

struct channel {
	int fd;
	size_t at, len; /* of bytes */
	bool closed;
	int mark; /* what stood behind the current file; 0: nothing yet */
	char bytes[CHUNK];
};

struct worker {
	pid_t pid; /* 0: there is none */
	struct channel out, err;
};

struct workers {
	struct worker *list;
	unsigned count;
	char **files;
	int nfiles;
	work_fn work;
	void *ctx;
	FILE *f;
};

static void put_mark(FILE *f, int status)
{
	fputc(END + (status ? OUTCOME_WRONG : 0) + (report_unfinished() ? OUTCOME_UNFINISHED : 0),
	      f);
	fflush(f);
}

/* The worker itself: its files one by one from first on. */
static void serve(const struct workers *w, int first, int out, int err)
{
	FILE *f = dup2(err, STDERR_FILENO) < 0 ? NULL : fdopen(out, "wb");

	if (!f)
		_exit(1);
	/* Each write wakes the reader up. */
	setvbuf(f, NULL, _IOFBF, CHUNK);
	close(err);
	for (unsigned i = 0; i < w->count; i++) {
		if (!w->list[i].pid)
			continue;
		close(w->list[i].out.fd);
		close(w->list[i].err.fd);
	}
	for (int i = first; i < w->nfiles; i += (int)w->count) {
		int status = w->work(f, w->ctx, i);

		put_mark(f, status);
		put_mark(stderr, status);
	}
	_exit(0);
}

static void channel_open(struct channel *c, const int ends[2])
{
	close(ends[1]);
	*c = (struct channel){ .fd = ends[0] };
	fcntl(c->fd, F_SETFD, FD_CLOEXEC);
}

/* Without a worker there is no harm: see take_file. */
static void start(const struct workers *w, struct worker *worker, int first)
{
	int out[2], err[2];

	worker->pid = 0;
	if (first >= w->nfiles || pipe(out) != 0)
		return;
	if (pipe(err) != 0) {
		close(out[0]);
		close(out[1]);
		return;
	}
#ifdef F_SETPIPE_SZ
	fcntl(out[1], F_SETPIPE_SZ, PIPE_WANTED);
#endif
	fflush(w->f);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(out[0]);
		close(err[0]);
		serve(w, first, out[1], err[1]);
	}
	channel_open(&worker->out, out);
	channel_open(&worker->err, err);
	if (worker->pid > 0)
		return;
	worker->pid = 0;
	close(out[0]);
	close(err[0]);
}

/* Returns what waitpid has of it. */
static int stop(struct worker *worker)
{
	int status = 0;

	close(worker->out.fd);
	close(worker->err.fd);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	return status;
}

/* What is there of the current file goes on to f. */
static void pass_on(struct channel *c, FILE *f)
{
	size_t end = c->at;

	if (c->mark)
		return;
	while (end < c->len && (c->bytes[end] < END || c->bytes[end] > END_MOST))
		end++;
	if (end > c->at)
		fwrite(c->bytes + c->at, 1, end - c->at, f);
	if (end < c->len)
		c->mark = (unsigned char)c->bytes[end++];
	c->at = end;
}

static void receive(struct channel *c)
{
	ssize_t n = read(c->fd, c->bytes, sizeof(c->bytes));

	if (n < 0 && errno == EINTR)
		return;
	c->closed = n <= 0;
	c->at = 0;
	c->len = n > 0 ? (size_t)n : 0;
}

/* Until both have come to the end of the file, or of the worker. */
static void pass_on_file(struct worker *worker, FILE *f)
{
	struct channel *both[2] = { &worker->out, &worker->err };

	both[0]->mark = both[1]->mark = 0;
	for (;;) {
		struct pollfd p[2];
		bool more = false;

		for (unsigned i = 0; i < 2; i++) {
			bool open;

			pass_on(both[i], i ? stderr : f);
			open = !both[i]->mark && !both[i]->closed;
			more |= open;
			/* poll() passes over what is negative. */
			p[i] = (struct pollfd){ open ? both[i]->fd : -1, POLLIN, 0 };
		}
		if (!more)
			return;
		if (poll(p, 2, -1) < 0)
			continue;
		for (unsigned i = 0; i < 2; i++)
			if (p[i].revents)
				receive(both[i]);
	}
}

static void tell_death(const char *file, int status)
{
	struct diag diag = { 0 };

	if (WIFSIGNALED(status))
		diag_fail(&diag, ERR_IO,
			  "the process that worked on it was ended by signal %d (%s)",
			  WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		diag_fail(&diag, ERR_IO, "the process that worked on it ended with status %d",
			  WEXITSTATUS(status));
	complain(file, &diag);
}

static int take_file(const struct workers *w, int index)
{
	struct worker *worker = &w->list[index % (int)w->count];
	int mark;

	if (!worker->pid)
		return w->work(w->f, w->ctx, index);
	pass_on_file(worker, w->f);
	mark = worker->out.mark;
	if (mark && worker->err.mark) {
		if ((mark - END) & OUTCOME_UNFINISHED)
			report_is_unfinished();
		return (mark - END) & OUTCOME_WRONG ? 1 : 0;
	}
	tell_death(file_shown_name(w->files[index]), stop(worker));
	start(w, worker, index + (int)w->count);
	return 1;
}

int workers_run(FILE *f, unsigned count, char **files, int nfiles, work_fn work, void *ctx)
{
	struct workers w = { NULL, count, files, nfiles, work, ctx, f };
	int status = 0;

	if (nfiles < (int)count)
		w.count = (unsigned)nfiles;
	if (w.count > 1)
		w.list = calloc(w.count, sizeof(*w.list));
	for (unsigned i = 0; i < w.count && w.list; i++)
		start(&w, &w.list[i], (int)i);
	for (int i = 0; i < nfiles; i++)
		status |= w.list ? take_file(&w, i) : work(f, ctx, i);
	for (unsigned i = 0; i < w.count && w.list; i++)
		if (w.list[i].pid)
			stop(&w.list[i]);
	free(w.list);
	return status;
}

bool workers_count(const char *arg, unsigned *out)
{
	char *end;
	unsigned long n = strcmp(arg, "auto") == 0 ? 0 : strtoul(arg, &end, 10);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (strcmp(arg, "auto") != 0 && (arg[0] < '0' || arg[0] > '9' || *end || n > WORKERS_MAX))
		return false;
	if (n == 0)
		n = processors > 0 ? (unsigned long)processors : 1;
	*out = n > WORKERS_MAX ? WORKERS_MAX : (unsigned)n;
	return true;
}
