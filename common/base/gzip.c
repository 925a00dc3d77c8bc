/* SPDX-License-Identifier: MIT */
#include "common/base/gzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum { WINDOW_GZIP = 15 + 16, CHUNK = 65536, TRAILER = 8 };

bool gzip_probe(const uint8_t *data, size_t len)
{
	return len >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

size_t gzip_head(const uint8_t *data, size_t len, uint8_t *out, size_t n)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)len };

	if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
		return 0;
	z.next_out = out;
	z.avail_out = (uInt)n;
	inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return n - z.avail_out;
}

static enum err broken(const z_stream *z, int status, struct diag *diag)
{
	uint64_t at = z->total_in;

	if (status == Z_MEM_ERROR)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (status == Z_BUF_ERROR || status == Z_OK)
		return diag_fail_at(diag, ERR_TRUNCATED, at, "gzip",
				    "the compressed data ends early");
	return diag_fail_at(diag, ERR_DAMAGED, at, "gzip", "%s",
			    z->msg ? z->msg : "damaged compressed data");
}

enum err gzip_inflate(const uint8_t *data, size_t len, size_t max, struct diag *diag,
		      struct buf *out, size_t *trailing)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)len };
	size_t start = out->len;
	int status = inflateInit2(&z, WINDOW_GZIP);

	*trailing = 0;
	if (status != Z_OK)
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	while (status == Z_OK) {
		uint8_t *p;

		p = buf_extend(out, CHUNK);
		if (!p) {
			status = Z_MEM_ERROR;
			break;
		}
		z.next_out = p;
		z.avail_out = CHUNK;
		status = inflate(&z, Z_NO_FLUSH);
		out->len -= z.avail_out;
		if (out->len - start > max) {
			diag_fail_at(diag, ERR_LIMIT, z.total_in, "gzip",
				     "inflates to more than %zu bytes", max);
			break;
		}
	}
	if (status != Z_STREAM_END)
		broken(&z, status, diag);
	*trailing = status == Z_STREAM_END ? z.avail_in : 0;
	inflateEnd(&z);
	return diag->code;
}
