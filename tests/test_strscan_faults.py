#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever goes wrong between strscan and the board, it ends in a whole result or in a clear
message, in time; port and board are left as they were. STRSCAN_CAPTURES=200 for a long run."""
import concurrent.futures
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tty

sys.path.insert(0, "tests")
from live import (  # noqa: E402
    IN_TIME, VARIANTS, assert_clean, board, capture, golden,
    listed, scan, settings, texts)
from tap import STRSCAN, main  # noqa: E402

CAPTURES = int(os.environ.get("STRSCAN_CAPTURES", "24"))
WHOLE = None
FAULTS = [
    (["echo"], WHOLE), (["lf"], WHOLE), (["prompt=nodemcu$,more"], WHOLE),
    (["noise=~300"], WHOLE), (["noise=~100"], WHOLE), (["lf", "noise=~200"], WHOLE),
    (["echo", "noise=~200"], WHOLE), (["chatter=50"], WHOLE),
    (["lose=~500"], WHOLE), (["lose-in=~300"], WHOLE), (["double=~300"], WHOLE),
    (["double-in=~300"], WHOLE), (["flip=~700"], WHOLE), (["flip-in=~300"], WHOLE),
    (["echo", "lose-in=~300"], WHOLE), (["slow=2000"], WHOLE),
    (["restart=600"], WHOLE), (["restart=1500"], WHOLE), (["restart=2500"], WHOLE),
    (["restart-in=300"], WHOLE), (["restart-in=700"], WHOLE), (["banner", "restart=2500"], WHOLE),
    (["missing=node"], WHOLE),
    (["oom=20"], "not enough memory on the device: .* [0-9]+ are free"),
    (["heap=900"], "not enough memory on the device"),
    (["steal"], "nothing at all.*only a reset helps"), (["dead"], "nothing at all"),
    (["stranger"], "no NodeMCU.*ERROR ERROR"), (["missing=debug"], "no debug.getstrings"),
    (["noise=20"], "answers, but nothing comes whole"),
    (["unplug=700"], "port is gone"), (["unplug=2000"], "port is gone"),
]


def one_fault(variant, faults, expected):
    with board(variant, faults=faults) as b:
        before = settings(b.path)
        status, out, err = scan("--capture", "-p", b.path)
        if expected is WHOLE:
            assert status == 0, (variant, faults, status, err)
            extra = {b"_PROMPT", b"_PROMPT2", b"nodemcu$", b"more"}
            assert texts(out) - extra == golden(variant), (variant, faults)
        else:
            assert status == 1 and re.search(expected, err) and not out, (variant, faults, err)
            assert err.count("\n") == 1, err
        if not faults[0].startswith("unplug"):
            assert settings(b.path) == before, (variant, faults)
        if expected is WHOLE and not faults[0].startswith("prompt"):
            assert_clean(b, (variant, faults))


def test_every_fault_ends_in_a_whole_result_or_a_clear_message_in_time():
    jobs = [("53" if i % 3 == 2 else "51", *f) for i, f in enumerate(FAULTS)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(one_fault, *job) for job in jobs]:
            done.result()


# Fault, and what may be said instead of a whole result, wherever in the session it begins.
STAGED = [
    ("echo", WHOLE), ("lf", WHOLE), ("noise ~150", WHOLE), ("chatter 20", WHOLE),
    ("lose ~500", WHOLE), ("lose-in ~200", WHOLE), ("double ~200", WHOLE),
    ("double-in ~200", WHOLE), ("flip ~400", WHOLE), ("flip-in ~200", WHOLE),
    ("slow 8000", WHOLE), ("restart 1", WHOLE), ("restart-in 1", WHOLE),
    ("oom 5", "not enough memory.* [0-9]+ are free"), ("heap 300", "not enough memory"),
    ("missing debug", "no debug.getstrings|refuses"), ("steal", "only a reset helps"),
    ("dead", "no answer, nothing at all|runs nothing|only a reset helps"),
    ("stranger", "no NodeMCU|runs nothing"), ("unplug", "port is gone"),
]
POINTS = 4


def small_table(path):
    """A string of every kind; a capture of it is short."""
    rows = {b"", b"nil", b"false", b"12\t3\tabc", bytes(range(32)) + b"\x7f\x80\xff",
            b"x" * 99, b"y" * 100, b"z" * 1100,
            b"not enough memory", b"Lua error: \tno", b"a\nNodeMCU 1\n powered by Lua 5.1\n"}
    rows |= {b"topic/%d" % i for i in range(40)}
    with open(path, "wb") as f:
        for i, row in enumerate(sorted(rows), 1):
            f.write(b"%d\t%d\t%s\n" % (i, len(row), b"".join(b"\\%03d" % c for c in row)))
    return rows


def one_stage(table, rows, variant, point, fault, told):
    """Seconds that it took."""
    rows = {t for t in rows if variant != "53" or len(t) <= 40}
    with board(variant, "--strings", table, "--seed", str(point)) as b:
        before = settings(b.path)
        b.ask(f"after {point} {fault}")
        start = time.monotonic()
        status, out, err = scan("--capture", "-p", b.path)
        took = time.monotonic() - start
        what = variant, point, fault, status, err
        if status == 0:
            assert texts(out) == rows, (what, texts(out) ^ rows)
        else:
            assert status == 1 and not out and err.count("\n") == 1, what
            assert told and re.search(told, err), what
        if fault != "unplug":
            assert settings(b.path) == before, what
        if not fault.startswith(("dead", "steal", "stranger", "unplug", "heap")):
            assert_clean(b, what)
        return took


def clean_length(table, variant):
    """Bytes that the board says in a session without any fault."""
    with board(variant, "--strings", table) as b:
        before = b.stats()["bytes_out"]
        capture(b)
        return b.stats()["bytes_out"] - before


def test_every_fault_at_every_stage_ends_in_a_whole_result_or_a_clear_message_in_time():
    r = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        table = folder + "/table"
        rows = small_table(table)
        length = {v: clean_length(table, v) for v in ("51", "53")}
        jobs = []
        for i, (fault, told) in enumerate(STAGED):
            for k in range(POINTS):
                variant = ("51", "53")[(i + k) % 2]
                step = length[variant] // POINTS
                jobs.append((table, rows, variant, k * step + r.randrange(1, step), fault, told))
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            slowest = max(pool.map(lambda job: one_stage(*job), jobs))
        assert slowest < IN_TIME, slowest


# What the board's own console may hold from its start.
CONSOLE = {b"=stdin", b" ", b"_PROMPT"}


def random_faults(seed):
    """True when the capture was whole."""
    kinds = "lose", "lose-in", "double", "double-in", "flip", "flip-in", "noise", "restart"
    r = random.Random(seed)
    faults = [f"{k}={'~' if k != 'restart' else ''}{r.randrange(300, 4000)}"
              for k in r.sample(kinds, r.randrange(1, 4))]
    if r.random() < 0.2:
        faults.append("echo")
    variant = r.choice(VARIANTS)
    with board(variant, "--seed", str(seed + 1), faults=faults) as b:
        b.ask("mark")  # collects garbage
        kept = listed(b)
        status, out, err = scan("--capture", "-p", b.path, timeout=300)
    if status == 0:
        assert kept - texts(out) <= CONSOLE, (seed, variant, faults, kept - texts(out))
        assert texts(out) == golden(variant), (seed, variant, faults, texts(out) ^ golden(variant))
        return True
    assert status == 1 and not out and err, (seed, variant, faults, status)
    return False


def test_random_faults_lose_no_string_silently():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        whole = sum(pool.map(random_faults, range(CAPTURES)))
    assert whole >= CAPTURES * 3 // 4, (whole, CAPTURES)


def test_what_others_left_on_the_console_is_got_out_of():
    for left in ("local t={\\n", "print(12", "x=[==[ abc\\n", "--[[ abc\\n", "x='abc\\\\\\n",
                 "print('" + "a" * 200):
        with board("51") as b:
            b.ask("type " + left)
            out, _ = capture(b)
            assert texts(out) == golden("51"), left
            assert_clean(b, left)


def test_signals_leave_terminal_and_device_as_they_were():
    r = random.Random(7)
    with board("51", "--baud", "115200", faults=["slow=4000"]) as b:
        start = time.monotonic()
        capture(b)
        whole = time.monotonic() - start
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT) * 4
        ended = []
        for i, number in enumerate(numbers):
            before = settings(b.path)
            p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            time.sleep(max(0.03, whole * (i + r.random()) / len(numbers)))
            p.send_signal(number)
            out, _ = p.communicate(timeout=20)
            # It may have ended before.
            assert p.returncode in (-number, 0) and (p.returncode == 0 or not out), p.returncode
            ended.append(p.returncode)
            assert settings(b.path) == before, number
            assert_clean(b, number)
        assert sum(e != 0 for e in ended) >= len(numbers) * 2 // 3, ended


def test_a_second_signal_ends_it_at_once():
    with board("51", faults=["dead"]) as b:
        before = settings(b.path)
        p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        time.sleep(1.5)
        p.send_signal(signal.SIGINT)
        time.sleep(0.5)
        start = time.monotonic()
        p.send_signal(signal.SIGTERM)
        p.communicate(timeout=15)
        assert p.returncode == -signal.SIGTERM and time.monotonic() - start < 1
        assert settings(b.path) == before


def test_a_board_that_restarts_for_ever_is_told_of_and_does_not_hold_anybody_up():
    with board("51", "--init", "node.restart()") as b:
        before = settings(b.path)
        p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        time.sleep(2)
        p.send_signal(signal.SIGINT)
        start = time.monotonic()
        p.communicate(timeout=60)
        assert p.returncode == -signal.SIGINT and time.monotonic() - start < 16
        start = time.monotonic()
        status, out, err = scan("--capture", "-p", b.path)
        assert status == 1 and not out and "restarts again and again" in err, err
        assert time.monotonic() - start < 75
        assert settings(b.path) == before


class Other(threading.Thread):
    """No NodeMCU at a terminal: after each line it says what it says."""

    def __init__(self, answer, echo):
        super().__init__(daemon=True)
        self.answer, self.echo = answer, echo
        self.fd, self.inner = pty.openpty()
        tty.setraw(self.inner)
        self.path = os.ttyname(self.inner)
        self.start()

    def run(self):
        while data := os.read(self.fd, 4096):
            os.write(self.fd, b"".join(
                self.answer if c in b"\r\n" else bytes([c]) if self.echo else b"" for c in data))


SYNTAX = b'\r\n  File "<stdin>", line 1\r\nSyntaxError: invalid syntax\r\n>>> '
OTHERS = [(SYNTAX, True, "MicroPython"), (b"\r\nesp32 login: ", True, "login of a computer"),
          (b"\r\nPassword: \r\nLogin incorrect\r\n", False, "login of a computer"),
          (b"\r\nsh: syntax error: unexpected )\r\n/ # ", True, "shell's prompt"),
          (b"\r\n\x1b[01;32mme@pc\x1b[00m:~$ ", True, "shell's prompt"),
          (b"\r\n\r\nERROR\r\n", True, "AT firmware"),
          (b"\r\n[42] no ERROR yet\r\n", False, "only a reset helps")]


def one_other(answer, echo, told):
    status, out, err = scan("--capture", "-p", Other(answer, echo).path)
    assert status == 1 and not out and told in err and err.count("\n") == 1, err
    # Nothing is cut off: what was seen last stands at the end.
    assert "no NodeMCU" in err and err.endswith('"\n'), err


def test_what_is_no_nodemcu_is_named():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda case: one_other(*case), OTHERS))


def test_an_application_that_never_returns_is_told_from_a_silent_board():
    """As far as that can be: its start must have been seen."""
    for seen in (True, False):
        with board("51", "--watchdog", "0", faults=["loop"]) as b:
            b.ask("reset")
            time.sleep(0.3)
            before = settings(b.path)
            p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            time.sleep(1)
            if seen:
                b.ask("reset")
            err = p.communicate(timeout=IN_TIME)[1].decode()
            assert p.returncode == 1 and err.count("\n") == 1, err
            assert ("its init.lua never returns" in err) == seen, err
            assert err.endswith("the firmware anew\n" if seen else "(--reset)\n"), err
            assert settings(b.path) == before


def test_a_file_system_is_not_formatted_for_ever():
    """By the clock of a recording, which is as long as it says."""
    def record(t, way, text):
        return json.dumps({"t": t, "dir": way, "hex": text.encode().hex()}) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/log", "w", encoding="ascii") as f:
            for i in range(300):
                f.write(record(3 * i, "tx", "]] ]=] ]==] )(\n"))
                f.write(record(3 * i + 2, "rx", "Formatting file system. Please wait...\r\n"))
                f.write(record(3 * i + 2, "tx", f'print"\\093{100 + i}"\n'))
        status, out, err = scan("--capture", "--replay", folder + "/log")
        assert status == 1 and not out and "no NodeMCU" in err and "Formatting" in err, err


def test_messages_that_nobody_reads_do_not_end_it_in_disorder():
    with board("51") as b:
        before = settings(b.path)
        p = subprocess.Popen([STRSCAN, "--capture", "--watch", "2", "--every", "1", "-p", b.path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stderr.close()
        out = p.stdout.read()
        assert p.wait(timeout=IN_TIME) == 0 and texts(out) >= golden("51")
        p.stdout.close()
        assert settings(b.path) == before
        assert_clean(b, "SIGPIPE")


def test_closed_descriptors_are_not_taken_for_the_device():
    """Nothing is written that was meant for somebody else."""
    with board("51") as b, tempfile.TemporaryDirectory() as folder:
        log = folder + "/log"
        p = subprocess.run(["sh", "-c", f"exec {STRSCAN} --capture --watch 2 --every 1 --record "
                            f"{log} -p {b.path} <&- >&- 2>&-"], timeout=IN_TIME, check=False)
        with open(log, encoding="utf-8") as f:
            assert p.returncode == 1 and all(line.startswith("{") for line in f)


if __name__ == "__main__":
    main(globals())
