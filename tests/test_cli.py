#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The program as its users meet it: listings, outputs, options, files and exit statuses."""
import csv
import filecmp
import glob
import gzip
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from tap import GOLDEN, LFSDUMP, main, run  # noqa: E402

IMG = GOLDEN + "img/"
SETS = {"app": "_init main config sensor publish httpd", "floats": "floats", "fixed": "fixed",
        "ops53": "ops53", "edge": "biglist control empty lines numbers strings",
        "appds": "dummy_strings"}


def golden_listing(path):
    """Functions of a luac listing, each a list of (pc, line, op, operands, comment)."""
    functions = []
    for line in open(path, encoding="latin-1", newline="\n"):
        if re.match(r"(main|function) <", line):
            functions.append([])
        m = re.match(r"\t(\d+)\t\[(-|\d+)\]\t(\S+) *\t(.*)\n", line, re.S)
        if m:
            pc, at, op, rest = m.groups()
            operands, _, comment = rest.partition("\t; ")
            functions[-1].append((pc, at, op, operands, comment))
    return functions


def image_of(listing):
    """The image and the module that a listing is about."""
    name = os.path.basename(listing)[:-4]
    module, build = name.split("-", 1)
    for group, modules in SETS.items():
        image = f"{IMG}{group}-{build}.img"
        if module in modules.split() and os.path.exists(image):
            return image, module
    return None, module


def test_the_printed_listing_agrees_with_every_golden_listing():
    compared = 0
    for path in sorted(glob.glob(GOLDEN + "lst/*.txt")):
        image, module = image_of(path)
        if not image:  # no image of that build: httpd and control with 5.3 and debug level 2
            continue
        compared += 1
        out = run("--code", "--tsv", "--filter", "module=" + module, image).decode()
        rows = list(csv.DictReader(io.StringIO(out), delimiter="\t", quoting=csv.QUOTE_NONE))
        want = [row for function in golden_listing(path) for row in function]
        assert len(rows) == len(want), (path, len(rows), len(want))
        for row, (pc, line, op, operands, comment) in zip(rows, want):
            got = (row["pc"], row["line"] or "-", row["op"], row["operands"])
            if row["op"] == "(data)":
                continue
            assert got == (pc, line, op, operands.strip()), (path, got, pc)
            if comment == "PTR":
                assert row["comment"].startswith("function <"), (path, row)
            else:
                assert row["comment"] == comment, (path, row, comment)
    assert compared >= 60, compared


def test_the_summary_names_format_time_sizes_and_modules():
    out = run(IMG + "app-51f.img").decode()
    for text in ("Lua 5.1 LFS image, relocatable, double numbers, packed", "2026-11-22 21:46:15",
                 "11,720", "5,854", "httpd", "hash vector", "line info", "padding"):
        assert text in out, (text, out)
    assert len(out.splitlines()) <= 40


def test_the_summary_stays_on_one_screen_with_fifty_modules():
    out = run(IMG + "many-51f.img").decode()
    assert len(out.splitlines()) <= 40, len(out.splitlines())
    assert "38 more" in out, out


def test_every_view_works_in_every_output():
    views = ["summary", "bytes", "modules", "prototypes", "strings", "constants", "upvalues",
             "locals", "code", "globals", "requires", "damage"]
    for view in views:
        for image in (IMG + "edge-51f-debug0.img", IMG + "edge-53-debug0.img",
                      GOLDEN + "lc/main-53.lc"):
            for form in ("--color=never", "--json", "--csv", "--tsv", "--markdown"):
                assert run("--" + view, form, image), (view, form)
            got = json.loads(run("--" + view, "--json", image))
            assert isinstance(got[view], list)
            rows = list(csv.reader(io.StringIO(run("--" + view, "--csv", image).decode())))
            assert len({len(r) for r in rows}) == 1, view
            assert len(rows) == len(list(run("--" + view, "--tsv", image).decode().split("\n"))) - 1


def test_csv_and_json_of_a_view_hold_the_same_strings():
    image = IMG + "edge-53.img"
    want = [s["length"] for s in json.loads(run("--strings", "--json", image))["strings"]]
    rows = csv.DictReader(io.StringIO(run("--strings", "--csv", image).decode()))
    assert [int(r["length"]) for r in rows] == want


