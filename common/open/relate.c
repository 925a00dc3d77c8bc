/* SPDX-License-Identifier: MIT */
/* What stands between several subjects. */
#include <string.h>

#include "common/open/open.h"

static bool is_image(const struct subject *s)
{
	return s->book && s->book->img;
}

enum err subject_compare(struct subject *old, struct subject *now, struct diag *diag,
			 struct subject **out)
{
	*out = NULL;
	if (is_image(old) && is_image(now))
		return open_diff(old, now, diag, out);
	if (open_firmware_is_elf(old) && open_firmware_is_elf(now))
		return open_firmware_diff(old, now, diag, out);
	return diag_fail(diag, ERR_KIND, "compares images and chunks, or ELF files");
}

/* Appends what the difference is of, when there are two of a kind and no more. */
static void compare_two(struct subject **list, unsigned n, bool (*is)(const struct subject *s),
			struct subject **diff, struct diag *diag)
{
	struct subject *two[2] = { NULL, NULL };
	struct diag own = { 0 };
	unsigned found = 0;

	*diff = NULL;
	for (unsigned i = 0; i < n; i++)
		if (is(list[i]) && found++ < 2)
			two[found - 1] = list[i];
	if (found == 2 && subject_compare(two[0], two[1], &own, diff) && !diag->code)
		*diag = own;
}

enum err subject_relate(struct subject **list, unsigned *n, struct diag *diag)
{
	struct subject *diffs[SUBJECT_DIFFS];
	struct subject *image = NULL;

	for (unsigned i = *n; i-- > 0;)
		if (is_image(list[i]))
			image = list[i];
	for (unsigned i = 0; i < *n && image; i++)
		subject_set_image(list[i], image->book, diag);
	compare_two(list, *n, is_image, &diffs[0], diag);
	compare_two(list, *n, open_firmware_is_elf, &diffs[1], diag);
	for (unsigned i = SUBJECT_DIFFS; i-- > 0;) {
		if (!diffs[i])
			continue;
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is moved */
		memmove(list + 1, list, *n * sizeof(*list));
		list[0] = diffs[i];
		++*n;
	}
	return diag->code;
}

void open_diff_label(struct subject *const side[2], struct buf *out)
{
	buf_str(out, file_base_name(side[0]->name));
	buf_str(out, " -> ");
	buf_str(out, file_base_name(side[1]->name));
}

void *open_diff_new(size_t size, const struct subject_kind *kind, const struct subject *old,
		    const struct subject *now, struct diag *diag)
{
	struct buf name = { 0 };
	void *s;

	buf_printf(&name, "%s -> %s", old->name, now->name);
	buf_byte(&name, 0);
	s = name.failed ? NULL : open_new(size, kind, (const char *)name.data, diag);
	buf_free(&name);
	if (!s)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return s;
}
