/* SPDX-License-Identifier: MIT */
/*
 * The scan behind a forecast: all functions, until no more of them turn out to hand a parameter on.
 */
#ifndef FIRMWARE_FORECAST_SCAN_H
#define FIRMWARE_FORECAST_SCAN_H

#include "common/firmware/forecast.h"
#include "common/firmware/forecast_sinks.h"
#include "common/firmware/insn_values.h"

/* A string at a call, before equal ones are put together. */
struct scan_found {
	const uint8_t *p;
	uint32_t len, symbol, address;
	const char *through;
	bool never;
};

/* A call from one function into another. */
struct scan_edge {
	uint32_t from, to; /* symbols */
};

struct forecast_scan {
	struct firmware *fw;
	struct sinks sinks;
	struct scan_found *found;
	struct scan_edge *edges;
	uint32_t nfound, nedges, found_cap, edges_cap;
	uint32_t sites, resolved, passed;
	/*
	 * Per symbol: what the function returns, as the pass before this one found; .n 0: anything.
	 */
	struct values *returns, *returns_now;
	bool tables; /* nothing is wanted but names of metatables */
	bool failed; /* no memory */
};

/* fw must be studied; scan->fw and .tables are set. Errors as of forecast_make. */
enum err forecast_scan_run(struct forecast_scan *scan, struct diag *diag);
void forecast_scan_free(struct forecast_scan *scan);

#endif
