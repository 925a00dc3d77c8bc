/* SPDX-License-Identifier: MIT */
/*
 * Inside of --rebuild: what the inputs gave, and what becomes of it.
 */
#ifndef STRSCAN_REBUILD_JOB_H
#define STRSCAN_REBUILD_JOB_H

#include "common/base/file.h"
#include "common/lua/check.h"
#include "common/lua/compiler.h"
#include "common/strings/filter.h"
#include "strscan/luac.h"
#include "strscan/rebuild.h"
#include "strscan/scan.h"

/* An input, loaded and told apart. */
struct part {
	const char *path;
	struct file file;
	struct lua_book book;    /* an image or a chunk; of a source, once it is compiled */
	bool unsure;             /* no image and no chunk: what it is, its content tells */
	bool nameless;           /* standard input */
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
	bool unchanged; /* nothing but that image's modules as they are: its layout is kept */
	struct lua_compiler compiler; /* opened when it is wanted */
	struct luac luac;
	/*
	 * Strings of captures and of modules called REBUILD_CAPTURED: those that are to be in
	 * flash...
	 */
	struct string_set chosen; /* ...because such a module had them */
	struct string_set moving; /* ...all that were in RAM, as far as is known */
	struct string_set module; /* ...of the module that is made of them */
	struct string_totals left_out;
	bool joined; /* two modules called REBUILD_CAPTURED */
	struct buf text;
};

/* Says a failure; returns 1 when there is one. What Lua says of a line gets the file's name. */
int job_fail(const char *path, struct diag *diag);

/* rebuild_parts.c */
int parts_load(struct job *job);
void parts_free(struct job *job);

/* This computer's Lua of the image's version; NULL, and diag tells, when there is none. */
const struct lua_compiler *parts_compiler(struct job *job, struct diag *diag);

/* rebuild_kinds.c: main.lua, main.LUA: a source, whatever is in it. */
bool part_is_named_lua(const char *path);

/*
 * rebuild_kinds.c: tells sources from captures, and reads those. Returns 1 after it said why not.
 */
int parts_tell(struct job *job);

/* Compiles a source, or the text that takes its place (NULL: the file's). */
enum err part_compile(struct job *job, struct part *p, const struct buf *text, struct diag *diag);

/* rebuild_modules.c: the table of modules. Each returns 1 after it said what is wrong. */
int modules_add(struct job *job, struct part *p, enum module_status status);

/* Of sources, where nothing else is asked for: what the firmware's own luac.cross leaves. */
enum lua_strip sources_strip(const struct job *job);

int modules_remove(struct job *job);
int modules_rename(struct job *job);

/* Index of a module that is not removed, or LUA_NONE. */
uint32_t module_find(const struct job *job, const char *name, size_t n);

/*
 * Names that the device would not find, or that two have, and what else keeps one from being
 * linked.
 */
int modules_check(const struct job *job);

/* All modules of an image have names of their own. */
bool modules_differ(const struct lua_image *img);

/* Links all modules but the removed ones and skip (LUA_NONE: none). */
enum err modules_link(struct job *job, uint32_t skip, struct diag *diag, struct lua_image **out);

/* rebuild_strings.c: the strings of captures become one module. Returns 1 after it said why not. */
int strings_add(struct job *job);

/* Strings that were in RAM and that img holds, but the image before did not; bytes of RAM. */
enum err strings_count(const struct job *job, const struct lua_image *img, struct diag *diag,
		       uint32_t *moved, uint64_t *freed);

/* rebuild_said.c: options without an effect, and why an image is not written. */
void say_idle_options(const struct job *job);
void say_refused(const struct job *job, const struct lua_image *img,
		 const struct check_report *found);

/* An input is a Lua source. */
bool job_has_sources(const struct job *job);

/* What messages call the new image. */
const char *job_output(const struct job *job);

/* What the report is about. */
struct rebuild_result {
	const struct job *job;
	const struct lua_book *book;
	const struct check_report *found;
	uint32_t *place; /* of each of the job's modules: its number in the image, or LUA_NONE */
	uint32_t moved;
	uint64_t freed;
};

/* rebuild_views.c; their context is a rebuild_result. */
extern const struct view rebuild_modules_view, rebuild_sizes_view;

/* rebuild_report.c: what came of it. book: the new image. */
enum err job_report(const struct job *job, const struct lua_book *book,
		    const struct check_report *found, FILE *f, struct diag *diag);

#endif
