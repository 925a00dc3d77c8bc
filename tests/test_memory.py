#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The programs when there is no more memory: every place that asks for some, in every view and job,
is refused once, and from every second one on all that follow, too. The program says so, names the
file and ends with 1, what it was to replace stays; or all that it makes is whole."""
import os
import re
import struct
import sys
import tempfile

sys.path.insert(0, "tests")
from faults import Failures, Job, need_plain_build, read  # noqa: E402
from live import board  # noqa: E402
from tap import GOLDEN, main, run  # noqa: E402

IMG = GOLDEN + "img/"
FILES = (IMG + "floats-51f.img", IMG + "app-53.img")
ELF = "samples/firmware-51-double.elf"
CAPTURE = "samples/capture-51.json"
HEAP = GOLDEN + "ram/heap-51.bin@0x3fff1000"
FORMS = ([], ["--json"], ["--csv"], ["--markdown"])
FAILURES = Failures()


def fails_well(*jobs, least=0):
    need_plain_build()
    before = FAILURES.told
    FAILURES.each(*jobs)
    assert FAILURES.told - before >= least, FAILURES.told - before


def dump(*args, **more):
    return Job("lfsdump", *args, **more)


def views():
    names = set(re.findall(r"^--(\w[\w-]*)(?:, of [a-z ]+)?:",
                           run("--columns", "help").decode(), re.M))
    assert len(names) >= 15, names
    return ["--xref=*" if n == "xref" else "--" + n for n in sorted(names)]


def all_views(path, least):
    shown = [v for v in views() if dump(v, path).run()[0] == 0]
    assert len(shown) >= 10, shown
    fails_well(*[dump(*view, *form, path, "-o", "OUT")
                 for view in [[]] + [[v] for v in shown] for form in FORMS], least=least)
    fails_well(dump(path), dump("--json", path))


def test_views_are_whole_or_the_failure_is_told():
    for path in FILES:
        all_views(path, 80)
    fails_well(dump("--strings", "--sort=-length", "--filter=*o*", "--columns=+hash", FILES[0]),
               dump("--requires", "--dot", IMG + "app-51f.img", "-o", "OUT"),
               dump("--color=always", *FILES), dump("--csv", "--strings", *FILES, "-o", "OUT"),
               dump("--layout", "--base=0x40296000", IMG + "app-51f-abs.img"),
               dump(IMG + "app-51-2018a-float.img"), dump("--code", GOLDEN + "lc/main-51f.lc"),
               dump("--code", GOLDEN + "lc/main-53.lc"), dump("-", stdin=read(FILES[0]),
                                                              names=["(standard input)"]))


def test_firmwares_are_shown_whole_or_the_failure_is_told():
    all_views(ELF, 100)
    fails_well(dump("--diff", ELF, "tests/corpus/elf/51-integer"))
    if b"without capstone" not in dump("--disasm=*", ELF).run()[2]:
        fails_well(dump("--disasm=*", ELF, "-o", "OUT"), dump("--disasm=gpio.mode", ELF))


def test_jobs_are_whole_or_the_failure_is_told():
    jobs = [dump(*job, file, "-o", "OUT") for file in FILES
            for job in (["--id"], ["--ncdu"], ["--check"], ["--check", "--json"])]
    fails_well(*jobs, dump("--check", "--for=lua51-float", "--lfs-size=1k", FILES[0]),
               dump("--check", "--firmware", ELF, FILES[0], "-o", "OUT"),
               dump("--against", GOLDEN + "app", IMG + "app-51f.img", "-o", "OUT"), least=80)


def test_reports_for_browsers_are_whole_or_the_failure_is_told():
    if b"--html" in run("--help"):
        fails_well(*[dump("--html=OUT", file) for file in (*FILES, ELF)])


def test_comparisons_are_whole_or_the_failure_is_told():
    for build in ("51f", "53"):
        fails_well(*[dump("--diff", *form, f"{IMG}floats-{build}.img", f"{IMG}app-{build}.img",
                          "-o", "OUT") for form in (FORMS[0], FORMS[1], FORMS[3])])


def flash_dump(path):
    """An ESP8266's: no segments, a partition table, an LFS region where it was made for."""
    flash = bytearray(b"\xff" * 0xa0000)
    flash[:32] = struct.pack("<4B3I15xB", 0xe9, 1, 2, 0x20, 0x40100004, 0x40100000, 0, 0xef)
    flash[0x10000:0x1001c] = struct.pack("<BBH6I", 6, 1, 0, 102, 0x10000, 0x86000,
                                         103, 0x96000, 0xa000)
    region = read(GOLDEN + "regions/floats-53.bin")
    flash[0x96000:0x96000 + len(region)] = region
    with open(path, "wb") as f:
        f.write(flash)


