#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long strscan takes for a device on a paced line of 115200 baud, which carries 11,520 bytes a
second: whole captures of the recorded tables, and what the slices of a large one make of the line."""
import json
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import STRSCAN, run  # noqa: E402

LINE = 11520
COUNT = 1200
UPLOAD = 40000


def make_table(path):
    r = random.Random(1)
    words = ("temperature", "onConnect", "state", "publish", "humidity", "cfg", "value", "led")
    rows = {f"{r.choice(('home/', '', '', 'sensor_'))}{r.choice(words)}{i:x}" for i in range(COUNT)}
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


def capture(variant, *args):
    with tempfile.TemporaryDirectory() as folder, Board(variant, *args, listen=False) as b:
        time.sleep(0.3)
        start = time.monotonic()
        run("--capture", "-p", b.path, "--record", folder + "/log", program=STRSCAN)
        return time.monotonic() - start, *slices(folder + "/log")


def upload(variant):
    """Bytes a second of a file that deflate cannot make smaller, as an image is one."""
    with tempfile.TemporaryDirectory() as folder, Board(variant, listen=False) as b:
        with open(folder + "/data", "wb") as f:
            f.write(random.Random(1).randbytes(UPLOAD))
        time.sleep(0.3)
        out = run("--upload", folder + "/data", "-p", b.path, "--format", "json", program=STRSCAN)
        return json.loads(out)["upload"]["rate"]


def main():
    print("a device at 115200 baud:")
    for variant in ("51", "51i", "53"):
        seconds, _, _ = capture(variant)
        print(f"  {'strscan --capture, table of heap-' + variant:44} {seconds:8.2f} s")
    for variant in ("51", "53"):
        rate = upload(variant)
        verdict = "reached" if rate >= LINE * 0.7 else "MISSED"
        print(f"  {f'strscan --upload, {UPLOAD} bytes, Lua 5.{variant[1]}':44} {rate:8.0f} bytes/s, "
              f"{rate / LINE:.2f} of the line   (aim 0.7: {verdict})")
    with tempfile.TemporaryDirectory() as folder:
        make_table(folder + "/table")
        for variant in ("51", "53"):
            seconds, sliced, payload = capture(variant, "--strings", folder + "/table",
                                               "--heap", "100000")
            rate = payload / sliced
            verdict = "reached" if rate >= LINE / 2 else "MISSED"
            print(f"  {f'{COUNT} strings, {payload} bytes, Lua 5.{variant[1]}':44} {seconds:8.2f} s")
            print(f"  {'payload of the slices':44} {rate:8.0f} bytes/s, {rate / LINE:.2f} of the "
                  f"line   (aim 0.5: {verdict})")


if __name__ == "__main__":
    os.environ.setdefault("SIMDEV", "build/bin/simdev")
    main()
