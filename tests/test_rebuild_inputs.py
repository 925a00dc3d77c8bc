#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What strscan --rebuild takes and refuses: kinds of inputs, damage, compilers, options."""
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, Skip, main  # noqa: E402
from tap import run as run_any  # noqa: E402
from util_rebuild import IMG, Folder, modules, rebuild, report, strings_of  # noqa: E402

LUACS = ((os.environ.get("LUAC51", ""), "lua51-float", "lua53"),
         (os.environ.get("LUAC51I", ""), "lua51-int", "lua51-float"),
         (os.environ.get("LUAC53", ""), "lua53", "lua51-float"))


def test_what_is_wrong_leaves_nothing_behind():
    with Folder() as f:
        bad = f.out + ".lua"
        open(bad, "w", encoding="ascii").write("x = 1\ny = 1.5\n")
        for args, words in (
                (["--for", "lua51-int", bad], ".lua:2: malformed number near '1.5'"),
                ([bad], "no image to start from"),
                ([IMG + "app-53.img", IMG + "app-51f.img"], "another Lua or other numbers"),
                ([IMG + "app-53.img", "--remove", "nobody"], "--remove nobody: there is no such"),
                ([IMG + "app-53.img", "--rename", "main=config"], "two modules would be called config: that of"),
                ([IMG + "app-53.img", "--rename", "main=a", "--rename", "main=b"], "main=b: the module gets another"),
                (["/dev/null"], "/dev/null: is neither an image nor a chunk"),
                ([IMG + "app-53.img", f.out + ".none"], "No such file")):
            assert rebuild(f, *args, status=1) is None, args
            assert words in rebuild.words, (args, rebuild.words)


def test_a_reader_that_has_seen_enough_of_the_report_does_not_take_the_image_with_it():
    with Folder() as f:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([STRSCAN, "--rebuild", IMG + "many-51f.img", "-o", f.out], stdout=write,
                              stderr=subprocess.PIPE, check=False)
        os.close(write)
        assert done.returncode == 1 and b"the report cannot be written" in done.stderr, done
        assert len(modules(f.out)) == 50


def test_usage_errors_are_told():
    with Folder() as f:
        open(f.out, "wb").write(open(IMG + "app-53.img", "rb").read())
        for args in ([], [f.out], [IMG + "app-53.img", "--strip", "some"], [IMG + "app-53.img", "--gen"],
                     [IMG + "app-53.img", "--rename", "main"], [IMG + "app-53.img", "--for", "x"],
                     [IMG + "app-53.img", "--base", "0x40296001"]):
            rebuild(f, *args, status=2)
        run_any("--rebuild", IMG + "app-53.img", status=2, program=STRSCAN)
        run_any("--gen", "--strip", "all", "x", status=2, program=STRSCAN)
        assert b"this goes with --rebuild: strip" in run_any.stderr
        rebuild(f, f.out, "--force", "--remove", "main")
        assert "main" not in modules(f.out)


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
                # Nothing that it left running runs for long.
                ("ulimit -t >&2; exit 1", "20\n"), ('head -c 30000000 /dev/zero > "$2"', "luac")):
            open(script, "w", encoding="ascii").write(f"#!/bin/sh\n{text}\n")
            os.chmod(script, 0o755)
            assert rebuild(f, "--luac", script, "--for", "lua53", source, status=1) is None
            assert words in rebuild.words, (text, rebuild.words)
        rebuild(f, "--luac", script + ".none", "--for", "lua53", source, status=1)
        assert f"{script}.none: No such file" in rebuild.words
        assert sorted(os.listdir(os.path.dirname(f.out))) == ["luac"]


def test_syntax_errors_come_as_lua_has_them():
    with Folder() as f:
        bad = f.out[:-4] + ".lua"
        for text in ("x = 1\nx = = 2\n", "goto nowhere\n", "for i = 1 do\n", 'x = "abc\n',
                     "return ...\nend\n", "x = 5 y 7\n", "\n\n\nx = '\\400'\n",
                     "\ufeffx = = 1\n", "x = 'h\u00e4\n", "\ufeff#!x\ny = = 1\n"):
            open(bad, "w", encoding="utf-8").write(text)
            for lua, kind in (("luac5.1", "lua51-float"), ("luac5.3", "lua53")):
                if not shutil.which(lua):
                    raise Skip("no " + lua)
                p = subprocess.run([lua, "-p", bad], capture_output=True, check=False)
                if not p.returncode:
                    continue
                words = p.stderr.decode(errors="backslashreplace").splitlines()[0].split(": ", 1)[1]
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


