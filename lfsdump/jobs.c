/* SPDX-License-Identifier: MIT */
#include "lfsdump/jobs.h"

#include <string.h>

#include "common/lua/identity.h"
#include "common/lua/ncdu.h"
#include "common/view/escape.h"
#include "lfsdump/report.h"

static enum err run_id(FILE *f, const struct settings *s, const struct input *in, struct diag *diag)
{
	const struct lua_book *book = in->book;
	uint8_t id[SHA256_BYTES];
	struct buf hex = { 0 };
	struct buf out = { 0 };

	if (!book->img || book->diag.code)
		return ERR_NONE;
	lua_identity(book->img, id);
	for (unsigned i = 0; i < sizeof(id); i++)
		buf_printf(&hex, "%02x", id[i]);
	if (s->style.form == OUTPUT_JSON) {
		json_begin(&out, book->file);
		buf_str(&out, ",\"id\":\"");
		buf_put(&out, hex.data, hex.len);
		buf_str(&out, "\"}\n");
	} else {
		buf_put(&out, hex.data, hex.len);
		buf_str(&out, "  ");
		escape_text(&out, (const uint8_t *)book->file, strlen(book->file));
		buf_byte(&out, '\n');
	}
	out.failed |= hex.failed;
	buf_free(&hex);
	return print_buf(f, &out, diag);
}

static enum err run_ncdu(FILE *f, const struct settings *s, const struct input *in,
			 struct diag *diag)
{
	struct buf out = { 0 };

	(void)s;
	lua_ncdu(in->book, &out);
	return print_buf(f, &out, diag);
}

const struct job job_id = {
	.name = "--id",
	.run = run_id,
	.view = NULL,
	.forms = 1u << OUTPUT_TABLE | 1u << OUTPUT_JSON,
};

const struct job job_ncdu = {
	.name = "--ncdu",
	.run = run_ncdu,
	.view = NULL,
	.forms = 1u << OUTPUT_TABLE,
	.one_file = true,
};

const struct job *const jobs[] = {
	&job_check, &job_against, &job_extract, &job_extract_lfs, &job_id, &job_ncdu, NULL,
};
