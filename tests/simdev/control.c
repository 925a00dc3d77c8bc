/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim.h"

bool control_open(struct control *c, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	c->listener = c->fd = -1;
	if (!path)
		return true;
	c->path = path;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	unlink(path);
	c->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	return c->listener >= 0 && bind(c->listener, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	       listen(c->listener, 4) == 0 && fcntl(c->listener, F_SETFL, O_NONBLOCK) == 0;
}

void control_close(struct control *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->listener >= 0)
		close(c->listener);
	if (c->path)
		unlink(c->path);
	c->fd = c->listener = -1;
}

static const char *stats(struct sim *sim, const char *args, FILE *out)
{
	struct table t = { 0 };
	struct table_sums s;

	(void)args;
	if (sim->L)
		sim_strings(sim, &t);
	s = table_sums(&t);
	table_free(&t);
	fprintf(out, "strings %u\nstring_bytes %llu\nstring_sum %u\n", s.count,
		(unsigned long long)s.bytes, s.sum);
	fprintf(out, "heap_used %zu\nheap_peak %zu\nheap_limit %zu\n", sim->heap.used,
		sim->heap.peak, sim->heap.limit);
	fprintf(out, "bytes_in %llu\nbytes_out %llu\noverwritten %llu\nnoise %u\n",
		(unsigned long long)sim->wire.in, (unsigned long long)sim->wire.sent,
		(unsigned long long)sim->wire.overwritten, sim->noise);
	return NULL;
}

static const char *mark(struct sim *sim, const char *args, FILE *out)
{
	(void)args;
	if (sim->L && lua_status(sim->L) == LUA_OK)
		lua_gc(sim->L, LUA_GCCOLLECT, 0);
	sim->heap.peak = sim->heap.used;
	fprintf(out, "heap_used %zu\n", sim->heap.used);
	return NULL;
}

static const char *strings(struct sim *sim, const char *args, FILE *out)
{
	struct table t = { 0 };

	(void)args;
	if (!sim->L)
		return "the device is down";
	sim_strings(sim, &t);
	table_print(&t, out);
	table_free(&t);
	return NULL;
}

/* Globals of the session, without what the firmware makes. */
static void print_globals(struct sim *sim, FILE *out)
{
	lua_State *L = sim->L;
	size_t limit = sim->heap.limit;

	sim->heap.limit = SIZE_MAX; /* looking must not fail */
	fputs("globals", out);
	lua_getglobal(L, "_G");
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (lua_type(L, -2) == LUA_TSTRING &&
		    !table_has(&sim->own, lua_tostring(L, -2), lua_rawlen(L, -2)))
			fprintf(out, " %s", lua_tostring(L, -2));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	fputc('\n', out);
	sim->heap.limit = limit;
}

static const char *state(struct sim *sim, const char *args, FILE *out)
{
	(void)args;
	fprintf(out, "running %d\ncontinuation %d\necho %d\nconsole %d\ntyped %zu\nclient %d\n",
		sim->L && !sim->restarting, sim->partial != LUA_NOREF, sim->console.echo,
		sim->console.runs && !sim->faults.of[FAULT_STEAL].on, sim->console.len,
		wire_present(&sim->wire));
	if (sim->L && lua_checkstack(sim->L, 10))
		print_globals(sim, out);
	return NULL;
}

static const char *fault(struct sim *sim, const char *args, FILE *out)
{
	(void)out;
	return sim_fault(sim, args) ? NULL : "no such fault, or not its arguments";
}

/* A fault after so many bytes to the client. */
static const char *after(struct sim *sim, const char *args, FILE *out)
{
	char *text;
	unsigned long n = strtoul(args, &text, 10);

	(void)out;
	if (!n || n > UINT32_MAX || *text != ' ')
		return "after N FAULT";
	snprintf(sim->later.text, sizeof(sim->later.text), "%s", text + 1);
	sim->later.left = (uint32_t)n;
	return NULL;
}

static const char *reset(struct sim *sim, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	sim_restart(sim, SIM_POWER_ON);
	return NULL;
}

/* As if somebody else had typed it; \n and \r are written so. */
static const char *type(struct sim *sim, const char *args, FILE *out)
{
	(void)out;
	for (; *args; args++) {
		char c = *args;
		if (c == '\\' && (args[1] == 'n' || args[1] == 'r'))
			c = *++args == 'n' ? '\n' : '\r';
		wire_type(&sim->wire, (uint8_t)c);
	}
	return NULL;
}

/* The application prints a line now. */
static const char *say(struct sim *sim, const char *args, FILE *out)
{
	(void)out;
	sim_say(sim, args);
	wire_flush(&sim->wire);
	return NULL;
}

static const char *plug(struct sim *sim, const char *args, FILE *out)
{
	(void)args;
	if (sim->wire.fd >= 0 || sim->wire.listener >= 0)
		return "it is plugged in";
	if (!wire_open_pty(&sim->wire, *sim->wire.link ? sim->wire.link : NULL))
		return strerror(errno);
	fprintf(out, "%s\n", sim->wire.path);
	return NULL;
}

static const char *quit(struct sim *sim, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	sim->stopping = true;
	sim->restarting = true;
	return NULL;
}

static const struct command {
	const char *name;
	const char *(*run)(struct sim *sim, const char *args, FILE *out); /* NULL: fine */
} commands[] = {
	{ "stats", stats },
	{ "mark", mark },
	{ "strings", strings },
	{ "state", state },
	{ "fault", fault },
	{ "reset", reset },
	{ "type", type },
	{ "say", say },
	{ "after", after },
	{ "plug", plug },
	{ "quit", quit },
	{ "device", control_device },
	{ "expect", control_expect },
};

static void run(struct sim *sim, char *line)
{
	size_t len = strcspn(line, " ");
	const char *args = line + len + (line[len] != 0), *error = "no such command";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].name) == len && !memcmp(commands[i].name, line, len))
			error = commands[i].run(sim, args, out);
	if (error)
		fprintf(out, "error %s\n", error);
	else
		fputs("ok\n", out);
	fclose(out);
	for (size_t done = 0; done < size;) {
		ssize_t n = send(sim->control.fd, text + done, size - done, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	free(text);
}

static void take(struct sim *sim, char c)
{
	struct control *control = &sim->control;

	if (c != '\n') {
		if (control->len + 1 < sizeof(control->line))
			control->line[control->len++] = c;
		return;
	}
	control->line[control->len] = 0;
	control->len = 0;
	run(sim, control->line);
}

void control_poll(struct sim *sim)
{
	struct control *c = &sim->control;
	char bytes[256];
	ssize_t n;

	if (c->listener < 0)
		return;
	if (c->fd < 0)
		c->fd = accept(c->listener, NULL, NULL);
	if (c->fd < 0)
		return;
	n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	for (ssize_t i = 0; i < n; i++)
		take(sim, bytes[i]);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(c->fd);
		c->fd = -1;
		c->len = 0;
	}
}
