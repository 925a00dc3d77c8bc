#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --rebuild as its users meet it; what comes out is read by lfsdump, and compared with the
images that luac.cross made."""
import contextlib
import glob
import gzip
import json
import os
import shutil
import sys

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, main  # noqa: E402
from tap import run as run_any  # noqa: E402
from util_rebuild import (APP, IMG, KINDS, Folder, identity, modules,  # noqa: E402
                          rebuild, report, strings_of)


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


def blank(path, data):
    """What the device's loader leaves undefined is 0 in tests/golden/regions and in our images."""
    doc = json.loads(run_any("--json", path))
    data = bytearray(data)
    for p in doc["prototypes"]:
        data[p["offset"] + 9:p["offset"] + 12] = bytes(3)
    return data


def test_an_image_that_is_only_moved_keeps_its_layout():
    with Folder() as f:
        base = ["--base", "0x40296000"]
        new = rebuild(f, IMG + "app-51f.img", *base)
        assert new == open(IMG + "app-51f-abs.img", "rb").read()
        assert "layout                kept" in rebuild.report
        for path in sorted(glob.glob(GOLDEN + "regions/*-53*.bin")):
            image = f"{IMG}{os.path.basename(path)[:-4]}.img"
            if os.path.exists(image) and "-abs" not in image:
                want = open(path, "rb").read()
                # Its loader knows no repaired numbering.
                new = rebuild(f, image, *base, *["--fix-fixed-strings=never"] * ("fixed" in path),
                              status="fixed" in path)
                assert new == want or "fixed" in path, path
        # And back; time and seed are the image's own.
        for name in ("app-51f", "edge-53", "edge-53d", "app-53-debug0", "many-51i"):
            rebuild(f, f"{IMG}{name}.img", *base)
            moved = f.out + ".abs"
            shutil.copy(f.out, moved)
            back = rebuild(f, moved, "--base", "none")
            want = open(f"{IMG}{name}.img", "rb").read()
            if "51" in name:
                back, want = gzip.decompress(back), gzip.decompress(want)
            assert back == want, name


def test_an_absolute_image_stays_one_unless_a_file_is_wanted():
    with Folder() as f:
        path = IMG + "app-51f-abs.img"
        for args in ([], ["--for", "lua51-float"], ["--strip", "all"]):
            new = rebuild(f, path, *args)
            assert new[:4] == open(path, "rb").read()[:4], args
            assert "invalid header" not in rebuild.report and "(null)" not in rebuild.report
        assert rebuild(f, path, "--base", "none")[:2] == b"\x1f\x8b"
        new = rebuild(f, IMG + "app-53.img", "--base", "0x40296000")
        assert "(null)" not in rebuild.report


def test_every_image_alone_stays_what_it_is():
    with Folder() as f:
        same = 0
        for path in sorted(glob.glob(IMG + "*.img")):
            new, old = rebuild(f, path), open(path, "rb").read()
            if old[:2] == b"\x1f\x8b":
                new, old = gzip.decompress(new), gzip.decompress(old)
            same += new == old
            assert len(new) == len(old), path
        # The others: undefined bytes (2018, 5.3 at an address), repaired words.
        assert same == 71, same


def test_images_keep_their_debug_data_and_sources_get_that_of_luac():
    with Folder() as f:
        main = GOLDEN + "app/main.lua"

        def names(path):
            return sum(s["kind"] == "name" for s in json.loads(run_any("--json", path))["strings"])

        kept = names(IMG + "app-53-debug0.img")
        rebuild(f, IMG + "app-53-debug0.img", "--remove", "httpd")
        assert 0 < names(f.out) <= kept
        assert "debug data            as the inputs have it\n" in rebuild.report
        for kind, some in (("lua53", False), ("lua51-float", False), ("lua53-i32f64", True)):
            rebuild(f, "--for", kind, main)
            assert bool(names(f.out)) == some, kind
            assert "of sources: " + ("all" if some else "lines") in rebuild.report
            rebuild(f, "--for", kind, main, "--strip", "none")
            assert names(f.out), kind
            assert "kept (--strip none)" in rebuild.report
            rebuild(f, "--for", kind, main, "--strip", "locals")
            assert not names(f.out), kind


