#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump --check as its users meet it; what it finds is tested in C."""
import glob
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, main, run  # noqa: E402

IMG = GOLDEN + "img/"
KINDS = {"51f": "lua51-float", "51i": "lua51-int", "53": "lua53", "53d": "lua53-64"}


def check(*args, status=0, **more):
    return json.loads(run("--check", "--json", *args, status=status, **more))


def test_every_image_is_accepted_by_the_firmware_it_was_made_for():
    seen = 0
    for path in sorted(glob.glob(IMG + "*.img")):
        build = re.match(r".*-(51f|51i|53d|53)(-strip|-debug.)?\.img", path)
        if not build or "fixed" in path:
            continue
        got = check("--for", KINDS[build[1]], "--lfs-size", "256k", path)
        assert got["verdict"] == "accepted", got
        assert all(f["level"] == "note" for f in got["findings"]), got
        seen += 1
    assert seen > 30, seen


def test_an_image_for_another_build_is_refused_in_the_device_s_words():
    # the words are those of the recorded verdicts (op othervariant)
    for line in open(GOLDEN + "verdicts/51i.jsonl"):
        case = json.loads(line)
        if case["mutation"]["op"] != "othervariant" or case["loaded"] or "-abs" in case["base"]:
            continue  # absolute images are written to flash, not loaded
        got = check("--for", "lua51-int", IMG + case["base"], status=1)
        assert got["verdict"] == "refused", got
        assert got["findings"][0]["message"] == case["message"], (got, case)
        assert got["findings"][0]["cause"] and got["findings"][0]["remedy"], got


def test_an_image_larger_than_the_region_is_found():
    got = check("--for", "lua51-float", "--lfs-size", "0x2000", IMG + "app-51f.img", status=1)
    assert got["findings"][0]["message"] == "LFS Image too big for configured LFS region", got
    got = check("--for", "lua53", "--lfs-size", "8192", IMG + "app-53.img", status=1)
    assert got["verdict"] == "not safe" and got["findings"][0]["level"] == "error", got


def test_the_three_words_of_the_fixed_string_bug_are_named_with_module_and_line():
    got = check(IMG + "fixed-53.img", status=1)
    lines = [n for n, text in enumerate(open(GOLDEN + "edge53/fixed.lua"), 1)
             for _ in re.findall(r"\b(?:userdata|thread|proto)\b", text)]
    found = [int(m) for f in got["findings"]
             for m in re.findall(r"fixed\.lua:(\d+)", f["cause"]) if f["level"] == "error"]
    assert found and set(found) <= set(lines), (found, lines)


def test_the_firmware_is_taken_from_what_the_console_printed():
    for variant, image, other in (("51", "app-51f.img", "app-51i.img"),
                                  ("51i", "app-51i.img", "app-51f.img"),
                                  ("53", "app-53.img", "app-51f.img")):
        text = b"".join(bytes.fromhex(e["hex"]) for e in map(
            json.loads, open(f"{GOLDEN}console/boot-{variant}.jsonl")) if e["dir"] == "rx")
        with tempfile.NamedTemporaryFile() as banner:
            banner.write(text)
            banner.flush()
            assert check("--banner", banner.name, IMG + image)["verdict"] == "accepted"
            got = check("--banner", banner.name, IMG + other, status=1)
            assert got["verdict"] == "refused" and got["findings"][0]["message"], got
    run("--check", "--banner", "README.md", IMG + "app-51f.img", status=2)
    assert b"README.md: " in run.stderr


def test_old_type_tags_on_new_firmware_are_an_error_and_on_old_firmware_none():
    image = IMG + "app-51-2018b-packed.img"
    got = check("--for", "lua51-float", image, status=1)
    assert "type tags" in got["findings"][0]["cause"], got
    assert check("--for", "lua51-float", "--old-firmware", image)["verdict"] == "accepted"


def test_a_firmware_without_a_region_takes_no_image():
    text = b"".join(bytes.fromhex(e["hex"]) for e in map(
        json.loads, open(GOLDEN + "console/boot-51.jsonl")) if e["dir"] == "rx")
    for words in (b"LFS: 0x0\r\n", b"LFS: disabled\r\n", b"LFS: 0x0 bytes total capacity\r\n"):
        with tempfile.NamedTemporaryFile() as banner:
            banner.write(re.sub(rb"LFS: .*\r\n", words, text))
            banner.flush()
            got = check("--banner", banner.name, IMG + "app-51f.img", status=1)
            assert got["findings"][0]["message"] == "No LFS partition allocated", got


def test_the_heap_that_a_reload_takes_is_told_for_both_versions():
    for image, kind in (("app-51f.img", "lua51-float"), ("app-53.img", "lua53")):
        got = check("--for", kind, IMG + image)
        heap = [int(m) for f in got["findings"]
                for m in re.findall(r"about (\d+) bytes of free heap", f["cause"])]
        assert len(heap) == 1 and 1000 < heap[0] < 45056, got


def test_text_and_tables_say_the_same_as_json():
    out = run("--check", "--for", "lua51-int", IMG + "app-51f.img", status=1).decode()
    assert out.splitlines()[0].endswith("refused by lua51-int"), out
    assert "Incorrect LFS build type" in out
    for form in ("--csv", "--tsv", "--markdown"):
        out = run("--check", form, "--for", "lua51-int", IMG + "app-51f.img", status=1).decode()
        assert "Incorrect LFS build type" in out, out


def test_what_is_no_image_is_refused_and_what_cannot_be_read_is_an_error():
    assert check("README.md", status=1)["verdict"] == "refused"
    run("--check", "/nonexistent", status=1)
    assert b"/nonexistent: No such file" in run.stderr
    run("--check", "--for", "nonsense", "x", status=2)
    assert b"lua51-float" in run.stderr
    run("--for", "lua51-float", IMG + "app-51f.img", status=2)
    run("--check", "--lfs-size", "lots", IMG + "app-51f.img", status=2)


def test_a_cut_upload_gives_the_device_s_message():
    data = open(IMG + "app-51f.img", "rb").read()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lfs.img")
        open(path, "wb").write(data[:2000])
        got = check("--for", "lua51-float", path, status=1)
    assert got["findings"][0]["message"] == "LFS length mismatch", got


def test_the_kinds_of_firmware_are_listed():
    listed = run("--for", "help").decode().splitlines()
    assert len(listed) == 9 and listed[0].startswith("lua51-float  "), listed
    run("--for", "lua54", status=2)
    assert all(line.encode() in run.stderr for line in listed)
    run("--partitions", "samples/firmware-51-double.elf", status=1)
    assert b"an ELF file has no --partitions, but --summary" in run.stderr, run.stderr


main(globals())
