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
    doc = json.loads(run("--gen", "--format", "json", "--budget", "400", "-", stdin=TEXT))
    totals = doc["totals"]
    assert 0 < sum(s["flash"] for s in doc["strings"]) == totals["strings_flash"]
    assert totals["strings_flash"] + 12 * totals["kept"] < totals["flash"] <= 400
    assert totals["constant"] == 12 and totals["left_out"]["over_budget"] > 0
    thousand = [run("--gen", "--format", "json", "--budget", n, "-", stdin=TEXT)
                for n in ("1k", "1K", "1024")]
    assert thousand[0] == thousand[1] == thousand[2]


def flash_size(*args):
    with tempfile.TemporaryDirectory() as folder:
        run("--rebuild", "--strip", "all", "-o", folder + "/img", *args)
        doc = json.loads(run_any("--summary", "--json", folder + "/img"))
        return doc["summary"][0]["flash_size"]


def test_the_flash_that_is_counted_is_what_an_image_grows_by():
    build = {"lua51-float": ("5.1", "double"), "lua51-int": ("5.1", "integer"),
             "lua53": ("5.3", "integer")}
    with tempfile.TemporaryDirectory() as folder:
        other, module = folder + "/other.lua", folder + "/dummy_strings.lua"
        open(other, "w").write("x = 1\n")
        for kind, (lua, number) in build.items():
            base = flash_size("--for", kind, other)
            for n in (30, 200, 700):
                capture = json.dumps({"capture": 1, "captures": 1,
                                      "device": {"lua": lua, "number": number},
                                      "strings": [{"text": "topic/" + "x" * (i % 20) + str(i),
                                                   "seen": 1} for i in range(n)]})
                run("--gen", "-o", module, "--keep", "*", "-", stdin=capture.encode())
                counted = int(re.search(r"([\d,]+) bytes of flash", run.stderr)[1].replace(",", ""))
                grown = flash_size("--for", kind, other, module) - base
                # 8 % at most: where the hash vector need not grow
                assert grown * 0.97 <= counted <= grown * 1.09, (kind, n, counted, grown)


def test_totals_stand_on_standard_error():
    run("--gen", "-", stdin=TEXT)
    # lengths 12, 16, 4, 10, 7, 9 and 13: RAM 44 52 36 44 36 44 44, flash 36 40 28 32 28 32 36,
    # 7 constants of 12 bytes, and the module's own 208
    assert run.stderr == ("strscan: 7 strings: 300 bytes of RAM saved, 524 bytes of flash "
                          "(292 of them constants, hash vector and module)\n"
                          "strscan: left out: 1 private, 1 volatile\n"), run.stderr


def test_every_format_of_a_census_holds_the_same():
    args = ["--census", "--ram", HEAP]
    rows = list(csv.DictReader(io.StringIO(run(*args, "--format", "csv").decode())))
    doc = json.loads(run(*args, "--format", "json"))
    assert [int(r["bytes"]) for r in rows] == [r["bytes"] for r in doc] and len(rows) > 5
    by_kind = {r["kind"]: r for r in doc}
    assert by_kind["all"]["bytes"] == os.path.getsize(GOLDEN + "ram/heap-51.bin")
    assert sum(r["bytes"] for r in doc if not r["kind"].startswith("of ")) == \
        2 * by_kind["all"]["bytes"]
    assert sum(r["bytes"] for r in doc if r["kind"].startswith("of ")) == \
        by_kind["strings"]["bytes"]
    assert {r["dump"] for r in doc} == {GOLDEN + "ram/heap-51.bin"}
    text = run(*args).decode()
    assert "prototypes" in text and "of 9 to 16 bytes" in text
    assert text.startswith(GOLDEN + "ram/heap-51.bin from 0x3fff1000 on, Lua 5.1: bytes as Lua ")


def test_one_bad_input_does_not_stop_the_others():
    with tempfile.TemporaryDirectory() as folder:
        out = run("--gen", "/nonexistent", "-", stdin=TEXT, status=1)
        assert b"createServer" in out
        assert "strscan: /nonexistent: No such file" in run.stderr
        # a file that is there is not replaced by one that lacks an input
        open(folder + "/out.lua", "w").write("old")
        run("--gen", "-o", folder + "/out.lua", "/nonexistent", "-", stdin=TEXT, status=1)
        run("--gen", "-o", folder + "/none.lua", "/nonexistent", status=1)
        assert os.listdir(folder) == ["out.lua"] and open(folder + "/out.lua").read() == "old"
        assert "nothing is written" in run.stderr


