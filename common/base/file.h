/* SPDX-License-Identifier: MIT */
/*
 * Whole files in, whole files out.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/diag.h"

#define FILE_MAX (16u << 20) /* no flash chip of the family is larger */

/* The bytes of a file. Read, not mapped: a file cut short by somebody else must not kill us. */
struct file {
	uint8_t *data;
	size_t len;
};

/*
 * Loads path ("-": standard input). ERR_IO with the system's words; ERR_LIMIT above FILE_MAX.
 * *out is always safe to give to file_close.
 */
enum err file_load(const char *path, struct diag *diag, struct file *out);
/* The same with another limit, for what is no image. */
enum err file_load_max(const char *path, size_t max, struct diag *diag, struct file *out);
/* Fails with what file_load_max says of a file that is larger than max. ERR_LIMIT. */
enum err file_too_large(struct diag *diag, size_t max);
void file_close(struct file *f);
/* What messages call it: the path itself, or "(standard input)" for "-". */
const char *file_shown_name(const char *path);
/* What stands behind the path's last slash; empty when nothing does. */
const char *file_base_name(const char *path);
/* Both names are there, and are of the same regular file. */
bool file_is_same(const char *a, const char *b);

/*
 * For the start of a program: takes the places of standard input, output and error that are closed,
 * else a file that is opened would get what is meant for them. They still cannot be used.
 */
void file_fill_standard(void);

/* All that went to f is written, from its first byte on. Else ERR_IO, and diag says why. */
enum err file_flush(FILE *f, struct diag *diag);

/*
 * An output that appears under its name only when whole: written aside in the same folder, flushed
 * to disk and renamed by output_commit. Permissions of a replaced file are kept, a link is
 * followed. What is no regular file (a device, a pipe) is written to as it stands.
 */
struct output {
	FILE *stream;
	char *path, *aside; /* aside: NULL while the file has no name */
	bool direct;
};

enum err output_open(const char *path, struct diag *diag, struct output *out);
/*
 * The same for a folder whose content somebody else chose: what stands at path is replaced,
 * whatever it is; a link is not followed.
 */
enum err output_open_over(const char *path, struct diag *diag, struct output *out);
/* Ends the output. Nothing of it stays behind on failure. */
enum err output_commit(struct output *out, struct diag *diag);
/* Throws the output away; does nothing after a commit. */
void output_abort(struct output *out);

#endif
