#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfstui as a user sees it, in tmux; views are compared with what lfsdump prints."""
import os
import re
import shutil
import signal
import tempfile

import tap
from board import Board
from tap import GOLDEN
from tui_tmux import LFSTUI, Browser

IMAGE = GOLDEN + "img/app-51f.img"
SIZES = ((80, 24), (40, 10), (200, 50))
TERMS = ("xterm-256color", "linux", "vt100", "screen")

if not shutil.which("tmux"):
    print("1..0 # SKIP tmux is not here")
    raise SystemExit(0)


def squeeze(line):
    return re.sub(r"[ ›│|*]+", " ", line).strip()


def same_lines(screen, printed, told):
    """Lines of the screen are the first lines that lfsdump prints, as far as they are not cut."""
    wanted = [squeeze(line) for line in printed.split("\n") if line.strip()]
    got = [line for line in screen if squeeze(line)]
    for g, w in zip(got, wanted):
        head = squeeze(re.split("[…›]", g)[0])
        assert w.startswith(head), f"{told}: {g!r} is not {w!r}"
    return len(got)


def views_of(path, names):
    with Browser(path, cols=200, rows=50) as b:
        b.sees(": summary")
        b.keys("Tab", "z")
        b.misses("by size")
        for name, args in names:
            text = b.until(lambda t, n=name: re.search(f": {n}( |$)", t, re.M), name)
            lines = text.split("\n")[1 if name != "summary" else 2:48]
            printed = tap.run(*args, path).decode()
            if name not in ("summary", "findings"):
                printed = printed.split("\n", 1)[1]  # the view's title
            assert same_lines(lines, printed, name) >= 1
            b.keys("t")
        b.keys("Q")
        assert b.ends() == 0


VIEWS = [(n, [f"--{n}"]) for n in
         ("summary", "bytes", "modules", "prototypes", "strings", "constants", "upvalues", "locals",
          "code")]
VIEWS += [("xref", ["--xref", "*"])] + [(n, [f"--{n}"]) for n in
                                        ("globals", "requires", "damage", "layout", "hex")]


def test_views_of_a_5_1_image_are_those_that_lfsdump_prints():
    views_of(IMAGE, VIEWS)


def test_views_of_a_5_3_image_are_those_that_lfsdump_prints():
    views_of(GOLDEN + "img/edge-53.img", VIEWS)


def test_every_size_shows_tree_and_views_and_survives_others():
    for cols, rows in SIZES:
        with Browser(IMAGE, cols=cols, rows=rows) as b:
            b.sees("httpd")
            b.keys("Down", "Enter", "Tab")
            b.sees("httpd: modules")
            b.keys("t")
            b.sees("NEWTABLE")
            assert all(len(line) <= cols for line in b.lines())
            for w, h in ((40, 10), (300, 100), (61, 11), (80, 24), (cols, rows)):
                b.resize(w, h)
                b.sees("NEWTABLE")
            b.keys("Q")
            assert b.ends() == 0


def test_every_terminal_is_served_and_left_as_found():
    for term in TERMS:
        with Browser(IMAGE, term=term) as b:
            b.sees("size in flash")
            b.keys("Down", "Right", "Down", "Tab", "t", "?")
            b.sees("Keys")
            b.keys("q", "Q")
            assert b.ends(alternate=term not in ("linux", "vt100")) == 0
            assert "Enter in  " not in b.text()


def test_enter_follows_and_backspace_comes_back():
    for cols, rows in SIZES:
        with Browser(IMAGE, cols=cols, rows=rows) as b:
            b.sees("httpd")
            b.keys("Down", "Right", "Down", "Down", "Tab", "/")
            b.type('"match"')
            b.keys("Enter")
            b.until(lambda t: "1/68" in t and "searching" not in t, "found nothing")
            b.keys("n", "Enter")
            b.sees("img: strings")
            b.keys("Enter")
            b.sees("users of match")
            b.keys("BSpace", "BSpace")
            b.sees("function 20-32: code")
            b.keys("x")
            b.sees("users of match")
            b.keys("q", "q", "q")
            assert b.ends() == 0