def test_an_image_without_a_damaged_string_says_so():
    with Folder() as f:
        text = f.out + ".json"
        for strings, status in (('{"text": "alpha"}, {"text": 5}', 1), ('{"text": "alpha"}', 0)):
            open(text, "w", encoding="ascii").write(
                '{"capture": 1, "captures": 1, "strings": [' + strings + "]}")
            assert rebuild(f, IMG + "app-53.img", text, status=status)
            said = f"strscan: {f.out}: written without what is damaged\n"
            assert rebuild.words.endswith(said) == (status == 1), rebuild.words


def test_a_module_can_be_removed_twice():
    with Folder() as f:
        assert rebuild(f, IMG + "app-53.img", "--remove", "main", "--remove", "main")
        assert rebuild.words == ""
        rebuild(f, IMG + "app-53.img", "--remove", "none", "--remove", "none", status=1)
        assert rebuild.words.count("no such module") == 1


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


def test_inputs_are_told_apart_by_what_is_in_them():
    with Folder() as f:
        folder = os.path.dirname(f.out)
        source = open(GOLDEN + "app/main.lua", "rb").read()
        for name in ("main", "MAIN.LUA", "main.txt", "main.lua"):
            open(f"{folder}/{name}", "wb").write(source)
            rebuild(f, "--for", "lua53", f"{folder}/{name}", "--timestamp", "1")
            assert modules(f.out) == [name.split(".")[0]], name
        for name in ("listing", "listing.log"):
            open(f"{folder}/{name}", "w", encoding="ascii").write('"alpha",\n"beta"\n')
            rebuild(f, IMG + "app-53.img", f"{folder}/{name}", "-f")
            assert modules(f.out)[-1] == "dummy_strings"
            assert {"alpha", "beta"} <= strings_of(f.out)
        # On standard input, too, where a source has no name.
        for text, words in ((b'"alpha", "beta"\n', None), (source, "a module without a name")):
            os.remove(f.out)
            run_any("--rebuild", IMG + "app-53.img", "-", "-o", f.out, stdin=text,
                    status=1 if words else 0, program=STRSCAN)
            assert os.path.exists(f.out) == (not words)
            assert not words or words in run_any.stderr.decode()


def test_what_may_be_anything_is_refused_with_advice():
    with Folder() as f:
        name = os.path.dirname(f.out) + "/input"
        capture = '"strscan --capture FILE -o strings.json" makes a capture of it'
        for text, words in (
                (b"", "there is nothing in it"), (b" \n\n", "there is nothing in it"),
                (b"alpha\nbeta\ngamma\n", capture), (open("LICENSE", "rb").read(), capture),
                (b"Words of a manual, and nothing that a console printed.\n" * 9 +
                 b'    {"text": "home/attic/humidity", "seen": 1}\n', "few strings in it"),
                (open("Makefile", "rb").read(), capture),
                (b"local x = 1\nx = = 2\nreturn x\n",
                 "does not compile (line 2: unexpected symbol near '='); if it is no Lua: "),
                (bytes(range(256)) * 8, "no strings found")):
            open(name, "wb").write(text)
            for image in ("app-53", "app-51f"):
                assert rebuild(f, f"{IMG}{image}.img", name, status=1) is None, text[:40]
                assert f"strscan: {name}: " in rebuild.words and words in rebuild.words, \
                    rebuild.words
                assert "nothing is written" in rebuild.words
        # The advice leads somewhere.
        open(name, "w", encoding="ascii").write("alpha\nbeta\ngamma\n")
        run_any("--capture", name, "-o", name + ".json", program=STRSCAN)
        rebuild(f, IMG + "app-53.img", name + ".json")
        assert {"alpha", "beta", "gamma"} <= strings_of(f.out)


def test_a_chunk_of_a_pc_is_called_one():
    with Folder() as f:
        for lua, kind in (("luac5.1", "lua51-float"), ("luac5.3", "lua53")):
            if not shutil.which(lua):
                raise Skip("no " + lua)
            for name in ("pc.lc", "pc.lua"):
                chunk = f"{os.path.dirname(f.out)}/{name}"
                subprocess.run([lua, "-o", chunk, GOLDEN + "app/config.lua"], check=True)
                assert rebuild(f, "--for", kind, chunk, status=1) is None
                assert f"{chunk}: a chunk of a PC's Lua {lua[-3:]} (luac)" in rebuild.words


