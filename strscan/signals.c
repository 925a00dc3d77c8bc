/* SPDX-License-Identifier: MIT */
#include "strscan/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int wake[2] = { -1, -1 };
static volatile sig_atomic_t caught;
static const struct port *volatile guarded;

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };
static struct sigaction before[NUMBERS], pipe_before;
static bool catching;

static void on_signal(int number)
{
	int saved = errno;
	const struct port *port = guarded;

	if (caught) {
		if (port)
			port_restore(port);
		signal(number, SIG_DFL);
		raise(number);
	} else {
		caught = number;
		if (write(wake[1], "", 1) < 0)
			errno = saved;
	}
	errno = saved;
}

int signals_catch(void)
{
	struct sigaction a = { .sa_handler = on_signal }, ignored = { .sa_handler = SIG_IGN };

	if (pipe(wake) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	sigemptyset(&a.sa_mask);
	for (int i = 0; i < NUMBERS; i++)
		/* Who starts a program with a signal ignored wants it so. */
		if (sigaction(numbers[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &a, NULL);
	/* Nobody reads the messages any more: no reason to leave the device in disorder. */
	sigaction(SIGPIPE, &ignored, &pipe_before);
	catching = true;
	return wake[0];
}

void signals_guard(const struct port *port)
{
	guarded = port;
}

void signals_done(void)
{
	if (!catching)
		return;
	for (int i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &before[i], NULL);
	sigaction(SIGPIPE, &pipe_before, NULL);
	catching = false;
	if (!caught)
		return;
	signal(caught, SIG_DFL);
	raise(caught);
}
