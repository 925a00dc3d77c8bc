/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.1 image in flash (little-endian words; "address" = a word that names a place in the image)
 *
 *   offset  size  field
 *   0       4     flash_sig    0xfafaa?5?: bits 8-11 format, 3 write in progress, 2 packed TValues,
 *                              1 integer numbers, 0 absolute
 *   4       4     flash_size   bytes of the image
 *   8       4     mainProto    address of the Proto whose children are the modules
 *   12      4     pROhash      address of the hash vector: always 0x20, right behind the header
 *   16      4     nROuse       strings
 *   20      4     nROsize      buckets, a power of two
 *   24      8     0
 *
 *   hash vector  nROsize addresses of the newest TString of each bucket
 *
 *   TString      0 next (address)  4 tt u8  5 marked u8  6 0 0  8 hash  12 len  16 bytes, NUL,
 *                zeros up to a word
 *
 *   Proto        0 next  4 tt u8, marked u8, 0, 0  8 k  12 code  16 p  20 packedlineinfo
 *                24 locvars  28 upvalues  32 source  36 sizeupvalues  40 sizek  44 sizecode
 *                48 sizep  52 sizelocvars  56 linedefined  60 lastlinedefined  64 gclist
 *                68 nups, numparams, is_vararg, maxstacksize u8
 *
 *   upvalue      address of its name         LocVar  varname (address), startpc, endpc
 *   TValue       4 bytes (integer numbers) or 8, type tag u32; unpacked: 4 bytes more
 *
 *   A Proto's tt is 0 in format 1, 11 in format 0; no loader looks at it.
 *   packedlineinfo names the byte behind a TString's head: the packed lines are its text.
 *   The main Proto's constants are the modules' names in order, then the build time.
 *   Source: NodeMCU's lflash.h, lobject.h, lgc.h; sizes and order checked against images that
 *   luac.cross made.
 */
#ifndef LUA_FLASH51_H
#define LUA_FLASH51_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. */
enum {
	FLASH51_HEADER = 32,
	FLASH51_TSTRING = 16, /* before the text, the NUL and the pad */
	FLASH51_PROTO = 72,
	FLASH51_UPVALUE = 4,
	FLASH51_LOCAL = 12,
};

/* Where an ESP8266 of 2018 has its flash. */
enum { FLASH51_MAPPED = 0x40200000, FLASH51_MAPPED_END = 0x40400000 };

/* The signature. */
#define FLASH51_SIG 0xfafaa050u
enum {
	FLASH51_SIG_ABSOLUTE = 1,
	FLASH51_SIG_INTEGER = 2,
	FLASH51_SIG_PACKED = 4,
	FLASH51_SIG_WRITING = 8,
	FLASH51_SIG_FORMAT = 0xf00,
	FLASH51_SIG_1 = 0x100,    /* of these bits: format 1 */
	FLASH51_SIG_2018 = 0xf00, /* format 0 */
};

/* Offsets in the header. */
enum {
	HEADER51_SIZE = 4,
	HEADER51_MAIN = 8,
	HEADER51_HASH = 12,
	HEADER51_ZEROS = 24,
};

/* Offsets in a TString. */
enum {
	TSTRING51_NEXT = 0,
	TSTRING51_TT = 4,
	TSTRING51_MARKED = 5,
	TSTRING51_HASH = 8,
	TSTRING51_LEN = 12,
};

/* Offsets in a Proto. */
enum {
	PROTO51_NEXT = 0,
	PROTO51_TT = 4,
	PROTO51_MARKED = 5,
	PROTO51_LINES = 20,
	PROTO51_SOURCE = 32,
	PROTO51_SIZEUPVALUES = 36,
	PROTO51_SIZEK = 40,
	PROTO51_SIZECODE = 44,
	PROTO51_LINE_FIRST = 56,
	PROTO51_GCLIST = 64,
	PROTO51_NUPS = 68,
	PROTO51_PARAMS,
	PROTO51_VARARG,
	PROTO51_STACK,
};

/* Type tags, of TValues and in tt. Before April 2020 those from 2 on were higher by TAG51_OLD. */
enum {
	TAG51_NIL,
	TAG51_BOOLEAN,
	TAG51_NUMBER = 3,
	TAG51_STRING = 4,
	TAG51_PROTO = 9,
	TAG51_OLD = 2,
};

/* Bits of marked. */
enum {
	MARK51_WHITE = 3,
	MARK51_LFS = 0x40, /* the garbage collector leaves it alone */
};

/* A type tag from TAG51_NUMBER on as the image has it. */
static inline uint8_t flash51_tag(bool old_tags, uint8_t tag)
{
	return old_tags ? tag + TAG51_OLD : tag;
}

/* Bytes of a TValue. */
static inline uint8_t flash51_tvalue(bool integers, bool packed)
{
	return integers ? 8 : packed ? 12 : 16;
}

#endif
