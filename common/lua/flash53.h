/* SPDX-License-Identifier: MIT */
/*
 * Lua 5.3 image in flash: what the device's loader makes of a portable image, and what is read back
 * from there. "Address" = a word that names a place in the image, base + offset; tags and marks are
 * in hexadecimal. Source: lundump.c, lstate.h, lobject.h, lgc.h of NodeMCU's Lua 5.3; sizes and
 * order checked against regions that the loader wrote (layout53.c has the order).
 *
 *   offset  size  field
 *   0       4     flash_sig     0xfafaa250; ESP32: bit 0 64-bit integers, bit 1 64-bit floats
 *   4       4     flash_size    bytes of the image
 *   8       4     seed          of the strings' hashes
 *   12      4     timestamp     Unix time of the build
 *   16      4     nROuse        short strings, as the file counted them
 *   20      4     nROsize       buckets, a power of two
 *   24      4     oROhash       hash vector, as all that follow in words from the image's begin
 *   28      4     protoROTable  ROTable of the modules
 *   32      4     protoHead     Proto that was written last
 *   36      4     shortTShead   short TString that was written last
 *   40      4     longTShead    long TString that was written last, 0: none
 *   44      4     0
 *
 *   hash vector  nROsize addresses of the newest TString of each bucket; right behind the strings
 *
 *   TString      0 next  4 tt u8: 04 short, 14 long  5 marked u8 = 60  6 extra u8  7 shrlen u8
 *                8 hash  12 short: hnext, the next in the bucket; long: length
 *                16 bytes, NUL, zeros
 *
 *   Proto        0 next  4 tt u8 = 09, marked = 21, numparams, is_vararg, maxstacksize u8, 3 unused
 *                12 sizeupvalues, sizek, sizecode, sizelineinfo, sizep, sizelocvars
 *                36 linedefined, lastlinedefined
 *                44 k, code, p, lineinfo, locvars, upvalues, source  72 gclist
 *   TValue       4 or 8 bytes, type tag u32; 8 when integers or floats have 64 bits
 *   Upvaldesc    name, instack u8, idx u8, 2 unused       LocVar  varname, startpc, endpc
 *
 *   ROTable      0 next = 1  4 tt u8 = 15, marked, flags, lsizenode u8: modules  8 0  12 entries
 *   entry        address of the name's text, TValue with tag 02: address of the Proto; the last one
 *                is empty. The entries stand right before the ROTable.
 *
 * The base is not stored as such, but the first TString and the first Proto have it as next: offset
 * 0. What the signature of an ESP8266 leaves out, the width of numbers, the size of entries tells.
 */
#ifndef LUA_FLASH53_H
#define LUA_FLASH53_H

#include <stdint.h>

/* Bytes. */
enum {
	FLASH53_HEADER = 48,
	FLASH53_TSTRING = 16, /* before the text, the NUL and the pad */
	FLASH53_PROTO = 76,
	FLASH53_UPVALUE = 8,
	FLASH53_LOCAL = 12,
	FLASH53_ROTABLE = 16,
};

/* The signature. */
#define FLASH53_SIG 0xfafaa250u
enum {
	FLASH53_INT64 = 1,
	FLASH53_FLOAT64 = 2,
	FLASH53_SIG_UNKNOWN = 0x0c, /* bits that mean nothing */
};

/* Offsets in the header. */
enum {
	HEADER53_NSHORT = 16,
	HEADER53_HEADS = 32, /* protoHead, shortTShead, longTShead */
};

/* Offsets in a TString. */
enum {
	TSTRING53_NEXT = 0,
	TSTRING53_TT = 4,
	TSTRING53_MARKED = 5,
	TSTRING53_EXTRA = 6,
	TSTRING53_SHRLEN = 7,
	TSTRING53_HASH = 8,
	TSTRING53_HNEXT = 12, /* of a long one: length */
};

/* Offsets in a Proto. */
enum {
	PROTO53_NEXT = 0,
	PROTO53_MARKED = 5,
	PROTO53_PARAMS,
	PROTO53_VARARG,
	PROTO53_STACK,
	PROTO53_SIZEUPVALUES = 12,
	PROTO53_LINE_FIRST = 36,
	PROTO53_LINES = 56,
	PROTO53_SOURCE = 68,
};

/* Offsets in an Upvaldesc and a LocVar. */
enum {
	UPVALUE53_INSTACK = 4,
	UPVALUE53_INDEX = 5,
	LOCAL53_START = 4,
};

/* Offsets in the ROTable. */
enum {
	ROTABLE53_TT = 4,
	ROTABLE53_COUNT = 7,
	ROTABLE53_ENTRIES = 12,
};

/* Types of records. */
enum {
	TT53_SHORT = 0x04,
	TT53_PROTO = 0x09,
	TT53_LONG = 0x14,
	TT53_ROTABLE = 0x15,
};

/* Type tags of TValues. */
enum {
	TAG53_NIL = 0,
	TAG53_BOOLEAN = 1,
	TAG53_LIGHT = 2, /* of modules */
	TAG53_FLOAT = 3,
	TAG53_INTEGER = 0x13,
	TAG53_SHORT = 0x44,
	TAG53_LONG = 0x54,
};

/* Bits of marked, and the whole byte. */
enum {
	MARK53_LFS = 0x20, /* the garbage collector leaves it alone */
	MARK53_STRING = 0x60,
	MARK53_PROTO = 0x21,
};

/* Bytes of a TValue. */
static inline uint8_t flash53_tvalue(uint32_t integer_bytes, uint32_t float_bytes)
{
	return integer_bytes == 8 || float_bytes == 8 ? 12 : 8;
}

/* Bytes of an entry of the modules' ROTable: address of the name, TValue. */
static inline uint32_t flash53_entry(uint32_t tvalue_bytes)
{
	return 4 + tvalue_bytes;
}

#endif
