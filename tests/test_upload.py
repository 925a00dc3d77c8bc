#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --upload, --verify, --reload and --guard against the simulated board: a file is on it whole,
or the board is as it was; no image that it would refuse gets there. STRSCAN_LOOPS=5 for a long run."""
import hashlib
import json
import os
import pty
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from loop import (DAMAGE, LONG, VARIANTS, WAYS, Relay, board, device, each, expected, files, image,  # noqa: E402
                  lfs_sum, read, scan, start)
from board import Board  # noqa: E402
from tap import GOLDEN, STRSCAN, main, run  # noqa: E402

# All bytes, in runs that escapes, digits behind them and prompts make hard.
HARD = bytes(range(256)) * 4 + b"\0001\0\0002\r\n> >> ]] \\\"" * 60 + random.Random(5).randbytes(3000)


def write(folder, name, data):
    with open(f"{folder}/{name}", "wb") as f:
        f.write(data)
    return f"{folder}/{name}"


def arrive(path, variant, telnet, *args):
    with tempfile.TemporaryDirectory() as fs, \
            board(variant, "--fs", fs, *args, telnet=telnet) as b:
        report, _ = scan(b, "--upload", path)
        assert files(fs)["hard.bin"] == HARD, (variant, telnet)
        up = report["upload"]
        assert up["size"] == up["sent"] == len(HARD) and up["way"] == "plain"
        assert up["sum"] == ("SHA-256" if args else "sums of 1,024 bytes")
        assert b.state()["globals"] == "", b.state()
        report, _ = scan(b, "--upload", path)
        assert report["upload"]["there"] and report["upload"]["sent"] == 0


def test_files_arrive_whole_on_every_variant():
    with tempfile.TemporaryDirectory() as here:
        path = write(here, "hard.bin", HARD)
        each(arrive, [(path, variant, telnet, *args) for variant in VARIANTS
                      for telnet in (False, True) for args in ((), ("--crypto",))])


def test_an_empty_file_and_one_byte_arrive():
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs, \
            board("51", "--fs", fs) as b:
        for data in (b"", b"x"):
            scan(b, "--upload", write(here, "small", data))
            assert files(fs)["small"] == data


def seven_bits(path, variant, missing, way):
    with tempfile.TemporaryDirectory() as fs, \
            board(variant, "--fs", fs, faults=missing) as b, \
            Relay(b.path, lambda data: bytes(x & 0x7f for x in data)) as r:
        report, _ = scan(r.path, "--upload", path)
        assert report["upload"]["way"] == way, report
        assert files(fs)["hard.bin"] == HARD


def test_a_line_of_seven_bits_gets_base64_and_then_hex():
    with tempfile.TemporaryDirectory() as here:
        path = write(here, "hard.bin", HARD)
        each(seven_bits, [(path, v, missing, way) for v in ("51", "53") for missing, way in
                          (((), "base64"), (["missing=encoder"], "hex"))])


# What happens, and whether the file must be there in the end.
WHOLE, EITHER, NOTHING = "whole", "either", "nothing"
FAULTS = [([f], WHOLE) for f in DAMAGE]
FAULTS += [(["noise=~150"], WHOLE), (["chatter=40"], WHOLE), (["echo"], WHOLE),
          (["echo", "noise=~200"], WHOLE), (["restart=9000"], WHOLE), (["restart-in=3000"], WHOLE),
          (["restart-in=9000", "banner"], WHOLE), (["restart=9000", "garbage"], WHOLE),
          (["lf"], WHOLE), (["slow=9000"], WHOLE), (["prompt=$,$$"], WHOLE),
          (["missing=encoder"], WHOLE), (["missing=crypto.fhash,file.stat"], WHOLE),
          (["unplug=9000"], EITHER), (["dead"], NOTHING), (["steal"], NOTHING),
          (["stranger"], NOTHING), (["loop"], NOTHING), (["missing=file"], NOTHING)]


def try_fault(faults, end, variant, telnet):
    old = b"-- what was there\n"
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs:
        path = write(here, "data", HARD)
        write(fs, "data", old)
        with board(variant, "--fs", fs, "--crypto", telnet=telnet, faults=faults) as b:
            report, err = scan(b, "--upload", path, status=None)
            there = files(fs)
            if end == WHOLE or (end == EITHER and report and report["ok"]):
                assert report and report["ok"], (faults, variant, telnet, err)
                assert there["data"] == HARD and there["data~old"] == old, (faults, variant, telnet)
            else:
                assert err.count("\n") <= 3 and there["data"] == old, (faults, variant, telnet, err)
            if end == NOTHING:
                assert set(there) - {"init.lua"} == {"data"}, (faults, sorted(there))


def test_whatever_goes_wrong_a_file_is_whole_or_as_it_was():
    # By telnet the line is TCP's, and the console of the UART is another one.
    serial = ("echo", "prompt", "steal", "stranger", "lf", "garbage")
    r = random.Random(4)
    cases = [(f, end, v, t) for f, end in FAULTS
             for v, t in r.sample(WAYS, 6 if LONG > 1 else 2 if LONG else 1)
             if not (t and (f[0] in DAMAGE or f[0].startswith(serial)))]
    # Those that are waited for come first.
    each(try_fault, sorted(cases, key=lambda case: case[1] == WHOLE))


def killed(path, variant):
    data = read(path)
    with tempfile.TemporaryDirectory() as fs, \
            board(variant, "--fs", fs, faults=["slow=30000"]) as b:
        for delay in (1.2, 1.5, 1.8, 2.1) * max(1, LONG):
            p = start(b, "--upload", path)
            time.sleep(delay)
            p.kill()
            p.communicate()
            assert "data" not in files(fs) or files(fs)["data"] == data
        b.ask("fault slow off")
        report, _ = scan(b, "--upload", path)
        assert files(fs)["data"] == data and "data~new" not in files(fs)
        assert report["upload"]["there"] or report["upload"]["had"] > 3000, report


def test_a_run_that_was_killed_is_gone_on_with():
    with tempfile.TemporaryDirectory() as here:
        path = write(here, "data", random.Random(9).randbytes(30000))
        each(killed, [(path, "51"), (path, "53")])


def left_open(variant, line):
    data = b"0123456789" * 50
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs, \
            Board(variant, "--fast", "--boot-ms", "20", "--fs", fs) as b:
        b.telnet = False
        b.read_until(b"> ")
        b.run("_P=file.open('hard.bin~new','w') for i=1,50 do _P:write('0123456789')end " + line)
        report, _ = scan(b, "--upload", write(here, "hard.bin", data))
        assert report["upload"]["sent"] == 0, report
        b.ask("reset")
        time.sleep(0.3)
        assert files(fs)["hard.bin"] == data, (variant, line)


def test_what_a_stopped_run_has_left_open_is_closed():
    each(left_open, [(variant, line) for variant in VARIANTS for line in ("", "_P=nil")])


def test_bytes_that_changed_meanwhile_are_sent_again():
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs:
        part = bytearray(HARD[:4000])
        part[2500] ^= 1
        write(fs, "data~new", part)
        with board("51", "--fs", fs) as b:
            report, _ = scan(b, "--upload", write(here, "data", HARD))
            assert files(fs)["data"] == HARD and report["upload"]["had"] == 2048, report


def test_names_and_room_are_looked_at_before_anything_is_changed():
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs:
        path = write(here, "data", HARD)
        write(fs, "data", b"old")
        with board("51", "--fs", fs, "--space", "6000") as b:
            before = files(fs)
            for name, why in (("x" * 32, "1 to 31 bytes"), ("a b", "no spaces"), ("data", "no room")):
                _, err = scan(b, "--upload", path, "--as", name, status=1)
                assert why in err, err
            assert files(fs) == before
        with board("51", "--fs", fs) as b:
            for name in ("y" * 31, "y" * 30 + "z"):
                scan(b, "--upload", path, "--as", name)
                scan(b, "--upload", write(here, "two", b"two"), "--as", name)
                assert files(fs)[name] == b"two"
            assert sum(data == HARD for data in files(fs).values()) == 2, sorted(files(fs))


MAKE = {
    "none": lambda d, m: d, "othervariant": lambda d, m: d, "wrongkind": lambda d, m: d,
    "lc": lambda d, m: d,
    "truncate": lambda d, m: d[:m["length"]],
    "append": lambda d, m: d + bytes([m["value"]]) * m["length"],
    "remove": lambda d, m: d[:m["offset"]] + d[m["offset"] + m["length"]:],
    "insert": lambda d, m: d[:m["offset"]] + bytes([m["value"]]) * m["length"] + d[m["offset"]:],
    "byte": lambda d, m: d[:m["offset"]] + bytes([m["value"]]) + d[m["offset"] + 1:],
    "word": lambda d, m: (d[:m["offset"]] + m["value"].to_bytes(4, "little") +
                          d[m["offset"] + 4:]),
}


def refused(variant, count):
    """Files that a device's loader has refused, with its message."""
    found = []
    with open(f"{GOLDEN}verdicts/{VARIANTS[variant][4:]}.jsonl", encoding="ascii") as f:
        for row in map(json.loads, f):
            op, base = row["mutation"]["op"], row["base"]
            if op in MAKE and base and row["loaded"] is False and row["region"] >= 131072 and \
                    not row.get("oom") and not row.get("undefined"):
                path = f"{GOLDEN}{'lc' if base.endswith('.lc') else 'img'}/{base}"
                data = MAKE[op](read(path), row["mutation"])
                if hashlib.sha256(data).hexdigest() == row["sha256"]:
                    found.append((data, row["message"]))
    random.Random(2).shuffle(found)
    return found[:count]


