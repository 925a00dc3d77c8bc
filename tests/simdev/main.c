/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "common/base/file.h"
#include "sim.h"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "simdev: %s: %s\n", what, why);
	exit(1);
}

static void load_strings(struct sim *sim)
{
	const struct config *c = sim->config;
	char path[64];

	snprintf(path, sizeof(path), "tests/golden/ram/heap-%s.strings.txt", c->variant);
	if (!table_load(&sim->kept, c->strings ? c->strings : path, !c->strings))
		die(c->strings ? c->strings : path, "no table of strings");
}

static void load_files(struct sim *sim)
{
	const struct config *c = sim->config;

	fs_init(&sim->fs, c->folder, c->space);
	for (size_t i = 0; i < c->nfiles; i++) {
		const char *equals = strchr(c->files[i], '='), *slash;
		const char *path = equals ? equals + 1 : c->files[i];
		struct diag diag = { 0 };
		struct file file;
		char name[FS_NAME + 1];

		slash = strrchr(path, '/');
		if (equals)
			snprintf(name, sizeof(name), "%.*s", (int)(equals - c->files[i]),
				 c->files[i]);
		else
			snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
		if (file_load(path, &diag, &file) != ERR_NONE)
			die(path, diag.text);
		if (!fs_store(&sim->fs, name, file.data, file.len))
			die(path, "does not fit");
		file_close(&file);
	}
	if (c->init)
		fs_store(&sim->fs, "init.lua", c->init, strlen(c->init));
	else if (!fs_find(&sim->fs, "init.lua"))
		fs_store(&sim->fs, "init.lua", "-- nothing\n", 11);
}

static void load_region(struct sim *sim)
{
	const char *path = sim->config->lfs;
	char message[IMAGE_MESSAGE] = "";
	struct diag diag = { 0 };
	struct file file;

	if (!region_open(&sim->lfs.region, sim->config->folder, sim->config->lfs_size))
		die("region", strerror(errno));
	if (!path || !sim->lfs.region.fresh)
		return;
	if (file_load(path, &diag, &file) != ERR_NONE)
		die(path, diag.text);
	if (!lfs_put(sim, file.data, file.len, message))
		die(path, *message ? message : "the loader crashes");
	file_close(&file);
}

static void open_all(struct sim *sim)
{
	const struct config *c = sim->config;

	sim->faults.seed = c->seed;
	sim->wire.fast = c->fast;
	sim->wire.check_baud = c->check_baud;
	sim->wire.faults = &sim->faults;
	sim->wire.baud = c->baud;
	for (size_t i = 0; i < c->nfaults; i++)
		if (!sim_fault(sim, c->faults[i]))
			die(c->faults[i], "no such fault, or not its arguments");
	load_strings(sim);
	load_files(sim);
	load_region(sim);
	if (!control_open(&sim->control, c->control))
		die(c->control, strerror(errno));
	if (c->telnet ? !wire_open_telnet(&sim->wire, c->port)
		      : !wire_open_pty(&sim->wire, c->link))
		die(c->link ? c->link : "port", strerror(errno));
	printf("%s\n", sim->wire.path);
	fflush(stdout);
}

static void set_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* From one start to the next restart. */
static void live(struct sim *sim)
{
	if (setjmp(sim->panic) == 0) {
		sim_boot(sim);
		while (!sim->restarting)
			if (!sim_run(sim))
				sim_poll(sim, sim_timeout(sim));
	}
	sim_shut_down(sim);
}

int main(int argc, char **argv)
{
	static struct sim sim;
	static struct config config;

	config_read(&config, argc, argv);
	sim.config = &config;
	sim.signalled = &stop;
	set_signals();
	open_all(&sim);
	while (config.wait && !stop && !wire_present(&sim.wire))
		clock_sleep(2 * CLOCK_MS);
	while (!stop && !sim.stopping)
		live(&sim);
	control_close(&sim.control);
	wire_close(&sim.wire);
	fs_free(&sim.fs);
	lfs_free(&sim.lfs);
	table_free(&sim.kept);
	buf_free(&sim.scratch);
	buf_free(&sim.input);
	buf_free(&sim.pile);
	return 0;
}
