/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "common/base/version.h"
#include "lib/handle.h"

_Static_assert((int)NLFS_IO == ERR_IO && (int)NLFS_MEMORY == ERR_MEMORY &&
		       (int)NLFS_TRUNCATED == ERR_TRUNCATED && (int)NLFS_DAMAGED == ERR_DAMAGED &&
		       (int)NLFS_LIMIT == ERR_LIMIT && (int)NLFS_KIND == ERR_KIND,
	       "codes are handed through");

const char *nlfs_version(void)
{
	return VERSION;
}

enum nlfs_code error_tell(const struct diag *diag, struct nlfs_error *error)
{
	if (error) {
		_Static_assert(sizeof(error->path) == sizeof(diag->path), "paths are copied");
		_Static_assert(sizeof(error->text) == sizeof(diag->text), "texts are copied");
		*error = (struct nlfs_error){
			.code = (enum nlfs_code)diag->code,
			.placed = diag->placed,
			.inflated = diag->inflated,
			.offset = diag->off,
		};
		memcpy(error->path, diag->path, sizeof(error->path));
		memcpy(error->text, diag->text, sizeof(error->text));
	}
	return (enum nlfs_code)diag->code;
}

enum nlfs_code error_argument(struct nlfs_error *error, const char *text)
{
	struct diag diag = { 0 };

	diag_fail(&diag, ERR_KIND, "%s", text);
	error_tell(&diag, error);
	if (error)
		error->code = NLFS_ARGUMENT;
	return NLFS_ARGUMENT;
}

enum nlfs_code handle_give(struct buf *buf, struct diag *diag, uint8_t **data, size_t *len,
			   struct nlfs_error *error)
{
	if (buf->failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	if (diag->code) {
		buf_free(buf);
	} else {
		*data = buf->data;
		*len = buf->len;
		*buf = (struct buf){ 0 };
	}
	return error_tell(diag, error);
}

void nlfs_free(void *data)
{
	free(data);
}