def test_an_output_must_not_replace_an_input():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/log"
        open(path, "wb").write(TEXT)
        os.symlink(path, folder + "/link")
        for args in ([path], ["-", "--keep-file", path], ["-", "--image", path],
                     ["--ram", path + "@0x3fff1000"]):
            for out in (path, folder + "/link"):
                run("--gen", "-o", out, *args, stdin=TEXT, status=2)
                assert "the output is one of the inputs" in run.stderr
        for args in (["--guard", path, "--image", path], ["--upload", path, "-o", path],
                     ["--upload", path, "--record", path], ["--verify", path, "--record", path],
                     ["--optimize", path, "-o", path], ["--optimize", path, "--record", path],
                     ["--gen", "--replay", path, "-o", path],
                     ["--probe", "--replay", path, "-o", path],
                     ["--gen", "--image", path, "--save-banner", path],
                     ["--gen", "--keep-file", path, "--record", path]):
            run(*args, status=2, env={"STRSCAN_PORT": "/nonexistent"})
            assert "the output is one of the inputs" in run.stderr, (args, run.stderr)
        assert open(path, "rb").read() == TEXT


def test_two_outputs_are_two_files():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/out"
        for args in (["--gen", "-o", path, "--record", path],
                     ["--probe", "--save-banner", path, "--record", path],
                     ["--gen", "-o", path, "--save-banner", path]):
            run(*args, "-p", "/nonexistent", status=2)
            assert "two outputs cannot be one file" in run.stderr, (args, run.stderr)
        assert not os.listdir(folder)
        # What is no file loses nothing.
        run("--gen", "-o", "/dev/null", "--record", "/dev/null", "-p", "/nonexistent", status=1)


def test_the_same_file_counts_once():
    with tempfile.TemporaryDirectory() as folder:
        path, dump = folder + "/log", GOLDEN + "ram/heap-51.bin@0x3fff1000"
        open(path, "wb").write(TEXT)
        doc = json.loads(run("--list", "--format", "json", path, path))
        assert doc["captures"] == 1 and "counted once" in run.stderr
        doc = json.loads(run("--list", "--format", "json", "--ram", dump, "--ram", dump))
        assert doc["captures"] == 1 and "counted once" in run.stderr


def test_questions_that_cannot_be_meant_are_noticed():
    run("--gen", "--min-seen", "3", "-", stdin=TEXT)
    assert "note: --min-seen 3, but there is only 1 capture" in run.stderr
    run("--gen", "--image", GOLDEN + "img/app-53.img", "--ram", HEAP)
    assert "note: the image is of Lua 5.3, the strings are of a device with Lua 5.1" in run.stderr
    run("--gen", "--list", "x", status=2)
    assert "only one of --gen, --list" in run.stderr


def test_what_is_no_damage_is_a_note():
    run("--gen", "-", stdin=b"> print(1)\nconfig\nhttpd\n")
    assert "strscan: (standard input): note: " in run.stderr
    run("--gen", "-", stdin=b'local preload="a","b\n', status=1)
    assert "note" not in run.stderr and "no end" in run.stderr


def test_files_of_other_kinds_are_named_with_what_to_do():
    for path, words in ((GOLDEN + "img/app-51f.img", "--image FILE"),
                        (GOLDEN + "img/app-53.img", "--image FILE"),
                        (GOLDEN + "lc/main-51f.lc", "compiled chunk"),
                        (GOLDEN + "ram/heap-51.bin", "--ram FILE@ADDRESS")):
        run("--gen", path, status=1)
        assert words in run.stderr, (path, run.stderr)


def test_a_list_as_json_is_an_input_and_others_say_so():
    first = run("--list", "--format", "json", "-", stdin=TEXT)
    assert run("--list", "--format", "json", "-", stdin=first) == first
    for form in ("csv", "text"):
        run("--gen", "-", stdin=run("--list", "--format", form, "-", stdin=TEXT), status=1)
        assert "--format json" in run.stderr, run.stderr


def test_a_log_may_be_longer_than_any_flash_chip():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/log"
        with open(path, "wb") as f:
            for i in range(20):
                f.write(b'"home/attic/%d"\n' % i + b"\n" * (1 << 20))
        assert len(listed(path)) == 20
        with open(path, "r+b") as f:
            f.truncate((64 << 20) + 1)
        run("--gen", path, status=1)
        assert "larger than 64 MB" in run.stderr and "flash" not in run.stderr


def test_a_list_of_80_columns_shows_strings_and_the_sum():
    lines = run("--list", "-", stdin=TEXT).decode().splitlines()
    assert "createServer" in "\n".join(line[:80] for line in lines)
    assert lines[-2].startswith("7 strings: 300 bytes of RAM saved, 524 bytes of flash")
    assert lines[-1] == "left out: 1 private, 1 volatile" and run.stderr == ""


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
    for args in ([], ["x"], ["--gen", "--list", "x"], ["--nonsense"], ["--gen", "-o"],
                 ["--gen", "--ram", "heap.bin"], ["--gen", "--ram", "heap.bin@12g"],
                 ["--gen", "--strt", "0x3fff0000", "x"], ["--gen", "--budget", "much", "x"],
                 ["--gen", "--min-seen", "0", "x"], ["--gen", "--format", "xml", "x"],
                 ["--list", "--format", "lua", "x"], ["--census", "x"], ["--color=blue", "x"],
                 ["--gen", "--sort", "ram", "x"], ["--list", "--sort", "nothing", "x"]):
        assert run(*args, status=2) == b"", args
        assert run.stderr.startswith("strscan: "), args
    run("x", status=2)
    assert "one of --gen, --list" in run.stderr


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
