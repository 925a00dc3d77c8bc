/* SPDX-License-Identifier: MIT */
/*
 * The other end of a port, played from a script: for unit tests and the fuzzer. Time is its own,
 * and waiting takes none. Once the script ends the port is gone.
 */
#ifndef UTIL_PEER_H
#define UTIL_PEER_H

#include "common/device/port.h"

/* Bytes of a script that are no text. */
#define PEER_ECHO   "\377" /* what was sent since the last of these */
#define PEER_ANSWER "\376" /* the marker that the last line asks for */
#define PEER_PAUSE  "\375" /* a tenth of a second */
#define PEER_REST   "\374" /* four seconds */

/* Closed by port_close. script must live on. */
struct port *peer_open(const void *script, size_t len);

/* All that was sent. */
const struct buf *peer_sent(const struct port *port);

#endif
