/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define NCURSES_WIDECHAR 1
#include "tui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "common/view/escape.h"
#include "tui/clipboard.h"
#include "tui/mouse.h"
#include "tui/signals.h"

enum {
	ESCAPE_MS = 25, /* a lone Esc is one after so long */
	LEAVE_MAX = 512,
	/* codes that ncurses has no key for */
	CODE_MOUSE_SGR = 0x7f00,
	CODE_MOUSE_OLDER,
};

/* Of the process, as signals are. */
static struct {
	struct termios found;
	bool is_tty, open, mouse;
	SCREEN *screen;
	char leave[LEAVE_MAX]; /* what is sent when there is no time for ncurses */
	size_t nleave;
	struct sigaction crash[7];
	volatile sig_atomic_t inside; /* ncurses, which uses memory that it did not get */
	struct cell *shown;           /* what the terminal shows */
	int rows, cols;
	struct mouse_report report;
} term;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };

static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";

static const char no_memory[] = "lfstui: out of memory in ncurses\n";

static void send_all_to(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0 && errno != EINTR)
			return;
		p += r > 0 ? r : 0;
		n -= r > 0 ? (size_t)r : 0;
	}
}

static void send_all(const char *p, size_t n)
{
	send_all_to(STDOUT_FILENO, p, n);
}

