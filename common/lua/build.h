/* SPDX-License-Identifier: MIT */
/*
 * How readers fill an image. Every function keeps the model's promises: indexes stay valid, sizes
 * stay under LUA_FLASH_MAX in total, nothing is counted that the input could not hold.
 * Failures go to the diag of the reader that is passed along.
 */
#ifndef LUA_BUILD_H
#define LUA_BUILD_H

#include "common/lua/model.h"

/* Takes over the bytes that texts, code and line info will point into. */
enum err lua_keep(struct lua_image *img, const uint8_t *data, size_t len, struct diag *diag);

/* Appends a string record. Returns its index or LUA_NONE. Flash: size of its TString. */
uint32_t lua_add_string(struct lua_image *img, struct rd *rd, const uint8_t *text, uint32_t len,
			uint32_t off);

/* The same for chunks: equal texts share one record. */
uint32_t lua_intern(struct lua_image *img, struct rd *rd, const uint8_t *text, uint32_t len,
		    uint32_t off);

/* Counts one reference to a string (LUA_NONE is ignored). */
void lua_refer(struct lua_image *img, uint32_t string, enum lua_use use);

/* Appends a prototype with these relations. Returns its index or LUA_NONE. */
uint32_t lua_add_proto(struct lua_image *img, struct rd *rd, uint32_t parent, uint32_t module);

/* Appends count zeroed items to the array; the slice tells where. False on failure. */
bool lua_add_constants(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out);
bool lua_add_upvalues(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out);
bool lua_add_locals(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out);
bool lua_add_children(struct lua_image *img, struct rd *rd, uint32_t count, struct lua_slice *out);

/* Appends a module. Returns its index or LUA_NONE. */
uint32_t lua_add_module(struct lua_image *img, struct rd *rd, uint32_t name, uint32_t proto);

/* Counts bytes that the device will need in flash; false and a failure above LUA_FLASH_MAX. */
bool lua_tally(struct lua_image *img, struct rd *rd, uint64_t bytes, const char *field);

/* Records damage that reading can pass over. */
void lua_note(struct lua_image *img, uint64_t off, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void lua_note_diag(struct lua_image *img, const struct diag *diag);

#endif
