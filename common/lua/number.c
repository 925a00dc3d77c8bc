/* SPDX-License-Identifier: MIT */
/*
 * Source: luaO_str2d(), luai_num...() and constfolding() of NodeMCU's Lua 5.1, luaO_str2num(),
 * luaO_arith() and constfolding() of its Lua 5.3; results compared with those of luac.cross.
 *
 *	5.1 integers   decimal: strtol; hexadecimal: strtoul, whose longs have 64 bits on a PC and
 *	               32 on the device; nothing else is a numeral. + - * ^ wrap around, / and %
 *	               round down, x^-1 is 0. Division by 0 is left to run time.
 *	5.3            a decimal too large for an integer is a float, hexadecimal wraps around.
 *	               What comes out as 0.0, -0.0 or NaN is left to run time, and so is division
 *	               by 0, and bits of floats that are no integers.
 */
#include "common/lua/number.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMERAL_MAX = 400 }; /* bytes; of longer ones nobody knows what they mean */

/* To 32 bits or 64. */
static int64_t wrap(const struct lua_traits *t, uint64_t bits)
{
	return t->integer_bytes == 4 ? (int32_t)(uint32_t)bits : (int64_t)bits;
}

static double as_float(const struct lua_traits *t, double d)
{
	return t->float_bytes == 4 ? (double)(float)d : d;
}

