/* SPDX-License-Identifier: MIT */
#include "lfsdump/jobs.h"

#include <string.h>

#include "common/lua/identity.h"
#include "common/lua/ncdu.h"
#include "common/view/escape.h"

static enum err put(FILE *f, struct buf *out, struct diag *diag)
{
	enum err e = ERR_NONE;

	if (out->failed)
		e = diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		fwrite(out->data, 1, out->len, f);
	buf_free(out);
	return e;
}

static enum err run_id(FILE *f, const struct settings *s, const struct lua_book *book,
		       struct diag *diag)
{
	const uint8_t *name = (const uint8_t *)book->file;
	uint8_t id[SHA256_BYTES];
	struct buf hex = { 0 };
	struct buf out = { 0 };

	if (!book->img || book->diag.code)
		return ERR_NONE;
	lua_identity(book->img, id);
	for (unsigned i = 0; i < sizeof(id); i++)
		buf_printf(&hex, "%02x", id[i]);
	if (s->style.form == OUTPUT_JSON) {
		buf_str(&out, "{\"file\":");
		escape_json(&out, name, strlen(book->file));
		buf_str(&out, ",\"id\":\"");
		buf_put(&out, hex.data, hex.len);
		buf_str(&out, "\"}\n");
	} else {
		buf_put(&out, hex.data, hex.len);
		buf_str(&out, "  ");
		escape_text(&out, name, strlen(book->file));
		buf_byte(&out, '\n');
	}
	out.failed |= hex.failed;
	buf_free(&hex);
	return put(f, &out, diag);
}

static enum err run_ncdu(FILE *f, const struct settings *s, const struct lua_book *book,
			 struct diag *diag)
{
	struct buf out = { 0 };

	(void)s;
	lua_ncdu(book, &out);
	return put(f, &out, diag);
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
