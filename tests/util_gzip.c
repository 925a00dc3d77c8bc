/* SPDX-License-Identifier: MIT */
#include "tests/util_gzip.h"

#define ZLIB_CONST
#include <stdlib.h>
#include <zlib.h>

void gzip_wrap(const uint8_t *data, size_t len, int level, struct buf *out)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)len };
	size_t room;

	if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	room = deflateBound(&z, (uLong)len);
	z.next_out = buf_extend(out, room);
	z.avail_out = (uInt)room;
	if (!z.next_out || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len -= z.avail_out;
	deflateEnd(&z);
}

void gzip_wrap_window(const uint8_t *data, size_t len, int bits, struct buf *out)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)len };
	size_t room;

	if (deflateInit2(&z, 9, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	buf_put(out, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
	room = deflateBound(&z, (uLong)len);
	z.next_out = buf_extend(out, room);
	z.avail_out = (uInt)room;
	if (!z.next_out || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out->len -= z.avail_out;
	deflateEnd(&z);
	buf_u32(out, (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)len));
	buf_u32(out, (uint32_t)len);
}
