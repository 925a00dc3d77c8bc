#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump --json against an independent decoder's words, and against its own schema."""
import glob
import json
import os
import sys

import jsonschema

sys.path.insert(0, "tests")
from tap import GOLDEN, main, run  # noqa: E402

SCHEMA = json.load(open("tests/schema/lfsdump-1.schema.json"))


def to_bytes(text):
    """The documented way back: U+EF80...U+EFFF are single bytes."""
    if text is None:
        return None
    return b"".join(bytes([ord(c) & 0xff]) if 0xef80 <= ord(c) <= 0xefff else c.encode()
                    for c in text)


def latin(text):
    return None if text is None else text.encode("latin-1")


def load(path):
    return json.loads(run("--json", path))


def decoded():
    for path in sorted(glob.glob(GOLDEN + "decoded/*.json")):
        name = os.path.basename(path)[:-5]
        yield json.load(open(path)), load(f"{GOLDEN}img/{name}.img")


def constant(k):
    if k["type"] == "string":
        return to_bytes(k["value"])
    if isinstance(k["value"], str):
        return float(k["value"])
    return k["value"]


def want_constant(pair):
    kind, value = pair
    return latin(value) if kind == "string" else value


def equal(a, b, *where):
    assert a == b, (where, a, b)


def compare_proto(want, protos, number, parent):
    p = protos[number]
    equal(p["id"], number)
    equal(p["parent"], parent)
    for key, theirs in (("line_first", "linedefined"), ("line_last", "lastlinedefined"),
                        ("params", "numparams"), ("stack", "maxstacksize"), ("code", "code")):
        equal(p[key], want[theirs], number, key)
    equal(p["vararg"], want["is_vararg"] != 0)
    equal(to_bytes(p["source"]), latin(want["source"]), number)
    equal([constant(k) for k in p["constants"]], [want_constant(k) for k in want["k"]], number)
    equal([(to_bytes(v["name"]), v["start_pc"], v["end_pc"]) for v in p["locals"]],
          [(latin(v[0]), v[1], v[2]) for v in want["locvars"]], number)
    names = [v[0] if isinstance(v, list) else v for v in want["upvalues"]]
    equal([to_bytes(u["name"]) for u in p["upvalues"]], [latin(n) for n in names], number)
    if want["upvalues"] and isinstance(want["upvalues"][0], list):
        equal([[u["instack"], u["index"]] for u in p["upvalues"]],
              [v[1:] for v in want["upvalues"]], number)
    equal(p["lines"], want["lineinfo"], number)
    equal(p["children"], len(want["p"]))
    last = number
    for child in want["p"]:
        last = compare_proto(child, protos, last + 1, number)
    return last


def test_prototypes_agree_with_the_independent_decoder():
    seen = 0
    for want, got in decoded():
        last = -1
        for root in [want["main"]] if "main" in want else want["protos"]:
            last = compare_proto(root, got["prototypes"], last + 1, None)
        equal(len(got["prototypes"]), last + 1, got["file"])
        seen += last + 1
    assert seen > 1000, seen


def test_strings_agree_with_the_independent_decoder():
    for want, got in decoded():
        ours = [s for s in got["strings"] if s["offset"] is not None]
        if "main" not in want:
            equal([to_bytes(s["text"]) for s in ours], [latin(s) for s in want["strings"]],
                  got["file"])
            continue
        equal(len(ours), len(want["strings"]))
        for s, w in zip(ours, want["strings"]):
            equal((s["length"], s["hash"], s["offset"]), (len(w["s"]), w["hash"], w["off"]))
            equal(s["bucket"], w["hash"] & (want["nsize"] - 1))
            if s["kind"] == "line_info":
                equal(s["text"], None)
            else:
                equal(to_bytes(s["text"]), latin(w["s"]))


def test_modules_and_times_agree_with_the_independent_decoder():
    for want, got in decoded():
        equal(sorted(to_bytes(m["name"]) for m in got["modules"]),
              sorted(latin(m) for m in want["modules"]), got["file"])
        equal(got["build_time"], int(want["timestamp"]), got["file"])
        if "size" in want:
            equal(got["flash_size"], want["size"], got["file"])


def test_bytes_add_up_to_the_size_in_flash_or_of_the_chunk():
    for path in glob.glob(GOLDEN + "img/*.img") + glob.glob(GOLDEN + "lc/*.lc"):
        if path.endswith("numbers-51i.lc"):
            continue
        got = load(path)
        equal(sum(got["bytes"].values()), got["flash_size"] or got["file_size"], path)


def test_modules_sizes_and_the_rest_do_not_exceed_the_image():
    for _, got in decoded():
        assert sum(m["size"] for m in got["modules"]) <= got["flash_size"]
        roots = [p for p in got["prototypes"] if p["parent"] is None]
        kinds = ("constants", "code", "prototypes", "names", "line_info")
        assert sum(p["total_size"] for p in roots) <= sum(got["bytes"][k] for k in kinds) + \
            got["bytes"]["padding"]
        equal(sum(p["own_size"] for p in got["prototypes"]), sum(p["total_size"] for p in roots))


def test_every_golden_file_and_every_kind_of_wrong_file_fits_the_schema():
    check = jsonschema.Draft202012Validator(SCHEMA)
    files = glob.glob(GOLDEN + "img/*.img") + glob.glob(GOLDEN + "lc/*.lc")
    out = run("--json", *files, "README.md", "/nonexistent", GOLDEN + "ram/heap-51.bin", status=1)
    lines = out.decode().splitlines()
    equal(len(lines), len(files) + 3)
    for line in lines:
        check.validate(json.loads(line))


def test_a_cut_file_gives_json_that_fits_the_schema_and_tells_the_damage():
    check = jsonschema.Draft202012Validator(SCHEMA)
    whole = open(GOLDEN + "img/app-53.img", "rb").read()
    for cut in range(1, len(whole), 97):
        got = json.loads(run("--json", "-", stdin=whole[:cut], status=1))
        check.validate(got)
        assert got["damage"][0]["problem"], cut


main(globals())
