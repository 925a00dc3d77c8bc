#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""--against: images against trees of sources."""
import ctypes
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, Skip, main, run  # noqa: E402

IMG = GOLDEN + "img/"
APP = ["_init", "config", "httpd", "main", "publish", "sensor"]


def need_lua(version):
    try:
        ctypes.CDLL(f"liblua{version}.so.0")
    except OSError:
        raise Skip(f"liblua{version} is not installed") from None


class Tree:
    """A copy of the app's sources without the module that only the appds images have."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        for name in APP:
            shutil.copy(f"{GOLDEN}app/{name}.lua", self.folder)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def path(self, name):
        return f"{self.folder}/{name}"

    def edit(self, name, old, new):
        text = open(self.path(name)).read()
        assert old in text, (name, old)
        open(self.path(name), "w").write(text.replace(old, new, 1))

    def rows(self, image, status):
        out = run("--against", self.folder, "--json", IMG + image, status=status)
        return {r["name"]: (r["status"], r["how"]) for r in json.loads(out)["against"]}


def test_an_unchanged_tree_is_the_same():
    with Tree() as t:
        for image in ("app-51f.img", "app-51f-abs.img", "app-51i.img", "app-53.img",
                      "app-53d.img", "app-53-strip.img", "app-51f-debug2.img"):
            need_lua("5.1" if "-51" in image else "5.3")
            assert t.rows(image, 0) == {n: ("same", "by content") for n in APP}, image


def test_one_touched_constant_makes_a_module_stale():
    need_lua("5.1")
    need_lua("5.3")
    with Tree() as t:
        t.edit("config.lua", '"', '"x')
        for image in ("app-51f.img", "app-51i.img", "app-53.img", "app-53d.img"):
            rows = t.rows(image, 1)
            assert rows["config"] == (
                "stale", "by content: main <config.lua:0,0>: other constants"), rows
            assert [n for n in APP if rows[n][0] == "same"] == [n for n in APP if n != "config"]


def test_an_empty_line_makes_a_module_stale_with_every_way_of_telling():
    with Tree() as t:
        text = open(t.path("main.lua")).read()
        open(t.path("main.lua"), "w").write("\n" + text)
        status, how = t.rows("app-51f.img", 1)["main"]
        assert status == "stale" and how.startswith("by "), how


def test_a_comment_at_the_end_changes_nothing():
    with Tree() as t:
        open(t.path("main.lua"), "a").write("-- the end\n")
        assert t.rows("app-51f.img", 0)["main"][0] == "same"


def test_files_and_modules_without_a_partner_are_named():
    with Tree() as t:
        os.mkdir(t.path("more"))
        os.rename(t.path("sensor.lua"), t.path("more/sensor.lua"))  # folders do not matter
        os.rename(t.path("httpd.lua"), t.path("more/server.lua"))
        shutil.copy(t.path("main.lua"), t.path(".hidden.lua"))
        open(t.path("notes.txt"), "w").close()
        rows = t.rows("app-51f.img", 1)
        assert rows["httpd"] == ("not in the tree", "by name")
        assert rows["server"] == ("missing in the image", "by name")
        assert rows["sensor"][0] == "same"
        assert set(rows) == set(APP) | {"server"}, rows


def test_of_two_sources_with_one_name_the_better_one_counts():
    with Tree() as t:
        for folder in ("a", "z"):
            os.mkdir(t.path(folder))
            open(t.path(folder + "/main.lua"), "w").write("return 1\n")
        assert t.rows("app-51f.img", 0)["main"][0] == "same"


def test_a_source_that_does_not_compile_is_stale():
    need_lua("5.1")
    with Tree() as t:
        t.edit("main.lua", "local", "local x = = 1 local")
        status, how = t.rows("app-51f.img", 1)["main"]
        assert status == "stale" and "unexpected symbol near '='" in how, how
        open(t.path("main.lua"), "wb").write(open(GOLDEN + "lc/main-51f.lc", "rb").read())
        assert t.rows("app-51f.img", 1)["main"] == ("stale", "by content: no Lua source")


def test_numbers_that_a_pc_has_otherwise_are_no_verdict():
    need_lua("5.1")
    with Tree() as t:
        # 7 / 2 is 3 on the integer firmware, 3.5 on a PC: nobody here can tell
        t.edit("config.lua", "return {", "local x = 7 / 2 return {")
        assert t.rows("app-51i.img", 0)["config"][0] == "cannot tell"
        assert t.rows("app-51f.img", 1)["config"][0] == "stale"
        # but a text is a text
        t.edit("config.lua", "home/", "house/")
        t.edit("config.lua", "local x = 7 / 2 ", "")
        t.edit("config.lua", "30000", "60000/2")
        assert t.rows("app-51i.img", 1)["config"][0] == "stale"


def test_a_chunk_is_the_module_that_its_file_is_named_after():
    with Tree() as t:
        shutil.copy(GOLDEN + "lc/main-51f.lc", t.path("main.lc"))
        out = run("--against", t.folder, "--json", t.path("main.lc"), status=0)
        assert [(r["name"], r["status"]) for r in json.loads(out)["against"]] == [
            ("main", "same")], out


def test_a_damaged_image_is_told_and_does_no_harm():
    data = bytearray(open(IMG + "app-51f-abs.img", "rb").read())
    data[10008:10012] = b"\xff\xff\xff\x7f"  # the address of a string constant
    with Tree() as t:
        path = t.path("damaged.img")
        open(path, "wb").write(data)
        run("--against", t.folder, path, status=1)
        assert b"proto[27].k[1].value" in run.stderr, run.stderr


def test_outputs_and_trouble():
    with Tree() as t:
        out = run("--against", t.folder, IMG + "app-51f.img").decode().splitlines()
        assert out[1].split()[:2] == ["module", "status"] and len(out) == 2 + len(APP), out
        assert run("--against", t.folder, "--csv", IMG + "app-51f.img").count(b"\n") == 7
        out = run("--against", t.folder, "--tsv", "--columns", "name,status", "--sort", "-name",
                  IMG + "app-51f.img", IMG + "app-53.img").decode().splitlines()
        assert out[0] == "file\tname\tstatus" and len(out) == 13
        assert out[1].endswith("app-51f.img\tsensor\tsame"), out
        assert run("--against", t.path("none"), IMG + "app-51f.img", status=1) == b""
        assert b"No such file" in run.stderr
        run("--against", t.folder, "README.md", status=1)
        assert b"text, perhaps Lua source" in run.stderr
        os.mkdir(t.path("main.lua.d"))
        os.symlink(t.folder, t.path("again"))  # a loop
        run("--against", t.folder, IMG + "app-51f.img")
        assert run("--against", t.folder, "--strings", IMG + "app-51f.img", status=2) == b""
        assert run("--against", t.folder, "--sort", "no", IMG + "app-51f.img", status=2) == b""


main(globals())