def test_marked_strings_are_written_as_strscan_writes_them():
    with tempfile.TemporaryDirectory() as folder:
        with Browser("samples/capture-51.json", cols=100) as b:
            b.sees("capture-51.json: strings")
            b.keys("Tab", "m", "m", "m")
            b.sees("3 marked: RAM -")
            b.keys("w", "C-u")
            b.type(folder + "/dummy.lua")
            b.keys("Enter")
            b.sees("written")
            b.keys("Q")
            assert b.ends() == 0
        with open(folder + "/dummy.lua", encoding="utf-8") as f:
            text = f.read()
        head = tap.run("--list", "samples/capture-51.json", program=tap.STRSCAN).decode()
        rows = [line.split() for line in head.split("\n")[2:5]]
        ram = sum(int(r[0]) for r in rows)
        assert f"-- 3 strings: {ram} bytes of RAM saved" in text, (text[:300], rows)
        with open(folder + "/names", "w", encoding="utf-8") as f:
            f.write(text)
        assert "3 strings" in tap.run("--list", folder + "/names", program=tap.STRSCAN).decode()


def test_exports_are_what_lfsdump_writes():
    with tempfile.TemporaryDirectory() as folder, Browser(IMAGE) as b:
        b.sees(": summary")
        b.keys("4", "t")
        b.sees(": strings")
        for end, option in (("csv", "--csv"), ("json", "--json"), ("tsv", "--tsv"),
                            ("md", "--markdown"), ("txt", "--no-pager")):
            path = f"{folder}/out.{end}"
            b.keys("e", "C-u")
            b.type(path)
            b.keys("Enter")
            b.sees(f"out.{end}")
            b.sees("written")
            with open(path, encoding="utf-8") as f:
                text = f.read()
            printed = tap.run("--strings", option, IMAGE).decode()
            assert text.strip() in printed, end
        b.keys("e", "C-u")
        b.type(path)
        b.keys("Enter")
        b.sees("Replace it?")
        b.keys("n")
        b.sees("not written")


def test_y_copies_to_the_clipboard():
    with Browser(IMAGE) as b:
        b.sees(": summary")
        b.keys("4", "t")
        b.sees(": strings")
        b.keys("Tab", "/")
        b.type("text/plain")
        b.keys("Enter")
        b.until(lambda t: " 1/137" not in t, "not found")
        b.keys("y")
        b.sees("10 bytes to the clipboard")
        b.until(lambda t: b.tmux("show-buffer") == "text/plain", "clipboard")


def test_the_mouse_works():
    with Browser(IMAGE) as b:
        b.sees("httpd")
        b.tmux("set", "-g", "mouse", "on")
        b.tmux("send-keys", "-l", "\x1b[<0;5;4M")
        b.tmux("send-keys", "-l", "\x1b[<0;5;4m")
        b.sees("main: modules")
        b.tmux("send-keys", "-l", "\x1b[<0;33;10M")
        b.tmux("send-keys", "-l", "\x1b[<32;50;10M")
        b.tmux("send-keys", "-l", "\x1b[<0;50;10m")
        b.until(lambda t: t.split("\n")[5][49:50] == "│", "the divider stays")
        b.keys("Q")
        assert b.ends() == 0


def test_colours_follow_the_theme_and_no_color():
    for env, args, coloured in (({}, [], True), ({"NO_COLOR": "1"}, [], False),
                                ({}, ["--theme", "light"], True), ({}, ["--theme", "mono"], False)):
        with Browser(*args, IMAGE, env=env) as b:
            b.sees("httpd")
            escapes = set(re.findall(r"\x1b\[([0-9;]+)m", b.tmux("capture-pane", "-p", "-e")))
            has = any(re.match(r"(3|4)[0-7]$", c) for e in escapes for c in e.split(";"))
            assert has == coloured, (env, args, escapes)


def test_without_utf_8_all_is_ascii():
    for args, env in ((["--ascii"], {}), ([], {"LC_ALL": "C"})):
        with Browser(*args, GOLDEN + "img/edge-53.img", env=env) as b:
            b.sees("size in flash")
            b.keys("4", "t")
            b.sees("strings")
            assert b.text().isascii()


def test_no_control_byte_of_a_file_reaches_the_terminal():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/strings.txt"
        with open(path, "wb") as f:
            f.write(b'{ "a\x1b[31mred", "b\x9bx", "tab\there", "\x07bell", "\xe6\x97\xa5\xcc\x81" }\n')
        with Browser(path) as b:
            b.sees("strings")
            b.keys("Tab", "z")
            text = b.sees("\\x1b[31mred")
            assert not any(ord(c) < 32 and c != "\n" for c in text)


