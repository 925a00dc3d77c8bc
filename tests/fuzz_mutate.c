/* SPDX-License-Identifier: MIT */
/* libFuzzer's hooks for the mutator that knows the formats (tests/util_mutate.h). */
#include <string.h>

#include "tests/util_mutate.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen,
				 uint8_t *out, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned seed)
{
	return mutate_input(FUZZ_TARGET, data, len, max, seed, LLVMFuzzerMutate);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen,
				 uint8_t *out, size_t max, unsigned seed)
{
	/* libFuzzer asks for this as often as for the other: too often for images. */
	if (seed % 4 && alen <= max) {
		memcpy(out, a, alen);
		return mutate_input(FUZZ_TARGET, out, alen, max, seed, LLVMFuzzerMutate);
	}
	return mutate_cross(FUZZ_TARGET, a, alen, b, blen, out, max, seed);
}
