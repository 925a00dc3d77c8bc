# SPDX-License-Identifier: MIT
"""strscan and the simulated board together, for tests."""
import json
import os
import random
import re
import subprocess
import termios
import time

from board import Board
from tap import GOLDEN, STRSCAN

VARIANTS = "51", "51i", "53"
# What the recording of golden/ram itself needed, and the name that the console gives to its chunks.
RECORDER = {b"RAM", b"__s", b"collectgarbage", b"debug", b"getstrings", b"print", b"=stdin"}
# Seconds: the longest silence that is waited for, and then some for asking why and leaving.
IN_TIME = 90


def unescape(text):
    return re.sub(rb"\\(\d\d\d)", lambda m: bytes([int(m[1])]), text)


def golden(variant):
    with open(f"{GOLDEN}ram/heap-{variant}.strings.txt", "rb") as f:
        return {unescape(line.rstrip(b"\n").split(b"\t", 2)[2]) for line in f} - RECORDER


def texts(capture):
    """The bytes that the capture's JSON stands for."""
    def back(m):
        return bytes([(m[0][1] << 6 | m[0][2] & 0x3f) & 0xff])
    return {re.sub(rb"\xee[\xbe\xbf][\x80-\xbf]", back, s["text"].encode())
            for s in json.loads(capture)["strings"]}


def port_of(board, telnet=False):
    return f"tcp:127.0.0.1:{board.path}" if telnet else board.path


def scan(*args, timeout=IN_TIME, env=None):
    """Status, output and messages of strscan; how long it took must be below timeout."""
    p = subprocess.run([STRSCAN, *args], capture_output=True, timeout=timeout,
                       env={**os.environ, **(env or {})}, check=False)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def board(variant, *args, telnet=False, faults=()):
    options = [x for f in faults for x in ("--fault", f)]
    if telnet:
        options += ["--telnet", "0"]
    b = Board(variant, "--fast", "--boot-ms", "20", "--watchdog", "3000", *options, *args,
              listen=False)
    time.sleep(0.1)
    for _ in range(100):
        if b.state()["running"] == "1":
            break
        time.sleep(0.05)
    return b


def settings(path):
    """All that stty -a shows."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return termios.tcgetattr(fd)
    finally:
        os.close(fd)


def assert_clean(b, what):
    state = b.state()
    for _ in range(50):
        if state.get("globals") == "" and state["continuation"] == "0":
            return
        time.sleep(0.05)
        state = b.state()
    raise AssertionError((what, state))


def capture(b, *args, telnet=False):
    status, out, err = scan("--capture", "-p", port_of(b, telnet), *args)
    assert status == 0, (status, err)
    return out, err


def listed(b):
    """The board's own table."""
    return {unescape(line.encode("latin-1").split(b"\t", 2)[2]) for line in b.ask("strings")}


def make_table(path, count, long):
    r = random.Random(3)
    rows = {f"home/{r.choice(('attic', 'cellar', 'hall'))}/{r.choice(('state', 'onConnect'))}{i}"
            .encode() for i in range(count)}
    if long:
        rows |= {bytes(r.choice(b"abcdefgh ") for _ in range(4096)),
                 bytes(r.choice(b"abcdefgh\n\0\x80") for _ in range(4096))}
    with open(path, "wb") as f:
        for i, row in enumerate(sorted(rows), 1):
            text = re.sub(rb"[^A-Za-z0-9]", lambda m: b"\\%03d" % m[0][0], row)
            f.write(b"%d\t%d\t%s\n" % (i, len(row), text))
    return rows
