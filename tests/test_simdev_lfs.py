#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The simulated board's LFS and files: what its loader writes, says and survives is what
tests/golden recorded of the real ones; its modules run; it is afterwards what a board would be,
wherever the power went."""
import hashlib
import json
import os
import re
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import GOLDEN, main, read  # noqa: E402

IMAGES = {"51": "51f", "51i": "51i", "53": "53"}
VARIANTS = tuple(IMAGES)
FASTEST = "--fast", "--boot-ms", "10"
UP = b"fce080e)\r\n> "  # the banner's end and the first prompt


def image(name):
    return f"{GOLDEN}img/{name}.img"


def device(board):
    lines = (line.partition(" ") for line in board.ask("device"))
    return {name: value for name, _, value in lines}


def start(variant, *args):
    return Board(variant, *FASTEST, *args)


def reload(board, name="lfs.img"):
    """Loads an image that is good; what was said until the prompt after the restart."""
    board.send(f'node.LFS.reload("{name}")\n'.encode())
    return board.read_until(UP)


def test_the_region_holds_what_the_devices_loaders_wrote():
    for variant, build, names in (
            ("51", "51f", "app appds edge many floats app-debug0 app-debug2"),
            ("51i", "51i", "app appds edge many app-debug0"),
            ("53", "53", "app appds edge many app-debug0 app-strip fixed ops53")):
        for name in names.split():
            stem, _, debug = name.partition("-")
            name = f"{stem}-{build}" + (f"-{debug}" if debug else "")
            path = f"{GOLDEN}regions/{name}.bin"
            absolute = not os.path.exists(path)
            with tempfile.TemporaryDirectory() as folder:
                with start(variant, "--fs", folder, "--file", "lfs.img=" + image(name)) as board:
                    board.read_until(b"> ")
                    reload(board)
                want = bytearray(read(image(name + "-abs") if absolute else path))
                want[0] &= 0xfe if absolute else 0xff
                got = read(folder + "/.lfs.bin")
                assert got[len(want):] == b"\xff" * (0x20000 - len(want)), name
                assert got[:len(want)] == want, (name, [i for i in range(len(want))
                                                       if got[i] != want[i]][:20])


def mutated(case):
    """The input of a recorded verdict, None where it takes a deflate; checked by its sum."""
    m, op = case["mutation"], case["mutation"]["op"]
    if op == "missing":
        return b""
    folder = "lc" if (case["base"] or "").endswith(".lc") else "img"
    data = read(f"{GOLDEN}{folder}/{case['base']}") if case["base"] else b""
    offset, length, value = m.get("offset", 0), m.get("length", 0), m.get("value", 0)
    if op == "fill":
        data = bytes([value]) * length
    elif op == "truncate":
        data = data[:length]
    elif op == "append":
        data += bytes([value]) * length
    elif op == "insert":
        data = data[:offset] + bytes([value]) * length + data[offset:]
    elif op == "remove":
        data = data[:offset] + data[offset + length:]
    elif op == "byte":
        data = data[:offset] + bytes([value]) + data[offset + 1:]
    elif op == "word":
        data = data[:offset] + (value & 0xffffffff).to_bytes(4, "little") + data[offset + 4:]
    elif op == "splice":
        data = data[:offset] + bytes.fromhex(m["hex"]) + data[offset + length:]
    elif op not in ("none", "lc", "wrongkind", "othervariant"):
        return None
    assert hashlib.sha256(data).hexdigest() == case["sha256"], case
    return data


def read_until_said(board, pattern):
    got = b""
    for _ in range(400):
        got += board.read_until(b"", timeout=0.02)
        if re.search(pattern, got):
            return got
    raise TimeoutError((pattern, got[-600:]))


def check_verdict(variant, case, path):
    """5.1 refuses and goes on; 5.3 has erased by then, and hangs until its reset."""
    name = "none.img" if case["mutation"]["op"] == "missing" else "x.img"
    with start(variant, "--lfs-size", str(case["region"]), "--file", "x.img=" + path,
               "--lfs", GOLDEN + "img/" + case["old"]) as board:
        board.read_until(UP)
        before = device(board)["lfs_sum"]
        board.send(f'print(node.LFS.reload("{name}"))\n'.encode())
        words, went = case["message"], case["message"] == "crash"
        if case["loaded"] or went:
            got = read_until_said(board, re.escape(UP) + b"$")
        elif variant == "53" and "partition" not in words:
            got = read_until_said(board, re.escape(words.encode()) + rb"\r\nstack")
            board.ask("reset")
            read_until_said(board, re.escape(UP) + b"$")
        else:
            got = read_until_said(board, re.escape(words.encode()) + rb"\r\n> $")
        assert went or words.encode() in got, (case, got)
        now = device(board)
        assert (now.get("lfs_sum") == before) == case["survived"] or case["loaded"], (case, now)
        assert (now["lfs"] == "none") == (case["modules"] is None and not case["loaded"]), case
        if case["loaded"] and "names" in case:
            assert now["lfs_modules"].split() == case["names"], (case, now)
        if case["modules"] is not None and "crash" not in case["boot"]:
            assert board.run("print(#node.LFS.list())") == f"{case['modules']}\n", case


def test_recorded_verdicts_are_the_boards():
    """Each seventh of them, as far as no deflate is needed to make the file."""
    for variant, build in IMAGES.items():
        with open(f"{GOLDEN}verdicts/{build}.jsonl", encoding="ascii") as f:
            cases = [json.loads(line) for line in f]
        done = 0
        for case in cases[::7]:
            odd = case.get("undefined") or case.get("oom") or case.get("overwrote")
            data = None if odd or case["message"] is None else mutated(case)
            if data is None or case["message"] == "hang":
                continue
            with tempfile.NamedTemporaryFile() as f:
                f.write(data)
                f.flush()
                check_verdict(variant, case, f.name)
            done += 1
        assert done > 20, (variant, done)


# Tells a value so that two are told alike when they are.
TELL = "function tell(v,d) d=d or 0 if type(v)~='table' then return type(v)=='function' and " \
       "'f' or type(v)..tostring(v) end local t={} for k,x in pairs(v) do " \
       "t[#t+1]=tell(k)..'='..tell(x,d+1) end table.sort(t) return '{'..table.concat(t,';')..'}'" \
       " end"


def test_modules_do_what_their_sources_do():
    for variant, build in IMAGES.items():
        names = ("strings", "numbers", "lines", "control", "empty")
        files = [a for n in names for a in ("--file", f"{GOLDEN}edge/{n}.lua")]
        with start(variant, "--lfs", image(f"edge-{build}"), *files) as board:
            board.read_until(UP)
            board.run(TELL)
            for name in names:
                got, want = (board.run(f"print(tell({{{how}}}))") for how in (
                    f"node.LFS.get'{name}'()", f"dofile'{name}.lua'"))
                assert got == want and "error" not in got, (variant, name, got[:300], want[:300])
            # Its upvalues are its own each time.
            for _ in range(2):
                assert board.run("print(select(2,node.LFS.control())())") == "11\ttwo1234\n"
            assert board.run("print(node.LFS.nix,node.flashindex'nix')") == "nil\tnil\n"


def test_an_application_starts_from_flash_as_init_lua_says():
    for variant, build in IMAGES.items():
        with start(variant, "--lfs", image(f"appds-{build}"), "--init",
                   "node.flashindex('_init')() c=require'config' h=require'httpd'") as board:
            got = board.read_until(b"> ").decode("latin-1")
            # Its main asks for a module that this firmware has not.
            assert "boot failed: main.lua:22: attempt to index" in got, got
            assert board.run("print(c.broker,type(h.listen))") == "192.168.4.2\tfunction\n"
            again = board.run("a=node.LFS.get'main' print(a==node.LFS.main,type(a))")
            assert again.endswith("\tfunction\n")


def strings_in_flash(build):
    """Texts of the image's table. That of 5.3 has the firmware's own, too: in the region only."""
    if build != "53":
        with open(f"{GOLDEN}decoded/appds-{build}.json", encoding="ascii") as f:
            return {s["s"] for s in json.load(f)["strings"]}
    region = read(f"{GOLDEN}regions/appds-53.bin").decode("latin-1")
    found = set()
    for at in range(0, len(region) - 16, 4):
        size = ord(region[at + 7])
        if region[at + 4] == "\x04" and 0 < size <= 40 and region[at + 16 + size] == "\0":
            found.add(region[at + 16:at + 16 + size])
    return found


def test_strings_of_the_image_leave_the_ram_and_the_heap_has_their_room():
    for variant, build in IMAGES.items():
        flashed = {escape(t) for t in strings_in_flash(build)}
        with open(f"{GOLDEN}ram/heap-{variant}.strings.txt", encoding="latin-1") as f:
            recorded = [line.rstrip("\n").split("\t") for line in f]
        with start(variant, "--file", "lfs.img=" + image(f"appds-{build}")) as board:
            board.read_until(b"> ")
            before = listed(board), device(board)
            reload(board)
            after = listed(board), device(board)
            gone = before[0] - after[0]
            assert not after[0] & flashed, (variant, after[0] & flashed)
            kept = {text for _, _, text in recorded} & before[0]
            assert kept & flashed <= gone and kept - flashed <= after[0], variant
            blocks = sum(8 + (16 + int(size) + 1 + 7) // 8 * 8
                         for _, size, text in recorded if text in kept & flashed)
            won = int(after[1]["heap_free"]) - int(before[1]["heap_free"])
            # Beside them: half the vector, if it could shrink, and what the session had made.
            assert blocks > 500 and blocks - 64 <= won <= blocks + 1500, (variant, won, blocks)
            assert board.run("x='192.168.4.2'..'' print(x)") == "192.168.4.2\n"


def escape(s):
    return "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):03}" for c in s)


def listed(board):
    return {line.split("\t")[2] for line in board.ask("strings")}


def test_the_power_can_go_at_any_page():
    for variant, build in IMAGES.items():
        old, new = image(f"app-{build}"), image(f"appds-{build}")
        with start(variant, "--lfs", old, "--file", "lfs.img=" + new) as board:
            board.read_until(UP)
            expected = board.ask("expect " + new)[0].split()[1]
            seen = {device(board)["lfs_sum"]: 0}
            for page in range(1, 30):
                board.ask(f"fault cut {page}")
                before = device(board)
                got = reload(board)
                board.ask("fault cut off")
                now = device(board)
                assert board.run("print('alive')") == "alive\n"
                assert now["lfs"] in ("image", "none", "broken"), now
                if now.get("lfs_sum") == expected:
                    break
                assert b"updated" not in got
                # 5.1 has not begun yet, or has begun and not ended.
                assert now.get("lfs_sum") == before.get("lfs_sum") if page == 1 else \
                    now["lfs"] != "image", (variant, page, now)
                seen[now["lfs"]] = page
                wanted = {"none": b"No LFS image loaded",
                          "broken": b"Flash sig not correct: 0xfafa"}
                assert variant == "53" or page == 1 or wanted[now["lfs"]] in got, got
            assert page > 5 and "none" in seen and ("broken" in seen) == (variant != "53"), seen


def test_a_killed_board_is_found_as_its_flash_is():
    for variant, build in IMAGES.items():
        for delay in 0.0, 0.06, 0.12, 0.3:
            with tempfile.TemporaryDirectory() as folder:
                args = "--fs", folder, "--page-ms", "10", "--lfs", image(f"app-{build}"), \
                    "--file", "lfs.img=" + image(f"appds-{build}")
                with start(variant, *args) as board:
                    board.read_until(UP)
                    old = device(board)["lfs_sum"]
                    new = board.ask("expect " + image(f"appds-{build}"))[0].split()[1]
                    board.send(b'node.LFS.reload("lfs.img")\n')
                    time.sleep(delay)
                    board.process.send_signal(signal.SIGKILL)
                    board.process.wait()
                    board.process.returncode = 0
                with start(variant, "--fs", folder) as board:
                    board.read_until(UP)
                    found = device(board)
                    assert found["lfs"] in ("none", "broken") or \
                        found["lfs_sum"] in (old, new), found
                    reload(board)
                    assert device(board)["lfs_sum"] == new


def test_files_lose_what_no_page_held():
    for cause in "reset", "kill":
        with tempfile.TemporaryDirectory() as folder:
            with start("51", "--fs", folder) as board:
                board.read_until(UP)
                board.run("f=file.open('a','w') f:write(('x'):rep(600))")
                board.run("g=file.open('b','w') g:write('y') g:flush() g:write('z')")
                board.run("file.putcontents('c','old') h=file.open('c','w')")
                board.run("file.putcontents('d','one') file.rename('d','e')")
                if cause == "reset":
                    board.ask("reset")
                    board.read_until(UP)
                else:
                    board.process.kill()
                    board.process.wait()
                    board.process.returncode = 0
            with start("51", "--fs", folder) as board:
                board.read_until(UP)
                sizes = board.run("for n,s in pairs(file.list()) do print(n,s) end").split("\n")
                assert sorted(sizes) == \
                    ["", "a\t502", "b\t1", "c\t0", "e\t3", "init.lua\t11"], sizes


def test_the_file_system_can_be_full_and_names_too_long():
    with start("53", "--space", "4000") as board:
        board.read_until(UP)
        assert board.run("print(select(3,file.fsinfo()))") == "4000\n"
        assert board.run("f=file.open('a','w') print(f:write(('x'):rep(2000)))") == "true\n"
        assert board.run("print(f:write(('x'):rep(2000)))") == "nil\n"
        assert "filename invalid" in board.run("file.open(('n'):rep(32),'w')")
        assert board.run("print(file.open(('n'):rep(31),'w')~=nil)") == "true\n"


def test_a_reload_may_lack_heap_or_a_region():
    for args, words in ((("--heap", "20000"), "Memory allocation error\n"),
                        (("--lfs-size", "0"), "No LFS partition allocated\n")):
        with start("51", *args, "--file", "x=" + image("app-51f")) as board:
            board.read_until(UP)
            assert board.run("print(node.LFS.reload('x'))") == words


def test_an_application_that_steals_the_console_leaves_no_way_to_reload():
    for init in ("uart.on('data',0,function() end,0)", "while true do end"):
        with start("51", "--init", init, "--file", "x=" + image("app-51f")) as board:
            board.send(b"node.LFS.reload('x')\n")
            assert b"updated" not in board.read_until(b"", timeout=0.5)
            assert device(board)["lfs"] == "none"


def call_again(board):
    """After the session has ended with the device's restart."""
    time.sleep(0.3)
    board.socket.close()
    board.socket = socket.create_connection(("127.0.0.1", int(board.path)))
    board.fd = board.socket.fileno()


