#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump when there is no more memory: each allocation of each view and job fails once, and from
there on all of them. It says so and ends with 1, or what it prints is whole."""
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, LFSDUMP, Skip, main, run  # noqa: E402

FAIL = os.path.join(os.path.dirname(os.path.abspath(LFSDUMP)), "fail_malloc.so")
IMG = GOLDEN + "img/"
FILES = (IMG + "floats-51f.img", IMG + "floats-53.img")
POINTS = 60  # failures of each kind that a command is put through, at most


def sanitized():
    with open(LFSDUMP, "rb") as f:
        return b"__asan_init" in f.read()


def call(args, fail=0, on=False, tell=None):
    env = {**os.environ, "LC_ALL": "C"}
    if fail:
        env.update(LD_PRELOAD=FAIL, FAIL_MALLOC=str(fail))
        if on:
            env["FAIL_MALLOC_ON"] = "1"
        if tell:
            env["FAIL_MALLOC_TELL"] = tell
    p = subprocess.run([LFSDUMP, *args], capture_output=True, timeout=20, env=env, check=False)
    return p.returncode, p.stdout, p.stderr


class Failures:
    """Runs commands with failing allocations, each command at other numbers than the one before."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.told = os.path.join(self.folder.name, "told")
        self.turn = 0
        self.runs = 0

    def comes_to(self, args, n):
        call(args, n, tell=self.told)
        if not os.path.exists(self.told):
            return False
        os.remove(self.told)
        return True

    def allocations(self, args):
        """How many there are: the number of the last one that can fail."""
        low, high = 0, 1
        while self.comes_to(args, high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.comes_to(args, middle) else (low, middle)
        return low

    def judge(self, args, whole, n, on):
        status, out, err = got = call(args, n, on)
        self.runs += 1
        where = (args, n, on, got[0], out[-300:], err)
        assert status in (0, 1), where
        if got == whole:
            return
        assert status == 1 and err.startswith(b"lfsdump: "), where

    def each(self, args, before=lambda: None):
        whole = call(args)
        before()
        total = self.allocations(args)
        assert total > 5, (args, total)
        step = max(1, total // POINTS)
        for n in range(1 + self.turn % step, total + 1, step):
            before()
            self.judge(args, whole, n, False)
            if n % 2:
                before()
                self.judge(args, whole, n, True)
        self.turn += 1


def need_library():
    if sanitized():
        raise Skip("the sanitizers have an allocator of their own")
    assert os.path.exists(FAIL), FAIL


def views(path):
    names = set(re.findall(r"^--(\w[\w-]*)(?:, of [a-z ]+)?:",
                           run("--columns", "help").decode(), re.M))
    assert len(names) >= 15, names
    options = ["--xref=*" if n == "xref" else "--" + n for n in sorted(names)]
    return [o for o in options if not call([o, path])[0]]


def test_views_are_whole_or_the_failure_is_told():
    need_library()
    failures = Failures()
    for i, view in enumerate([[]] + [[v] for v in views(FILES[0])]):
        form = ([], ["--json"], ["--csv"], ["--markdown"])[i % 4]
        failures.each([*view, FILES[i % 2]])
        failures.each([*view, *form, "--color=never", FILES[(i + 1) % 2]])
    failures.each(["--strings", "--sort=-length", "--filter=*o*", FILES[0]])
    failures.each(["--requires", "--dot", IMG + "app-51f.img"])
    assert failures.runs > 500, failures.runs


def test_jobs_are_whole_or_the_failure_is_told():
    need_library()
    failures = Failures()
    for file in FILES:
        for job in (["--id"], ["--ncdu"], ["--check"], ["--check", "--json"]):
            failures.each([*job, file])
    failures.each(["--check", "--for=lua51-float", "--lfs-size=1k", FILES[0]])
    failures.each(["--against", GOLDEN + "app", IMG + "app-51f.img"])


def test_comparisons_are_whole_or_the_failure_is_told():
    need_library()
    failures = Failures()
    for build in ("51f", "53"):
        failures.each(["--diff", f"{IMG}floats-{build}.img", f"{IMG}app-{build}.img"])
    failures.each(["--diff", "--json", FILES[0], FILES[1]])


def test_firmwares_are_shown_whole_or_the_failure_is_told():
    need_library()
    failures = Failures()
    path = "samples/firmware-51-double.elf"
    assert len(views(path)) >= 10
    for i, view in enumerate([[]] + [[v] for v in views(path)]):
        form = (["--json"], ["--csv"], ["--markdown"])[i % 3]
        failures.each([*view, *form, path])
    failures.each(["--diff", path, "tests/corpus/elf/51-integer"])
    assert failures.runs > 300, failures.runs


def flash_dump(path):
    """An ESP8266's: no segments, a partition table, an LFS region where it was made for."""
    flash = bytearray(b"\xff" * 0xa0000)
    flash[:32] = struct.pack("<4B3I15xB", 0xe9, 1, 2, 0x20, 0x40100004, 0x40100000, 0, 0xef)
    flash[0x10000:0x1001c] = struct.pack("<BBH6I", 6, 1, 0, 102, 0x10000, 0x86000,
                                         103, 0x96000, 0xa000)
    with open(GOLDEN + "regions/floats-53.bin", "rb") as f:
        region = f.read()
    flash[0x96000:0x96000 + len(region)] = region
    with open(path, "wb") as f:
        f.write(flash)


def test_dumps_are_shown_whole_or_the_failure_is_told():
    need_library()
    failures = Failures()
    with tempfile.TemporaryDirectory() as folder:
        path, image = folder + "/dump.bin", folder + "/lfs.img"
        flash_dump(path)
        other = folder + "/old.bin"
        with open(path, "rb") as f, open(other, "wb") as g:
            g.write(f.read().replace(b"\x06\x01\0\0", b"\x55" * 4, 1))  # no table any more
        failures.each(["--lfs", other])
        for args in ([], ["--partitions"], ["--lfs", "--json"], ["--prototypes"], ["--check"],
                     ["--id"], ["--extract-lfs", "--output=" + image]):
            failures.each([*args, path])
        with open(image, "rb") as got, open(IMG + "floats-53.img", "rb") as want:
            assert got.read() == want.read()


def test_modules_are_written_whole_or_not_at_all():
    need_library()
    failures = Failures()
    with tempfile.TemporaryDirectory() as folder:
        for build, image in (("51f", "app-51f.img"), ("53", "ops53-53.img")):
            def fresh():
                for name in os.listdir(folder):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as got, \
                            open(f"{GOLDEN}lc/{name[:-3]}-{build}.lc", "rb") as want:
                        assert got.read() == want.read(), name
                    os.remove(path)
            failures.each(["--extract", folder, IMG + image], fresh)
            fresh()


main(globals())
