/* SPDX-License-Identifier: MIT */
/*
 * What devices of a kind would say to files: a line for each, with the device's own words.
 *
 *	cc verdict.c $(pkg-config --cflags --libs nodemcu-lfs) -o verdict
 *	./verdict lua51-float 262144 FILE ...
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nodemcu-lfs.h>

static int judge(const char *path, const struct nlfs_target *target)
{
	static const char *const words[] = { "accepted", "unsafe", "refused" };
	struct nlfs_error error;
	struct nlfs_report *report = NULL;
	struct nlfs_finding f;
	struct nlfs *l;
	const char *message = "";

	/* Damage is the verdict's business. */
	nlfs_load_file(path, &l, &error);
	if (!l || nlfs_check(l, target, &report, &error)) {
		fprintf(stderr, "verdict: %s: %s\n", path, error.text);
		nlfs_close(l);
		return 1;
	}
	for (uint32_t i = 0; nlfs_finding(report, i, &f); i++)
		if (f.severity != NLFS_SEVERITY_NOTE) {
			message = f.message;
			break;
		}
	printf("%s\t%s\n", words[nlfs_verdict(report)], message);
	nlfs_report_close(report);
	nlfs_close(l);
	return 0;
}

/* As C has numbers: 262144, 0x40000. False for all else. */
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
	struct nlfs_target target = { 0 };
	const char *name, *means;
	int status = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: verdict KIND REGION FILE ...\n");
		for (uint32_t i = 0; nlfs_kind(i, &name, &means); i++)
			fprintf(stderr, "  %-22s %s\n", name, means);
		return 2;
	}
	target.kind = argv[1];
	if (!read_number(argv[2], &target.region)) {
		fprintf(stderr, "verdict: %s: not a number of bytes\n", argv[2]);
		return 2;
	}
	for (int i = 3; i < argc; i++)
		status |= judge(argv[i], &target);
	return fflush(stdout) || ferror(stdout) ? 1 : status;
}