def test_dumps_are_shown_whole_or_the_failure_is_told():
    with tempfile.TemporaryDirectory() as folder:
        path, old = folder + "/dump.bin", folder + "/old.bin"
        flash_dump(path)
        with open(old, "wb") as f:
            f.write(read(path).replace(b"\x06\x01\0\0", b"\x55" * 4, 1))  # no table any more
        fails_well(dump("--lfs", old))
        for args in ([], ["--partitions"], ["--lfs", "--json"], ["--prototypes"], ["--check"],
                     ["--id"], ["--extract-lfs"]):
            job = dump(*args, path, "-o", "OUT")
            assert args != ["--extract-lfs"] or job.run()[3] == read(IMG + "floats-53.img")
            fails_well(job)


def test_modules_are_written_whole_or_not_at_all():
    for image in ("app-51f.img", "app-53.img"):
        fails_well(dump("--extract", "DIR", IMG + image))


def scan(*args, **more):
    return Job("strscan", *args, **more)


def test_string_modules_and_lists_are_whole_or_the_failure_is_told():
    with tempfile.TemporaryDirectory() as folder:
        text, keep = folder + "/text", folder + "/keep"
        with open(text, "w", encoding="ascii") as f:
            f.write('"home/attic/lamp", "tmr.create"\n\n====\nRAM strings:\none\ntwo\n')
        with open(keep, "w", encoding="ascii") as f:
            f.write("*a*\nb*\n")
        more = ["--image", IMG + "app-51f.img", "--keep-file", keep, "--drop=z*", "--budget=1k"]
        for source in ([text], [CAPTURE], ["--ram", HEAP], [text, CAPTURE]):
            fails_well(scan("--gen", *source, "-o", "OUT"), scan("--gen", *source),
                       scan("--gen", *source, *more, "-o", "OUT"),
                       scan("--list", *source, "-o", "OUT"),
                       scan("--list", "--format=json", *source, "-o", "OUT"),
                       scan("--list", "--format=csv", *more, *source))
        fails_well(scan("--gen", "-", stdin=read(text), names=["(standard input)"]),
                   scan("--census", "--ram", HEAP, "-o", "OUT"),
                   scan("--census", "--ram", HEAP, "--format=json", "--elf", ELF),
                   scan("--forecast", ELF, "--image", FILES[0], "-o", "OUT"),
                   scan("--gen", "--forecast", ELF, "-o", "OUT"))
    assert FAILURES.told > 100


def test_images_are_made_whole_or_not_at_all():
    with tempfile.TemporaryDirectory() as folder:
        text = folder + "/text"
        with open(text, "w", encoding="ascii") as f:
            f.write('"home/attic/lamp", "tmr.create"\n')
        time = ["--timestamp=1", "-o", "OUT"]
        for image, more in (("app-51f", []), ("floats-53", ["--format=json"])):
            fails_well(scan("--rebuild", f"{IMG}{image}.img", GOLDEN + "app/main.lua", text, *more,
                            *time),
                       scan("--rebuild", f"{IMG}{image}.img", "--base=0x40296000", *time))
        fails_well(scan("--rebuild", "--for=lua53", GOLDEN + "app/main.lua", *time),
                   scan("--rebuild", "--remove=main", "--rename=config=c", IMG + "app-51f.img",
                        "--strip=all", *time))


def test_a_capture_is_whole_or_the_failure_is_told():
    need_plain_build()
    for variant in ("51", "53"):
        with board(variant) as b, tempfile.TemporaryDirectory() as folder:
            port, log = b.path, folder + "/log"
            job = scan("--capture", "-p", port, "--record", log, "-o", "OUT", names=[port])
            assert job.run()[0] == 0
            os.rename(log, folder + "/session")
            fails_well(scan("--capture", "--replay", folder + "/session", "-o", "OUT"))
            job = scan("--capture", "-p", port, "-o", "OUT", names=[port])
            fails_well(job)


main(globals())
