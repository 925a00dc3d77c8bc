#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Built without a disassembler, everything but the disassembly works, and that says what it lacks."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, "tests")
from tap import LFSDUMP, Skip, main, run  # noqa: E402

BUILD = os.path.dirname(os.path.dirname(LFSDUMP))
COPY = BUILD + "/no-capstone"
ELF = "samples/firmware-51-double.elf"


def programs():
    """lfsdump and strscan of the same build, linked once more with no capstone to be found."""
    if os.path.exists(COPY):
        shutil.rmtree(COPY)
    shutil.copytree(BUILD + "/obj", COPY + "/obj", copy_function=os.link)
    # the compiler writes what depends on what in place, which would be the build's own
    for kind in ["o", "d"]:
        os.remove(f"{COPY}/obj/common/firmware/insn_text.{kind}")
    lfsdump, strscan = COPY + "/bin/lfsdump", COPY + "/bin/strscan"
    p = subprocess.run(["make", "BUILD=" + COPY, "DEPS=/nonexistent", lfsdump, strscan],
                       capture_output=True, check=False)
    assert p.returncode == 0, p.stderr.decode()
    return lfsdump, strscan


def out(*argv, status=0):
    p = subprocess.run(argv, capture_output=True, check=False)
    assert p.returncode == status, (argv, p.returncode, p.stderr)
    return p.stdout, p.stderr


def test_all_but_the_disassembly_works_without_capstone():
    lfsdump, strscan = programs()
    try:
        _, err = out(lfsdump, "--disasm", "gpio.mode", ELF, status=1)
        if b"gpio" not in err and not err:
            raise Skip("the system has a capstone 6")
        assert b"built without capstone 6: no disassembly" in err, err
        for args in ([], ["--rotables"], ["--symbols"], ["--json"]):
            assert out(lfsdump, *args, ELF)[0] == run(*args, ELF), args
        with open(BUILD + "/obj/common/firmware/insn_text.d", encoding="utf-8") as f:
            assert COPY not in f.read()
        image = "samples/lfs-51-double.img"
        assert out(lfsdump, "--check", "--firmware", ELF, image)[0]
        rows = json.loads(out(strscan, "--forecast", ELF, "-F", "json")[0])
        assert "net.socket" in json.dumps(rows)
    finally:
        shutil.rmtree(COPY)


if __name__ == "__main__":
    main(globals())
