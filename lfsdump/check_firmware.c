/* SPDX-License-Identifier: MIT */
#include "lfsdump/check_firmware.h"

#include "common/base/file.h"
#include "common/firmware/target.h"
#include "lfsdump/check.h"
#include "lfsdump/report.h"

/* The firmware of the last --firmware. */
static struct firmware firmware;
static struct file file;

bool check_set_firmware(struct settings *s, const char *path)
{
	struct check_target target;
	struct diag diag = { 0 };

	firmware_close(&firmware);
	file_close(&file);
	if (file_load_max(path, FIRMWARE_FILE_MAX, &diag, &file) == ERR_NONE) {
		firmware_open(&firmware, path, file.data, file.len);
		if (firmware.diag.code)
			complain(path, &firmware.diag);
		if (firmware.diag.code == ERR_KIND || firmware.diag.code == ERR_MEMORY)
			return false;
		firmware_target(&firmware, &target, &diag);
	}
	if (diag.code) {
		complain(path, &diag);
		return false;
	}
	check_take_target(s, &target);
	return true;
}

enum err check_firmware(const struct settings *s, const struct lua_book *book,
			struct check_report *report, struct diag *diag)
{
	if (!firmware.file || report->refused)
		return ERR_NONE;
	return firmware_uses(&firmware, book, &s->target, report, diag);
}
