/* SPDX-License-Identifier: MIT */
/* libFuzzer's entry for the library: it reads the files of the target "check". */
#include "tests/library_tour.h"
#include "tests/util_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_read("check", data, len, library_tour);
	return 0;
}
