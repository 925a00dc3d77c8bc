/* SPDX-License-Identifier: MIT */
#include "lfsdump/terminal.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager;

static struct place place_of(const struct settings *s)
{
	return (struct place){ .fd = s->output ? -1 : STDOUT_FILENO,
			       .colour = s->colour,
			       .no_color = getenv("NO_COLOR"),
			       .term = getenv("TERM"),
			       .columns = getenv("COLUMNS") };
}

void terminal_style(struct settings *s)
{
	struct place place = place_of(s);

	setlocale(LC_CTYPE, "");
	place_style(&place, &s->style);
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
	struct place place = place_of(s);
	int fd[2];

	if (s->no_pager || !place_is_terminal(&place) || !command || pipe(fd) != 0)
		return;
	pager = fork();
	if (pager == 0) {
		dup2(fd[0], STDIN_FILENO);
		close(fd[0]);
		close(fd[1]);
		setenv("LESS", "FRX", 0);
		/* a pager that is not there must not take the output with it */
		execl("/bin/sh", "sh", "-c", "eval \"$1\" || { [ $? = 127 ] && cat; }", "sh",
		      command, (char *)NULL);
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
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
}
