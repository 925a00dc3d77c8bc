/* SPDX-License-Identifier: MIT */
/*
 * Inside of the text reader: what is known while a text is read, and the shapes of lists.
 */
#ifndef STRINGS_TEXT_H
#define STRINGS_TEXT_H

#include "common/strings/lexer.h"

/* How "print(k, v)" and its like number strings: "7 TAB config", "[1] = config". */
struct text_index {
	bool bracket;
	uint8_t len; /* of between */
	char between[6];
};

struct text {
	struct lexer lx;
	struct string_set *set;         /* NULL: just count */
	bool plain;                     /* take plain lines, not the other shapes */
	const struct text_index *index; /* with plain: take numbered lines alone */
	bool in_banner;
	bool prompted;    /* a prompt since the capture began: a string met again begins another */
	size_t block_end; /* wraps are known up to here */
	struct buf word;
	bool failed;
	bool console; /* prompts or a banner */
	/* The command whose output this is: whether there is one, and whether it prints strings. */
	bool command, prints;
	uint32_t printing; /* such commands so far; when there are, others' output does not count */
	bool choosy;
	bool proven; /* the shape of what is read says that these are strings */
	/* What was seen. Heads begin a list, statements have words before it. */
	uint32_t lists, heads, statements, numbered, plains;
	/* Strings behind words such as "password"; believed when the text is in no order. */
	uint32_t *values;
	uint32_t nvalues, values_cap;
	uint32_t last;      /* string before, or STRING_UNKNOWN */
	uint32_t downwards; /* pairs of neighbours that are not in order */
	uint32_t passed;    /* lines of other output inside lists */
};

/* Gives a string to the set. */
void text_emit(struct text *t, const uint8_t *text, size_t len, bool doubtful);

/* Reads the list that begins at the cursor's line, behind at bytes of it. False: there is none. */
bool text_read_list(struct text *t, const struct lexer_line *l, size_t at, bool echo);

/* Whether most lines of a text are numbered one after the other, and how. */
bool text_find_index(const uint8_t *data, size_t len, struct text_index *out);

/* Reads a line that is numbered so. False: it is not. */
bool text_read_indexed(struct text *t, const struct lexer_line *l);

/*
 * Line ends of old Macs become LF, and the time that a terminal program put before most lines goes.
 * True when out holds the text then.
 */
bool text_clean(const uint8_t *data, size_t len, struct buf *out);

/* The same for UTF-16: with a mark of byte order or with every other byte NUL. */
bool text_from_utf16(const uint8_t *data, size_t len, struct buf *out);

#endif
