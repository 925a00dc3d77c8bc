/* SPDX-License-Identifier: MIT */
/*
 * What the loaders say, and what it means. All are refusals, or the end of an image in 5.3.
 */
#include <string.h>

#include "common/device/reload.h"

static const struct {
	const char *words, *meaning;
} messages[] = {
	{ "No LFS partition allocated",
	  "the firmware has no LFS region, or (Lua 5.3) there is no such file" },
	{ "No file system mounted", "the device has no file system" },
	{ "LFS image file not found", "there is no such file on the device" },
	{ "read error on LFS image file",
	  "the file is no image for this Lua: 200 bytes or fewer, no gzip, or made for Lua 5.3" },
	{ "invalid dictionary offset on inflate",
	  "the file was compressed with a window above 16,384 bytes" },
	{ "Incorrect LFS header version", "the image is of another release's format" },
	{ "Incorrect LFS build type",
	  "the image was made for firmware with other numbers (float, integer)" },
	{ "incorrect LFS header signature",
	  "the image was made for firmware with other numbers (float, integer)" },
	{ "LFS Image too big for configured LFS region", "the image is larger than the region" },
	{ "LFS length mismatch", "the file is damaged" },
	{ "checksum error on LFS image file", "the file is damaged" },
	{ "Memory allocation error",
	  "too little heap is free: the loader takes 22.5 KB and a 32nd of the image; stop the "
	  "application first" },
	{ "not enough memory", "too little heap is free; stop the application first" },
	{ "memory allocation error: block too big", "the file is damaged" },
	{ "cannot open ", "there is no such file on the device" },
	{ "invalid header in ", "the file is no image for this Lua" },
	{ "format mismatch in ", "the file is a compiled chunk, not an image" },
	{ "version mismatch in ", "the image is for another Lua" },
	{ "int size mismatch in ", "the image is for another kind of device" },
	{ "Instruction size mismatch in ", "the image is for another kind of device" },
	{ "lua_Integer size mismatch in ",
	  "the image was made for firmware with other integers (32, 64 bits)" },
	{ "lua_Number size mismatch in ",
	  "the image was made for firmware with other numbers (32, 64 bits)" },
	{ "float format mismatch in ", "the image was made for firmware with other numbers" },
	{ "no string vector in ", "the file is damaged" },
	{ "no Proto vector in ", "the file is damaged" },
	{ "truncated precompiled chunk", "the file is not whole" },
	{ "corrupted precompiled chunk", "the file is damaged" },
	{ "not a precompiled chunk", "the file is no image" },
	{ "LFS image corrupted.", "what was in the region is no image; it was erased" },
};

const char *reload_meaning(const char *said)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (strstr(said, messages[i].words))
			return messages[i].meaning;
	return NULL;
}
