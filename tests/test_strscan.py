#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan as its users meet it: inputs, filters, outputs, messages and exit statuses."""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, main  # noqa: E402
from tap import run as run_any  # noqa: E402

HEAP = GOLDEN + "ram/heap-51.bin@0x3fff1000"
TEXT = (b'local preload = "createServer", "home/cellar/pump", "192.168.1.77", "token=abc123",\n'
        b'"once", "tmr.create", "old.lua", "@main.lua", "lib/ds3231.lc"\n')


def run(*args, **options):
    out = run_any(*args, program=STRSCAN, **options)
    run.stderr = run_any.stderr.decode()
    return out


def listed(*args, stdin=TEXT):
    """{text: verdict} of all strings."""
    doc = json.loads(run("--list", "--format", "json", *args, stdin=stdin))
    return {s["text"]: s["verdict"] for s in doc["strings"]}


def golden_strings(path):
    return [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1])), line.split("\t")[2])
            for line in open(path, encoding="latin-1", newline="\n").read().split("\n") if line]


def test_a_list_tells_verdict_and_reason_of_every_string():
    rows = list(csv.DictReader(io.StringIO(
        run("--list", "--format", "csv", "-", stdin=TEXT).decode())))
    by_text = {r["text"].lstrip("'"): r for r in rows}
    assert len(rows) == 9
    assert by_text["createServer"]["verdict"] == "kept"
    assert by_text["192.168.1.77"]["verdict"] == "volatile"
    assert "address" in by_text["192.168.1.77"]["reason"]
    assert by_text["token=abc123"]["verdict"] == "private"
    assert [r["verdict"] for r in rows[:7]] == ["kept"] * 7


def test_inputs_are_merged_and_counted():
    with tempfile.TemporaryDirectory() as folder:
        for i, text in enumerate((TEXT, TEXT.replace(b'"once", ', b""), TEXT)):
            open(f"{folder}/{i}", "wb").write(text)
        files = [f"{folder}/{i}" for i in range(3)]
        doc = json.loads(run("--list", "--format", "json", *files))
        seen = {s["text"]: s["seen"] for s in doc["strings"]}
        assert doc["captures"] == 3 and seen["once"] == 2 and seen["tmr.create"] == 3
        assert listed("--min-seen", "3", *files)["once"] == "passing"
        assert listed("--min-seen", "2", *files)["once"] == "kept"


def test_keep_and_drop_take_globs():
    got = listed("--drop", "home/*", "--drop", "tmr.?reate", "--keep", "192.168.*", "-")
    assert got["home/cellar/pump"] == got["tmr.create"] == "dropped"
    assert got["192.168.1.77"] == "kept" and got["token=abc123"] == "private"


def test_a_keep_file_has_one_string_or_glob_a_line():
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"token=abc123\r\n\n192.168.?.*\nnot there")
        f.flush()
        got = listed("--keep-file", f.name, "-")
        assert got["192.168.1.77"] == got["token=abc123"] == "kept"
        assert set(listed("-").values()) == {"kept", "private", "volatile"}
        run("--gen", "--keep-file", "/nonexistent", "-", stdin=TEXT, status=1)
        assert run.stderr == "strscan: /nonexistent: No such file or directory\n"


def test_a_ram_dump_gives_the_strings_of_its_device():
    want = set(golden_strings(GOLDEN + "ram/heap-51.strings.txt"))
    strt = json.load(open(GOLDEN + "ram/heap-51.json"))["strt"]
    for where in ([], ["--strt", strt]):
        got = listed("--ram", HEAP, *where, stdin=b"")
        texts = {"".join(chr(ord(c) & 255) if 0xef80 <= ord(c) <= 0xefff else c
                         for c in t).encode("utf-8" if "caf" in t else "latin-1").decode("latin-1")
                 for t in got}
        assert want <= texts, want - texts
        assert len(texts) < len(want) + 10


def test_what_flash_holds_already_is_left_out_with_its_origin():
    image = GOLDEN + "img/appds-51f.img"
    doc = json.loads(run("--list", "--format", "json", "--image", image, "-", stdin=TEXT))
    by_text = {s["text"]: s for s in doc["strings"]}
    assert by_text["createServer"]["verdict"] == "in_image"
    assert by_text["createServer"]["origin"] == "httpd"
    assert by_text["home/cellar/pump"]["origin"] is None
    assert doc["totals"]["left_out"]["in_image"] >= 1
    # main is a module of the image, old and ds3231 are not
    assert "no modules of the image: " in run.stderr
    hint = run.stderr.split("no modules of the image: ")[1].split("\n")[0]
    assert sorted(hint.split(", ")) == ["ds3231", "old"]


