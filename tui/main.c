/* SPDX-License-Identifier: MIT */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/base/version.h"
#include "common/view/message.h"
#include "common/view/manual.h"
#include "tui/app.h"
#include "tui/live.h"
#include "tui/manual.h"
#include "tui/terminal.h"

enum { OPT_RAM, OPT_STRT, OPT_THEME, OPT_ASCII, OPT_PORT, OPT_EVERY, OPT_HELP, OPT_VERSION };

static const struct option_row option_rows[] = {
	{ "ram", 0, "FILE@ADDRESS",
	  "a raw dump of a device's RAM, and the address of its first byte", OPT_RAM },
	{ "strt", 0, "ADDRESS", "of the dump's string table; without it, it is searched for",
	  OPT_STRT },
	{ "port", 'p', "PORT",
	  "the strings of a running device, again and again: /dev/ttyUSB0[@RATE],\n"
	  "tcp:HOST[:PORT] or rfc2217:HOST:PORT[@RATE]",
	  OPT_PORT },
	{ "every", 0, "SECONDS", "with --port: so long from one capture to the next (10)",
	  OPT_EVERY },
	{ "theme", 0, "NAME", "dark, light or mono; NO_COLOR is honoured", OPT_THEME },
	{ "ascii", 0, NULL, "draw with ASCII characters alone", OPT_ASCII },
	{ "help", 'h', "[WHAT]", MANUAL_HELP, OPT_HELP },
	{ "version", 'V', NULL, "version of the program", OPT_VERSION },
	{ NULL, 0, NULL, NULL, 0 },
};

enum { SUBJECTS_MAX = 64 };

struct program {
	struct subject *subjects[SUBJECTS_MAX + SUBJECT_DIFFS];
	unsigned n;
	const char *theme;
	const char *dump;
	uint32_t base, strt;
	const char *port;
	uint32_t every;
	struct subject *device;
	bool ascii;
};

static void complain(const char *what, const char *text)
{
	message_line(stderr, "lfstui", what, *text ? text : NULL);
}

static int usage(const char *what)
{
	complain(what, "");
	fputs("Try 'lfstui --help'.\n", stderr);
	return 2;
}

static int help(const char *what)
{
	if (what)
		return tui_manual(what, option_rows) ? 0 : usage("--help takes " MANUAL_WHAT);
	puts("Usage: lfstui [OPTION]... FILE...\n"
	     "       lfstui [OPTION]... -p PORT [FILE]...\n"
	     "\n"
	     "Looks into LFS images, compiled chunks and firmwares of NodeMCU, into captures, logs "
	     "and\n"
	     "RAM dumps of devices. Two images, or two ELF files, are compared, too. Keys: F1 or ? "
	     "in "
	     "the\n"
	     "browser.\n");
	options_help(stdout, option_rows);
	puts("\nExit status: 0 ok, 1 a file could not be read, or there is no terminal, 2 wrong "
	     "usage.");
	return 0;
}

static bool address(const char *text, uint32_t *out)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 0);

	*out = (uint32_t)n;
	return *text >= '0' && *text <= '9' && !*end && n <= UINT32_MAX;
}

static int take_ram(struct program *p, char *arg)
{
	char *at = strrchr(arg, '@');

	if (!at || at == arg || !address(at + 1, &p->base))
		return usage("--ram takes FILE@ADDRESS, such as heap.bin@0x3fff1000");
	*at = '\0';
	p->dump = arg;
	return -1;
}

/* -1: go on; else the exit status. */
static int take(struct program *p, int id, char *arg)
{
	switch (id) {
	case OPT_RAM: return take_ram(p, arg);
	case OPT_STRT: return address(arg, &p->strt) ? -1 : usage("--strt takes an address");
	case OPT_PORT: p->port = arg; return -1;
	case OPT_EVERY:
		return address(arg, &p->every) && p->every ? -1 : usage("--every takes seconds");
	case OPT_THEME:
		p->theme = arg;
		return theme_find(arg) ? -1 : usage("--theme takes dark, light or mono");
	case OPT_ASCII: p->ascii = true; return -1;
	case OPT_HELP: return help(arg);
	case OPT_VERSION: puts("lfstui " VERSION); return 0;
	default: return -1;
	}
}

/* Names the option that getopt_long refused. */
static int bad_option(int returned, char **argv)
{
	const char *last = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' };
	struct buf text = { 0 };

	buf_str(&text, strncmp(last, "--", 2) == 0 || optopt <= 0 || optopt > 127 ? last : letter);
	buf_str(&text, returned == ':' ? " takes an argument" : ": unknown option");
	buf_byte(&text, 0);
	usage(text.failed ? "unknown option" : (const char *)text.data);
	buf_free(&text);
	return 2;
}

static bool open_one(struct program *p, const char *path, bool dump)
{
	struct diag diag = { 0 };
	char text[256];

	if (p->n == SUBJECTS_MAX) {
		complain(path, "too many files");
		return false;
	}
	if (dump)
		subject_open_dump(path, p->base, p->strt, &diag, &p->subjects[p->n]);
	else
		subject_open(path, &diag, &p->subjects[p->n]);
	if (p->subjects[p->n]) {
		p->n++;
		return true;
	}
	diag_format(&diag, text, sizeof(text));
	complain(path, text);
	return false;
}

static bool relate(struct program *p)
{
	struct diag diag = { 0 };

	if (subject_relate(p->subjects, &p->n, &diag))
		complain("comparing", diag.text);
	return !diag.code;
}