def test_telnet_survives_a_reload_and_not_a_dead_console():
    for variant, build, other in (("51", "51f", "53"), ("53", "53", "51f")):
        with Board(variant, *FASTEST, "--file", "lfs.img=" + image(f"app-{build}"), "--file",
                   "bad.img=" + image(f"app-{other}"), telnet=True) as board:
            board.read_until(b")\n")
            board.send(b"print(node.LFS.reload('lfs.img'))\n")
            call_again(board)
            board.read_until(b")\n")
            board.send(b"print(#node.LFS.list())\n")
            assert board.read_until(b"> ") == b"6\n> "
            board.send(b"print(node.LFS.reload('bad.img'))\n")
            if variant == "51":
                assert board.read_until(b"> ") == b"read error on LFS image file\n> "
                continue
            call_again(board)
            assert board.read_until(b"", timeout=1) == b""
            assert device(board)["lfs"] == "none"


def test_older_firmware_has_flashindex_and_flashreload_alone():
    with start("51", "--fault", "missing=node.LFS", "--file", "x=" + image("app-51f")) as board:
        board.read_until(UP)
        board.send(b"node.flashreload('x')\n")
        assert b"deprecated" not in board.read_until(UP)
        assert board.run("print(node.LFS,type(node.flashindex'main'))") == "nil\tfunction\n"
        assert board.run("print(table.concat(select(5,node.flashindex()),','))") == \
            "_init,config,httpd,main,publish,sensor\n"
        assert board.run("print((node.flashindex'nix'))") == "1795383975\n"


