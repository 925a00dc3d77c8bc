/* SPDX-License-Identifier: MIT */
/* What check_protos.c and check_protos_debug.c share. Nobody else includes this. */
#ifndef LUA_CHECK_PROTOS_H
#define LUA_CHECK_PROTOS_H

#include "common/lua/check_found.h"

/* Fields of a prototype that may be wrong. */
enum check_field {
	FIELD_SOURCE,
	FIELD_LINE_FIRST,
	FIELD_LINES,
	FIELD_PARAMS,
	FIELD_VARARG,
	FIELD_STACK,
	FIELD_NUPS,
	FIELD_SIZEUPVALUES,
	FIELD_MARKED,
	CHECK_FIELDS
};

struct proto_check {
	const struct check_scope *s;
	const struct lua_image *img;
	const struct lua_proto *p;
	uint32_t index;
	uint32_t *lines; /* room for the longest prototype */
	char path[60];
};

/* Where a field stands, as well as it is known, and its path. */
uint64_t check_field_offset(const struct proto_check *c, enum check_field f);
const char *check_field_path(struct proto_check *c, enum check_field f);

/* The same for item i of a vector; in flash an item has size bytes, and its field is at field. */
uint64_t check_item_offset(const struct proto_check *c, enum lua_part part, uint32_t i,
			   uint32_t size, uint32_t field);
const char *check_item_path(struct proto_check *c, const char *vector, uint32_t i,
			    const char *field);

#define CHECK_FIELD(c, f, ...) \
	check_wrong((c)->s, check_field_offset((c), (f)), check_field_path((c), (f)), __VA_ARGS__)

/* Locals and lines. */
void check_debug(struct proto_check *c);

#endif
