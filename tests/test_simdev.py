#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The simulated board against recordings of the real firmware; its pace, its faults, its telnet.
What cannot be equal is listed in tests/simdev/README.md; the numbers here are of that list."""
import json
import os
import re
import select
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import GOLDEN, main  # noqa: E402

IMAGES = {"51": "51f", "51i": "51i", "53": "53"}
VARIANTS = tuple(IMAGES)
FASTEST = "--fast", "--boot-ms", "20"
# What the recording of golden/ram needed itself.
RECORDER = {"RAM", "__s", "collectgarbage", "debug", "getstrings", "print"}


def recorded_strings(variant):
    """Escaped texts of golden/ram."""
    with open(f"{GOLDEN}ram/heap-{variant}.strings.txt", encoding="latin-1") as f:
        return [line.rstrip("\n").split("\t", 2)[2] for line in f]


def turns(name):
    """What was sent, and all that came before the next was sent."""
    found = []
    with open(f"{GOLDEN}console/{name}.jsonl", encoding="ascii") as f:
        for line in map(json.loads, f):
            data = bytes.fromhex(line["hex"])
            if line["dir"] == "tx":
                found.append([data, b""])
            elif found:
                found[-1][1] += data
            else:
                found.append([b"", data])
    return found


def escape(s):
    return "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):03}" for c in s)


def kept_items(variant, reply):
    """5: of the manual's snippet, the strings that the recording calls steady or the line named."""
    steady = set(recorded_strings(variant)) - {"LUABOX", escape("__name")}
    items = re.findall(r'"((?:[^"\\]|\\\r\n|\\.)*)"', reply.decode("latin-1"), re.S)
    texts = (re.sub(r"\\(\d{1,3}|\r\n|.)", lambda m: chr(int(m[1])) if m[1].isdigit() else
                    m[1].replace("\r", ""), i, flags=re.S) for i in items)
    return [t for t in texts if escape(t) in steady]


def normalise(variant, sent, reply):
    if sent == b"=node.heap()\n":
        return re.sub(rb"\r\n\d+", b"\r\nN", reply)  # 1
    if b"1e6" in sent and variant == "51i":
        return re.sub(rb"error: \t.*\r\n", b"error\r\n", reply)  # 2
    if b"node.info'lfs'" in sent:
        return sorted(re.sub(rb"(lfs_used)\t\d+", rb"\1\tN", reply).split(b"\r\n"))  # 3, 4
    if b"LFS" in sent or b"'ROM'" in sent and b"#" in sent:
        reply = re.sub(rb"(0x096000)\.*", rb"\1", reply)  # 6
        reply = re.sub(rb"(\d+\t\w+\r\n)+", b"MODULES\r\n", reply)  # 4
        return re.sub(rb"\r\n\d+(\t\d+)?\r\n", b"\r\nN\r\n", reply)  # 4
    if sent == b"end\n" and variant == "53":
        return kept_items(variant, reply)  # 5
    return reply


def collect(board, enough=None, quiet=0.15, first=10):
    """What comes, until nothing has come for a while: a short one when enough is there."""
    got, more = b"", first
    while select.select([board.fd], [], [], more)[0]:
        data = os.read(board.fd, 4096)
        if not data:
            break
        got += data
        more = quiet if enough is None else 0.03 if len(got) >= enough else 1
    return got


def replay(board, variant, name):
    for sent, want in turns(f"{name}-{variant}"):
        if sent:
            board.send(sent)
        got = collect(board, len(want), first=10 if want else 0.3)
        got, want = normalise(variant, sent, got), normalise(variant, sent, want)
        assert got == want, (name, variant, sent, got, want)


def test_the_recorded_session_plays_the_same():
    for variant, build in IMAGES.items():
        image = f"lfs.img={GOLDEN}img/appds-{build}.img"
        with Board(variant, *FASTEST, "--file", image) as board:
            for name in "boot", "snippet", "slices", "errors", "reload":
                replay(board, variant, name)


def test_a_bad_image_is_answered_as_recorded_and_kills_a_5_3_device_until_its_reset():
    for variant, other in (("51", "51i"), ("51i", "51f"), ("53", "51f")):
        image = f"bad.img={GOLDEN}img/appds-{other}.img"
        with Board(variant, *FASTEST, "--file", image) as board:
            board.read_until(b"> ")
            replay(board, variant, "badimage")
            if variant == "53":
                board.ask("reset")
                board.read_until(b"> ")
                assert board.run("print('alive')") == "alive\n"