def test_ctrl_z_stops_and_fg_goes_on():
    with Browser(IMAGE, tail="read x; fg; echo OVER; sleep 1000") as b:
        b.sees("httpd")
        b.keys("C-z")
        assert b.ends() == 128 + signal.SIGTSTP
        b.keys("Enter")
        b.sees("httpd")
        b.keys("Down")
        b.sees("httpd: modules")
        b.keys("Q")
        b.sees("OVER")


def test_the_terminal_is_left_as_found_by_signals_and_crashes():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGSEGV,
                   signal.SIGABRT, signal.SIGBUS, signal.SIGSYS, signal.SIGTRAP, signal.SIGALRM,
                   signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGXCPU, signal.SIGPROF):
        if "asan" in LFSTUI and number in (signal.SIGSEGV, signal.SIGBUS):
            continue  # reported, not died of
        with Browser(IMAGE) as b:
            b.sees("httpd")
            os.kill(b.pid(), number)
            status = b.ends()
            assert status == (0 if number == signal.SIGINT else 128 + number), (number, status)


def test_errors_are_told_before_the_screen_is_taken():
    for args, status, text in ((["/nonexistent"], 1, "/nonexistent: "), ([], 2, "no file given"),
                               (["--theme", "pink", IMAGE], 2, "dark, light or mono"),
                               (["/dev/null"], 1, "/dev/null: "),
                               (["-p", "/nonexistent", IMAGE], 1, "/nonexistent: No such file"),
                               (["-x", IMAGE], 2, "-x: unknown option"),
                               (["--nosuch", IMAGE], 2, "--nosuch: unknown option"),
                               (["--theme"], 2, "--theme takes an argument")):
        p = tap.run(*args, status=status, program=LFSTUI)
        assert not p and text in tap.run.stderr.decode(), (args, tap.run.stderr)
    with tempfile.NamedTemporaryFile() as f:
        f.write(bytes(range(256)) * 8)
        f.flush()
        tap.run(f.name, status=1, program=LFSTUI)
    # no word of another program's option
    assert b"no strings found" in tap.run.stderr and b"--image" not in tap.run.stderr
    tap.run(IMAGE, status=1, program=LFSTUI, stdin=b"")
    assert b"must be a terminal" in tap.run.stderr


def test_damaged_files_are_shown_as_far_as_they_go():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/cut.img"
        with open(GOLDEN + "img/app-53.img", "rb") as f:
            data = f.read()
        with open(path, "wb") as f:
            f.write(data[:len(data) // 2])
        with Browser(path) as b:
            b.sees("cut.img")
            for _ in range(17):
                b.keys("t", "Tab", "G", "Tab")
            b.keys("Q")
            assert b.ends() == 0


def test_two_images_are_compared():
    for cols, rows in SIZES:
        with Browser(GOLDEN + "img/app-53.img", IMAGE, cols=cols, rows=rows) as b:
            b.sees("httpd")
            b.keys("Tab")
            b.sees("differs")
            b.keys("t")
            b.sees("httpd")
            b.keys("Q")
            assert b.ends() == 0


def test_strings_of_a_device_come_live_and_it_is_left_clean():
    with Board("51", "--fast", listen=False) as d:
        with Browser("-p", d.path, "--every", "1", cols=120) as b:
            b.captured(1)
            b.keys("Tab")
            b.sees("to gain 3,")
            b.captured(3)
            b.sees("home/kitchen/")
            b.keys("/")
            b.type("_VERSION")
            b.keys("Enter", "m")
            b.sees("1 marked: RAM -44")
            b.keys("Q")
            b.sees("Leave?")
            b.keys("y")
            assert b.ends() == 0
        state = d.state()
        assert state["continuation"] == "0" and state["echo"] == "1", state
        names = state.get("globals", "").split()
        assert not {"_P", "_Q", "_R"} & set(names), state


def test_help_tells_usage_and_exit_status():
    text = tap.run("--help", program=LFSTUI).decode()
    assert "-p PORT" in text.split("\n")[1] and "\nExit status: 0 " in text


def test_lfsdump_tui_is_the_browser():
    with Browser("--tui", IMAGE, program=tap.LFSDUMP) as b:
        b.sees("size in flash")
        b.keys("Q")
        assert b.ends() == 0


tap.main(globals())
