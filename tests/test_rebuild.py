#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --rebuild as its users meet it; what comes out is read by lfsdump, and compared with the
images that luac.cross made."""
import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, Skip, main  # noqa: E402
from tap import run as run_any  # noqa: E402

SCHEMA = json.load(open("tests/schema/rebuild-1.schema.json"))
IMG = GOLDEN + "img/"
APP = ["_init", "main", "config", "sensor", "publish", "httpd"]
LUACS = ((os.environ.get("LUAC51", ""), "lua51-float", "lua53"),
         (os.environ.get("LUAC53", ""), "lua53", "lua51-float"))
KINDS = {"51f": "lua51-float", "51i": "lua51-int", "53": "lua53", "53d": "lua53-64"}


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        name = super().__enter__()
        self.out = name + "/new.img"
        return self


def rebuild(folder, *args, status=0, env=None):
    """The new image's bytes; None when there is none."""
    rebuild.report = run_any("--rebuild", *args, "-o", folder.out, status=status, env=env,
                             program=STRSCAN).decode()
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
            assert "modules" in rebuild.report and "before" in rebuild.report


def test_modules_are_replaced_added_removed_and_renamed():
    with Folder() as f:
        chunk = os.path.dirname(f.out) + "/lines.lc"
        shutil.copy(GOLDEN + "lc/lines-53.lc", chunk)
        rebuild(f, IMG + "app-53.img", GOLDEN + "app/main.lua", chunk, IMG + "edge-53.img",
                "--remove", "biglist", "--rename", "httpd=web")
        assert modules(f.out) == ["_init", "main", "config", "sensor", "publish", "web", "lines",
                                  "control", "empty", "numbers", "strings"]
        for name in "main", "lines":
            assert f"strscan: {name}: that of " in rebuild.words, rebuild.words
        assert [line.split()[:2] for line in rebuild.report.splitlines()[2:14]] == [
            ["_init", "kept"], ["main", "replaced"], ["config", "kept"], ["sensor", "kept"],
            ["publish", "kept"], ["web", "renamed"], ["lines", "replaced"], ["biglist", "removed"],
            ["control", "added"], ["empty", "added"], ["numbers", "added"], ["strings", "added"]]
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
        assert "fixed strings         numbered as the device" in rebuild.report
        run_any("--check", f.out)
        os.remove(f.out)
        assert rebuild(f, IMG + "fixed-53.img", "--fix-fixed-strings=never", status=1) is None
        assert "nothing is written" in rebuild.words
        rebuild(f, IMG + "app-53.img")
        assert "fixed strings" not in rebuild.report


