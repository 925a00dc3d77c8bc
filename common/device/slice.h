/* SPDX-License-Identifier: MIT */
/*
 * Strings of an array on the device. The array is the global _P, its cursor the global _Q.
 *
 *	printable ASCII, short     slice by slice, in lines i%SIZE TAB length TAB text
 *	all others                 alone, in pieces: text, or the bytes in decimal
 *
 * Then sums are made there, over the bytes of many strings at once. A string that is no part of a
 * sum (too long for one: a task must be short) is read twice.
 *
 * Heap is short, and it is the compiler that takes it: 24 to 40 bytes for each different word, name
 * or number of a line, in powers of two, and 8 for each instruction, in powers of two. So no line
 * has more than 8 words or makes more than 32 instructions, and there are no functions: lines of
 * globals and of fields whose names are words already.
 */
#ifndef DEVICE_SLICE_H
#define DEVICE_SLICE_H

#include "common/device/console.h"

struct slice_string {
	uint8_t *text; /* owned; NULL: not known yet */
	uint32_t len;
	bool binary, sized; /* len and binary are as the device said */
	bool apart;         /* not to be printed in a slice */
};

struct slices {
	struct console *console;
	struct slice_string *strings; /* string i of the device is strings[i - 1] */
	uint32_t count;
	uint32_t size;       /* strings in a slice, for now */
	uint32_t byte_piece; /* bytes of a binary string in a line; 0: 8 */
	uint32_t cursor;     /* _Q, if it is known */
	unsigned restarts;   /* of the console when the array was made */
	uint32_t stage;      /* of the work, and the farthest that was ever reached of it */
	uint64_t reached;
	uint64_t bytes;
	void (*tell)(void *ctx, uint32_t done);
	void *ctx;
};

/* CONSOLE_DONE: all strings are there, and they are right. */
enum console_answer slices_read(struct slices *s, struct diag *diag);
void slices_free(struct slices *s);

/* A line of a slice's answer. */
struct slice_line {
	uint32_t index; /* of the string, modulo size */
	uint32_t len;
	const uint8_t *text;
};

/* Reads a line about a string of a slice, whole. Something else may stand before it. */
bool slice_parse(const uint8_t *line, size_t n, uint32_t size, struct slice_line *out);

#endif
