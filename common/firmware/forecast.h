/* SPDX-License-Identifier: MIT */
/*
 * Strings that a firmware's C code interns at run time, found by following the code to the calls of
 * Lua's API that take them.
 */
#ifndef FIRMWARE_FORECAST_H
#define FIRMWARE_FORECAST_H

#include "common/firmware/firmware.h"

/* When a string comes into the device's RAM, the surest first. */
enum forecast_sure {
	FORECAST_START, /* at every start */
	FORECAST_USE,   /* when the code that holds it runs */
	FORECAST_NEVER, /* formats, error messages: not as it stands, or not to stay */
	FORECAST_SURES
};
extern const char *const forecast_sure_words[FORECAST_SURES];

/* A call that interns a string. */
struct forecast_use {
	uint32_t string;     /* in strings */
	uint32_t symbol;     /* the function that the call is in */
	uint32_t address;    /* of the call */
	const char *through; /* what it calls: "lua_pushstring" */
	uint8_t sure;        /* enum forecast_sure */
};

struct forecast_string {
	const uint8_t *p; /* in the firmware's bytes */
	uint32_t len;
	uint8_t sure;          /* of its surest use */
	uint32_t module;       /* whose code uses it; FIRMWARE_NONE: none's */
	bool modules;          /* other modules' code uses it, too */
	uint32_t first, count; /* in uses */
};

struct forecast {
	const struct firmware *fw;
	struct forecast_string *strings; /* by bytes */
	struct forecast_use *uses;       /* by string, then address */
	uint32_t nstrings, nuses, strings_cap, uses_cap;
	uint32_t sites;    /* calls of the functions that intern a string */
	uint32_t resolved; /* of them: at least one string is known */
	uint32_t passed;   /* of them: the string is a parameter of the function */
};

/*
 * Follows the code of all functions; studies fw, and names the metatables in it. ERR_KIND: there
 * are no symbols, or none of Lua's; ERR_MEMORY. Always free it.
 */
enum err forecast_make(struct firmware *fw, struct diag *diag, struct forecast *out);
void forecast_free(struct forecast *f);

/* Does no more than to name the metatables that luaL_rometatable registers. ERR_MEMORY. */
enum err forecast_name_tables(struct firmware *fw, struct diag *diag);

/* The string with these bytes, or FIRMWARE_NONE. */
uint32_t forecast_find(const struct forecast *f, const uint8_t *p, size_t len);

#endif