def test_sort_columns_and_filter_do_what_they_say():
    image = IMG + "app-51f.img"
    rows = [r.split("\t") for r in run("--strings", "--tsv", "--sort", "-length", "--columns",
                                       "length,text", image).decode().splitlines()]
    assert rows[0] == ["length", "text"]
    lengths = [int(r[0]) for r in rows[1:]]
    assert lengths == sorted(lengths, reverse=True)
    rows = run("--strings", "--tsv", "--filter", "text=to*", "--columns", "text",
               image).decode().split()
    assert sorted(rows[1:]) == ["tonumber", "topic", "tostring"], rows
    # a column goes by the heading of its table, too
    assert run("--prototypes", "--sort", "-total", image) == \
        run("--prototypes", "--sort", "-total_size", image)
    assert run("--xref", "no such string", image).splitlines()[-1] == b"(none)"


def test_xref_finds_the_users_of_a_global():
    out = run("--xref", "dht", "--tsv", IMG + "app-51f.img").decode().splitlines()
    want = [n for n, line in enumerate(open(GOLDEN + "app/sensor.lua"), 1)
            for _ in re.findall(r"\bdht\b", line)]
    assert [int(line.split("\t")[2]) for line in out[1:]] == want, out


def test_requires_as_dot_is_a_graph_that_dot_reads():
    out = run("--requires", "--dot", IMG + "app-51f.img").decode()
    for edge in ('"main" -> "config"', '"main" -> "sensor"', '"main" -> "publish"'):
        assert edge in out
    if subprocess.run(["sh", "-c", "command -v dot"], capture_output=True).returncode == 0:
        subprocess.run(["dot", "-Tsvg", "-o", os.devnull], input=out.encode(), check=True)


def test_one_bad_file_does_not_stop_the_others():
    out = run(IMG + "app-51f.img", "README.md", "/nonexistent", IMG + "app-53.img",
              status=1).decode()
    assert "Lua 5.1 LFS" in out and "Lua 5.3 LFS" in out
    assert b"README.md: " in run.stderr and b"/nonexistent: No such file" in run.stderr


def test_other_kinds_of_files_are_named_with_what_to_do():
    # headers as the tools write them: luac 5.1 and 5.3 of a 64-bit PC, ELF, esptool, zip
    kinds = {
        b"\x1bLuaQ\0\1\4\x08\4\x08\0" + bytes(40): b"PC's Lua 5.1",
        b"\x1bLuaS\0\x19\x93\r\n\x1a\n" + bytes(40): b"PC's Lua 5.3",
        b"\x7fELF\1\1\1" + bytes(60): b"ELF",
        b"print 'hello'\n": b"text, perhaps Lua source; compile it first",
        b'{ "capture": 1, "device": {}}': b"a capture of a device's strings; strscan --list",
        b'{"capture"': b"text, perhaps Lua source",
        b"\n<!doctype HTML>\n<p>": b"an HTML page",
        b"<HTML><body>": b"an HTML page",
        b"PK\3\4" + bytes(40): b"zip",
        b"\xff" * 4096: b"erased flash",
        b"\xff\xff\xff\xffabcdef": b"no file that this program knows",
        gzip.compress(open(IMG + "app-53.img", "rb").read()): b"gzip file around an image",
        gzip.compress(b"print 'hello'"): b"gzip file that holds no LFS image",
        bytes(100): b"no file that this program knows",
    }
    for data, words in kinds.items():
        assert run("-", stdin=data, status=1) == b""
        assert words in run.stderr and b"; " in run.stderr, run.stderr
    # begins of firmwares are shown as such, and what is wrong with them
    for data, words in {b"\xe9\4\2\x40" + bytes(60): b"flash image",
                        b"\xff" * 4096 + b"\xe9\2\2\x40" + bytes(100): b"flash dump"}.items():
        assert words in run("-", stdin=data, status=1) and b"checksum" in run.stderr, run.stderr


def test_real_chunks_of_a_pc_are_named():
    for luac, words in (("luac5.1", b"PC's Lua 5.1"), ("luac5.3", b"PC's Lua 5.3")):
        if subprocess.run(["sh", "-c", "command -v " + luac], capture_output=True).returncode:
            continue
        with tempfile.NamedTemporaryFile() as out:
            subprocess.run([luac, "-o", out.name, GOLDEN + "app/main.lua"], check=True)
            run(out.name, status=1)
            assert words in run.stderr, run.stderr


