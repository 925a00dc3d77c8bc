#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Flash dumps that are cut, that begin erased, or hold what does not belong together."""
import atexit
import json
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, main, read, run, write  # noqa: E402

LFS, REGION, KB, MB = 0x96000, 0x40000, 1 << 10, 1 << 20
FOLDER = tempfile.mkdtemp(prefix="partial-")
atexit.register(shutil.rmtree, FOLDER)
BANNER = (b"NodeMCU 3.0.0.0\n\0", b"build 2026-11-22 21:43 powered by Lua 5.1.4 on SDK %s\n\0")


def out(data, name="d.bin"):
    return write(os.path.join(FOLDER, name), data)


def image(segments, chip=None, sizes=0x40):
    """As bin.h tells: an ESP8266's, or that of another chip."""
    data = struct.pack("<BBBBI", 0xe9, len(segments), 2, sizes, segments[0][0])
    if chip is not None:
        data += struct.pack("<IHBHH4xB", 0, chip, 0, 0, 0, 0)
    total = 0xef
    for address, content in segments:
        data += struct.pack("<II", address, len(content)) + content
        for byte in content:
            total ^= byte
    return data + bytes(15 - len(data) % 16) + bytes([total])


APP = image([(0x40100000, bytes(64)), (0x3ffe8000, bytes(16))])
C3 = image([(0x3fc80000, bytes(16)), (0x40380000, bytes(64))], chip=5)


def table(entries):
    page = struct.pack("<BBH", 3 * len(entries), 1, 0)
    return (page + b"".join(struct.pack("<III", *e) for e in entries)).ljust(4 * KB, b"\xff")


def dump(region=b"", app=APP, size=4 * MB):
    flash = bytearray(b"\xff" * size)
    flash[:len(app)] = app
    flash[0x10000:0x11000] = table([
        (101, 0, 0xb000), (102, 0x10000, LFS - 0x10000), (103, LFS, REGION),
        (106, MB, 2 * MB), (6, 4 * MB - 0x3000, 0x3000)])
    flash[LFS:LFS + len(region)] = region
    return bytes(flash)


def show(path, *views, status=0):
    return json.loads(run(*("--" + v for v in views), "--json", path, status=status))


def test_an_esp32_image_behind_erased_flash_is_recognised():
    for at in (0x1000, 0x8000, 0x10000, 0x20000):
        for tail in (b"", b"\xff" * (MB - at - len(C3))):
            path = out(b"\xff" * at + C3 + tail)
            assert [(i["offset"], i["chip"]) for i in show(path, "images")["images"]] == \
                   [(at, "ESP32-C3")], at
            assert show(path, "summary")["summary"][0]["chip"] == "ESP32-C3", at
            assert [s["address"] for s in show(path, "sections")["sections"]] == \
                   [0x3fc80000, 0x40380000], at
    run(out(b"\xff" * 0x10010 + C3), status=1)
    run(out(b"\xff" * MB), status=1)


def test_a_dump_that_ends_before_its_table_says_so():
    whole = dump(read(GOLDEN + "regions/app-51f-debug2.bin"))
    for n in (0x200, 0x10000, 0x10004, 0x10020):
        path = out(whole[:n])
        run(path)
        there = max(0, n - 0x10000)
        assert f"partition table: of 0x10000...0x11000 the file has {there} bytes".encode() \
            in run.stderr, (n, run.stderr)
        new = os.path.join(FOLDER, "lfs.img")
        run("--extract-lfs", "-o", new, path, status=1)
        assert b"the partition table is not in the file" in run.stderr, run.stderr
        assert not os.path.exists(new)
    run(out(APP))
    assert run.stderr == b"", run.stderr
    run(out(whole))
    assert run.stderr == b"", run.stderr


def test_the_size_in_a_header_does_not_make_a_short_dump_damaged():
    for sizes in (0x00, 0x20, 0x40):  # 512 KB, 1 MB, 4 MB
        app = image([(0x40100000, bytes(64))], sizes=sizes)
        whole = dump(app=app)
        assert show(out(whole[:0x95fff]), "damage", status=1)["damage"][0]["field"] == "irom0"
        for n in (LFS, LFS + 16, MB + 5, 4 * MB):
            assert show(out(whole[:n]), "damage")["damage"] == [], (sizes, n)
        assert all(p["fault"] is None for p in show(out(whole[:LFS]), "partitions")["partitions"])
    bad = dump().replace(struct.pack("<II", LFS, REGION), struct.pack("<II", 0xfffff000, REGION))
    for n in (LFS, 4 * MB):
        found = show(out(bad[:n]), "damage", status=1)["damage"]
        assert "outside the flash" in found[0]["problem"], found


def test_a_view_that_a_file_has_not_is_refused_as_that():
    for path in (out(dump(read(GOLDEN + "regions/app-51f-debug2.bin"))), out(dump()[0x10000:])):
        for view in ("--memory", "--symbols", "--sources"):
            run(view, path, status=1)
            assert b"a dump or .bin has no " + view.encode() + b", but" in run.stderr, \
                run.stderr
    run("--code", out(dump()), status=1)
    assert b"LFS" in run.stderr, run.stderr


def test_a_broken_head_is_told_by_its_field():
    data = bytearray(C3)
    data[1] = 200
    for content, words in ((data, b"offset 0x1: segments: 200 of them"), (b"\xe9", b"segments")):
        run(out(content), status=1)
        assert words in run.stderr and b"extract-lfs" not in run.stderr, run.stderr


