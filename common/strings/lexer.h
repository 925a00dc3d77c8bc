/* SPDX-License-Identifier: MIT */
/*
 * String literals of Lua 5.1 and 5.3, as they come through a terminal.
 */
#ifndef STRINGS_LEXER_H
#define STRINGS_LEXER_H

#include "common/strings/set.h"

/*
 * A terminal that wraps puts a line break behind so many columns, and some put blanks around it.
 * Zeroed: nothing is known of wraps, and a line break ends a literal that is not closed.
 */
struct lexer_wrap {
	unsigned width;
	unsigned lines;       /* that are so long */
	bool sure;            /* no accident: several lines are, and none is longer */
	unsigned trail, lead; /* blanks before and behind the break */
};

struct lexer {
	const uint8_t *data;
	size_t len, at;
	size_t line; /* where the line of at begins */
	struct lexer_wrap wrap;
	bool alone;             /* no statement is around: just wraps are undone */
	struct string_set *set; /* gets the notes; NULL: nobody does */
	uint32_t open;          /* levels of long brackets that nothing closes any more */
	bool doubtful;          /* the literal was joined from lines that may not belong together */
};

enum lexer_found {
	LEXER_NONE,   /* no literal begins here; the cursor stays */
	LEXER_TEXT,   /* the cursor is behind it */
	LEXER_BROKEN, /* it has no end (a note tells); the cursor is where that was seen */
};

/*
 * Reads the literal at the cursor into out, which it empties first. Escapes are those of 5.3 and of
 * 5.1 where 5.3 has none; what neither knows is kept as written, with a note. Undoes wraps; other
 * line breaks inside are noted.
 */
enum lexer_found lexer_string(struct lexer *lx, struct buf *out);

/* True when a literal may begin at the cursor. */
bool lexer_at_string(const struct lexer *lx);

/* What a line begins with when it goes on with a list. */
enum lexer_state { LEXER_IN_LITERAL, LEXER_AT_LITERAL, LEXER_AT_SEPARATOR };

/*
 * True when a line of n bytes can be read from at to its end; quote: of the literal that is open.
 */
bool lexer_line_fits(const struct lexer *lx, const uint8_t *p, size_t n, size_t at,
		     enum lexer_state state, uint8_t quote);

/* Bytes of a separator at p: a comma, a semicolon, or the "and" of the modules that we write. */
size_t lexer_separator(const uint8_t *p, size_t n);

/* True for a line of n bytes that is as long as those that the terminal wrapped. */
bool lexer_is_full(const struct lexer *lx, const uint8_t *p, size_t n);

/* Bytes of the line break at p: LF, CR, CR LF, CR CR LF, LF CR; 0 when there is none. */
size_t lexer_newline(const uint8_t *p, size_t n);

/* A line: its bytes without the break, and the offset of the next one. */
struct lexer_line {
	const uint8_t *p;
	size_t n, next;
};
struct lexer_line lexer_line(const uint8_t *data, size_t len, size_t at);

/*
 * Where a terminal wrapped the lines from offset at up to a prompt or a blank line: at the longest.
 * Returns the offset of the end of these lines.
 */
size_t lexer_measure(const uint8_t *data, size_t len, size_t at, struct lexer_wrap *out);

/* Columns of n bytes of a line: characters, tabs to the next multiple of 8. */
unsigned lexer_columns(const uint8_t *p, size_t n);

#endif
