#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""--diff: two files against each other."""
import csv
import io
import json
import sys

sys.path.insert(0, "tests")
from tap import GOLDEN, main, run  # noqa: E402

IMG = GOLDEN + "img/"
PAIRS = [("app-51f", "appds-51f"), ("appds-51f", "app-51f"), ("app-51f", "app-51i"),
         ("app-51f", "app-53"), ("app-53", "appds-53"), ("app-53", "app-53d"),
         ("app-51f-debug0", "app-51f-debug2"), ("edge-53", "edge-53-debug0"),
         ("app-51f", "many-51f"), ("many-53", "edge-53"), ("edge-51-2018b-float", "edge-51f")]


def img(name):
    return f"{IMG}{name}.img"


def diff(old, new, *more, status=1):
    return json.loads(run("--diff", "--json", *more, old, new, status=status))


def whole(path):
    return json.loads(run("--json", path))


def test_changes_add_up_to_the_difference_of_the_sizes():
    for old, new in PAIRS:
        d = diff(img(old), img(new))
        a, b = whole(img(old)), whole(img(new))
        change = b["flash_size"] - a["flash_size"]
        assert d["summary"][0]["change"] == change, (old, new)
        assert sum(r["change"] for r in d["bytes"]) == change, (old, new)
        for r in d["bytes"]:
            assert r["new"] - r["old"] == r["change"]
        assert sorted(r["old"] for r in d["bytes"]) == sorted(a["bytes"].values())
        assert sorted(r["new"] for r in d["bytes"]) == sorted(b["bytes"].values())
        top = [r for r in d["modules"] if r["kind"] in ("module", "shared", "image")]
        assert sum(r["change"] for r in top) == change, (old, new)
        for module in [r for r in top if r["kind"] == "module"]:
            below = [r["change"] for r in d["modules"] if r["module"] == module["name"]
                     and r["kind"] in ("prototype", "strings")]
            assert sum(below) == module["change"] == module["new"] - module["old"], module


def test_the_biggest_change_comes_first():
    for old, new in PAIRS:
        d = diff(img(old), img(new))
        top = [r for r in d["modules"] if r["kind"] in ("module", "shared", "image")]
        for rows in (d["bytes"], top):
            sizes = [abs(r["change"]) for r in rows]
            assert sizes == sorted(sizes, reverse=True), (old, new, sizes)


def test_an_added_module_is_named_with_its_strings():
    d = diff(img("app-51f"), img("appds-51f"))
    assert d["same"] is False
    assert [r["name"] for r in d["modules"] if r["status"] == "added" and
            r["kind"] == "module"] == ["dummy_strings"]
    texts = [{s["text"] for s in whole(img(n))["strings"] if s["kind"] != "line_info"}
             for n in ("app-51f", "appds-51f")]
    assert {s["text"] for s in d["strings"]} == texts[1] - texts[0]
    assert all(s["status"] == "added" for s in d["strings"])
    back = diff(img("appds-51f"), img("app-51f"))
    assert {s["text"] for s in back["strings"]} == texts[1] - texts[0]
    assert all(s["status"] == "removed" and s["change"] < 0 for s in back["strings"])
    # no prototype of the other modules changed
    assert {r["module"] for r in d["modules"] if r["kind"] == "prototype"} == {"dummy_strings"}


def test_form_packing_and_build_time_are_no_content():
    for old, new in (("app-51f", "app-51f-abs"), ("app-51f", "app-51f"),
                     ("app-51f", "app-51f-strip"), ("app-53", "app-53-abs"),
                     ("edge-53d", "edge-53d-abs")):
        d = diff(img(old), img(new), status=0)
        assert d["same"] is True and d["modules"] == [] and d["strings"] == [], (old, new)
        out = run("--diff", img(old), img(new)).decode()
        assert "the same" in out and len(out.splitlines()) < 8, out


def test_a_changed_time_or_seed_is_no_content():
    data = bytearray(open(img("app-53"), "rb").read())
    at = len(data) - 1
    data[at] ^= 1  # the last byte of the time
    data[25] ^= 1  # of the seed
    out = json.loads(run("--diff", "--json", img("app-53"), "-", stdin=bytes(data), status=0))
    summary = out["summary"][0]
    assert out["same"] is True and summary["old_time"] != summary["new_time"], summary


def test_another_packing_of_values_is_no_other_content_but_no_equal_image():
    for old, new in (("edge-51-2018b-float", "edge-51-2018b-packed"),
                     ("edge-51-2018b-packed", "edge-51f")):
        d = diff(img(old), img(new))
        assert d["same"] is False and d["strings"] == []
        out = run("--diff", img(old), img(new), status=1).decode()
        assert "the same, for another firmware" in out, out


def test_the_order_of_modules_is_content():
    """The first two modules of a stream change places: functions and names."""
    protos = whole(img("app-53"))["prototypes"]
    parts = {"head": b"", "_init": b"", "main": b"", "tail": b""}
    for row in json.loads(run("--hex", "--json", img("app-53")))["hex"]:
        key = "head" if not parts["_init"] else "tail"
        if row["owner_kind"] == "prototype":
            key = protos[row["owner_index"]]["module"]
        parts[key if key in parts else "tail"] += bytes.fromhex(row["bytes"])
    assert b"".join(parts.values()) == open(img("app-53"), "rb").read()
    tail = parts["tail"]
    assert tail[-12:-9] == b"\x07\x52\x53"
    tail = tail[:-12] + b"\x07\x53\x52" + tail[-9:]
    swapped = parts["head"] + parts["main"] + parts["_init"] + tail
    out = run("--diff", img("app-53"), "-", stdin=swapped, status=1).decode()
    assert "the same but for the order of the modules" in out, out


