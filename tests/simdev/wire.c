/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "clock.h"

static int64_t byte_ns(const struct wire *w)
{
	return 10 * CLOCK_SECOND / w->baud;
}

/* Does the client hear something else than what is said? */
static bool wrong_rate(const struct wire *w)
{
	static const struct {
		speed_t code;
		uint32_t baud;
	} rates[] = { { B9600, 9600 },     { B19200, 19200 },   { B38400, 38400 },
		      { B57600, 57600 },   { B115200, 115200 }, { B230400, 230400 },
		      { B460800, 460800 }, { B921600, 921600 } };
	struct termios t;

	if (!w->check_baud || w->listener >= 0 || tcgetattr(w->fd, &t))
		return false;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i].baud == w->baud)
			return cfgetospeed(&t) != rates[i].code;
	return true;
}

static void ring_put(struct wire *w, uint8_t c)
{
	size_t size = w->fast ? WIRE_FAST_RING : WIRE_RING;

	if (w->count == size) { /* the oldest goes */
		w->head = (w->head + 1) % size;
		w->count--;
		w->overwritten++;
	}
	w->ring[(w->head + w->count++) % size] = c;
}

static void take(struct wire *w, uint8_t c)
{
	struct faults *f = w->faults;

	w->in++;
	if (faults_hit(f, FAULT_LOSE_IN))
		return;
	if (faults_hit(f, FAULT_FLIP_IN))
		c ^= (uint8_t)(1 << faults_random(f, 7));
	ring_put(w, c);
	if (faults_hit(f, FAULT_DOUBLE_IN))
		ring_put(w, c);
}

/* How many bytes can have come since the line was looked at. */
static size_t allowed(struct wire *w)
{
	int64_t now, n;

	if (w->fast || w->listener >= 0)
		return (w->fast ? WIRE_FAST_RING : WIRE_RING) - w->count;
	now = clock_ns();
	if (!w->in_seen || now - w->in_seen > CLOCK_SECOND)
		w->in_seen = now - CLOCK_SECOND / 100;
	n = (now - w->in_seen) / byte_ns(w);
	w->in_seen += n * byte_ns(w);
	return (size_t)n;
}

void wire_idle(struct wire *w)
{
	int64_t now = clock_ns();
	if (w->in_seen < now - CLOCK_MS)
		w->in_seen = now - CLOCK_MS;
}

bool wire_poll(struct wire *w)
{
	uint8_t bytes[512];
	size_t left;
	bool garbled;

	if (w->fd < 0 || w->hung_up)
		return true;
	left = allowed(w);
	garbled = wrong_rate(w);
	while (left > 0) {
		ssize_t n = read(w->fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return w->listener < 0; /* a terminal can be opened again */
		if (n < 0)
			return true;
		for (ssize_t i = 0; i < n; i++)
			take(w, garbled ? (uint8_t)~bytes[i] : bytes[i]);
		left -= (size_t)n;
	}
	return true;
}

int wire_get(struct wire *w)
{
	uint8_t c;

	if (w->count == 0)
		return -1;
	c = w->ring[w->head];
	w->head = (w->head + 1) % (w->fast ? WIRE_FAST_RING : WIRE_RING);
	w->count--;
	return c;
}

void wire_type(struct wire *w, uint8_t c)
{
	ring_put(w, c);
}

void wire_clear(struct wire *w)
{
	w->head = w->count = 0;
}

/* Waits until the line has taken all but what the FIFO holds; input comes meanwhile. */
static void keep_pace(struct wire *w, size_t n)
{
	const struct fault_state *slow = &w->faults->of[FAULT_SLOW];
	int64_t each = slow->on ? CLOCK_SECOND / slow->n : byte_ns(w), now = clock_ns();

	if (!slow->on && (w->fast || w->listener >= 0))
		return;
	if (w->out_busy < now)
		w->out_busy = now;
	w->out_busy += (int64_t)n * each;
	while ((now = clock_ns()) < w->out_busy - WIRE_FIFO * byte_ns(w)) {
		int64_t wait = w->out_busy - WIRE_FIFO * byte_ns(w) - now;
		clock_sleep(wait < 5 * CLOCK_MS ? wait : 5 * CLOCK_MS);
		wire_poll(w);
	}
}

/* What the client's side takes; it may make us wait for two seconds, once. */
static void send_out(struct wire *w)
{
	size_t done = 0;
	int patience = w->stalled ? 1 : 400;

	while (done < w->nout && patience > 0) {
		struct pollfd p = { .fd = w->fd, .events = POLLOUT };
		ssize_t n = write(w->fd, w->out + done, w->nout - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (errno != EAGAIN && errno != EINTR) {
			return;
		} else if (--patience > 0) {
			poll(&p, 1, 5);
			wire_poll(w);
		}
	}
	w->stalled = done < w->nout;
}

/* A client that does not read loses what its buffers do not hold, as with a real port. */
void wire_flush(struct wire *w)
{
	if (w->nout == 0)
		return;
	if (w->listener < 0)
		wire_present(w);
	if (w->fd >= 0 && !w->hung_up)
		send_out(w);
	w->sent += w->nout;
	keep_pace(w, w->nout);
	w->nout = 0;
}

void wire_put(struct wire *w, uint8_t c)
{
	const size_t chunk = w->fast || w->listener >= 0 ? WIRE_OUT : 16;

	if (w->faults->of[FAULT_DEAD].on)
		return;
	if (wrong_rate(w))
		c = (uint8_t)(c << 1 | 1);
	w->out[w->nout++] = c;
	if (w->nout >= chunk || w->faults->of[FAULT_SLOW].on)
		wire_flush(w);
}
