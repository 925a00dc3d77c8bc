/* SPDX-License-Identifier: MIT */
/*
 * The only ways in which bytes of a file reach an output.
 */
#ifndef VIEW_ESCAPE_H
#define VIEW_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/*
 * For terminals and tables: printable valid UTF-8 passes; \n \r \t \\ are written so; every other
 * control byte, C1 control, DEL, bidirectional or zero-width format character, line separator,
 * and every byte that is no valid UTF-8 becomes \xNN, byte by byte. Gets every byte back.
 */
void escape_text(struct buf *out, const uint8_t *p, size_t n);

/* The same for a message: a string that fits in size bytes (1 at least); the rest is left out. */
void escape_words(const uint8_t *p, size_t n, char *out, size_t size);

/*
 * A JSON string with its quotes. Valid UTF-8 passes (controls as \u00NN). A byte NN that is no part
 * of valid UTF-8 becomes the character U+EFNN (U+EF80...U+EFFF); so do the bytes of those 128
 * characters themselves, so that every byte can be got back: encode as UTF-8, but write a character
 * of U+EF80...U+EFFF as its low byte.
 */
void escape_json(struct buf *out, const uint8_t *p, size_t n);

/* A CSV field of escape_text, quoted when it must be (RFC 4180). A field that a spreadsheet would
 * take for a formula (= + - @ first) is quoted too and begins with an apostrophe, unless it is a
 * number. */
void escape_csv(struct buf *out, const uint8_t *p, size_t n);

/* A Markdown table cell of escape_text: also | and what Markdown or HTML would take for markup. */
void escape_markdown(struct buf *out, const uint8_t *p, size_t n);

/*
 * Length of the valid UTF-8 sequence at p (1...4), or 0. *code gets the character.
 * Overlong forms, surrogates and values above U+10FFFF are invalid.
 */
unsigned utf8_length(const uint8_t *p, size_t n, uint32_t *code);

/* False for controls, format characters and separators, and for what is no character. */
bool utf8_printable(uint32_t code);

/* Columns that a terminal gives to escaped text: 0 for combining characters, 2 for wide ones. */
size_t text_width(const uint8_t *p, size_t n);

/* Bytes of escaped text that fit in width columns; no escape or character is torn apart. */
size_t text_cut(const uint8_t *p, size_t n, size_t width);

/* The same for max bytes. */
size_t text_head(const uint8_t *p, size_t n, size_t max);

#endif
