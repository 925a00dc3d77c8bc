#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""--layout and --hex: every byte of an image once, with its owner."""
import glob
import gzip
import json
import os
import re
import sys

sys.path.insert(0, "tests")
from tap import GOLDEN, main, run  # noqa: E402

IMG = GOLDEN + "img/"


def view(name, path, *more):
    return json.loads(run("--" + name, "--json", *more, path))[name]


def files():
    """All but the one chunk that its writer left unfinished."""
    found = glob.glob(IMG + "*.img") + glob.glob(GOLDEN + "lc/*.lc")
    return sorted(f for f in found if not f.endswith("/numbers-51i.lc"))


def stored(path):
    """What the file holds, unpacked."""
    data = open(path, "rb").read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def check_cover(rows, size, *where):
    end = 0
    for row in rows:
        assert row["offset"] == end and row["length"] > 0, (where, row, end)
        assert row["kind"] != "unknown", (where, row)
        end += row["length"]
    assert end == size, (where, end, size)


def test_every_byte_of_every_image_and_chunk_has_one_row():
    for path in files():
        whole = json.loads(run("--json", path))
        size = whole["file_size"] if path.endswith(".lc") else whole["flash_size"]
        rows = view("layout", path)
        check_cover(rows, size, path)
        kinds = {r["part"]: r["bytes"] for r in view("bytes", path)}
        sums = dict.fromkeys(kinds, 0)
        for row in rows:
            sums[row["kind"]] += row["length"]
        assert sums == kinds, (path, sums, kinds)


def test_every_byte_of_every_file_has_one_row_and_is_shown():
    for path in files():
        data = stored(path)
        rows = view("hex", path)
        check_cover(rows, len(data), path)
        assert bytes.fromhex("".join(r["bytes"] for r in rows)) == data, path


def test_the_layout_of_an_image_as_it_is_in_flash_has_the_bytes_and_the_addresses():
    for path in sorted(glob.glob(IMG + "*-abs.img")):
        data = stored(path)
        base = 0x3f430000 if "-e32" in path else 0x40296000
        for row in view("layout", path):
            at = row["offset"]
            assert bytes.fromhex(row["bytes"]) == data[at:at + row["length"]], (path, row)
            assert row["address"] == base + at, (path, row)


def test_a_computed_layout_is_where_the_loader_put_things():
    """Strings and code of the region that the device's loader wrote, at the computed places."""
    for path in sorted(glob.glob(GOLDEN + "regions/*-53*.bin")):
        region = open(path, "rb").read()
        image = IMG + os.path.basename(path)[:-4] + ".img"
        if not os.path.exists(image):
            continue
        shown = json.loads(run("--json", image))
        protos = shown["prototypes"]
        seen = set()
        for row in view("layout", image):
            got = region[row["offset"]:row["offset"] + row["length"]]
            assert row["bytes"] is None, row
            if row["owner_kind"] == "string":
                text = row["owner"].encode("utf-8")
                if "\uef80" <= max(row["owner"] or " ") <= "\uefff":
                    continue
                assert got[16:] == text + b"\0", (path, row)
            elif row["part"] == "code":
                code = b"".join(w.to_bytes(4, "little")
                                for w in protos[row["owner_index"]]["code"])
                assert got == code, (path, row)
            elif row["kind"] == "padding":
                assert not any(got), (path, row)
            seen.add(row["part"] or row["owner_kind"])
        assert {"string", "code", "record", "module", "constants"} <= seen, (path, seen)


def test_a_base_gives_addresses():
    rows = view("layout", IMG + "app-51f.img", "--base", "0x40296000")
    assert [r["address"] - r["offset"] for r in rows] == [0x40296000] * len(rows)
    assert all(r["address"] is None for r in view("layout", IMG + "app-51f.img"))
    assert all(r["address"] is None for r in view("hex", IMG + "app-53.img", "--base", "1024"))
    assert "address" not in run("--layout", IMG + "app-51f.img").decode()
    assert "0x40296020" in run("--layout", "--base=0x40296000", IMG + "app-51f.img").decode()
    for bad in ("0", "0x", "-4", "4x", "2", "0x100000000", ""):
        assert run("--layout", "--base", bad, IMG + "app-51f.img", status=2) == b""


def test_rows_name_their_owners():
    rows = view("layout", IMG + "app-51f.img")
    line_info = [r for r in rows if r["kind"] == "line info"]
    assert line_info and all(r["owner_kind"] == "prototype" and r["part"] == "lines"
                             for r in line_info)
    owners = {(r["kind"], r["part"], r["owner"]) for r in rows}
    assert ("code", "code", "function <main.lua:8,18>") in owners
    assert ("strings", None, "tostring") in owners
    assert ("module list", None, "httpd") in {
        (r["kind"], r["part"], r["owner"]) for r in view("layout", IMG + "app-53.img")}


def test_the_dump_can_be_read_back():
    """Each row's lines follow it; together they are the file."""
    for path in (IMG + "edge-51f.img", IMG + "edge-53.img", GOLDEN + "lc/strings-51f.lc"):
        data = bytearray()
        for line in run("--hex", "--color=never", path).decode().splitlines():
            if not re.match("  [0-9a-f]{8}  ", line):
                continue
            found = bytes.fromhex(line[12:60])
            assert int(line[2:10], 16) == len(data), (path, line)
            text = "".join(chr(c) if 0x20 <= c < 0x7f else "." for c in found)
            assert line[62:].rstrip() == text.rstrip(), (path, line, text)
            data += found
        assert data == stored(path), path


def test_damaged_images_are_laid_out_as_far_as_they_go():
    data = bytearray(open(IMG + "app-51f-abs.img", "rb").read())
    data[0x570 + 12:0x574 + 12] = (3).to_bytes(4, "little")  # a string's length: 11, now 3
    for name in ("layout", "hex"):
        rows = json.loads(run("--" + name, "--json", "-", stdin=bytes(data), status=1))[name]
        assert "unknown" in {r["kind"] for r in rows}, rows[:4]
    for cut in (40, 1500, 9000):
        run("--layout", "--hex", "-", stdin=bytes(data[:cut]), status=1)


main(globals())
