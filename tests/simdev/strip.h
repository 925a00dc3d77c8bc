/* SPDX-License-Identifier: MIT */
/*
 * A walk over a binary chunk that this machine's Lua dumped, copying what stays; shared by strip51.c
 * and strip53.c.
 */
#ifndef SIMDEV_STRIP_H
#define SIMDEV_STRIP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/buf.h"

struct strip {
	const uint8_t *p;
	size_t left;
	struct buf *out;
	bool dropping; /* what is walked over is not copied */
	bool failed;
};

static inline const uint8_t *strip_bytes(struct strip *s, size_t n)
{
	static const uint8_t zeros[16];
	const uint8_t *at = s->p;

	if (s->failed || n > s->left) {
		s->failed = true;
		return zeros;
	}
	s->p += n;
	s->left -= n;
	if (!s->dropping)
		buf_put(s->out, at, n);
	return at;
}

static inline uint8_t strip_byte(struct strip *s)
{
	return *strip_bytes(s, 1);
}

static inline uint32_t strip_int(struct strip *s)
{
	uint32_t n;
	memcpy(&n, strip_bytes(s, sizeof(n)), sizeof(n));
	return s->failed ? 0 : n;
}

static inline size_t strip_size(struct strip *s)
{
	size_t n;
	memcpy(&n, strip_bytes(s, sizeof(n)), sizeof(n));
	return s->failed ? 0 : n;
}

/* A count that is read, and told to be none. */
static inline uint32_t strip_none(struct strip *s)
{
	static const uint8_t none[4];
	uint32_t n;

	s->failed |= s->out->failed;
	s->dropping = true;
	n = strip_int(s);
	buf_put(s->out, none, sizeof(none));
	return n;
}

#endif
