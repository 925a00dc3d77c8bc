#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump --ncdu: sums, names, and what ncdu itself makes of the document."""
import glob
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, main, run  # noqa: E402

FILES = sorted(glob.glob(GOLDEN + "img/*.img") + glob.glob(GOLDEN + "regions/*.bin"))
CHUNKS = sorted(p for p in glob.glob(GOLDEN + "lc/*.lc") if not p.endswith("numbers-51i.lc"))


def load(path):
    return json.loads(run("--ncdu", path))


def info(node):
    return node[0] if isinstance(node, list) else node


def children(node):
    return node[1:] if isinstance(node, list) else []


def total(node, key="dsize"):
    return info(node).get(key, 0) + sum(total(c, key) for c in children(node))


def child(node, name):
    found = [c for c in children(node) if info(c)["name"].split(" ", 2)[-1] == name]
    assert len(found) == 1, (name, [info(c)["name"] for c in children(node)])
    return found[0]


def shape(node):
    """Names and sizes, whatever else is in the objects and in which order."""
    i = info(node)
    return (i["name"], i.get("asize", 0), i.get("dsize", 0), isinstance(node, list),
            sorted(map(shape, children(node))))


def test_sizes_add_up_to_the_size_in_flash():
    for path in FILES + CHUNKS:
        whole = json.loads(run("--json", path))
        size = whole["flash_size"] or os.path.getsize(path)
        tree = load(path)[3]
        assert total(tree) == total(tree, "asize") == size, (path, total(tree), size)
        assert b"(damaged)" not in run("--ncdu", path), path


def test_the_head_is_what_the_format_wants():
    for path in FILES + CHUNKS:
        major, minor, meta, tree = load(path)
        assert (major, meta["progname"]) == (1, "lfsdump") and isinstance(minor, int)
        assert info(tree)["name"] == path


def test_names_in_a_folder_differ_and_are_never_empty():
    def check(node):
        names = [info(c)["name"] for c in children(node)]
        assert len(names) == len(set(names)), (path, names)
        assert all(names), path
        for c in children(node):
            check(c)
    for path in FILES + CHUNKS:
        check(load(path)[3])


def without_list(node):
    """The absolute form knows the list of modules only as a whole."""
    if isinstance(node, list):
        return [node[0]] + [without_list(c) for c in node[1:]
                            if info(c)["name"] not in ("entry", "list of modules")]
    return node


def test_every_form_of_an_image_has_the_same_tree():
    for path in glob.glob(GOLDEN + "img/*-abs.img"):
        a, b = load(path)[3], load(path.replace("-abs", ""))[3]
        for tree in (a, b):
            tree[0]["name"] = "image"
        assert total(a) == total(b), path
        assert shape(without_list(a)) == shape(without_list(b)), path


def test_a_module_has_its_prototypes_parts_and_strings():
    tree = load(GOLDEN + "img/app-51f.img")[3]
    module = child(tree, "main")
    protos = [c for c in children(module) if "main.lua" in info(c)["name"]]
    assert len(protos) == 1
    parts = {info(c)["name"]: total(c) for c in children(protos[0]) if isinstance(c, dict)}
    views = json.loads(run("--prototypes", "--json", GOLDEN + "img/app-51f.img"))["prototypes"]
    root = next(p for p in views if p["source"] == "@main.lua" and p["line_first"] == 0)
    assert parts["code"] == 4 * len(root["code"])
    assert parts["constants"] == 12 * len(root["constants"])
    assert parts["record"] == 72
    assert parts["lines"] > 16
    names = [info(c)["name"] for c in children(child(module, "strings"))]
    assert any(n.endswith("@main.lua") for n in names), names


def test_hostile_names_come_out_printable():
    whole = open(GOLDEN + "img/floats-53.img", "rb").read()
    assert whole.count(b"floats") == 2
    for name in (b"../../", b"\x1b[2J\xff\n", b"a\"\\\0\x7f\x01"):
        out = run("--ncdu", "-", stdin=whole.replace(b"floats", name))
        tree = json.loads(out)[3]
        assert total(tree) == json.loads(run("--json", "-", stdin=whole))["flash_size"]
        assert all(c >= 0x20 or c == 0x0a for c in out) and 0x7f not in out


def test_a_damaged_image_still_gives_a_document():
    whole = open(GOLDEN + "img/app-53-abs.img", "rb").read()
    for off in range(0x1500, len(whole), 400):
        harmed = whole[:off] + b"\xff\xff\xff\x7f" + whole[off + 4:]
        json.loads(run("--ncdu", "-", stdin=harmed, status=run_status(harmed)))


def run_status(data):
    try:
        run("--summary", "-", stdin=data)
        return 0
    except AssertionError:
        return 1


def test_ncdu_loads_it_and_gives_the_same_back():
    program = shutil.which("ncdu")
    if not program:
        print("# ncdu is not here")
        return
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = folder + "/ours", folder + "/theirs"
        for path in FILES + CHUNKS[:6]:
            run("--ncdu", "-o", ours, path)
            run("-0", "-f", ours, "-o", theirs, program=program)
            a, b = json.load(open(ours)), json.load(open(theirs))
            assert shape(a[3]) == shape(b[3]), path


main(globals())