def test_damaged_instructions_crash_the_board_and_no_more():
    with tempfile.TemporaryDirectory() as folder:
        with start("51", "--fs", folder, "--lfs", image("app-51f")) as board:
            board.read_until(UP)
        region = bytearray(read(folder + "/.lfs.bin"))
        at = region.find(bytes.fromhex("1e008000"))  # RETURN, of every function the last
        assert at > 0
        region[at:at + 4] = b"\xff\xff\xff\xff"
        with open(folder + "/.lfs.bin", "wb") as f:
            f.write(region)
        with start("51", "--fs", folder) as board:
            board.read_until(UP)
            assert board.run("print(#node.LFS.list())") == "6\n"
            board.send(b"node.LFS.main()\n")
            assert b"NodeMCU 3.0" in board.read_until(UP)
            assert device(board)["starts"] == "2"


def test_string_dump_strips_as_the_compilers_do():
    for variant, build in (("51", "51f"), ("53", "53")):
        with start(variant, "--lfs", image(f"app-{build}")) as board:
            board.read_until(UP)
            got = board.run("uart.write(0,encoder.toHex(string.dump(node.LFS.main,1)))")
            want = read(f"{GOLDEN}lc/main-{build}-strip.lc")
            different = [(a, b) for a, b in zip(bytes.fromhex(got), want) if a != b]
            assert len(got) == 2 * len(want) and different in ([], [(0, 1)]), different
            assert "strip out of range" in board.run("string.dump(print,3)")
            assert "unable to dump" in board.run("string.dump(print)")


def test_parts_of_modules_can_be_missing_and_sums_are_right():
    with start("53", "--crypto", "--file", "x=" + image("app-53")) as board:
        board.read_until(UP)
        want = hashlib.sha256(read(image("app-53"))).hexdigest()
        assert board.run("print(encoder.toHex(crypto.fhash('sha256','x')))") == want + "\n"
        board.run("h=crypto.new_hash('SHA256') f=file.open('x')")
        board.run("repeat s=f:read(100) if s then h:update(s) end until not s")
        assert board.run("print(encoder.toHex(h:finalize()))") == want + "\n"
        board.ask("fault missing crypto.fhash,file.stat,encoder")
        assert board.run("print(crypto.fhash,file.stat,encoder,crypto.hash~=nil)") == \
            "nil\tnil\tnil\ttrue\n"


def test_chunks_of_the_devices_format_can_be_run_from_files():
    for variant, build in IMAGES.items():
        with start(variant, "--file", f"c.lc={GOLDEN}lc/config-{build}.lc") as board:
            board.read_until(UP)
            assert board.run("print(dofile('c.lc').broker,require('c').broker)") == \
                "192.168.4.2\t192.168.4.2\n"


main(dict(globals()))
