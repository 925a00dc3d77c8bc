/* SPDX-License-Identifier: MIT */
#include "lfsdump/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;

static bool on_terminal(const struct settings *s)
{
	return !s->output && isatty(STDOUT_FILENO);
}

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	int n = columns ? atoi(columns) : 0;

	if (n > 0)
		return (unsigned)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

void terminal_style(struct settings *s)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool plain = (no_colour && no_colour[0]) || !term || strcmp(term, "dumb") == 0;

	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		s->style.ascii = true;
	s->style.colour = s->colour == WHEN_ALWAYS ||
			  (s->colour == WHEN_AUTO && on_terminal(s) && !plain);
	if (on_terminal(s))
		s->style.width = terminal_width();
}

static const char *pager_command(void)
{
	const char *p = getenv("LFSDUMP_PAGER");

	if (!p)
		p = getenv("PAGER");
	if (!p)
		p = "less";
	return p[0] == '\0' || strcmp(p, "cat") == 0 ? NULL : p;
}

void pager_start(const struct settings *s)
{
	const char *command = pager_command();
	int fd[2];

	if (s->no_pager || !on_terminal(s) || !command || pipe(fd) != 0)
		return;
	pager = fork();
	if (pager == 0) {
		dup2(fd[0], STDIN_FILENO);
		close(fd[0]);
		close(fd[1]);
		setenv("LESS", "FRX", 0);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pager > 0)
		dup2(fd[1], STDOUT_FILENO);
	close(fd[0]);
	close(fd[1]);
}

void pager_wait(void)
{
	if (pager <= 0)
		return;
	fclose(stdout);
	close(STDOUT_FILENO);
	while (waitpid(pager, NULL, 0) < 0)
		;
}