def test_what_is_wrong_leaves_nothing_behind():
    with Folder() as f:
        bad = f.out + ".lua"
        open(bad, "w", encoding="ascii").write("x = 1\ny = 1.5\n")
        for args, words in (
                (["--for", "lua51-int", bad], ".lua:2: malformed number near '1.5'"),
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


def report(*args, status=0, **options):
    """The report of a rebuild as JSON."""
    doc = json.loads(run_any("--rebuild", "--format", "json", *args, status=status,
                             program=STRSCAN, **options))
    jsonschema.validate(doc, SCHEMA)
    return doc


def test_the_report_counts_what_lfsdump_counts():
    with Folder() as f:
        old = IMG + "app-51f.img"
        r = report(old, GOLDEN + "edge/lines.lua", "--remove", "httpd", "--rename", "main=first",
                   "--lfs-size", "64k", "-o", f.out)
        before, after = (json.loads(run_any("--json", p)) for p in (old, f.out))
        sizes = {s["what"]: s for s in r["sizes"]}
        assert sizes["size in flash"]["before"] == before["flash_size"]
        assert sizes["size in flash"]["after"] == after["flash_size"]
        assert sizes["size of the file"]["after"] == os.path.getsize(f.out)
        assert sizes["modules"]["after"] == 6 and sizes["modules"]["change"] == 0
        assert sizes["strings"]["after"] == len(after["strings"])
        was = {m["name"]: m["size"] for m in before["modules"]}
        now = {m["name"]: m["size"] for m in after["modules"]}
        rows = {m["module"]: m for m in r["modules"]}
        assert {n: m["after"] for n, m in rows.items() if m["after"]} == now
        assert rows["httpd"]["before"] == was["httpd"] and rows["httpd"]["status"] == "removed"
        assert rows["first"]["was"] == "main" and rows["first"]["status"] == "renamed"
        assert rows["lines"]["status"] == "added" and rows["lines"]["before"] is None
        assert rows["config"]["status"] == "kept"
        assert r["result"]["region"] == 65536
        assert abs(r["result"]["region_used"] * 65536 - after["flash_size"]) < 1


def test_the_verdict_is_that_of_the_check():
    with Folder() as f:
        for args in (["--for", "lua51-int"], ["--for", "lua53", "--lfs-size", "32k"]):
            ours = report(*[f"{GOLDEN}app/{m}.lua" for m in APP], *args, "-o", f.out)
            theirs = json.loads(run_any("--check", "--json", *args, f.out))
            assert {k: ours[k] for k in ("target", "verdict", "findings")} == \
                {k: theirs[k] for k in ("target", "verdict", "findings")}, args
        text = run_any("--rebuild", IMG + "app-53.img", "-o", f.out, program=STRSCAN).decode()
        assert run_any("--check", f.out).decode().splitlines()[0].split(": ")[1] in text
        before = open(f.out, "rb").read()
        r = report(IMG + "app-53.img", "-o", f.out, "--lfs-size", "4096", status=1)
        assert r["verdict"] != "accepted" and b"nothing is written" in run_any.stderr
        assert open(f.out, "rb").read() == before
        theirs = json.loads(run_any("--check", "--json", "--lfs-size", "4096", f.out, status=1))
        assert theirs["findings"] == r["findings"] and theirs["verdict"] == r["verdict"]


def test_a_banner_tells_the_firmware_and_its_region():
    with Folder() as f:
        banner = f.out + ".txt"
        tx = [json.loads(line) for line in open(GOLDEN + "console/boot-51i.jsonl")]
        text = b"".join(bytes.fromhex(t["hex"]) for t in tx if t.get("dir") == "rx")
        open(banner, "wb").write(text)
        sources = [f"{GOLDEN}app/{m}.lua" for m in APP]
        r = report("--banner", banner, *sources, "-o", f.out)
        assert r["verdict"] == "accepted" and identity(f.out) == identity(IMG + "app-51i.img")
        theirs = json.loads(run_any("--check", "--json", "--banner", banner, f.out))
        assert theirs["target"] == r["target"] and theirs["findings"] == r["findings"]
        open(banner, "wb").write(b"hello\n")
        rebuild(f, "--banner", banner, *sources, status=1)


def strings_of(path):
    strings = json.loads(run_any("--json", "--strings", path))["strings"]
    return {s["text"] for s in strings if s["kind"] != "line_info"}


def ram(text):
    """As the heap of the ESP8266 has it: blocks of 8 bytes with a header, a place in the table."""
    return 8 + (16 + len(text.encode()) + 1 + 7) // 8 * 8 + 4


def test_strings_moved_are_those_that_flash_did_not_hold():
    with Folder() as f:
        old = IMG + "app-51f.img"
        captured = ["newproxy", "greenhouse", "once upon a time", "192.168.1.77", "x" * 50]
        text = f.out + ".txt"
        open(text, "w", encoding="ascii").write(",\n".join(f'"{t}"' for t in captured) + "\n")
        r = report(old, text, "-o", f.out)["result"]
        moved = (set(captured) & strings_of(f.out)) - strings_of(old)
        assert moved == {"newproxy", "once upon a time", "x" * 50}
        assert r["strings_moved"] == len(moved) and r["ram_freed"] == sum(map(ram, moved))
        assert "1 in image" in r["left_out"] and "1 volatile" in r["left_out"]
        # What 5.3 does not intern takes no place in its table.
        r = report(IMG + "app-53.img", text, "-o", f.out)["result"]
        assert r["strings_moved"] == 2 and "x" * 50 not in strings_of(f.out)
        # The budget and the globs are those of --gen.
        r = report(old, text, "--drop", "once*", "--keep", "192*", "-o", f.out)["result"]
        assert {"192.168.1.77"} < strings_of(f.out) - strings_of(old)
        assert "once upon a time" not in strings_of(f.out)


def test_strings_of_all_sources_become_one_module_and_none_is_lost():
    with Folder() as f:
        old = IMG + "appds-51f.img"
        held = strings_of(old)
        text, more = f.out + ".txt", os.path.dirname(f.out) + "/dummy_strings.lua"
        open(text, "w", encoding="ascii").write('"home/attic/lamp", "tmr.create"\n')
        open(more, "w", encoding="ascii").write('return "chosen by hand" and "10.0.0.1"\n')
        r = report(old, more, text, GOLDEN + "console/snippet-51.jsonl",
                   "--ram", GOLDEN + "ram/heap-51.bin@0x3fff1000", "-o", f.out)
        rows = {m["module"]: m["status"] for m in r["modules"]}
        assert rows["dummy_strings"] == "joined" and len(rows) == 7
        new = strings_of(f.out)
        assert {"home/attic/lamp", "chosen by hand", "10.0.0.1"} <= new
        assert not held - new, held - new
        assert modules(f.out).count("dummy_strings") == 1
        run_any("--check", f.out)
        # Without captures a module of strings is one like any other; two are joined.
        r = report(old, more, "-o", f.out)
        assert {"chosen by hand", "_LOADED", "net.tcpsocket"} <= strings_of(f.out)
        # Taken out, it does not come back.
        r = report(old, text, "--remove", "dummy_strings", "-o", f.out)
        assert "_LOADED" not in strings_of(f.out) and "home/attic/lamp" in strings_of(f.out)


def test_many_modules_are_linked_and_the_limits_are_told():
    with Folder() as f:
        folder = os.path.dirname(f.out)
        names = [f"m{i:03}" for i in range(257)]
        files = [f"{folder}/{n}.lua" for n in names]
        for i, name in enumerate(files):
            open(name, "w", encoding="ascii").write(f"return {i}\n")
        for kind, most in (("lua51-float", 256), ("lua53", 255)):
            r = report("--for", kind, *files[:51], "-o", f.out)
            assert f"51 modules; luac.cross stops at 50, the device does not: {most}" \
                in r["result"]["limit"]
            r = report("--for", kind, *files[:most], "-o", f.out)
            assert modules(f.out) == names[:most] and r["verdict"] == "accepted"
            run_any("--check", "--for", kind, f.out)
            os.remove(f.out)
            rebuild(f, "--for", kind, *files[:most + 1], status=1)
            assert f"an image can have {most}" in rebuild.words
        assert report("--for", "lua53", *files[:50], "-o", f.out)["result"]["limit"] is None


def test_stripped_of_all_no_image_is_larger_than_luacs_own_without_debug_data():
    with Folder() as f:
        compared = 0
        for path in sorted(glob.glob(IMG + "*-debug2.img")):
            for twin in (path, path.replace("-debug2", ""), path.replace("-debug2", "-debug0")):
                if not os.path.exists(twin):
                    continue
                compared += 1
                rebuild(f, twin, "--strip", "all")
                ours, theirs = (json.loads(run_any("--json", p)) for p in (f.out, path))
                assert ours["flash_size"] <= theirs["flash_size"], (twin, path)
                assert os.path.getsize(f.out) <= os.path.getsize(path), (twin, path)
        assert compared >= 4, compared
        for name in ("app-53-debug0", "edge-53d", "many-51i", "app-51-2018b-packed", "fixed-53"):
            rebuild(f, f"{IMG}{name}.img", "--strip", "all")
            doc = json.loads(run_any("--json", f.out))
            idle = [s["text"] for s in doc["strings"] if not s["refs"] and s["kind"] != "fixed"]
            assert not idle, (name, idle)
            assert not {s["kind"] for s in doc["strings"]} & {"local", "upvalue", "line_info"}
            # What is left of names in 5.3 are the upvalues themselves.
            assert doc["bytes"]["line_info"] == 0, doc["bytes"]
            assert doc["format"]["lua"] == "5.3" or doc["bytes"]["names"] == 0, doc["bytes"]


def test_as_luac_gives_luacs_own_bytes():
    with Folder() as f:
        for build, kind in KINDS.items():
            golden = f"{IMG}app-{build}.img"
            doc = json.loads(run_any("--json", "--summary", golden))["summary"][0]
            new = rebuild(f, "--as-luac", "--for", kind, "--timestamp", str(doc["build_time"]),
                          "--seed", str(doc["seed"] or 0),
                          *[f"{GOLDEN}app/{m}.lua" for m in APP])
            old = open(golden, "rb").read()
            if build[:2] == "51":
                new, old = gzip.decompress(new), gzip.decompress(old)
            assert new == old, build


def test_a_luac_cross_compiles_instead_and_gives_the_same():
    with Folder() as f:
        used = 0
        sources = [f"{GOLDEN}edge/{n}.lua" for n in ("control", "empty", "lines", "strings")]
        text = f.out + ".txt"
        open(text, "w", encoding="ascii").write('"home/attic/lamp", "tmr.create"\n')
        for program, kind, other in LUACS:
            if not os.path.exists(program):
                continue
            used += 1
            args = ["--timestamp", "7", "--for", kind, *sources, text]
            assert rebuild(f, "--luac", program, *args) == rebuild(f, *args), kind
            bad = f.out + ".lua"
            open(bad, "w", encoding="ascii").write("x = 1\nx = = 2\n\x1b[31m")
            os.remove(f.out)
            assert rebuild(f, "--luac", program, "--for", kind, bad, status=1) is None
            assert f"{bad}:2: unexpected symbol near" in rebuild.words
            # The wrong one is found out before anything is compiled.
            rebuild(f, "--luac", program, "--for", other, bad, status=1)
            assert "compiles for another firmware" in rebuild.words
            assert ":2:" not in rebuild.words
        if not used:
            raise Skip("no luac.cross")


def test_what_is_no_luac_cross_is_told():
    with Folder() as f:
        script = os.path.dirname(f.out) + "/luac"
        source = GOLDEN + "app/main.lua"
        for text, words in (
                ("exit 0", "is no luac.cross"), ("exit 3", "status 3"), ("kill -9 $$", "signal 9"),
                ("printf '\\033[2J%s' hm >&2; exit 1", "\\x1b[2Jhm"),
                (f'cp {GOLDEN}img/app-53.img "$2"', "is no luac.cross"),
                (f'cat {GOLDEN}lc/main-53d.lc > "$2"', "compiles for another firmware"),
                ('head -c 30000000 /dev/zero > "$2"', "luac")):
            open(script, "w", encoding="ascii").write(f"#!/bin/sh\n{text}\n")
            os.chmod(script, 0o755)
            assert rebuild(f, "--luac", script, "--for", "lua53", source, status=1) is None
            assert words in rebuild.words, (text, rebuild.words)
        rebuild(f, "--luac", script + ".none", "--for", "lua53", source, status=1)
        assert "No such file" in rebuild.words
        assert sorted(os.listdir(os.path.dirname(f.out))) == ["luac"]


def test_syntax_errors_come_as_lua_has_them():
    with Folder() as f:
        bad = f.out + ".lua"
        for text in ("x = 1\nx = = 2\n", "goto nowhere\n", "for i = 1 do\n", 'x = "abc\n',
                     "return ...\nend\n", "x = 5 y 7\n", "\n\n\nx = '\\400'\n"):
            open(bad, "w", encoding="ascii").write(text)
            for lua, kind in (("luac5.1", "lua51-float"), ("luac5.3", "lua53")):
                if not shutil.which(lua):
                    raise Skip("no " + lua)
                p = subprocess.run([lua, "-p", bad], capture_output=True, check=False)
                if not p.returncode:
                    continue
                words = p.stderr.decode().splitlines()[0].split(": ", 1)[1]
                rebuild(f, "--for", kind, bad, status=1)
                assert f"strscan: {words}\n" in rebuild.words, (words, rebuild.words)


def test_hostile_names_do_no_harm():
    with Folder() as f:
        folder = os.path.dirname(f.out)
        for name in ("a\nb\x1b[31m", "-o", "--force", "x" * 200, "\u202eevil", "spaces and 'quotes'"):
            path = f"{folder}/{name}.lua"
            open(path, "w", encoding="ascii").write("return 1\n")
            for kind in ("lua51-float", "lua53"):
                status = 1 if kind == "lua53" and len(name) > 40 else 0
                rebuild(f, "--for", kind, path, status=status)
                out = run_any("--rebuild", "--for", kind, path, "-o", f.out, status=status,
                              program=STRSCAN)
                assert b"\x1b" not in out + run_any.stderr and b"\xe2\x80\xae" not in out
                if not status:
                    assert modules(f.out) == [name]
                    rebuild(f, f.out, "-f", "--rename", f"{name}=plain")
                    assert modules(f.out) == ["plain"]


def test_a_full_disk_leaves_the_old_file():
    with Folder() as f:
        run_any("--rebuild", IMG + "app-53.img", "-o", "/dev/full", status=1, program=STRSCAN)
        assert b"No space left" in run_any.stderr and b"nothing is written" in run_any.stderr
        rebuild(f, IMG + "app-53.img")
        before = open(f.out, "rb").read()
        command = f'ulimit -f 1; trap "" XFSZ; exec {STRSCAN} --rebuild {IMG}app-51f.img -o {f.out}'
        p = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
        assert p.returncode == 1 and b"nothing is written" in p.stderr, p.stderr
        assert open(f.out, "rb").read() == before
        assert os.listdir(os.path.dirname(f.out)) == ["new.img"]


def test_damaged_inputs_are_told_and_do_not_become_part_of_an_image():
    with Folder() as f:
        bad = f.out + ".bad"
        data = open(IMG + "app-53.img", "rb").read()
        for cut in (10, 100, len(data) // 2, len(data) - 1):
            open(bad, "wb").write(data[:cut])
            assert rebuild(f, IMG + "app-53d.img" if cut == 10 else IMG + "app-53.img", bad,
                           status=1) is None, cut
        open(bad, "wb").write(b"")
        rebuild(f, IMG + "app-53.img", bad, status=1)
        a, b = IMG + "app-51f.img", IMG + "app-51i.img"
        for mixed in ((a, b), (b, a), (a, GOLDEN + "lc/main-51i.lc"), (a, IMG + "app-53.img"),
                      (IMG + "app-53.img", IMG + "app-53d.img")):
            rebuild(f, *mixed, status=1)
            assert f"{mixed[1]}: is for a firmware with another Lua" in rebuild.words, mixed


def test_a_very_large_module_is_linked_or_refused():
    with Folder() as f:
        big = os.path.dirname(f.out) + "/big.lua"
        with open(big, "w", encoding="ascii") as out:
            for i in range(60):
                out.write("do local _ = function() return {" +
                          ",".join(f'"string {i} {k}"' for k in range(50)) + "} end end\n")
        for kind in ("lua51-float", "lua53"):
            r = report("--for", kind, big, "-o", f.out)
            assert r["verdict"] == "accepted"
            assert {"string 0 0", "string 59 49"} <= strings_of(f.out)
        open(big, "w", encoding="ascii").write("return " + "(" * 100000)
        rebuild(f, "--for", "lua53", big, status=1)
        assert "big.lua:1:" in rebuild.words
        open(big, "w", encoding="ascii").write('return "' + "x" * 9000000 + '"')
        os.remove(f.out)
        assert rebuild(f, "--for", "lua51-float", big, status=1) is None


def test_without_memory_the_image_is_whole_or_none():
    fail = os.path.join(os.path.dirname(os.path.abspath(STRSCAN)), "fail_malloc.so")
    with open(STRSCAN, "rb") as program:
        if b"__asan_init" in program.read():
            raise Skip("the sanitizers have an allocator of their own")
    with Folder() as f:
        text = f.out + ".txt"
        open(text, "w", encoding="ascii").write('"home/attic/lamp", "tmr.create"\n')
        for image, more in (("app-51f", []), ("floats-53", ["--format", "json"])):
            args = [STRSCAN, "--rebuild", f"{IMG}{image}.img", GOLDEN + "app/main.lua", text,
                    "--timestamp", "1", *more, "-o", f.out]
            whole = subprocess.run(args, capture_output=True, check=True).stdout
            want = open(f.out, "rb").read()
            failed = 0
            for n in list(range(1, 100)) + list(range(100, 1500, 13)):
                os.remove(f.out)
                env = {**os.environ, "LD_PRELOAD": fail, "FAIL_MALLOC": str(n)}
                p = subprocess.run(args, capture_output=True, env=env, check=False)
                there = os.path.exists(f.out)
                where = (image, n, p.returncode, p.stderr[-300:])
                assert p.returncode in (0, 1), where
                assert not there or open(f.out, "rb").read() == want, where
                assert p.returncode or (there and p.stdout == whole), where
                assert not p.returncode or p.stderr, where
                failed += p.returncode
                if not there:
                    open(f.out, "wb").close()
            assert failed > 50, failed


def test_two_modules_change_names():
    with Folder() as f:
        rebuild(f, IMG + "app-53.img", "--rename", "main=config", "--rename", "config=main")
        assert modules(f.out)[1:3] == ["config", "main"]
        for args in (["--rename", "main="], ["--rename", "=x"]):
            rebuild(f, IMG + "app-53.img", *args, status=2)
        rebuild(f, IMG + "app-53.img", status=2, env={"SOURCE_DATE_EPOCH": "soon"})
        rebuild(f, IMG + "app-53.img", "--timestamp", "9", env={"SOURCE_DATE_EPOCH": "8"})
        assert json.loads(run_any("--json", f.out))["build_time"] == 9


main(globals())
