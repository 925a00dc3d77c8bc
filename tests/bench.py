#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the programs against what people use now, and prints a table; docs/bench.md tells how.
--doc writes the figures into that file, --smoke runs each job once, with small inputs. RUNS is how
often a job runs at most, SECONDS how long."""
import glob
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

import bench_device
import bench_tui
from bench_jobs import JOBS, Missing, Stage
from bench_table import Row, markdown, peak_of, table
from tap import GOLDEN, LFSDUMP, STRSCAN

DOC = "docs/bench.md"
SMOKE = "--smoke" in sys.argv
RUNS = 1 if SMOKE else int(os.environ.get("RUNS", "101"))
SECONDS = float(os.environ.get("SECONDS", "5"))
FEWEST = 5  # runs, however long they take
SIZES = {"images": 1000, "lines": 100000, "mib": 16, "upload": 40000, "strings": 1200, "views": 16,
         "keys": 100, "libc": 1}
SMALL = {"images": 20, "lines": 200, "mib": 2, "upload": 2000, "strings": 40, "views": 1,
         "keys": 3, "libc": 0}


def once(argv, status=0, null=os.open(os.devnull, os.O_RDWR)):
    """Seconds from the start of a process to its end."""
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    _, ended = os.waitpid(pid, 0)
    took = time.perf_counter() - start
    if os.waitstatus_to_exitcode(ended) != status:
        raise RuntimeError(f"{argv[:4]}: status {os.waitstatus_to_exitcode(ended)}")
    return took


def peak(argv, folder, status=0):
    return peak_of(argv, folder + "/peak", status, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)[0]


def measure(job, stage):
    """Ours and the peer in turns, each first in every other run."""
    name = job.name.format(**stage.sizes)
    try:
        ours = stage.argv(job.command)
    except Missing as e:
        return Row(name, [], f"not here: {e}")
    sides, statuses, peer = [ours], [job.status, 0], job.peer
    try:
        sides.append(stage.argv(job.peer_command))
    except Missing:
        peer += ": not here"
    peaks = [peak(argv, stage.folder, s) for argv, s in zip(sides, statuses)]
    times = [[] for _ in (0, 1)]
    end = time.monotonic() + SECONDS
    for i in range(RUNS):
        if i >= FEWEST and time.monotonic() > end:
            break
        for side in sorted(range(len(sides)), reverse=i % 2):
            times[side].append(once(sides[side], statuses[side]))
    return Row(name, times[0], peer, times[1], job.aim, *peaks)


def rows(sizes):
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder, sizes)
        for job in JOBS:
            yield measure(job, stage)
    yield from bench_device.measure(sizes, RUNS, SMOKE)
    yield from bench_tui.measure(sizes, RUNS)


def stripped():
    """Bytes before and after, of each image that is made again without debug data."""
    lines, total = [], [0, 0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(glob.glob(GOLDEN + "img/*.img")):
            p = subprocess.run([STRSCAN, "--rebuild", path, "--strip", "all", "--format", "json",
                                "-o", folder + "/new.img"], capture_output=True, check=True)
            sizes = {s["what"]: s for s in json.loads(p.stdout)["sizes"]}
            n = [sizes[what][when] for what in ("size in flash", "size of the file")
                 for when in ("before", "after")]
            total = [a + b for a, b in zip(total, n)]
            lines.append((os.path.basename(path), *(f"{x:,}" for x in n),
                          f"{100 - 100 * n[1] / n[0]:.1f} %"))
    lines.append(("all", *(f"{x:,}" for x in total), f"{100 - 100 * total[1] / total[0]:.1f} %"))
    return markdown(("image", "in flash, before", "after", "file, before", "after", "flash saved"),
                    lines, (0,))


def machine():
    """What kind of machine this is."""
    system = platform.freedesktop_os_release()
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        virtual = re.search(r"^flags.*\bhypervisor\b", f.read(), re.M)
    version = subprocess.run([LFSDUMP, "--version"], capture_output=True, check=True).stdout
    return (f"{version.decode().splitlines()[0]}, on {len(os.sched_getaffinity(0))} cores of a "
            f"{'virtual' if virtual else 'physical'} {platform.machine().replace('_', '-')} "
            f"machine, {system['NAME'].split()[0]} {system.get('VERSION_ID', '')}; "
            f"load when it began: {os.getloadavg()[0]:.1f}.")


def keep(parts):
    """Each part goes between its marks in the document."""
    with open(DOC, encoding="utf-8") as f:
        text = f.read()
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = before + begin + part + end + rest.split(end)[1]
    with open(DOC, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    where, measured, begin = machine(), [], time.monotonic()
    print(where, file=sys.stderr)
    for row in rows(SMALL if SMOKE else SIZES):
        print(f"{time.monotonic() - begin:6.1f} s  {row.job}", file=sys.stderr)
        measured.append(row)
    print(table(measured), end="")
    if "--doc" in sys.argv:
        keep({"machine": where + "\n", "figures": table(measured), "sizes": stripped()})


if __name__ == "__main__":
    main()
