/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: system calls that go wrong. They are caught below the C library, so that its
 * streams meet them, too (seccomp hands them over by a signal). FAIL_IO_CALL: read or write;
 * without more each gets or takes few bytes, and every third read is interrupted first. With
 * FAIL_IO_ERROR and FAIL_IO_AT the call of that number (1 first) and all after it fail with that
 * errno. FAIL_IO_TELL, a file, is made when it came to that. Standard error and libraries that are
 * loaded are left alone, and what the process starts, too.
 */
#define _GNU_SOURCE /* ucontext's registers */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __x86_64__

/* In the sixth argument, which these calls do not have: this one is ours. */
#define PASS 0x5eccull

static unsigned long count, at;
static int error;
static char tell[4096];

static long go_on(long number, long fd, long p, long n)
{
	long r = syscall(number, fd, p, n, 0, 0, PASS);

	return r < 0 ? -errno : r;
}

static long answer(long number, long fd, long p, long n)
{
	char link[64], name[300];
	ssize_t len;
	long few = (long)(count % 7) * 5 + 1;
	int told;

	snprintf(link, sizeof(link), "/proc/self/fd/%ld", fd);
	len = readlink(link, name, sizeof(name) - 1);
	name[len > 0 ? len : 0] = '\0';
	if (fd == STDERR_FILENO || n == 0 || strstr(name, ".so"))
		return go_on(number, fd, p, n);
	count++;
	if (!error && number == SYS_read && count % 3 == 0)
		return -EINTR;
	if (!error)
		return go_on(number, fd, p, n < few ? n : few);
	if (count < at)
		return go_on(number, fd, p, n);
	if (count == at && tell[0]) {
		told = open(tell, O_WRONLY | O_CREAT, 0600);
		if (told >= 0)
			close(told);
	}
	return -error;
}

static void on_call(int number, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	int saved = errno;

	(void)number;
	r[REG_RAX] = answer(info->si_syscall, (long)r[REG_RDI], (long)r[REG_RSI], (long)r[REG_RDX]);
	errno = saved;
}

static void catch_calls(unsigned number)
{
	struct sock_filter rows[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)PASS, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(rows) / sizeof(rows[0]), rows };
	struct sigaction a = { .sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (sigaction(SIGSYS, &a, NULL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(96); /* the tests take it for a computer that cannot do this */
}

__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAIL_IO_CALL"), *n = getenv("FAIL_IO_AT");
	const char *e = getenv("FAIL_IO_ERROR"), *file = getenv("FAIL_IO_TELL");

	unsetenv("LD_PRELOAD");
	if (!call)
		return;
	at = n ? strtoul(n, NULL, 10) : 0;
	error = e ? atoi(e) : 0;
	if (file)
		strncpy(tell, file, sizeof(tell) - 1);
	catch_calls(strcmp(call, "read") == 0 ? SYS_read : SYS_write);
}

#else

__attribute__((constructor)) static void begin(void)
{
	_exit(96);
}

#endif