/* The program is lost; the terminal must not be. Whoever was to be told of the crash still is. */
static void crash(int signal)
{
	send_all(term.leave, term.nleave);
	tcsetattr(STDIN_FILENO, TCSANOW, &term.found);
	if (term.inside && signal == SIGSEGV) {
		send_all_to(STDERR_FILENO, no_memory, sizeof(no_memory) - 1);
		_exit(1);
	}
	for (unsigned i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (crashes[i] == signal)
			sigaction(signal, &term.crash[i], NULL);
	raise(signal);
}

static void catch_crashes(void)
{
	struct sigaction a = { .sa_handler = crash, .sa_flags = SA_NODEFER };

	for (unsigned i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &a, &term.crash[i]);
}

/* Appends a capability without its padding. */
static void add_leave(const char *name)
{
	char *text = tigetstr((char *)(uintptr_t)name);

	if (!text || text == (char *)-1)
		return;
	for (; *text && term.nleave < LEAVE_MAX - 1; text++) {
		if (text[0] == '$' && text[1] == '<' && strchr(text, '>'))
			text = strchr(text, '>');
		else
			term.leave[term.nleave++] = *text;
	}
}

static void make_leave(void)
{
	term.nleave = 0;
	if (term.mouse) {
		memcpy(term.leave, mouse_off, sizeof(mouse_off) - 1);
		term.nleave = sizeof(mouse_off) - 1;
	}
	add_leave("sgr0");
	add_leave("op");
	add_leave("cnorm");
	add_leave("rmkx");
	add_leave("rmcup");
}

static void set_colours(const struct theme *theme)
{
	bool colours = has_colors() && start_color() == OK;
	bool own = colours && use_default_colors() == OK;

	for (int i = 0; i < LOOKS; i++) {
		const struct paint *p = &theme->looks[i];
		short front = p->front >= 0 || own ? p->front : COLOR_WHITE;
		short back = p->back >= 0 || own ? p->back : COLOR_BLACK;

		if (colours && (p->front >= 0 || p->back >= 0))
			init_pair((short)(i + 1), front, back);
	}
}

static const struct theme *shown_theme;

static void show_all(void)
{
	term.inside = true;
	refresh();
	term.inside = false;
}

/* ncurses may end the program itself, without memory for instance. */
static void give_back(void)
{
	if (term.is_tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.found);
}

static enum err refuse(struct diag *diag, const char *why)
{
	const char *kind = getenv("TERM");
	struct buf name = { 0 };

	kind = kind ? kind : "";
	escape_text(&name, (const uint8_t *)kind, strlen(kind));
	diag_fail(diag, ERR_IO, "the terminal's kind, TERM=%.*s, %s",
		  name.len < 100 ? (int)name.len : 100, name.data ? (const char *)name.data : "",
		  why);
	buf_free(&name);
	return diag->code;
}

static enum err begin(const struct theme *theme, struct diag *diag)
{
	bool poor, found, starved;
	int known;

	if (signals_open(diag))
		return diag->code;
	term.is_tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		      tcgetattr(STDIN_FILENO, &term.found) == 0;
	if (!term.is_tty)
		return diag_fail(diag, ERR_IO, "standard input and output must be a terminal");
	atexit(give_back);
	catch_crashes();
	set_escdelay(ESCAPE_MS);
	term.inside = true;
	errno = 0;
	found = setupterm(NULL, STDOUT_FILENO, &known) == OK;
	poor = found && !cursor_address;
	starved = errno == ENOMEM;
	del_curterm(cur_term); /* newterm makes its own */
	errno = 0;
	if (!poor)
		term.screen = newterm(NULL, stdout, stdin);
	term.inside = false;
	if (poor)
		return refuse(diag, "cannot show text where it is told to");
	/* What it looked for after that may have left another errno. */
	if (!term.screen && (found || starved || errno == ENOMEM))
		return diag_fail(diag, ERR_MEMORY, "out of memory");
	if (!term.screen)
		return refuse(diag, "is not known here");
	/* a terminal without colours shows the looks by other means */
	shown_theme = has_colors() ? theme : theme_find("mono");
	return ERR_NONE;
}

/* Ctrl-C is a key. */
static void keep_interrupt(void)
{
	struct termios now;

	if (tcgetattr(STDIN_FILENO, &now) != 0)
		return;
	now.c_cc[VINTR] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
	def_prog_mode(); /* what ncurses comes back to */
}

/*
 * Whatever TERM says: PuTTY and tmux send other Home and End, and all send the other arrows as long
 * as they were not told of the keypad, as while the screen is drawn at the start or after Ctrl-Z.
 */
static void know_keys(void)
{
	static const struct {
		const char *sent;
		int key;
	} keys[] = {
		{ "\033[A", KEY_UP },    { "\033OA", KEY_UP },    { "\033[B", KEY_DOWN },
		{ "\033OB", KEY_DOWN },  { "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },  { "\033OD", KEY_LEFT },  { "\033[H", KEY_HOME },
		{ "\033OH", KEY_HOME },  { "\033[F", KEY_END },   { "\033OF", KEY_END },
		{ "\033[1~", KEY_HOME }, { "\033[4~", KEY_END },
	};

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		define_key(keys[i].sent, keys[i].key);
}

enum err terminal_open(const struct theme *theme, bool ascii, struct diag *diag)
{
	const char *kmous;

	(void)ascii;
	if (begin(theme, diag))
		return diag->code;
	term.inside = true;
	set_colours(shown_theme);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	know_keys();
	nodelay(stdscr, TRUE);
	curs_set(0);
	keep_interrupt();
	kmous = tigetstr((char *)(uintptr_t) "kmous");
	term.mouse = kmous && kmous != (char *)-1;
	if (term.mouse) {
		define_key(MOUSE_SGR,
			   CODE_MOUSE_SGR); /* else ncurses takes one of the two itself */
		define_key(MOUSE_OLDER, CODE_MOUSE_OLDER);
		show_all();
		send_all(mouse_on, sizeof(mouse_on) - 1);
	}
	make_leave();
	term.inside = false;
	signals_catch();
	term.open = true;
	return ERR_NONE;
}

void terminal_close(void)
{
	if (term.open) {
		fflush(stdout);
		if (term.mouse)
			send_all(mouse_off, sizeof(mouse_off) - 1);
		curs_set(1);
		move(LINES - 1, 0); /* seen where there is no screen to come back to */
		clrtoeol();
		show_all();
		endwin(); /* no delscreen: it crashes when there was too little memory */
		/* as ncurses found it, not as it thinks that it was */
		tcsetattr(STDIN_FILENO, TCSADRAIN, &term.found);
	}
	free(term.shown);
	term.shown = NULL;
	term.open = false;
}

void terminal_size(int *rows, int *cols)
{
	struct winsize w;

	*rows = 24;
	*cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0) {
		*rows = w.ws_row;
		*cols = w.ws_col;
	}
	if (!is_term_resized(*rows, *cols))
		return;
	resizeterm(*rows, *cols);
}

static void put_cell(int y, int x, const struct cell *c)
{
	const struct paint *p = &shown_theme->looks[c->look];
	wchar_t chars[CELL_CHARS + 1] = { 0 };
	attr_t attributes = A_NORMAL;
	cchar_t out;
	bool pair = has_colors() && (p->front >= 0 || p->back >= 0);

	for (unsigned i = 0; i < CELL_CHARS && c->chars[i]; i++)
		chars[i] = (wchar_t)c->chars[i];
	attributes |= p->bold ? A_BOLD : 0;
	attributes |= p->dim ? A_DIM : 0;
	attributes |= p->reverse ? A_REVERSE : 0;
	attributes |= p->underline ? A_UNDERLINE : 0;
	if (setcchar(&out, chars, attributes, pair ? (short)(c->look + 1) : 0, NULL) == OK)
		mvadd_wch(y, x, &out);
}

/* Forgets what the terminal shows when that does not fit any more. */
static bool keep_shown(const struct screen *s, bool anew)
{
	size_t n = (size_t)s->rows * (size_t)s->cols;

	if (!anew && term.shown && term.rows == s->rows && term.cols == s->cols)
		return true;
	free(term.shown);
	term.shown = calloc(n + 1, sizeof(*term.shown));
	term.rows = s->rows;
	term.cols = s->cols;
	clearok(stdscr, TRUE);
	erase();
	return term.shown != NULL;
}

void terminal_show(const struct screen *s, bool anew)
{
	bool known = keep_shown(s, anew);

	for (int y = 0; y < s->rows; y++) {
		const struct cell *row = s->cells + (size_t)y * (size_t)s->cols;
		struct cell *old = known ? term.shown + (size_t)y * (size_t)s->cols : NULL;

		if (old && memcmp(old, row, (size_t)s->cols * sizeof(*row)) == 0)
			continue;
		for (int x = 0; x < s->cols; x++)
			if (row[x].width)
				put_cell(y, x, &row[x]);
		if (old)
			memcpy(old, row, (size_t)s->cols * sizeof(*row));
	}
	curs_set(s->cursor_y >= 0);
	if (s->cursor_y >= 0)
		move(s->cursor_y, s->cursor_x < s->cols ? s->cursor_x : s->cols - 1);
	show_all();
}

static uint32_t key_of(wint_t c)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, K_UP },
		{ KEY_DOWN, K_DOWN },
		{ KEY_LEFT, K_LEFT },
		{ KEY_RIGHT, K_RIGHT },
		{ KEY_PPAGE, K_PAGE_UP },
		{ KEY_NPAGE, K_PAGE_DOWN },
		{ KEY_HOME, K_HOME },
		{ KEY_END, K_END },
		{ KEY_ENTER, K_ENTER },
		{ KEY_BACKSPACE, K_BACKSPACE },
		{ KEY_DC, K_DELETE },
		{ KEY_BTAB, K_BACK_TAB },
		{ KEY_SLEFT, K_SHIFT_LEFT },
		{ KEY_SRIGHT, K_SHIFT_RIGHT },
		{ KEY_F(1), K_F1 },
		{ KEY_F(10), K_F10 },
	};

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == c)
			return keys[i].key;
	return K_NONE;
}

