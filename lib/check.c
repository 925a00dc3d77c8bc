/* SPDX-License-Identifier: MIT */
#include "common/lua/check.h"

#include <stdlib.h>

#include "lib/handle.h"

_Static_assert((int)NLFS_SEVERITY_REFUSED == CHECK_REFUSED &&
		       (int)NLFS_SEVERITY_ERROR == CHECK_ERROR &&
		       (int)NLFS_SEVERITY_NOTE == CHECK_NOTE,
	       "levels are handed through");

struct nlfs_report {
	struct check_report found;
};

bool nlfs_kind(uint32_t i, const char **name, const char **words)
{
	const struct check_kind *k = check_kinds;

	while (k->name && i) {
		k++;
		i--;
	}
	if (!k->name)
		return false;
	*name = k->name;
	*words = k->words;
	return true;
}

static enum nlfs_code find_target(const struct nlfs_target *given, struct check_target *out,
				  struct nlfs_error *error)
{
	struct diag diag = { 0 };

	if (given->kind && given->banner.data)
		return error_argument(error, "a kind of firmware and a banner");
	if (given->kind && !check_kind_find(given->kind, out))
		return error_argument(error, "no such kind of firmware");
	if (given->banner.data)
		check_banner((const uint8_t *)given->banner.data, given->banner.len, out, &diag);
	if (given->region)
		out->region = given->region;
	out->old_tags |= given->old_tags;
	return error_tell(&diag, error);
}

enum nlfs_code nlfs_check(const struct nlfs *l, const struct nlfs_target *target,
			  struct nlfs_report **out, struct nlfs_error *error)
{
	struct check_target firmware = { 0 };
	struct diag diag = { 0 };
	struct nlfs_report *r;
	enum nlfs_code code;

	*out = NULL;
	if (!l)
		return error_argument(error, "no handle");
	code = target ? find_target(target, &firmware, error) : NLFS_OK;
	if (code)
		return code;
	r = calloc(1, sizeof(*r));
	if (!r)
		diag_fail(&diag, ERR_MEMORY, "out of memory");
	else if (check_file(l->file.data, l->file.len, &l->book, &firmware, &r->found, &diag) ==
		 ERR_NONE)
		*out = r;
	if (diag.code)
		nlfs_report_close(r);
	return error_tell(&diag, error);
}

void nlfs_report_close(struct nlfs_report *r)
{
	if (!r)
		return;
	check_free(&r->found);
	free(r);
}

enum nlfs_verdict nlfs_verdict(const struct nlfs_report *r)
{
	if (!r || r->found.refused)
		return NLFS_REFUSED;
	return r->found.bad ? NLFS_UNSAFE : NLFS_ACCEPTED;
}

bool nlfs_finding(const struct nlfs_report *r, uint32_t i, struct nlfs_finding *out)
{
	const struct check_finding *f;

	if (!r || i >= r->found.count)
		return false;
	f = &r->found.findings[i];
	*out = (struct nlfs_finding){
		.severity = (enum nlfs_severity)f->level,
		.placed = f->placed,
		.inflated = f->inflated,
		.offset = f->off,
		.path = f->path,
		.message = f->message,
		.cause = f->cause,
		.remedy = f->remedy,
	};
	return true;
}
