/* SPDX-License-Identifier: MIT */
#ifndef SIMDEV_CLOCK_H
#define SIMDEV_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_MS     INT64_C(1000000)

static inline int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

static inline void clock_sleep(int64_t ns)
{
	struct timespec t = { .tv_sec = ns / CLOCK_SECOND, .tv_nsec = ns % CLOCK_SECOND };
	if (ns > 0)
		nanosleep(&t, NULL);
}

#endif
