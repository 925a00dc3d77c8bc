/* SPDX-License-Identifier: MIT */
/*
 * The command line: what device is to be played, and where.
 */
#ifndef SIMDEV_CONFIG_H
#define SIMDEV_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFIG_FAULTS = 16, CONFIG_FILES = 16 };

struct config {
	const char *variant; /* "51", "51i", "53" */
	const char *link;    /* path that the pty's name is linked at */
	const char *control; /* path of the control socket */
	const char *strings; /* the table that the application keeps; NULL: golden/ram's */
	const char *folder;  /* files and LFS are kept there too */
	const char *init;    /* text of init.lua */
	const char *lfs;     /* an image in the region, if that is new */
	const char *faults[CONFIG_FAULTS];
	size_t nfaults;
	const char *files[CONFIG_FILES]; /* put onto the file system; DEVICE_NAME=PATH or PATH */
	size_t nfiles;
	bool telnet;
	uint16_t port;
	uint32_t baud;
	uint32_t heap; /* bytes free after the start, as the device counts them */
	uint32_t seed;
	uint32_t space;       /* bytes of the file system; 0: as usual */
	uint32_t lfs_size;    /* bytes of the LFS region, a multiple of LFS_PAGE */
	uint32_t page_ms;     /* to erase or write a page of flash */
	uint32_t boot_ms;     /* from a restart to the banner */
	uint32_t watchdog_ms; /* a task may take so long; 0: for ever */
	bool fast;            /* no pacing, no lost input */
	bool wait;            /* boots when the port is opened for the first time */
	bool check_baud;      /* the client's rate must be the device's */
	bool crypto;          /* the crypto module is built in */
	bool always;          /* garbage is collected at every allocation that can do it */
};

/* Reads the arguments; after a complaint, or --help, exits. */
void config_read(struct config *c, int argc, char **argv);

#endif
