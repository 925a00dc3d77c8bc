/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

enum args { NONE, COUNT, MAYBE, WORDS };

static const struct row {
	const char *name;
	enum args args;
	const char *help;
} rows[FAULT_COUNT] = {
	[FAULT_LOSE] = { "lose", COUNT, "every Nth byte to the client is lost; ~N: at random" },
	[FAULT_LOSE_IN] = { "lose-in", COUNT, "the same for bytes from the client" },
	[FAULT_DOUBLE] = { "double", COUNT, "every Nth byte comes twice" },
	[FAULT_DOUBLE_IN] = { "double-in", COUNT, "the same for bytes from the client" },
	[FAULT_FLIP] = { "flip", COUNT, "a bit of every Nth byte is changed" },
	[FAULT_FLIP_IN] = { "flip-in", COUNT, "the same for bytes from the client" },
	[FAULT_RESTART] = { "restart", COUNT, "restart after N bytes to the client" },
	[FAULT_RESTART_IN] = { "restart-in", COUNT, "restart after N bytes from the client" },
	[FAULT_NOISE] = { "noise", COUNT, "the application prints about every N bytes" },
	[FAULT_CHATTER] = { "chatter", COUNT, "it prints about every N ms, between tasks" },
	[FAULT_SLOW] = { "slow", COUNT, "N bytes a second to the client" },
	[FAULT_OOM] = { "oom", COUNT, "not enough memory to list more than N strings" },
	[FAULT_HEAP] = { "heap", COUNT, "N bytes of heap are free from now on" },
	[FAULT_ECHO] = { "echo", NONE, "no echo" },
	[FAULT_BANNER] = { "banner", NONE, "no banner at the next start" },
	[FAULT_GARBAGE] = { "garbage", NONE, "no garbage before the banner" },
	[FAULT_STEAL] = { "steal", NONE, "the application takes the console" },
	[FAULT_LF] = { "lf", NONE, "LF only and coloured log lines, as ESP32" },
	[FAULT_MISSING] = { "missing", WORDS, "modules or functions that are not built in: a,b.c" },
	[FAULT_PROMPT] = { "prompt", WORDS, "other prompts: FIRST,SECOND" },
	[FAULT_LOOP] = { "loop", NONE, "init.lua never returns, from the next start on" },
	[FAULT_DEAD] = { "dead", NONE, "nothing comes any more" },
	[FAULT_STRANGER] = { "stranger", NONE, "no NodeMCU: a modem" },
	[FAULT_UNPLUG] = { "unplug", MAYBE, "the port goes away, at once or after N bytes" },
	[FAULT_CUT] = { "cut", COUNT, "no power at the Nth page of LFS erased or written" },
	[FAULT_DUMP] = { "dump", NONE, "string.dump dumps nothing" },
};

void faults_print_help(FILE *out)
{
	static const char *const args[] = { "", "=[~]N", "[=N]", "=WORDS" };

	for (size_t i = 0; i < FAULT_COUNT; i++) {
		char head[32];
		snprintf(head, sizeof(head), "%s%s", rows[i].name, args[rows[i].args]);
		fprintf(out, "      %-18s %s\n", head, rows[i].help);
	}
}

static bool read_args(struct fault_state *s, enum args args, const char *text)
{
	char *end;

	if (args == WORDS) {
		snprintf(s->text, sizeof(s->text), "%s", text);
		return *text;
	}
	if (!*text)
		return args != COUNT;
	if (args == NONE)
		return false;
	s->random = *text == '~';
	s->n = (uint32_t)strtoul(text + s->random, &end, 10);
	s->left = s->n;
	return !*end && s->n > 0;
}

int faults_set(struct faults *f, const char *text)
{
	size_t len = strcspn(text, " =");
	const char *args = text + len + (text[len] != 0);

	for (int i = 0; i < FAULT_COUNT; i++) {
		struct fault_state s = { .on = true };

		if (strlen(rows[i].name) != len || memcmp(rows[i].name, text, len))
			continue;
		if (!strcmp(args, "off"))
			s.on = false;
		else if (!read_args(&s, rows[i].args, args))
			return -1;
		f->of[i] = s;
		return i;
	}
	return -1;
}

/* xorshift64*: any seed but 0 will do. */
uint32_t faults_random(struct faults *f, uint32_t n)
{
	uint64_t x = f->seed ? f->seed : 1;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	f->seed = x;
	return (uint32_t)((x * UINT64_C(2685821657736338717) >> 32) % n);
}

bool faults_hit(struct faults *f, enum fault fault)
{
	struct fault_state *s = &f->of[fault];

	if (!s->on || s->n == 0)
		return false;
	if (s->random)
		return faults_random(f, s->n) == 0;
	if (--s->left > 0)
		return false;
	s->left = s->n;
	return true;
}
