/* SPDX-License-Identifier: MIT */
/*
 * The device's verdict before the device: what a firmware's loader would say to a file, and what
 * would go wrong once it had loaded it.
 */
#ifndef LUA_CHECK_H
#define LUA_CHECK_H

#include <stdio.h>

#include "common/lua/book.h"

/* How bad a finding is. All but notes make the check fail. */
enum check_level {
	CHECK_REFUSED, /* the loader refuses the file, with .message */
	CHECK_ERROR,   /* it loads or may load, and then crashes, misreads or destroys something */
	CHECK_NOTE,    /* advice */
};

struct check_finding {
	enum check_level level;
	bool placed, inflated;
	uint64_t off;      /* of the guilty field, when placed */
	char path[72];     /* its path; may be empty */
	char message[120]; /* exactly what the device prints; empty when it has no words for it */
	char cause[200];
	char remedy[160];
};

/* A firmware, as far as the check needs it. Zeroed: what the image itself was made for. */
struct check_target {
	bool known; /* the fields below are set */
	enum lua_version version;
	uint8_t integer_bytes, float_bytes; /* as in lua_traits */
	bool packed;
	bool old_tags;   /* built before 27 April 2020 */
	bool esp32;      /* 5.3: its signature holds the widths */
	bool no_region;  /* the firmware was built without an LFS partition */
	bool flashed;    /* the file goes into the region as it is, not through the loader */
	bool misplaced;  /* and its addresses cannot be those of the region */
	uint32_t region; /* bytes of the LFS partition; 0: not known */
	uint32_t base;   /* mapped address of the region; 0: not known */
	/* C modules of the firmware: ",adc,bit,dht," in lower case; "": not known */
	char modules[2048];
	char name[80]; /* for messages: "lua51-float", or the banner's first line */
};

/* The kinds of --for: name, what it is in words; the last has no name. */
struct check_kind {
	const char *name, *words;
	enum lua_version version;
	uint8_t integer_bytes, float_bytes;
	bool packed, esp32;
};
extern const struct check_kind check_kinds[];

/* The name of kind i, and what it is; NULL behind the last. For struct manual_words. */
const char *check_kind_nth(unsigned i, const char **words);
/* A table of them, with what they are. */
void check_kinds_table(FILE *f);
/* The part KINDS of a manual page. */
void check_kinds_manual(FILE *f);

struct check_report {
	struct check_finding *findings; /* in the order of the loader's checks, then of the file */
	uint32_t count, cap;
	uint32_t dropped;  /* findings beyond CHECK_FINDINGS_MAX */
	bool refused, bad; /* any CHECK_REFUSED; any CHECK_REFUSED or CHECK_ERROR */
	bool failed;       /* out of memory on the way: more may be wrong */
	uint32_t heap;     /* bytes of free heap that loading the file takes; 0: not known */
};
enum { CHECK_FINDINGS_MAX = 1000 };

/* Finds a kind by name ("lua51-float"). False when there is none. */
bool check_kind_find(const char *name, struct check_target *target);

/*
 * Fills target from what the console printed at boot. ERR_KIND when the text holds no banner of a
 * NodeMCU firmware.
 */
enum err check_banner(const uint8_t *text, size_t len, struct check_target *target,
		      struct diag *diag);

/*
 * Checks a file. book is the same file opened (it may hold no image). Only ERR_MEMORY fails.
 * Release with check_free.
 */
enum err check_file(const uint8_t *data, size_t len, const struct lua_book *book,
		    const struct check_target *target, struct check_report *out, struct diag *diag);
void check_free(struct check_report *report);

/*
 * Its loader's part alone: what the loader of that version does with the bytes, check by check, in
 * its order; true when it loads the file.
 */
bool check_loader51(const uint8_t *data, size_t len, const struct check_target *target,
		    struct check_report *r);
bool check_loader53(const uint8_t *data, size_t len, const struct check_target *target,
		    struct check_report *r);

#endif
