/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "strscan/settings.h"

/* The same file, under whatever name. */
static bool is_same_file(const char *a, const struct stat *y)
{
	struct stat x;

	return stat(a, &x) == 0 && S_ISREG(x.st_mode) && x.st_dev == y->st_dev &&
	       x.st_ino == y->st_ino;
}

int settings_check_output(const struct settings *s)
{
	struct stat out;
	bool same = false;

	if (!s->output || stat(s->output, &out) != 0)
		return 0;
	for (int i = 0; i < s->nfiles; i++)
		same |= is_same_file(s->files[i], &out);
	for (uint32_t i = 0; i < s->ndumps; i++)
		same |= is_same_file(s->dumps[i].path, &out);
	for (uint32_t i = 0; i < s->nkeep_files; i++)
		same |= is_same_file(s->keep_files[i], &out);
	same |= s->image && is_same_file(s->image, &out);
	same |= s->forecast && is_same_file(s->forecast, &out);
	same |= s->elf && is_same_file(s->elf, &out);
	return same ? settings_usage("the output is one of the inputs", s->output) : 0;
}
