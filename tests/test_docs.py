#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""README.md and docs/: each transcript ("    $ COMMAND" and what stands below it) is what the
programs print, and each other command that they show runs. With DOCS_UPDATE=1 transcripts are
written anew instead; read the diff."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import LFSDUMP, Skip, main  # noqa: E402
from tui_tmux import Browser  # noqa: E402

FILES = ["README.md", *sorted(glob.glob("docs/*.md"))]
BIN = os.path.abspath(os.path.dirname(LFSDUMP))
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": BIN + ":" + os.environ["PATH"]}
TRANSCRIPT = re.compile(r"^    \$ (.*)\n((?:    .*\n|\n(?=    (?!\$)))*)", re.M)
GAIN = "samples/lfs-51-double-strings.img"
IMAGE = "samples/lfs-51-double.img"


def text_of(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def simulated(folder, telnet=False):
    """A board with the image in its region and its file system, as the port "board"."""
    os.makedirs(folder + "/fs", exist_ok=True)
    shutil.copy(IMAGE, folder + "/fs/lfs.img")
    return Board("51", "--fast", "--boot-ms", "20", "--fs", folder + "/fs", "--lfs", IMAGE,
                 *(["--telnet", "0"] if telnet else ["--link", folder + "/board"]), listen=False)


def output(command):
    """Run where there is nothing but samples, so that outputs can have plain names."""
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath("samples"), folder + "/samples")
        if " -p board " not in command:
            return output_in(folder, command)
        with simulated(folder):
            return output_in(folder, command)


def output_in(folder, command):
    p = subprocess.run(["sh", "-c", command], capture_output=True, env=ENV, check=False,
                       cwd=folder)
    lines = (p.stdout + p.stderr).decode().splitlines()
    return "".join(("    " + line).rstrip() + "\n" for line in lines)


def test_transcripts_are_what_the_programs_print():
    told = []
    for name in FILES:
        text = text_of(name)
        new = TRANSCRIPT.sub(lambda m: f"    $ {m[1]}\n{output(m[1])}", text)
        if "built without capstone" in new:
            raise Skip("built without capstone")
        if os.environ.get("DOCS_UPDATE"):
            with open(name, "w", encoding="utf-8") as f:
                f.write(new)
        elif new != text:
            p = subprocess.run(["diff", "-u", name, "-"], input=new.encode(), capture_output=True,
                               check=False)
            told.append(p.stdout.decode())
    assert not told, "\n".join(told)


def commands(name):
    """Those without output: at the start of an indented line, up to two spaces."""
    rest = TRANSCRIPT.sub("", text_of(name))
    return re.findall(r"^    ((?:lfsdump|strscan|lfstui|find|printf|parallel)\b.*?)(?:   *\S.*)?$", rest, re.M)


# What a reader would have: its name in the commands, and how it is made of what is here.
STAGE = f"""
set -e
ln -s {os.path.abspath('samples')} samples
ln -s {os.path.abspath('tests/golden')} golden
mkdir src out
cp samples/*.lua .
cp samples/_init.lua samples/config.lua samples/httpd.lua samples/main.lua samples/publish.lua \\
	samples/sensor.lua src
cp {IMAGE} old.img
cp {GAIN} new.img
echo 'return 1' >test.lua
strscan --rebuild --for lua51-float src/*.lua -o lfs.img
cp samples/main-51-double.lc main.lc
cp samples/firmware-51-double.elf firmware.elf
cp samples/firmware-51-double.elf old.elf
cp samples/firmware-51-double.elf new.elf
cp samples/firmware-51-double.elf nodemcu.bin
strscan --rebuild {IMAGE} --base 0x40296000 -o region
(head -c 614400 /dev/zero | tr '\\0' '\\377'; cat region) >dump.bin
cp golden/ram/heap-51.bin heap.bin
cp samples/capture-51.json today.json
cp samples/capture-51.json monday.json
mkdir archive
cp samples/*.img archive
""".replace("samples/*.lua .\n", "samples/main.lua .\n")


def stage(folder):
    p = subprocess.run(["sh", "-c", STAGE], capture_output=True, env=ENV, cwd=folder, check=False)
    assert p.returncode == 0, p.stderr.decode()
    with open("tests/golden/console/boot-51.jsonl", encoding="utf-8") as f, \
            open(folder + "/boot.log", "wb") as out:
        for line in f:
            out.write(bytes.fromhex(json.loads(line)["hex"]))
    with Board("51", "--fast", "--boot-ms", "20") as b, \
            open(folder + "/console.log", "w", encoding="utf-8") as out:
        b.read_until(b"> ")
        out.write(b.run("for i,s in ipairs(debug.getstrings'RAM')do print(i,('%q'):format(s))end"))


def in_terminal(folder, command):
    with open(folder + "/run", "w", encoding="utf-8") as f:
        f.write(f"cd {folder}\nexport PATH='{ENV['PATH']}'\nexec {command}\n")
    with Browser(folder + "/run", program="sh", cols=100) as b:
        b.sees("Q quit")
        b.keys("Q")
        assert b.ends() == 0, command


