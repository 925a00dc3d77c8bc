/* SPDX-License-Identifier: MIT */
#include "common/base/gzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum { WINDOW_GZIP = 15 + 16, WINDOW_DEVICE = 14, CHUNK = 65536, WRAPPING = 18 };

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

/* One try. The window of 14 bits goes into the deflate data, not into gzip's header. */
static int deflate_raw(const uint8_t *data, size_t len, int level, int memory, struct buf *out)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)len };
	int status = deflateInit2(&z, level, Z_DEFLATED, -WINDOW_DEVICE, memory,
				  Z_DEFAULT_STRATEGY);
	size_t room;

	if (status != Z_OK)
		return status;
	room = deflateBound(&z, (uLong)len);
	z.next_out = buf_extend(out, room);
	z.avail_out = (uInt)room;
	status = z.next_out ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	out->len -= z.avail_out;
	deflateEnd(&z);
	return status == Z_STREAM_END ? Z_OK : Z_MEM_ERROR;
}

/* Keeps the smaller of two that are large enough, else the larger. */
static bool is_better(size_t size, size_t best, size_t min)
{
	if (best == 0)
		return true;
	return size >= min ? size < best || best < min : size > best;
}

enum err gzip_deflate(const uint8_t *data, size_t len, size_t min, bool quick, struct diag *diag,
		      struct buf *out)
{
	static const struct {
		int level, memory;
	} tries[] = { { 9, 8 }, { 6, 9 }, { 1, 9 }, { 0, 9 } };
	static const uint8_t head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	struct buf best = { 0 };
	bool failed = false;
	/* The first is done; those behind are for data that it makes too small. */
	size_t first = quick ? 2 : 0, enough = first + 1;

	for (size_t i = first; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct buf one = { 0 };

		if (i >= enough && best.len + WRAPPING >= min)
			break;
		failed |= deflate_raw(data, len, tries[i].level, tries[i].memory, &one) != Z_OK;
		if (is_better(one.len + WRAPPING, best.len ? best.len + WRAPPING : 0, min)) {
			struct buf old = best;

			best = one;
			one = old;
		}
		buf_free(&one);
	}
	buf_put(out, head, sizeof(head));
	buf_put(out, best.data, best.len);
	buf_u32(out, (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)len));
	buf_u32(out, (uint32_t)len);
	buf_free(&best);
	return failed || out->failed ? diag_fail(diag, ERR_MEMORY, "out of memory") : ERR_NONE;
}
