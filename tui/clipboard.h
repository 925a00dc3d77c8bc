/* SPDX-License-Identifier: MIT */
/*
 * How a terminal is asked to put bytes into the clipboard: OSC 52, ESC ] 52 ; c ; base64 BEL.
 */
#ifndef TUI_CLIPBOARD_H
#define TUI_CLIPBOARD_H

#include "common/base/buf.h"

#define CLIPBOARD_MAX 74994u /* bytes that xterm takes */

/* Appends the request; at most CLIPBOARD_MAX bytes. */
void clipboard_request(struct buf *out, const uint8_t *data, size_t n);

#endif
