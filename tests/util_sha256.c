/* SPDX-License-Identifier: MIT */
#include "tests/util_sha256.h"

#include <stdio.h>

#include "common/base/sha256.h"

void sha256_hex(const uint8_t *data, size_t len, char out[65])
{
	uint8_t digest[SHA256_BYTES];
	struct sha256 s = sha256_begin();

	sha256_add(&s, data, len);
	sha256_end(&s, digest);
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
