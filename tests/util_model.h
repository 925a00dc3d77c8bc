/* SPDX-License-Identifier: MIT */
/*
 * Random modules: valid, but of no sense.
 */
#ifndef UTIL_MODEL_H
#define UTIL_MODEL_H

#include "common/lua/model.h"

enum { MODEL_MODULES = 8, MODEL_PROTOS = 60, MODEL_ITEMS = 4000, MODEL_TEXTS = 200000 };

/* A set of modules, as a reader of chunks would leave it, and what it lives in. */
struct model {
	struct lua_image img;
	struct lua_proto protos[MODEL_PROTOS];
	struct lua_string strings[MODEL_ITEMS];
	struct lua_const constants[MODEL_ITEMS];
	struct lua_upvalue upvalues[MODEL_ITEMS];
	struct lua_local locals[MODEL_ITEMS];
	uint32_t children[MODEL_PROTOS];
	struct lua_module modules[MODEL_MODULES];
	uint8_t bytes[MODEL_TEXTS];
	size_t used;
	uint32_t random;
};

/* Fills m; the same seed makes the same modules. traits: version and numbers. */
void model_make(struct model *m, const struct lua_traits *traits, uint32_t seed);

#endif
