#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --optimize and --restore against the simulated board: what is told to be won is what the board
counts; whatever happens, the old image or the new one is in it, and the next run sees to the rest.
STRSCAN_LOOPS=5 for a long run."""
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, "tests")
from loop import (DAMAGE, IN_TIME, LONG, VARIANTS, WAYS, board, device, each, expected, files,  # noqa: E402
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
    each(win, WAYS if LONG else WAYS[1::2])


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


def test_the_way_back_is_not_given_up_for_room_without_a_yes():
    with tempfile.TemporaryDirectory() as fs:
        with open(fs + "/lfs.img~old", "wb") as f:
            f.write(read(image("51")))
        with loaded_board("51", fs, "--space", "22000") as b:
            before = files(fs)
            _, err = optimize(b, "51", status=1)
            assert "nothing is done without --yes" in err and files(fs) == before, err
            # There is no room for three.
            optimize(b, "51", "--yes")
            assert files(fs)["lfs.img~old"] == read(image("51"))


OFF = [("51", ["--lfs-size", "0"], [], "No LFS partition allocated"),
       ("51", ["--lfs-size", "12288"], [], "image needs 14904 bytes, the region has 12288"),
       ("51", ["--lfs-size", "12288"], [f"{GOLDEN}app/dummy_strings.lua"],
        "image needs 12752 bytes, the region has 12288"),
       ("51", ["--space", "9000"], [], "no room on the device"),
       ("51", [], ["--as", "x" * 32], "1 to 31 bytes"),
       ("53", ["--fault", "steal"], [], "only a reset helps"),
       ("51", ["--fault", "loop"], [], "only a reset helps"),
       ("51i", ["--fault", "missing=file"], [], "no file module"),
       ("51", [], ["--image", image("51i")], "another Lua or other numbers"),
       ("53", [], ["--image", image("51")], "another Lua or other numbers"),
       ("51", [], [f"{GOLDEN}README.md"], "neither Lua"),
       ("53", [], [f"{GOLDEN}app/none.lua"], "No such file"),
       ("53", ["--space", "6000"], [f"{GOLDEN}app/main.lua"], "no room on the device")]


def off(variant, options, args, why):
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs, *options) as b:
        before, region = files(fs), lfs_sum(b)
        _, err = optimize(b, variant, *args, "--yes", status=1)
        assert why in err and err.count("\n") <= 5, (why, err)
        # A capture takes minutes: here only its strings are too much.
        assert ("capture 1 of" in err) == ("needs 14904" in why), err
        assert files(fs) == before and lfs_sum(b) == region and device(b)["starts"] == "1"


def test_what_is_off_is_told_before_anything_is_changed():
    each(off, OFF)


def test_what_is_no_news_is_told_once():
    """The image is made once before the capture, in silence."""
    with tempfile.TemporaryDirectory() as fs, loaded_board("51", fs) as b:
        names = [f"{GOLDEN}app/{n}.lua" for n in ("main", "config")]
        with open(fs + "/.list", "w", encoding="ascii") as f:
            f.write('"alpha one", "beta two", "gamma three"\n')
        _, err = optimize(b, "51", *names, fs + "/.list", "--seed", "1", status=1)
        assert err.count("--seed: note: no effect") == 1, err
        report, _ = optimize(b, "51", *names, fs + "/.list", "--remove", "none", status=1)
        assert not report, report


def test_the_way_back_leads_back_and_forth():
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
            old = lfs_sum(b)
            optimize(b, variant, "--yes")
            new = lfs_sum(b)
            for region, name in ((old, ["--restore", "lfs.img"]), (new, ["--restore"])):
                scan(b, *name, "--yes")
                assert lfs_sum(b) == region == expected(b, fs + "/lfs.img"), variant
            assert sorted(n for n in files(fs) if n.startswith("lfs")) == ["lfs.img", "lfs.img~old"]
        with board(variant) as b:
            _, err = scan(b, "--restore", "--yes", status=1)
            assert "nothing was replaced" in err, err


def test_what_was_replaced_is_found_in_a_folder_too_and_several_are_named():
    with board("51") as b:
        for name in "lfs/a.img", "b":
            for img in "app-51f", "appds-51f":
                scan(b, "--upload", f"{GOLDEN}img/{img}.img", "--as", name)
            if name == "b":
                _, err = scan(b, "--restore", "--yes", status=1)
                assert "several files were replaced: b~old lfs/a.img~old; say which" in err, err
            else:
                scan(b, "--restore", "--yes")
                assert lfs_sum(b) == expected(b, image("51"))


def restore_killed(variant, telnet, then):
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs, telnet=telnet) as b:
        old = read(image(variant))
        optimize(b, variant, "--yes")
        new, starts = files(fs)["lfs.img"], device(b)["starts"]
        p = start(b, "--restore", "--yes")
        while device(b)["starts"] == starts:
            time.sleep(0.01)
        p.kill()
        p.communicate()
        settle(b)
        time.sleep(0.3)
        assert lfs_sum(b) == expected(b, image(variant))
        if then == "restore":
            report, _ = scan(b, "--restore", "--yes")
            assert {r["same"] for r in report["verify"]} == {"same"}
            want = {"lfs.img": old, "lfs.img~old": new}
        else:
            optimize(b, variant, "--yes")
            want = {"lfs.img": files(fs)["lfs.img"], "lfs.img~old": old}
        there = files(fs)
        assert {n: d for n, d in there.items() if n.startswith("lfs")} == want, sorted(there)
        assert lfs_sum(b) == expected(b, fs + "/lfs.img")


def test_a_way_back_that_was_stopped_is_ended_and_nothing_is_lost():
    each(restore_killed, [(v, t, then) for v, t in WAYS for then in ("restore", "optimize")])


def test_the_way_back_of_a_long_name_is_found():
    for length, found in ((27, True), (28, False), (31, False)):
        name = "n" * (length - 4) + ".img"
        with tempfile.TemporaryDirectory() as fs, board("51", "--fs", fs, lfs=True) as b:
            for path in (image("51"), f"{GOLDEN}img/appds-51f.img"):
                scan(b, "--upload", path, "--as", name)
            _, err = scan(b, "--restore", "--yes", status=0 if found else 1)
            assert found or "a longer name; say that one" in err, err
            if not found:
                scan(b, "--restore=" + name, "--yes")
            assert lfs_sum(b) == expected(b, f"{fs}/{name}") == expected(b, image("51"))


def test_modules_that_would_be_gone_are_told():
    with tempfile.TemporaryDirectory() as fs, loaded_board("51", fs) as b:
        _, err = scan(b, *OPTIMIZE, f"{GOLDEN}app/main.lua", status=1)
        assert "that the new one has not: _init, config, httpd, publish, sensor\n" in err, err
        _, err = optimize(b, "51", status=1)
        assert "the new one has not" not in err, err


def test_the_way_back_is_not_praised_for_an_image_that_is_in_no_file():
    for variant, other in (("51", "edge-51f"), ("53", "edge-53")):
        with tempfile.TemporaryDirectory() as fs:
            with open(fs + "/lfs.img", "wb") as f:
                f.write(read(image(variant)))
            with board(variant, "--fs", fs, "--lfs", f"{GOLDEN}img/{other}.img") as b:
                _, err = optimize(b, variant, "--yes")
                assert "which may not be the image that was in the device" in err, err
        with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
            _, err = optimize(b, variant, "--yes")
            assert "--restore=lfs.img goes back to what was there\n" in err, err


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
        report, err = scan(b, *OPTIMIZE, "--image", f.name, "--yes", status=None)
        assert report and report["ok"], (what, err)
    assert lfs_sum(b) == expected(b, fs + "/lfs.img"), what
    names = sorted(n for n in files(fs) if n.startswith("lfs"))
    assert names == ["lfs.img", "lfs.img~old"], (what, names)
    report, err = scan(b, "--restore", "--yes", status=None)
    assert report and report["ok"], (what, err)
    assert lfs_sum(b) == expected(b, fs + "/lfs.img"), what


def stop_at(variant, telnet, part, number):
    with tempfile.TemporaryDirectory() as fs, \
            loaded_board(variant, fs, "--page-ms", "4", telnet=telnet) as b:
        old, was = lfs_sum(b), None if telnet else terminal(b)
        p = start(b, *OPTIMIZE, "--image", image(variant), "--yes")
        said = b""
        # After so many of its messages, and then some.
        for _ in range(part // 3):
            said += p.stderr.readline()
        # A signal before the program is there would be lost.
        time.sleep(0.03 + part % 3 * 0.12)
        p.send_signal(number)
        more = p.communicate(timeout=IN_TIME)[1]
        case = variant, telnet, part, number, said + more
        if number != signal.SIGKILL:
            assert p.returncode in (0, -number), (p.returncode, case)
            assert more.count(b"strscan: ") <= 4, case
            assert telnet or terminal(b) == was, case
        time.sleep(0.5)
        assert_recovers(b, variant, fs, old, case)


def terminal(b):
    fd = os.open(b.path, os.O_RDWR | os.O_NOCTTY)
    try:
        return termios.tcgetattr(fd)
    finally:
        os.close(fd)


def stops(*numbers):
    """Each step with each way to a device; without much time, each step and each way."""
    parts = {0: (0, 8, 11), 1: (0, 4, 6, 7, 8, 9, 10, 11, 12)}.get(LONG, range(15))
    ways = WAYS if LONG > 1 else [("51", False), ("51i", True), ("53", False), ("53", True)]
    each(stop_at, [(v, t, part, numbers[(i + k) % len(numbers)]) for i, part in enumerate(parts)
                   for k, (v, t) in enumerate(ways) if LONG != 1 or (i + k) % 2 == 0 or t])


def test_killed_at_any_step_the_next_run_recovers():
    stops(signal.SIGKILL)


def test_interrupted_at_any_step_it_ends_in_order_and_the_next_run_goes_on():
    stops(signal.SIGINT, signal.SIGTERM)


FAULTS = DAMAGE + [
    "noise=~300", "chatter=60", "echo", "restart", "restart-in", "banner", "garbage", "lf",
    "slow=20000", "oom=20", "heap=4000", "steal", "loop", "dead", "stranger", "unplug",
    "missing=file", "missing=encoder", "missing=debug.getstrings", "missing=node.LFS", "dump",
    "prompt=$,$$"]


def end_fault(b, name):
    b.ask("after 4000000000 banner")  # if it has not come to the other one
    b.ask(f"fault {name} off")
    if name == "unplug" and not b.telnet and b.state()["client"] == "0":
        b.ask("plug")
    if name in ("steal", "loop", "missing", "prompt", "lf", "echo", "heap", "dead"):
        b.ask("reset")
        time.sleep(0.4)


def fault_at(variant, telnet, fault, after):
    case = variant, telnet, fault, after
    with tempfile.TemporaryDirectory() as fs, \
            loaded_board(variant, fs, "--link", fs + "/.port", telnet=telnet) as b:
        b.path = b.path if telnet else fs + "/.port"
        old = lfs_sum(b)
        name, _, args = fault.partition("=")
        args = args or ("200" if name.startswith("restart") else "")
        b.ask(f"after {after} {name} {args}".rstrip())
        p = start(b, *OPTIMIZE, "--image", image(variant), "--yes")
        _, err = p.communicate(timeout=IN_TIME)
        assert p.returncode in (0, 1), (case, p.returncode, err)
        assert p.returncode == 0 or b"strscan: " in err.splitlines()[-1], (case, err)
        end_fault(b, name)
        assert_recovers(b, variant, fs, old, (case, err))


def test_faults_at_any_step_leave_the_old_image_or_the_new_one():
    r = random.Random(3)
    # Bytes to the client, who hears no echo by telnet.
    afters = {False: [1000, 9000, 14000, 17000, 20000], True: [500, 2000, 4000, 5500, 7000]}
    cases = [(v, t, f, after) for f in FAULTS
             for v, t in r.sample(WAYS, 6 if LONG > 1 else 2 if LONG else 1)
             for after in r.sample(afters[t], 3 if LONG > 1 else 1)
             if not (t and f in DAMAGE)]
    # Those that are waited for come first.
    each(fault_at, sorted(cases, key=lambda c: c[2] not in ("dead", "steal", "loop", "stranger")))


def again(variant, telnet, base):
    """Runs from an image or sources that know nothing of what is in the device."""
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs, telnet=telnet) as b:
        optimize(b, variant, "--yes")
        new, starts, kept = lfs_sum(b), device(b)["starts"], files(fs)
        report, err = scan(b, *OPTIMIZE, *base, "--yes")
        held = int(re.search(r"holds (\d+) strings of an earlier run", err)[1])
        assert held >= 49, err
        if base[0] == "--image":
            assert "nothing is to be won" in err and list(report) == ["image", "ok"], err
            assert lfs_sum(b) == new and device(b)["starts"] == starts and files(fs) == kept
        else:
            # Those that modules held which are no longer there come with the next run.
            assert gain(report)["strings in RAM"]["change"] < 5, report["gain"]
            scan(b, *OPTIMIZE, *base, "--yes")
        now = captured(b)
        assert len(now) < 2, now


def test_what_an_earlier_run_has_won_is_not_lost():
    sources = [f"{GOLDEN}app/{n}.lua" for n in ("main", "config", "sensor")]
    each(again, [(v, t, ("--image", image(v))) for v, t in WAYS] +
         [("51", False, sources), ("53", True, sources)])


def test_an_image_whose_strings_would_be_lost_is_no_base_unless_that_is_wanted():
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs) as b:
            optimize(b, variant, "--yes")
            new, before = lfs_sum(b), files(fs)
            _, err = scan(b, "--optimize", "--every", "1", "--as", "other.img", "--image",
                          image(variant), "--yes", status=1)
            assert "would lose" in err and "--remove dummy_strings" in err, err
            assert lfs_sum(b) == new and files(fs) == before
            optimize(b, variant, "--yes", "--remove", "dummy_strings")
            assert lfs_sum(b) != new and len(captured(b)) >= 49


def cut(variant, telnet, page):
    with tempfile.TemporaryDirectory() as fs, loaded_board(variant, fs, telnet=telnet) as b:
        old = lfs_sum(b)
        b.ask(f"fault cut {page}")
        _, err = optimize(b, variant, "--yes", status=None)
        assert "an earlier run" not in err, err
        assert page != 3 or "no image is in the device now" in err, err
        b.ask("fault cut off")
        settle(b)
        if device(b)["lfs"] == "none" and "no image is in the device now" in err:
            assert '"strscan --reload lfs.img --yes" loads the one that was there' in err, err
            if page == 3:
                scan(b, "--reload", "lfs.img", "--yes")
                assert lfs_sum(b) == expected(b, image(variant)) == old, (variant, telnet)
        optimize(b, variant, "--yes")
        assert lfs_sum(b) == expected(b, fs + "/lfs.img"), (variant, telnet, page)


def test_a_power_cut_while_the_region_is_written_is_recovered_from():
    each(cut, [(v, t, page) for v, t in WAYS for page in ((3, 20) if LONG else (3,))])


if __name__ == "__main__":
    main(globals())
