/* SPDX-License-Identifier: MIT */
#include "common/device/guard.h"

#include <inttypes.h>

#include "common/base/sha256.h"

enum { HEAD = 16, HASH_MAX = 128 << 10 };

/* Two sums by numbers that 32-bit integers hold, too; together they miss one damage in 2^45. */
static void put_sums(const uint8_t *data, size_t len, struct buf *out)
{
	uint32_t v = 0, w = 0;

	for (size_t i = 0; i < len; i++) {
		v = (v * 251 + data[i]) % 8388593;
		w = (w * 239 + data[i]) % 8388581;
	}
	buf_printf(out, "  v = %" PRIu32 ", w = %" PRIu32 ",\n", v, w);
}

static void put_hash(const uint8_t *data, size_t len, struct buf *out)
{
	struct sha256 s = sha256_begin();
	uint8_t hash[SHA256_BYTES];

	sha256_add(&s, data, len);
	sha256_end(&s, hash);
	buf_str(out, "  sha256 = \"");
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		buf_printf(out, "%02x", hash[i]);
	buf_str(out, "\",\n");
}

static const char *number_word(const struct lua_traits *t)
{
	return !t->float_bytes ? "integer" : t->integer_bytes == 8 ? "double" : "float";
}

static void put_wanted(const struct lua_image *img, const uint8_t *data, size_t len, uint32_t heap,
		       struct buf *out)
{
	const struct lua_traits *t = &img->traits;

	buf_printf(out, "local want = {\n  lua = \"Lua 5.%d\", numbers = \"%s\",\n",
		   (int)t->version % 10, number_word(t));
	buf_printf(out, "  size = %zu, flash = %" PRIu64 ", heap = %" PRIu32 ",\n", len,
		   img->flash_size, heap);
	buf_str(out, "  head = \"");
	for (size_t i = 0; i < len && i < HEAD; i++)
		buf_printf(out, "\\%03u", data[i]);
	buf_str(out, "\",\n");
	if (len <= HASH_MAX)
		put_hash(data, len, out);
	put_sums(data, len, out);
	buf_str(out, "}\n");
}

/* Plain Lua of 5.1 and 5.3. */
static const char code[] =
	"\n"
	"local function numbers()\n"
	"  local ok, t = pcall(function() return node.info\"build_config\".number_type end)\n"
	"  if ok and t then return t end\n"
	"  if 1 / 2 == 0 then return \"integer\" end\n"
	"  return math.maxinteger and math.maxinteger > 2147483647 and \"double\" or \"float\"\n"
	"end\n"
	"\n"
	"local function region()\n"
	"  local ok, t = pcall(function() return node.info\"lfs\".lfs_size end)\n"
	"  if ok and t then return t end\n"
	"  ok, t = pcall(function() return node.getpartitiontable().lfs_size end)\n"
	"  return ok and t or want.flash\n"
	"end\n"
	"\n"
	"local function hash(name)\n"
	"  local ok, h = pcall(function()\n"
	"    return (encoder or crypto).toHex(crypto.fhash(\"sha256\", name)):lower()\n"
	"  end)\n"
	"  return ok and h\n"
	"end\n"
	"\n"
	"-- What is wrong with this device, or the file's size or beginning.\n"
	"local function first(name)\n"
	"  if _VERSION ~= want.lua then return \"made for \" .. want.lua end\n"
	"  if numbers() ~= want.numbers then return \"made for numbers: \" .. want.numbers end\n"
	"  if region() < want.flash then return \"larger than the LFS region\" end\n"
	"  local f = file.open(name, \"r\")\n"
	"  if not f then return \"no such file\" end\n"
	"  local size, head = f:seek(\"end\"), f:seek(\"set\", 0) and f:read(#want.head)\n"
	"  f:close()\n"
	"  if size ~= want.size then return \"size is \" .. size .. \", not \" .. want.size end\n"
	"  if head ~= want.head then return \"another header\" end\n"
	"end\n"
	"\n"
	"local function load(name, done)\n"
	"  collectgarbage()\n"
	"  if node.heap() < want.heap then\n"
	"    return done(false, \"too little heap: it takes \" .. want.heap)\n"
	"  end\n"
	"  done(true)\n"
	"  local why = (node.LFS and node.LFS.reload or node.flashreload)(name)\n"
	"  done(false, why)\n"
	"end\n"
	"\n"
	"local function sums(name, done)\n"
	"  local f, v, w = file.open(name, \"r\"), 0, 0\n"
	"  local byte = string.byte\n"
	"  local function slice()\n"
	"    local s = f:read(256)\n"
	"    for i = 1, s and #s or 0 do\n"
	"      local b = byte(s, i)\n"
	"      v, w = (v * 251 + b) % 8388593, (w * 239 + b) % 8388581\n"
	"    end\n"
	"    if s then return node.task.post(node.task.LOW_PRIORITY, slice) end\n"
	"    f:close()\n"
	"    if v ~= want.v or w ~= want.w then return done(false, \"damaged\") end\n"
	"    load(name, done)\n"
	"  end\n"
	"  slice()\n"
	"end\n"
	"\n"
	"return function(name, done)\n"
	"  done = done or function(ok, why) print(ok and \"loading\" or \"not loaded\", why) end\n"
	"  local why = first(name)\n"
	"  if why then return done(false, why) end\n"
	"  local h = want.sha256 and hash(name)\n"
	"  if not h then return sums(name, done) end\n"
	"  if h ~= want.sha256 then return done(false, \"damaged\") end\n"
	"  load(name, done)\n"
	"end\n";

void guard_write(const struct lua_image *img, const uint8_t *data, size_t len, uint32_t heap,
		 struct buf *out)
{
	buf_str(out,
		"-- Loads one certain image, once it is known to be whole and for this device:\n"
		"-- dofile(\"guard.lua\")(\"lfs.img\", function(ok, why) ... end)\n"
		"-- Written by strscan --guard; write it anew for each image.\n");
	put_wanted(img, data, len, heap, out);
	buf_str(out, code);
}
