#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The browser when there is no more memory: allocations fail once, or from there on all of them,
while it is used. It ends with 0 or 1, never of a signal, and the terminal is as it was."""
import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, "tests")
from faults import FAIL_MALLOC as FAIL  # noqa: E402
from faults import LFSTUI, need_plain_build  # noqa: E402
from tap import GOLDEN, main  # noqa: E402

IMAGE = GOLDEN + "img/floats-51f.img"
ELF = "samples/firmware-51-double.elf"
OTHER = GOLDEN + "img/floats-53.img"
CAPTURE = "samples/capture-51.json"
POINTS = 40  # failures of each kind that a session is put through, at most
# Everything that takes memory: views, opening, following, sorting, searching, marks, popups.
KEYS = b"jl\tttttttsS/a\rfmain\r\r\x7f\x7f\x1bGl\rx\x7fmyi \x0c?G ee.\x1bqqg3t"
QUIT = b"Qy"


class Session:
    """The program on a terminal of its own, its keys typed ahead."""

    def __init__(self, args, fail=0, on=False, tell=None, sites=None, keys=KEYS):
        env = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        if sites:
            env.update(LD_PRELOAD=FAIL, FAIL_MALLOC_SITES=sites)
        if fail:
            env.update(LD_PRELOAD=FAIL, FAIL_MALLOC=str(fail))
            env.update({"FAIL_MALLOC_ON": "1"} if on else {})
            env.update({"FAIL_MALLOC_TELL": tell} if tell else {})
        ours, its = pty.openpty()
        before = termios.tcgetattr(its)
        p = subprocess.Popen([LFSTUI, *args], stdin=its, stdout=its, stderr=subprocess.PIPE,
                             env=env)
        self.screen = b""
        os.write(ours, keys + QUIT)
        end = time.monotonic() + 20
        while p.poll() is None and time.monotonic() < end:
            if select.select([ours], [], [], 0.02)[0]:
                self.screen += os.read(ours, 65536)
        assert p.poll() is not None, (args, fail, on, "does not end")
        self.err = p.stderr.read().decode()
        p.stderr.close()
        self.status = p.returncode
        self.restored = termios.tcgetattr(its)[:4] == before[:4]
        while select.select([ours], [], [], 0)[0]:
            self.screen += os.read(ours, 65536)
        os.close(ours)
        os.close(its)

    def left(self):
        """The screen for programs was left, if it was entered."""
        return self.screen.rfind(b"\x1b[?1049h") <= self.screen.rfind(b"\x1b[?1049l")


def judge(args, n, on, keys=KEYS):
    s = Session(args, n, on, keys=keys)
    told = (args, n, on, s.status, s.err, s.screen[-200:])
    assert s.status in (0, 1), told
    assert s.restored and s.left(), told
    if s.status == 1:
        # ncurses and the JSON parser have words of their own
        assert "emory" in s.err or "JSON" in s.err, told
    return b"memory" in s.screen or "memory" in s.err


def comes_to(args, n, told):
    Session(args, n, tell=told)
    there = os.path.exists(told)
    if there:
        os.remove(told)
    return there


def allocations(args, told):
    low, high = 0, 1
    while comes_to(args, high, told):
        low, high = high, 2 * high
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if comes_to(args, middle, told) else (low, middle)
    return low


def fails_well(args):
    need_plain_build()
    with tempfile.TemporaryDirectory() as folder:
        total = allocations(args, folder + "/told")
    assert total > 100, (args, total)
    step = max(1, total // POINTS)
    said = [judge(args, n, on) for n in range(1 + total % step, total, step) for on in (False, True)]
    assert sum(said) > len(said) // 10, (args, said)  # as far as its words came in one piece


def starting(args, told):
    """Numbers of the allocations until the first screen, one of each place that asks."""
    Session(args, sites=told, keys=b"")
    with open(told, encoding="ascii") as f:
        return [int(line.split()[0]) for line in f]


def test_it_starts_or_says_that_there_is_no_memory():
    need_plain_build()
    with tempfile.TemporaryDirectory() as folder:
        for args in ([IMAGE], [CAPTURE]):
            points = starting(args, folder + "/sites")
            assert len(points) > 50, (args, points)
            # Each place once, and every fourth time all that follow.
            said = [judge(args, n, on, b"") for n in points for on in (False, True)
                    if not on or n % 4 == 0]
            assert sum(said) > 10, (args, said)


def test_an_image_is_browsed_without_memory():
    fails_well([IMAGE])


def test_a_comparison_is_browsed_without_memory():
    fails_well([IMAGE, OTHER])


def test_firmwares_are_compared_without_memory():
    fails_well([ELF, ELF])


def test_strings_are_browsed_without_memory():
    fails_well([CAPTURE, IMAGE])


main(globals())
