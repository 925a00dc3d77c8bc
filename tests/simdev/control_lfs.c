/* SPDX-License-Identifier: MIT */
/*
 * What the region holds, whatever the device thinks of it; and what it would hold.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/base/file.h"
#include "common/base/rd.h"
#include "common/base/sha256.h"
#include "sim.h"

static void print_sum(FILE *out, const void *data, size_t len)
{
	struct sha256 s = sha256_begin();
	uint8_t hash[SHA256_BYTES];

	sha256_add(&s, data, len);
	sha256_end(&s, hash);
	fputs("lfs_sum ", out);
	for (size_t i = 0; i < sizeof(hash); i++)
		fprintf(out, "%02x", hash[i]);
	fputc('\n', out);
}

static void print_image(FILE *out, const struct sim *sim, const struct lua_image *img)
{
	int64_t seconds;

	fprintf(out, "lfs_used %u\n", (unsigned)image_size(img));
	print_sum(out, sim->lfs.region.bytes, image_size(img));
	if (image_time(img, &seconds))
		fprintf(out, "lfs_time %" PRId64 "\n", seconds);
	fputs("lfs_modules", out);
	for (uint32_t i = 0; i < image_modules(img); i++) {
		size_t len;
		const char *name = image_module(img, i, &len);

		fprintf(out, " %.*s", (int)len, name);
	}
	fputc('\n', out);
}

const char *control_device(struct sim *sim, const char *args, FILE *out)
{
	const uint8_t *region = sim->lfs.region.bytes;
	char message[IMAGE_MESSAGE];
	struct lua_image *img;
	bool there = image_boot(sim->config->variant, sim->config->lfs_size, region, message, &img);

	(void)args;
	fprintf(out, "lfs %s\n",
		img                          ? "image"
		: there                      ? "unreadable"
		: le32(region) == UINT32_MAX ? "none"
					     : "broken");
	if (img)
		print_image(out, sim, img);
	image_free(img);
	fprintf(out, "pending %s\nstarts %u\nheap_free %zu\nfs_used %zu\nfs_total %zu\n",
		sim->lfs.region.pending, sim->starts, sim->L ? heap_free(&sim->heap) : 0,
		fs_used(&sim->fs), sim->fs.total);
	return NULL;
}

const char *control_expect(struct sim *sim, const char *args, FILE *out)
{
	char message[IMAGE_MESSAGE] = "";
	const char *variant = sim->config->variant;
	struct buf bytes = { 0 };
	struct diag diag = { 0 };
	struct file file;
	uint32_t heap;
	bool taken;

	if (file_load(args, &diag, &file) != ERR_NONE)
		return "the file cannot be read";
	taken = image_accept(variant, sim->config->lfs_size, file.data, file.len, message, &heap);
	if (taken && image_lay_out(variant, sim->config->lfs_size, file.data, file.len, &bytes))
		print_sum(out, bytes.data, bytes.len);
	else
		fprintf(out, "refused %s\n", message);
	buf_free(&bytes);
	file_close(&file);
	return NULL;
}
