/* SPDX-License-Identifier: MIT */
#include "common/strings/input.h"

#include <string.h>

#include "common/strings/text.h"

/* Text comes last: its probe takes all that is not known to be something else. */
const struct string_input *const string_inputs[] = {
	&string_capture,
	&string_list_input,
	&string_recording,
	&string_text_input,
};
const unsigned string_input_count = sizeof(string_inputs) / sizeof(string_inputs[0]);

/* What else it is, and what to do with it. */
static enum err refuse(const uint8_t *data, size_t len, struct diag *diag)
{
	bool lua = len >= 6 && !memcmp(data, "\033Lua", 4);

	if ((len >= 2 && data[0] == 0x1f && data[1] == 0x8b) ||
	    (len >= 4 && data[3] == 0xfa && data[2] == 0xfa) || (lua && data[5] == 0x0b))
		return diag_fail(diag, ERR_KIND,
				 "an LFS image: --image FILE leaves out what it holds");
	if (lua)
		return diag_fail(diag, ERR_KIND, "a compiled chunk: lfsdump lists its strings");
	if (len >= 4 && !memcmp(data, "\177ELF", 4))
		return diag_fail(diag, ERR_KIND, "a program (ELF), not what a device printed");
	return diag_fail(diag, ERR_KIND,
			 "no strings found: neither text nor a capture (a RAM dump is given as "
			 "--ram FILE@ADDRESS)");
}

static enum err load(struct string_set *set, const uint8_t *data, size_t len, struct diag *diag)
{
	for (unsigned i = 0; i < string_input_count; i++)
		if (string_inputs[i]->probe(data, len))
			return string_inputs[i]->load(set, data, len, diag);
	return refuse(data, len, diag);
}

enum err string_input_load(struct string_set *set, const uint8_t *data, size_t len,
			   struct diag *diag)
{
	bool mark = len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3);
	uint32_t notes = set->note_count;
	struct buf text = { 0 };
	enum err e;

	if (mark) {
		e = load(set, data + 3, len - 3, diag);
	} else if (text_from_utf16(data, len, &text)) {
		string_set_remark(set, "text", "UTF-16: read as text");
		e = text.failed ? diag_fail(diag, ERR_MEMORY, "out of memory")
				: load(set, text.data, text.len, diag);
		mark = true;
	} else {
		e = load(set, data, len, diag);
	}
	buf_free(&text);
	if (!mark)
		return e;
	string_set_unplace(set, notes);
	if (e && diag)
		diag->placed = false;
	return e;
}
