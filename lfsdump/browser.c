/* SPDX-License-Identifier: MIT */
#include "lfsdump/browser.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "lfsdump/report.h"

#define NAME "lfstui"

int browser_run(const char *self, char **files)
{
	const char *slash = strrchr(self, '/');
	struct diag diag = { 0 };
	struct buf path = { 0 };
	size_t n = 0;
	char **args;

	while (files[n])
		n++;
	args = calloc(n + 3, sizeof(*args));
	if (slash)
		buf_put(&path, self, (size_t)(slash - self) + 1);
	buf_put(&path, NAME, sizeof(NAME));
	if (args && !path.failed) {
		args[0] = (char *)path.data;
		args[1] = (char *)(uintptr_t) "--";
		memcpy(args + 2, files, n * sizeof(*args));
		execvp(args[0], args);
		if (slash) /* not beside it: installed somewhere else */
			execvp(NAME, args);
		diag_system(&diag);
	}
	diag_fail(&diag, ERR_MEMORY, "out of memory");
	complain(NAME, &diag);
	buf_free(&path);
	free(args);
	return 1;
}
