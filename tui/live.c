/* SPDX-License-Identifier: MIT */
#include "tui/live.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/device/capture.h"
#include "common/device/probe.h"

struct live {
	pthread_t thread;
	bool started;         /* there is a thread to wait for */
	pthread_mutex_t lock; /* of what both threads touch: from mail on */
	struct port *port;    /* the thread's; NULL: to be opened */
	const char *name;
	uint32_t every;
	int wake[2]; /* to the thread: end */
	int news[2]; /* from it */
	struct string_set mail;
	bool has_mail;
	char said[200];
	bool failed;
	bool over;     /* the thread has ended */
	bool answered; /* there was a capture since it began */
};

static void tell(struct live *l, bool failed, const char *text)
{
	pthread_mutex_lock(&l->lock);
	snprintf(l->said, sizeof(l->said), "%s", text);
	l->failed = failed;
	pthread_mutex_unlock(&l->lock);
	if (write(l->news[1], "", 1) < 0)
		return; /* it is full: news enough */
}

static void deliver(struct live *l, struct string_set *capture)
{
	pthread_mutex_lock(&l->lock);
	if (l->has_mail)
		string_set_free(&l->mail);
	l->mail = *capture;
	l->has_mail = l->answered = true;
	pthread_mutex_unlock(&l->lock);
	tell(l, false, "");
}

static void tell_progress(void *ctx, const struct capture_progress *p)
{
	char text[80];

	snprintf(text, sizeof(text), "%u of %u strings", (unsigned)p->done, (unsigned)p->total);
	tell(ctx, false, text);
}

static void take_capture(struct live *l, struct console *c, struct diag *diag)
{
	const struct capture_watcher watcher = { tell_progress, l };
	struct string_set set = { 0 };

	if (probe_device(c, &set.device, diag) || capture_take(c, &watcher, &set, diag)) {
		string_set_free(&set);
		return;
	}
	deliver(l, &set);
}

/* Until the next capture; a telnet session that says nothing would be closed. */
static void wait_for_next(const struct live *l, struct console *c, struct port *port,
			  struct diag *diag)
{
	enum { ALIVE_SECONDS = 60 };
	int64_t end = port_now(port) + l->every * PORT_SECOND;

	while (!diag->code && port_now(port) < end) {
		int64_t left = end - port_now(port);
		int64_t most = ALIVE_SECONDS * PORT_SECOND;

		port_sleep(port, left < most ? left : most);
		console_progress(c);
		console_run(c, "", diag);
	}
}

static enum err open_port(struct live *l, struct diag *diag)
{
	const struct port_options o = { .name = l->name, .wake = l->wake[0] };

	return port_open(&o, diag, &l->port);
}

static void *work(void *ctx)
{
	struct live *l = ctx;
	struct diag diag = { 0 };
	struct console c = { 0 };

	if (l->port || open_port(l, &diag) == ERR_NONE) {
		console_open(&c, l->port, &diag);
		while (!diag.code) {
			take_capture(l, &c, &diag);
			wait_for_next(l, &c, l->port, &diag);
		}
		if (c.port)
			console_leave(&c);
		console_free(&c);
	}
	port_close(l->port);
	l->port = NULL;
	pthread_mutex_lock(&l->lock);
	l->over = true;
	pthread_mutex_unlock(&l->lock);
	tell(l, true, diag.text);
	return NULL;
}

static void live_free(struct live *l)
{
	for (int i = 0; i < 2; i++) {
		close(l->wake[i]);
		close(l->news[i]);
	}
	string_set_free(&l->mail);
	free(l);
}

/* Signals are the main thread's. */
static int start_thread(struct live *l)
{
	sigset_t all, before;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&l->thread, NULL, work, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e;
}

struct live *live_open(const char *port, uint32_t every, struct diag *diag)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l) {
		diag_fail(diag, ERR_MEMORY, "out of memory");
		return NULL;
	}
	*l = (struct live){ .name = port, .every = every, .wake = { -1, -1 }, .news = { -1, -1 } };
	pthread_mutex_init(&l->lock, NULL);
	if (pipe(l->wake) || pipe(l->news))
		diag_system(diag);
	for (int i = 0; i < 2 && !diag->code; i++) {
		fcntl(l->news[i], F_SETFL, O_NONBLOCK);
		fcntl(l->news[i], F_SETFD, FD_CLOEXEC);
		fcntl(l->wake[i], F_SETFD, FD_CLOEXEC);
	}
	if (!diag->code && open_port(l, diag) == ERR_NONE)
		return l;
	live_free(l);
	return NULL;
}

bool live_runs(struct live *l)
{
	bool runs;

	pthread_mutex_lock(&l->lock);
	runs = l->started && !l->over;
	pthread_mutex_unlock(&l->lock);
	return runs;
}

bool live_answered(struct live *l)
{
	bool answered;

	pthread_mutex_lock(&l->lock);
	answered = l->answered;
	pthread_mutex_unlock(&l->lock);
	return answered;
}

enum err live_start(struct live *l, struct diag *diag)
{
	int e;

	if (l->started)
		pthread_join(l->thread, NULL);
	l->over = l->failed = l->answered = false;
	l->said[0] = '\0';
	e = start_thread(l);
	l->started = e == 0;
	return e ? diag_fail(diag, ERR_IO, "%s", strerror(e)) : ERR_NONE;
}

void live_stop(struct live *l)
{
	if (l->started && write(l->wake[1], "", 1) == 1)
		pthread_join(l->thread, NULL);
	port_close(l->port);
	live_free(l);
}

int live_news(const struct live *l)
{
	return l ? l->news[0] : -1;
}

bool live_take(struct live *l, struct string_set *out)
{
	char drain[64];
	bool has;

	while (read(l->news[0], drain, sizeof(drain)) > 0)
		continue;
	pthread_mutex_lock(&l->lock);
	has = l->has_mail;
	*out = l->mail;
	l->mail = (struct string_set){ 0 };
	l->has_mail = false;
	pthread_mutex_unlock(&l->lock);
	return has;
}

void live_said(struct live *l, char *out, size_t size, bool *failed)
{
	pthread_mutex_lock(&l->lock);
	snprintf(out, size, "%s", l->said);
	*failed = l->failed;
	pthread_mutex_unlock(&l->lock);
}