def test_a_changed_instruction_is_found_in_its_function():
    data = bytearray(open(img("app-51f-abs"), "rb").read())
    for row in json.loads(run("--layout", "--json", img("app-51f-abs")))["layout"]:
        if row["part"] != "code" or row["owner"] == "main <(luac):0,0>":
            continue
        changed = bytearray(data)
        changed[row["offset"] + 1] ^= 0x40  # operand A of the first instruction
        out = json.loads(run("--diff", "--json", img("app-51f-abs"), "-", stdin=bytes(changed),
                             status=1))
        rows = [r for r in out["modules"] if r["kind"] == "prototype"]
        assert [(r["name"], r["status"], r["change"]) for r in rows] == [
            (row["owner"], "changed", 0)], (row, rows)


def test_moved_lines_are_told_from_changed_code():
    data = bytearray(open(img("app-51f-abs"), "rb").read())
    for row in json.loads(run("--layout", "--json", img("app-51f-abs")))["layout"]:
        if row["part"] == "record" and row["owner"] == "function <main.lua:20,34>":
            data[row["offset"] + 14 * 4] += 1  # linedefined
            data[row["offset"] + 15 * 4] += 1  # lastlinedefined
    out = json.loads(run("--diff", "--json", img("app-51f-abs"), "-", stdin=bytes(data), status=1))
    rows = [(r["name"], r["status"]) for r in out["modules"]]
    assert rows == [("main", "changed"), ("function <main.lua:21,35>", "lines or names")], rows


def test_another_format_is_named():
    out = run("--diff", img("app-51f"), img("app-51i"), status=1).decode()
    assert "double numbers, packed -> Lua 5.1 LFS image, relocatable, integer numbers" in out
    assert "differs" in out and "-732" in out, out


def test_names_of_locals_are_found_gone():
    d = diff(img("app-51f-debug0"), img("app-51f-debug2"))
    kinds = {r["part"]: r["change"] for r in d["bytes"]}
    assert kinds["local and upvalue names"] == -2598 and kinds["line info"] == -726, kinds
    assert {s["kind"] for s in d["strings"] if s["status"] == "removed"} == {"name"}
    assert {r["status"] for r in d["modules"]} == {"shrunk", "lines or names"}
    protos = [r for r in d["modules"] if r["kind"] == "prototype"]
    # nothing came or went: every function found itself again
    assert all(r["old_id"] == r["new_id"] for r in protos) and len(protos) > 20


def test_constants_of_another_width_change_prototypes_in_place():
    d = diff(img("app-51f"), img("app-51i"))
    assert {r["status"] for r in d["modules"] if r["kind"] == "prototype"} == {"shrunk"}
    assert [r["change"] for r in d["bytes"] if r["part"] == "constants"] == [-732]


def test_every_output_works_and_numbers_have_signs():
    old, new = img("app-51f"), img("appds-51f")
    out = run("--diff", "--color=never", old, new, status=1).decode()
    assert "+1,032" in out and "-48" in out and "12,752" in out, out
    out = run("--diff", "--markdown", old, new, status=1).decode()
    assert out.startswith("## ") and "Content differs: +1,032 bytes in flash (11,720" in out
    assert "### Modules" in out and "| dummy\\_strings | added | 0 | 996 | +996 |" in out, out
    for view in ("summary", "bytes", "modules", "strings"):
        rows = list(csv.DictReader(io.StringIO(
            run("--diff", "--csv", "--" + view, old, new, status=1).decode())))
        assert rows, view
        got = json.loads(run("--diff", "--json", "--" + view, old, new, status=1))
        assert len(got[view]) == len(rows), view
        assert [str(r["change"]) for r in got[view]] == [r["change"] for r in rows]
    rows = run("--diff", "--tsv", "--columns", "name,change", "--sort", "change", old, new,
               "--modules", status=1).decode().splitlines()
    assert rows[0] == "name\tchange" and rows[1].startswith("_init\t-48"), rows


def test_trouble_is_said_on_standard_error():
    for args in ((img("app-51f"), "README.md"), ("/nonexistent", img("app-51f"))):
        assert run("--diff", *args, status=1) == b""
        assert run.stderr.startswith(b"lfsdump: "), run.stderr
    run("--diff", img("app-51f"), img("app-53"), status=1)
    assert run.stderr == b""
    for args in ((img("app-51f"),), (img("app-51f"),) * 3, ("--code", "a", "b"),
                 ("--modules", "--sort", "no", "a", "b")):
        assert run("--diff", *args, status=2) == b""


def test_chunks_can_be_compared():
    d = diff(GOLDEN + "lc/main-51f.lc", GOLDEN + "lc/main-51f-strip.lc")
    assert d["summary"][0]["change"] == sum(r["change"] for r in d["bytes"]) < 0
    assert diff(GOLDEN + "lc/main-53.lc", GOLDEN + "lc/main-53.lc", status=0)["same"]


main(globals())
