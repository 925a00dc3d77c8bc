/* SPDX-License-Identifier: MIT */
/*
 * What goes wrong, on demand: by --fault and by the control socket.
 */
#ifndef SIMDEV_FAULTS_H
#define SIMDEV_FAULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum fault {
	FAULT_LOSE,    /* every n-th byte to the client is lost */
	FAULT_LOSE_IN, /* every n-th byte from the client */
	FAULT_DOUBLE,  /* comes twice */
	FAULT_DOUBLE_IN,
	FAULT_FLIP, /* comes with a bit changed */
	FAULT_FLIP_IN,
	FAULT_RESTART,    /* the device restarts after n bytes to the client */
	FAULT_RESTART_IN, /* after n bytes from the client */
	FAULT_NOISE,      /* the application prints a line about every n bytes, anywhere */
	FAULT_CHATTER,    /* about every n milliseconds, between the device's tasks */
	FAULT_SLOW,       /* n bytes a second to the client */
	FAULT_OOM,        /* getstrings fails when the table has more than n strings */
	FAULT_HEAP,       /* only n bytes of heap are free, from now on */
	FAULT_ECHO,       /* off */
	FAULT_BANNER,     /* off, from the next start on */
	FAULT_GARBAGE,    /* off: the boot ROM says nothing */
	FAULT_STEAL,      /* the application has taken the console by uart.on */
	FAULT_LF,         /* LF only, and log lines with ANSI colours (ESP32) */
	FAULT_MISSING,    /* a module that is not built in */
	FAULT_PROMPT,     /* the application's own prompts */
	FAULT_LOOP,       /* init.lua never returns */
	FAULT_DEAD,       /* nothing comes any more, whatever is sent */
	FAULT_STRANGER,   /* no NodeMCU: a modem that says ERROR */
	FAULT_UNPLUG,     /* the port is gone after n bytes to the client, or at once */
	FAULT_CUT,        /* the power goes at the n-th page of the region erased or written */
	FAULT_DUMP,       /* string.dump refuses */
	FAULT_COUNT
};

enum { FAULT_TEXT = 128 };

struct faults {
	struct fault_state {
		bool on, random; /* random: about every n-th */
		uint32_t n, left;
		/* FAULT_MISSING: names; FAULT_PROMPT: both, a space between. */
		char text[FAULT_TEXT];
	} of[FAULT_COUNT];
	uint64_t seed;
};

/*
 * "NAME", "NAME=ARGS", "NAME ARGS" or "NAME off"; ARGS are a number (~7: about every 7th) or text.
 * Gives back the fault, or -1 when there is none so called or ARGS is not for it.
 */
int faults_set(struct faults *f, const char *text);
void faults_print_help(FILE *out);

/* Random below n (which is not 0). */
uint32_t faults_random(struct faults *f, uint32_t n);

/* Counts an event; is it one that the fault hits? */
bool faults_hit(struct faults *f, enum fault fault);

#endif