def test_of_two_modules_with_one_name_that_is_taken_which_a_device_finds():
    with Folder() as f:
        data = bytearray(open(IMG + "app-53.img", "rb").read())
        at = data.rindex(b"\x52\x53\x54\x55\x56\x57") # the modules' names
        data[at + 2] = data[at + 1]
        twin = f.out + ".twin"
        open(twin, "wb").write(data)
        for args in ([], ["--remove", "httpd"]):
            rebuild(f, twin, *args)
            assert 'a second "main", which no device finds, is left out' in rebuild.words
            doc = json.loads(run_any("--json", "--modules", f.out))
            assert [m["source"] for m in doc["modules"] if m["name"] == "main"] == ["@main.lua"]
            run_any("--check", f.out)


def test_what_takes_more_heap_than_a_device_has_is_named():
    with Folder() as f:
        folder = os.path.dirname(f.out)
        for name, text in (("code", "x = 1 " * 20000), ("text", f'return "{"y" * 60000}"'),
                           ("many", "return {" + ",".join(f'"s{i}"' for i in range(20000)) + "}")):
            open(f"{folder}/{name}.lua", "w", encoding="ascii").write(text)
        sources = GOLDEN + "app/config.lua", GOLDEN + "app/main.lua"
        for name, words in (("code", "make the function smaller"),
                            ("text", "cut its longest string"), ("many", "leave strings out")):
            rebuild(f, "--for", "lua53", sources[0], f"{folder}/{name}.lua", sources[1], status=1)
            assert words in rebuild.report, rebuild.report
            assert ("(module code)" in rebuild.words) == (name == "code"), rebuild.words


def test_a_damaged_image_is_refused_however_little_it_is():
    with Folder() as f:
        bad = f.out + ".bad"
        refused = 0
        for name, places in (("app-53", (2000, 4230)), ("app-51f-abs", (201, 4001, 6001)),
                             ("app-53-abs", (41, 3005, 12001)), ("app-51f", (3000,))):
            data = open(f"{IMG}{name}.img", "rb").read()
            for at in places:
                open(bad, "wb").write(data[:at] + bytes([data[at] ^ 0xff]) + data[at + 1:])
                assert rebuild(f, bad, status=1) is None, (name, at)
                said = rebuild.words.splitlines()
                assert said[-1] == "strscan: nothing is written" and len(said) > 1
                assert said[0].startswith(("strscan: " + bad, "strscan: " + f.out)), said
                assert "accepted" not in rebuild.report
                refused += said[0].startswith("strscan: " + bad)
        assert refused >= 6, refused


def test_why_it_is_refused_is_said_where_errors_are():
    with Folder() as f:
        for args, words in (
                ([IMG + "app-53.img", "--lfs-size", "4096"],
                 "not safe: the image needs 12336 bytes, the region has 4096"),
                ([IMG + "app-51f.img", "--lfs-size", "4096"],
                 "refused: LFS Image too big for configured LFS region"),
                ([IMG + "fixed-53.img", "--fix-fixed-strings=never"], "not safe: "),
                ([IMG + "app-53.img", "--base", "0xfffff000"],
                 "12336 bytes at 0xfffff000 does not end below 4 GiB"),
                ([IMG + "app-51f.img", GOLDEN + "app/main.lua", "--base", "0xffffe000"],
                 "does not end below 4 GiB")):
            assert rebuild(f, *args, status=1) is None
            assert f"strscan: {f.out}: " in rebuild.words and words in rebuild.words, rebuild.words
            assert rebuild.words.endswith("strscan: nothing is written\n")


def test_the_output_can_be_a_pipe():
    with Folder() as f:
        here = os.path.dirname(f.out)
        args = [os.path.abspath(STRSCAN), "--rebuild", os.path.abspath(IMG + "app-53.img"), "-o",
                "-"]
        p = subprocess.run(args, capture_output=True, cwd=here, check=True)
        assert p.stdout == open(IMG + "app-53.img", "rb").read()
        assert b"verdict" in p.stderr and os.listdir(here) == []
        main_fd, terminal = os.openpty()
        p = subprocess.run(args, stdout=terminal, stderr=subprocess.PIPE, cwd=here, check=False)
        assert p.returncode == 2 and b"nothing for a terminal" in p.stderr and not os.listdir(here)
        os.close(terminal)
        os.close(main_fd)


