#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names and strings made to harm whoever looks at them: no output passes them on as they are."""
import csv
import io
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unicodedata

import tap

HOSTILE = [
    b"\x1b[31mred\x1b]0;title\x07", b"\xc2\x9b31m", b"\x9b31m", b"\x7f\x00\x01", b"a\nb\rc\td",
    "\u202eevil\u202c".encode(), "\u2066x\u2069".encode(), "a\u200bb\u00ad\ufeff".encode(),
    "\u2028\u2029".encode(), b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x82",
    b"'\"quoted\",\";", b"a|b||c", b"<script>alert(1)</script>&amp;", b"=1+1", b"@SUM(A1)", b"-2+3", b"+x",
    b"`code` *bold* _x_ [l](javascript:1) # ~~", b"\\", b"\\n\\x1b", "\uef80\uefff".encode(), b"../../up", b"",
    "\U000e0041\u0301".encode(), b"%s%n%d", b"-" * 300,
]
SGR = re.compile(rb"\x1b\[[0-9;]*m")
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"}


def count(n):
    out = [n & 127]
    while n > 127:
        n >>= 7
        out.insert(0, n & 127 | 128)
    return bytes(out)


def typed(kind, n):
    groups = count(n)
    if groups[0] & 0x70:
        groups = b"\x80" + groups
    return bytes([groups[0] & 0x8f | kind << 4]) + groups[1:]


def string53(s, size):
    return typed(6 if size > 40 else 5, s)


def image53():
    """A portable image that has every hostile text as module, source, constant, upvalue and local."""
    texts = HOSTILE
    ref = [string53(i + 1, len(t)) for i, t in enumerate(texts)]
    short = sum(len(t) <= 40 for t in texts)
    out = b"\x1bLua\x53\x0b\x19\x93\r\n\x1a\n\4\4\4\4\x20\0\x40\xb9\x43" + typed(3, 77) + b"\x19ss"
    out += count(max(map(len, texts))) + count(short + 71) + count(len(texts) - short) + count(len(texts))
    out += b"".join(string53(len(t) + 1, len(t)) + t for t in texts)
    out += b"\x19pr" + count(len(texts))
    for i, text in enumerate(texts):
        code = [6 | (256 + k) << 14 for k in range(len(texts))]  # GETTABUP 0 0 K(k): globals
        code += [7 | 1 << 6 | (256 + i) << 14, 36 | 2 << 6 | 1 << 23 | 1 << 14]
        function = ref[i] + b"\0\0\0\2\x10\0" + count(len(code))
        function += b"".join(struct.pack("<I", c) for c in code)
        function += count(len(texts)) + b"".join(ref)
        function += b"\1" + count(len(texts)) + b"".join(r + b"\1\0" for r in ref)
        function += b"\0" + count(len(texts)) + b"".join(r + b"\0\3" for r in ref)
        out += function
    return out + count(len(texts) + 1) + b"".join(ref) + typed(3, 0x60000000)


def chunk51():
    """The same as a chunk of Lua 5.1."""
    out = b"\x1bLua\x51\0\1\4\4\4\4\1"

    def string(t):
        return struct.pack("<I", len(t) + 1) + t + b"\0"

    out += string(b"@" + HOSTILE[0]) + struct.pack("<II", 0, 0) + b"\0\0\2\x10"
    code = [5 | k << 14 for k in range(len(HOSTILE))] + [30 | 1 << 23]  # GETGLOBAL
    out += struct.pack("<I", len(code))
    out += bytes(-len(out) % 4) + b"".join(struct.pack("<I", c) for c in code)
    out += struct.pack("<I", len(HOSTILE)) + b"".join(b"\4" + string(t) for t in HOSTILE)
    out += struct.pack("<II", 0, 0)
    out += bytes(-len(out) % 4)
    out += struct.pack("<I", len(HOSTILE)) + b"".join(string(t) + bytes(8) for t in HOSTILE)
    return out + struct.pack("<I", len(HOSTILE)) + b"".join(string(t) for t in HOSTILE)


def views():
    help_text = tap.run("--columns", "help").decode()
    names = set(re.findall(r"^--(\w[\w-]*)(?:, of [a-z ]+)?:", help_text, re.M))
    assert len(names) > 10, names
    views = ["--xref=*" if n == "xref" else "--" + n for n in sorted(names)]
    return [v for v in views if b"takes a firmware" not in subprocess.run(
        [tap.LFSDUMP, v, tap.GOLDEN + "img/app-53.img"], capture_output=True, check=False).stderr]


def clean(data, allowed=b"\n", unseen=True):
    """data is text that no terminal and no editor does anything with but show it."""
    text = data.decode("utf-8")
    for c in text:
        kind = unicodedata.category(c)
        bad = kind in UNSEEN if unseen else kind == "Cc"
        assert not bad or c.encode() in [bytes([a]) for a in allowed], (hex(ord(c)), kind)
    return text


