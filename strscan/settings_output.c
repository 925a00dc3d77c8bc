/* SPDX-License-Identifier: MIT */
#include "common/base/file.h"
#include "strscan/settings.h"

int settings_check_output(const struct settings *s)
{
	const char *out = s->output;
	bool same = false;

	if (!out)
		return 0;
	for (int i = 0; i < s->nfiles; i++)
		same |= file_is_same(s->files[i], out);
	for (uint32_t i = 0; i < s->ndumps; i++)
		same |= file_is_same(s->dumps[i].path, out);
	for (uint32_t i = 0; i < s->nkeep_files; i++)
		same |= file_is_same(s->keep_files[i], out);
	same |= s->image && file_is_same(s->image, out);
	same |= s->forecast && file_is_same(s->forecast, out);
	same |= s->elf && file_is_same(s->elf, out);
	same |= s->rebuild.banner && file_is_same(s->rebuild.banner, out);
	if (!same || s->rebuild.force)
		return 0;
	return settings_usage(
		s->rebuild.wanted ? "the output is one of the inputs; --force lets it be replaced"
				  : "the output is one of the inputs",
		out);
}