def test_options_without_an_effect_are_told():
    with Folder() as f:
        v51, v53, keep = IMG + "app-51f.img", IMG + "app-53.img", ["--keep", "a*"]
        for args, option in (
                ([v51, "--seed", "4"], "--seed"),
                ([v51, "--fix-fixed-strings"], "--fix-fixed-strings"),
                ([v53, "--hash", "small"], "--hash"), ([v53, "--share"], "--share"),
                ([v53, "--luac", "none"], "--luac"), ([v53, *keep], "--keep, --drop")):
            rebuild(f, *args)
            assert f"strscan: {option}" in rebuild.words and "no effect" in rebuild.words, args
        rebuild(f, v53, "--seed", "4", "--fix-fixed-strings", "--base", "0x40296000", "--share",
                "--hash", "small")
        assert not rebuild.words, rebuild.words


def test_a_wrong_value_is_answered_with_the_right_ones():
    with Folder() as f:
        for args, words in (
                (["--for", "x"], "lua51-float-unpacked"), (["--base", "x"], "--base takes an address"),
                (["--seed", "x"], "--seed takes a number"), (["--base", "0"], "--base takes"),
                (["--timestamp", "-1"], "--timestamp takes seconds"),
                (["--strip", "x"], "--strip takes none, locals or all, not: x"),
                (["--hash", "x"], "--hash takes stock, small or fast, not: x"),
                (["--as-luac", "--share"], "not with --as-luac"),
                (["--as-luac", "--hash", "small"], "not with --as-luac"),
                (["--share=x"], "--share takes auto, always or never, not: x"),
                (["--fix-fixed-strings=x"], "--fix-fixed-strings takes auto, always or never, not")):
            rebuild(f, IMG + "app-53.img", *args, status=2)
            assert words in rebuild.words, rebuild.words
        rebuild(f, "--for", "help")
        assert "lua51-int " in rebuild.report and "lua53-i64f64 " in rebuild.report


def test_names_with_dots_are_those_of_luac_and_said():
    with Folder() as f:
        folder = os.path.dirname(f.out)
        for name, module in (("a.b.lua", "a"), (".lua", "lua"), (".x.y.lua", "x")):
            open(f"{folder}/{name}", "w", encoding="ascii").write("return 1\n")
            rebuild(f, "--for", "lua53", f"{folder}/{name}")
            assert modules(f.out) == [module]
            assert f'the module is called "{module}"' in rebuild.words
        open(f"{folder}/a.lua", "w", encoding="ascii").write("return 1\n")
        rebuild(f, "--for", "lua53", f"{folder}/a.lua")
        assert not rebuild.words
        rebuild(f, IMG + "app-53.img", "--rename", "main=" + "x" * 41, status=1)
        assert f'{IMG}app-53.img: module "{"x" * 41}" has a name of more than 40' in rebuild.words
        rebuild(f, IMG + "app-53.img", "--rename", "main=config", status=1)
        assert "two modules would be called config: that of" in rebuild.words
        assert f.out not in rebuild.words


def test_a_compiler_that_does_not_end_is_ended():
    with Folder() as f:
        folder, source = os.path.dirname(f.out), GOLDEN + "app/main.lua"
        runs = []
        for i, text in enumerate(("sleep 1000", "trap '' ALRM TERM; while :; do :; done",
                                  "sleep 1000 & sleep 1000", "yes", "yes >&2")):
            script = f"{folder}/luac{i}"
            open(script, "w", encoding="ascii").write(f"#!/bin/sh\n{text}\n")
            os.chmod(script, 0o755)
            runs.append(subprocess.Popen([STRSCAN, "--rebuild", "--luac", script, "--for", "lua53",
                                          source, "-o", f.out], stderr=subprocess.PIPE))
        for run in runs:
            words = run.communicate(timeout=50)[1]
            assert run.returncode == 1 and b"nothing is written" in words, words
            assert b"did not end in 10 seconds" in words or b"yes" in words or b"signal" in words, words
            assert len(words) < 6000
        assert not os.path.exists(f.out)


def test_a_source_that_fits_nowhere_is_refused_in_no_time():
    with Folder() as f:
        for name, line in (("long.lua", b"x=1\n"), ("long", b"local x = 1\n")):
            path = os.path.dirname(f.out) + "/" + name
            with open(path, "wb") as out:
                out.write(line * (5_000_000 // len(line) + 1))
            start = time.monotonic()
            assert rebuild(f, "--for", "lua51-float", path, status=1) is None
            assert "fit no region of any device" in rebuild.words, rebuild.words
            assert time.monotonic() - start < 5


main(globals())
