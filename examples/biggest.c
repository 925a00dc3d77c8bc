/* SPDX-License-Identifier: MIT */
/*
 * What takes the room in an LFS image, what its device would say to it, and a copy without the
 * module that is the biggest.
 *
 *	cc biggest.c $(pkg-config --cflags --libs nodemcu-lfs) -o biggest
 *	./biggest lfs.img [COPY]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nodemcu-lfs.h>

static void complain(const char *file, const struct nlfs_error *e)
{
	fprintf(stderr, "biggest: %s: ", file);
	if (e->placed)
		fprintf(stderr, "offset 0x%" PRIx64 ": ", e->offset);
	fprintf(stderr, "%s%s%s\n", e->path, e->path[0] ? ": " : "", e->text);
}

/* Names are any bytes, and this goes to a terminal. */
static void print_text(struct nlfs_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			putchar(c);
		else
			printf("\\x%02x", c);
	}
}

static int by_size(const void *a, const void *b)
{
	const struct nlfs_module *x = a, *y = b;

	return x->size < y->size ? 1 : x->size > y->size ? -1 : 0;
}

static int list_modules(const struct nlfs *l, uint32_t count)
{
	struct nlfs_module *modules = calloc((size_t)count + 1, sizeof(*modules));

	if (!modules)
		return 1;
	for (uint32_t i = 0; i < count; i++)
		nlfs_module(l, i, &modules[i]);
	qsort(modules, count, sizeof(*modules), by_size);
	for (uint32_t i = 0; i < count; i++) {
		printf("%8" PRIu32 "  ", modules[i].size);
		print_text(modules[i].name);
		putchar('\n');
	}
	free(modules);
	return 0;
}

static int check(const char *file, const struct nlfs *l)
{
	static const char *const words[] = { "accepted", "not safe", "refused" };
	struct nlfs_error error;
	struct nlfs_finding f;
	struct nlfs_report *report;
	enum nlfs_verdict verdict;

	if (nlfs_check(l, NULL, &report, &error)) {
		complain(file, &error);
		return 1;
	}
	verdict = nlfs_verdict(report);
	printf("%s\n", words[verdict]);
	for (uint32_t i = 0; nlfs_finding(report, i, &f); i++)
		printf("%s: %s\n", f.severity == NLFS_SEVERITY_NOTE ? "note" : "error", f.cause);
	nlfs_report_close(report);
	return verdict != NLFS_ACCEPTED;
}

/* All modules but the biggest, as an image for the loader. */
static int write_copy(const struct nlfs *l, const struct nlfs_info *info, const char *path)
{
	struct nlfs_input *in = calloc((size_t)info->modules + 1, sizeof(*in));
	uint32_t biggest = 0, n = 0, size = 0;
	struct nlfs_error error = { .text = "out of memory" };
	struct nlfs_module m;
	uint8_t *data = NULL;
	size_t len = 0;
	bool written = false;
	FILE *f;

	for (uint32_t i = 0; nlfs_module(l, i, &m); i++)
		if (m.size > size) {
			size = m.size;
			biggest = i;
		}
	for (uint32_t i = 0; in && i < info->modules; i++)
		if (i != biggest)
			in[n++] = (struct nlfs_input){ .from = l, .module = i };
	if (!in || nlfs_link(in, n, l, NLFS_STRIP_NONE, info->time, &data, &len, &error)) {
		complain(path, &error);
	} else if ((f = fopen(path, "wb")) == NULL) {
		perror(path);
	} else {
		written = fwrite(data, 1, len, f) == len;
		written = fclose(f) == 0 && written;
		if (!written)
			perror(path);
	}
	free(in);
	nlfs_free(data);
	return !written;
}

int main(int argc, char **argv)
{
	struct nlfs_error error;
	struct nlfs_info info;
	struct nlfs *l;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: biggest IMAGE [COPY]\n");
		return 2;
	}
	status = nlfs_load_file(argv[1], &l, &error) != NLFS_OK;
	if (status)
		complain(argv[1], &error);
	if (l && nlfs_info(l, &info)) {
		printf("%s, %" PRIu32 " modules, %" PRIu64 " bytes in flash\n", info.format,
		       info.modules, info.flash_size);
		if (list_modules(l, info.modules)) {
			fprintf(stderr, "biggest: out of memory\n");
			status = 1;
		}
	}
	if (l)
		status |= check(argv[1], l);
	if (l && !status && argc > 2)
		status = write_copy(l, &info, argv[2]);
	nlfs_close(l);
	if (fflush(stdout) || ferror(stdout)) {
		perror("biggest");
		status = 1;
	}
	return status;
}