def refuse(variant, telnet, tried):
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fs, \
            board(variant, "--fs", fs, lfs=True, telnet=telnet) as b:
        before, region = files(fs), lfs_sum(b)
        for data, message in tried:
            _, err = scan(b, "--upload", write(here, "bad.img", data), status=1)
            assert "refused by" in err and message in err, (message, err)
            assert files(fs) == before, (message, err, set(files(fs)) ^ set(before))
        assert lfs_sum(b) == region and device(b)["starts"] == "1", device(b)


def test_images_that_the_loader_refused_never_reach_a_device():
    cases = []
    for variant in VARIANTS:
        tried = refused(variant, 1000 if LONG else 8)
        assert len(tried) >= (120 if LONG else 8), len(tried)
        cases += [(variant, k % 2 == 1, tried[k::4]) for k in range(4)]
    each(refuse, cases)


def test_reload_looks_at_the_file_before_the_device_does():
    for variant in VARIANTS:
        other = image("53" if variant != "53" else "51")
        with board(variant, "--file", f"other.img={other}", "--file", "README.md",
                   "--file", f"good.img={image(variant)}", lfs=True) as b:
            region, starts = lfs_sum(b), device(b)["starts"]
            for name, why in (("other.img", "refused by"), ("README.md", "refused by"),
                              ("none.img", "no file")):
                _, err = scan(b, "--reload", name, "--yes", status=1)
                assert why in err, (name, err)
            _, err = scan(b, "--reload", "good.img", status=1)
            assert "--yes" in err and "load good.img" in err, err
            assert lfs_sum(b) == region and device(b)["starts"] == starts
            report, _ = scan(b, "--reload", "good.img", "--yes")
            assert {r["same"] for r in report["verify"]} == {"same"} and len(report["verify"]) == 5
            assert lfs_sum(b) == expected(b, image(variant)) and device(b)["starts"] != starts


