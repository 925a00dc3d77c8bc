/* SPDX-License-Identifier: MIT */
/*
 * What the device says: by way of the line with its faults, or piled up for a telnet session.
 */
#include <string.h>

#include "sim.h"

/* What an application prints at moments of its own; ESP32's are log lines with colours. */
static const char *const lines[] = {
	"temperature 21.4", "MQTT: published 3 of 3",
	"E:M 1024",         "got ip 192.168.1.77\t255.255.255.0",
	"heap> 28120",      "function: 0x3fff2218",
};
static const char *const log_lines[] = {
	"\033[0;32mI (48211) wifi: state: run -> init (0)\033[0m",
	"\033[0;33mW (48305) wifi: beacon timeout\033[0m",
};

static void put(struct sim *sim, char c)
{
	struct faults *f = &sim->faults;
	uint8_t byte = (uint8_t)c;
	bool twice = faults_hit(f, FAULT_DOUBLE);

	if (sim->restarting || sim->hung)
		return;
	if (faults_hit(f, FAULT_FLIP))
		byte ^= (uint8_t)(1 << faults_random(f, 7));
	if (!faults_hit(f, FAULT_LOSE))
		wire_put(&sim->wire, byte);
	if (twice)
		wire_put(&sim->wire, byte);
	if (sim->later.left && --sim->later.left == 0)
		sim_fault(sim, sim->later.text);
	if (faults_hit(f, FAULT_RESTART)) {
		f->of[FAULT_RESTART].on = false;
		sim_restart(sim, SIM_WATCHDOG);
	}
	if (faults_hit(f, FAULT_UNPLUG)) {
		f->of[FAULT_UNPLUG].on = false;
		wire_hang_up(&sim->wire);
	}
	if (!sim->in_noise && faults_hit(f, FAULT_NOISE))
		sim_chatter(sim);
}

/* To whoever listens: the UART's line, or the session as it is. */
static void tell(struct sim *sim, const char *s, size_t len)
{
	const bool crlf = !sim->config->telnet && !sim->faults.of[FAULT_LF].on;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n' && crlf)
			put(sim, '\r');
		if (s[i] != '\r' || sim->config->telnet)
			put(sim, s[i]);
	}
}

void sim_say(struct sim *sim, const char *line)
{
	sim->in_noise = true;
	sim->noise++;
	tell(sim, line, strlen(line));
	tell(sim, "\n", 1);
	sim->in_noise = false;
}

void sim_chatter(struct sim *sim)
{
	struct faults *f = &sim->faults;
	const char *line = lines[faults_random(f, sizeof(lines) / sizeof(lines[0]))];

	if (f->of[FAULT_LF].on)
		line = log_lines[faults_random(f, sizeof(log_lines) / sizeof(log_lines[0]))];
	sim_say(sim, line);
}

/* With a telnet session nobody hears the UART. */
void sim_uart_raw(struct sim *sim, const char *s, size_t len)
{
	if (sim->config->telnet)
		return;
	for (size_t i = 0; i < len; i++)
		put(sim, s[i]);
}

void sim_uart(struct sim *sim, const char *s, size_t len)
{
	if (!sim->config->telnet)
		tell(sim, s, len);
}

/* The pile is a pipe of Lua's: garbage goes for it. */
static bool take_heap(struct sim *sim, size_t len)
{
	if (heap_take(&sim->heap, len))
		return true;
	lua_gc(sim->L, LUA_GCCOLLECT, 0);
	return heap_take(&sim->heap, len);
}

/* When there is no heap the firmware gives up. */
void sim_print(struct sim *sim, const char *s, size_t len)
{
	if (!sim->config->telnet) {
		tell(sim, s, len);
		return;
	}
	if (sim->wire.fd < 0 || sim->restarting)
		return;
	if (!take_heap(sim, len)) {
		sim_restart(sim, SIM_WATCHDOG);
		return;
	}
	buf_put(&sim->pile, s, len);
}

/* A device that restarts sends no more of its pile. */
void sim_flush(struct sim *sim)
{
	heap_give(&sim->heap, sim->pile.len);
	for (size_t i = 0; !sim->restarting && i < sim->pile.len; i++)
		put(sim, (char)sim->pile.data[i]);
	sim->pile.len = 0;
	wire_flush(&sim->wire);
}
