#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Firmware images and flash dumps, as esptool makes them of the test firmwares; LFS regions as real
loaders wrote them, where devices have them."""
import atexit
import glob
import gzip
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, Skip, main, read, run, write  # noqa: E402

LFS, REGION, MB = 0x96000, 0x40000, 1 << 20
KINDS = ["51-double", "51-integer", "53", "53-wide"]
TOOL = ["python3", "-m", "esptool"]
ENV = {**os.environ, "PYTHONPATH": "build-deps/esptool"}
work = tempfile.mkdtemp()
atexit.register(shutil.rmtree, work)


def out(name, data=None):
    path = os.path.join(work, name)
    return path if data is None else write(path, data)


def esptool(*args):
    p = subprocess.run([*TOOL, *args], capture_output=True, env=ENV, check=False)
    if b"No module named" in p.stderr:
        raise Skip("no esptool; .ci/setup test installs it")
    return p.returncode, p.stdout.decode()


def elf(kind):
    """The test firmware of that kind."""
    folder = out("elf")
    if not os.path.isdir(folder):
        p = subprocess.run(["tests/firmware/build.sh", folder], capture_output=True, check=False)
        if p.returncode == 77:
            raise Skip("no compiler for the chips")
        assert p.returncode == 0, p.stderr
    return f"{folder}/{kind}.elf"


def pair(kind):
    """0x00000.bin and 0x10000.bin of it, by esptool."""
    stem = out(kind + "-")
    if not os.path.exists(stem + "0x10000.bin"):
        code, text = esptool("--chip", "esp8266", "elf2image", "--version", "1", "-fs", "4MB",
                             "-o", stem, elf(kind))
        assert code == 0, text
    return stem + "0x00000.bin", stem + "0x10000.bin"


def cloud(kind):
    """Both in one file with ff between, by esptool."""
    low, high = pair(kind)
    path = out(kind + "-cloud.bin")
    code, text = esptool("--chip", "esp8266", "merge-bin", "-o", path, "0x0", low, "0x10000", high)
    assert code == 0, text
    return path


def seen_by_esptool(path, chip):
    _, text = esptool("--chip", chip, "image-info", path)
    rows = re.findall(r"^ +\d+ +(0x\w+) +(0x\w+) +(0x\w+)", text, re.M)
    digest = re.search(r"Validation hash: \w+ \((\w+)\)", text)
    return {"segments": [tuple(int(x, 16) for x in r) for r in rows],
            "entry": int(re.search(r"Entry point: (0x\w+)", text)[1], 16),
            "checksum": re.search(r"Checksum: (0x\w+) \((\w+)", text).groups(),
            "digest": digest and digest[1],
            "mode": re.search(r"Flash mode: (\w+)", text)[1]}


def seen_by_us(path, status=0):
    got = json.loads(run("--images", "--segments", "--json", path, status=status))
    image = got["images"][0]
    # esptool's place of a segment is that of its header
    return {"segments": [(s["size"], s["address"], s["offset"] - 8) for s in got["segments"]],
            "entry": image["entry"],
            "checksum": (f"0x{image['checksum']:02x}",
                         "valid" if image["checksum_good"] else "invalid"),
            "digest": image["digest"] and {"good": "valid", "bad": "invalid"}[image["digest"]],
            "mode": image["mode"]}


def table(entries):
    """A page of boot records with a partition table (platform.c, user_main.c of the firmware)."""
    page = struct.pack("<BBH", 3 * len(entries), 1, 0)
    return (page + b"".join(struct.pack("<III", *e) for e in entries)).ljust(4096, b"\xff")


def dump(region, kind="53", size=4 * MB, known=True):
    """A flash that has started: the firmware, its table with addresses filled in, an LFS region."""
    low, high = (read(p) for p in pair(kind))
    flash = bytearray(b"\xff" * size)
    flash[:len(low)] = low
    flash[0x10000:0x10000 + len(high)] = high
    if known:
        flash[0x10000:0x11000] = table([
            (101, 0, 0xb000), (4, 0xd000, 0x1000), (5, 0xf000, 0x1000),
            (102, 0x10000, LFS - 0x10000), (103, LFS, REGION),
            (106, MB, size - MB - 0x3000), (6, size - 0x3000, 0x3000)])
    else:
        flash[0x10000:0x11000] = b"\x55" * 4096
    flash[LFS:LFS + len(region)] = region
    return bytes(flash)


def golden_regions():
    paths = glob.glob(GOLDEN + "regions/*.bin") + glob.glob(GOLDEN + "img/*-5[13]*-abs.img")
    paths = sorted(p for p in paths if "-e32" not in p)
    assert len(paths) > 40
    for path in paths:
        name = re.sub(r"(-abs)?\.(bin|img)$", "", os.path.basename(path))
        yield path, f"{GOLDEN}img/{name}.img"


def inflated(data):
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def test_segments_checksum_and_entry_are_those_that_esptool_sees():
    for kind in KINDS:
        low, _ = pair(kind)
        assert seen_by_us(low) == seen_by_esptool(low, "esp8266"), kind


def test_an_esp32_c3_image_has_the_segments_and_the_digest_that_esptool_sees():
    path = out("c3.bin")
    code, text = esptool("--chip", "esp32c3", "elf2image", "-o", path, elf("53-c3"))
    assert code == 0, text
    assert seen_by_us(path) == seen_by_esptool(path, "esp32c3")
    data = bytearray(read(path))
    data[-1] ^= 1
    path = out("c3-bad.bin", data)
    assert seen_by_us(path, status=1) == seen_by_esptool(path, "esp32c3")


def test_an_image_of_version_2_has_the_segments_that_esptool_sees():
    path = out("v2.bin")
    esptool("--chip", "esp8266", "elf2image", "--version", "2", "-o", path, elf("53"))
    ours, theirs = seen_by_us(path), seen_by_esptool(path, "esp8266")
    assert ours == theirs, (ours, theirs)


def test_a_wrong_checksum_is_named_with_its_place():
    data = bytearray(read(pair("53")[0]))
    data[-1] ^= 0x10
    path = out("sum.bin", data)
    assert seen_by_us(path, status=1) == seen_by_esptool(path, "esp8266")
    assert f"offset {len(data) - 1:#x}: checksum".encode() in run.stderr, run.stderr


def test_a_cloud_build_is_the_pair_in_one():
    for kind in KINDS:
        low, high = pair(kind)
        both = json.loads(run("--images", "--segments", "--partitions", "--sections", "--json",
                              cloud(kind)))
        first = json.loads(run("--segments", "--json", low))
        second = json.loads(run("--partitions", "--sections", "--json", high))
        assert both["segments"] == first["segments"]
        same = ["partition", "address", "size"]
        assert [[p[k] for k in same] for p in both["partitions"]] == \
               [[p[k] for k in same] for p in second["partitions"]]
        assert second["sections"][0]["address"] == 0x40210000
        assert second["sections"][0]["size"] == os.path.getsize(high)
        assert [(s["address"], s["size"]) for s in both["sections"]][-1] == \
               (0x40210000, os.path.getsize(high))


def test_the_partition_table_is_read_as_it_was_written():
    rows = json.loads(run("--partitions", "--json", out("d.bin", dump(b""))))["partitions"]
    assert [(r["partition"], r["address"], r["size"]) for r in rows] == [
        ("EAGLEROM", 0, 0xb000), ("RF_CAL", 0xd000, 0x1000), ("PHY_DATA", 0xf000, 0x1000),
        ("IROM0TEXT", 0x10000, LFS - 0x10000), ("LFS0", LFS, REGION),
        ("SPIFFS0", MB, 3 * MB - 0x3000), ("SYSTEM_PARAMETER", 4 * MB - 0x3000, 0x3000)]
    assert all(r["file"] == "whole" and r["fault"] is None for r in rows), rows


def test_the_image_in_a_dump_is_shown_like_the_image_alone():
    views = ["--prototypes", "--code", "--constants", "--upvalues", "--locals", "--globals",
             "--requires"]
    for region, _ in golden_regions():
        if "many" in region or "edge" in region:
            continue
        whole = json.loads(run(*views, "--json", out("d.bin", dump(read(region)))))
        alone = json.loads(run(*views, "--json", region))
        whole.pop("file"), alone.pop("file")
        assert whole == alone, region


def test_what_can_be_done_with_an_image_can_be_done_with_that_in_a_dump():
    image = GOLDEN + "img/app-53.img"
    path = out("d.bin", dump(read(GOLDEN + "regions/app-53.bin")))
    assert run("--id", path)[:64] == run("--id", image)[:64]
    run("--extract", out("a"), image), run("--extract", out("b"), path)
    assert sorted(os.listdir(out("a"))) == sorted(os.listdir(out("b"))) != []
    for name in os.listdir(out("a")):
        assert read(out("a/" + name)) == read(out("b/" + name)), name
    strings = [json.loads(run("--strings", "--json", p))["strings"]
               for p in (path, GOLDEN + "regions/app-53.bin")]
    assert strings[0] == strings[1] != []
    run("--id", out("e.bin", dump(b"")), status=1)


def test_the_image_in_a_dump_is_checked_where_it_stands():
    path = out("d.bin", dump(read(GOLDEN + "regions/app-53.bin")))
    got = json.loads(run("--check", "--json", "--firmware", path, path))
    assert got["verdict"] == "accepted" and "0x96000" in got["file"], got
    got = check(elf("53-wide"), path, status=1)
    assert got["verdict"] == "not safe", got
    flash = bytearray(dump(b""))
    flash[LFS:LFS + 0x1000] = read(GOLDEN + "regions/app-53.bin")[:0x1000]
    assert run("--check", "--json", out("d.bin", flash), status=1)


def test_what_is_extracted_is_the_image_that_the_device_was_given():
    exact = 0
    for region, image in golden_regions():
        for known in (True, False):
            path = out("d.bin", dump(read(region), known=known))
            run("--extract-lfs", "-o", out("lfs.img"), path)
            got, wanted = read(out("lfs.img")), read(image)
            assert run("--id", out("lfs.img"))[:64] == run("--id", image)[:64], region
            # flash does not keep whether a stripped image's upvalues had names
            if "-53" not in region or "-strip" not in region:
                assert inflated(got) == inflated(wanted), region
                exact += 1
            os.remove(out("lfs.img"))
    assert exact > 60, exact


def test_a_region_cut_out_of_a_flash_is_made_relocatable_too():
    region = GOLDEN + "regions/app-53.bin"
    padded = out("r.bin", read(region).ljust(REGION, b"\xff"))
    run("--extract-lfs", "-o", out("lfs.img"), padded)
    assert read(out("lfs.img")) == read(GOLDEN + "img/app-53.img")


def test_the_user_may_say_where_the_region_is():
    path = out("d.bin", dump(read(GOLDEN + "regions/app-53.bin"), known=False))
    for address in (f"{LFS:#x}", f"{LFS + 0x40200000:#x}"):
        run("--extract-lfs", "--lfs-addr", address, "--lfs-size", "256k", "-o", out("lfs.img"), path)
        assert read(out("lfs.img")) == read(GOLDEN + "img/app-53.img")
        os.remove(out("lfs.img"))
    run("--extract-lfs", "--lfs-addr", "0x20000", "-o", out("lfs.img"), path, status=1)
    assert b"0x20000" in run.stderr and not os.path.exists(out("lfs.img")), run.stderr
    for wrong in ("here", "3", ""):
        run("--extract-lfs", "--lfs-addr", wrong, "-o", out("lfs.img"), path, status=2)
    run("--extract-lfs", path, status=2)


def test_a_cut_dump_fails_only_for_what_is_incomplete():
    region = read(GOLDEN + "regions/app-53.bin")
    flash = dump(region)
    end = LFS + len(region)
    path = out("cut.bin", flash[:end])
    run("--extract-lfs", "-o", out("lfs.img"), path)
    assert read(out("lfs.img")) == read(GOLDEN + "img/app-53.img")
    os.remove(out("lfs.img"))
    run(path)
    assert b"SPIFFS0: of 0x100000...0x3fd000 the file has 0 bytes" in run.stderr, run.stderr
    for n in (end - 1, LFS + 100, LFS, 0x20000):
        path = out("cut.bin", flash[:n])
        run("--extract-lfs", "-o", out("lfs.img"), path, status=1)
        assert run.stderr and not os.path.exists(out("lfs.img")), n
    path = out("cut.bin", flash[:end - 1])
    run(path, status=1)
    assert b"LFS at 0x96000" in run.stderr, run.stderr


def test_erased_regions_and_firmware_alone_hold_no_image():
    for data in (dump(b""), read(cloud("53"))):
        path = out("d.bin", data)
        run(path)
        run("--extract-lfs", "-o", out("lfs.img"), path, status=1)
        assert b"LFS" in run.stderr, run.stderr


def test_what_is_no_flash_has_nothing_to_extract():
    for path, words in ((out("empty", b""), b"neither a firmware nor a dump"),
                        (elf("53"), b"an ELF file holds no LFS region"),
                        (GOLDEN + "img/app-53.img", b"neither a dump of a flash")):
        run("--extract-lfs", "-o", out("lfs.img"), path, status=1)
        assert words in run.stderr and not os.path.exists(out("lfs.img")), run.stderr


def test_an_esp32_dump_begins_with_erased_flash():
    image = read(GOLDEN + "img/app-53-e32i32f32-abs.img")
    path = out("c3.bin")
    esptool("--chip", "esp32c3", "elf2image", "-o", path, elf("53-c3"))
    app = read(path)
    subprocess.run(["xtensa-lx106-elf-gcc", "-nostdlib", "-Wl,-Ttext=0x40080000,-estart", "-o",
                    out("boot.elf"), "-xc", "-"], input=b"void start(void) {}", check=True)
    code, text = esptool("--chip", "esp32", "elf2image", "-o", out("boot.bin"), out("boot.elf"))
    assert code == 0, text
    flash = bytearray(b"\xff" * 4 * MB)
    boot = read(out("boot.bin"))
    flash[0x1000:0x1000 + len(boot)] = boot
    entry = struct.Struct("<HBBII16sI")
    table32 = [(0x50aa, 1, 2, 0x9000, 0x6000, b"nvs", 0),
               (0x50aa, 0, 0, 0x20000, 0x100000, b"factory", 0),
               (0x50aa, 0xc2, 1, 0x130000, 0x40000, b"lfs", 0)]
    flash[0x8000:0x8060] = b"".join(entry.pack(*e) for e in table32)
    flash[0x20000:0x20000 + len(app)] = app
    flash[0x130000:0x130000 + len(image)] = image
    path = out("esp32.bin", flash)
    got = json.loads(run("--images", "--partitions", "--lfs", "--json", path))
    assert [(i["offset"], i["chip"], i["digest"]) for i in got["images"]] == \
        [(0x1000, "ESP32", "good"), (0x20000, "ESP32-C3", "good")]
    assert [(r["label"], r["address"]) for r in got["partitions"]] == \
        [("nvs", 0x9000), ("factory", 0x20000), ("lfs", 0x130000)]
    assert got["lfs"][0]["made_for"] == 0x3f430000 and got["lfs"][0]["mapped"] is None
    run("--extract-lfs", "-o", out("lfs.img"), path)
    assert read(out("lfs.img")) == read(GOLDEN + "img/app-53-e32i32f32.img")


def check(firmware, image, status=0):
    return json.loads(run("--check", "--json", "--firmware", firmware, image, status=status))


def used(report):
    """What the image uses that the firmware does not have: {name: "file:line"}"""
    found = (re.match(r'the firmware has no (?:global )?"(.*)", used in (\S+?)(?: and .*)?$',
                      f["cause"]) for f in report["findings"])
    return {m[1]: m[2].rstrip(",") for m in found if m}


def first_line(folder, pattern):
    """Of all sources, in the order of the modules: where a pattern is met first."""
    found = []
    for name in "_init main config sensor publish httpd".split():
        for n, line in enumerate(open(f"{GOLDEN}{folder}/{name}.lua"), 1):
            if re.search(pattern, line):
                found.append(f"{name}.lua:{n}")
    return found


def test_a_bin_and_a_dump_tell_the_same_as_the_elf_file():
    for kind, build in zip(KINDS, ["51f", "51i", "53", "53d"]):
        image = f"{GOLDEN}img/app-{build}.img"
        wanted = check(elf(kind), image)
        assert wanted["verdict"] == "accepted", wanted
        files = [pair(kind)[1], cloud(kind), out("d.bin", dump(b"", kind))]
        for path in files:
            got = check(path, image)
            assert used(got) == used(wanted) and used(got), (kind, path)
            assert got["verdict"] == "accepted", got


def test_an_image_for_another_build_is_refused():
    for kind in KINDS:
        for other, build in zip(KINDS, ["51f", "51i", "53", "53d"]):
            got = check(cloud(kind), f"{GOLDEN}img/app-{build}.img", status=int(other != kind))
            assert (got["verdict"] == "accepted") == (other == kind), (kind, other, got)


def test_globals_that_neither_firmware_nor_image_has_are_named_with_their_line():
    names = used(check(elf("51-double"), GOLDEN + "img/app-51f.img"))
    for name in ("wifi", "tmr", "node"):
        assert names[name] in first_line("app", rf"\b{name}\b[.:]"), names
    for name in ("gpio", "mqtt", "net", "print"):
        assert name not in names, names


def test_a_function_that_a_module_lacks_is_named_with_its_line():
    low, high = (read(p) for p in pair("51-double"))
    assert high.count(b"\0Client\0") == 1
    flash = out("old.bin", low.ljust(0x10000, b"\xff") +
                high.replace(b"\0Client\0", b"\0Klient\0"))
    names = used(check(flash, GOLDEN + "img/app-51f.img"))
    assert names["mqtt.Client"] in first_line("app", r"mqtt\.Client"), names
    assert "mqtt.Client" not in used(check(cloud("51-double"), GOLDEN + "img/app-51f.img"))


def test_the_region_of_the_firmware_s_table_counts():
    flash = bytearray(dump(b""))
    at = flash.index(struct.pack("<III", 103, LFS, REGION))
    flash[at + 8:at + 12] = struct.pack("<I", 0x2000)
    got = check(out("d.bin", flash), GOLDEN + "img/app-53.img", status=1)
    assert any("8192" in f["cause"] for f in got["findings"]), got
    flash[at + 8:at + 12] = bytes(4)
    got = check(out("d.bin", flash), GOLDEN + "img/app-53.img", status=1)
    assert got["findings"][0]["message"] == "No LFS partition allocated", got


def test_what_is_no_firmware_checks_nothing():
    run("--check", "--firmware", pair("53")[0], GOLDEN + "img/app-53.img", status=1)
    assert b"banner" in run.stderr, run.stderr
    run("--check", "--firmware", GOLDEN + "img/app-53.img", GOLDEN + "img/app-53.img", status=1)
    run("--firmware", elf("53"), GOLDEN + "img/app-53.img", status=2)


def test_every_prefix_of_an_image_is_survived():
    for data in (read(cloud("53"))[0xfff0:], read(pair("53")[0])):
        for n in range(0, len(data), 97 if len(data) > 4096 else 5):
            path = out("prefix.bin", data[:n])
            p = subprocess.run([os.environ.get("LFSDUMP", "build/bin/lfsdump"), path],
                               capture_output=True, check=False)
            assert p.returncode in (0, 1), (n, p.returncode, p.stderr[-500:])


main(globals())
