/* SPDX-License-Identifier: MIT */
/*
 * Inputs of strscan, told apart by content. A new one is one file with a row in inputs[].
 */
#ifndef STRINGS_INPUT_H
#define STRINGS_INPUT_H

#include "common/strings/set.h"

struct string_input {
	const char *name; /* "capture", "text" */
	const char *words;
	bool (*probe)(const uint8_t *data, size_t len);
	/* Adds one capture's strings (or several, if the file holds several) to set. */
	enum err (*load)(struct string_set *set, const uint8_t *data, size_t len,
			 struct diag *diag);
};

extern const struct string_input *const string_inputs[];
extern const unsigned string_input_count;
extern const struct string_input string_capture, string_recording, string_list_input,
	string_text_input;

#define STRING_INPUT_MAX (64u << 20) /* bytes of an input; logs grow long */

/* Probes and loads. On failure what was read stays in set. */
enum err string_input_load(struct string_set *set, const uint8_t *data, size_t len,
			   struct diag *diag);

/* A raw RAM dump: where it was taken, and where its string table is when that is known. */
struct ram_dump {
	const uint8_t *data;
	size_t len;
	uint32_t base; /* address of its first byte */
	uint32_t strt; /* address of the stringtable {hash, nuse, size}; 0: search for it */
	int lua;       /* 51 or 53; 0: tell from the structures */
};

/*
 * The strings of the dump's string table. Broken chains, cycles and torn strings are notes of set
 * (offset in the dump), the rest is used. ERR_DAMAGED when no table is found. dump->lua and
 * dump->strt are filled in.
 */
enum err ram_strings(struct string_set *set, struct ram_dump *dump, struct diag *diag);

/* What lives in the heap, as far as it can be told by following references from what is known. */
enum ram_kind {
	RAM_STRINGS,
	RAM_STRING_TABLE,
	RAM_TABLES,
	RAM_CLOSURES,
	RAM_PROTOS,
	RAM_UPVALUES,
	RAM_USERDATA,
	RAM_THREADS,
	RAM_OTHER,
	RAM_KINDS
};
enum { RAM_SIZES = 8 };

/* Bytes are what Lua counts: without block headers and the rounding of the heap. */
struct ram_census {
	struct {
		uint32_t count, bytes;
	} kinds[RAM_KINDS];
	struct {
		uint32_t count, bytes;
	} sizes[RAM_SIZES]; /* of the strings, by ram_size_limits */
	uint32_t largest_string;
	const char *name; /* of the dump, for the view; not owned */
};

/* Bytes of text of the longest string that is counted in each place of sizes. */
extern const uint32_t ram_size_limits[RAM_SIZES];
extern const char *const ram_kind_words[RAM_KINDS];
enum err ram_census(const struct ram_dump *dump, struct diag *diag, struct ram_census *out);

#endif
