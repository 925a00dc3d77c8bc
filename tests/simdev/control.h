/* SPDX-License-Identifier: MIT */
/*
 * The control socket, for tests: one command a line, answered by lines and at last "ok" or
 * "error TEXT". README.md lists the commands.
 */
#ifndef SIMDEV_CONTROL_H
#define SIMDEV_CONTROL_H

#include <stdbool.h>
#include <stdio.h>
#include <stddef.h>

struct sim;

struct control {
	int listener, fd; /* -1: none */
	const char *path;
	char line[512];
	size_t len;
};

bool control_open(struct control *c, const char *path);
void control_close(struct control *c);
/* Takes connections and runs commands; never waits. */
void control_poll(struct sim *sim);

/* control_lfs.c: commands; NULL, or why not. */
const char *control_device(struct sim *sim, const char *args, FILE *out);
const char *control_expect(struct sim *sim, const char *args, FILE *out);

#endif
