/* SPDX-License-Identifier: MIT */
/*
 * What else can be done with a file than to show views of it.
 */
#ifndef LFSDUMP_JOBS_H
#define LFSDUMP_JOBS_H

#include <stdio.h>

#include "common/base/file.h"
#include "common/lua/book.h"
#include "lfsdump/settings.h"

/* A file at work. */
struct input {
	const struct lua_book *book;
	const struct file *raw; /* its bytes, for jobs that judge them */
};

/*
 * Does its work on a file and prints to f. When it fails, diag has what the caller is to complain
 * of, or it has complained itself. What is wrong with the book the caller reports.
 */
typedef enum err (*job_fn)(FILE *f, const struct settings *s, const struct input *in,
			   struct diag *diag);

struct job {
	const char *name; /* "--id" */
	job_fn run;
	const struct view *view; /* what it prints, when that is a view */
	unsigned forms;          /* bits 1 << enum output_form that it can write */
	bool one_file;           /* has no meaning for several */
	bool names_files;        /* several files get a heading each */
	bool judges_damage;      /* damage is what it reports itself; it gets the file's bytes */
};

/* All of them; the last is NULL. */
extern const struct job *const jobs[];

/* --id: "HEX  FILE" as sha256sum has it, or JSON. Nothing of a damaged file. */
extern const struct job job_id;

/* --ncdu: the document of lua_ncdu(). */
extern const struct job job_ncdu;

/*
 * --extract: each module as s->extract/NAME.lc, and a line for each. Nothing of a damaged file.
 * Bytes of a name that a file name should not have are written %XX; of equal names all but the
 * first get a number. A file that is there with other contents stays, unless s->force.
 */
extern const struct job job_extract;

/*
 * --extract-lfs: the LFS image of a dump or a .bin, in the form that node.LFS.reload takes. Nothing
 * of an image that is damaged or not all there.
 */
extern const struct job job_extract_lfs;

/*
 * --against: compares the modules with the *.lua files below s->against. ERR_DAMAGED when a module
 * is stale or has no source, or a source no module.
 */
extern const struct job job_against;

/* --check: the verdict in a line, then the findings. Fails when the device would refuse or misread
 * the file. */
extern const struct job job_check;

#define JOB_ALL_FORMS 31u

#endif
