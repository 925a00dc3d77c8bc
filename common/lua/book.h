/* SPDX-License-Identifier: MIT */
/*
 * An image opened for looking at: the model, where its bytes go, who uses what; and the views of
 * it. lfsdump prints these views, the browser walks through them.
 */
#ifndef LUA_BOOK_H
#define LUA_BOOK_H

#include "common/lua/layout.h"
#include "common/lua/ranges.h"
#include "common/lua/xref.h"
#include "common/view/view.h"

#define LUA_SHARED (UINT32_MAX - 1) /* owner of a string that several modules use */

struct lua_book {
	const char *file; /* the caller's; as it is to be shown */
	struct lua_image *img;
	struct diag diag; /* what stopped the reading, if anything did */
	struct lua_layout layout;
	struct lua_ranges flash, stored; /* of the layout and of img->bytes; by lua_book_map() */
	uint32_t base; /* where the image is mapped, as the caller knows it; 0: as the file says */
	/* per string: the one module that uses it, LUA_SHARED, or LUA_NONE */
	uint32_t *string_module;
	uint32_t *module_strings; /* per module: bytes of the strings that it alone uses */
	uint32_t largest_module;  /* bytes; what bars are measured by */
	uint32_t *code_first;     /* per prototype: its first instruction in lines and targets */
	uint32_t *lines;          /* per instruction, 0 unknown */
	/* children of prototype p: tree[tree_first[p + 1]...tree_first[p + 2] - 1]; p -1: roots */
	uint32_t *tree_first, *tree;
	uint8_t *targets;     /* bit per instruction: something jumps here */
	struct lua_xref xref; /* empty until lua_book_study() */
	uint32_t *rows;       /* references that lua_book_want() selected */
	uint32_t nrows;
};

/*
 * Loads a file's bytes. The book is usable, as far as the file was, even on failure; book->img is
 * NULL when nothing could be read, and on ERR_MEMORY. file must live as long as the book. Always
 * close it.
 */
enum err lua_book_open(struct lua_book *book, const char *file, const uint8_t *data, size_t len);
void lua_book_close(struct lua_book *book);

/*
 * Builds, once, what the views with LUA_VIEW_STUDY need. ERR_MEMORY: they stay empty, and another
 * call tries again.
 */
enum err lua_book_study(struct lua_book *book, struct diag *diag);

/*
 * Selects the rows of the references view, in place of those selected before: who uses the strings
 * that wanted names, an exact text or a glob; NULL: all. Studies the book first. ERR_MEMORY.
 */
enum err lua_book_want(struct lua_book *book, const char *wanted, struct diag *diag);

/* Builds what the views with LUA_VIEW_FLASH or LUA_VIEW_STORED need; needs: which. ERR_MEMORY. */
enum err lua_book_map(struct lua_book *book, unsigned needs, struct diag *diag);

/* All views take a struct lua_book as ctx. */
extern const struct view lua_view_summary, lua_view_format, lua_view_bytes, lua_view_modules,
	lua_view_protos, lua_view_strings, lua_view_constants, lua_view_upvalues, lua_view_locals,
	lua_view_code, lua_view_words, lua_view_lines, lua_view_refs, lua_view_globals,
	lua_view_requires, lua_view_damage, lua_view_layout, lua_view_hex;

enum lua_view_needs { LUA_VIEW_STUDY = 1, LUA_VIEW_FLASH = 2, LUA_VIEW_STORED = 4 };

/* The views that a user can ask for by name, in the order of the help. */
struct lua_view_entry {
	const struct view *view; /* its name is the option's, its help the option's help */
	unsigned needs;          /* enum lua_view_needs */
	char letter;             /* of the short option, 0: none */
	const char *arg;         /* what the option takes; NULL: nothing */
};
extern const struct lua_view_entry lua_views[];
extern const unsigned lua_view_count;

/* The graph of modules as DOT: solid edges require, dashed ones load from LFS or file. */
void lua_requires_dot(const struct lua_book *book, struct buf *out);

/* What the image would shrink by without the module: its prototypes and its own strings. */
uint32_t lua_module_size(const struct lua_book *book, uint32_t module);

/* Kinds of strings by what uses them, as JSON has them: "constant", "line_info", "fixed" ... */
const char *lua_string_kind(const struct lua_string *s);

/* Name of a module, cut as mentions are; the cell stays empty when there is none (LUA_NONE: the
 * main prototype; a chunk has no name). */
void lua_module_cell(const struct lua_image *img, uint32_t module, struct view_cell *out);

#endif
