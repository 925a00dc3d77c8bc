/* SPDX-License-Identifier: MIT */
#include "strscan/luac.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/lua/format.h"
#include "common/view/escape.h"

/* For a program that is none: it ends at some time, and does not fill the disk. */
enum { SECONDS_MAX = 10, WORDS_MAX = 4000, PATH_BYTES = 32 };

/* Files without a name, which the program opens by number. */
struct run {
	FILE *source, *chunk, *words; /* source: NULL when it has a name */
	int status;                   /* as waitpid has it */
	bool late;                    /* it took too long, and was ended */
};

static void run_close(struct run *r)
{
	if (r->source)
		fclose(r->source);
	if (r->chunk)
		fclose(r->chunk);
	if (r->words)
		fclose(r->words);
}

static bool run_open(struct run *r, const struct buf *text)
{
	*r = (struct run){ .chunk = tmpfile(), .words = tmpfile() };
	if (text) {
		r->source = tmpfile();
		if (r->source && text->len)
			fwrite(text->data, 1, text->len, r->source);
	}
	return r->chunk && r->words && (!text || (r->source && fflush(r->source) == 0));
}

static void start(const char *path, const char *source, const char *chunk, int words)
{
	struct rlimit limit = { FILE_MAX, FILE_MAX };
	/* For when nobody is there any more to end it. */
	struct rlimit seconds = { (rlim_t)2 * SECONDS_MAX, (rlim_t)2 * SECONDS_MAX };
	int null = open("/dev/null", O_RDWR);
	char *argv[] = { (char *)path, (char *)"-o", (char *)chunk, (char *)source, NULL };

	setpgid(0, 0); /* to end what it starts, too */
	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(words, 2) == 2) {
		signal(SIGPIPE, SIG_DFL);
		setrlimit(RLIMIT_FSIZE, &limit);
		setrlimit(RLIMIT_CPU, &seconds);
		execvp(path, argv);
		dprintf(2, "%s: %s\n", path, strerror(errno));
	}
	_exit(127);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A program that does not end is ended, with all that it started. */
static enum err await_end(pid_t pid, struct run *r, struct diag *diag)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	int64_t end = now_ms() + INT64_C(1000) * SECONDS_MAX;

	for (;;) {
		pid_t got = waitpid(pid, &r->status, r->late ? 0 : WNOHANG);

		if (got == pid)
			return ERR_NONE;
		if (got < 0 && errno != EINTR)
			return diag_system(diag);
		if (!r->late && now_ms() > end) {
			r->late = true;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
		}
		nanosleep(&pause, NULL);
	}
}

static enum err run_program(const char *path, const char *file, struct run *r, struct diag *diag)
{
	char chunk[PATH_BYTES], source[PATH_BYTES];
	pid_t pid;

	snprintf(chunk, sizeof(chunk), "/dev/fd/%d", fileno(r->chunk));
	if (r->source)
		snprintf(source, sizeof(source), "/dev/fd/%d", fileno(r->source));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		start(path, r->source ? source : file, chunk, fileno(r->words));
	if (pid < 0)
		return diag_system(diag);
	return await_end(pid, r, diag);
}

static void read_all(FILE *f, size_t max, struct buf *out)
{
	long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
	size_t n = size > 0 && (size_t)size < max ? (size_t)size : size > 0 ? max : 0;
	uint8_t *p = buf_extend(out, n);

	rewind(f);
	if (p)
		out->len = fread(p, 1, n, f);
}

/* What the program printed, as it printed it, but for what no terminal should see. */
static void say_words(FILE *f)
{
	struct buf words = { 0 }, line = { 0 };

	read_all(f, WORDS_MAX, &words);
	for (size_t at = 0; at < words.len;) {
		const uint8_t *p = words.data + at;
		const uint8_t *end = memchr(p, '\n', words.len - at);
		size_t n = end ? (size_t)(end - p) : words.len - at;

		escape_text(&line, p, n);
		buf_byte(&line, '\n');
		at += n + 1;
	}
	fwrite(line.data, 1, line.len, stderr);
	buf_free(&words);
	buf_free(&line);
}

static enum err fail_run(const char *path, const struct run *r, struct diag *diag)
{
	say_words(r->words);
	if (r->late)
		return diag_fail(diag, ERR_KIND, "%.100s did not end in %d seconds", path,
				 SECONDS_MAX);
	if (WIFSIGNALED(r->status))
		return diag_fail(diag, ERR_KIND, "%.100s was ended by signal %d", path,
				 WTERMSIG(r->status));
	if (WEXITSTATUS(r->status) == 127)
		return diag_fail(diag, ERR_IO, "%.100s cannot be run", path);
	return diag_fail(diag, ERR_KIND, "%.100s does not compile it (status %d)", path,
			 WEXITSTATUS(r->status));
}

static enum err read_chunk(const char *path, struct run *r, const struct lua_traits *t,
			   struct diag *diag, struct lua_image **out)
{
	struct diag inner = { 0 };
	struct buf bytes = { 0 }, words = { 0 };
	const struct lua_traits *has;

	read_all(r->chunk, FILE_MAX, &bytes);
	lua_image_load(bytes.data, bytes.len, &inner, out);
	buf_free(&bytes);
	if (inner.code || (*out)->traits.form != LUA_FORM_CHUNK)
		return diag_fail(diag, ERR_KIND,
				 "%.100s is no luac.cross: it writes no .lc of "
				 "NodeMCU",
				 path);
	has = &(*out)->traits;
	if (has->version == t->version && has->integer_bytes == t->integer_bytes &&
	    has->float_bytes == t->float_bytes)
		return ERR_NONE;
	lua_format_words(*out, &words);
	buf_byte(&words, '\0');
	diag_fail(diag, ERR_KIND, "%.60s compiles for another firmware (%s)", path,
		  words.failed ? "" : (const char *)words.data);
	buf_free(&words);
	return diag->code;
}

static enum err compile(const char *path, const char *file, const struct buf *text,
			const struct lua_traits *traits, struct diag *diag, struct lua_image **out)
{
	struct run r;

	*out = NULL;
	if (!run_open(&r, text))
		diag_fail(diag, ERR_IO, "no temporary file: %s", strerror(errno));
	else if (run_program(path, file, &r, diag) == ERR_NONE)
		r.status ? fail_run(path, &r, diag) : read_chunk(path, &r, traits, diag, out);
	run_close(&r);
	if (diag->code) {
		lua_image_free(*out);
		*out = NULL;
	}
	return diag->code;
}

enum err luac_open(const char *path, const struct lua_traits *traits, struct diag *diag,
		   struct luac *out)
{
	static const uint8_t source[] = "return 1\n";
	struct buf text = { .data = (uint8_t *)source, .len = sizeof(source) - 1 };
	struct lua_image *img;

	*out = (struct luac){ 0 };
	if (compile(path, NULL, &text, traits, diag, &img) == ERR_NONE)
		out->path = path;
	lua_image_free(img);
	return diag->code;
}

/* A name that begins with - would be an option. */
enum err luac_compile(const struct luac *l, const char *file, const struct buf *text,
		      const struct lua_traits *traits, struct diag *diag, struct lua_image **out)
{
	struct buf name = { 0 };

	*out = NULL;
	buf_str(&name, file[0] == '-' ? "./" : "");
	buf_str(&name, file);
	buf_byte(&name, '\0');
	if (name.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	else
		compile(l->path, (const char *)name.data, text, traits, diag, out);
	buf_free(&name);
	return diag->code;
}