def test_output_appears_whole_under_its_name_and_keeps_its_permissions():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/out.txt"
        open(path, "w").close()
        os.chmod(path, 0o640)
        run("-o", path, IMG + "app-51f.img")
        assert "11,720" in open(path).read()
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
        assert os.listdir(folder) == ["out.txt"]
        run("-o", folder + "/none/out.txt", IMG + "app-51f.img", status=1)
        run("-o", folder, IMG + "app-51f.img", status=1)
        assert os.listdir(folder) == ["out.txt"]


def test_output_leaves_alone_what_it_cannot_replace_by_something_whole():
    image = IMG + "app-51f.img"
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/old.txt"
        open(path, "w").write("keep")
        run("-o", path, "README.md", status=1)
        run("--check", "-o", path, "/nonexistent", status=1)
        assert open(path).read() == "keep"
        os.symlink(path, folder + "/link")
        run("-o", folder + "/link", image)
        assert os.path.islink(folder + "/link") and "11,720" in open(path).read()
        os.mkfifo(folder + "/fifo")
        reader = subprocess.Popen(["cat", folder + "/fifo"], stdout=subprocess.PIPE)
        run("-o", folder + "/fifo", image)
        assert b"11,720" in reader.communicate()[0]
        assert stat.S_ISFIFO(os.stat(folder + "/fifo").st_mode)
        assert sorted(os.listdir(folder)) == ["fifo", "link", "old.txt"]


def test_output_replaces_no_image_chunk_or_firmware_unless_forced():
    sources = [IMG + "app-51f.img", IMG + "app-53-abs.img", GOLDEN + "lc/main-53.lc", "samples/firmware-51-double.elf"]
    for source in sources:
        with tempfile.TemporaryDirectory() as folder:
            path = shutil.copy(source, folder + "/lfs.img")
            run("-o", path, "--json", IMG + "many-53.img", status=2)
            assert b"lfs.img: is a" in run.stderr and b"--force" in run.stderr, run.stderr
            assert filecmp.cmp(path, source, shallow=False) and os.listdir(folder) == ["lfs.img"]
            run("-fo", path, "--json", IMG + "many-53.img")
            run("-o", path, "--json", IMG + "floats-53.img")
            assert json.load(open(path))["file"] == IMG + "floats-53.img"
    run("--force", IMG + "app-51f.img", status=2)


def test_an_image_that_was_extracted_may_replace_another():
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(IMG + "app-53.img", folder + "/lfs.img")
        run("--extract-lfs", "-o", path, IMG + "app-51f-abs.img")
        assert run("--id", path).split()[0] == run("--id", IMG + "app-51f.img").split()[0]


def test_the_browser_goes_with_no_other_output():
    with tempfile.TemporaryDirectory() as folder:
        for args in (["--html", folder + "/z"], ["--json"], ["--extract", folder + "/d"], ["-o", folder + "/o"],
                     ["--strings"], ["--id"], ["--sort", "size"], ["--dot", "--requires"]):
            run("--tui", *args, IMG + "app-51f.img", status=2)
            assert b"lfsdump: --tui " in run.stderr, run.stderr
        assert os.listdir(folder) == []


def test_a_kill_in_the_middle_leaves_nothing_behind():
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(folder + "/never")
        for sig in (2, 15, 9):
            p = subprocess.Popen([LFSDUMP, "-o", folder + "/out", IMG + "app-51f.img",
                                  folder + "/never"])
            time.sleep(0.3)
            p.send_signal(sig)
            assert p.wait() == -sig
            assert os.listdir(folder) == ["never"], os.listdir(folder)


def test_a_full_disk_is_an_error():
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "w") as full:
        p = subprocess.run([LFSDUMP, "--code", IMG + "edge-53.img"], stdout=full,
                           stderr=subprocess.PIPE)
    assert p.returncode == 1 and b"No space left" in p.stderr, p


