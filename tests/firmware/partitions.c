/* SPDX-License-Identifier: MIT */
/* The partition table as NodeMCU builds it (user_main.c): the first start fills addresses in. */
#include "lua.h"

#ifdef __XTENSA__
extern char _irom0_text_end[];

struct item {
	uint32_t type, address, size;
};

const struct {
	uint8_t words, id, zero[2];
	struct item items[8];
} rompt __attribute__((section(".irom0.ptable"), used)) = {
	24,
	1,
	{ 0, 0 },
	{
		{ 101, 0, 0xb000 },
		{ 4, 0xd000, 0x1000 },
		{ 5, 0xf000, 0x1000 },
		{ 102, 0x10000, 0 },
		{ 103, 0, 0x40000 },
		{ 106, 0, 0xffffffff },
		{ 6, 0, 0x3000 },
		{ 0, (uint32_t)_irom0_text_end, 0 },
	},
};
#endif
