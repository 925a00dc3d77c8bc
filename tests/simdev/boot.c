/* SPDX-License-Identifier: MIT */
/*
 * The start of the device: what the boot ROM says at its own rate, and the firmware's banner.
 */
#include <string.h>

#include "sim.h"

/*
 * "rst cause" and what follows, at 74,880 baud, as a receiver at 115,200 takes it. One byte of it
 * is the cause: a start by hand, or a restart of the device's own.
 */
static const char garbage[] =
	"rl\000l\234\237|\000\214l\340|\003\014\014\014\214\014l\354\014c|\216\202\003\354\023"
	"\222r\223cl\014b\214\363on\236loo\234\342\354\014c\034p\214\217lrlslp\362n\340\020\003"
	"\014\014\203\014l\014\014\014\014\014\014b\014o\343|\002\214\354\217\217\014\216c\214"
	"\363nn\357\000l\214\216l`\003\220\022\023oo\014l`\003\017\002ns\217\223\222n\014\014"
	"\203rl`\003p\362n\340\020\003\014\014s\214\234\234\342\340\014\014\014\014c\014o\342|"
	"\003\214\214\014\014\217c\214\362no\357\000\014\014l`\003\220\022\023ool\214l`\003\016"
	"\002os\217\222\222o\014\014\222\354\223`\003p\362o\340\020\002\014\014s\214\234\234"
	"\343\340\014l\234pp\014\014n\343|\003l\354\214\217c\214\362oo\357\000\014\217l`\002"
	"\220\023\023on\014\217\017l\016\002os\217\222\222o\014\014rrl`\003\016r\223\223o\014"
	"\014ssl`\002\217\023s\202\222\223o\354\022\222l\214\220\214\000\354\023o~\022c\014\217"
	"b\214\220o\340\216\002o\354\023n~\023c\014\014\216p\343\014\216\034\200\014\217\016l";
enum { GARBAGE_CAUSE = 32, CAUSE_RESTART = 0x8c };

void boot_print_garbage(struct sim *sim)
{
	char text[sizeof(garbage)];

	if (sim->faults.of[FAULT_GARBAGE].on)
		return;
	memcpy(text, garbage, sizeof(garbage));
	if (sim->cause != SIM_POWER_ON)
		text[GARBAGE_CAUSE] = (char)CAUSE_RESTART;
	sim_uart_raw(sim, text, sizeof(garbage) - 1);
}

void boot_print_banner(struct sim *sim)
{
	char text[512];

	if (sim->faults.of[FAULT_BANNER].on)
		return;
	snprintf(text, sizeof(text),
		 "\nNodeMCU 3.0.0.0 \n"
		 "\tbranch: release\n"
		 "\tcommit: 36cbf9f017d356319a6369e299765eedff191154\n"
		 "\trelease: 3.0.0-release_20240225\n"
		 "\trelease DTS: 202402250804\n"
		 "\tSSL: false\n"
		 "\tbuild type: %s\n"
		 "\tLFS: 0x%x bytes total capacity\n"
		 "\tmodules: %s\n"
		 " build 2026-11-22 21:43 powered by %s on SDK 3.0.1-dev(fce080e)\n",
		 strcmp(sim->config->variant, "51i") ? "float" : "integer",
		 (unsigned)sim->config->lfs_size, sim->modules, lang_release);
	sim_uart(sim, text, strlen(text));
}
