/* SPDX-License-Identifier: MIT */
/*
 * The device: one Lua state, one line, one file system; what lasts over a restart and what does
 * not.
 */
#ifndef SIMDEV_SIM_H
#define SIMDEV_SIM_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "console.h"
#include "control.h"
#include "faults.h"
#include "fs.h"
#include "heap.h"
#include "lang.h"
#include "lfs.h"
#include "rom.h"
#include "table.h"
#include "wire.h"

enum { SIM_TIMERS = 16, SIM_TASKS = 32 };

struct sim_timer {
	bool armed;
	int mode; /* 0 once, 1 once and kept, 2 again and again */
	int64_t period_ns, due_ns;
	int callback; /* registry references */
	int object;
};

enum sim_cause {
	SIM_POWER_ON, /* at once, as by the reset pin */
	SIM_SOFT,     /* when the running task is done: node.restart() */
	SIM_WATCHDOG, /* at once */
};

struct sim {
	struct heap heap; /* first: Lua's allocator is given a pointer to it */
	const struct config *config;
	struct faults faults;
	struct {
		uint32_t left; /* bytes to the client until then; 0: none */
		char text[FAULT_TEXT];
	} later; /* a fault to come */
	struct wire wire;
	struct fs fs;
	struct lfs lfs;
	struct control control;
	struct table kept; /* strings of the application */
	struct buf scratch;
	const volatile sig_atomic_t *signalled;

	/* From here on all is new after a restart. */
	struct console console;
	lua_State *L;
	struct roms roms;
	struct table steady; /* those of kept that are not in the image */
	struct table own;    /* strings of this machine's interpreter */
	struct buf input;    /* lines that wait for the interpreter */
	struct buf pile;     /* telnet: output of the task so far */
	int partial;         /* registry reference of an unfinished statement */
	char modules[128];   /* as the banner lists them */
	char prompt[2][FAULT_TEXT];
	struct sim_timer timers[SIM_TIMERS];
	int tasks[SIM_TASKS]; /* references of functions posted */
	unsigned ntasks;
	int64_t started_ns, task_ns; /* when the device and the task began */
	int64_t restart_ns;          /* restart then, between tasks; 0: no */
	int64_t chatter_ns;
	unsigned starts; /* of the device, since simdev began */
	unsigned noise;  /* lines printed by the application */
	enum sim_cause cause;
	bool restarting; /* as soon as Lua lets go */
	bool hung;       /* until it is reset */
	bool in_noise, greeted, stopping;
	jmp_buf panic; /* where an error that nothing catches goes */
};

struct sim *sim_of(lua_State *L);

/* Starts the interpreter: a banner, init.lua, the first prompt. */
void sim_boot(struct sim *sim);
void sim_shut_down(struct sim *sim);
/* boot.c: what the boot ROM and the firmware say. */
void boot_print_garbage(struct sim *sim);
void boot_print_banner(struct sim *sim);

/* How long nothing will be due, in milliseconds. */
int sim_timeout(const struct sim *sim);
/* Looks at line and control socket, waiting for at most this long. */
void sim_poll(struct sim *sim, int timeout_ms);
/* Runs what is due: one task at a time. True when there was something. */
bool sim_run(struct sim *sim);

/* Output of Lua and of the firmware: LF becomes CR LF. To the session when there is one. */
void sim_print(struct sim *sim, const char *s, size_t len);
/* The same, always to the line (echo, banner). */
void sim_uart(struct sim *sim, const char *s, size_t len);
void sim_uart_raw(struct sim *sim, const char *s, size_t len);
/* The application prints a line: this one, or one of its own. */
void sim_say(struct sim *sim, const char *line);
void sim_chatter(struct sim *sim);
/* The end of a task: what was said goes out. */
void sim_flush(struct sim *sim);

/* Ends what Lua is doing, if the cause is one that does, and restarts the device. */
void sim_restart(struct sim *sim, enum sim_cause cause);

/* Sets a fault and does what has to be done at once; false when there is no such fault. */
bool sim_fault(struct sim *sim, const char *text);

/* Calls the function under narg arguments as a task of the firmware does. */
void sim_call(struct sim *sim, int narg);

/* Reads the table of strings as the device would list it now. */
void sim_strings(struct sim *sim, struct table *out);

/* repl.c: takes the next line of input, if there is a whole one. */
bool repl_run(struct sim *sim);
/* Runs a file as the firmware does at its start; an error is printed. NULL: an endless loop. */
void repl_run_file(struct sim *sim, const char *name);
/* Prints the prompt that the interpreter is at. */
void repl_prompt(struct sim *sim);

/* Puts the modules' tables into _G; the mod_*.c fill them. */
void modules_open(struct sim *sim);
/* A new module called name, in _G. */
struct rom *modules_add(struct sim *sim, const char *name, const luaL_Reg *functions);
/* Pushes the function that a file holds, or a message; gives back the status. */
int mod_base_load(lua_State *L, const char *name);
void mod_base_open(struct sim *sim);
void mod_package_open(struct sim *sim);
void mod_string_open(struct sim *sim);
void mod_node_open(struct sim *sim);
void mod_file_open(struct sim *sim);
/* A file's name, or an error. */
const char *mod_file_check_name(lua_State *L, int arg);
void mod_file_names_open(struct sim *sim, struct rom *rom);
void mod_uart_open(struct sim *sim);
void mod_tmr_open(struct sim *sim);
void mod_encoder_open(struct sim *sim);
void mod_crypto_open(struct sim *sim);

#endif
