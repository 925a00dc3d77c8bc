#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the programs against what people use now. Every figure is a median over interleaved runs
of whole processes (user + system + waiting), and every ratio is taken run by run, so that a machine
whose speed drifts does not decide."""
import glob
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

LFSDUMP = os.environ.get("LFSDUMP", "build/bin/lfsdump")
STRSCAN = os.environ.get("STRSCAN", "build/bin/strscan")
EMPTY = os.environ.get("EMPTY", "build/bin/bench_empty")
GOLDEN = "tests/golden/"
RUNS = int(os.environ.get("RUNS", "101"))


def once(argv, null=os.open(os.devnull, os.O_RDWR)):
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1),
        *[(os.POSIX_SPAWN_DUP2, null, 2)] * (argv[0] == STRSCAN)])
    _, status = os.waitpid(pid, 0)
    if status:
        sys.exit(f"{argv[:3]}: status {status}")
    return time.perf_counter() - start


def compare(rows, runs=RUNS):
    """rows: (label, argv); prints each one's median, and its ratio to every other's."""
    times = [[] for _ in rows]
    for _ in range(runs):
        for i, (_, argv) in enumerate(rows):
            times[i].append(once(argv))
    for i, (label, _) in enumerate(rows):
        print(f"  {label:44} {statistics.median(times[i]) * 1000:8.2f} ms")
    return [[statistics.median(a / b for a, b in zip(x, y)) for y in times] for x in times]


def ratio(what, value, aim=None):
    verdict = "" if aim is None else f"   (aim {aim}: {'reached' if value <= aim else 'MISSED'})"
    print(f"  {what:44} {value:8.2f} x{verdict}")


def report(*args):
    """strscan --rebuild's report; None when there is no image to be had."""
    p = subprocess.run([STRSCAN, "--rebuild", "--format", "json", *args], capture_output=True,
                       check=False)
    return json.loads(p.stdout) if p.returncode == 0 else None


def sizes(folder):
    print("strscan --rebuild --strip all, bytes before and after:")
    print(f"  {'':32} {'in flash':>19}     {'file':>19}")
    total = [0, 0, 0, 0]
    for path in sorted(glob.glob(GOLDEN + "img/*.img")):
        r = report(path, "--strip", "all", "-o", folder + "/new.img")
        if not r:
            sys.exit(path + ": no image")
        rows = {s["what"]: s for s in r["sizes"]}
        n = [rows[w][k] for w in ("size in flash", "size of the file") for k in ("before", "after")]
        total = [a + b for a, b in zip(total, n)]
        print(f"  {os.path.basename(path):32} {n[0]:9} {n[1]:9}     {n[2]:9} {n[3]:9}")
    print(f"  {'all':32} {total[0]:9} {total[1]:9}     {total[2]:9} {total[3]:9}"
          f"   ({100 - 100 * total[1] / total[0]:.1f} % of flash saved)")


def rebuilds(folder, luac):
    new = folder + "/new.img"
    for group in "app", "edge":
        image = f"{GOLDEN}img/{group}-51f.img"
        sources = sorted(glob.glob(f"{GOLDEN}{group}/*.lua"))
        rows = [("strscan --rebuild, sources",
                 [STRSCAN, "--rebuild", "--for", "lua51-float", *sources, "-o", new]),
                ("strscan --rebuild, an image", [STRSCAN, "--rebuild", image, "-o", new])]
        if luac:
            rows.append(("luac.cross -f, sources",
                         [luac, "-f", "-o", folder + "/luac.img", *sources]))
        print(f"{image} made again, checked and written, {RUNS} runs each:")
        r = compare(rows)
        if luac:
            ratio("rebuild of sources / luac.cross -f", r[0][2])
            ratio("rebuild of an image / luac.cross -f", r[1][2])


def dumps(folder):
    """16 MB of flash, with a partition table and without one."""
    region = open(GOLDEN + "regions/app-53.bin", "rb").read()
    table = struct.pack("<BBH6I", 6, 1, 0, 102, 0x10000, 0x86000, 103, 0x96000, 0x40000)
    flash = bytearray(os.urandom(16 << 20))
    flash[:32] = struct.pack("<4B3I15xB", 0xe9, 1, 2, 0x90, 0x40100004, 0x40100000, 0, 0xef)
    flash[0x10000:0x11000] = table.ljust(4096, b"\xff")
    flash[0x96000:0x96000 + len(region)] = region
    paths = [f"{folder}/table.bin", f"{folder}/search.bin"]
    for path in paths:
        with open(path, "wb") as f:
            f.write(flash)
        flash[0x10000:0x11000] = b"\x55" * 4096
    print(f"flash dumps of 16 MB, {RUNS} runs each:")
    r = compare([("lfsdump --prototypes, partition table", [LFSDUMP, "--prototypes", paths[0]]),
                 ("lfsdump --prototypes, by search", [LFSDUMP, "--prototypes", paths[1]]),
                 ("sha256sum", ["sha256sum", paths[0]])])
    ratio("by table / sha256sum", r[0][2], 0.5)
    ratio("by search / sha256sum", r[1][2], 0.5)