static uint32_t char_of(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n': return K_ENTER;
	case '\t': return K_TAB;
	case 27: return K_ESCAPE;
	case 8:
	case 127: return K_BACKSPACE;
	default: return (uint32_t)c;
	}
}

/* True: c was of a report of the mouse, or begins one. e is set when one is whole. */
static bool take_mouse(int r, wint_t c, struct event *e)
{
	if (r == KEY_CODE_YES && (c == CODE_MOUSE_SGR || c == CODE_MOUSE_OLDER)) {
		mouse_begin(&term.report, c == CODE_MOUSE_SGR);
		return true;
	}
	if (!term.report.under_way)
		return false;
	return mouse_take(&term.report, r == KEY_CODE_YES ? K_NONE : (uint32_t)c, e) !=
	       MOUSE_BROKEN;
}

static bool take_event(struct event *e)
{
	wint_t c;
	int r;

	*e = (struct event){ 0 };
	while ((r = get_wch(&c)) != ERR) {
		if (!take_mouse(r, c, e)) {
			e->kind = EVENT_KEY;
			e->key = r == KEY_CODE_YES ? key_of(c) : char_of(c);
		}
		if (e->kind != EVENT_NONE && e->key != K_NONE)
			return true;
		*e = (struct event){ 0 };
	}
	return false;
}

enum terminal_news terminal_wait(int timeout_ms, int other, struct event *e)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
				{ signals_descriptor(), POLLIN, 0 },
				{ other, POLLIN, 0 } };
	enum terminal_news news = signals_told();

	if (news != TERMINAL_NOTHING)
		return news;
	if (take_event(e))
		return TERMINAL_EVENT;
	if (poll(fds, other >= 0 ? 3 : 2, timeout_ms) < 0 && errno != EINTR)
		return TERMINAL_END;
	news = signals_told();
	if (news != TERMINAL_NOTHING)
		return news;
	if (fds[0].revents && take_event(e))
		return TERMINAL_EVENT;
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		return TERMINAL_END;
	return other >= 0 && fds[2].revents ? TERMINAL_WOKEN : TERMINAL_NOTHING;
}

static void leave(void)
{
	if (term.mouse)
		send_all(mouse_off, sizeof(mouse_off) - 1);
	curs_set(1);
	endwin();
}

static void enter(void)
{
	show_all();
	if (term.mouse)
		send_all(mouse_on, sizeof(mouse_on) - 1);
}

void terminal_stop(void)
{
	leave();
	signals_stop();
	enter();
}

void terminal_resume(void)
{
	leave();
	enter();
}

int terminal_signal(void)
{
	return signals_ended();
}

void terminal_copy(const uint8_t *data, size_t n)
{
	struct buf out = { 0 };

	clipboard_request(&out, data, n);
	if (!out.failed)
		send_all((const char *)out.data, out.len);
	buf_free(&out);
}
