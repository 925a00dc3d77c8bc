#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfstui and the terminal: mouse, Ctrl-C, being stopped, terminals and ports that do not do."""
import os
import shutil
import signal
import tempfile
import time

import tap
from board import Board
from tap import GOLDEN
from tui_tmux import LFSTUI, Browser

IMAGE = GOLDEN + "img/app-51f.img"
CAPTURE = "samples/capture-51.json"
# their descriptions name the mouse's reports in one form or the other
TERMS = ("xterm-256color", "screen", "screen-256color", "tmux-256color", "linux")

if not shutil.which("tmux"):
    print("1..0 # SKIP tmux is not here")
    raise SystemExit(0)


def known(term):
    return any(os.path.exists(f"{folder}/{term[0]}/{term}") for folder in
               ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"))


def on_terms(test):
    for term in filter(known, TERMS):
        # ncurses itself loses ten bytes of TERM=linux
        with Browser(IMAGE, term=term) as b:
            b.sees("httpd")
            test(b)
            b.keys("Q")
            assert b.ends(alternate=term != "linux") == 0


def divider_at(column):
    return lambda text: text.split("\n")[5][column:column + 1] == "│"


def test_a_click_is_one_on_every_terminal_also_when_all_of_it_comes_at_once():
    def click(b):
        b.type("\x1b[<0;5;4M\x1b[<0;5;4m")
        b.sees("main: modules")
        b.type("\x1b[<0;45;4M\x1b[<0;45;4m" * 2)
        b.sees("main")
        text = b.text()
        assert "marked" not in text and "no string here" not in text, text
    on_terms(click)


def test_the_divider_is_dragged_also_when_all_of_it_comes_at_once():
    def drag(b):
        column = b.lines()[5].index("│")
        b.type(f"\x1b[<0;{column + 1};10M\x1b[<32;50;10M\x1b[<0;50;10m")
        b.until(divider_at(49), "the divider stays")
    on_terms(drag)


def test_arrows_home_and_end_are_understood_before_the_keypad_is_switched_too():
    def move(b):
        for start in ("\x1b[", "\x1bO"):
            b.type(start + "B")
            b.sees("httpd: modules")
            b.type(start + "A")
            b.sees("img: summary")
            b.type(start + "F")
            b.sees("config: modules")
            b.type(start + "H")
            b.sees("img: summary")
            b.type(start + "B" + start + "C" + start + "B")
            b.sees(": strings")
            b.type(start + "D" + start + "D")
            b.sees("httpd: modules")
            b.type("g")
            b.sees("img: summary")
    on_terms(move)


def test_the_wheel_scrolls_and_other_buttons_do_nothing():
    def wheel(b):
        b.keys("8", "t", "Tab", "g")
        b.sees(" 1/")
        b.type("\x1b[<2;50;10M\x1b[<2;50;10m\x1b[<35;51;10M\x1b[<65;50;10M")
        b.sees(" 4/")
        b.type("\x1b[<64;50;10M")
    on_terms(wheel)


def test_older_reports_of_the_mouse_are_understood():
    def click(b):
        b.type("\x1b[M %$\x1b[M#%$")
        b.sees("main: modules")
    on_terms(click)


def test_ctrl_c_cancels_what_is_typed_and_else_leaves():
    with Browser(CAPTURE) as b:
        b.sees("strings")
        b.keys("Tab", "m")
        b.sees("1 marked")
        b.keys("/")
        b.type("half a te")
        b.sees("Search: half a te")
        b.keys("C-c")
        b.misses("Search:")
        b.sees("1 marked")
        b.keys("C-c")
        b.sees("Leave?")
        b.keys("C-c")
        b.misses("Leave?")
        b.keys("C-c", "y")
        assert b.ends() == 0


def test_who_was_stopped_by_a_signal_draws_all_anew():
    with Browser(IMAGE, tail="read x; fg; echo OVER; sleep 1000") as b:
        b.sees("httpd")
        os.kill(b.pid(), signal.SIGSTOP)
        b.sees("DONE")
        b.keys("C-j")
        b.misses("DONE")
        b.sees("httpd")
        b.keys("Down")
        b.sees("httpd: modules")
        b.tmux("set", "-g", "mouse", "on")
        b.keys("Q")
        b.sees("OVER")


def test_terminals_that_cannot_do_it_are_named():
    for term, text in (("dumb", "TERM=dumb, cannot show text where it is told to"),
                       ("no-such-kind", "TERM=no-such-kind, is not known here")):
        with Browser(IMAGE, term=term) as b:
            assert b.ends() == 1
            assert text in b.file("stderr"), b.file("stderr")
            assert "httpd" not in b.text()


def test_a_file_that_may_not_grow_so_large_is_told_of():
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/limited", "w", encoding="ascii") as f:
            f.write(f'ulimit -f 1\nexec "{LFSTUI}" "$@"\n')
        with Browser(folder + "/limited", IMAGE, program="bash") as b:
            b.sees("httpd")
            b.keys("Tab")
            b.keys("1", "4", "t", "e", "C-u")
            b.type(folder + "/out.json")
            b.keys("Enter")
            b.sees("not written: File too large")
            b.keys("Q", "Q")
            assert b.ends() == 0
        assert os.listdir(folder) == ["limited"]


def test_a_port_that_is_not_there_is_told_of_before_the_screen_is_taken():
    with Browser("-p", "/nonexistent") as b:
        assert b.ends() == 1
        assert b.file("stderr") == "lfstui: /nonexistent: No such file or directory\n"


def test_c_connects_again_after_the_port_was_gone():
    with tempfile.TemporaryDirectory() as folder, \
            Board("51", "--fast", "--link", folder + "/port", listen=False) as d:
        with Browser("-p", folder + "/port", "--every", "1", cols=120) as b:
            b.captured(1)
            b.keys("c")
            b.sees("the device is connected")
            d.ask("fault unplug")
            b.sees("c connects again")
            d.ask("plug")
            b.keys("j")
            b.misses("c connects again")
            b.sees("not connected")
            b.captured(1)
            seen = b.captures()
            b.keys("c")
            b.captured(seen + 2)
            b.misses("not connected")
            b.keys("Q")
            assert b.ends() == 0
        state = d.state()
        assert state["echo"] == "1", state


def test_c_does_not_call_a_device_connected_that_did_not_answer():
    with Board("51", "--fast", "--fault", "dead", listen=False) as d:
        with Browser("-p", d.path, "--every", "1") as b:
            b.sees("waiting for the device")
            b.until(lambda t: b.keys("c") or "the device has not answered yet" in t, "c is silent")
            b.keys("Q")
            assert b.ends() == 0


def left_behind(device):
    return {"_P", "_Q", "_R"} & set(device.state().get("globals", "").split())


def test_what_a_killed_browser_left_on_the_device_goes_with_the_next():
    with Board("51", "--fast", listen=False) as d:
        end = time.monotonic() + 60
        while not left_behind(d):  # a capture may end before the signal comes
            assert time.monotonic() < end, d.state()
            with Browser("-p", d.path, "--every", "1", cols=120) as b:
                pid = b.pid()
                b.captured(1)
                b.until(lambda t: left_behind(d), "no capture is under way")
                os.kill(pid, signal.SIGKILL)
        with Browser("-p", d.path, "--every", "60", cols=120) as b:
            b.captured(1)
            b.keys("Q")
            assert b.ends() == 0
        assert not left_behind(d), d.state()


tap.main(globals())
