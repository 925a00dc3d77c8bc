/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 (FIPS 180-4).
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes so far */
	uint8_t block[SHA256_BLOCK];
};

struct sha256 sha256_begin(void);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* Ends the message; s is used up. */
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

#endif