def test_an_image_that_cannot_be_read_stops_before_anything_is_written():
    with tempfile.TemporaryDirectory() as folder:
        for image in ("README.md", "/nonexistent", GOLDEN + "lc/main-51f.lc"):
            out = run("--gen", "-o", folder + "/out", "--image", image, "-", stdin=TEXT, status=1)
            assert out == b"" and os.listdir(folder) == []
            assert run.stderr.startswith(f"strscan: {image}: "), run.stderr


def test_a_budget_is_kept_and_counted():
    doc = json.loads(run("--gen", "--format", "json", "--budget", "100", "-", stdin=TEXT))
    assert 0 < sum(s["flash"] for s in doc["strings"]) == doc["totals"]["flash"] <= 100
    assert doc["totals"]["left_out"]["over_budget"] > 0


def test_totals_stand_on_standard_error():
    run("--gen", "-", stdin=TEXT)
    # lengths 12, 16, 4, 10, 7, 9 and 13: RAM 44 52 36 44 36 44 44, flash 36 40 28 32 28 32 36
    assert run.stderr == ("strscan: 7 strings: 300 bytes of RAM saved, 232 bytes of flash\n"
                          "strscan: left out: 1 private, 1 volatile\n"), run.stderr


def test_every_format_of_a_census_holds_the_same():
    args = ["--census", "--ram", HEAP]
    rows = list(csv.DictReader(io.StringIO(run(*args, "--format", "csv").decode())))
    doc = json.loads(run(*args, "--format", "json"))
    assert [int(r["bytes"]) for r in rows] == [r["bytes"] for r in doc] and len(rows) > 5
    assert sum(r["bytes"] for r in doc) == os.path.getsize(GOLDEN + "ram/heap-51.bin")
    assert b"prototypes" in run(*args)


def test_one_bad_input_does_not_stop_the_others():
    with tempfile.TemporaryDirectory() as folder:
        out = run("--gen", "-o", folder + "/out.lua", "/nonexistent", "-", stdin=TEXT, status=1)
        assert out == b"" and b"createServer" in open(folder + "/out.lua", "rb").read()
        assert "strscan: /nonexistent: No such file" in run.stderr
        # nothing at all: nothing is written
        run("--gen", "-o", folder + "/none.lua", "/nonexistent", status=1)
        assert os.listdir(folder) == ["out.lua"]


def test_a_dump_without_a_string_table_is_an_error():
    with tempfile.NamedTemporaryFile() as f:
        f.write(bytes(4096))
        f.flush()
        run("--gen", "--ram", f.name + "@0x3fff0000", status=1)
        assert run.stderr.startswith(f"strscan: {f.name}: "), run.stderr


def test_a_name_with_control_characters_does_not_reach_the_terminal():
    run("--gen", "/non\x1b[31mexistent", status=1)
    assert "\x1b" not in run.stderr and "/non\\x1b[31mexistent" in run.stderr


def test_a_full_disk_is_an_error():
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "w") as full:
        p = subprocess.run([STRSCAN, "--gen", "-"], input=TEXT, stdout=full, stderr=subprocess.PIPE)
    assert p.returncode == 1 and b"No space left" in p.stderr, p


def test_usage_errors_end_with_status_2_and_say_what_is_missing():
    for args in (["--gen"], [], ["x"], ["--gen", "--list", "x"], ["--nonsense"], ["--gen", "-o"],
                 ["--gen", "--ram", "heap.bin"], ["--gen", "--ram", "heap.bin@12g"],
                 ["--gen", "--strt", "0x3fff0000", "x"], ["--gen", "--budget", "much", "x"],
                 ["--gen", "--min-seen", "0", "x"], ["--gen", "--format", "xml", "x"],
                 ["--list", "--format", "lua", "x"], ["--census", "x"], ["--color=blue", "x"],
                 ["--gen", "--sort", "ram", "x"], ["--list", "--sort", "nothing", "x"]):
        assert run(*args, status=2) == b"", args
        assert run.stderr.startswith("strscan: "), args
    run("--gen", status=2)
    assert "no strings given" in run.stderr and "--ram" in run.stderr


def test_help_lists_every_option_and_columns_help_every_column():
    out = run("--help").decode()
    for option in ("-g, --gen", "--ram FILE@ADDRESS", "--keep-file FILE", "--color[=WHEN]"):
        assert option in out, option
    assert "verdict" in run("--list", "--columns", "help").decode()
    assert b"strscan " in run("--version")


def test_lists_are_sorted_filtered_and_coloured_as_asked():
    rows = run("--list", "--format", "csv", "--sort", "length", "--columns", "length,text",
               "--filter", "verdict=kept", "-", stdin=TEXT).decode().splitlines()
    lengths = [int(r.split(",")[0]) for r in rows[1:]]
    assert rows[0] == "length,text" and lengths == sorted(lengths) and len(lengths) == 7
    assert b"\x1b[" in run("--list", "--color=always", "-", stdin=TEXT)
    assert b"\x1b[" not in run("--list", "-", stdin=TEXT)


main(globals())
