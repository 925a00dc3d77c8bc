#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What strscan takes of the board's heap, and what it leaves in its table of strings."""
import re
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from live import VARIANTS, board, capture, make_table, scan, texts  # noqa: E402
from loop import Relay  # noqa: E402
from tap import main  # noqa: E402


def floor_of(variant, line):
    """What a line takes when the board is idle, in bytes of the device."""
    with Board(variant, "--fast", "--boot-ms", "20", "--gc", "always") as b:
        b.read_until(b"> ")
        b.ask("mark")
        base = b.stats()["heap_used"]
        for _ in range(6):
            b.run(line)
        return (b.stats()["heap_peak"] - base) * 2 // 3


# Numbers of strings with which the interpreter's own hash table is not near to being doubled.
TABLES = 40, 200, 500


def test_it_takes_the_array_and_1_kb_of_heap_at_the_peak():
    """The board counts the bytes of a 64-bit Lua, 3 for 2 of the device's: an array of 16 for each
    string. 5.3 cuts its stack down when it collects and doubles it for any line that prints: =1
    takes 816 bytes of an idle board there, 341 with 5.1."""
    floor = {v: floor_of(v, "=1") for v in ("51", "53")}
    assert floor["51"] < 400 and 700 < floor["53"] < 900, floor
    for variant, count, telnet in ((v, n, t) for v in VARIANTS for n in TABLES
                                   for t in (False, True) if n == 200 or v != "51i" and not t):
        with tempfile.TemporaryDirectory() as folder:
            rows = make_table(folder + "/table", count, True)
            with board(variant, "--strings", folder + "/table", "--gc", "always",
                       "--heap", "60000", telnet=telnet) as b:
                b.ask("mark")
                base = b.stats()["heap_used"]
                out, _ = capture(b, telnet=telnet)
                found = texts(out)
                assert found == {t for t in rows if variant != "53" or len(t) <= 40}
                # And what the capture itself made: a line, two names, "=stdin".
                array = 56 + 16 * (len(found) + 4)
                over = (b.stats()["heap_peak"] - base - array) * 2 // 3
                limit = 1024 if variant != "53" else 1024 + floor["53"] - floor["51"]
                assert over <= limit, (variant, count, telnet, over)


def test_its_own_words_are_not_in_the_result():
    """Neither lines nor names nor the console's name for its chunks, on a board with one string."""
    for variant in VARIANTS:
        for telnet in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                with open(folder + "/table", "w", encoding="ascii") as f:
                    f.write("1\t5\tkept1\n")
                with board(variant, "--strings", folder + "/table", telnet=telnet) as b:
                    for _ in range(2):
                        out, _ = capture(b, telnet=telnet)
                        assert texts(out) == {b"kept1"}, (variant, telnet, texts(out))


def test_too_little_memory_is_told_with_figures():
    for variant, fault, told in (
            ("51", "oom=20", r"needs up to about \d+ bytes.*, \d+ are free, but not in one piece"),
            ("53", "oom=20", r"needs up to about \d+ bytes.*, \d+ are free, but not in one piece"),
            ("51", "heap=1600", r"read its 83 strings: about 2352 bytes.*needed, 1\d\d\d are free"),
            ("53", "heap=1200", r"needs up to about \d+ bytes of heap at once, \d+ are free; stop"),
            ("51", "heap=300", r"not enough memory on the device to run a single line")):
        with board(variant, "--gc", "always", faults=[fault]) as b:
            status, out, err = scan("--capture", "-p", b.path)
            assert status == 1 and not out and re.search(told, err), (variant, fault, err)
    # The firmware tells of the allocation that failed.
    init = ("debug=setmetatable({getstrings=function()print('E:M 50000')"
            "error('not enough memory',0)end},{__index=debug})")
    with board("51", "--init", init) as b:
        status, out, err = scan("--capture", "-p", b.path)
        heap = re.search(r"takes 50000 bytes of heap at once, (\d+) are free, (\d+) are miss", err)
        assert status == 1 and heap and int(heap[1]) + int(heap[2]) == 50000, err


def test_a_board_that_refuses_is_understood_however_slow_it_is():
    def late(data):
        time.sleep(0.9)
        return data
    with board("51", "--gc", "always", faults=["heap=300"]) as b, \
            Relay(b.path, to_client=late) as relay:
        status, out, err = scan("--capture", "-p", relay.path)
        assert status == 1 and not out, err
        assert "not enough memory on the device to run a single line" in err, err


if __name__ == "__main__":
    main(globals())