def test_a_file_that_was_just_sent_is_not_read_back():
    for variant in ("51", "53"):
        with board(variant) as b:
            report, err = scan(b, "--upload", image(variant), "--as", "a.img", "--reload", "a.img",
                               "--yes")
            assert list(report) == ["upload", "reload", "verify", "ok"] and "reading" not in err
            assert lfs_sum(b) == expected(b, image(variant))
            # The other one is.
            _, err = scan(b, "--upload", "README.md", "--reload", "a.img", "--yes")
            assert "reading a.img off" in err, err


def application_writes(path, variant, *args):
    log = ("LOG=file.open('log','a') local function tick() LOG:writeline(tmr.now()) LOG:flush() end "
           "tick() tmr.create():alarm(50,tmr.ALARM_AUTO,tick)")
    with tempfile.TemporaryDirectory() as fs, \
            board(variant, "--fs", fs, "--init", log, *args) as b:
        starts = device(b)["starts"]
        scan(b, "--upload", path)
        assert files(fs)["hard.bin"] == HARD
        before = files(fs)["log"]
        time.sleep(0.5)
        assert len(files(fs)["log"]) > len(before), (variant, args)
        # An error of the application would have.
        assert device(b)["starts"] == starts, (variant, args)


def test_a_file_that_the_application_has_open_stays_so():
    with tempfile.TemporaryDirectory() as here:
        path = write(here, "hard.bin", HARD)
        each(application_writes, [(path, v, *args) for v in VARIANTS
                                  for args in ((), ("--crypto",))])


def test_verify_tells_one_image_from_another():
    for variant, others in (("51", ["app-51f-debug0", "appds-51f", "edge-51f"]),
                            ("51i", ["edge-51i"]), ("53", ["appds-53", "edge-53"])):
        for telnet in (False, True):
            with board(variant, telnet=telnet, lfs=True) as b:
                report, _ = scan(b, "--verify", image(variant))
                assert [r["same"] for r in report["verify"]] == ["same"] * 5, report
                for other in others:
                    report, err = scan(b, "--verify", f"{GOLDEN}img/{other}.img", status=1)
                    assert "another image" in err and "different" in str(report), err
        with board(variant) as b:
            _, err = scan(b, "--verify", image(variant), status=1)
            assert "no image in the device" in err, err


