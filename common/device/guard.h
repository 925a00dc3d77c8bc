/* SPDX-License-Identifier: MIT */
/*
 * A Lua module that lets a device load one certain image and nothing else: for updates that come
 * over the air, without a computer that could look at the file.
 */
#ifndef DEVICE_GUARD_H
#define DEVICE_GUARD_H

#include "common/base/buf.h"
#include "common/lua/model.h"

/*
 * Appends the module. Its value is a function (name, done) which compares the device's Lua,
 * numbers, region and free heap with what the image needs, and size, first bytes and sum of the
 * file with those of data, slice by slice between other tasks. Then it calls done(true) and loads
 * the file; if anything is wrong, done(false, why). heap: bytes that loading takes; 0: not known.
 */
void guard_write(const struct lua_image *img, const uint8_t *data, size_t len, uint32_t heap,
		 struct buf *out);

#endif
