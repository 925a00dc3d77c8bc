/* SPDX-License-Identifier: MIT */
#include "common/strings/input.h"

/* Text comes last: its probe takes all that is not known to be something else. */
const struct string_input *const string_inputs[] = {
	&string_capture,
	&string_recording,
	&string_text_input,
};
const unsigned string_input_count = sizeof(string_inputs) / sizeof(string_inputs[0]);

enum err string_input_load(struct string_set *set, const uint8_t *data, size_t len,
			   struct diag *diag)
{
	for (unsigned i = 0; i < string_input_count; i++)
		if (string_inputs[i]->probe(data, len))
			return string_inputs[i]->load(set, data, len, diag);
	return diag_fail(diag, ERR_KIND,
			 "neither text nor a capture (RAM dumps and images have options "
			 "of their own)");
}
