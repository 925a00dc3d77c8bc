/* SPDX-License-Identifier: MIT */
#include "tests/util_mutate.h"

#include <string.h>

#include "common/base/gzip.h"
#include "tests/util_gzip.h"
#include "tests/util_mutate_parts.h"

enum { INFLATED_MAX = 1 << 16, CHOICE = 100, GZIPPED, FLASHED };

/* Whose inputs are of which form; CHOICE: the first byte tells, as in tests/util_fuzz.c. */
static const struct {
	const char *target;
	unsigned form;
} forms[] = {
	{ "lfs51", MUTATE_RELOCATABLE },
	{ "lfs51_absolute", MUTATE_ABSOLUTE51 },
	{ "lfs51_2018", MUTATE_CHAINED },
	{ "lc51", MUTATE_CHUNK51 },
	{ "lfs53", MUTATE_PORTABLE },
	{ "lfs53_absolute", MUTATE_ABSOLUTE53 },
	{ "lc53", MUTATE_CHUNK53 },
	{ "gzip", GZIPPED },
	{ "rebuild", CHOICE },
	{ "check", CHOICE },
	{ "diff", CHOICE },
	{ "library", CHOICE },
	{ "flash", FLASHED },
};

struct job {
	enum mutate_form form;
	size_t skip; /* bytes before the image, kept */
	bool gzipped;
	struct rng rng;
};

static bool job_begin(struct job *j, const char *target, const uint8_t *data, size_t len,
		      uint32_t seed)
{
	static const enum mutate_form choice[] = {
		MUTATE_RELOCATABLE, MUTATE_ABSOLUTE51, MUTATE_CHAINED, MUTATE_CHUNK51,
		MUTATE_PORTABLE,    MUTATE_ABSOLUTE53, MUTATE_CHUNK53,
	};
	unsigned i = 0;

	*j = (struct job){ .rng = { (seed + 1) * 0x9e3779b97f4a7c15u } };
	while (i < sizeof(forms) / sizeof(forms[0]) && strcmp(forms[i].target, target) != 0)
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]))
		return false;
	j->gzipped = forms[i].form == GZIPPED;
	if (forms[i].form == CHOICE) {
		j->skip = 1;
		if (len == 0 || data[0] % 8 >= sizeof(choice) / sizeof(choice[0]))
			return false;
		j->form = choice[data[0] % 8];
	} else if (forms[i].form == FLASHED) {
		j->skip = 256;
		if (len < j->skip + 4)
			return false;
		j->form = data[j->skip + 1] == 0xa2 ? MUTATE_ABSOLUTE53 : MUTATE_ABSOLUTE51;
	} else if (!j->gzipped) {
		j->form = (enum mutate_form)forms[i].form;
	}
	return true;
}

static bool job_inside(const struct job *j, const uint8_t *data, size_t len, struct buf *out)
{
	struct diag diag = { 0 };
	size_t trailing;

	if (!j->gzipped)
		buf_put(out, data + j->skip, len - j->skip);
	else
		gzip_inflate(data, len, INFLATED_MAX, &diag, out, &trailing);
	return out->len > 0;
}

/* The whole input: what stands before, the image, and gzip around it. */
static bool job_wrap(struct job *j, const uint8_t *data, const struct buf *image, struct buf *out)
{
	if (j->gzipped)
		gzip_wrap(image->data, image->len, rng_one_in(&j->rng, 4) ? 0 : 9, out);
	else
		buf_put(out, data, j->skip);
	if (!j->gzipped)
		buf_put(out, image->data, image->len);
	return !out->failed;
}

static bool job_run(struct job *j, const uint8_t *data, size_t len, const struct bytes *other,
		    unsigned rounds, struct buf *out)
{
	struct buf in = { 0 }, image = { 0 };
	bool done = false;

	if (job_inside(j, data, len, &in)) {
		struct bytes b = { in.data, in.len };

		done = (j->form >= MUTATE_CHUNK51 ? mutate_stream : mutate_image)(
			j->form, &j->rng, b, other, rounds, &image);
	}
	done = done && job_wrap(j, data, &image, out);
	buf_free(&in);
	buf_free(&image);
	return done;
}

/* Returns 0 when the mutant is too long. */
static size_t take(struct buf *b, uint8_t *out, size_t max)
{
	size_t n = b->len <= max ? b->len : 0;

	if (n)
		memcpy(out, b->data, n);
	buf_free(b);
	return n;
}

size_t mutate_input(const char *target, uint8_t *data, size_t len, size_t max, uint32_t seed,
		    mutate_plain *plain)
{
	struct buf out = { 0 };
	struct job j;
	size_t n = 0;

	if (job_begin(&j, target, data, len, seed) && !rng_one_in(&j.rng, 3)) {
		unsigned rounds = 1 + (rng_one_in(&j.rng, 2) ? rng_below(&j.rng, 4) : 0);

		job_run(&j, data, len, NULL, rounds, &out);
		n = take(&out, data, max);
	}
	return n ? n : plain(data, len, max);
}

size_t mutate_cross(const char *target, const uint8_t *a, size_t alen, const uint8_t *b,
		    size_t blen, uint8_t *out, size_t max, uint32_t seed)
{
	struct buf mutant = { 0 }, part = { 0 };
	struct job j, other;

	if (job_begin(&other, target, b, blen, seed) && job_begin(&j, target, a, alen, seed) &&
	    j.form == other.form && job_inside(&other, b, blen, &part)) {
		struct bytes bytes = { part.data, part.len };

		job_run(&j, a, alen, &bytes, 1, &mutant);
	}
	buf_free(&part);
	return take(&mutant, out, max);
}

bool mutate_copy(const char *target, const uint8_t *data, size_t len, uint8_t *out, size_t max,
		 size_t *out_len)
{
	struct buf b = { 0 };
	struct job j;

	if (job_begin(&j, target, data, len, 1))
		job_run(&j, data, len, NULL, 0, &b);
	*out_len = take(&b, out, max);
	return *out_len > 0;
}
