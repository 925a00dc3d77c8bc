#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --rebuild as its users meet it; what comes out is read by lfsdump, and compared with the
images that luac.cross made."""
import gzip
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, Skip, main  # noqa: E402
from tap import run as run_any  # noqa: E402

IMG = GOLDEN + "img/"
APP = ["_init", "main", "config", "sensor", "publish", "httpd"]
KINDS = {"51f": "lua51-float", "51i": "lua51-int", "53": "lua53", "53d": "lua53-64"}


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        name = super().__enter__()
        self.out = name + "/new.img"
        return self


def rebuild(folder, *args, status=0, env=None):
    """The new image's bytes; None when there is none."""
    run_any("--rebuild", *args, "-o", folder.out, status=status, env=env, program=STRSCAN)
    rebuild.words = run_any.stderr.decode()
    if status == 0 and "no Lua" in rebuild.words:
        raise Skip("no Lua library")
    return open(folder.out, "rb").read() if os.path.exists(folder.out) else None


def modules(path):
    doc = json.loads(run_any("--json", "--modules", path))
    return [m["name"] for m in sorted(doc["modules"], key=lambda m: m["offset"])]


def identity(path):
    return run_any("--id", path).split()[0]


def test_an_image_rebuilt_keeps_its_identity_and_passes_the_check():
    with Folder() as f:
        for name in ("app-51f", "edge-51i", "app-53", "many-53d", "app-53-e32i64f64",
                     "app-51f-abs"):
            path = f"{IMG}{name}.img"
            rebuild(f, path, "--strip", "none")
            assert identity(f.out) == identity(path), name
            run_any("--check", f.out)
            assert "modules" in rebuild.words and "before" in rebuild.words


def test_modules_are_replaced_added_removed_and_renamed():
    with Folder() as f:
        chunk = os.path.dirname(f.out) + "/lines.lc"
        shutil.copy(GOLDEN + "lc/lines-53.lc", chunk)
        rebuild(f, IMG + "app-53.img", GOLDEN + "app/main.lua", chunk, IMG + "edge-53.img",
                "--remove", "biglist", "--rename", "httpd=web")
        assert modules(f.out) == ["_init", "main", "config", "sensor", "publish", "web", "lines",
                                  "control", "empty", "numbers", "strings"]
        assert "main: replaced" in rebuild.words and "lines: replaced" in rebuild.words
        assert "biglist: removed" in rebuild.words
        run_any("--check", f.out)


def test_sources_alone_make_what_luac_made():
    with Folder() as f:
        for build, kind in KINDS.items():
            golden = f"{IMG}app-{build}.img"
            rebuild(f, "--for", kind, *[f"{GOLDEN}app/{m}.lua" for m in APP])
            assert identity(f.out) == identity(golden), build
            run_any("--check", "--for", kind, f.out)


def test_time_and_seed_make_it_reproducible():
    with Folder() as f:
        args = [f"{GOLDEN}app/{m}.lua" for m in APP]
        first = rebuild(f, "--for", "lua51-int", "--timestamp", "1795383975", *args)
        assert first == rebuild(f, "--for", "lua51-int", *args,
                                env={"SOURCE_DATE_EPOCH": "1795383975"})
        golden = open(IMG + "app-51i.img", "rb").read()
        assert gzip.decompress(first) == gzip.decompress(golden)
        one = rebuild(f, "--for", "lua53", "--timestamp", "5", "--seed", "1", *args)
        two = rebuild(f, "--for", "lua53", "--timestamp", "5", "--seed", "2", *args)
        assert len(one) == len(two) and one != two


def test_an_address_makes_what_stands_in_flash():
    with Folder() as f:
        time = 1795383975
        new = rebuild(f, IMG + "app-51f.img", "--base", "0x40296000", "--timestamp", str(time))
        assert new == open(IMG + "app-51f-abs.img", "rb").read()


def test_stripping_sharing_and_a_small_hash_vector_save_bytes():
    with Folder() as f:
        args = ["--base", "0x40296000", "--for", "lua53",
                *[f"{GOLDEN}app/{m}.lua" for m in APP]]
        sizes = [len(rebuild(f, *args, *more)) for more in (
            ["--strip", "none"], [], ["--share"], ["--strip", "all", "--share"],
            ["--strip", "all", "--share", "--hash", "small"])]
        assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 5, sizes
        run_any("--check", "--for", "lua53", f.out)


def test_captured_strings_become_a_module():
    with Folder() as f:
        text = f.out + ".txt"
        open(text, "w", encoding="ascii").write('"createServer", "tmr.create", "once upon a time"\n')
        rebuild(f, IMG + "app-53.img", text)
        assert modules(f.out)[-1] == "dummy_strings"
        strings = json.loads(run_any("--json", "--strings", f.out))["strings"]
        assert "once upon a time" in [s["text"] for s in strings]
        run_any("--check", f.out)


def test_fixed_strings_are_repaired_when_a_module_uses_them():
    with Folder() as f:
        run_any("--check", IMG + "fixed-53.img", status=1)
        rebuild(f, IMG + "fixed-53.img")
        assert "fixed strings are numbered" in rebuild.words
        run_any("--check", f.out)
        os.remove(f.out)
        assert rebuild(f, IMG + "fixed-53.img", "--fix-fixed-strings=never", status=1) is None
        assert "nothing is written" in rebuild.words
        rebuild(f, IMG + "app-53.img")
        assert "fixed strings" not in rebuild.words


def test_what_is_wrong_leaves_nothing_behind():
    with Folder() as f:
        bad = f.out + ".lua"
        open(bad, "w", encoding="ascii").write("x = 1\ny = 1.5\n")
        for args, words in (
                (["--for", "lua51-int", bad], "line:2: malformed number near '1.5'"),
                ([bad], "no image to start from"),
                ([IMG + "app-53.img", IMG + "app-51f.img"], "another Lua or other numbers"),
                ([IMG + "app-53.img", "--remove", "nobody"], "--remove nobody: there is no such"),
                ([IMG + "app-53.img", "--rename", "main=config"], "have the same name"),
                ([IMG + "app-53.img", f.out + ".none"], "No such file")):
            assert rebuild(f, *args, status=1) is None, args
            assert words in rebuild.words, (args, rebuild.words)


def test_usage_errors_are_told():
    with Folder() as f:
        open(f.out, "wb").write(open(IMG + "app-53.img", "rb").read())
        for args in ([], [f.out], [IMG + "app-53.img", "--strip", "some"], [IMG + "app-53.img", "--gen"],
                     [IMG + "app-53.img", "--rename", "main"], [IMG + "app-53.img", "--for", "x"],
                     [IMG + "app-53.img", "--base", "0x40296001"]):
            rebuild(f, *args, status=2)
        run_any("--rebuild", IMG + "app-53.img", status=2, program=STRSCAN)
        run_any("--gen", "--strip", "all", "x", status=2, program=STRSCAN)
        assert b"--rebuild" in run_any.stderr
        rebuild(f, f.out, "--force", "--remove", "main")
        assert "main" not in modules(f.out)


main(globals())