def test_an_image_for_another_lua_than_the_firmware_s_is_told():
    flash = bytearray(dump(read(GOLDEN + "regions/app-53.bin")))
    flash[0x12000:0x12000 + len(b"".join(BANNER))] = b"".join(BANNER)
    # three ROTable entries tell the version, as in the firmware: a table of C functions
    at = 0x13000
    flash[at:at + 16] = struct.pack("<IBBBBII", 1, 0x15, 0, 0, 2, 0, 0x40213010)
    flash[at + 16:at + 56] = (struct.pack("<IIII", 0x40213040, 0x40212000, 0, 0x26) * 2 +
                              bytes(8))
    flash[at + 0x40:at + 0x44] = b"key\0"
    path = out(flash)
    run(path)
    assert b"the firmware is Lua 5.1: it does not load an image of 5.3" in run.stderr, run.stderr
    assert show(path, "check", status=1)["verdict"] == "refused"
    flash[LFS:LFS + REGION] = read(GOLDEN + "regions/app-51f-debug2.bin").ljust(REGION, b"\xff")
    run(out(flash))
    assert run.stderr == b"", run.stderr
    assert show(out(flash), "check")["verdict"] == "accepted"


def test_an_image_that_stands_elsewhere_than_its_addresses_is_not_accepted():
    entry = struct.Struct("<HBBII16sI")
    content = read(GOLDEN + "img/app-53-e32i32f32-abs.img")  # for 0x3f430000
    for at, verdict in ((0x130000, "accepted"), (0x131000, "not safe")):
        flash = bytearray(b"\xff" * 4 * MB)
        boot = image([(0x3ffb0000, bytes(16))], chip=0)
        flash[0x1000:0x1000 + len(boot)] = boot
        flash[0x8000:0x8020] = entry.pack(0x50aa, 0xc2, 1, at, 0x40000, b"lfs", 0)
        flash[at:at + len(content)] = content
        got = show(out(flash), "check", status=int(verdict != "accepted"))
        assert got["verdict"] == verdict, (hex(at), got)


def test_what_is_missing_floods_nothing():
    flash = bytearray(dump())
    flash[0x10000:0x11000] = table([(102, 0x10000, LFS - 0x10000)] + [
        (100, MB + 4 * KB * i, 4 * KB) for i in range(80)])
    run(out(flash[:LFS]))
    lines = run.stderr.decode().splitlines()
    assert len(lines) == 9 and "and 72 more; --partitions" in lines[-1], lines


def test_flash_code_of_2018_alone_is_a_firmware():
    """0x10000.bin of a pair, before there were tables; the text as printed makes no firmware."""
    text = b"NodeMCU 2.2.0.0 build 2018-06-09 21:23 powered by Lua 5.1.4 on SDK "
    code = bytes.fromhex("12c1f0") * 3000 + b"\0" + text + b"%s\0" + bytes(100)
    got = show(out(code), "summary", "sections")
    assert got["summary"][0]["form"] == "flash image", got
    assert got["sections"] == [{**got["sections"][0], "name": ".irom0.text",
                                "address": 0x40210000, "size": len(code.rstrip(b"\xff"))}], got
    assert got["summary"][0]["build"] == "2018-06-09 21:23", got
    run("--summary", out(b"\0\xfe\xff" * 40 + text + b"2.2.1\r\n\0"), status=1)
    assert b"no file that this program knows" in run.stderr, run.stderr


def test_an_image_of_june_2018_is_found_in_a_dump():
    """As its loader leaves it in flash: the words of the chain made addresses."""
    name = GOLDEN + "img/app-51-2018a-float.img"
    words = bytearray(read(name))
    at, count = 2, 0
    while at:
        word = struct.unpack_from("<I", words, 4 * at)[0]
        struct.pack_into("<I", words, 4 * at, 0x40200000 + LFS + 4 * (word & 0xffff))
        at, count = word >> 16, count + 1
    assert count > 400
    path = out((b"\xff" * LFS + bytes(words)).ljust(MB, b"\xff"))
    assert run("--code", path) == run("--code", name)
    run("--extract-lfs", "-o", path + ".img", path)
    assert run("--code", path + ".img") == run("--code", name)


def test_an_image_outside_of_the_partitions_is_listed_and_no_fault():
    region = read(GOLDEN + "regions/app-53.bin")
    flash = bytearray(dump(region))
    flash[2 * MB:2 * MB + len(region)] = region
    got = show(out(bytes(flash)), "lfs")["lfs"]
    assert [(r["address"], r["found"]) for r in got] == \
           [(LFS, "by the table"), (2 * MB, "by its header")], got


def test_tables_of_a_dump_fit_80_columns():
    name = GOLDEN + "regions/app-53.bin"
    text = run("--images", "--segments", "--partitions", "--lfs", out(dump(read(name)))).decode()
    assert "made for" in text and "clock" in text, text
    assert max(len(line) for line in text.splitlines()) <= 80, text


def test_files_of_other_tools_are_named():
    for head, words in ((b"UF2\nWQ]\x9e", b"a UF2 file"),
                        (b":020000040000FA\n:10", b"an Intel HEX file"),
                        (b"!<arch>\n/  ", b"an archive of object files")):
        run(out(head.ljust(600, b"\0"), "f"), status=1)
        assert words in run.stderr, run.stderr


def test_a_table_says_that_a_digest_is_bad():
    bad = bytearray(C3[:23] + b"\1" + C3[24:] + bytes(32))
    lines = run("--images", out(bad), status=1).decode().splitlines()
    assert lines[1].split()[-1] == "SHA-256" and lines[2].split()[-1] == "bad", lines


main(globals())
