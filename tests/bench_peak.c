/* SPDX-License-Identifier: MIT */
/* bench_peak FILE PROGRAM [ARGUMENT]...: runs the program, ends as it did, and writes to FILE how
   much memory it had at most, in KiB. What forks counts in, so this is smaller than any program. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage used;
	int status;

	if (argc < 3)
		return 2;
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 126;
	FILE *f = fopen(argv[1], "w");
	if (f == NULL)
		return 126;
	fprintf(f, "%ld\n", used.ru_maxrss);
	if (fclose(f) != 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
