/* SPDX-License-Identifier: MIT */
/*
 * simdev: runs the simulator that is linked with the Lua of the wanted variant.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *variant = "51", *slash = strrchr(argv[0], '/');
	char path[1024];

	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--variant=", 10))
			variant = argv[i] + 10;
		else if (!strcmp(argv[i], "--variant") && i + 1 < argc)
			variant = argv[i + 1];
	snprintf(path, sizeof(path), "%.*ssimdev%s", slash ? (int)(slash - argv[0] + 1) : 0,
		 argv[0], strcmp(variant, "53") ? "51" : "53");
	execv(path, argv);
	perror(path);
	return 1;
}
