/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/firmware/flash_map.h"

static const char mark[] = " powered by Lua 5.";

/* The first place of the mark at or behind from; NULL: there is none. */
static const uint8_t *find_mark(const uint8_t *p, size_t n)
{
	const size_t want = sizeof(mark) - 1;

	while (n >= want) {
		const uint8_t *at = memchr(p, mark[0], n - want + 1);

		if (!at)
			return NULL;
		if (memcmp(at, mark, want) == 0)
			return at;
		n -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	return NULL;
}

bool flash_is_irom0(const uint8_t *data, size_t len)
{
	enum { REST_MAX = 64 };                    /* bytes behind the mark: "1.4 on SDK %s" */
	static const char archive[] = "!<arch>\n"; /* objects that a firmware is linked of */
	const uint8_t *at = len <= FLASH_WINDOW ? find_mark(data, len) : NULL;
	size_t left, n;

	if (!at || !memcmp(data, archive, sizeof(archive) - 1))
		return false;
	left = (size_t)(data + len - at);
	n = left < REST_MAX ? left : REST_MAX;
	for (size_t i = 0; i < n; i++)
		if (at[i] == 0 || at[i] == '\r')
			return at[i] == 0;
	return false;
}

const char *flash_banner(const struct firmware *fw, size_t *len)
{
	for (uint32_t i = 0; i < fw->nsections; i++) {
		const struct firmware_section *s = &fw->sections[i];
		const uint8_t *at = s->bytes ? find_mark(s->bytes, s->nbytes) : NULL;
		const uint8_t *from = at;
		const uint8_t *end;

		if (!at)
			continue;
		while (from > s->bytes && from[-1])
			from--;
		end = memchr(at, 0, s->nbytes - (size_t)(at - s->bytes));
		if (!end)
			continue;
		*len = (size_t)(end - from);
		return (const char *)from;
	}
	return NULL;
}
