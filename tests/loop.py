# SPDX-License-Identifier: MIT
"""Images onto simulated boards, for tests: boards, runs of strscan, and what is in a board then."""
import concurrent.futures
import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
import tty

import jsonschema

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import GOLDEN, STRSCAN, read  # noqa: E402

VARIANTS = {"51": "app-51f", "51i": "app-51i", "53": "app-53"}
WAYS = [(variant, telnet) for variant in VARIANTS for telnet in (False, True)]
# Seconds: the longest silence that is waited for, and then some.
IN_TIME = 200
# How much is tried: 0 where the programs are slow, 1, or, when somebody has the time, all.
LONG = int(os.environ.get("STRSCAN_LOOPS", "0" if "/asan/" in STRSCAN else "1"))
SCHEMA = json.load(open("tests/schema/loop-1.schema.json"))
SCHEMA["properties"]["image"] = json.load(open("tests/schema/rebuild-1.schema.json"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)
# The simulator's, one by one; what damages bytes is nothing that TCP does.
DAMAGE = ["lose=~900", "lose-in=~900", "double=~900", "double-in=~900", "flip=~900", "flip-in=~900"]


def image(variant):
    return f"{GOLDEN}img/{VARIANTS[variant]}.img"


def board(variant, *args, telnet=False, faults=(), lfs=False):
    options = [x for f in faults for x in ("--fault", f)]
    options += ["--telnet", "0"] if telnet else []
    options += ["--lfs", image(variant)] if lfs else []
    b = Board(variant, "--fast", "--boot-ms", "20", *options, *args, listen=False)
    b.telnet = telnet
    time.sleep(0.15)
    for _ in range(100):
        if b.state()["running"] == "1":
            break
        time.sleep(0.05)
    return b


def port(b):
    return f"tcp:127.0.0.1:{b.path}" if b.telnet else b.path


def start(b, *args):
    return subprocess.Popen([STRSCAN, *args, "-p", b if isinstance(b, str) else port(b)],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def scan(b, *args, status=0):
    """A run that ends so: its report as JSON (None: there is none) and its messages."""
    p = start(b, *args, "--format", "json")
    out, err = (x.decode(errors="replace") for x in p.communicate(timeout=IN_TIME))
    assert status is None or p.returncode == status, (args, p.returncode, out[-500:], err)
    report = json.loads(out) if out else None
    if report is not None:
        CHECK.validate(report)
        assert report["ok"] == (p.returncode == 0), (report, p.returncode)
    return report, err


def device(b):
    return dict(line.split(" ", 1) if " " in line else (line, "") for line in b.ask("device"))


def lfs_sum(b):
    d = device(b)
    return d["lfs_sum"] if d["lfs"] == "image" else d["lfs"]


def expected(b, path):
    return b.ask("expect " + path)[0].split()[1]


def files(folder):
    """Of a board with --fs: names but for those of the simulator itself."""
    return {n: read(f"{folder}/{n}") for n in os.listdir(folder) if not n.startswith(".")}


def each(function, cases):
    """Boards and strscan mostly wait: several at a time."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda case: function(*case), list(cases)))


class Relay(threading.Thread):
    """A terminal before a board's. to_board and to_client get bytes and give back what goes on."""

    def __init__(self, path, to_board=None, to_client=None):
        super().__init__(daemon=True)
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        self.outer, inner = pty.openpty()
        tty.setraw(inner)
        self.inner = inner
        self.path = os.ttyname(inner)
        self.to_board = to_board or (lambda data: data)
        self.to_client = to_client or (lambda data: data)
        self.ends = False
        self.start()

    def run(self):
        while not self.ends:
            for fd in select.select([self.fd, self.outer], [], [], 0.1)[0]:
                data = os.read(fd, 4096)
                if fd == self.outer:
                    self.put(self.fd, self.to_board(data))
                else:
                    self.put(self.outer, self.to_client(data))

    @staticmethod
    def put(fd, data):
        while data:
            data = data[os.write(fd, data):]

    def say(self, data):
        self.put(self.outer, data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends = True
        self.join()
        for fd in (self.fd, self.outer, self.inner):
            os.close(fd)
