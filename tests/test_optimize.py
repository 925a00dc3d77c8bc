#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --optimize and --restore against the simulated board: what is told to be won is what the board
counts; whatever happens, the old image or the new one is in it, and the next run sees to the rest.
STRSCAN_LOOPS=5 for a long run."""
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from loop import (IN_TIME, LONG, VARIANTS, board, device, each, expected, files,  # noqa: E402
                  image, lfs_sum, port, read, scan, start)
from tap import GOLDEN, STRSCAN, main  # noqa: E402
from live import texts  # noqa: E402

OPTIMIZE = ("--optimize", "--as", "lfs.img", "--every", "1")
# What a session makes in the board's table, for as long as there is a console.
OWN = {b"=stdin"}


def optimize(b, variant, *args, status=0):
    return scan(b, *OPTIMIZE, "--image", image(variant), *args, status=status)


def loaded_board(variant, fs, *args, **more):
    with open(fs + "/lfs.img", "wb") as f:
        f.write(read(image(variant)))
    return board(variant, "--fs", fs, *args, lfs=True, **more)


def strings(b):
    """The board's own list of its strings in RAM."""
    rows = (line.split("\t", 2) for line in b.ask("strings"))
    return [re.sub(r"\\(\d\d\d)", lambda m: chr(int(m[1])), row[2]).encode("latin-1")
            for row in rows]


def gain(report):
    return {row["what"]: row for row in report["gain"]}


def win(variant, telnet):
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs, telnet=telnet) as b:
        before, was = lfs_sum(b), captured(b)
        b.ask("mark")
        assert set(strings(b)) - OWN == was, (strings(b), was)
        free = int(device(b)["heap_free"])
        report, err = optimize(b, variant, "--yes")
        won, after = gain(report), device(b)
        # The new image is in it and is the file, the old one is beside it.
        there = files(fs)
        assert set(there) >= {"lfs.img", "lfs.img~old"} and not any(
            n.endswith(("~new", "~try")) for n in there), sorted(there)
        assert there["lfs.img~old"] == read(image(variant)), (variant, telnet)
        assert lfs_sum(b) == expected(b, fs + "/lfs.img") != before
        assert "dummy_strings" in after["lfs_modules"]
        assert {r["same"] for r in report["verify"]} == {"same"}
        # A capture by itself, and the board, find the same before and after.
        now = captured(b)
        b.ask("mark")
        assert set(strings(b)) - OWN == now, (strings(b), now)
        for there, when in ((was, "before"), (now, "after")):
            assert won["strings in RAM"][when] == len(there), (variant, won)
            assert won["bytes of their texts"][when] == sum(map(len, there))
        assert won["strings in RAM"]["change"] <= -49, won
        # Free heap but for garbage.
        change = int(device(b)["heap_free"]) - free
        assert abs(won["bytes of heap free"]["change"] - change) < 1100, (won, change)
        assert won["bytes of heap free"]["change"] > 0, won
        result = report["image"]["result"]
        assert result["strings_moved"] == -won["strings in RAM"]["change"], (result, won)
        assert result["ram_freed"] == -won["bytes of RAM they take"]["change"]
        # The board counts blocks of 8 bytes and a hash vector as it grows.
        assert abs(won["bytes of heap free"]["change"] - result["ram_freed"]) < 1100, won



def test_what_was_won_is_what_the_board_counts():
    each(win, [(variant, telnet) for variant in VARIANTS for telnet in (False, True)])


def captured(b):
    out = subprocess.run([STRSCAN, "--capture", "-p", port(b)], capture_output=True, check=True,
                         timeout=IN_TIME).stdout
    return texts(out)


def test_without_a_yes_nothing_is_changed():
    with tempfile.TemporaryDirectory() as fs, loaded_board("53", fs) as b:
        before, region = files(fs), lfs_sum(b)
        report, err = optimize(b, "53", status=1)
        assert "nothing is done without --yes" in err and "as lfs.img" in err, err
        assert report["image"]["verdict"] == "accepted" and not report["ok"]
        assert files(fs) == before and lfs_sum(b) == region and device(b)["starts"] == "1"


def test_the_way_back_leads_back_and_forth():
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
            old = lfs_sum(b)
            optimize(b, variant, "--yes")
            new = lfs_sum(b)
            for region in (old, new):
                scan(b, "--restore", "--yes")
                assert lfs_sum(b) == region == expected(b, fs + "/lfs.img"), variant
            assert sorted(n for n in files(fs) if n.startswith("lfs")) == ["lfs.img", "lfs.img~old"]
        with board(variant) as b:
            _, err = scan(b, "--restore", "--yes", status=1)
            assert "nothing was replaced" in err, err


def test_sources_make_an_image_for_a_board_without_one():
    names = [f"{GOLDEN}app/{n}.lua" for n in ("main", "config", "sensor")]
    for variant in ("51", "53"):
        with tempfile.TemporaryDirectory() as fs, board(variant, "--fs", fs) as b:
            _, err = scan(b, *OPTIMIZE, "--yes", *names)
            assert sorted(device(b)["lfs_modules"].split()) == sorted(
                ["config", "dummy_strings", "main", "sensor"]), err
            assert lfs_sum(b) == expected(b, fs + "/lfs.img")