def recorded(name):
    """What the device said after the command that reloads, up to the next one."""
    said, after = b"", False
    for line in open(f"{GOLDEN}console/{name}.jsonl", encoding="ascii"):
        r = json.loads(line)
        data = bytes.fromhex(r["hex"])
        if r["dir"] == "tx":
            if after:
                return said
            after = b"reload" in data
        elif after:
            said += data
    return said


class Stand:
    """Puts a recording in the place of what the board says to the command that reloads."""

    def __init__(self, said, dead):
        self.said, self.dead, self.line, self.relay, self.gone = said, dead, b"", None, False

    def to_board(self, data):
        self.line += data
        if not self.gone and b"flashreload)" in self.line and self.line.endswith(b"\n"):
            self.gone = True
            number = re.search(rb"(-\d+),\(node", self.line)[1]
            said = self.said.split(b"\n", 1)[1]
            if said.startswith(b"Incorrect"):
                said = number + b"\t" + said
            self.relay.say(b"\r\n" + said)
            if not self.dead:
                self.relay.put(self.relay.fd, b"_Q=nil\n")
                time.sleep(0.2)
                os.read(self.relay.fd, 4096)
            return b""
        self.line = self.line[-300:]
        return b"" if self.gone and self.dead else data

    def to_client(self, data):
        return b"" if self.gone and self.dead else data


def test_recorded_reloads_are_understood():
    for variant in VARIANTS:
        with board(variant, "--file", f"lfs.img={image(variant)}", lfs=True) as b:
            stand = Stand(recorded("reload-" + variant), False)
            with Relay(b.path, stand.to_board, stand.to_client) as stand.relay:
                report, err = scan(stand.relay.path, "--reload", "lfs.img", "--yes")
                assert stand.gone and report["reload"]["end"] == "has restarted", (variant, err)


def refusal(variant, words):
    with board(variant, "--file", f"lfs.img={image(variant)}", lfs=True) as b:
        stand = Stand(recorded("badimage-" + variant), variant == "53")
        with Relay(b.path, stand.to_board, stand.to_client) as stand.relay:
            _, err = scan(stand.relay.path, "--reload", "lfs.img", "--yes", status=1)
            for text in words:
                assert text in err, (variant, err)


def test_recorded_refusals_are_told_and_explained():
    each(refusal, [("51", ("Incorrect LFS build type", "other numbers", "is as it was")),
                   ("51i", ("Incorrect LFS build type", "other numbers", "is as it was")),
                   ("53", ("does not come back", "invalid header in", "no image for this Lua",
                           "reset it"))])


def guard(folder, variant, *args):
    run("--guard", f"{folder}/guard.lua", "--image", image(variant), *args, program=STRSCAN)
    return f"{folder}/guard.lua"


def guarded(variant, *crypto):
    good = read(image(variant))
    bad = {"flip": good[:999] + bytes([good[999] ^ 1]) + good[1000:], "short": good[:-7],
           "head": good[:1] + b"x" + good[2:], "long": good + b"\0",
           "swap": good[:600] + good[601:602] + good[600:601] + good[602:]}
    edge = f"{GOLDEN}img/edge-{VARIANTS[variant][4:]}.img"
    with tempfile.TemporaryDirectory() as here:
        args = ["--file", guard(here, variant), "--file", f"good={image(variant)}", *crypto]
        for name, data in bad.items():
            args += ["--file", write(here, name, data)]
        with board(variant, *args, "--lfs", edge) as b:
            region, starts = lfs_sum(b), device(b)["starts"]
            for name in bad:
                b.ask(f"type dofile('guard.lua')('{name}')\\n")
                time.sleep(0.4)
                assert lfs_sum(b) == region and device(b)["starts"] == starts, name
            b.ask("type dofile('guard.lua')('good')\\n")
            for _ in range(60):
                time.sleep(0.1)
                if lfs_sum(b) == expected(b, image(variant)):
                    return
            raise AssertionError((variant, device(b)))


def test_a_guard_loads_its_image_and_nothing_else():
    each(guarded, [(v, *crypto) for v in VARIANTS for crypto in ((), ("--crypto",))])


