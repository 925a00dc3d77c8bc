/* SPDX-License-Identifier: MIT */
/*
 * Functions that intern what an argument of theirs points to.
 */
#ifndef FIRMWARE_FORECAST_SINKS_H
#define FIRMWARE_FORECAST_SINKS_H

#include "common/firmware/firmware.h"

enum { SINK_NO_LENGTH = 0xff };

enum sink_kind {
	SINK_STRING,
	SINK_FORMAT,  /* interned whole when there is no % in it */
	SINK_MESSAGE, /* part of an error message */
	SINK_TABLE,   /* a string; the argument behind it is the metatable that it names */
};

struct sink {
	uint32_t address;
	const char *name;
	uint8_t text, length; /* numbers of arguments, 0 is the first; or SINK_NO_LENGTH */
	uint8_t kind;         /* enum sink_kind */
	bool derived;         /* not of Lua's API, but hands its parameter on to one that is */
};

struct sinks {
	struct sink *items; /* by address */
	uint32_t count, cap;
};

/* Those of the API that the firmware has. False: no memory. */
bool sinks_find(struct sinks *s, const struct firmware *fw);
void sinks_free(struct sinks *s);

/* Adds one unless it is known. *added: whether it was new. False: no memory. */
bool sinks_add(struct sinks *s, const struct sink *sink, bool *added);

/* The first of those at an address, *n of them. */
const struct sink *sinks_at(const struct sinks *s, uint32_t address, uint32_t *n);

/* Functions that run at every start besides the modules' luaopen_xxx; ends with NULL. */
extern const char *const sink_starters[];

#endif