def output(*args):
    """Any exit status but a crash; standard error is text, too."""
    p = subprocess.run([tap.LFSDUMP, *args], capture_output=True, timeout=60, check=False,
                       env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert p.returncode in (0, 1), (args, p.returncode, p.stderr)
    clean(p.stderr)
    return p.stdout


def folder(f):
    """Runs f with files in a folder of its own: image, chunk, and damaged ones."""
    where = os.fsencode(tempfile.mkdtemp(prefix="lfsdump-hostile-"))
    try:
        paths = []
        for name, data in ((b"image", image53()), (b"chunk", chunk51()),
                           (b"cut-image", image53()[:-20]), (b"cut-chunk", chunk51()[:-7])):
            paths.append(os.path.join(where, name))
            with open(paths[-1], "wb") as out:
                out.write(data)
        f(where, paths)
    finally:
        shutil.rmtree(where)


def each(f):
    folder(lambda where, paths: [f(v, p) for p in paths for v in views()])


def test_the_files_are_sound():
    def sound(_, paths):
        assert b"" == tap.run("--damage", "--csv", paths[0]).split(b"\n", 1)[1]
        assert tap.run.stderr == b"", tap.run.stderr
        tap.run(paths[1])
    folder(sound)


def test_text_shows_nothing_but_characters():
    each(lambda view, path: clean(output(view, path)))
    folder(lambda where, paths: [clean(output(p)) for p in paths])


def test_colours_are_the_only_escapes():
    def coloured(view, path):
        clean(SGR.sub(b"", output(view, "--color=always", path)))
    each(coloured)


def test_json_is_json_and_gives_every_byte_back():
    def parses(view, path):
        json.loads(clean(output(view, "--json", path), unseen=False))
    each(parses)

    def back(text):
        return b"".join(bytes([ord(c) & 255]) if 0xef80 <= ord(c) <= 0xefff else c.encode() for c in text)

    def whole(_, paths):
        doc = json.loads(clean(output("--json", paths[0]), unseen=False))
        texts = [back(s["text"]) for s in doc["strings"]]
        assert texts[:len(HOSTILE)] == HOSTILE
        assert [back(m["name"])[:255] for m in doc["modules"]] == [t[:255] for t in HOSTILE]
    folder(whole)


def test_csv_has_as_many_fields_in_each_row():
    def rows(view, path):
        text = clean(output(view, "--csv", path))
        found = list(csv.reader(io.StringIO(text), strict=True))
        assert not found or {len(r) for r in found} == {len(found[0])}, (view, found[:3])
        for r in found[1:]:
            for field in r:
                formula = field[:1] in tuple("=@+-") and not re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", field)
                assert not formula, (view, field)
    each(rows)


def test_tsv_has_as_many_fields_in_each_row():
    def rows(view, path):
        found = clean(output(view, "--tsv", path), b"\n\t").split("\n")[:-1]
        assert not found or {r.count("\t") for r in found} == {found[0].count("\t")}, view
    each(rows)


def test_markdown_has_as_many_cells_in_each_row_and_no_markup():
    def rows(view, path):
        text = clean(output(view, "--markdown", path))
        bars = re.compile(r"(?<!\\)(?:\\\\)*\|")
        table = [r for r in text.split("\n") if r.startswith("|")]
        assert len({len(bars.findall(r)) for r in table}) <= 1, (view, table[:3])
        assert not re.search(r"(?<!\\)<", text), view
    each(rows)


def test_dot_is_dot():
    def graph(_, paths):
        line = re.compile(r'\t"(?:[^"\\]|\\.)*"( -> "(?:[^"\\]|\\.)*")?( \[style=dashed\])?;')
        for path in paths:
            found = clean(output("--requires", "--dot", path), b"\n\t").split("\n")
            assert found[0] == "digraph modules {" and found[-2:] == ["}", ""]
            for text in found[3:-2]:
                assert line.fullmatch(text), text
    folder(graph)


def test_names_of_files_are_escaped_like_any_text():
    def named(where, paths):
        names = [t for t in HOSTILE if t and b"\0" not in t and b"/" not in t and len(t) < 255]
        assert len(names) > 15
        for name in names:
            copy = os.path.join(where, b"x" + name)
            shutil.copy(paths[2], copy)
            for args in ((copy, copy), ("--strings", copy, copy), ("--damage", copy),
                         (os.path.join(where, b"none" + name),), ("-o", copy + b"/x", copy)):
                clean(output(*args))
            clean(output("--markdown", "--strings", copy, copy))
            clean(output("--csv", "--strings", copy, copy))
            clean(output("--tsv", "--strings", copy, copy), b"\n\t")
            json.loads(clean(output("--json", copy), unseen=False))
    folder(named)


def test_nothing_is_extracted_outside_the_folder():
    def extracted(where, paths):
        inside = os.path.join(where, b"deep", b"er", b"inside")
        os.makedirs(inside)
        output("--extract", inside, paths[0])
        outside = [os.path.join(d, f) for d, _, fs in os.walk(where) for f in fs
                   if not d.startswith(inside)]
        assert sorted(outside) == sorted(paths), outside
    folder(extracted)


if __name__ == "__main__":
    tap.main(globals())