def test_a_guard_is_for_one_firmware():
    with tempfile.TemporaryDirectory() as here:
        for variant, other in (("51", "51i"), ("51i", "51"), ("53", "51"), ("51", "53")):
            with board(other, "--file", guard(here, variant), "--file", f"f={image(variant)}") as b:
                fd = os.open(b.path, os.O_RDWR | os.O_NOCTTY)
                os.write(fd, b"dofile('guard.lua')('f')\n")
                b.fd = fd
                said = b.read_until(b"", 0.6)
                assert b"not loaded\tmade for" in said, (variant, other, said)
        run("--guard", here + "/g", "--image", image("53"), "--for", "lua51-float", status=1,
            program=STRSCAN)
        assert not os.path.exists(here + "/g")


def test_a_guard_goes_to_standard_output_too():
    with tempfile.TemporaryDirectory() as here:
        text = run("--guard", "-", "--image", image("51"), program=STRSCAN)
        assert text == read(guard(here, "51")) and text and not os.path.exists("-")
        p = subprocess.run([STRSCAN, "--guard", "-", "--image", image("51")], check=False,
                           stdout=open("/dev/full", "wb"), stderr=subprocess.PIPE)
        assert p.returncode == 1 and b"standard output: No space" in p.stderr, p.stderr


def test_a_power_cut_during_a_reload_is_told_with_what_brings_the_image_back():
    def one(variant):
        with board(variant, lfs=True) as b:
            b.ask("fault cut 3")
            _, err = scan(b, "--upload", image(variant), "--as", "a.img", "--reload", "a.img",
                          "--yes", status=1)
            assert "no image in the device now" in err and "--reload a.img --yes" in err, err
            b.ask("fault cut off")
            scan(b, "--reload", "a.img", "--yes")
            assert lfs_sum(b) == expected(b, image(variant)), variant
    each(one, [(v,) for v in VARIANTS])


def test_there_is_no_guard_for_an_absolute_image():
    with tempfile.TemporaryDirectory() as here:
        for name in ("app-53-abs", "app-51f-abs"):
            run("--guard", here + "/g", "--image", f"{GOLDEN}img/{name}.img", status=1,
                program=STRSCAN)
            assert b"an absolute image, which no device loads" in run.stderr, run.stderr
            assert not os.path.exists(here + "/g")


def test_messages_name_the_file_that_is_wrong():
    with tempfile.TemporaryDirectory() as here, board("51", lfs=True) as b:
        bad = write(here, "bad.img", read(image("51"))[:-100])
        for option, path in (("--upload", here + "/none"), ("--verify", here + "/none"),
                             ("--verify", bad), ("--upload", bad)):
            _, err = scan(b, option, path, status=1)
            assert f": {path}: " in err, err
        run("--guard", here + "/g", "--image", bad, status=1, program=STRSCAN)
        assert f": {bad}: ".encode() in run.stderr, run.stderr
        run("--guard", here + "/g", "--image", write(here, "long", read(image("51")) + b"\0" * 9),
            status=1, program=STRSCAN)
        assert b"refused by its firmware: " in run.stderr, run.stderr


def test_a_bar_and_a_question_are_on_the_terminal():
    for answer, asked in (b"n\n", 1), (b"y\n", 0):
        with board("51", "--file", f"lfs.img={image('51')}") as b:
            outer, inner = pty.openpty()
            p = subprocess.Popen([STRSCAN, "--reload", "lfs.img", "-p", b.path], stdin=inner,
                                 stdout=subprocess.PIPE, stderr=inner)
            os.close(inner)
            shown = b""
            while b"[y/N]" not in shown:
                shown += os.read(outer, 4096)
            os.write(outer, answer)
            p.communicate(timeout=60)
            assert p.returncode == asked, (p.returncode, shown)
            assert re.search(rb"\r\[#+\.*\] [\d]+ of 5854 bytes, \d+ bytes/s", shown), shown
            assert (device(b)["lfs"] == "image") == (asked == 0)
            os.close(outer)


def test_options_that_do_not_go_together_are_refused():
    for args in (["--upload", "a", "--gen"], ["--optimize", "-p", "x"], ["--guard", "x"],
                 ["--restore", "--upload", "x"], ["--as", "x", "--verify", "y"], ["--yes"],
                 ["--upload", "a", "README.md"], ["--reload", "a", "--verify", "b"],
                 ["--upload", "a", "--format", "csv"]):
        p = subprocess.run([STRSCAN, *args], capture_output=True, check=False)
        assert p.returncode == 2 and p.stderr and not p.stdout, (args, p)


if __name__ == "__main__":
    main(globals())
