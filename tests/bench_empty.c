/* SPDX-License-Identifier: MIT */
/* A program that does nothing, linked like lfsdump: what starting costs. */
#include <zlib.h>

int main(void)
{
	return zlibVersion() == NULL;
}
