# SPDX-License-Identifier: MIT
"""The browser on a pseudo-terminal: the first screen, and how soon a key is answered."""
import fcntl
import glob
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

from bench_table import Row, percentile
from tap import GOLDEN, LFSDUMP

LFSTUI = os.environ.get("LFSTUI", "build/bin/lfstui")
FRAME = 0.016  # seconds, of 60 in each
SCREENS = 11  # at most
MOVES = ["\t"] + ["j"] * 15 + ["\x06"] * 8 + ["\x02"] * 8 + ["G", "g", "G", "g"]
SORT = ["s", "S"]


def start(argv, rows=50, cols=200):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.environ.pop("NO_COLOR", None)
        os.execvp(argv[0], argv)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    return pid, fd


def stop(pid, fd):
    """Gives back the peak of its memory in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        peak = int(re.search(r"^VmHWM:\s*(\d+) kB", f.read(), re.M)[1])
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    os.close(fd)
    return peak


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
        raise RuntimeError(f"no answer to {key!r}")
    return None if redrawn < FRAME else time.perf_counter() - begin


def first_screen(argv, marks):
    """Seconds until all marks are on the screen, and the peak so far."""
    begin = time.perf_counter()
    pid, fd = start(argv)
    seen = b""
    while not all(mark in seen for mark in marks):
        if not select.select([fd], [], [], 10)[0]:
            raise RuntimeError(f"{argv}: no screen")
        seen += os.read(fd, 65536)
    took = time.perf_counter() - begin
    return took, stop(pid, fd)


def first_screens(job, path, peer, runs):
    """peer: its label, command and marks, or nothing."""
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(first_screen([LFSTUI, path], (b"lfstui", b"Enter")))
        if peer:
            theirs.append(first_screen(*peer[1:]))
    return Row(job, [t for t, _ in ours], peer[0] if peer else "", [t for t, _ in theirs], None,
               ours[-1][1], theirs[-1][1] if peer else None)


def answers(what, path, views, keys):
    pid, fd = start([LFSTUI, path])
    answer(fd, 5, 0.2)
    times = []
    for _ in range(views):
        times += [answer_to(fd, key) for key in [*keys, "\t", "t"]]
    peak = stop(pid, fd)
    times = [t for t in times if t is not None]
    for name, share in ("median", 0.5), ("99th percentile", 0.99):
        yield Row(f"a key answered, {what}, {name}", [percentile(times, share)],
                  f"16 ms, a frame; {len(times)} keys", [FRAME], 1, peak)


def ncdu_of(image, folder):
    if not shutil.which("ncdu"):
        return None
    tree = folder + "/tree"
    with open(tree, "wb") as f:
        subprocess.run([LFSDUMP, "--ncdu", image], stdout=f, check=True)
    return "ncdu -f, first screen", ["ncdu", "-f", tree], (b"ncdu", b"Total disk usage")


def measure(sizes, runs):
    image = max(glob.glob(GOLDEN + "img/*.img"), key=os.path.getsize)
    views, runs = sizes["views"], min(runs, SCREENS)
    with tempfile.TemporaryDirectory() as folder:
        path, what = folder + "/strings.txt", f"{sizes['lines']:,} strings"
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(f"home/room{i % 97}/{'temperature' if i % 2 else 'onConnect'}{i}\n"
                         for i in range(sizes["lines"]))
        yield first_screens("lfstui, first screen, an image", image, ncdu_of(image, folder), runs)
        yield first_screens(f"lfstui, first screen, {what}", path, None, runs)
        yield from answers("an image", image, views, (MOVES + SORT)[:sizes["keys"]])
        keys = (MOVES + SORT * 8 + ["j", "G", "g"])[:sizes["keys"]]
        yield from answers(what, path, max(1, views // 4), keys)
