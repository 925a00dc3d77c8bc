#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each feature of the browser on a small, a usual and a large screen, in tmux."""
import shutil
import tempfile

import tap
from board import Board
from tap import GOLDEN, sanitized
from tui_tmux import Browser

IMAGE = GOLDEN + "img/app-51f.img"
OTHER = GOLDEN + "img/app-53.img"
CAPTURE = "samples/capture-51.json"

if not shutil.which("tmux"):
    print("1..0 # SKIP tmux is not here")
    raise SystemExit(0)


SIZES = ((40, 10), (80, 24)) if sanitized() else ((80, 24), (40, 10), (200, 50))

# A step: "Key Key": pressed; "=text": typed; ">text": is to be seen, "<text": is not; all by itself.
FEATURES = {
    "tree": ([IMAGE], [
        "Down", ">httpd: modules", "Right Down Down", ">function 20-32: code", "Left", ">httpd: modules",
        "Left", "<function 20-32", "g", ">app-51f.img: summary", "G", ">config: modules",
        "2 k", "<config: modules", "s", ">by name", "s", ">as in the file", "s", ">by size"]),
    "views": ([IMAGE], [
        ">: summary", "t", ">: bytes", "t", ">: modules", "T BTab", ">: summary", "3 t",
        ">: prototypes", "Tab z", "<by size", ">: prototypes", "z q", ">by size", "q"]),
    "following": ([IMAGE], [
        "Down Right Down Down Tab /", '="match"', "Enter", "n Enter", ">img: strings", "Enter",
        ">users of match", "Enter", ">: code", "BSpace", ">users of match", "BSpace BSpace",
        ">function 20-32: code"]),
    "xref": ([IMAGE], [
        "4 t Tab /", "=gmatch", "Enter", "x", ">users of gmatch", "q", ">img: strings"]),
    "search": ([IMAGE], [
        "4 t Tab /", "=text/plain", "Enter", "y", ">10 bytes to the clipboard", "n",
        ">search went on at the other", "g N", "y", ">10 bytes to the clipboard", "G /", "=?text/pl",
        "Enter", "y", ">10 bytes to the clipboard", "/", "=no such text", "Enter",
        ">not found: no such text"]),
    "find": ([IMAGE, CAPTURE], [
        "f", "=gmatch", "Enter", ">found: gmatch", ">strings", "Enter", "<found: ", ">: strings",
        "BSpace", ">found: gmatch", "f", "=no such text", "Enter", ">not found: no such text"]),
    "sort": ([IMAGE], [
        "4 t Tab s", ">by length, down", "S", "<down", ">by length ", "s", ">by refs, down"]),
    "marks": ([CAPTURE], [
        "Tab m m m", ">3 marked", "k m", ">2 marked", "w C-u", "=$FOLDER/out", "Enter", ">written",
        "w C-u", "=$FOLDER/out", "Enter", ">Replace it?", "n", ">not written"]),
    "export": ([IMAGE], ["4 t", ">: strings", "e C-u", "=$FOLDER/out.csv", "Enter", ">written"]),
    "info": ([IMAGE], [
        "Down i", "> Info ", ">bytes", "q", "< Info ", "Right Down Down Tab i G", ">meaning", "Escape",
        "<meaning"]),
    "help": ([IMAGE], [
        "?", "> Keys ", ">Moving", "G", ">Mouse", "q", "< Keys ", "F1", "> Keys ", "F1", "< Keys "]),
    "diff": ([OTHER, IMAGE], [
        ">summary", "Tab", ">content", ">differs", "t", ">: modules", ">httpd", "T", ">: summary",
        "Tab", "Down Right Down Down", ">: code", "Tab", ">pc  old", "Enter", "<pc  old", ">: code"]),
    "keys of old": ([IMAGE], [
        "j l j j", ">function 20-32: code", "Tab C-f C-b C-d C-u End PPage NPage", "Space Home", "3 j 2 k",
        ">2/", "1 0 g", ">10/", "C-l", ">10/"]),
}