def test_equal_vectors_are_stored_once_when_modules_change():
    with Folder() as f:
        old = IMG + "many-51i.img"
        sizes = {}
        for how in ("never", "auto", "always"):
            rebuild(f, old, GOLDEN + "edge/control.lua", "--share=" + how)
            sizes[how] = json.loads(run_any("--json", f.out))["flash_size"]
        assert sizes["never"] > sizes["auto"] == sizes["always"], sizes
        before = json.loads(run_any("--json", old))["flash_size"]
        rebuild(f, old)
        assert json.loads(run_any("--json", f.out))["flash_size"] == before
        rebuild(f, old, "--share")
        assert json.loads(run_any("--json", f.out))["flash_size"] < before
        shared = f.out + ".shared"
        shutil.copy(f.out, shared)
        # Once shared, it stays so.
        assert gzip.decompress(rebuild(f, shared)) == gzip.decompress(open(shared, "rb").read())
        # Also when all that it shares are upvalues.
        stripped = rebuild(f, IMG + "app-53-e32i32f64-abs.img", "--strip", "all")
        shutil.copy(f.out, shared)
        assert rebuild(f, shared) == stripped


def as_luac(f, kind, doc, *args):
    """As luac.cross made the goldens: in the sources' folder."""
    with contextlib.chdir(GOLDEN + "app"):
        return rebuild(f, "--as-luac", "--for", kind, *[m + ".lua" for m in APP], "--timestamp",
                       str(doc["build_time"]), "--seed", str(doc["seed"] or 0), *args)


def test_as_luac_calls_sources_by_their_paths():
    """luac.cross does so; else folders of this computer are nothing to a device."""
    with Folder() as f:
        for more, name in ((["--as-luac"], f"@{GOLDEN}app/main.lua"), ([], "@main.lua")):
            for kind in ("lua51-float", "lua53"):
                rebuild(f, *more, "--for", kind, f"{GOLDEN}app/main.lua")
                doc = json.loads(run_any("--json", "--strings", f.out))
                assert name in [s["text"] for s in doc["strings"]], (kind, more)
                assert modules(f.out) == ["main"]


def test_as_luac_gives_the_golden_images_at_their_addresses():
    with Folder() as f:
        for path in sorted(glob.glob(IMG + "app-5*-abs.img")):
            doc = json.loads(run_any("--json", "--summary", path))["summary"][0]
            kind = {"app-51f": "lua51-float", "app-51i": "lua51-int", "app-53": "lua53",
                    "app-53d": "lua53-64"}.get(os.path.basename(path)[:-8])
            if not kind:
                kind = "lua53-" + os.path.basename(path)[len("app-53-e32"):-8]
            new = as_luac(f, kind, doc, "--base",
                          "0x3f430000" if "-e32" in path else "0x40296000")
            old = open(path, "rb").read()
            if "-53" in path:
                new, old = blank(f.out, new), blank(path, old)
            differing = [i for i, (a, b) in enumerate(zip(new, old)) if a != b]
            # Upvaldesc +6, +7; and the unused half of a value.
            assert len(new) == len(old) and len(differing) < 30, (path, len(differing))
            assert all(new[i] == 0 for i in differing), path


def test_stripping_sharing_and_a_small_hash_vector_save_bytes():
    with Folder() as f:
        args = ["--base", "0x40296000", "--for", "lua53",
                *[f"{GOLDEN}app/{m}.lua" for m in APP]]
        sizes = [len(rebuild(f, *args, *more)) for more in (
            ["--strip", "none", "--share=never"], ["--share=never"], [], ["--strip", "all"],
            ["--strip", "all", "--hash", "small"])]
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


def test_an_address_where_the_firmware_has_no_flash_is_refused():
    with Folder() as f:
        for kind, name in (("lua53", "app-53"), ("lua51-float", "app-51f")):
            args = ["--for", kind, IMG + name + ".img", "--base", "0x3f430000"]
            assert rebuild(f, *args, status=1) is None
            assert "address 0x3f430000, where its region is not" in rebuild.words
            # As the check says of the same image, made without --for.
            rebuild(f, *args[2:])
            said = run_any("--check", "--for", kind, f.out, status=1)
            assert b"where its region is not" in said
            os.remove(f.out)
        for base in ("0x96000", "0x1000", "0x3bfffffc"):
            rebuild(f, IMG + "app-53.img", "--base", base, status=2)
            assert "no chip maps flash at the address of --base" in rebuild.words


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


def test_stripped_of_all_no_debug_data_is_left_for_the_check_to_advise_on():
    with Folder() as f:
        for name in "app-51f.img", "app-53.img":
            rebuild(f, IMG + name, "--strip", "all")
            assert "debug data" not in run_any("--check", f.out).decode(), name


def test_as_luac_gives_luacs_own_bytes():
    with Folder() as f:
        for build, kind in KINDS.items():
            golden = f"{IMG}app-{build}.img"
            doc = json.loads(run_any("--json", "--summary", golden))["summary"][0]
            new = as_luac(f, kind, doc)
            old = open(golden, "rb").read()
            if build[:2] == "51":
                new, old = gzip.decompress(new), gzip.decompress(old)
            assert new == old, build


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
