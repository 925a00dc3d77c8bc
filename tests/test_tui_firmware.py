#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The browser on firmwares: modules, functions and ROTables of an ELF file, the image in a dump."""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import firmware_elf as fw  # noqa: E402
from tap import LFSDUMP, main  # noqa: E402
from tui_tmux import Browser  # noqa: E402

ELF = "samples/firmware-51-double.elf"


def has_disassembler():
    p = subprocess.run([LFSDUMP, "--disasm", "0", ELF], capture_output=True, check=False)
    return b"without capstone" not in p.stderr


def test_an_elf_file_has_its_modules_and_views():
    with Browser(ELF, cols=140, rows=30) as b:
        b.sees("firmware-51-double.elf: summary")
        for name in ("_G", "mqtt", "gpio", "net", "(padding)", "ROTables"):
            b.sees(name)
        for view in ("memory", "sections", "modules", "sources", "rotables", "functions"):
            b.sees(view)
        b.sees("Lua 5.1, double numbers")


def test_a_module_has_its_functions_and_these_their_code():
    with Browser(ELF, cols=140, rows=30) as b:
        b.sees("ROTables")
        b.keys("Down", "Right")
        b.sees("luaopen_base")
        b.keys("Down")
        if has_disassembler():
            b.sees("put: disasm")
            b.sees("extui   a2, a3, 0, 6")
        else:
            b.sees("put: symbols")


def test_rotables_are_a_tree():
    with Browser(ELF, cols=140, rows=30) as b:
        b.sees("ROTables")
        b.keys("G", "Right")
        b.sees("net.socket")
        b.keys("Down")
        b.sees("_G: rotables")
        b.sees("createConnection")


def test_two_elf_files_are_compared_module_by_module():
    """As lfsdump --diff does, which has a test against nm."""
    p = subprocess.run([LFSDUMP, "--diff", "--json", fw.elf("51-double"), fw.elf("53")],
                       capture_output=True, check=False)
    out = json.loads(p.stdout)
    with Browser(fw.elf("51-double"), fw.elf("53"), cols=160, rows=40) as b:
        b.sees("51-double.elf -> 53.elf")
        for row in out["modules"]:
            b.sees(row["module"])
        b.keys("Tab", "2", "t", "/", "gpio", "Enter", "Enter")
        b.sees("gpio: symbols")
        for row in out["symbols"]:
            if row["symbol"].startswith("gpio_"):
                b.sees(row["symbol"])
        b.misses("mqtt_")


def test_the_image_in_a_dump_is_browsed_like_one_alone():
    region = open(sorted(glob.glob("tests/golden/regions/*.bin"))[0], "rb").read()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump.bin")
        with open(path, "wb") as f:
            f.write(b"\xff" * 0x96000 + region)
        with Browser(path, cols=140, rows=30) as b:
            b.sees("LFS image")
            b.keys("G", "Right")
            b.sees("(shared strings)")
            b.keys("Down")
            b.sees(": ")
            b.sees("prototypes")
            b.keys("x", "Escape", "Tab", "Enter")
            b.sees("dump.bin")


if __name__ == "__main__":
    main(globals())
