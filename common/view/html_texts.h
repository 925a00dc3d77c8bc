/* SPDX-License-Identifier: MIT */
/*
 * Texts of a view, each written once. All here is private to common/view/html*.c.
 */
#ifndef VIEW_HTML_TEXTS_H
#define VIEW_HTML_TEXTS_H

#include "common/base/buf.h"

/* A zeroed one is empty. */
struct html_texts {
	struct buf bytes; /* one behind the other */
	size_t *ends;     /* where each ends in them */
	uint32_t count, cap;
	uint32_t *slots; /* number + 1, by hash; 0: free */
	size_t nslots;   /* a power of 2 */
	bool failed;     /* no memory */
};

/* The number of a text, which is added when it is new. */
uint32_t html_texts_add(struct html_texts *t, const uint8_t *p, size_t n);
const uint8_t *html_texts_get(const struct html_texts *t, uint32_t i, size_t *n);
void html_texts_free(struct html_texts *t);

/* Appends what html_string makes, of text that escape_text has left. */
void html_quoted(struct buf *out, const uint8_t *p, size_t n);

#endif
