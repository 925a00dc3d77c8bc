/* SPDX-License-Identifier: MIT */
#include "tui/keys.h"

#include <stdio.h>

const struct key_row key_rows[] = {
	{ { 0 }, DO_NOTHING, "Moving (a number before a key repeats it)", NULL },
	{ { K_UP, 'k' }, DO_UP, "a line up", NULL },
	{ { K_DOWN, 'j' }, DO_DOWN, "a line down", NULL },
	{ { K_ENTER },
	  DO_ENTER,
	  "in: open a node of the tree; follow a jump, closure, constant or string",
	  "in" },
	{ { K_RIGHT, 'l' }, DO_RIGHT, "tree: open; pane: to the right", NULL },
	{ { K_LEFT, 'h' }, DO_LEFT, "tree: out; pane: to the left, and to the tree", NULL },
	{ { K_BACKSPACE }, DO_BACK, "back to where Enter or x was pressed", "back" },
	{ { K_PAGE_UP, K_CONTROL('B') }, DO_PAGE_UP, "a page up", NULL },
	{ { K_PAGE_DOWN, K_CONTROL('F'), ' ' }, DO_PAGE_DOWN, "a page down", NULL },
	{ { K_CONTROL('U') }, DO_HALF_UP, "half a page up", NULL },
	{ { K_CONTROL('D') }, DO_HALF_DOWN, "half a page down", NULL },
	{ { K_HOME, 'g' }, DO_TOP, "to the first line; with a number: to that line", NULL },
	{ { K_END, 'G' }, DO_BOTTOM, "to the last line; with a number: to that line", NULL },
	{ { K_TAB }, DO_OTHER, "to the other pane", "pane" },
	{ { K_SHIFT_LEFT, '<' }, DO_PAN_LEFT, "show what is cut off at the left", NULL },
	{ { K_SHIFT_RIGHT, '>' }, DO_PAN_RIGHT, "show what is cut off at the right", NULL },
	{ { 0 }, DO_NOTHING, "Views", NULL },
	{ { 't' }, DO_VIEW_NEXT, "next view", "view" },
	{ { 'T', K_BACK_TAB }, DO_VIEW_BACK, "view before", NULL },
	{ { 's' },
	  DO_SORT,
	  "sort by the next column; tree: by size, by name, as in the file",
	  "sort" },
	{ { 'S' }, DO_SORT_TURN, "sort the other way round", NULL },
	{ { 'z' }, DO_ZOOM, "one pane on the whole screen, and back", NULL },
	{ { 'i' }, DO_INFO, "all that is known of the line", "info" },
	{ { 0 }, DO_NOTHING, "Finding", NULL },
	{ { '/' },
	  DO_SEARCH,
	  "search the pane; small letters find capitals too; backwards when the text begins with ?",
	  "search" },
	{ { 'n' }, DO_NEXT, "next match", NULL },
	{ { 'N' }, DO_PREVIOUS, "match before", NULL },
	{ { 'f' }, DO_FIND_ALL, "search everything: all views of all files", "find" },
	{ { 'x' }, DO_USERS, "who uses this string", "users" },
	{ { 0 }, DO_NOTHING, "Taking along", NULL },
	{ { 'm' },
	  DO_MARK,
	  "mark a string for dummy_strings, or not; the status line adds up",
	  "mark" },
	{ { 'w' }, DO_WRITE, "write the marked strings as a Lua module", "write" },
	{ { 'e' },
	  DO_EXPORT,
	  "write the view to a file: .txt, .csv, .tsv, .json or .md",
	  "export" },
	{ { 'y' }, DO_COPY, "copy the string or line to the clipboard (OSC 52)", "copy" },
	{ { 'c' }, DO_CONNECT, "connect to the device again", NULL },
	{ { 0 }, DO_NOTHING, "And", NULL },
	{ { K_F1, '?' }, DO_HELP, "this help", "help" },
	{ { K_CONTROL('L'), K_CONTROL('R') }, DO_REDRAW, "draw the screen anew", NULL },
	{ { 'q', K_ESCAPE },
	  DO_CLOSE,
	  "close what is on top; back; in the tree, q alone: quit",
	  NULL },
	{ { 'Q', K_F10, K_CONTROL('C') }, DO_QUIT, "quit", "quit" },
	{ { 0 }, DO_NOTHING, NULL, NULL },
};

enum action key_action(uint32_t key)
{
	for (const struct key_row *r = key_rows; r->help; r++)
		for (unsigned i = 0; i < 4 && r->keys[i]; i++)
			if (r->keys[i] == key)
				return r->action;
	return DO_NOTHING;
}

const char *key_label(uint32_t key, char *out)
{
	static const char *const names[] = {
		[K_UP - K_NONE] = "Up",
		[K_DOWN - K_NONE] = "Down",
		[K_LEFT - K_NONE] = "Left",
		[K_RIGHT - K_NONE] = "Right",
		[K_PAGE_UP - K_NONE] = "PgUp",
		[K_PAGE_DOWN - K_NONE] = "PgDn",
		[K_HOME - K_NONE] = "Home",
		[K_END - K_NONE] = "End",
		[K_ENTER - K_NONE] = "Enter",
		[K_ESCAPE - K_NONE] = "Esc",
		[K_TAB - K_NONE] = "Tab",
		[K_BACK_TAB - K_NONE] = "Shift-Tab",
		[K_BACKSPACE - K_NONE] = "Backspace",
		[K_SHIFT_LEFT - K_NONE] = "Shift-Left",
		[K_SHIFT_RIGHT - K_NONE] = "Shift-Right",
		[K_F1 - K_NONE] = "F1",
		[K_F10 - K_NONE] = "F10",
	};

	if (key > K_NONE && key - K_NONE < sizeof(names) / sizeof(names[0]) && names[key - K_NONE])
		return names[key - K_NONE];
	if (key == ' ')
		return "Space";
	if (key < ' ')
		snprintf(out, 16, "^%c", (int)key + '@');
	else
		snprintf(out, 16, "%c", (int)key);
	return out;
}