def firmwares(folder):
    """The test firmware with all of picolibc, with debug data."""
    if subprocess.run(["tests/firmware/build.sh", folder], check=False).returncode:
        return
    path = folder + "/large.elf"
    subprocess.run(["xtensa-lx106-elf-gcc", "-nostdlib", "-nostartfiles", "-Wl,--no-warn-rwx-segments",
                    "-Wl,--noinhibit-exec", "-Wl,--unresolved-symbols=ignore-all",
                    "-Wl,-T,tests/firmware/esp8266.ld", "-o", path,
                    *glob.glob(folder + "/51-double-debug.o/*.o"), "-Wl,--whole-archive",
                    "/usr/lib/xtensa-lx106-elf/lib/libc.a"], check=False, capture_output=True)
    print(f"a firmware, {os.path.getsize(path)} bytes, {RUNS} runs each:")
    r = compare([("lfsdump (summary, memory, modules)", [LFSDUMP, path]),
                 ("lfsdump --rotables, names of metatables", [LFSDUMP, "--rotables", path]),
                 ("nm -S --size-sort", ["xtensa-lx106-elf-nm", "-S", "--size-sort", path]),
                 ("lfsdump --disasm '*'", [LFSDUMP, "--disasm", "*", path]),
                 ("objdump -d", ["xtensa-lx106-elf-objdump", "-d", path])])
    ratio("lfsdump / nm", r[0][2], 0.5)
    ratio("lfsdump --rotables / nm", r[1][2])
    ratio("lfsdump --disasm / objdump -d", r[3][4], 1.0)


def main():
    image = max(glob.glob(GOLDEN + "img/*-51f*.img"), key=lambda p: (not p.endswith("abs.img"),
                                                                     os.path.getsize(p)))
    rows = [("lfsdump (summary)", [LFSDUMP, image]),
            ("lfsdump --code (whole listing)", [LFSDUMP, "--code", image]),
            ("gzip -dc", ["gzip", "-dc", image]),
            ("an empty program linked like lfsdump", [EMPTY])]
    luac = shutil.which("luac.cross")
    if luac:
        sources = sorted(glob.glob(GOLDEN + "edge/*.lua"))
        rows.append(("luac.cross -l -l -p of its sources", [luac, "-l", "-l", "-p", *sources]))
    print(f"{image}, {os.path.getsize(image)} bytes, {RUNS} runs each:")
    r = compare(rows)
    ratio("summary / gzip -dc", r[0][2], 1.5)
    ratio("summary / empty program", r[0][3])
    ratio("listing / gzip -dc", r[1][2])
    ratio("listing / empty program", r[1][3])
    if luac:
        ratio("listing / luac.cross -l -l -p", r[1][4], 1.0)
    with tempfile.TemporaryDirectory() as folder:
        images = sorted(glob.glob(GOLDEN + "img/app-5*[0-9fi].img"))
        files = [shutil.copy(images[i % len(images)], f"{folder}/{i:04}.img") for i in range(1000)]
        print("1,000 images in one process:")
        for label, args in (("lfsdump (summaries)", []), ("lfsdump --json", ["--json"])):
            runs = [once([LFSDUMP, *args, *files]) for _ in range(5)]
            print(f"  {label:44} {1000 / statistics.median(runs):8.0f} images/s")
        text = folder + "/strings.txt"
        with open(text, "w") as f:
            f.writelines(f"home/room{i % 97}/{'temperature' if i % 2 else 'onConnect'}{i}\n"
                         for i in range(100000))
        print("100,000 lines of text:")
        for label, args in (("strscan --gen", ["--gen"]), ("strscan --list", ["--list"])):
            runs = [once([STRSCAN, *args, text]) for _ in range(5)]
            print(f"  {label:44} {100000 / statistics.median(runs):8.0f} strings/s")
        dumps(folder)
        firmwares(folder)
        rebuilds(folder, luac)
        sizes(folder)


main()
