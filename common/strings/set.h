/* SPDX-License-Identifier: MIT */
/*
 * Strings of a device, from whatever source: the model that all inputs fill, the filter judges, the
 * ranking orders and the generator writes.
 */
#ifndef STRINGS_SET_H
#define STRINGS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/diag.h"

/* Why a string is left out; STRING_KEPT: it is not. Order is the order in which they are asked. */
enum string_verdict {
	STRING_KEPT,
	STRING_EMPTY,
	STRING_IN_IMAGE,    /* flash holds it already */
	STRING_LINE_INFO,   /* packed line info of 5.1, no text */
	STRING_TOO_LONG,    /* 5.3 interns 40 bytes or fewer, no image holds more than 256 KiB */
	STRING_DOUBTFUL,    /* put together from pieces that may not belong together */
	STRING_FOOTPRINT,   /* strscan's own, or of the snippet that made the capture */
	STRING_PASSING,     /* seen in fewer captures than --min-seen */
	STRING_PRIVATE,     /* looks like a secret: key, password, network name */
	STRING_VOLATILE,    /* looks like run-time data: address, MAC, hex id, number, base64 */
	STRING_DROPPED,     /* --drop */
	STRING_OVER_BUDGET, /* --budget was spent on better ones */
	STRING_VERDICTS
};

struct string_item {
	uint32_t text, len; /* in string_set.bytes */
	uint32_t seen;      /* captures that hold it */
	uint32_t last;      /* private: number of the capture that saw it last, + 1 */
	uint8_t verdict;    /* enum string_verdict */
	bool doubtful;      /* whoever added it was not sure, each time */
	bool beside;        /* the value of a key such as "password" */
	uint16_t rule;      /* which rule of the filter said so; 0: none */
	uint32_t ram;       /* bytes of RAM it saves */
	uint32_t flash;     /* bytes of flash it costs */
	uint32_t origin;    /* index of the image's module that uses it, or STRING_UNKNOWN */
};
#define STRING_UNKNOWN UINT32_MAX

/* What is known of the device that the strings came from. Zeroed: nothing. */
struct string_device {
	char banner[256]; /* first line of the console's banner */
	int lua;          /* 51, 53, or 0: not known */
	char number[16];  /* "float", "integer", "double" as the banner has it, or "" */
	int64_t heap;     /* bytes free, -1: not known */
	int64_t time;     /* Unix seconds of the capture, 0: not known */
};

/* What the module that holds the strings costs besides them; string_judge fills it in. */
struct string_cost {
	int lua;           /* 51 or 53; 0: not known, 51 is assumed */
	uint32_t constant; /* bytes of a constant's slot: 8, 12 or 16 */
	uint32_t held;     /* strings in the image already */
};

struct string_set {
	struct string_item *items; /* each text once, in order of first sight until ranked */
	uint32_t count, cap;
	struct buf bytes; /* all texts */
	uint32_t *index;  /* hash table: item + 1 */
	uint32_t slots;
	uint32_t captures; /* inputs that count as one capture each */
	bool plain;        /* of a text each line was taken, for want of anything better */
	struct string_device device;
	struct string_cost cost;
	/* What did not stop the reading; note_count may exceed what is kept. */
	struct diag notes[32];
	uint32_t note_count;
	uint32_t remarks;    /* notes that are about no damage: their code is ERR_NONE */
	struct buf commands; /* lines that were typed, each ended by \n */
};

void string_set_free(struct string_set *set);

/* Begins a capture: strings added from here on count as seen once in it. */
void string_set_capture(struct string_set *set);

/* Adds a string to the running capture. Returns its index, or STRING_UNKNOWN without memory. */
uint32_t string_set_add(struct string_set *set, const uint8_t *text, size_t len);

/* The same for a text that may be wrong; one that was added for sure stays so. */
uint32_t string_set_add_doubtful(struct string_set *set, const uint8_t *text, size_t len);

/* A line that was typed at the console: it and its parts are the capture's own footprints. */
void string_set_command(struct string_set *set, const uint8_t *line, size_t len);

/* The index of a text, or STRING_UNKNOWN. */
uint32_t string_set_find(const struct string_set *set, const uint8_t *text, size_t len);

/* Makes the index anew after the items were reordered. False without memory. */
bool string_set_index(struct string_set *set);

/* Damage: something could not be read. */
void string_set_note(struct string_set *set, uint64_t off, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same without a place in bytes. */
void string_set_note_path(struct string_set *set, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A note of what is no damage: nothing was lost. */
void string_set_remark(struct string_set *set, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Takes the offsets from the notes behind the first `from`: they were of a text made from the
 * input.
 */
void string_set_unplace(struct string_set *set, uint32_t from);

static inline const uint8_t *string_text(const struct string_set *set, const struct string_item *s)
{
	return set->bytes.data + s->text;
}

#endif