def test_a_capture_finds_the_recorded_table_and_what_it_sent_itself():
    for variant in VARIANTS:
        with Board(variant, *FASTEST) as board:
            board.read_until(b"> ")
            assert board.run("b=encoder.toHex collectgarbage()") == ""
            got = board.run("for _,s in ipairs(debug.getstrings'RAM') do "
                            "uart.write(0,b(s)..' ') end")
            names = {bytes.fromhex(w).decode("latin-1") for w in got[:-1].split(" ")}
            missing = set(recorded_strings(variant)) - {escape(n) for n in names}
            assert missing <= {escape(n) for n in RECORDER}, missing
            assert {"ipairs", "RAM", "getstrings"} <= names


def test_a_session_leaves_nothing_behind_after_a_collection():
    for variant in VARIANTS:
        with Board(variant, *FASTEST) as board:
            board.read_until(b"> ")
            board.run("collectgarbage()")
            before = board.ask("strings")
            board.run("zwischenzeit={'blau'} function gruen(a) return a..'gelb' end")
            during = board.ask("strings")
            assert {"blau", "gruen", "gelb"} <= {line.split("\t")[2] for line in during}
            assert "zwischenzeit" in board.state()["globals"].split()
            board.run("zwischenzeit=nil gruen=nil")
            board.run("collectgarbage()")
            board.run("collectgarbage()")
            assert board.ask("strings") == before
            assert board.state()["globals"] == ""


def test_names_of_locals_are_no_strings_in_ram():
    for variant in VARIANTS:
        with Board(variant, *FASTEST) as board:
            board.read_until(b"> ")
            board.run("function f(langer_name) local noch_einer=langer_name return noch_einer end")
            board.run("collectgarbage()")
            names = [line.split("\t")[2] for line in board.ask("strings")]
            assert not [n for n in names if "name" in n and "langer" in n or "einer" in n], names


def test_the_high_water_mark_tells_what_a_command_took():
    for variant in VARIANTS:
        with Board(variant, *FASTEST, "--gc", "always") as board:
            board.read_until(b"> ")
            peaks = []
            for size in 10, 4000:
                used = int(board.ask("mark")[0].split()[1])
                board.run(f"x=('x'):rep({size})")
                peaks.append(board.stats()["heap_peak"] - used)
            assert peaks[0] < 1500 and 4000 <= peaks[1] < 14000, (variant, peaks)


def test_the_editor_knows_backspace_and_all_line_ends():
    with Board("51", *FASTEST) as board:
        board.read_until(b"> ")
        for end in b"\n", b"\r", b"\r\n", b"\n\r":
            board.send(b"prixx\b\x7fnt(7)" + end)
            assert board.read_until(b"7\r\n> ").endswith(b"prixx\b \b\b \bnt(7)\r\n7\r\n> ")
        board.send(b"\n")
        assert board.read_until(b"> ") == b"\r\n> "


def test_a_flood_loses_bytes_on_the_paced_line_and_none_line_by_line():
    with Board("51") as board:
        board.read_until(b"> ")
        board.send(b"tmr.delay(300000)\n" + b"-- 4567890\n" * 200)
        collect(board, quiet=0.5)
        assert board.stats()["overwritten"] > 500, board.stats()
    with Board("51") as board:
        board.read_until(b"> ")
        for i in range(20):
            assert board.run(f"print({i})") == f"{i}\n"
        assert board.stats()["overwritten"] == 0


def test_output_has_the_pace_of_the_line():
    with Board("53", "--baud", "57600") as board:
        board.read_until(b"> ")
        start = time.monotonic()
        board.run("for i=1,50 do print(('x'):rep(98)) end")
        took = time.monotonic() - start
        assert 0.75 <= took < 3, took


def test_telnet_greets_piles_up_and_has_neither_echo_nor_line_limit():
    for variant in VARIANTS:
        with Board(variant, *FASTEST, telnet=True) as board:
            greeting = board.read_until(b")\n")
            assert re.fullmatch(rb"Welcome to NodeMCU world \(\d+ mem free, [\d.]+\)\n", greeting)
            board.send(b"print('a') print('b')\n")
            assert board.read_until(b"> ") == b"a\nb\n> "
            board.send(b"x=''" + b"..'0123456789'" * 60 + b" print(#x)\n")
            assert board.read_until(b"> ") == b"600\n> "
            board.send(b"for i=1,1e4 do print('0123456789012345678901234567890') end\n")
            came = collect(board)
            assert b"not enough memory" in came or b"0123" not in came, "a pile has no room"


