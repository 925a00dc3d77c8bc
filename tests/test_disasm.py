#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump --disasm against objdump: the test firmwares and all of picolibc, every function."""
import atexit
import csv
import glob
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import firmware_elf as fw  # noqa: E402
from tap import LFSDUMP, Skip, main, run  # noqa: E402

XTENSA = {"prefix": "xtensa-lx106-elf-", "lib": "/usr/lib/xtensa-lx106-elf/lib/release",
          "flags": [], "arch": [], "at": 0x40210000}
RISCV = {"prefix": "riscv64-unknown-elf-", "at": 0x42000000, "flags": ["-m", "elf32lriscv"],
         "arch": ["-march=rv32imac", "-mabi=ilp32"],
         "lib": "/usr/lib/picolibc/riscv64-unknown-elf/lib/release/rv32imac/ilp32"}
SCRIPT = """SECTIONS {
 .text %#x : { *(.literal .literal.* .text .text.*) }
 .rodata : { *(.rodata .rodata.*) }
 .data : { *(.data .data.* .sdata .sdata.* .tdata .tdata.* .tbss .tbss.*) }
 .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) }
}"""


def need_disassembler():
    p = subprocess.run([LFSDUMP, "--disasm", "0", fw.elf("53")], capture_output=True, check=False)
    if b"without capstone" in p.stderr:
        raise Skip("built without capstone")


def picolibc(kind):
    """All objects of libc, libm and libgcc, as they stand: what they lack does not matter."""
    if not os.path.exists(kind["lib"] + "/libc.a"):
        raise Skip("picolibc is not installed")
    folder = tempfile.mkdtemp(prefix="picolibc-")
    atexit.register(shutil.rmtree, folder)
    libgcc = subprocess.run([kind["prefix"] + "gcc", *kind["arch"], "-print-libgcc-file-name"],
                            capture_output=True, check=True).stdout.decode().strip()
    for lib in [kind["lib"] + "/libc.a", kind["lib"] + "/libm.a", libgcc]:
        subprocess.run([kind["prefix"] + "ar", "x", lib], cwd=folder, check=True)
    with open(folder + "/script", "w", encoding="ascii") as f:
        f.write(SCRIPT % kind["at"])
    subprocess.run([kind["prefix"] + "ld", *kind["flags"], "--noinhibit-exec", "-T", "script",
                    "--unresolved-symbols=ignore-all", "-o", "all.elf",
                    *sorted(os.path.basename(o) for o in glob.glob(folder + "/*.o"))],
                   cwd=folder, capture_output=True, check=False)
    return folder + "/all.elf"


