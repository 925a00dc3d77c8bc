/* SPDX-License-Identifier: MIT */
#include "common/device/pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/file.h"
#include "common/device/slice.h"

enum { BYTES_A_LINE = 32, STARTS = 3 };

/* node.flashindex without arguments lists them in releases before 3.0. */
#define LIST "table.concat(node.LFS and node.LFS.list()or select(5,node.flashindex()),',')"

static bool is_plain(const char *name, size_t n)
{
	if (!n || n > 60 || name[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] >= 0x7f || strchr("/\\'\"", name[i]))
			return false;
	return true;
}

/* The module's chunk as the only string of the device's array. */
static enum console_answer dump(struct console *c, const char *name, struct slices *s,
				struct diag *diag)
{
	char line[CONSOLE_LINE_MAX + 1];
	enum console_answer a;

	snprintf(line, sizeof(line),
		 "_P={string.dump(node.LFS and node.LFS.get'%s'or node.flashindex'%s',false)}",
		 name, name);
	a = console_run(c, line, diag);
	s->restarts = c->restarts;
	return a == CONSOLE_DONE ? slices_read(s, diag) : a;
}

static enum err save(const struct slice_string *str, const char *folder, const char *name,
		     struct diag *diag)
{
	struct output out = { 0 };
	char path[512];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s.lc", folder, name) >= sizeof(path))
		return diag_fail(diag, ERR_LIMIT, "the folder's name is too long");
	if (output_open_over(path, diag, &out))
		return diag->code;
	fwrite(str->text, 1, str->len, out.stream);
	return output_commit(&out, diag);
}

static const char *reason(const struct console *c, enum console_answer a)
{
	if (a == CONSOLE_MEMORY)
		return "not enough memory on the device to dump it";
	if (strstr(c->error, "dump"))
		return "this firmware has no string.dump, or it refuses functions in flash";
	return c->error;
}

/* False: this one was not to be had. */
static bool pull_one(struct console *c, const char *folder, const char *name, pull_tell tell,
		     void *ctx, struct diag *diag)
{
	struct slices s = { .console = c, .byte_piece = BYTES_A_LINE };
	enum console_answer a = CONSOLE_RESTART;
	char what[64];

	for (unsigned i = 0; i < STARTS && (a == CONSOLE_RESTART || a == CONSOLE_LOST); i++) {
		slices_free(&s);
		s.strings = calloc(1, sizeof(*s.strings));
		s.count = s.strings ? 1 : 0;
		a = s.strings ? dump(c, name, &s, diag) : CONSOLE_MEMORY;
	}
	if (a == CONSOLE_DONE) {
		snprintf(what, sizeof(what), "%u bytes", (unsigned)s.strings->len);
		if (save(s.strings, folder, name, diag) == ERR_NONE)
			tell(ctx, name, what);
	} else if (!diag->code) {
		tell(ctx, name, reason(c, a));
	}
	slices_free(&s);
	return a == CONSOLE_DONE;
}

static enum err pull_list(struct console *c, char *names, const char *folder, pull_tell tell,
			  void *ctx, struct diag *diag)
{
	unsigned had = 0, missing = 0;

	while (*names && !diag->code) {
		size_t n = strcspn(names, ",");
		bool last = names[n] == '\0';

		names[n] = '\0';
		if (is_plain(names, n)) {
			bool ok = pull_one(c, folder, names, tell, ctx, diag);

			had += ok;
			missing += !ok;
		} else if (n) {
			tell(ctx, "a module", "its name cannot be a file's");
			missing++;
		}
		names += n + !last;
	}
	if (missing)
		diag_fail(diag, ERR_IO, "%u of %u modules were not to be had", missing,
			  had + missing);
	else if (!had)
		diag_fail(diag, ERR_IO, "there are no modules in LFS");
	return diag->code;
}

enum err pull_modules(struct console *c, const char *folder, pull_tell tell, void *ctx,
		      struct diag *diag)
{
	struct buf names = { 0 };
	enum console_answer a;

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return diag_fail(diag, ERR_IO, "%.100s: %s", folder, strerror(errno));
	a = console_value(c, LIST, &names, diag);
	buf_byte(&names, 0);
	if (a == CONSOLE_FAILED)
		;
	else if (a != CONSOLE_DONE)
		diag_fail(diag, ERR_IO,
			  "the device lists no LFS modules: there is no image in it, or its "
			  "firmware has no LFS");
	else if (names.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		pull_list(c, (char *)names.data, folder, tell, ctx, diag);
	buf_free(&names);
	return diag->code;
}