static double to_float(const struct lua_traits *t, const struct lua_number *n)
{
	if (n->is_float)
		return n->f;
	return t->float_bytes == 4 ? (double)(float)n->i : (double)n->i;
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

static enum lua_numeral read51(const char *text, struct lua_number *out)
{
	char *end;
	unsigned long long bits;

	errno = 0;
	if (is_hex(text)) {
		bits = strtoull(text, &end, 16);
		if (*end || end < text + 3)
			return LUA_NUMERAL_MALFORMED;
		out->i = (int32_t)(uint32_t)bits; /* strtoul with longs of 64 bits; of 32: */
		return bits > UINT32_MAX && out->i != -1 ? LUA_NUMERAL_UNSURE : LUA_NUMERAL_READ;
	}
	bits = strtoull(text, &end, 10);
	if (*end || end == text)
		return LUA_NUMERAL_MALFORMED;
	out->i = (int64_t)bits;
	return errno || bits > INT32_MAX ? LUA_NUMERAL_UNSURE : LUA_NUMERAL_READ;
}

static bool read_integer(const struct lua_traits *t, const char *text, struct lua_number *out)
{
	uint64_t max = t->integer_bytes == 4 ? INT32_MAX : INT64_MAX;
	uint64_t bits = 0;
	const char *p = is_hex(text) ? text + 2 : text;

	if (!*p || p[strspn(p, p > text ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	for (; *p; p++) {
		unsigned digit = *p <= '9' ? (unsigned)(*p - '0')
					   : (unsigned)((*p | 0x20) - 'a' + 10);

		if (is_hex(text))
			bits = bits << 4 | digit;
		else if (bits > max / 10 || (bits == max / 10 && digit > max % 10))
			return false;
		else
			bits = bits * 10 + digit;
	}
	out->i = wrap(t, bits);
	return true;
}

static enum lua_numeral read_float(const struct lua_traits *t, char *text, struct lua_number *out)
{
	char *dot = strchr(text, '.');
	char *end;

	if (dot)
		*dot = localeconv()->decimal_point[0];
	out->is_float = true;
	out->f = t->float_bytes == 4 ? (double)strtof(text, &end) : strtod(text, &end);
	return *end || end == text ? LUA_NUMERAL_MALFORMED : LUA_NUMERAL_READ;
}

enum lua_numeral lua_number_read(const struct lua_traits *t, const char *text, size_t n,
				 struct lua_number *out)
{
	char copy[NUMERAL_MAX + 1];

	*out = (struct lua_number){ 0 };
	if (n == 0 || n > NUMERAL_MAX)
		return LUA_NUMERAL_UNSURE;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (t->version == LUA_51 && !t->float_bytes)
		return read51(copy, out);
	if (t->version == LUA_53 && read_integer(t, copy, out))
		return LUA_NUMERAL_READ;
	return read_float(t, copy, out);
}

static uint64_t power(uint64_t base, int64_t exponent)
{
	uint64_t result = 1;

	if (exponent < 0)
		return 0;
	for (; exponent; exponent >>= 1, base *= base)
		if (exponent & 1)
			result *= base;
	return result;
}

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* b is not 0. -1 apart: the least integer has no opposite. */
static uint64_t quotient(int64_t a, int64_t b)
{
	return b == -1 ? 0 - (uint64_t)a : (uint64_t)divide_down(a, b);
}

static uint64_t remainder_of(int64_t a, int64_t b)
{
	return (uint64_t)a - quotient(a, b) * (uint64_t)b;
}

static uint64_t shift_left(const struct lua_traits *t, int64_t a, int64_t by)
{
	int64_t bits = 8 * (int64_t)t->integer_bytes;
	uint64_t x = bits == 32 ? (uint32_t)a : (uint64_t)a;

	if (by <= -bits || by >= bits)
		return 0;
	return by < 0 ? x >> -by : x << by;
}

static uint64_t integer_arith(const struct lua_traits *t, enum lua_arith op, int64_t a, int64_t b)
{
	uint64_t x = (uint64_t)a;
	uint64_t y = (uint64_t)b;

	switch (op) {
	case LUA_ADD: return x + y;
	case LUA_SUB: return x - y;
	case LUA_MUL: return x * y;
	case LUA_DIV:
	case LUA_IDIV: return quotient(a, b);
	case LUA_MOD: return remainder_of(a, b);
	case LUA_POW: return power(x, b);
	case LUA_MINUS: return 0 - x;
	case LUA_BAND: return x & y;
	case LUA_BOR: return x | y;
	case LUA_BXOR: return x ^ y;
	case LUA_SHL: return shift_left(t, a, b);
	case LUA_SHR: return shift_left(t, a, wrap(t, 0 - y));
	case LUA_BNOT: return ~x;
	case LUA_NOT_ARITH: break;
	}
	return 0;
}

static double modulo(double a, double b)
{
	double m = fmod(a, b);

	return m * b < 0 ? m + b : m;
}

/* In doubles; what 32-bit floats need else is exact in them, or done by float_arith. */
static double double_arith(enum lua_arith op, double a, double b)
{
	switch (op) {
	case LUA_ADD: return a + b;
	case LUA_SUB: return a - b;
	case LUA_MUL: return a * b;
	case LUA_DIV: return a / b;
	case LUA_IDIV: return floor(a / b);
	case LUA_MOD: return modulo(a, b);
	case LUA_POW: return pow(a, b);
	case LUA_MINUS: return -a;
	default: return 0;
	}
}

static float narrow_modulo(float a, float b)
{
	float m = fmodf(a, b);

	return m * b < 0 ? m + b : m;
}

static double float_arith(enum lua_arith op, float a, float b)
{
	switch (op) {
	case LUA_ADD: return (double)(float)(a + b);
	case LUA_SUB: return (double)(float)(a - b);
	case LUA_MUL: return (double)(float)(a * b);
	case LUA_DIV: return (double)(float)(a / b);
	case LUA_IDIV: return (double)floorf((float)(a / b));
	case LUA_MOD: return (double)narrow_modulo(a, b);
	case LUA_POW: return (double)powf(a, b);
	case LUA_MINUS: return (double)-a;
	default: return 0;
	}
}

static enum lua_fold fold51(const struct lua_traits *t, enum lua_arith op, int64_t a, int64_t b,
			    struct lua_number *out)
{
	bool divides = op == LUA_DIV || op == LUA_MOD;

	if (divides && b == 0)
		return LUA_FOLD_LEFT;
	if (divides && a == INT32_MIN && b == -1)
		return LUA_FOLD_CRASH;
	*out = (struct lua_number){ .i = wrap(t, integer_arith(t, op, a, b)) };
	return LUA_FOLD_DONE;
}

/* A float that is an integer, as one. */
static bool to_integer(const struct lua_traits *t, const struct lua_number *n, int64_t *out)
{
	double limit = t->integer_bytes == 4 ? 0x1p31 : 0x1p63;

	if (!n->is_float) {
		*out = n->i;
		return true;
	}
	if (!(n->f >= -limit && n->f < limit) || floor(n->f) != n->f)
		return false;
	*out = (int64_t)n->f;
	return true;
}

static enum lua_fold fold_floats(const struct lua_traits *t, enum lua_arith op, double a, double b,
				 struct lua_number *out)
{
	double d = t->float_bytes == 4 ? float_arith(op, (float)a, (float)b)
				       : double_arith(op, a, b);

	if (d != d || d == 0)
		return LUA_FOLD_LEFT;
	*out = (struct lua_number){ .is_float = true, .f = as_float(t, d) };
	return LUA_FOLD_DONE;
}

enum lua_fold lua_number_fold(const struct lua_traits *t, enum lua_arith op,
			      const struct lua_number *a, const struct lua_number *b,
			      struct lua_number *out)
{
	bool divides = op == LUA_DIV || op == LUA_IDIV || op == LUA_MOD;
	bool bits = op >= LUA_BAND && op <= LUA_BNOT;
	int64_t x = a->i, y = b->i;

	if (op == LUA_NOT_ARITH)
		return LUA_FOLD_LEFT;
	if (t->version == LUA_51 && !t->float_bytes)
		return fold51(t, op, a->i, b->i, out);
	if (divides && to_float(t, b) == 0)
		return LUA_FOLD_LEFT;
	if (bits && (!to_integer(t, a, &x) || !to_integer(t, b, &y)))
		return LUA_FOLD_LEFT;
	if (op == LUA_DIV || op == LUA_POW || (!bits && (a->is_float || b->is_float)))
		return fold_floats(t, op, to_float(t, a), to_float(t, b), out);
	*out = (struct lua_number){ .i = wrap(t, integer_arith(t, op, x, y)) };
	return LUA_FOLD_DONE;
}

static void write_integer(enum lua_version version, int64_t i, struct buf *out)
{
	if (i >= 0)
		buf_printf(out, "%" PRId64, i);
	else if (version == LUA_53)
		buf_printf(out, "0x%" PRIx64, (uint64_t)i);
	else
		buf_printf(out, "(-%" PRId64 ")", -i);
}

/* Hexadecimal: exact, and free of the locale's decimal point. */
static void write_float(double d, struct buf *out)
{
	int exponent;
	double mantissa = frexp(d, &exponent);

	if (isinf(d))
		buf_str(out, "1e999");
	else
		buf_printf(out, "0x%" PRIx64 "p%d", (uint64_t)ldexp(mantissa, 53), exponent - 53);
}

void lua_number_write(enum lua_version version, const struct lua_number *n, struct buf *out)
{
	if (!n->is_float) {
		write_integer(version, n->i, out);
	} else if (signbit(n->f)) {
		buf_str(out, "(-");
		write_float(-n->f, out);
		buf_str(out, ")");
	} else {
		write_float(n->f, out);
	}
}
