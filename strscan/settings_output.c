/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"
#include "strscan/settings.h"

enum { OTHER_INPUTS = 7, OUTPUTS = 4 };

static bool is_input(const struct settings *s, const char *out)
{
	const char *others[OTHER_INPUTS] = {
		s->image,       s->forecast,    s->elf,         s->rebuild.banner,
		s->loop.upload, s->loop.verify, s->live.replay,
	};
	bool same = false;

	for (int i = 0; i < s->nfiles; i++)
		same |= file_is_same(s->files[i], out);
	for (uint32_t i = 0; i < s->ndumps; i++)
		same |= file_is_same(s->dumps[i].path, out);
	for (uint32_t i = 0; i < s->nkeep_files; i++)
		same |= file_is_same(s->keep_files[i], out);
	for (int i = 0; i < OTHER_INPUTS; i++)
		same |= others[i] && file_is_same(others[i], out);
	return same;
}

/* Of what is there already only a file can be lost. */
static bool is_one_file(const char *a, const char *b)
{
	return file_is_same(a, b) || (strcmp(a, b) == 0 && access(a, F_OK) != 0);
}

int settings_check_output(const struct settings *s)
{
	const char *outputs[OUTPUTS] = { s->output, s->loop.guard, s->live.record, s->live.banner };
	const bool replaces = s->rebuild.wanted || s->loop.optimize;

	for (int i = 0; i < OUTPUTS; i++) {
		const char *out = outputs[i];

		for (int j = 0; out && j < i; j++)
			if (outputs[j] && is_one_file(out, outputs[j]))
				return settings_usage("two outputs cannot be one file", out);
		if (!out || (i == 0 && s->rebuild.force) || !is_input(s, out))
			continue;
		return settings_usage(i == 0 && replaces ? "the output is one of the inputs; "
							   "--force lets it be replaced"
							 : "the output is one of the inputs",
				      out);
	}
	return 0;
}
