/* SPDX-License-Identifier: MIT */
/*
 * The kinds of subjects; private to common/open.
 */
#ifndef OPEN_OPEN_H
#define OPEN_OPEN_H

#include "common/base/file.h"
#include "common/open/subject.h"
#include "common/strings/input.h"
#include "common/view/damage.h"

/* All take the bytes of a file for as long as the call takes. *out: as subject_open says. */
enum err open_image(const char *name, const struct file *file, struct diag *diag,
		    struct subject **out);
enum err open_strings(const char *name, const struct file *file, struct diag *diag,
		      struct subject **out);
enum err open_firmware(const char *name, const struct file *file, struct diag *diag,
		       struct subject **out);
enum err open_dump(const char *name, struct ram_dump *dump, struct diag *diag,
		   struct subject **out);
enum err open_diff(struct subject *old, struct subject *now, struct diag *diag,
		   struct subject **out);

enum err open_firmware_diff(struct subject *old, struct subject *now, struct diag *diag,
			    struct subject **out);
/* Is it a firmware that can be compared: an ELF file? */
bool open_firmware_is_elf(const struct subject *s);

/* Judges the strings of a subject that has some; others stay as they are. */
enum err open_judge(struct subject *s, const struct lua_book *image, struct diag *diag);

/* A zeroed subject of size bytes with a copy of the name; NULL: no memory. */
void *open_new(size_t size, const struct subject_kind *kind, const char *name, struct diag *diag);

/* The same for the difference of two, and how that is called in a tree. */
void *open_diff_new(size_t size, const struct subject_kind *kind, const struct subject *old,
		    const struct subject *now, struct diag *diag);
void open_diff_label(struct subject *const side[2], struct buf *out);

/* Notes as a view. ctx: struct damage. */
extern const struct view open_notes_view;

/* For kinds whose views are not narrowed. */
void open_whole(struct subject_page *page, const void *ctx);
/* Narrows the page: rows are added to the lens that it returns. */
struct lens *open_narrow(struct subject_page *page, const void *ctx, uint64_t parent);

#endif