def run_one(folder, command, telnet):
    command = command.replace("/dev/ttyUSB0@115200", "board").replace("/dev/ttyUSB0", "board")
    command = command.replace("tcp:192.168.1.77", f"tcp:127.0.0.1:{telnet}")
    command = command.replace(" PORT", " board").replace("--every 60", "--every 1")
    command = re.sub(r" \.\.\.$", "", command)
    if command.startswith("lfstui") or " --tui " in command:
        return in_terminal(folder, command)
    if re.search(r"--(optimize|reload|restore|upload)", command):  # asks in a terminal only
        command = f"script -qefc '{command}' /dev/null"
    p = subprocess.run(["sh", "-c", command.replace("| ncdu -f -", "| ncdu -0 -o /dev/null -f -")],
                       capture_output=True, cwd=folder, check=False, input=b"y\n", timeout=120,
                       env={**ENV, "STRSCAN_PORT": "board"})
    # That two files differ, or modules are not what their sources are, is status 1 without a word.
    differs = p.returncode == 1 and not p.stderr and "--diff" in command
    assert p.returncode == 0 or differs, (command, p.returncode, p.stderr.decode())
    # What has no file to write to must have printed something.
    assert p.stdout or p.stderr or re.search(r" -o |> |\| ncdu|--guard", command), command
    return None


def run_all(name):
    with tempfile.TemporaryDirectory() as folder:
        stage(folder)
        with simulated(folder), simulated(folder + "/net", telnet=True) as net:
            for command in commands(name):
                run_one(folder, command, net.path)


def document(name):
    return lambda: run_all(name)


for file_name in FILES:
    if commands(file_name):
        title = re.sub(r"\W", "_", file_name)
        globals()[f"test_every_command_of_{title}_runs"] = document(file_name)


def git(folder, *args):
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@y", *args],
                   capture_output=True, check=True)


def test_the_recipe_for_ci_tells_what_a_change_does():
    """Its steps that are not GitHub's own, in a repository with a branch."""
    steps = re.findall(r"- name: (.*?)(?:  +#.*)?\n +run: (\|\n(?: {10}.*\n)+|.*\n)",
                       text_of("docs/ci.md"))
    assert [s[0] for s in steps][2:] == ["Build the image as it was, and as it will be",
                                         "Would the device take it?", "What changes"], steps
    with tempfile.TemporaryDirectory() as folder:
        work = folder + "/work"
        shutil.copytree("samples", work + "/src", ignore=shutil.ignore_patterns("*[!a]", "dummy*"))
        git(work, "init", "-q", "-b", "main")
        git(work, "add", ".")
        git(work, "commit", "-qm", "before")
        git(work, "update-ref", "refs/remotes/origin/main", "HEAD")
        with open(work + "/src/config.lua", "a", encoding="utf-8") as f:
            f.write("-- a remark\n")
        with open(work + "/src/more.lua", "w", encoding="utf-8") as f:
            f.write("return 'something new'\n")
        git(work, "add", ".")
        git(work, "commit", "-qm", "after")
        env = {**ENV, "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": folder + "/summary"}
        for name, body in steps[2:]:
            p = subprocess.run(["bash", "-e", "-c", body.lstrip("|")], cwd=work, env=env,
                               capture_output=True, check=False)
            assert p.returncode == 0, (name, p.stdout.decode(), p.stderr.decode())
        summary = text_of(folder + "/summary")
        assert re.search(r"\| more \| added \|", summary) and "| httpd |" not in summary, summary


def test_make_knows_every_target_that_is_named():
    names = set()
    for name in FILES + ["CONTRIBUTING.md"]:
        names |= set(re.findall(r"(?:^    |`)make ([a-z][a-z-]*)", text_of(name), re.M))
    assert len(names) > 5, names
    for name in sorted(names):
        p = subprocess.run(["make", "-n", name], capture_output=True, check=False)
        assert p.returncode == 0, (name, p.stderr.decode())


def test_the_second_command_of_the_readme_is_what_ci_runs():
    setup = re.findall(r"^    (sh \.ci/setup .*)$", text_of("README.md"), re.M)
    assert len(setup) == 2 and setup[1] in text_of(".ci/run"), setup


def test_the_set_up_for_tests_installs_what_the_packages_are_built_with():
    got = set(" ".join(re.findall(r"^(?:build='|test=\"\$build)([^'\"]*)", text_of(".ci/setup"), re.M)).split())
    needs = re.search(r"^Build-Depends:((?:.*\n)(?: .*\n)*)", text_of("debian/control"), re.M)[1]
    want = {n.split()[0].replace("-compat", "") for n in needs.split(",")} | {"build-essential"}
    assert want <= got, want - got


def test_links_lead_somewhere():
    for name in FILES + ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]:
        for to in re.findall(r"\]\(([^)#]+)", text_of(name)):
            path = os.path.join(os.path.dirname(name), to)
            assert "://" in to or os.path.exists(path), (name, to)


main(globals())
