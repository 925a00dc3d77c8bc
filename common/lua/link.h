/* SPDX-License-Identifier: MIT */
/*
 * New LFS images of modules, wherever those come from: a compiled source, a chunk, another image.
 */
#ifndef LUA_LINK_H
#define LUA_LINK_H

#include "common/lua/model.h"

enum {
	LUA_LINK_MAX51 = 256, /* modules: as many names as one operand of an instruction can name */
	LUA_LINK_MAX53 = 255, /* the list's length is a byte */
};

enum lua_strip {
	LUA_STRIP_NONE,   /* all that the modules have is kept */
	LUA_STRIP_LOCALS, /* names of locals and upvalues go: what luac.cross does by default */
	LUA_STRIP_ALL,    /* lines go too: error messages then have "?" for them */
};

/* One module. The image that proto is of must outlive the call, and was read without failure. */
struct lua_link_input {
	const uint8_t *name; /* name_len bytes; under this name the device finds it */
	uint32_t name_len;
	const struct lua_image *img;
	uint32_t proto;     /* root of the module's functions in img */
	const char *source; /* "@main.lua": what its functions shall say of it; NULL: as they do */
	enum lua_strip strip; /* of this one, at least */
};

/*
 * Length of the hash vector of strings. The stock one for 5.3 portable images, whatever is asked.
 */
enum lua_hash_size {
	LUA_HASH_STOCK,
	LUA_HASH_SMALL, /* a quarter: chains of about four strings */
	LUA_HASH_FAST,  /* twice as long */
};

struct lua_link_options {
	struct lua_traits traits; /* of the new image */
	uint32_t base;            /* absolute form: as for lua_image_convert */
	int64_t time;             /* Unix seconds */
	uint32_t seed;            /* 5.3, of the strings' hashes */
	enum lua_strip strip;
	enum lua_hash_size hash;
	bool share;     /* 5.1, 5.3 absolute: equal vectors are stored once */
	bool fix_fixed; /* 5.3: fixed strings numbered as the loader lays them out (fixed53.h) */
	/*
	 * 5.3: as luac.cross has it, byte for byte: the string "=(luac.cross)", to which nothing
	 * refers, and name fields of upvalues whose names are gone. unnamed: as with its -s, none.
	 */
	bool as_luac, unnamed;
};

/* Module number module of an image, under its own name; of a chunk, without one. */
struct lua_link_input lua_link_module(const struct lua_image *img, uint32_t module);

/*
 * Makes an image of n modules, in this order. Their version and numbers must be the image's.
 * ERR_KIND when they are not, or for names that are empty, stand twice or are not found by the
 * device; ERR_LIMIT when it could not hold or call them. On failure *out is NULL. Free with
 * lua_image_free.
 */
enum err lua_link(const struct lua_link_input *in, uint32_t n,
		  const struct lua_link_options *options, struct diag *diag,
		  struct lua_image **out);

/* What lua_link refuses of its inputs before it begins; traits: of the new image. */
enum err lua_link_check(const struct lua_link_input *in, uint32_t n,
			const struct lua_traits *traits, struct diag *diag);

/* The length of img's hash vector, of which the strings are known. */
uint32_t lua_link_buckets(const struct lua_image *img, enum lua_hash_size hash);

/* A module has one of the three words that fixed strings as stock luac.cross numbers them spoil. */
bool lua_link_wants_fix(const struct lua_link_input *in, uint32_t n);

/*
 * Appends the code of a 5.1 image's main prototype for n modules, and tells the registers that it
 * needs. Up to 50 it is what luac.cross writes (check_main51.c has it); from there on the list of
 * names is stored 50 at a time.
 */
void lua_link_main51(uint32_t n, struct buf *code, uint8_t *stack);

#endif
