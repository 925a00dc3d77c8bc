/* SPDX-License-Identifier: MIT */
/*
 * An image in another form: as a file for the loader, or as it stands in flash at some address.
 */
#ifndef LUA_CONVERT_H
#define LUA_CONVERT_H

#include "common/lua/format.h"

enum {
	LUA_BASE_FIRST = 0x3c000000,   /* no chip maps flash below */
	LUA_BASE_ESP8266 = 0x40200000, /* where the ESP8266 maps its flash... */
	LUA_BASE_ESP8266_END = 0x40400000,
};

/* The format of such an image, or NULL: traits' version, form and, for 5.1, format count. */
const struct lua_format *lua_format_of(const struct lua_traits *traits);

/* A region mapped there is an ESP32's: it is outside the ESP8266's, or numbers have two widths. */
bool lua_base_is_esp32(const struct lua_traits *traits, uint32_t base);

/*
 * The signature that a device has in flash. esp32: 5.3 only, its firmware writes the widths of
 * numbers into it.
 */
uint32_t lua_signature53(const struct lua_traits *traits, bool esp32);

/*
 * Makes a new image of img, which was read without failure, in form (no chunk). base: absolute
 * form, the mapped address of the region; one outside the ESP8266's means an ESP32, whose 5.3 has
 * another signature. ERR_KIND when
 * there is no such form, ERR_LIMIT when the image would not end below 4 GiB. Its strings and
 * functions stay in their order, with all that they have. On failure *out is NULL. Free with
 * lua_image_free.
 *
 * The absolute form of 5.3 has lost whether a stripped image's upvalues had names: back in the
 * portable form they have empty ones.
 */
enum err lua_image_convert(const struct lua_image *img, enum lua_form form, uint32_t base,
			   struct diag *diag, struct lua_image **out);

/* Gives an image another time of its build; the loader's list of modules has it, too. */
void lua_image_set_time(struct lua_image *img, uint32_t time);

/* Prototypes have vectors in common: the image was written with img->share. ERR_MEMORY: false. */
bool lua_image_shares(const struct lua_image *img, struct diag *diag);

/* Writes img in its format and reads it back; img's arrays may be borrowed. As above. */
enum err lua_image_settle(const struct lua_image *img, struct diag *diag, struct lua_image **out);

#endif
