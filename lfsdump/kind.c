/* SPDX-License-Identifier: MIT */
#include "lfsdump/kind.h"

#include <sys/stat.h>

#include "common/base/file.h"
#include "common/firmware/firmware.h"
#include "common/lua/format.h"

const char *kind_shown(const uint8_t *data, size_t len)
{
	for (unsigned i = 0; i < lua_format_count; i++)
		if (lua_formats[i]->probe(data, len))
			return lua_formats[i]->words;
	return firmware_probe(data, len) ? "a firmware or a dump of a flash" : NULL;
}

enum err kind_of_file(const char *path, struct diag *diag, const char **out)
{
	struct diag own = { 0 };
	struct file file;
	struct stat st;

	*out = NULL;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return ERR_NONE;
	if (file_load_max(path, FIRMWARE_FILE_MAX, &own, &file) == ERR_NONE)
		*out = kind_shown(file.data, file.len);
	file_close(&file);
	if (own.code && own.code != ERR_LIMIT) /* nothing that lfsdump shows is as large */
		*diag = own;
	return diag->code;
}
