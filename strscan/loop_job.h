/* SPDX-License-Identifier: MIT */
/*
 * Inside of loop*.c: a run, and its steps.
 */
#ifndef STRSCAN_LOOP_JOB_H
#define STRSCAN_LOOP_JOB_H

#include "common/base/sha256.h"
#include "common/device/files.h"
#include "common/device/lfs.h"
#include "common/device/reload.h"
#include "common/device/upload.h"
#include "common/lua/check.h"
#include "common/view/view.h"
#include "strscan/scan.h"
#include "strscan/session.h"

/* An image or another file, with what this device would say to it. */
struct loop_image {
	struct file file;
	struct lua_book book;
	bool opened;
};

struct loop_job {
	struct scan *scan;
	const struct loop *l;
	struct session s;
	struct check_target target; /* what the device says that it is */
	int64_t heap;               /* free at the beginning; -1: not known */
	FILE *f;                    /* gets the report */
	unsigned sections;          /* of the report */
	bool agreed;                /* all was agreed to */
	bool held;                  /* something was not done, for want of a yes */
	struct loop_image sent;     /* by --upload, and its name there */
	char sent_as[FILES_NAME_MAX + 1];
	struct string_set kept;       /* of the image in the device, see loop_kept.c */
	uint8_t loaded[SHA256_BYTES]; /* lua_identity of that image */
	bool loaded_known;
	bool emptied;       /* a reload has left no image in it */
	bool has_old;       /* there is a way back */
	bool is_back;       /* --restore has ended what an earlier one began */
	bool file_loaded;   /* the device's file NAME is the image in it */
	struct buf modules; /* of that image, "main,util" */
};

struct loop_upload {
	const char *name, *old; /* old: NULL, none was there */
	uint64_t size;
	bool there; /* nothing had to be done */
	struct upload_report r;
};

/*
 * loop_image.c: a file of this computer, which must be an image or may be another; bytes that are
 * here already (out takes a copy) or a file of the device, whatever they are.
 */
enum err image_load(const char *path, struct loop_image *out, struct diag *diag);
enum err image_load_file(const char *path, struct loop_image *out, struct diag *diag);
enum err image_take(const char *name, const struct buf *bytes, struct loop_image *out,
		    struct diag *diag);
enum err image_fetch(struct loop_job *job, const char *name, struct loop_image *out,
		     struct diag *diag);
/*
 * Would the device take it, when it is to be loaded with the heap that is free now? Else ERR_KIND
 * or ERR_LIMIT. heap: bytes that this takes, 0: not known; may be NULL.
 */
enum err image_check(const struct loop_job *job, const char *name, const struct loop_image *image,
		     uint32_t *heap, struct diag *diag);
/* Is it called like an image, or does it begin like one? */
bool image_is_one(const char *name, const struct file *file);
void image_close(struct loop_image *image);

/* loop.c: may the device be changed? what: "load lfs.img". */
bool loop_confirm(struct loop_job *job, const char *what);

/* loop_steps.c: each says what it does on standard error, and reports. */
enum err step_upload(struct loop_job *job, struct diag *diag);
/* image: what is known to be in the file; NULL: it is what --upload sent, or is fetched. */
enum err step_reload(struct loop_job *job, const char *name, const struct loop_image *image,
		     struct diag *diag);
enum err step_verify(struct loop_job *job, struct diag *diag);

/* loop_files.c */
/* Ends what a run that was stopped between reload and renaming has left. */
enum err loop_recover(struct loop_job *job, const struct files_names *names, struct diag *diag);
/* Writes the file as NAME~new; what it would take the place of is told before. */
enum err loop_send(struct loop_job *job, const struct files_names *names, const struct file *file,
		   struct loop_upload *up, struct diag *diag);
enum err loop_restore(struct loop_job *job, struct diag *diag);
/* After a reload that has left no image: what brings one back. name: a file with one, or NULL. */
void loop_tell_emptied(const struct loop_job *job, const char *name);

/* loop_rebuild.c: the image with the strings of scan's set; its report is a part of this one. */
enum err loop_rebuild(struct loop_job *job, const char *name, struct buf *bytes, struct diag *diag);
/*
 * Before there are any: will it come to an image that the device takes and has room for? Only what
 * is wrong is told.
 */
enum err loop_try_rebuild(struct loop_job *job, const struct files_names *names, struct diag *diag);

/* loop_optimize.c */
/* The new image goes to f, too, unless that gets the report. */
enum err loop_optimize(struct loop_job *job, FILE *f, struct diag *diag);

/*
 * loop_kept.c: which image is in the device, and what must not be lost of it; ERR_KIND: it would
 * be.
 */
enum err loop_look_at_loaded(struct loop_job *job, const struct files_names *names,
			     struct diag *diag);
/* Is it that image, but for its time? */
bool loop_is_loaded(const struct loop_job *job, const struct loop_image *image);

/* Says which of its modules the new one lacks, though nobody removed them. */
void loop_tell_missing(const struct loop_job *job, const struct loop_image *image);

/* loop_guard.c: needs no device. */
enum err loop_guard(struct loop_job *job, struct diag *diag);

/* loop_report.c: a part of the report, as text or JSON. */
void loop_section(struct loop_job *job, const struct view *v, const void *ctx, struct diag *diag);
/* What somebody else writes follows: a JSON value, or text. */
void loop_begin_section(struct loop_job *job, const char *name);
void loop_end(struct loop_job *job, bool good);

struct loop_gain {
	int64_t before, after; /* -1: not known */
};
enum { GAIN_HEAP, GAIN_STRINGS, GAIN_TEXT, GAIN_RAM, GAINS };

extern const struct view loop_upload_view; /* of a struct loop_upload */
extern const struct view loop_reload_view; /* of a struct loop_reload */
extern const struct view loop_verify_view; /* of a struct lfs_report */
extern const struct view loop_gain_view;   /* of GAINS struct loop_gain */

struct loop_reload {
	const char *name;
	const struct reload_report *r;
};

#endif
