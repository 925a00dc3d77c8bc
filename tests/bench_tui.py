#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the browser on a pseudo-terminal: the first screen, and how soon a key is answered."""
import fcntl
import glob
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

LFSTUI = os.environ.get("LFSTUI", "build/bin/lfstui")
GOLDEN = "tests/golden/"
AIM = 0.016  # seconds to an answer
KEYS = ["\t"] + ["j"] * 15 + ["\x06"] * 8 + ["\x02"] * 8 + ["G", "g", "G", "g"]
SORT = ["s", "S"]


def start(path, rows=50, cols=200):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.environ.pop("NO_COLOR", None)
        os.execvp(LFSTUI, [LFSTUI, path])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    return pid, fd


def answer(fd, wait, quiet=0.01):
    """Seconds to the first byte, and what came until it was quiet."""
    begin = time.perf_counter()
    if not select.select([fd], [], [], wait)[0]:
        return None, b""
    took, data = time.perf_counter() - begin, b""
    while select.select([fd], [], [], quiet)[0]:
        data += os.read(fd, 65536)
    return took, data


def answer_to(fd, key):
    """Seconds to the first byte of what a key changed; None when nothing was to be changed: then
    Ctrl-L, which draws all anew, is answered at once. Else the key, too, was waited for."""
    begin = time.perf_counter()
    os.write(fd, key.encode())
    took, _ = answer(fd, 0.1)
    if took is not None:
        return took
    os.write(fd, b"\x0c")
    redrawn, _ = answer(fd, 10)
    if redrawn is None:
        sys.exit(f"no answer to {key!r}")
    return None if redrawn < AIM else time.perf_counter() - begin


def first_screen(path):
    begin = time.perf_counter()
    pid, fd = start(path)
    seen = b""
    while b"lfstui" not in seen or b"Enter" not in seen:
        if not select.select([fd], [], [], 10)[0]:
            sys.exit(f"{path}: no screen")
        seen += os.read(fd, 65536)
    took = time.perf_counter() - begin
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    os.close(fd)
    return took


def answers(path, views, keys):
    pid, fd = start(path)
    answer(fd, 5, 0.2)
    times = []
    for _ in range(views):
        for key in [*keys, "\t", "t"]:
            took = answer_to(fd, key)
            if took is not None:
                times.append(took)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    os.close(fd)
    return sorted(times)


def row(what, ms, aim):
    verdict = "" if aim is None else f"   (aim {aim:g}: {'reached' if ms < aim else 'MISSED'})"
    print(f"  {what:44} {ms:8.2f} ms{verdict}")


def measure(path, views, keys, aim):
    print(f"{path}, {os.path.getsize(path)} bytes, 200 columns, 50 rows:")
    row("lfstui, first screen (median of 11)",
        statistics.median(first_screen(path) for _ in range(11)) * 1000, aim)
    times = answers(path, views, keys)
    row(f"a key answered, 50th percentile of {len(times)}", times[len(times) // 2] * 1000,
        AIM * 1000)
    row("a key answered, 99th percentile", times[len(times) * 99 // 100] * 1000, AIM * 1000)
    row("the longest", times[-1] * 1000, None)


def main():
    measure(max(glob.glob(GOLDEN + "img/*.img"), key=os.path.getsize), 16, KEYS + SORT, 150)
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/strings.txt"
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(f"home/room{i % 97}/{'temperature' if i % 2 else 'onConnect'}{i}\n"
                         for i in range(100000))
        measure(path, 4, KEYS + SORT * 8 + ["j", "G", "g"], None)


main()
