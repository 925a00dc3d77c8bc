/* SPDX-License-Identifier: MIT */
/*
 * A file opened for looking at, whatever it is: a tree of nodes, the views of each, and where the
 * rows of those lead to. A browser needs to know no more; what is known of a kind of file stands in
 * one file with a struct subject_kind.
 *
 * Nodes are named by 64-bit ids of the kind's own choice; VIEW_ROOT is the file itself.
 */
#ifndef OPEN_SUBJECT_H
#define OPEN_SUBJECT_H

#include "common/base/diag.h"
#include "common/lua/book.h"
#include "common/strings/set.h"
#include "common/view/lens.h"

struct subject;

/* What a view is limited to, besides its node. */
#define SUBJECT_ANY UINT64_MAX

/* Where one can be. */
struct subject_place {
	struct subject *subject;
	uint64_t node;
	const struct view *view; /* one of those of subject_view */
	uint64_t topic; /* such as the string whose users are shown; SUBJECT_ANY: no limit */
	uint64_t row;   /* of the view; VIEW_ROOT: its first */
};

/*
 * The view of a place, ready for output_view and lines_open; narrowed to the node and topic. Must
 * not be moved while it is in use. Ends with the subject.
 */
struct subject_page {
	struct subject_place place;
	const struct view *view;
	const void *ctx;
	struct lens lens; /* when it is narrowed */
	void *held;       /* what was made for it, and how it is released */
	void (*release)(void *held);
};

/* .child, .label and so on are asked only for what .count and .view told of. */
struct subject_kind {
	const char *words; /* "image" */
	bool compares;     /* it is what became of a subject */
	uint64_t (*count)(const struct subject *s, uint64_t node);
	uint64_t (*child)(const struct subject *s, uint64_t node, uint64_t i);
	/* Appends the name, any bytes. */
	void (*label)(const struct subject *s, uint64_t node, struct buf *out);
	int64_t (*size)(const struct subject *s, uint64_t node); /* bytes; -1: it has none */
	/* View i of the node; NULL: there are no more. */
	const struct view *(*view)(const struct subject *s, uint64_t node, unsigned i);
	/* Sets view and ctx, which are the lens's where it sees but a part. */
	enum err (*open)(struct subject *s, struct subject_page *page, struct diag *diag);
	/* See subject_follow; NULL: nowhere. */
	bool (*follow)(struct subject *s, const struct subject_page *page, uint64_t row,
		       struct subject_place *to);
	/* See subject_text; NULL: never. */
	bool (*text)(const struct subject *s, const struct subject_page *page, uint64_t row,
		     const uint8_t **text, size_t *len);
	/* Where the users of a text are listed; NULL: never. For strings of other subjects. */
	bool (*find)(struct subject *s, const uint8_t *text, size_t len, struct subject_place *to);
	/* Strings of a running device: was the row's not there before? NULL: never. */
	bool (*is_new)(const struct subject *s, const struct subject_page *page, uint64_t row);
	/* Appends how it is, "3 captures, 41,000 bytes of heap free"; NULL: nothing. */
	void (*state)(const struct subject *s, struct buf *out);
	/* Appends what a topic is, "users of "tmr"". */
	void (*topic)(const struct subject *s, uint64_t topic, struct buf *out);
	void (*close)(struct subject *s);
};

struct subject {
	const struct subject_kind *kind;
	char *name;                  /* as it is shown; owned */
	struct diag diag;            /* what stopped the reading, if anything did */
	const struct lua_book *book; /* an image that was opened; NULL: none */
	struct subject *inside;      /* the image that a firmware holds, owned by it; NULL: none */
};

/*
 * Opens a file of any kind, told by its content. *out is a subject even when the file is damaged,
 * as long as there is anything to look at; else NULL, and diag tells why. Release with
 * subject_close.
 */
enum err subject_open(const char *path, struct diag *diag, struct subject **out);

/* The same for a file that has been loaded; of its bytes a copy is kept. */
struct file;
enum err subject_open_file(const char *name, const struct file *file, struct diag *diag,
			   struct subject **out);

/* A raw dump of a device's RAM; strt: address of its string table, 0: search. */
enum err subject_open_dump(const char *path, uint32_t base, uint32_t strt, struct diag *diag,
			   struct subject **out);

/* What became of the old one: both must be images or both ELF files, and be open for as long. */
enum err subject_compare(struct subject *old, struct subject *now, struct diag *diag,
			 struct subject **out);

/* The strings of a running device: none yet. Then those of a capture, which is left empty; rows are
 * others after that. */
enum err subject_open_live(const char *name, struct diag *diag, struct subject **out);
enum err subject_add_capture(struct subject *s, struct string_set *capture, struct diag *diag);

/* For strings of a device: judges them against an image that was opened too. */
enum err subject_set_image(struct subject *s, const struct lua_book *image, struct diag *diag);

/*
 * What stands between the n subjects of a list: strings are judged against the first image; two
 * images are compared, and two ELF files are. What became of them is put before all others: the
 * list needs room for SUBJECT_DIFFS more. The first failure is told, the rest is done.
 */
enum { SUBJECT_DIFFS = 2 };
enum err subject_relate(struct subject **list, unsigned *n, struct diag *diag);

void subject_close(struct subject *s);

/* Index of a node's view, or -1. */
int subject_view_index(const struct subject *s, uint64_t node, const struct view *view);

/* Opens the view of a place. Release with subject_page_close in any case. */
enum err subject_page_open(const struct subject_place *place, struct subject_page *page,
			   struct diag *diag);
void subject_page_close(struct subject_page *page);

/* Where a row of a subject's page leads to; false: nowhere. */
bool subject_follow(const struct subject_page *page, uint64_t row, struct subject_place *to);
/* The string that a row is about, as long as the subject lives; false: none. */
bool subject_text(const struct subject_page *page, uint64_t row, const uint8_t **text, size_t *len);

#endif