def play(b, steps, folder):
    for step in steps:
        step = step.replace("$FOLDER", folder)
        if step[0] == ">":
            b.sees(step[1:])
        elif step[0] == "<":
            b.misses(step[1:])
        elif step[0] == "=":
            b.type(step[1:])
        else:
            b.tmux("send-keys", *step.split())
    assert all(len(line) <= b.size[0] for line in b.lines())


def written(name, folder):
    """What came of a feature that writes a file is what the other programs say."""
    if name == "marks":
        told = tap.run("--list", folder + "/out", program=tap.STRSCAN).decode()
        assert "2 strings" in told, told
    elif name == "export":
        with open(folder + "/out.csv", "rb") as f:
            assert f.read() == tap.run("--strings", "--csv", IMAGE)


def at_each_size(name):
    args, steps = FEATURES[name]
    for cols, rows in SIZES:
        with tempfile.TemporaryDirectory() as folder, Browser(*args, cols=cols, rows=rows) as b:
            b.sees("by size")
            play(b, steps, folder)
            b.keys("Q")
            assert b.ends() == 0
            written(name, folder)


def feature(name):
    return lambda: at_each_size(name)


for feature_name in FEATURES:
    globals()[f"test_{feature_name.replace(' ', '_')}_at_each_size"] = feature(feature_name)


def send_mouse(b, button, x, y, end="M"):
    b.tmux("send-keys", "-l", f"\x1b[<{button};{x};{y}{end}")


def test_mouse_at_each_size():
    for cols, rows in SIZES:
        with Browser(IMAGE, cols=cols, rows=rows) as b:
            b.sees("httpd")
            b.tmux("set", "-g", "mouse", "on")
            send_mouse(b, 0, 5, 4)
            send_mouse(b, 0, 5, 4, "m")
            b.sees("main: modules")
            send_mouse(b, 0, 5, 4)
            send_mouse(b, 0, 5, 4, "m")
            b.sees("▾ main")
            if cols < 60:
                b.keys("Tab", "t")
            else:
                at = b.lines()[5].index("│") + 1
                send_mouse(b, 0, at, 6)
                send_mouse(b, 32, at - 7, 6)
                send_mouse(b, 0, at - 7, 6, "m")
                b.until(lambda t: t.split("\n")[5][at - 8:at - 7] == "│", "the divider stays")
                tab = b.lines()[0].index(" code ") + 2
                send_mouse(b, 0, tab, 1)
                send_mouse(b, 0, tab, 1, "m")
            b.sees("main: code")
            send_mouse(b, 65, cols - 5, 5)
            b.sees(" 4/")
            send_mouse(b, 64, cols - 5, 5)
            send_mouse(b, 0, cols - 5, 5)
            send_mouse(b, 0, cols - 5, 5, "m")
            b.sees(" 3/")
            b.keys("Q")
            assert b.ends() == 0


def test_a_live_device_at_each_size():
    for cols, rows in SIZES:
        with Board("51", "--fast", listen=False) as d:
            with Browser("-p", d.path, "--every", "1", cols=cols, rows=rows) as b:
                b.captured(3)
                b.keys("Tab")
                b.sees("RAM  flash")
                b.keys("s")
                b.sees("by ram, down")
                before = b.text()
                b.until(lambda t: t != before, "no more captures")  # "seen" and the state go on
                b.sees("by ram, down")
                b.sees(" 1/81")  # else there is no string yet
                b.keys("m")
                b.sees("1 marked")
                b.keys("Q")
                b.sees("marks are not written")
                b.keys("y")
                assert b.ends() == 0
            state = d.state()
            assert state["continuation"] == "0" and state["echo"] == "1", state
            assert not {"_P", "_Q", "_R"} & set(state.get("globals", "").split()), state


tap.main(globals())
