/* SPDX-License-Identifier: MIT */
#include "common/lua/stock.h"

static void put_step(int64_t delta, struct buf *out)
{
	uint64_t rest = (uint64_t)(delta < 0 ? -delta - 1 : delta - 1);

	buf_byte(out, (uint8_t)(0x80 | (delta < 0 ? 0x40 : 0) | (rest & 0x3f)));
	for (rest >>= 6; rest; rest >>= 7)
		buf_byte(out, (uint8_t)(0x80 | (rest & 0x7f)));
}

/*
 * The compilers emit instructions in the order of lines, and then send some of them back, such as a
 * call to the line where it begins. 5.1 begins a new run for each that is sent back, though the one
 * before it may have the same line: luaK_fixline() of NodeMCU's lcode.c. (The
 * originals, 5.3's luaK_addlineinfo() too, lose count where they take back a step of more than 64
 * lines, and all lines behind it are wrong. Here they are right.)
 */
void lua_pack_lines(enum lua_version version, const uint32_t *lines, const uint32_t *emitted,
		    uint32_t n, struct buf *out)
{
	uint8_t most = version == LUA_51 ? 126 : 127;
	uint32_t highest = 0;
	int64_t last = 0;

	for (uint32_t i = 0; i < n && !out->failed; i++) {
		int64_t line = lines[i] > 0 && lines[i] <= INT32_MAX ? (int64_t)lines[i] : last;
		bool back = version == LUA_51 &&
			    (emitted ? lines[i] < emitted[i] : lines[i] < highest);

		if (lines[i] > highest)
			highest = lines[i];
		if (i && !back && line == last && out->data[out->len - 1] < most) {
			out->data[out->len - 1]++;
			continue;
		}
		if (line - last != 1)
			put_step(line - last - 1, out);
		buf_byte(out, 1);
		last = line;
	}
	buf_byte(out, 0);
}
