/* SPDX-License-Identifier: MIT */
/*
 * gzip (RFC 1952), the wrapping of relocatable Lua 5.1 images. One member, as the device reads it.
 */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/diag.h"

/* True when data begins as gzip does. */
bool gzip_probe(const uint8_t *data, size_t len);

/* Inflates just the first n bytes; returns how many there were: fewer when data ends before. */
size_t gzip_head(const uint8_t *data, size_t len, uint8_t *out, size_t n);

/*
 * Inflates the first member of data into out (which it appends to), at most max bytes. On failure
 * what was inflated so far stays in out and diag tells: ERR_TRUNCATED, ERR_DAMAGED (deflate data,
 * CRC-32, length), ERR_LIMIT above max. Bytes behind the member are counted in *trailing.
 */
enum err gzip_inflate(const uint8_t *data, size_t len, size_t max, struct diag *diag,
		      struct buf *out, size_t *trailing);

/*
 * Appends data as one member that inflates with a window of 16,384 bytes, as small as zlib makes
 * it, but not below min bytes when a larger form is at hand. quick: larger, in no time. ERR_MEMORY.
 */
enum err gzip_deflate(const uint8_t *data, size_t len, size_t min, bool quick, struct diag *diag,
		      struct buf *out);

#endif