def ours(path):
    """{address: (bytes, op, operands)} of every function."""
    out = run("--disasm", "*", "--tsv", "--columns", "address,bytes,op,operands", path)
    rows = csv.DictReader(io.StringIO(out.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {int(r["address"], 0): (r["bytes"], r["op"], r["operands"]) for r in rows}


def objdump(kind, path, *args):
    out = subprocess.run([kind["prefix"] + "objdump", "-d", "-z", *args, path],
                         capture_output=True, check=True).stdout.decode()
    rows = {}
    for line in out.splitlines():
        m = re.match(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)(?:\t(.*))?$", line)
        if m:
            rows[int(m[1], 16)] = (len(m[2].replace(" ", "")) // 2, m[3], m[4] or "")
    return rows


def aliases():
    with open("tests/data/objdump_aliases.tsv", encoding="ascii") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    return {row[0]: row[1:] for row in rows}


def operands(text):
    """As a list; numbers as such, 32 bits wide, whatever their base."""
    text = re.sub(r"\s*[<#].*", "", text)
    items = []
    for item in re.split(r"[,\s]+", text.strip()):
        item = re.sub(r"(?<![\w.])(-?0x[0-9a-f]+|-?[0-9]+)(?![\w.])",
                      lambda m: str(int(m[0], 0) & 0xffffffff), item)
        if re.fullmatch(r"[0-9a-f]{8}", item) and not item.isdigit():
            item = str(int(item, 16))
        items.append(item)
    return items


def same_operands(theirs, mine):
    """Targets have no 0x before them in objdump, so that all digits may be decimal or not."""
    a, b = operands(theirs), operands(mine)
    return len(a) == len(b) and all(
        x == y or (y.isdigit() and re.fullmatch(r"[0-9a-f]{8}", re.sub(r"\s*[<#].*", "", t))
                   and int(re.sub(r"\s*[<#].*", "", t), 16) == int(y))
        for x, y, t in zip(a, b, re.split(r",\s*", re.sub(r"\s*<.*", "", theirs))))


def differs(theirs, mine, known):
    _, op, args = theirs
    if op == mine[1] and same_operands(args, mine[2]):
        return False
    to = known.get(op, [])
    return not (to and to[0] == mine[1] and
                same_operands(",".join([args, *to[1:]]), mine[2]))


def compare(kind, path):
    """Numbers of instructions, of those that objdump reads otherwise, and what they are."""
    mine, theirs, known = ours(path), objdump(kind, path), aliases()
    bad = []
    for address, row in sorted(mine.items()):
        size = len(row[0]) // 2
        there = theirs.get(address)
        if not there or there[0] != size:
            # padding or a literal before it was taken for code; begin where we did
            theirs.update(objdump(kind, path, f"--start-address={address:#x}",
                                  f"--stop-address={address + 64:#x}"))
            there = theirs[address]
        if there[0] != size or differs(there, row, known):
            bad.append((hex(address), row, there))
    return len(mine), bad


def functions(kind, path):
    """(start, end) of every function that has a size."""
    out = subprocess.run([kind["prefix"] + "readelf", "-sW", path], capture_output=True,
                         check=True).stdout.decode()
    rows = [line.split() for line in out.splitlines() if " FUNC " in line]
    return {(int(r[1], 16), int(r[1], 16) + int(r[2], 0)) for r in rows if r[6] not in ("UND", "ABS")}


def reached(kind, path):
    """Bytes of functions but for the zeros that align a target, and those of them not reached."""
    code = subprocess.run([kind["prefix"] + "objcopy", "-O", "binary", "-j", ".text", path,
                           path + ".bin"], check=True, capture_output=True)
    assert code.returncode == 0
    with open(path + ".bin", "rb") as f:
        text = f.read()
    covered = set()
    for address, row in ours(path).items():
        covered.update(range(address, address + len(row[0]) // 2))
    total, lost = set(), set()
    for start, end in functions(kind, path):
        gap = []
        for a in range(start, end + 1):
            if a < end and a not in covered:
                gap.append(a)
                continue
            zeros = len(gap) <= 3 and all(text[g - kind["at"]] == 0 for g in gap)
            lost.update([] if zeros else gap)
            total.update([] if zeros else gap)
            gap = []
        total.update(a for a in range(start, end) if a in covered)
    return total, lost


def check(kind, path, least):
    need_disassembler()
    n, bad = compare(kind, path)
    assert n >= least, n
    assert not bad, (len(bad), bad[:5])


def test_firmwares_read_as_objdump_reads_them():
    for name in fw.NAMES:
        check(RISCV if name.endswith("-c3") else XTENSA, fw.elf(name), 300)


def test_picolibc_for_xtensa_reads_as_objdump_reads_it():
    check(XTENSA, picolibc(XTENSA), 80000)


def test_picolibc_for_riscv_reads_as_objdump_reads_it():
    check(RISCV, picolibc(RISCV), 150000)


def test_what_the_system_alone_uses_reads_as_objdump_reads_it():
    fw.build()
    folder = tempfile.mkdtemp(prefix="system-")
    atexit.register(shutil.rmtree, folder)
    subprocess.run(["xtensa-lx106-elf-gcc", "-c", "tests/firmware/system.S", "-o",
                    folder + "/system.o"], check=True)
    subprocess.run(["xtensa-lx106-elf-ld", "-Ttext", "0x40210000", "-e", "f0", "-o",
                    folder + "/system.elf", folder + "/system.o"], check=True)
    check(XTENSA, folder + "/system.elf", 300)


def test_all_of_functions_is_reached():
    need_disassembler()
    for kind in [XTENSA, RISCV]:
        total, lost = reached(kind, picolibc(kind))
        assert len(total) > 200000
        assert len(lost) <= 0.005 * len(total), (len(lost), len(total))


def listing(name, function):
    out = run("--disasm", function, "--csv", fw.elf(name))
    return list(csv.DictReader(io.StringIO(out.decode())))


def test_calls_and_strings_have_their_names():
    need_disassembler()
    for name in fw.NAMES:
        by_symbol = listing(name, "net_create")
        comments = [r["comment"] for r in by_symbol]
        assert "lua_pushlstring" in comments or "lua_pushstring" in comments, comments
        assert '"socket"' in comments and "luaL_checkudata" in comments, comments
        assert listing(name, "net.createConnection") == by_symbol
        assert listing(name, by_symbol[0]["address"]) == by_symbol


def test_what_is_not_there_is_an_error():
    need_disassembler()
    for what in ["no_such_function", "0x10", "99999999999999999999", "gpio.nothing", ""]:
        p = subprocess.run([LFSDUMP, "--disasm", what, fw.elf("53")], capture_output=True,
                           check=False)
        assert p.returncode == 1 and b"lfsdump: " in p.stderr, (what, p)


main(globals())
