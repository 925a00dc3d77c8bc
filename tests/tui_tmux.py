# SPDX-License-Identifier: MIT
"""The browser in a real terminal: tmux takes keys and shows the screen as text."""
import os
import re
import subprocess
import tempfile
import time

LFSTUI = os.environ.get("LFSTUI", "build/bin/lfstui")


class Browser:
    """with Browser(FILE..., cols=80, rows=24) as b: b.keys("j", "Enter"); b.sees("text")"""
    count = 0

    def __init__(self, *args, cols=80, rows=24, term="xterm-256color", env=None, program=LFSTUI,
                 tail="sleep 1000"):
        Browser.count += 1
        self.folder = tempfile.mkdtemp(prefix="tui-test-")
        self.socket = f"{self.folder}/tmux"
        run = " ".join(f"'{a}'" for a in (program, *args))
        # LeakSanitizer's tracer may spin for ever below tmux; tests without a terminal look for leaks
        env = {"ASAN_OPTIONS": "detect_leaks=0", **(env or {})}
        more = " ".join(f"{k}='{v}'" for k, v in env.items())
        # what the shell says before and after shows how the terminal was left
        self.command = (f"set -m; stty -a >{self.folder}/before; echo READY; "
                        f"env TERM={term} LC_ALL=C.UTF-8 {more} {run} 2>{self.folder}/stderr; "
                        f"echo $? >{self.folder}/status; stty -a >{self.folder}/after; "
                        f"echo DONE; {tail}")
        self.size = (cols, rows)

    def tmux(self, *args):
        p = subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *args],
                           capture_output=True, timeout=30, check=False,
                           env={**os.environ, "LC_ALL": "C.UTF-8", "TMUX": ""})
        return p.stdout.decode("utf-8", "replace")

    def __enter__(self):
        cols, rows = self.size
        self.tmux("new-session", "-d", "-x", str(cols), "-y", str(rows), self.command)
        self.tmux("set", "-g", "set-clipboard", "on")
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")
        subprocess.run(["rm", "-rf", self.folder], check=False)

    def keys(self, *keys):
        for k in keys:
            self.tmux("send-keys", k)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, cols, rows):
        self.tmux("resize-window", "-x", str(cols), "-y", str(rows))

    def text(self):
        return self.tmux("capture-pane", "-p")

    def lines(self):
        return self.text().split("\n")

    def until(self, what, told):
        end = time.monotonic() + 60
        while True:
            text = self.text()
            if what(text):
                return text
            assert time.monotonic() < end, f"{told}:\n{text}\n{self.file('stderr')}"
            time.sleep(0.02)

    def sees(self, text):
        return self.until(lambda t: text in t, f"not on the screen: {text}")

    def misses(self, text):
        return self.until(lambda t: text not in t, f"still on the screen: {text}")

    def captures(self):
        """How many there were of a device, so far."""
        found = re.search("capture ([0-9]+), heap [0-9,]+, to gain [0-9]", self.text())
        return int(found[1]) if found else 0

    def captured(self, n):
        """So many or more: the next may come before the screen is looked at."""
        self.until(lambda t: self.captures() >= n, f"no capture {n} with all that it tells")

    def file(self, name):
        try:
            with open(f"{self.folder}/{name}", encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def pid(self):
        """Of the browser itself."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        p = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", shell], capture_output=True,
                           check=True)
        for line in p.stdout.decode().splitlines():
            pid, name = line.split(None, 1)
            if name.strip() in ("lfstui", "env"):
                return int(pid)
        raise AssertionError(p.stdout)

    def ends(self, alternate=True):
        """The program's exit status; the terminal must be as it was. alternate: it has a screen
        for programs, so that what was there before is there again."""
        self.until(lambda t: "DONE" in t, "does not end")
        before, after = (self.file(f).split(";", 3)[3] for f in ("before", "after"))
        assert before == after, f"the terminal's settings changed: {before} {after}"
        text = self.text()
        assert "READY" in text or not alternate, f"the screen is not as it was:\n{text}"
        flags = self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} "
                          "#{mouse_any_flag} #{keypad_cursor_flag}").strip()
        assert flags == "0 1 0 0", f"alternate screen, cursor, mouse, keypad: {flags}"
        return int(self.file("status"))
