#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump and strscan on firmwares: damaged ROTables, outputs over inputs, names of functions,
options that contradict each other."""
import atexit
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import firmware_elf as fw  # noqa: E402
from tap import GOLDEN, LFSDUMP, STRSCAN, Skip, main, read, run, write  # noqa: E402

FOLDER = tempfile.mkdtemp(prefix="hostile-")
atexit.register(shutil.rmtree, FOLDER)
KIND = "51-double"


def out(name, data=b""):
    return write(os.path.join(FOLDER, name), data)


def symbols(name=KIND):
    return {n: a for n, a, _, _ in fw.nm(name)}


def place(address, name=KIND):
    """Where the byte at an address is in the file."""
    return next(off + address - at for _, at, size, off, _, kind in fw.sections(name)
                if at <= address < at + size and kind != "NOBITS")


def changed(address, new):
    data = bytearray(read(fw.elf(KIND)))
    at = place(address)
    data[at:at + len(new)] = new
    return out("changed.elf", data)


def word(n):
    return struct.pack("<I", n)


def show(view, path, status=0):
    return json.loads(run("--" + view, "--json", path, status=status))[view]


def test_one_bad_field_of_a_rotable_costs_no_more_than_its_entry():
    s = symbols()
    table, entries = s["gpio_ROTable"], s["gpio_entries"]
    key, = struct.unpack_from("<I", read(fw.elf(KIND)), place(entries))
    whole = show("rotables", fw.elf(KIND))
    cases = [(entries, word(0x12345678), entries, "gpio_ROTable.entry[0].key", 0),
             (entries, word(0), entries, "gpio_ROTable.entry[0].key", 0),
             (key, b"\x1b[2J", entries, "gpio_ROTable.entry[0].key", 0),
             (entries + 12, word(0x77), entries + 12, "gpio_ROTable.entry[0].tag", 0),
             (table + 7, b"\xff", table + 7, "gpio_ROTable.lsizenode", 0),
             (table + 7, b"\0", table + 7, "gpio_ROTable.lsizenode", 0),
             (table, word(2), table, "gpio_ROTable.next", 0),
             (table + 4, b"\x14", table + 4, "gpio_ROTable.type", 0),
             (table + 8, word(0xfffffff0), table + 8, "gpio_ROTable.metatable", 0),
             (table + 12, word(0xfffffff0), table + 12, "gpio_ROTable.entries", 8),
             (table + 12, word(entries + 1), table + 12, "gpio_ROTable.entries", 8)]
    for at, new, guilty, field, lost in cases:
        path = changed(at, new)
        rows = show("rotables", path, status=1)
        assert len(rows) >= len(whole) - lost, (field, len(rows))
        assert [(d["offset"], d["field"]) for d in show("damage", path, status=1)] == \
               [(place(guilty), field)], (field, show("damage", path, status=1))
        # its sub-table stays where it is as long as the entry for it is there
        assert lost or any(r["path"] == "gpio.pulse.build" for r in rows), field


def test_a_bad_entry_of_the_base_costs_that_entry():
    base = symbols()["lua_rotable_base"]
    path = changed(base, word(0x12345678))
    damage = show("damage", path, status=1)
    assert [(d["offset"], d["field"]) for d in damage] == \
           [(place(base), "lua_rotable_base.entry[0].key")], damage
    assert show("summary", path, status=1)[0]["modules"] == "gpio, mqtt, net"


def test_without_symbols_a_bad_entry_of_the_base_hides_no_other():
    base = symbols()["lua_rotable_base"]
    stripped = os.path.join(FOLDER, "base.elf")
    whole = len(show("rotables", fw.elf(KIND)))
    data = read(fw.elf(KIND))
    count = next(i for i in range(64) if not any(data[place(base + 16 * i):][:4]))
    assert count == 6
    for i in range(1, count):  # a bad first one may as well be what stands before the vector
        for field, at, new in (("key", 0, 0x12345678), ("tag", 12, 0x77)):
            fw.binutils("strip", KIND, "-o", stripped, changed(base + 16 * i + at, word(new)))
            assert len(show("rotables", stripped, status=1)) >= whole, (i, field)
            assert [d["field"] for d in show("damage", stripped, status=1)] == \
                   [f"lua_rotable_base.entry[{i}].{field}"], (i, field)


def test_a_function_that_cannot_be_one_is_named():
    s = symbols()
    for address, words in ((0x60000000, "0x60000000, where none can be"),
                           (s["gpio_mode"] + 1, "not aligned"),
                           (s["gpio_ROTable"] & ~0xfffff | 0xff000, "where none can be")):
        damage = show("damage", changed(s["gpio_entries"] + 4, word(address)), status=1)
        assert [(d["offset"], d["field"]) for d in damage] == \
               [(place(s["gpio_entries"]), "gpio.mode")], damage
        assert words in damage[0]["problem"], damage


def test_sound_firmwares_have_no_such_damage():
    for name in fw.NAMES:
        assert show("damage", fw.elf(name)) == [], name
        stripped = os.path.join(FOLDER, "stripped.elf")
        fw.binutils("strip", name, "-o", stripped, fw.elf(name))
        assert show("damage", stripped) == [], name


def test_an_output_never_replaces_an_input():
    image = out("i.img", read(GOLDEN + "img/app-51f.img"))
    elf = out("e.elf", read(fw.elf(KIND)))
    link = os.path.join(FOLDER, "link")
    os.path.exists(link) or os.symlink(elf, link)
    for args in (["-o", elf, elf], ["-o", link, elf], ["-o", image, image],
                 ["--check", image, "--firmware", elf, "-o", elf],
                 ["--extract-lfs", "-o", elf, elf], ["--diff", "-o", elf, image, elf]):
        kept = read(image), read(elf)
        run(*args, status=2)
        assert b"the output is one of the inputs" in run.stderr, (args, run.stderr)
        assert (read(image), read(elf)) == kept, args
    run("-o", os.path.join(FOLDER, "new"), elf)


def test_only_one_option_says_what_the_firmware_is():
    image = GOLDEN + "img/app-51f.img"
    for args in (["--for", "lua51-float", "--firmware", fw.elf(KIND)],
                 ["--firmware", fw.elf(KIND), "--firmware", fw.elf("53")],
                 ["--for", "lua51-float", "--for", "lua53-i32f32"]):
        run("--check", *args, image, status=2)
        assert b"only one of --for, --banner and --firmware" in run.stderr, run.stderr
    p = subprocess.run([LFSDUMP, "--check", "-", "--firmware", "-"], capture_output=True,
                       input=read(fw.elf(KIND)), check=False)
    assert p.returncode == 2 and b"standard input can be read once" in p.stderr, p


def test_no_option_is_swallowed():
    run("--disasm", "gpio_mode", "--disasm", "net_send", fw.elf(KIND), status=2)
    assert b"--disasm can be given once" in run.stderr, run.stderr
    run("--lfs-addr", "0x96000", fw.elf(KIND), status=1)
    assert b"--lfs-addr takes a dump" in run.stderr, run.stderr


def test_a_forecast_ignores_nothing_that_it_is_given():
    elf = fw.elf(KIND)
    run("--forecast", elf, "/nonexistent", status=2, program=STRSCAN)
    assert b"takes no inputs" in run.stderr, run.stderr
    run("--forecast", "/nonexistent", "--forecast", elf, status=2, program=STRSCAN)
    assert b"one ELF file" in run.stderr, run.stderr
    assert run("--forecast", elf, program=STRSCAN)


def disassembled(name, path):
    p = subprocess.run([LFSDUMP, "--disasm", name, "--json", path], capture_output=True,
                       check=False)
    if b"without capstone" in p.stderr:
        raise Skip("built without capstone")
    assert p.returncode == 0, (name, p.stderr)
    disassembled.stderr = p.stderr.decode()
    return {int(r["address"]) for r in json.loads(p.stdout)["disasm"]}


def test_every_name_that_is_printed_can_be_disassembled():
    path = os.path.join(FOLDER, "stripped.elf")
    for name in fw.NAMES:
        fw.binutils("strip", name, "-o", path, fw.elf(name))
        for file in (fw.elf(name), path):
            rows = show("functions", file)
            assert len(rows) == 13, name
            for r in rows:
                assert r["address"] in disassembled(r["name"], file), (name, r)
        both = disassembled("gpio.pulse.*", fw.elf(name))
        assert {symbols(name)[s] for s in ("gpio_pulse_build", "gpio_mode")} <= both, name
        assert symbols(name)["net_create"] not in both, name


def test_an_address_that_is_no_instruction_s_is_told():
    s = symbols()
    for address, words in ((s["gpio_ROTable"], "is data"), (s["gpio_mode"] + 1, "no instruction")):
        p = subprocess.run([LFSDUMP, "--disasm", hex(address), fw.elf(KIND)], capture_output=True,
                           check=False)
        if b"without capstone" in p.stderr:
            raise Skip("built without capstone")
        assert words in p.stderr.decode(), (words, p.stderr)
    inside = sorted(disassembled("gpio_mode", fw.elf(KIND)))[3]
    disassembled(hex(inside), fw.elf(KIND))
    assert f"{inside - s['gpio_mode']} bytes behind" in disassembled.stderr, disassembled.stderr
    disassembled(hex(s["gpio_mode"]), fw.elf(KIND))
    assert disassembled.stderr == ""


def test_compressed_debug_data_is_told():
    path = os.path.join(FOLDER, "packed.elf")
    for how in ("zlib", "zlib-gnu"):
        fw.binutils("objcopy", KIND, "--compress-debug-sections=" + how,
                    fw.elf("51-double-debug"), path)
        run("--sources", path)
        assert b"debug data is compressed" in run.stderr, run.stderr
    run("--sources", fw.elf("51-double-debug"))
    assert run.stderr == b""


def test_columns_are_those_of_the_file_s_kind():
    run("--modules", "--sort", "nosuch", fw.elf(KIND), status=2)
    assert b"iram" in run.stderr and b"prototypes" not in run.stderr, run.stderr
    run("--modules", "--sort", "nosuch", GOLDEN + "img/app-51f.img", status=2)
    assert b"prototypes" in run.stderr and b"iram" not in run.stderr, run.stderr
    heads = [line for line in run("--modules", "--columns", "help").decode().splitlines()
             if line.startswith("--")]
    assert [h.split(":")[0] for h in heads] == ["--modules, of an image", "--modules, of a firmware"]


main(globals())
