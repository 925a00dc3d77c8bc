/* SPDX-License-Identifier: MIT */
/*
 * Recordings: one JSON object a line, {"t": seconds, "dir": "tx" or "rx", "hex": "0d0a"}, tx being
 * what goes to the device. A recording is played back by its own clock: bytes come when they came,
 * and what is sent must be what was sent.
 */
#include "common/base/hex.h"
#include "common/device/port_parts.h"

#include <stdlib.h>
#include <string.h>

struct record {
	int64_t t;
	bool sent;
	size_t off, len; /* in bytes */
};

struct port_log {
	struct record *records;
	uint32_t count, cap;
	struct buf bytes;
	struct cursor {
		uint32_t at; /* record */
		size_t done; /* bytes of it */
	} sent, got;
	int64_t now;
};

void log_write(FILE *out, double t, bool sent, const uint8_t *data, size_t n)
{
	fprintf(out, "{\"t\": %.6f, \"dir\": \"%s\", \"hex\": \"", t, sent ? "tx" : "rx");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%02x", data[i]);
	fputs("\"}\n", out);
}

/* The value behind "key": in a line that ends with NUL; NULL: none. */
static const char *value_of(const char *line, const char *key)
{
	const char *p = strstr(line, key);

	if (!p)
		return NULL;
	p += strlen(key);
	while (*p == ' ' || *p == ':' || *p == '\t')
		p++;
	return p;
}

/* False when it is none; true, too, when there is no memory for it: log->bytes has failed then. */
static bool read_line(struct port_log *log, const char *line)
{
	const char *t = value_of(line, "\"t\""), *dir = value_of(line, "\"dir\"");
	const char *hex = value_of(line, "\"hex\"");
	struct record *r;
	double seconds;

	if (!t || !dir || !hex || *hex++ != '"' ||
	    (strncmp(dir, "\"tx\"", 4) != 0 && strncmp(dir, "\"rx\"", 4) != 0))
		return false;
	seconds = strtod(t, NULL);
	if (!(seconds >= 0 && seconds < 1e9))
		return false;
	r = vec_grow(&log->records, &log->count, &log->cap, sizeof(*r), 1);
	if (!r) {
		log->bytes.failed = true;
		return true;
	}
	*r = (struct record){ .t = (int64_t)(seconds * (double)PORT_SECOND),
			      .sent = dir[1] == 't',
			      .off = log->bytes.len };
	for (; hex_digit(hex[0]) >= 0 && hex_digit(hex[1]) >= 0; hex += 2)
		buf_byte(&log->bytes, (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
	r->len = log->bytes.len - r->off;
	return *hex == '"';
}

enum err log_open(const uint8_t *data, size_t len, struct diag *diag, struct port_log **out)
{
	struct port_log *log = *out = calloc(1, sizeof(*log));
	struct buf line = { 0 };
	bool ok = log != NULL;

	for (size_t at = 0; at < len && ok;) {
		const uint8_t *lf = memchr(data + at, '\n', len - at);
		size_t n = lf ? (size_t)(lf - data) - at : len - at;

		line.len = 0;
		buf_put(&line, data + at, n);
		buf_byte(&line, 0);
		if (line.failed)
			break;
		ok = n == 0 || read_line(log, (const char *)line.data);
		if (!ok)
			diag_fail_at(diag, ERR_DAMAGED, at, "recording", "this line is no record");
		at += n + 1;
	}
	if (!log || log->bytes.failed || line.failed)
		diag_fail(diag, ERR_MEMORY, "out of memory");
	buf_free(&line);
	return diag->code;
}

void log_close(struct port_log *log)
{
	if (!log)
		return;
	free(log->records);
	buf_free(&log->bytes);
	free(log);
}

int64_t log_now(const struct port_log *log)
{
	return log->now;
}

/* The record of that direction which the cursor is in. */
static struct record *next_record(struct port_log *log, struct cursor *c, bool sent)
{
	while (c->at < log->count) {
		struct record *r = &log->records[c->at];

		if (r->sent == sent && c->done < r->len)
			return r;
		c->at++;
		c->done = 0;
	}
	return NULL;
}

size_t log_read(struct port_log *log, uint8_t *out, size_t size, int64_t deadline,
		struct diag *diag)
{
	struct record *r = next_record(log, &log->got, false);
	struct record *s = next_record(log, &log->sent, true);
	size_t n;

	if (!r && !s) {
		diag_fail(diag, ERR_IO, "the recording ends here");
		return 0;
	}
	/* What was sent before it has to be sent first. */
	if (!r || (s && s < r) || r->t > deadline) {
		if (log->now < deadline)
			log->now = deadline;
		return 0;
	}
	if (log->now < r->t)
		log->now = r->t;
	n = r->len - log->got.done < size ? r->len - log->got.done : size;
	memcpy(out, log->bytes.data + r->off + log->got.done, n);
	log->got.done += n;
	return n;
}

enum err log_sent(struct port_log *log, const uint8_t *data, size_t n, struct diag *diag)
{
	for (size_t i = 0; i < n; i++) {
		struct record *r = next_record(log, &log->sent, true);

		if (!r)
			return diag_fail(diag, ERR_IO, "the recording ends here");
		if (log->bytes.data[r->off + log->sent.done] != data[i])
			return diag_fail(diag, ERR_IO,
					 "the recording went on in another way (record %u): it is "
					 "not one of this program with these options",
					 (unsigned)log->sent.at + 1);
		if (log->now < r->t)
			log->now = r->t;
		log->sent.done++;
	}
	return ERR_NONE;
}
