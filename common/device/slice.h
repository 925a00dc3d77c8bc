/* SPDX-License-Identifier: MIT */
/*
 * Strings of an array on the device, slice by slice.
 *
 * The array is the global _P; _Q is a function (i, v) that prints a slice: the strings from i to the next
 * multiple of SLICE, those behind the last as the pattern. It returns minus the next i, and the sum
 * v gone on with over all of them, length and bytes:
 *
 *	i%SLICE TAB length TAB text       printable ASCII, 250 bytes or fewer
 *	i%SLICE TAB length TAB nil        something else is in it
 *	i%SLICE TAB length TAB false      251 bytes or more
 *
 * Those are read then, without the function, in pieces: text, or the bytes in decimal.
 *
 * Heap is short. What the function calls are its upvalues, so that the names are no strings of it;
 * it has so few registers, and is called in a tail, that Lua's stack need not grow; a line has so
 * few constants that the compiler's table of them stays small, and shares them.
 */
#ifndef DEVICE_SLICE_H
#define DEVICE_SLICE_H

#include "common/device/console.h"

#define SLICE_FUNCTION \
	"local b,p,m=string.byte,print,string.match _Q=function(i,v)repeat local s=_P[i]or'^[ " \
	"-~]*$'" \
	"local n=#s p(i%%%u,n,n<251 and m(s,'^[ -~]*$'))v=v+n local c=1 while c<=n do " \
	"v=(v*251+b(s,c))%%8388593 c=c+1 end i=i+1 until i%%%u==1 return-i,v end"
#define SLICE_PATTERN "^[ -~]*$"
enum { SLICE = 32, TELNET_SLICE = 8 };

struct slice_string {
	uint8_t *text; /* owned; NULL: not known yet */
	uint32_t len;
	bool binary, sized; /* len and binary are as the device said */
};

struct slices {
	struct console *console;
	struct slice_string *strings; /* string i of the device is strings[i - 1] */
	uint32_t count;
	uint32_t size;       /* of a slice */
	uint32_t byte_piece; /* bytes of a binary string in a line; 0: 8 */
	uint32_t (*sums)[2]; /* of each slice: before and after it */
	unsigned restarts;   /* of the console when the array was made */
	uint64_t bytes;
	void (*tell)(void *ctx, uint32_t done);
	void *ctx;
};

/* CONSOLE_DONE: all strings are there and the sum over all of them is right. */
enum console_answer slices_read(struct slices *s, struct diag *diag);
void slices_free(struct slices *s);

/* A line of a slice's answer. */
struct slice_line {
	uint32_t index; /* from the slice's first on */
	uint32_t len;
	bool whole;  /* text is all of it */
	bool binary; /* else it is too long, or this is set */
	const uint8_t *text;
};

/* Reads a line about one of the size strings of a slice. Something else may stand before it. */
bool slice_parse(const uint8_t *line, size_t n, uint32_t size, struct slice_line *out);

#endif