def test_an_image_is_kept_here_too():
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs, \
            loaded_board("51", fs) as b:
        out = subprocess.run([STRSCAN, *OPTIMIZE, "--image", image("51"), "--yes", "-o",
                              here + "/new.img", "-p", port(b)], capture_output=True, check=True,
                             timeout=IN_TIME).stdout.decode()
        assert read(here + "/new.img") == files(fs)["lfs.img"]
        for text in ("What it won", "bytes of heap free", "strings in RAM", "lfs.img~old"):
            assert text in out, out


def settle(b):
    """A board that was left alone in the middle of something."""
    for _ in range(60):
        if b.state()["running"] == "1":
            return
        time.sleep(0.1)


def assert_recovers(b, variant, fs, old, what):
    """The old image or a new one is in it; a run after that ends well, and so does the way back."""
    settle(b)
    region = lfs_sum(b)
    candidates = {old} | {expected(b, f"{fs}/{n}") for n in files(fs) if n.startswith("lfs.img") and
                          not n.endswith("~new")}
    assert region in candidates, (what, region, sorted(files(fs)))
    # What is in it is what the next image is made of.
    there = [f"{fs}/{n}" for n in files(fs) if n.startswith("lfs.img") and not n.endswith("~new")]
    first = next(p for p in there + [image(variant)] if expected(b, p) == region)
    with tempfile.NamedTemporaryFile(suffix=".img") as f:
        f.write(read(first))
        f.flush()
        scan(b, *OPTIMIZE, "--image", f.name, "--yes")
    assert lfs_sum(b) == expected(b, fs + "/lfs.img"), what
    names = sorted(n for n in files(fs) if n.startswith("lfs"))
    assert names == ["lfs.img", "lfs.img~old"], (what, names)
    scan(b, "--restore", "--yes")
    assert lfs_sum(b) == expected(b, fs + "/lfs.img"), what


def kill_at(variant, telnet, part):
    with tempfile.TemporaryDirectory() as fs, \
            loaded_board(variant, fs, "--page-ms", "4", telnet=telnet) as b:
        old = lfs_sum(b)
        p = start(b, *OPTIMIZE, "--image", image(variant), "--yes")
        said = b""
        # After so many of its messages, and then some.
        for _ in range(part // 3):
            said += p.stderr.readline()
        time.sleep(part % 3 * 0.12)
        p.kill()
        p.communicate()
        time.sleep(0.5)
        assert_recovers(b, variant, fs, old, (variant, telnet, part, said))


def test_killed_at_any_step_the_next_run_recovers():
    parts = range(15) if LONG > 1 else (0, 4, 6, 7, 8, 9, 10, 11, 12)
    each(kill_at, [(v, t, part) for part in parts
                   for v, t in (("51", False), ("51i", True), ("53", False))])


FAULTS = ["lose=~900", "lose-in=~900", "double=~900", "flip=~900", "flip-in=~900", "noise=~300",
          "chatter=60", "echo", "restart", "restart-in", "banner", "garbage", "lf", "slow=20000",
          "oom=20", "heap=4000", "steal", "loop", "missing=file", "missing=encoder",
          "missing=debug.getstrings", "prompt=$,$$"]


def fault_at(variant, fault, after):
    case = variant, fault, after
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
        old = lfs_sum(b)
        name, _, args = fault.partition("=")
        args = args or ("200" if name.startswith("restart") else "")
        b.ask(f"after {after} {name} {args}".rstrip())
        p = start(b, *OPTIMIZE, "--image", image(variant), "--yes")
        _, err = p.communicate(timeout=IN_TIME)
        assert p.returncode in (0, 1), (case, p.returncode, err)
        assert p.returncode == 0 or 1 <= err.count(b": /dev/") <= 3, (case, err)
        b.ask(f"fault {name} off")
        if name in ("steal", "loop", "missing", "prompt", "lf", "echo", "heap"):
            b.ask("reset")
            time.sleep(0.4)
        assert_recovers(b, variant, fs, old, (case, err))


def test_faults_at_any_step_leave_the_old_image_or_the_new_one():
    r = random.Random(3)
    afters = [1000, 9000, 14000, 17000, 20000]
    cases = [(r.choice(("51", "53")), f, after) for f in FAULTS
             for after in (afters if LONG > 1 else r.sample(afters, 1))]
    each(fault_at, cases)


def test_a_power_cut_while_the_region_is_written_is_recovered_from():
    for variant in ("51", "53"):
        for page in (3, 20):
            with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
                b.ask(f"fault cut {page}")
                optimize(b, variant, "--yes", status=None)
                b.ask("fault cut off")
                settle(b)
                optimize(b, variant, "--yes")
                assert lfs_sum(b) == expected(b, fs + "/lfs.img"), (variant, page)


if __name__ == "__main__":
    main(globals())
