/* SPDX-License-Identifier: MIT */
/*
 * Inside of --rebuild: what the inputs gave, and what becomes of it.
 */
#ifndef STRSCAN_REBUILD_JOB_H
#define STRSCAN_REBUILD_JOB_H

#include "common/base/file.h"
#include "common/lua/check.h"
#include "common/strings/filter.h"
#include "strscan/luac.h"
#include "strscan/rebuild.h"
#include "strscan/scan.h"

/* The module that strings of captures become. */
#define CAPTURED "dummy_strings"

/* An input, loaded and told apart. */
struct part {
	const char *path;
	struct file file;
	struct lua_book book;    /* an image or a chunk; of a source, once it is compiled */
	bool source;             /* then only book.img is there */
	char *name, *chunk_name; /* "main", "@main.lua" */
};

enum module_status {
	MODULE_KEPT,
	MODULE_ADDED,
	MODULE_REPLACED, /* another one of the name was there before */
	MODULE_JOINED,   /* strings: those that were there before, and new ones */
	MODULE_RENAMED,
	MODULE_REMOVED,
};

struct job_module {
	struct lua_link_input in;
	enum module_status status;
	const char *from; /* input */
	uint32_t old;     /* module of the image to start from, or LUA_NONE */
};

struct job {
	struct scan *scan;
	const struct rebuild *r;
	struct part *parts; /* one more than there are inputs: the captured strings */
	uint32_t nparts;
	struct job_module *modules;
	uint32_t count, cap;
	struct lua_link_options options;
	struct check_target target;
	const struct lua_book *first; /* the image to start from; NULL: none */
	struct luac luac;
	/* Strings of captures and of modules called CAPTURED: those that are to be in flash... */
	struct string_set chosen; /* ...because such a module had them */
	struct string_set moving; /* ...all that were in RAM, as far as is known */
	struct string_set module; /* ...of the module that is made of them */
	struct string_totals left_out;
	bool joined; /* two modules called CAPTURED */
	struct buf text;
};

/* Says a failure; returns 1 when there is one. What Lua says of a line gets the file's name. */
int job_fail(const char *path, struct diag *diag);

/* rebuild_parts.c */
int parts_load(struct job *job);
void parts_free(struct job *job);

/* Compiles a source, or the text that takes its place (NULL: the file's). */
enum err part_compile(struct job *job, struct part *p, const struct buf *text, struct diag *diag);

/* rebuild_modules.c: the table of modules. Each returns 1 after it said what is wrong. */
int modules_add(struct job *job, struct part *p, enum module_status status);
int modules_remove(struct job *job);
int modules_rename(struct job *job);

/* Index of a module that is not removed, or LUA_NONE. */
uint32_t module_find(const struct job *job, const char *name, size_t n);

/* Links all modules but the removed ones and skip (LUA_NONE: none). */
enum err modules_link(struct job *job, uint32_t skip, struct diag *diag, struct lua_image **out);

/* rebuild_strings.c: the strings of captures become one module. Returns 1 after it said why not. */
int strings_add(struct job *job);

/* Strings that were in RAM and that img holds, but the image before did not; bytes of RAM. */
void strings_count(const struct job *job, const struct lua_image *img, uint32_t *moved,
		   uint64_t *freed);

/* rebuild_report.c: what came of it. book: the new image. */
enum err job_report(const struct job *job, const struct lua_book *book,
		    const struct check_report *found, FILE *f, struct diag *diag);

#endif
