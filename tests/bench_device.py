# SPDX-License-Identifier: MIT
"""How long strscan takes for a device on a line of 115200 baud: whole captures, what the slices of
a large one make of the line, uploads. The peer is the line, which would carry the strings or the
file without a pause in the time told."""
import json
import random
import statistics
import tempfile
import time

from bench_table import Row, peak_of
from board import Board
from tap import STRSCAN

LINE = 11520  # bytes a second
RUNS = 3  # at most
HALF, UPLOAD = 1 / 0.5, round(1 / 0.7, 2)  # aims: these shares of the line's rate
NAMES = {"51": "5.1", "51i": "5.1 integer", "53": "5.3"}


def make_table(path, count):
    r = random.Random(1)
    words = ("temperature", "onConnect", "state", "publish", "humidity", "cfg", "value", "led")
    rows = {f"{r.choice(('home/', '', '', 'sensor_'))}{r.choice(words)}{i:x}" for i in range(count)}
    with open(path, "w", encoding="ascii") as f:
        for i, row in enumerate(sorted(rows), 1):
            text = "".join(c if c.isalnum() else f"\\{ord(c):03}" for c in row)
            f.write(f"{i}\t{len(row)}\t{text}\n")


def slices(log):
    """Seconds from the first slice asked for to the last one's end; bytes of strings that came."""
    sent, got, start, end = b"", b"", None, None
    with open(log, encoding="ascii") as f:
        for record in map(json.loads, f):
            data = bytes.fromhex(record["hex"])
            if record["dir"] == "rx":
                got += data if start is not None and end is None else b""
                continue
            sent = (sent + data)[-200:]
            if start is None and b"print(_Q" in data:
                start = record["t"]
            elif start is not None and b"_P[1]" in data:
                end = end or record["t"]
    lines = (line.split(b"\t", 2) for line in got.split(b"\r\n"))
    return end - start, sum(len(x[2]) for x in lines if len(x) == 3 and x[0].isdigit())


def talk(folder, variant, board, *args):
    """Seconds that strscan takes, its peak, and its output."""
    with Board(variant, *board, listen=False) as b:
        time.sleep(0.3)
        start = time.monotonic()
        peak, out = peak_of([STRSCAN, *args, "-p", b.path], folder + "/peak", capture_output=True)
        return time.monotonic() - start, peak, out


def line_row(job, times, size, aim, peak):
    line = size / LINE
    return Row(job, times, f"the line, {100 * line / statistics.median(times):.0f} % of its rate",
               [line] * len(times), aim, peak)


def captures(folder, variant, runs, what, board, aim):
    """The whole capture; with an aim, its slices, too."""
    whole, sliced = [], []
    for _ in range(runs):
        took, peak, _ = talk(folder, variant, board, "--capture", "--record", folder + "/log")
        seconds, size = slices(folder + "/log")
        whole.append(took)
        sliced.append(seconds)
    yield line_row(f"`--capture`, Lua {NAMES[variant]}, {what}", whole, size, None, peak)
    if aim:
        yield line_row(f"slices of it, Lua {NAMES[variant]}", sliced, size, aim, peak)


def upload(folder, variant, runs, board, size):
    """Of a file that deflate cannot make smaller, as an image is one."""
    with open(folder + "/data", "wb") as f:
        f.write(random.Random(1).randbytes(size))
    times = []
    for _ in range(runs):
        _, peak, out = talk(folder, variant, board, "--upload", folder + "/data", "--format",
                            "json")
        times.append(size / json.loads(out)["upload"]["rate"])
    return line_row(f"`--upload`, Lua {NAMES[variant]}, {size:,} bytes", times, size, UPLOAD, peak)


def measure(sizes, runs, fast):
    board, runs = ["--fast"] * fast, min(runs, RUNS)
    with tempfile.TemporaryDirectory() as folder:
        for variant in ("51", "51i", "53"):
            yield from captures(folder, variant, runs, "recorded table", board, None)
        made = folder + "/table"
        make_table(made, sizes["strings"])
        for variant in ("51", "53"):
            yield from captures(folder, variant, runs, f"{sizes['strings']:,} strings",
                                [*board, "--strings", made, "--heap", "100000"], HALF)
        for variant in ("51", "53"):
            yield upload(folder, variant, runs, board, sizes["upload"])