static bool open_all(struct program *p, char **files)
{
	struct diag diag = { 0 };
	bool whole = true;

	if (p->dump)
		whole &= open_one(p, p->dump, true);
	if (p->port && subject_open_live(p->port, &diag, &p->device) == ERR_NONE)
		p->subjects[p->n++] = p->device;
	if (diag.code)
		complain(p->port, diag.text);
	whole &= !diag.code;
	for (; *files; files++)
		whole &= open_one(p, *files, false);
	whole &= relate(p);
	return whole;
}

static bool resize(struct app *app, struct screen *screen)
{
	int rows, cols;

	terminal_size(&rows, &cols);
	if (!screen_resize(screen, rows, cols))
		return false;
	app_resize(app, rows, cols);
	return true;
}

/* What the device's thread has to tell. */
static void hear(struct app *app, struct live *live, struct subject *device)
{
	struct string_set capture;
	struct diag diag = { 0 };
	char text[200];
	bool failed;

	if (live_take(live, &capture)) {
		subject_add_capture(device, &capture, &diag);
		app_refresh(app);
	}
	live_said(live, text, sizeof(text), &failed);
	if (failed)
		diag_fail(&diag, ERR_IO, "%.160s (c connects again)", text);
	if (diag.code)
		app_say(app, true, "%s", diag.text);
	snprintf(app->progress, sizeof(app->progress), "%.79s", failed ? "not connected" : text);
}

static void connect_again(struct app *app, struct live *live)
{
	struct diag diag = { 0 };

	app->connect = false;
	if (live_runs(live))
		app_say(app, false,
			live_answered(live) ? "the device is connected"
					    : "the device has not answered yet");
	else if (live_start(live, &diag))
		app_say(app, true, "%s", diag.text);
	else
		snprintf(app->progress, sizeof(app->progress), "connecting again ...");
}

/* Until the user or a signal says so. False: there is no memory for the screen. */
static bool run(struct app *app, struct screen *screen, struct live *live, struct subject *device)
{
	while (!app->quit) {
		bool busy = app_work(app);
		enum terminal_news news;
		struct event e;

		app_draw(app, screen);
		terminal_show(screen, app->redraw);
		app->redraw = false;
		news = terminal_wait(busy ? 0 : -1, live_news(live), &e);
		switch (news) {
		case TERMINAL_EVENT: app_event(app, &e); break;
		case TERMINAL_STOP:
		case TERMINAL_CONTINUED:
			(news == TERMINAL_STOP ? terminal_stop : terminal_resume)();
			app->redraw = true;
			/* fall through */
		case TERMINAL_RESIZED:
			if (!resize(app, screen))
				return false;
			break;
		case TERMINAL_WOKEN: hear(app, live, device); break;
		case TERMINAL_END: return true;
		default: break;
		}
		if (app->copy.len)
			terminal_copy(app->copy.data, app->copy.len);
		app->copy.len = 0;
		if (app->connect)
			connect_again(app, live);
	}
	return true;
}

/* False: something is to be told of on standard error. */
static bool browse_with(struct program *p, struct live *live, struct diag *diag)
{
	static struct app app;
	struct screen screen = { .ascii = p->ascii };
	bool whole;

	if (terminal_open(theme_choose(p->theme, getenv("NO_COLOR"), getenv("COLORFGBG")), p->ascii,
			  diag)) {
		terminal_close();
		return false;
	}
	app_begin(&app, p->subjects, p->n, p->ascii);
	app.live = live != NULL;
	if (live && live_start(live, diag))
		app_say(&app, true, "%s", diag->text);
	*diag = (struct diag){ 0 };
	whole = resize(&app, &screen) && run(&app, &screen, live, p->device);
	if (live) {
		app_say(&app, false, "leaving the device clean ...");
		app_draw(&app, &screen);
		terminal_show(&screen, false);
		live_stop(live);
	}
	terminal_close();
	app_end(&app);
	screen_free(&screen);
	if (!whole)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	return whole;
}

static int browse(struct program *p)
{
	struct diag diag = { 0 };
	struct live *live = NULL;
	const char *port = p->device ? p->port : NULL;

	if (port)
		live = live_open(port, p->every ? p->every : 10, &diag);
	if (diag.code)
		complain(port, diag.text);
	else if (!browse_with(p, live, &diag))
		complain("terminal", diag.text);
	return diag.code != ERR_NONE;
}

/* What --help and its like print has arrived. */
static int flush_output(void)
{
	struct diag diag = { 0 };

	if (file_flush(stdout, &diag))
		complain("standard output", diag.text);
	return diag.code != ERR_NONE;
}

int main(int argc, char **argv)
{
	struct program p = { 0 };
	struct options o;
	int status = -1;
	int id;

	file_fill_standard();
	setlocale(LC_CTYPE, "");
	options_make(&o, option_rows);
	while (status < 0 && (id = getopt_long(argc, argv, o.shorts, o.longs, NULL)) != -1)
		status = id == '?' || id == ':' ? bad_option(id, argv)
						: take(&p, options_id(option_rows, id), optarg);
	if (status < 0 && optind == argc && !p.dump && !p.port)
		status = usage("no file given");
	if (status >= 0)
		return status ? status : flush_output();
	p.ascii |= strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	status = open_all(&p, argv + optind) ? 0 : 1;
	if (p.n)
		status |= browse(&p);
	for (unsigned i = 0; i < p.n; i++)
		subject_close(p.subjects[i]);
	/* Ctrl-C is a key here */
	if (terminal_signal() && terminal_signal() != SIGINT) {
		signal(terminal_signal(), SIG_DFL);
		raise(terminal_signal());
	}
	return status;
}