def test_an_integer_build_says_so():
    with Board("51i", *FASTEST) as board:
        assert b"build type: integer" in board.read_until(b"> ")


def replies(fault, variant="51", line="print(('x'):rep(200))"):
    with Board(variant, *FASTEST, "--fault", fault) as board:
        collect(board)
        board.send(line.encode() + b"\n")
        return collect(board, first=2)


def test_faults_of_the_line_do_what_they_say():
    clean = b"print(('x'):rep(200))\r\n" + b"x" * 200 + b"\r\n> "
    assert replies("lose=1000") == clean
    assert len(clean) - len(replies("lose=10")) in (22, 23)
    assert len(replies("double=10")) - len(clean) in (22, 23)
    assert 10 < sum(a != b for a, b in zip(replies("flip=~10"), clean)) < 40
    assert len(clean) > len(replies("lose-in=10"))
    assert b"E:M" in replies("noise=9") + replies("noise=~9")
    assert replies("echo") == clean.split(b"\r\n", 1)[1]
    assert replies("dead") == b"" == replies("steal")
    assert replies("stranger").endswith(b"ERROR\r\n")
    assert replies("lf") == clean.replace(b"\r\n", b"\n")
    assert replies("prompt=A>,B>").endswith(b"x\r\nA>")
    assert replies("oom=50", line="print(#debug.getstrings())").endswith(
        b"Lua error: \tnot enough memory\r\n> ")
    assert replies("heap=2000", line="x=('x'):rep(5000)").endswith(b"not enough memory\r\n> ")
    assert b"attempt to index" in replies("missing=encoder,file", line="encoder.toHex('a')")


def test_faults_at_the_start():
    for fault, there, gone in (("banner", b"> ", b"NodeMCU 3"), ("garbage", b"NodeMCU", b"\x9c"),
                               ("loop", b"NodeMCU", b"> ")):
        with Board("53", *FASTEST, "--fault", fault) as board:
            got = collect(board, first=2).replace(boot_rom(), b"\x9c")
            assert there in got and gone not in got, (fault, got)


def boot_rom():
    return turns("boot-53")[0][1].split(b"\r\nNodeMCU")[0]


def test_restarts_show_the_banner_again():
    for what in ("fault restart 30", "fault restart-in 10", "reset"):
        with Board("51", *FASTEST) as board:
            board.read_until(b"> ")
            board.run("gone=1")
            board.ask(what)
            board.send(b"print('012345678901234567890123456789')\n")
            assert b"NodeMCU 3.0.0.0" in collect(board)
            assert board.run("print(gone)") == "nil\n"
    with Board("51", *FASTEST) as board:
        board.read_until(b"> ")
        board.send(b"while true do pcall(function() while true do end end) end\n")
        time.sleep(0.2)
        board.ask("reset")
        board.read_until(b"> ")
        assert board.run("node.restart()") == ""
        assert b"NodeMCU 3.0.0.0" in board.read_until(b"> ")


def test_the_port_can_go_and_come_back():
    with tempfile.TemporaryDirectory() as folder, \
            Board("51", *FASTEST, "--link", folder + "/port") as board:
        board.read_until(b"> ")
        board.ask("fault unplug")
        assert board.read_until(b"", timeout=1) == b""
        os.close(board.fd)
        board.ask("plug")
        board.fd = os.open(folder + "/port", os.O_RDWR | os.O_NOCTTY)
        assert board.run("print('again')") == "again\n"


def test_somebody_elses_half_statement_and_prints_between():
    with Board("53", *FASTEST) as board:
        board.read_until(b"> ")
        board.ask("type local t={\\n")
        assert board.read_until(b">> ") == b"local t={\r\n>> "
        assert board.state()["continuation"] == "1"
        board.run(") )")
        assert board.state()["continuation"] == "0"
        board.ask("say temperature 21")
        assert board.read_until(b"\n") == b"temperature 21\r\n"
        board.ask("fault chatter 20")
        assert board.read_until(b"\n", timeout=5)


