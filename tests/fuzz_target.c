/* SPDX-License-Identifier: MIT */
/* libFuzzer's entry; the Makefile builds it once for each target, with FUZZ_TARGET its name. */
#include "tests/util_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_run(FUZZ_TARGET, data, len, false);
	return 0;
}
