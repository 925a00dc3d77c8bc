#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan against the simulated board: captures are what the board's own table says."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

sys.path.insert(0, "tests")
from live import (  # noqa: E402
    IN_TIME, VARIANTS, assert_clean, board, capture,
    golden, listed, scan, texts)
from tap import GOLDEN, LFSDUMP, STRSCAN, main  # noqa: E402


def test_captures_equal_the_recorded_tables():
    for variant in VARIANTS:
        for telnet in (False, True):
            with board(variant, telnet=telnet) as b:
                out, _ = capture(b, telnet=telnet)
                assert texts(out) == golden(variant), (variant, telnet)
                assert_clean(b, (variant, telnet))


def test_a_capture_tells_what_the_device_is():
    for variant, lua, number in (("51", "5.1", "float"), ("51i", "5.1", "integer"),
                                 ("53", "5.3", "float")):
        with board(variant) as b:
            device = json.loads(capture(b)[0])["device"]
            assert (device["lua"], device["number"]) == (lua, number), device
            assert 10000 < device["heap"] < 40000 and device["banner"].startswith("NodeMCU 3.0")


def test_gen_without_input_is_the_whole_job():
    with board("51") as b:
        status, out, err = scan("--gen", env={"STRSCAN_PORT": b.path})
        assert status == 0 and b"greenhouse" in out and out.startswith(b"--"), (status, err, out)
        assert "strings" in err and "\r" not in err, err


def test_watch_tells_steady_from_passing_strings():
    init = "s=0 tmr.create():alarm(200,tmr.ALARM_AUTO,function() s=s+1 v='reading_number_'..s end)"
    with board("51", "--init", init) as b:
        status, out, err = scan("--list", "--format", "json", "--watch", "3", "--every", "1",
                                "-p", b.path)
        assert status == 0, err
        listed = {s["text"]: s for s in json.loads(out)["strings"]}
        passing = [s for t, s in listed.items() if t.startswith("reading_number_")
                   and t != "reading_number_"]
        assert passing and all(s["verdict"] == "passing" for s in passing), passing
        assert listed["greenhouse"]["seen"] == 3 and listed["greenhouse"]["verdict"] == "kept"
        assert err.count("capture ") == 3


def test_a_session_is_recorded_and_played_back():
    with tempfile.TemporaryDirectory() as folder, board("51", faults=["noise=~150"]) as b:
        log = folder + "/session.jsonl"
        out, _ = capture(b, "--record", log)
        with open(log, encoding="ascii") as f:
            records = [json.loads(line) for line in f]
        assert {r["dir"] for r in records} == {"tx", "rx"}
        assert all(bytes.fromhex(r["hex"]) for r in records)
        status, again, err = scan("--capture", "--replay", log)
        assert status == 0, err
        assert texts(again) == texts(out) == golden("51")
        with open(log, "w", encoding="ascii") as f:
            f.writelines(json.dumps(r) + "\n" for r in records[:len(records) // 2])
        status, out, err = scan("--capture", "--replay", log)
        assert status == 1 and not out and "recording ends here" in err, err


def test_a_probe_and_its_banner_serve_the_check():
    for variant, image in (("51", "app-51f"), ("51i", "app-51i"), ("53", "app-53")):
        with tempfile.TemporaryDirectory() as folder, board(variant) as b:
            banner = folder + "/banner"
            status, out, err = scan("--probe", "--save-banner", banner, "-p", b.path)
            assert status == 0, err
            for text in ("3.0.0-release_20240225", "Lua 5." + variant[1], "heap free", "131072"):
                assert text in out.decode(), (text, out)
            assert "LFS time" not in out.decode(), out  # there is no image
            assert_clean(b, variant)
            p = subprocess.run([LFSDUMP, "--check", "--banner", banner,
                                f"{GOLDEN}img/{image}.img"], capture_output=True, check=False)
            assert p.returncode == 0, (variant, p.stdout, p.stderr)
            status, out, err = scan("--probe", "--format", "json", "-p", b.path)
            assert status == 0 and json.loads(out)["lfs_size"] == 131072, (out, err)


def test_a_probe_beside_a_capture_leaves_the_output_to_the_strings():
    with board("53") as b:
        status, out, err = scan("--capture", "--probe", "-p", b.path)
        assert status == 0 and json.loads(out)["capture"] == 1 and "Lua 5.3" in err, (out, err)
        status, out, err = scan("--gen", "--probe", "-p", b.path)
        assert status == 0 and out.startswith(b"-- Strings") and "Lua 5.3" in err, (out, err)


def test_options_for_a_device_need_one():
    for args in (["--gen", "-p", "x", "README.md"], ["--watch", "2", "--census"],
                 ["--gen", "--replay", "x", "-p", "y"], ["--probe", "README.md"]):
        status, out, err = scan(*args)
        assert status == 2 and not out and err, (args, err)


def test_a_bar_is_drawn_on_a_terminal():
    with board("51") as b:
        outer, inner = pty.openpty()
        p = subprocess.Popen([STRSCAN, "--gen", "-p", b.path], stdout=subprocess.PIPE, stderr=inner)
        out, _ = p.communicate(timeout=IN_TIME)
        os.close(inner)
        shown = os.read(outer, 65536).decode(errors="replace")
        os.close(outer)
        assert p.returncode == 0 and b"greenhouse" in out
        assert re.search(r"\r\[#+\.*\] \d+ of \d+ strings, \d+ bytes, \d+ s left", shown), shown


def test_a_bar_fits_a_narrow_terminal():
    for columns in 40, 12:
        with board("51") as b:
            outer, inner = pty.openpty()
            fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            scan_err = subprocess.run([STRSCAN, "--capture", "-p", b.path], timeout=IN_TIME,
                                      stdout=subprocess.PIPE, stderr=inner, check=False,
                                      env={k: v for k, v in os.environ.items() if k != "COLUMNS"})
            os.close(inner)
            shown = os.read(outer, 65536).decode().replace("\033[K", "").split("\r")
            os.close(outer)
            assert scan_err.returncode == 0 and " of " in "".join(shown), shown
            assert max(map(len, shown)) < columns, shown


if __name__ == "__main__":
    main(globals())