def test_usage_errors_end_with_status_2_and_say_what_is_known():
    for args in (["--nonsense"], [], ["--sort", "size", "x"], ["--strings", "--sort", "no", "x"],
                 ["--strings", "--columns", "no", "x"], ["--strings", "--filter", "no=x", "x"], ["--color=blue", "x"], ["--dot", "x"],
                 ["-o"], ["--csv", "--strings", "--code", "x"]):
        assert run(*args, status=2) == b""
        assert b"lfsdump: " in run.stderr, args
    run("--strings", "--sort", "no", "x", status=2)
    assert b"length" in run.stderr


def test_help_lists_every_option_and_columns_help_every_column():
    out = run("--help").decode()
    for option in ("--summary", "--xref TEXT", "-o, --output FILE", "--color[=WHEN]", "--json"):
        assert option in out, option
    assert "line_first" in run("--prototypes", "--columns", "help").decode()


def test_colour_only_where_it_is_wanted():
    image = IMG + "app-51f.img"
    assert b"\x1b" not in run(image)
    assert b"\x1b[" in run("--modules", "--color=always", image)
    # on a terminal: colour, unless NO_COLOR says otherwise
    command = f"{LFSDUMP} --modules --no-pager {image}"
    tty = ["script", "-qec", command, "/dev/null"]
    if subprocess.run(["sh", "-c", "command -v script"], capture_output=True).returncode == 0:
        env = {**os.environ, "TERM": "xterm", "NO_COLOR": ""}
        out = subprocess.run(tty, capture_output=True, env=env, stdin=subprocess.DEVNULL).stdout
        assert b"\x1b[" in out, out
        env["NO_COLOR"] = "1"
        out = subprocess.run(tty, capture_output=True, env=env, stdin=subprocess.DEVNULL).stdout
        assert b"\x1b[" not in out and b"httpd" in out, out


def test_a_terminal_gets_a_pager_as_git_gives_it():
    if subprocess.run(["sh", "-c", "command -v script"], capture_output=True).returncode:
        return
    with tempfile.NamedTemporaryFile() as seen:
        env = {**os.environ, "TERM": "xterm", "LFSDUMP_PAGER": f"cat >{seen.name}"}
        subprocess.run(["script", "-qec", f"{LFSDUMP} --code {IMG}app-51f.img", "/dev/null"],
                       capture_output=True, env=env, stdin=subprocess.DEVNULL, check=True)
        assert b"GETGLOBAL" in open(seen.name, "rb").read()


def test_a_pager_that_is_not_there_does_not_take_the_output_with_it():
    if subprocess.run(["sh", "-c", "command -v script"], capture_output=True).returncode:
        return
    env = {**os.environ, "TERM": "xterm", "LFSDUMP_PAGER": "no-such-pager"}
    out = subprocess.run(["script", "-qec", f"{LFSDUMP} --modules {IMG}app-51f.img", "/dev/null"],
                         capture_output=True, env=env, stdin=subprocess.DEVNULL).stdout
    assert b"httpd" in out, out


def test_the_summary_fits_a_terminal_of_24_lines():
    if subprocess.run(["sh", "-c", "command -v script"], capture_output=True).returncode:
        return
    env = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    for image in ("many-51f.img", "app-53.img", "edge-51f-debug0.img"):
        command = f"stty rows 24 cols 80; {LFSDUMP} --no-pager {IMG}{image}"
        out = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True,
                             env=env, stdin=subprocess.DEVNULL).stdout.decode()
        lines = out.replace("\r", "").splitlines()
        assert len(lines) <= 24, (image, len(lines))


def test_many_files_in_one_run_share_one_csv_header():
    files = sorted(glob.glob(IMG + "app-*51f*.img"))
    rows = list(csv.reader(io.StringIO(run("--csv", *files).decode())))
    assert rows[0][0] == "file" and [r[0] for r in rows[1:]] == files


def test_standard_input_has_one_name_wherever_a_file_is_named():
    with open(IMG + "app-51f.img", "rb") as f:
        args = [LFSDUMP, "--modules", "-", IMG + "app-53.img"]
        out = subprocess.run(args, stdin=f, stdout=subprocess.PIPE, check=True).stdout.decode()
        f.seek(0)
        rows = subprocess.run(args + ["--csv"], stdin=f, stdout=subprocess.PIPE, check=True).stdout
    assert out.startswith("== (standard input)\n"), out[:80]
    assert rows.decode().splitlines()[1].startswith("(standard input),"), rows[:80]


main(globals())
