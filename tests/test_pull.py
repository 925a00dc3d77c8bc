#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --pull: modules come off the simulated board as luac.cross compiled them, or it is said
why not. What the board holds and what is wanted of it are both of tests/golden."""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import GOLDEN, STRSCAN, main, read, run  # noqa: E402

IMAGES = {"51": "51f", "51i": "51i", "53": "53"}
FASTEST = "--fast", "--boot-ms", "10"
# luac.cross wrote this chunk with other numbers than it put into the image.
ODD = {"numbers-51i"}


def pull(variant, folder, image, *args, status=0, **more):
    """Pulls into folder; what was said on stderr, and the files' bytes by module."""
    lfs = ("--lfs", f"{GOLDEN}img/{image}.img") if image else ()
    with Board(variant, *FASTEST, *lfs, *args, **more) as board:
        port = f"tcp:127.0.0.1:{board.path}" if more else board.path
        if more:
            board.socket.close()
        p = subprocess.run([STRSCAN, "-p", port, "--pull", folder], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120, check=False)
        assert p.returncode == status, (p.returncode, p.stderr)
        assert p.stdout == b""
        assert board.state()["continuation"] == "0" and board.state()["globals"] == ""
    files = {}
    for path in glob.glob(folder + "/*"):
        with open(path, "rb") as f:
            files[os.path.basename(path)[:-3]] = f.read()
    return p.stderr.decode(), files


def decoded(image):
    with open(f"{GOLDEN}decoded/{image}.json", encoding="ascii") as f:
        return json.load(f)


def luac(name, build):
    return read(f"{GOLDEN}lc/{name}-{build}.lc")


def differences(a, b):
    assert len(a) == len(b), (len(a), len(b))
    return [(x, y) for x, y in zip(a, b) if x != y]


def test_modules_are_byte_for_byte_what_luac_cross_compiled():
    for variant in "51", "51i":
        build = IMAGES[variant]
        for image in "appds", "edge":
            names = set(decoded(f"{image}-{build}")["modules"])
            with tempfile.TemporaryDirectory() as folder:
                # The largest dump takes more than a device has.
                _, files = pull(variant, folder, f"{image}-{build}", "--heap", "200000")
                assert set(files) == names
                for name in names:
                    if f"{name}-{build}" in ODD:
                        continue
                    assert files[name] == luac(name, build), (variant, name)


def test_in_5_3_the_image_has_another_place_for_env_and_so_has_the_dump():
    for image in "appds-53", "edge-53", "ops53-53":
        whole = decoded(image)
        with tempfile.TemporaryDirectory() as folder:
            _, files = pull("53", folder, image, "--heap", "200000")
            assert set(files) == set(whole["modules"])
            for name, proto in zip(whole["modules"], whole["protos"]):
                assert proto["upvalues"] == [[None, 0, 0]]
                assert differences(files[name], luac(name, "53")) == [(0, 1)], name


def slots(protos):
    """What lfsdump says of functions, as far as it does not depend on where they are stored."""
    kept = "source", "line_first", "line_last", "params", "vararg", "stack", "nups", "upvalues", \
        "constants", "code", "lines", "locals"
    return [{k: p[k] for k in kept} for p in protos]


def test_lfsdump_reads_them_with_the_debug_data_that_the_image_has():
    for variant, image in (("51", "app-51f-debug0"), ("51", "app-51f-debug2"),
                           ("51i", "app-51i-debug0"), ("53", "app-53-debug0"),
                           ("53", "app-53-strip")):
        whole = json.loads(run("--json", f"{GOLDEN}img/{image}.img"))
        with tempfile.TemporaryDirectory() as folder:
            _, files = pull(variant, folder, image)
            assert len(files) == len(decoded(image)["modules"])
            for name in files:
                chunk = json.loads(run("--json", f"{folder}/{name}.lc"))
                of_image = [p for p in whole["prototypes"] if p["module"] == name]
                assert slots(chunk["prototypes"]) == slots(of_image), (image, name)


def test_telnet_gives_the_same():
    with tempfile.TemporaryDirectory() as folder:
        _, files = pull("51", folder, "appds-51f", telnet=True)
        assert files["main"] == luac("main", "51f") and len(files) == 7


def test_firmware_of_before_node_lfs_gives_them_by_flashindex():
    with tempfile.TemporaryDirectory() as folder:
        _, files = pull("51", folder, "app-51f", "--fault", "missing=node.LFS")
        assert files["main"] == luac("main", "51f") and len(files) == 6


def test_a_damaged_line_is_read_again():
    for fault in "flip=4000", "noise=3000", "lose=6000":
        with tempfile.TemporaryDirectory() as folder:
            _, files = pull("51i", folder, "app-51i", "--fault", fault)
            for name in decoded("app-51i")["modules"]:
                assert files[name] == luac(name, "51i"), (fault, name)


def test_it_is_said_where_there_is_nothing_to_be_had():
    for args, image, words in (
            (("--fault", "missing=string.dump"), "app-51f", "this firmware has no string.dump"),
            (("--fault", "dump"), "app-51f", "refuses functions in flash"),
            ((), None, "there is no image in it, or"),
            (("--fault", "missing=node"), "app-51f", "there is no image in it, or")):
        with tempfile.TemporaryDirectory() as folder:
            said, files = pull("51", folder, image, *args, status=1)
            assert words in said and not files, (args, said)


def test_a_module_that_is_too_large_is_told_of_and_the_others_come():
    with tempfile.TemporaryDirectory() as folder:
        said, files = pull("51", folder, "edge-51f", "--heap", "12000", status=1)
        assert "biglist: not enough memory" in said and "1 of 6" in said, said
        assert "biglist" not in files and files["strings"] == luac("strings", "51f")


main(dict(globals()))
