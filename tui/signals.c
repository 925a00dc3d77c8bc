/* SPDX-License-Identifier: MIT */
#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
	int pipe[2];
	volatile sig_atomic_t ended, stopped, continued, resized;
} told;

enum err signals_open(struct diag *diag)
{
	if (pipe(told.pipe))
		return diag_system(diag);
	for (int i = 0; i < 2; i++) {
		fcntl(told.pipe[i], F_SETFL, O_NONBLOCK);
		fcntl(told.pipe[i], F_SETFD, FD_CLOEXEC);
	}
	return ERR_NONE;
}

static void wake(int signal)
{
	int saved = errno;

	if (signal == SIGWINCH)
		told.resized = 1;
	else if (signal == SIGTSTP)
		told.stopped = 1;
	else if (signal == SIGCONT)
		told.continued = 1;
	else
		told.ended = signal;
	if (write(told.pipe[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

void signals_catch(void)
{
	static const int wanted[] = { SIGWINCH,  SIGTSTP, SIGCONT, SIGTERM, SIGHUP,
				      SIGINT,    SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2,
				      SIGVTALRM, SIGPROF, SIGPOLL, SIGPIPE, SIGXCPU };
	struct sigaction a = { .sa_handler = wake };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGXFSZ, &ignore, NULL); /* that a file is too large is told, as other failures */
	sigfillset(&a.sa_mask);
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaction(wanted[i], &a, NULL);
}

int signals_descriptor(void)
{
	return told.pipe[0];
}

static bool take(volatile sig_atomic_t *flag)
{
	bool was = *flag;

	*flag = 0;
	return was;
}

enum terminal_news signals_told(void)
{
	char drain[64];

	while (read(told.pipe[0], drain, sizeof(drain)) > 0)
		continue;
	if (told.ended)
		return TERMINAL_END;
	if (take(&told.stopped))
		return TERMINAL_STOP;
	if (take(&told.continued))
		return TERMINAL_CONTINUED;
	return take(&told.resized) ? TERMINAL_RESIZED : TERMINAL_NOTHING;
}

void signals_stop(void)
{
	struct sigaction a = { .sa_handler = SIG_DFL };
	struct sigaction old;

	sigaction(SIGTSTP, &a, &old);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &old, NULL);
	told.continued = 0;
}

int signals_ended(void)
{
	return told.ended;
}
