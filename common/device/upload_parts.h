/* SPDX-License-Identifier: MIT */
/*
 * How bytes go through the console; private to upload*.c.
 */
#ifndef DEVICE_UPLOAD_PARTS_H
#define DEVICE_UPLOAD_PARTS_H

#include "common/device/upload.h"

struct upload_way {
	const char *name;
	const char *needs; /* an expression that is 1 where the device can do it; NULL: tried out */
	const char *decode; /* Lua: makes the bytes of the text s */
	/* Text of as many bytes as fit in room characters, NUL-terminated; returns how many. */
	size_t (*encode)(const uint8_t *data, size_t n, size_t room, char *out);
};

/* The best one that the device and the line can do. */
enum err upload_choose(struct console *c, const struct upload_way **way, struct diag *diag);

/* The function that writes. */
void upload_tool(const struct upload_way *way, struct console *c, const char *name,
		 struct tool *tool);

/* Its call; returns how many bytes are in it. line has CONSOLE_LINE_MAX + 1 bytes. */
size_t upload_line(const struct upload_way *way, const uint8_t *data, size_t n, size_t at,
		   bool with_sum, char *line);

#endif
