#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The transcripts in README.md ("    $ COMMAND" and what stands below it) are what the programs
print. With README_UPDATE=1 they are written anew instead; read the diff."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import LFSDUMP, Skip, main  # noqa: E402

BIN = os.path.abspath(os.path.dirname(LFSDUMP))


def output(command):
    """Run where there is nothing but samples, so that outputs can have plain names."""
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath("samples"), folder + "/samples")
        if " -p board " not in command:
            return output_in(folder, command)
        os.mkdir(folder + "/fs")
        shutil.copy("samples/lfs-51-double.img", folder + "/fs/lfs.img")
        with Board("51", "--fast", "--boot-ms", "20", "--link", folder + "/board", "--fs",
                   folder + "/fs", "--lfs", "samples/lfs-51-double.img", listen=False):
            return output_in(folder, command)


def output_in(folder, command):
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": BIN + ":" + os.environ["PATH"]}
    p = subprocess.run(["sh", "-c", command], capture_output=True, env=env, check=False,
                       cwd=folder)
    lines = (p.stdout + p.stderr).decode().splitlines()
    return "".join(("    " + line).rstrip() + "\n" for line in lines)


def renewed(text):
    return re.sub(r"^    \$ (.*)\n((?:    .*\n|\n(?=    (?!\$)))*)",
                  lambda m: f"    $ {m[1]}\n{output(m[1])}", text, flags=re.M)


def test_transcripts_are_what_the_programs_print():
    text = open("README.md").read()
    new = renewed(text)
    if "built without capstone" in new:
        raise Skip("built without capstone")
    assert new.count("    $ ") >= 2
    if os.environ.get("README_UPDATE"):
        open("README.md", "w").write(new)
    elif new != text:
        p = subprocess.run(["diff", "-u", "README.md", "-"], input=new.encode(),
                           capture_output=True, check=False)
        raise AssertionError(p.stdout.decode())


main(globals())
