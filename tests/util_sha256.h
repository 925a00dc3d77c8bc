/* SPDX-License-Identifier: MIT */
/*
 * SHA-256, to know that a file was rebuilt byte for byte.
 */
#ifndef UTIL_SHA256_H
#define UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* Writes the sum of data to out, as 64 hexadecimal digits and a NUL. */
void sha256_hex(const uint8_t *data, size_t len, char out[65]);

#endif