def test_files_can_be_used_in_both_styles():
    for variant in VARIANTS:
        with Board(variant, *FASTEST) as board:
            board.read_until(b"> ")
            for line, answer in (
                    ("f=file.open('a.txt','w') print(f:write('one\\ntwo\\n')) f:close()", "true\n"),
                    ("print(file.open('a.txt')) print(file.readline()) file.close()", None),
                    ("print(file.list()['a.txt'], file.exists('b'))", "8\tfalse\n"),
                    ("file.open('a.txt','a+') print(file.write('three')) file.close()", "true\n"),
                    ("f=file.open('a.txt') print(f:seek('end'),f:seek('set',4),f:read('\\n'))",
                     "13\t4\ttwo\n\n"),
                    ("print(file.rename('a.txt','b.lua'),file.stat('b.lua').size)", "true\t13\n"),
                    ("print(file.putcontents('c.lua','return 6*7'),dofile('c.lua'))", "true\t42\n"),
                    ("print(#file.getcontents('b.lua'),require('c'))", "13\t42\n"),
                    ("file.remove('c.lua') print(file.exists('c.lua'))", "false\n"),
                    # An object that was closed is no part of the next one.
                    ("f=file.open'b.lua' file.close() f=file.open'b.lua' collectgarbage() "
                     "print(f:seek()) f:close()", "0\n"),
                    ("f=file.open'b.lua' f:close() print(pcall(file.read))",
                     "false\topen a file first\n"),
                    # Whichever is closed, the one opened last is what is read without an object,
                    # but nothing holds it any more.
                    ("f=file.open'b.lua' file.open'b.lua' f:close() print(#file.read())", "13\n"),
                    ("collectgarbage() print(pcall(file.read))", "false\topen a file first\n"),
                    ("f=file.open'b.lua' print(f:seek('set',99),f:seek(),f:read(0),f:read(1))",
                     "nil\t13\t\tnil\n"),
                    ("print(file.putcontents('e',''),(file.getcontents('e')))", "true\tnil\n"),
                    ("f=nil file.open'' collectgarbage()", ""),
                    # As many as the firmware has room for.
                    ("t={} for i=1,5 do t[i]=file.open'b.lua' end print(#t) t=nil "
                     "collectgarbage()", "4\n"),
                    ("print(pcall(file.open,('n'):rep(32)))", None),
                    ("print(encoder.fromBase64(encoder.toBase64('any\\0\\255')) == 'any\\0\\255')",
                     "true\n"),
                    ("=encoder.fromHex(encoder.toHex('xyz'))", "xyz\n")):
                got = board.run(line)
                assert got == answer or answer is None, (variant, line, got)
            assert "filename invalid" in board.run("print(pcall(file.open,('n'):rep(32)))")


def test_the_application_can_have_timers_tasks_and_the_console():
    with Board("53", *FASTEST) as board:
        board.read_until(b"> ")
        board.run("tmr.create():alarm(30,tmr.ALARM_SINGLE,function() print('tick') end)")
        assert board.read_until(b"tick\r\n", timeout=5).endswith(b"tick\r\n")
        board.send(b"node.task.post(function() print('posted') end)\n")
        assert board.read_until(b"posted\r\n", timeout=5).endswith(b"end)\r\n> posted\r\n")
        board.send(b"uart.on('data',4,function(d) uart.write(0,d:upper()) end,0)\n")
        board.read_until(b"> ")
        board.send(b"abcdefgh")
        assert board.read_until(b"H", timeout=5) == b"ABCDEFGH"
        assert board.state()["console"] == "0"


def test_a_watchdog_and_an_uncaught_error_restart_the_device():
    with Board("51", *FASTEST, "--watchdog", "300") as board:
        board.read_until(b"> ")
        board.send(b"while true do end\n")
        assert b"NodeMCU 3" in collect(board, quiet=1.5)


def test_the_rate_matters_when_asked_for():
    import termios  # pylint: disable=import-outside-toplevel
    with Board("51", *FASTEST, "--check-baud") as board:
        attributes = termios.tcgetattr(board.fd)
        collect(board)
        board.send(b"print(1)\n")
        assert b"print" not in collect(board)
        attributes[4] = attributes[5] = termios.B115200
        termios.tcsetattr(board.fd, termios.TCSANOW, attributes)
        board.send(b"\n")
        collect(board)
        assert board.run("print(1)") == "1\n"


main(dict(globals()))
