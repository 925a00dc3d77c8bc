/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "image.h"

enum kind { TEXT, NUMBER, FLAG, FAULT, PUT, PORT, ALWAYS, HELP };

static const struct option {
	const char *name, *arg;
	enum kind kind;
	size_t off; /* of the field that it sets */
	const char *help;
} options[] = {
	{ "variant", "51|51i|53", TEXT, offsetof(struct config, variant),
	  "Lua 5.1 float (default), 5.1 integer, 5.3" },
	{ "link", "PATH", TEXT, offsetof(struct config, link), "link PATH to the terminal" },
	{ "telnet", "PORT", PORT, 0, "be the telnet module on 127.0.0.1; 0 chooses a port" },
	{ "control", "PATH", TEXT, offsetof(struct config, control), "control socket" },
	{ "baud", "N", NUMBER, offsetof(struct config, baud), "pace of the line (115200)" },
	{ "fast", NULL, FLAG, offsetof(struct config, fast), "no pacing; no input is lost" },
	{ "check-baud", NULL, FLAG, offsetof(struct config, check_baud),
	  "garbage unless the client has set the device's rate" },
	{ "wait", NULL, FLAG, offsetof(struct config, wait), "start when the port is opened" },
	{ "boot-ms", "N", NUMBER, offsetof(struct config, boot_ms),
	  "from a restart to the banner (30)" },
	{ "watchdog", "MS", NUMBER, offsetof(struct config, watchdog_ms),
	  "longest task; 0 (default): no watchdog" },
	{ "heap", "N", NUMBER, offsetof(struct config, heap), "bytes free after the start" },
	{ "gc", "always", ALWAYS, 0, "collect at every step, for exact high-water marks" },
	{ "strings", "FILE", TEXT, offsetof(struct config, strings),
	  "what the application keeps: index, length, escaped text" },
	{ "fs", "DIR", TEXT, offsetof(struct config, folder),
	  "keep the device's files and its LFS in DIR" },
	{ "space", "N", NUMBER, offsetof(struct config, space), "bytes of the file system" },
	{ "file", "[NAME=]PATH", PUT, 0, "put a file onto the device" },
	{ "lfs", "PATH", TEXT, offsetof(struct config, lfs),
	  "an image in the region, if nothing was there" },
	{ "lfs-size", "N", NUMBER, offsetof(struct config, lfs_size),
	  "bytes of the LFS region (0x20000); 0: there is none" },
	{ "page-ms", "N", NUMBER, offsetof(struct config, page_ms),
	  "to erase or write a page of the region (0)" },
	{ "init", "TEXT", TEXT, offsetof(struct config, init), "init.lua" },
	{ "crypto", NULL, FLAG, offsetof(struct config, crypto), "with the crypto module" },
	{ "seed", "N", NUMBER, offsetof(struct config, seed), "of all that is random (1)" },
	{ "fault", "NAME[=ARGS]", FAULT, 0, "begin with a fault:" },
	{ "help", NULL, HELP, 0, "this" },
};
enum { NOPTIONS = sizeof(options) / sizeof(options[0]) };

static void print_help(void)
{
	puts("usage: simdev [options]\nPlays a NodeMCU board on a pseudo-terminal, and prints its "
	     "path.");
	for (size_t i = 0; i < NOPTIONS; i++) {
		char head[40];
		snprintf(head, sizeof(head), "--%s %s", options[i].name,
			 options[i].arg ? options[i].arg : "");
		printf("  %-22s %s\n", head, options[i].help);
		if (options[i].kind == FAULT)
			faults_print_help(stdout);
	}
}

static _Noreturn void die(const char *what, const char *name)
{
	fprintf(stderr, "simdev: %s: %s (--help lists the options)\n", name, what);
	exit(2);
}

static uint32_t number(const char *name, const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);
	if (end == text || *end || n > max)
		die("not a number that fits", name);
	return (uint32_t)n;
}

static void set(struct config *c, const struct option *o, const char *value)
{
	char *field = (char *)c + o->off;

	switch (o->kind) {
	case TEXT: *(const char **)(void *)field = value; break;
	case NUMBER: *(uint32_t *)(void *)field = number(o->name, value, UINT32_MAX); break;
	case FLAG: *(bool *)field = true; break;
	case ALWAYS: c->always = true; break;
	case PORT:
		c->telnet = true;
		c->port = (uint16_t)number(o->name, value, UINT16_MAX);
		break;
	case FAULT:
		if (c->nfaults == CONFIG_FAULTS)
			die("too many", o->name);
		c->faults[c->nfaults++] = value;
		break;
	case PUT:
		if (c->nfiles == CONFIG_FILES)
			die("too many", o->name);
		c->files[c->nfiles++] = value;
		break;
	case HELP: print_help(); exit(0);
	}
}

static const struct option *find(const char *name, size_t len)
{
	for (size_t i = 0; i < NOPTIONS; i++)
		if (strlen(options[i].name) == len && !memcmp(options[i].name, name, len))
			return &options[i];
	return NULL;
}

void config_read(struct config *c, int argc, char **argv)
{
	*c = (struct config){
		.variant = "51", .lfs_size = LFS_SIZE, .baud = 115200, .boot_ms = 30, .seed = 1
	};
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i] + 2, *equals = strchr(argv[i], '=');
		const struct option *o = NULL;
		const char *value;

		if (!strncmp(argv[i], "--", 2))
			o = find(name, equals ? (size_t)(equals - name) : strlen(name));
		if (!o)
			die("no such option", argv[i]);
		value = !o->arg ? NULL : equals ? equals + 1 : argv[++i];
		if (o->arg && !value)
			die("wants a value", name);
		set(c, o, value);
	}
	if (strcmp(c->variant, "51") && strcmp(c->variant, "51i") && strcmp(c->variant, "53"))
		die("no such variant", c->variant);
	if (c->lfs_size % LFS_PAGE || c->lfs_size > LFS_MOST)
		die("not a size of the region", "lfs-size");
	if (c->baud < 50)
		die("too slow", "baud");
}
