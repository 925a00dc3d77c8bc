#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The generated module, compiled by stock Lua 5.1 and 5.3: its constants are the strings, byte for
byte. Constants are read from the compilers' own chunks by the readers below."""
import glob
import json
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, STRSCAN, main, run  # noqa: E402

# Strings that a rule or a limit would leave out are kept by name, so that all of them arrive.
ALL = ["--keep", "*"]


class Chunk:
    """A chunk of luac of a 64-bit PC; strings() are all string constants of all functions."""

    def __init__(self, data):
        self.data, self.found, self.code = data, [], 0
        self.new = data[4] == 0x53
        assert data[:4] == b"\x1bLua" and data[4] in (0x51, 0x53)
        self.at = 34 if self.new else 12
        self.function()
        assert self.at == len(data), (self.at, len(data))

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0]

    def skip(self, size):
        n = self.take("i")
        self.at += size * n

    def string(self):
        if self.new:
            size = self.take("B")
            size = self.take("Q") if size == 0xff else size
        else:
            size = self.take("Q")
        if not size:
            return None
        n = size - 1
        text = self.data[self.at:self.at + n]
        self.at += n if self.new else size
        return text

    def constant(self):
        kind = self.take("B")
        if kind in (4, 0x14):
            self.found.append(self.string())
        elif kind == 1:
            self.take("B")
        elif kind in (3, 0x13):
            self.take("Q")
        else:
            assert kind == 0, kind

    def function(self):
        self.string()
        self.take("ii")
        self.take("4B" if not self.new else "3B")
        n = self.take("i")
        self.code += n
        self.at += 4 * n
        for _ in range(self.take("i")):
            self.constant()
        if self.new:
            self.skip(2)
        for _ in range(self.take("i")):
            self.function()
        self.skip(4)
        for _ in range(self.take("i")):
            self.string()
            self.take("ii")
        for _ in range(self.take("i")):
            self.string()


def compiled(source, version):
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/in.lua", "wb").write(source)
        subprocess.run(["luac" + version, "-p", folder + "/in.lua"], check=True)
        subprocess.run(["luac" + version, "-o", folder + "/out", folder + "/in.lua"], check=True)
        # it is harmless to run, too
        subprocess.run(["lua" + version, folder + "/in.lua"], check=True)
        return Chunk(open(folder + "/out", "rb").read())


def literal(text):
    return b'"' + b"".join(b"\\%03d" % c for c in text) + b'"'


def generated(strings, *options):
    """The module for strings, in the manual's form of text."""
    text = b"local preload = " + b", ".join(map(literal, strings)) + b"\n"
    return run("--gen", *options, "-", stdin=text, program=STRSCAN)


def check(strings, source):
    assert all(c == 10 or 32 <= c < 127 for c in source)
    want = sorted(set(strings))
    for version in ("5.1", "5.3"):
        chunk = compiled(source, version)
        assert len(chunk.found) == len(want), (version, len(chunk.found), len(want))
        assert sorted(chunk.found) == want, version
        # a load and a return or two in a function: nothing for each string
        assert chunk.code <= 3 + 6 * (len(want) // 4096 + 1), chunk.code


def test_strings_of_the_ram_tables_survive():
    for path in sorted(glob.glob(GOLDEN + "ram/*.strings.txt")):
        strings = [re.sub(rb"\\(\d{3})", lambda m: bytes([int(m[1])]), line.split(b"\t")[2])
                   for line in open(path, "rb").read().split(b"\n") if line]
        strings = [s for s in strings if s]
        assert len(strings) > 80
        check(strings, generated(strings, *ALL))


def test_ten_thousand_random_strings_survive():
    rng = random.Random(5)
    strings = {rng.randbytes(rng.randrange(1, 60)) for _ in range(10300)}
    strings = sorted(strings)[:10000]
    check(strings, generated(strings, *ALL))


def test_sixty_thousand_strings_survive():
    strings = [b"name%d" % i for i in range(60000)]
    check(strings, generated(strings, *ALL))


def test_every_byte_survives_alone_and_before_a_digit():
    strings = [bytes([c]) for c in range(256)] + [bytes([c]) + b"7" for c in range(256)]
    check(strings, generated(strings, *ALL))


HOSTILE = [b"]]", b"--", b"\n", b"\0", b"]=]", b"\\", b'"', b"'", b'"]]--', b"--[[", b"]]--\n",
           b'\\"', b'\\\\"', b'" and os.exit() and "', b"\r\n", b"\\\n", b"\xff\xfe", b"\x1b[31m",
           b"end end", b"\\065", b"\\x41", b"\\z  ", b"\\u{41}", b"a\0b", b"\0" * 300, b"%", b"-",
           b"--]]\nreturn 1", "é日本☃".encode(), b" ", b"\t", b"--\r", b"[==[", b"x" * 5000]


def test_hostile_strings_survive():
    check(HOSTILE, generated(HOSTILE, *ALL))


def test_no_string_that_is_left_out_is_in_the_file():
    source = generated([b"createServer", b"password=hush-hush", b"192.168.1.77"])
    assert b"createServer" in source
    assert b"hush" not in source and b"192" not in source, source
    assert re.search(rb"^-- Left out: 1 private, 1 volatile\.$", source, re.M), source


def test_the_order_of_the_inputs_does_not_matter():
    rng = random.Random(6)
    strings = HOSTILE + [rng.randbytes(rng.randrange(1, 30)) for _ in range(500)]
    first = generated(strings, *ALL)
    for _ in range(3):
        rng.shuffle(strings)
        assert generated(strings, *ALL) == first
    half = len(strings) // 2
    with tempfile.TemporaryDirectory() as folder:
        for i, part in enumerate((strings[:half], strings[half:])):
            with open(f"{folder}/{i}", "wb") as f:
                f.write(b"local preload = " + b",".join(map(literal, part)))
        for names in ("01", "10"):
            got = run("--gen", *ALL, *(f"{folder}/{n}" for n in names), program=STRSCAN)
            assert got == first


def test_no_strings_give_a_module_that_loads():
    check([], run("--gen", "-", stdin=b'local preload = ""\n', program=STRSCAN))


def test_the_generated_file_is_an_input_that_gives_itself():
    for strings in (HOSTILE, [b"name%d" % i for i in range(9000)]):
        source = generated(strings, *ALL)
        assert run("--gen", *ALL, "-", stdin=source, program=STRSCAN) == source


def test_json_and_csv_hold_the_strings_of_the_module():
    def plain(text):
        return b"".join(bytes([ord(c) & 255]) if 0xef80 <= ord(c) <= 0xefff else c.encode()
                        for c in text)

    text = b"local preload = " + b", ".join(map(literal, HOSTILE)) + b"\n"
    doc = json.loads(run("--gen", *ALL, "--format", "json", "-", stdin=text, program=STRSCAN))
    assert sorted(plain(s["text"]) for s in doc["strings"]) == sorted(HOSTILE)
    assert doc["totals"]["kept"] == len(HOSTILE)
    assert doc["totals"]["ram"] == sum(s["ram"] for s in doc["strings"])
    rows = run("--gen", *ALL, "--format", "csv", "-", stdin=text, program=STRSCAN)
    assert rows.count(b"\n") == len(HOSTILE) + 1


main(globals())
