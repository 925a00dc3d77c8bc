/* SPDX-License-Identifier: MIT */
/*
 * An image taken apart: FOLDER gets its modules as 0.lc, 1.lc ..., the whole of it for the loader
 * as image.img and, when ADDRESS tells where the region is mapped, as it stands there as flash.img.
 *
 *	cc unpack.c $(pkg-config --cflags --libs nodemcu-lfs) -o unpack
 *	./unpack lfs.img FOLDER [ADDRESS]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nodemcu-lfs.h>

static int complain(const char *what, const struct nlfs_error *e)
{
	fprintf(stderr, "unpack: %s: %s\n", what, e->text);
	return 1;
}

/* Releases data. */
static int save(const char *folder, const char *name, uint8_t *data, size_t len)
{
	char path[4096];
	FILE *f;
	bool written;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path)) {
		fprintf(stderr, "unpack: %s: too long\n", folder);
		nlfs_free(data);
		return 1;
	}
	f = fopen(path, "wb");
	written = f && fwrite(data, 1, len, f) == len;
	if (f)
		written = fclose(f) == 0 && written;
	if (!written)
		perror(path);
	nlfs_free(data);
	return !written;
}

static int unpack(const struct nlfs *l, const char *folder, uint32_t address)
{
	struct nlfs_error error;
	struct nlfs_module m;
	char name[32];
	uint8_t *data;
	size_t len;
	int status = 0;

	for (uint32_t i = 0; nlfs_module(l, i, &m); i++) {
		snprintf(name, sizeof(name), "%" PRIu32 ".lc", i);
		if (nlfs_write_chunk(l, i, &data, &len, &error))
			status = complain(name, &error);
		else
			status |= save(folder, name, data, len);
	}
	if (nlfs_write_image(l, 0, &data, &len, &error))
		status = complain("image.img", &error);
	else
		status |= save(folder, "image.img", data, len);
	if (!address)
		return status;
	if (nlfs_write_image(l, address, &data, &len, &error))
		return complain("flash.img", &error);
	return save(folder, "flash.img", data, len) | status;
}

/* As C has numbers: 0x40296000, 262144. False for all else. */
static bool read_number(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

int main(int argc, char **argv)
{
	struct nlfs_error error;
	struct nlfs *l;
	uint32_t address = 0;
	int status;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: unpack IMAGE FOLDER [ADDRESS]\n");
		return 2;
	}
	if (argc > 3 && !read_number(argv[3], &address)) {
		fprintf(stderr, "unpack: %s: not an address\n", argv[3]);
		return 2;
	}
	if (nlfs_load_file(argv[1], &l, &error))
		status = complain(argv[1], &error);
	else
		status = unpack(l, argv[2], address);
	nlfs_close(l);
	return status;
}
