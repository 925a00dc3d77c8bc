#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump --extract and --id."""
import glob
import gzip
import json
import os
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, main, read, run  # noqa: E402

IMG = GOLDEN + "img/"
FLOATS = open(IMG + "floats-53.img", "rb").read()


def renamed(name):
    """floats-53.img with another name for its module."""
    at = FLOATS.index(b"\x57floats")
    return FLOATS[:at] + bytes([0x51 + len(name)]) + name + FLOATS[at + 7:]


def extracted(data, *args, status=0):
    with tempfile.TemporaryDirectory() as folder:
        run("--extract", folder, *args, "-", stdin=data, status=status)
        return {n: read(os.path.join(folder, n)) for n in os.listdir(folder)}


def test_modules_are_written_as_luac_compiled_them():
    with tempfile.TemporaryDirectory() as folder:
        out = run("--extract", folder + "/new", IMG + "app-51f.img").decode().splitlines()
        names = "_init main config sensor publish httpd".split()
        assert [line.split()[0] for line in out] == [f"{folder}/new/{n}.lc" for n in names], out
        for n in names:
            golden = read(f"{GOLDEN}lc/{n}-51f.lc")
            assert read(f"{folder}/new/{n}.lc") == golden
            assert f"{n}.lc  {len(golden)} bytes" in "\n".join(out)
        assert sorted(os.listdir(folder + "/new")) == sorted(n + ".lc" for n in names)


def test_a_file_with_other_contents_stays_unless_forced():
    with tempfile.TemporaryDirectory() as folder:
        mine = folder + "/main.lc"
        with open(mine, "w") as f:
            f.write("mine")
        run("--extract", folder, IMG + "app-51f.img", status=1)
        assert b"main.lc: is there with other contents; --force" in run.stderr
        assert read(mine) == b"mine" and os.path.exists(folder + "/httpd.lc")
        out = run("--extract", folder, "--force", IMG + "app-51f.img").decode()
        assert read(mine) == read(GOLDEN + "lc/main-51f.lc")
        assert out.count("as it was") == 5
        os.remove(mine)
        os.mkdir(mine)
        run("--extract", folder, "-f", IMG + "app-51f.img", status=1)
        assert os.path.isdir(mine) and not glob.glob(folder + "/*.??????")


def test_a_link_is_not_followed():
    with tempfile.TemporaryDirectory() as folder:
        other = folder + "/other"
        with open(other, "w") as f:
            f.write("mine")
        os.mkdir(folder + "/out")
        os.symlink(other, folder + "/out/main.lc")
        os.mkfifo(folder + "/out/config.lc")
        run("--extract", folder + "/out", IMG + "app-51f.img", status=1)
        assert read(other) == b"mine" and os.path.islink(folder + "/out/main.lc")
        run("--extract", folder + "/out", "-f", IMG + "app-51f.img")
        assert read(other) == b"mine" and not os.path.islink(folder + "/out/main.lc")


def test_hostile_names_stay_in_the_folder():
    for name, want in ((b"../../", "%2E.%2F..%2F.lc"), (b"..", "%2E..lc"), (b".", "%2E.lc"),
                       (b"", "unnamed.lc"), (b"/etc", "%2Fetc.lc"), (b"a\0b", "a%00b.lc"),
                       (b"\x1b[2J", "%1B[2J.lc"), (b"-rf", "%2Drf.lc"), (b"a b%c", "a%20b%25c.lc"),
                       (b"\xff\xc3\xa4", "%FFä.lc"), (b"\xe2\x80\xae", "%E2%80%AE.lc"),
                       (b"..\\..", "%2E.%5C...lc")):
        got = extracted(renamed(name), status=1 if name == b".." else 0)  # a fixed string, twice
        assert list(got) == [want], (name, list(got))
    long = b"/" * 30
    assert list(extracted(renamed(long[:14]))) == ["%2F" * 14 + ".lc"]


def test_a_long_name_is_cut():
    at = FLOATS.index(b"\x57floats")
    name = b"n" * 600
    data = FLOATS[:at] + b"\xe4\x59" + name + FLOATS[at + 7:]
    got = extracted(data, status=1)  # maxlen and counts no longer fit: noted
    assert list(got) == ["n" * 200 + ".lc"], list(got)


def test_equal_names_get_numbers():
    app = read(IMG + "app-53.img")
    assert app.count(b"\x57config") == 1 and app.count(b"\x57sensor") == 1
    got = extracted(app.replace(b"\x57config", b"\x57sensor"), status=1)  # two equal strings
    assert sorted(got) == sorted(n + ".lc" for n in
                                 "_init main sensor sensor-2 publish httpd".split())
    assert got["sensor-2.lc"] == read(GOLDEN + "lc/sensor-53.lc")


def test_nothing_comes_out_of_damaged_files_and_chunks():
    app = read(IMG + "app-53.img")
    assert extracted(app[:-200], status=1) == {}
    assert extracted(read(GOLDEN + "lc/main-53.lc"), status=1) == {}
    assert extracted(b"nothing", status=1) == {}


def test_a_folder_that_cannot_be_made_is_an_error():
    run("--extract", "/dev/null/x", IMG + "app-53.img", status=1)
    assert run.stderr == b"lfsdump: --extract /dev/null/x: Not a directory\n", run.stderr
    run("--extract", "/nonexistent/x/y", IMG + "app-53.img", status=1)
    run("--extract", "", IMG + "app-53.img", status=2)
    run("--extract", status=2)


def test_ids_are_printed_as_sha256sum_prints_and_as_json():
    paths = [IMG + "app-53.img", IMG + "app-51f.img"]
    lines = run("--id", *paths).decode().splitlines()
    for line, path in zip(lines, paths):
        assert len(line) == 66 + len(path) and line.endswith("  " + path), line
        int(line[:64], 16)
    for line, plain in zip(run("--id", "--json", *paths).decode().splitlines(), lines):
        got = json.loads(line)
        assert got == {"schema": 1, "file": plain[66:], "id": plain[:64]}


def test_an_id_outlives_compression_flash_and_build_time():
    def id_of(data):
        return run("--id", "-", stdin=data).split()[0]
    image = gzip.decompress(read(IMG + "app-51f.img"))
    want = id_of(read(IMG + "app-51f.img"))
    assert id_of(gzip.compress(image, 1)) == want
    assert id_of(read(IMG + "app-51f-abs.img").ljust(65536, b"\xff")) == want
    assert id_of(read(IMG + "app-51f-strip.img")) == want
    assert id_of(read(IMG + "app-51i.img")) != want


def test_a_damaged_file_has_no_id():
    assert run("--id", "-", stdin=FLOATS[:-3], status=1) == b""
    out = run("--id", IMG + "app-53.img", "/nonexistent", status=1).decode().splitlines()
    assert len(out) == 1


def test_jobs_go_with_no_views_and_not_with_each_other():
    for args in (("--id", "--ncdu"), ("--id", "--strings"), ("--ncdu", "--json"), ("--id", "--csv"),
                 ("--force",), ("--force", "--id"), ("--extract", "x", "--id"),
                 ("--extract", "x", "--summary"), ("--ncdu", IMG + "app-53.img")):
        run(*args, IMG + "app-51f.img", status=2)
        assert not os.path.exists("x")


main(globals())
