/* SPDX-License-Identifier: MIT */
#include "tui/manual.h"

#include <stdio.h>
#include <string.h>

#include "common/view/manual.h"
#include "tui/keys.h"

/* "Up, k" */
static void write_key(FILE *f, const struct key_row *r)
{
	char names[100] = "";
	char label[16];

	for (unsigned i = 0; i < sizeof(r->keys) / sizeof(r->keys[0]) && r->keys[i]; i++) {
		size_t n = strlen(names);

		snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
			 key_label(r->keys[i], label));
	}
	manual_item(f, names, r->help);
}

static void write_keys(FILE *f)
{
	bool open = false;

	manual_part(f, "KEYS");
	for (const struct key_row *r = key_rows; r->help; r++) {
		if (open && !r->keys[0])
			manual_list_end(f);
		if (!r->keys[0])
			manual_title(f, r->help);
		else if (!open)
			manual_list(f, strlen("Shift-Right, >"));
		if (r->keys[0])
			write_key(f, r);
		open = r->keys[0] != 0;
	}
	manual_list_end(f);
}

bool tui_manual(const char *what, const struct option_row *rows)
{
	static const struct manual_words words[] = {
		{ "theme", "dark light mono", NULL },
		{ NULL, NULL, NULL },
	};

	return manual_write(stdout, &(struct manual){ "lfstui", rows, words, write_keys }, what);
}
