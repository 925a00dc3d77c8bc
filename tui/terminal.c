/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define NCURSES_WIDECHAR 1
#include "tui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

enum {
	ESCAPE_MS = 25,   /* a lone Esc is one after so long */
	COPY_MAX = 74994, /* bytes that xterm takes */
	LEAVE_MAX = 512,
};

/* Of the process, as signals are. */
static struct {
	int pipe[2];
	struct termios found;
	bool is_tty, open, mouse;
	SCREEN *screen;
	char leave[LEAVE_MAX]; /* what is sent when there is no time for ncurses */
	size_t nleave;
	struct sigaction crash[5];
	volatile sig_atomic_t ended, stopped, resized;
	struct cell *shown; /* what the terminal shows */
	int rows, cols;
} term;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";

static void send_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = write(STDOUT_FILENO, p, n);

		if (r < 0 && errno != EINTR)
			return;
		p += r > 0 ? r : 0;
		n -= r > 0 ? (size_t)r : 0;
	}
}

static void wake(int signal)
{
	int saved = errno;

	if (signal == SIGWINCH)
		term.resized = 1;
	else if (signal == SIGTSTP)
		term.stopped = 1;
	else
		term.ended = signal;
	if (write(term.pipe[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

/* The program is lost; the terminal must not be. Whoever was to be told of the crash still is. */
static void crash(int signal)
{
	send_all(term.leave, term.nleave);
	tcsetattr(STDIN_FILENO, TCSANOW, &term.found);
	for (unsigned i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (crashes[i] == signal)
			sigaction(signal, &term.crash[i], NULL);
	raise(signal);
}

static void catch_signals(void)
{
	static const int wanted[] = { SIGWINCH, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction a = { .sa_handler = wake };

	sigfillset(&a.sa_mask);
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaction(wanted[i], &a, NULL);
	a.sa_handler = crash;
	a.sa_flags = SA_NODEFER;
	sigemptyset(&a.sa_mask);
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

static enum err begin(const struct theme *theme, struct diag *diag)
{
	if (pipe(term.pipe))
		return diag_fail(diag, ERR_IO, "%s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		fcntl(term.pipe[i], F_SETFL, O_NONBLOCK);
		fcntl(term.pipe[i], F_SETFD, FD_CLOEXEC);
	}
	term.is_tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		      tcgetattr(STDIN_FILENO, &term.found) == 0;
	if (!term.is_tty)
		return diag_fail(diag, ERR_IO, "standard input and output must be a terminal");
	set_escdelay(ESCAPE_MS);
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen)
		return diag_fail(diag, ERR_IO, "the terminal's kind (TERM) is not known here");
	/* a terminal without colours shows the looks by other means */
	shown_theme = has_colors() ? theme : theme_find("mono");
	return ERR_NONE;
}

enum err terminal_open(const struct theme *theme, bool ascii, struct diag *diag)
{
	const char *kmous;

	(void)ascii;
	if (begin(theme, diag))
		return diag->code;
	set_colours(shown_theme);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	kmous = tigetstr((char *)(uintptr_t) "kmous");
	term.mouse = kmous && kmous != (char *)-1;
	if (term.mouse) {
		mouseinterval(0);
		mousemask(ALL_MOUSE_EVENTS | REPORT_MOUSE_POSITION, NULL);
		refresh();
		send_all(mouse_on, sizeof(mouse_on) - 1);
	}
	make_leave();
	catch_signals();
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
		refresh();
		endwin();
		delscreen(term.screen);
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
	refresh();
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

static bool take_mouse(struct event *e)
{
	MEVENT m;

	if (getmouse(&m) != OK)
		return false;
	e->kind = EVENT_MOUSE;
	e->y = m.y;
	e->x = m.x;
	if (m.bstate & BUTTON4_PRESSED)
		e->mouse = MOUSE_WHEEL_UP;
	else if (m.bstate & BUTTON5_PRESSED)
		e->mouse = MOUSE_WHEEL_DOWN;
	else if (m.bstate & BUTTON1_PRESSED)
		e->mouse = MOUSE_PRESS;
	else if (m.bstate & BUTTON1_RELEASED)
		e->mouse = MOUSE_RELEASE;
	else if (m.bstate & REPORT_MOUSE_POSITION)
		e->mouse = MOUSE_DRAG;
	else
		return false;
	return true;
}

static bool take_event(struct event *e)
{
	wint_t c;
	int r;

	*e = (struct event){ 0 };
	while ((r = get_wch(&c)) != ERR) {
		if (r == KEY_CODE_YES && c == KEY_MOUSE) {
			if (take_mouse(e))
				return true;
			continue;
		}
		e->kind = EVENT_KEY;
		e->key = r == KEY_CODE_YES ? key_of(c) : char_of(c);
		if (e->key != K_NONE)
			return true;
	}
	return false;
}

static enum terminal_news told(void)
{
	char drain[64];

	while (read(term.pipe[0], drain, sizeof(drain)) > 0)
		continue;
	if (term.ended)
		return TERMINAL_END;
	if (term.stopped) {
		term.stopped = 0;
		return TERMINAL_STOP;
	}
	if (term.resized) {
		term.resized = 0;
		return TERMINAL_RESIZED;
	}
	return TERMINAL_NOTHING;
}

enum terminal_news terminal_wait(int timeout_ms, int other, struct event *e)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
				{ term.pipe[0], POLLIN, 0 },
				{ other, POLLIN, 0 } };
	enum terminal_news news = told();

	if (news != TERMINAL_NOTHING)
		return news;
	if (take_event(e))
		return TERMINAL_EVENT;
	if (poll(fds, other >= 0 ? 3 : 2, timeout_ms) < 0 && errno != EINTR)
		return TERMINAL_END;
	news = told();
	if (news != TERMINAL_NOTHING)
		return news;
	if (fds[0].revents && take_event(e))
		return TERMINAL_EVENT;
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		return TERMINAL_END;
	return other >= 0 && fds[2].revents ? TERMINAL_WOKEN : TERMINAL_NOTHING;
}

void terminal_stop(void)
{
	struct sigaction a = { .sa_handler = SIG_DFL };
	struct sigaction old;

	if (term.mouse)
		send_all(mouse_off, sizeof(mouse_off) - 1);
	curs_set(1);
	endwin();
	sigaction(SIGTSTP, &a, &old);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &old, NULL);
	refresh();
	if (term.mouse)
		send_all(mouse_on, sizeof(mouse_on) - 1);
}

int terminal_signal(void)
{
	return term.ended;
}

void terminal_copy(const uint8_t *data, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	struct buf out = { 0 };

	n = n < COPY_MAX ? n : COPY_MAX;
	buf_str(&out, "\033]52;c;");
	for (size_t i = 0; i < n; i += 3) {
		uint32_t word = (uint32_t)data[i] << 16;

		word |= i + 1 < n ? (uint32_t)data[i + 1] << 8 : 0;
		word |= i + 2 < n ? data[i + 2] : 0;
		buf_byte(&out, (uint8_t)digits[word >> 18]);
		buf_byte(&out, (uint8_t)digits[word >> 12 & 63]);
		buf_byte(&out, i + 1 < n ? (uint8_t)digits[word >> 6 & 63] : '=');
		buf_byte(&out, i + 2 < n ? (uint8_t)digits[word & 63] : '=');
	}
	buf_str(&out, "\a");
	if (!out.failed)
		send_all((const char *)out.data, out.len);
	buf_free(&out);
}
