#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Manual pages and completions: whole, as the tools and shells that read them take them."""
import atexit
import glob
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from tap import LFSDUMP, STRSCAN, Skip, main, run  # noqa: E402

LFSTUI = os.environ.get("LFSTUI", "build/bin/lfstui")
PROGRAMS = {"lfsdump": LFSDUMP, "strscan": STRSCAN, "lfstui": LFSTUI}
BUILD = os.path.dirname(os.path.dirname(LFSDUMP))
BIN = os.path.abspath(os.path.dirname(LFSDUMP))
PAGES = ["lfsdump.1", "strscan.1", "lfstui.1", "lfs-image.5"]
SHELLS = {"bash": "bash-completion/completions/%s", "zsh": "zsh/site-functions/_%s",
          "fish": "fish/vendor_completions.d/%s.fish"}
ENV = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
work = tempfile.mkdtemp()
atexit.register(shutil.rmtree, work)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def need(program):
    if not shutil.which(program):
        raise Skip(f"no {program}")


def options(program):
    """[("s", "strings"), ...] of --help."""
    text = run("--help", program=PROGRAMS[program]).decode()
    found = re.findall(r"^  (?:-(.), |    )--([a-z0-9-]+)", text, re.M)
    assert len(found) >= 8 and ("h", "help") in found, text
    return found


def rendered(page):
    """The page as man shows it, without bold and underlined characters."""
    need("mandoc")
    p = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=80", f"{BUILD}/man/{page}"],
                       capture_output=True, check=False)
    return re.sub(".\b", "", p.stdout.decode())


def section(page, name):
    text = rendered(page)
    found = re.search(rf"^{name}\n(.*?)^(?=[A-Z])", text, re.M | re.S)
    assert found, f"no {name} in {page}"
    return found[1]


def make(*args):
    p = subprocess.run(["make", f"BUILD={BUILD}", *args], capture_output=True, env=ENV,
                       stdin=subprocess.DEVNULL, check=False)
    assert p.returncode == 0, p.stderr


def install(folder):
    make("install", f"DESTDIR={folder}", "PREFIX=/usr")
    return {os.path.relpath(os.path.join(d, name), folder)
            for d, _, names in os.walk(folder) for name in names}


def share():
    """Where completions are installed."""
    folder = f"{work}/installed"
    if not share.done:
        install(folder)
        share.done = True
    return f"{folder}/usr/share"


share.done = False


def samples():
    """A folder with files as the pages' examples call them."""
    folder = f"{work}/samples"
    if os.path.isdir(folder):
        return folder
    os.makedirs(f"{folder}/src")
    for name, source in {"lfs.img": "lfs-51-double.img", "old.img": "lfs-51-double.img",
                         "new.img": "lfs-51-double-strings.img", "main.lc": "main-51-double.lc",
                         "firmware.elf": "firmware-51-double.elf",
                         "board.json": "capture-51.json"}.items():
        shutil.copy(f"samples/{source}", f"{folder}/{name}")
    for module in "_init main config sensor publish httpd".split():
        shutil.copy(f"samples/{module}.lua", f"{folder}/src")
    shutil.copy("tests/golden/console/snippet-51.jsonl", f"{folder}/console.log")
    return folder


def test_every_option_of_the_help_is_an_item_of_the_page():
    for program in PROGRAMS:
        items = {tuple(re.findall(r"(?<![\w-])--?([\w-]+)", line.split("  ")[0]))
                 for line in re.findall(r"^     (-.*)", section(f"{program}.1", "OPTIONS"), re.M)}
        for letter, name in options(program):
            assert ((letter, name) if letter else (name,)) in items, (program, letter, name)


def test_every_column_that_columns_help_names_is_in_the_page():
    for program, asked in {"lfsdump": [[], ["--check"], ["--against", "."], ["--disasm", "x"],
                                       ["--diff"]],
                           "strscan": [["--list"], ["--census"], ["--forecast", "x"]]}.items():
        views = {}
        for part in re.split(r"^   (?=\S)", section(f"{program}.1", "COLUMNS"), flags=re.M)[1:]:
            title, _, text = part.partition("\n")
            views[title] = set(re.findall(r"^     ([a-z0-9_]+)(?:   .*)?$", text, re.M))
        for args in asked:
            text = run(*args, "--columns", "help", program=PROGRAMS[program]).decode()
            for part in text.split("\n\n"):
                title = re.match(r"(--[^:]+):", part)
                title = title[1] if title else args[0]
                if args == ["--diff"]:
                    title = "--diff " + title
                columns = set(re.findall(r"^  ([a-z0-9_]+) ", part, re.M))
                assert columns and title in views, (program, title, sorted(views))
                assert columns <= views[title], (title, columns - views[title])


def test_every_key_of_the_browser_is_in_its_page():
    keys = section("lfstui.1", "KEYS")
    rows = re.findall(r'^\t\{ \{ ([^0}][^}]*) \},\s*DO_\w+,\s*"([^"]+)"', read("tui/keys.c"), re.M)
    assert len(rows) > 20
    flat = " ".join(keys.split())
    for _, text in rows:
        assert text in flat, text
    assert re.search(r"^     Up, k ", keys, re.M) and re.search(r"^     F1, \? ", keys, re.M)


def test_mandoc_finds_nothing_to_warn_of():
    need("mandoc")
    for page in PAGES:
        p = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", f"{BUILD}/man/{page}"],
                           capture_output=True, check=False)
        assert p.returncode == 0 and not p.stdout, (page, p.stdout.decode())


def test_no_marker_is_left_and_each_page_begins_with_what_it_is():
    for page in PAGES:
        assert "@" not in "".join(re.findall(r'^\.\\".*', read(f"{BUILD}/man/{page}"), re.M)), page
        lines = rendered(page).splitlines()
        assert lines[2] == "NAME" and page.split(".")[0] in lines[3], lines[:4]


def test_the_examples_of_the_pages_run():
    done = 0
    env = {**ENV, "PATH": f"{BIN}:{os.environ['PATH']}"}
    for program in ("lfsdump", "strscan"):
        for line in re.findall(r"^\.Dl (.*)", read(f"man/{program}.1"), re.M):
            command = line.replace("\\(ti", "~").replace("\\-", "-")
            known = re.search(r"lfs\.img|firmware\.elf|\.json|console|main\.lc|old\.img|src", line)
            others = [w for w in re.findall(r"(?:[|]|&&) (\w+)", command) if not shutil.which(w)]
            if line.startswith("lfsdump: ") or "/dev/tty" in line or not known or others or \
               "dot" in others:
                continue
            command = re.sub(r"&& ncdu.*", "", command)
            status = 1 if "--diff" in command else 0
            p = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=samples(), env=env,
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                               check=False)
            assert p.returncode == status, (command, p.returncode, p.stderr[-500:])
            done += 1
    assert done >= 20, done


def test_completions_name_every_option_and_no_other():
    for program in PROGRAMS:
        names = {f"--{name}" for _, name in options(program)}
        letters = {f"-{letter}" for letter, _ in options(program) if letter}
        files = {shell: read(f"{share()}/{path % program}") for shell, path in SHELLS.items()}
        offered = set(re.search(r"words='(--?[^']*)'\n", files["bash"])[1].split())
        assert offered == names | letters, offered ^ (names | letters)
        fish = re.findall(r"^complete -c \w+ -l ([\w-]+)(?: -s (\S))?", files["fish"], re.M)
        assert sorted((letter, name) for name, letter in fish) == sorted(options(program))
        calls = files["zsh"].split("_arguments -s -S")[1]
        assert set(re.findall(r"['*{,](--[\w-]+)(?==?-?[\[}])", calls)) == names
        assert set(re.findall(r"\{(-\w)\+?,", calls)) == letters


class Terminal:
    """A shell in a terminal: what a line becomes when Tab is pressed behind it."""
    begin = {
        "bash": ["bash", "--noprofile", "--norc", "-i"],
        "zsh": ["zsh", "-f", "-i"],
    }
    setup = {
        "bash": "PS1='> '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'\n"
                ". /usr/share/bash-completion/bash_completion\n"
                "bind -x '\"\\C-o\": echo \"<$READLINE_LINE>\"; READLINE_LINE='\n",
        "zsh": "PS1='> '; unsetopt beep; fpath=({share}/zsh/site-functions $fpath)\n"
               "autoload -U compinit; compinit -u -D\n"
               "show() {{ local line=$BUFFER; BUFFER=; zle -I; print -r -- \"<$line>\" }}\n"
               "zle -N show; bindkey '^O' show\n",
    }

    def __init__(self, shell):
        env = {**ENV, "PATH": f"{BIN}:{os.environ['PATH']}", "XDG_DATA_DIRS": share(),
               "HOME": work, "TERM": "dumb", "INPUTRC": "/dev/null", "LC_ALL": "C.UTF-8"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(samples())
            os.execvpe(shell, self.begin[shell], env)
        os.write(self.fd, self.setup[shell].format(share=share()).encode())
        os.write(self.fd, b"echo rea''dy\n")
        self.wait(r"\nready")

    def wait(self, pattern, seconds=20):
        seen, end = "", time.monotonic() + seconds
        while not re.search(pattern, seen):
            left = end - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], (pattern, seen[-500:])
            seen += os.read(self.fd, 4096).decode(errors="replace").replace("\r", "")
        return re.search(pattern, seen)

    def complete(self, line):
        os.write(self.fd, line.encode() + b"\t\x0f")
        return self.wait(r"<(.*)>\n\s*> ")[1].rstrip()

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


CASES = [
    ("lfsdump --protot", "lfsdump --prototypes"),
    ("lfsdump --color=al", "lfsdump --color=always"),
    ("lfsdump --check --for lua51-i", "lfsdump --check --for lua51-int"),
    ("lfsdump --strings --columns length,buc", "lfsdump --strings --columns length,bucket"),
    ("lfsdump --strings --columns=+buc", "lfsdump --strings --columns=+bucket"),
    ("lfsdump --strings --sort -buc", "lfsdump --strings --sort -bucket"),
    ("lfsdump --strings --sort=-buc", "lfsdump --strings --sort=-bucket"),
    ("lfsdump --xref print --columns +stri", "lfsdump --xref print --columns +string"),
    ("lfsdump --rotables --columns addr", "lfsdump --rotables --columns address"),
    ("lfsdump --help=ba", "lfsdump --help=bash"),
    ("lfsdump --against s", "lfsdump --against src/"),
    ("lfsdump --banner cons", "lfsdump --banner console.log"),
    ("lfsdump --output=cons", "lfsdump --output=console.log"),
    ("lfsdump --base cons", "lfsdump --base cons"),
    ("lfsdump lf", "lfsdump lfs.img"),
    ("strscan --strip lo", "strscan --strip locals"),
    ("strscan --hash=fa", "strscan --hash=fast"),
    ("strscan -F js", "strscan -F json"),
    ("strscan --share=ne", "strscan --share=never"),
    ("strscan --rebuild --for lua51-i", "strscan --rebuild --for lua51-int"),
    ("strscan --list --columns verd", "strscan --list --columns verdict"),
    ("strscan --rebuild board", "strscan --rebuild board.json"),
    ("lfstui --theme mo", "lfstui --theme mono"),
    ("lfstui board", "lfstui board.json"),
]


def check_terminal(shell):
    need(shell)
    t = Terminal(shell)
    for line, whole in CASES:
        found = t.complete(line)
        assert found == whole, (line, found)
    t.close()


def test_bash_completes_options_their_arguments_and_files():
    if not os.path.exists("/usr/share/bash-completion/bash_completion"):
        raise Skip("no bash-completion")
    check_terminal("bash")


def test_zsh_completes_options_their_arguments_and_files():
    check_terminal("zsh")


def test_fish_completes_options_their_arguments_and_files():
    need("fish")
    env = {**ENV, "PATH": f"{BIN}:{os.environ['PATH']}", "XDG_DATA_DIRS": share(), "HOME": work}
    for line, whole in CASES:
        if " --sort -" in line:  # fish takes every word with a - for an option
            continue
        p = subprocess.run(["fish", "-c", "complete -C $argv[1]", line], cwd=samples(), env=env,
                           capture_output=True, check=False)
        found = [row.split("\t")[0] for row in p.stdout.decode().splitlines()]
        expected = [whole.split()[-1]] if whole != line else []
        assert found == expected, (line, found, p.stderr)


def fish_rows(line):
    env = {**ENV, "PATH": f"{BIN}:{os.environ['PATH']}", "XDG_DATA_DIRS": share(), "HOME": work}
    p = subprocess.run(["fish", "-c", "complete -C $argv[1]", line], cwd=samples(), env=env,
                       capture_output=True, check=False)
    return [row.partition("\t")[::2] for row in p.stdout.decode().splitlines()]


def test_fish_tells_of_a_word_what_that_is_and_not_what_the_option_is():
    need("fish")
    for program in ("lfsdump", "strscan"):
        table = run("--for", "help", program=PROGRAMS[program]).decode().splitlines()
        kinds = [tuple(line.split(None, 1)) for line in table]
        assert len(kinds) > 5 and sorted(kinds) == sorted(fish_rows(f"{program} --for ")), program
    assert sorted(fish_rows("lfstui --theme ")) == [("dark", ""), ("light", ""), ("mono", "")]


def test_what_completions_offer_for_an_argument_the_programs_take():
    offered = {}
    for program in PROGRAMS:
        text = read(f"{share()}/{SHELLS['bash'] % program}")
        for option, words in re.findall(r"(--[\w-]+)=\) words='([^']*)'", text):
            offered[program, option] = words.split()
    assert len(offered) >= 9, offered
    for (program, option), words in offered.items():
        for word in words:
            p = subprocess.run([PROGRAMS[program], f"{option}={word}"], capture_output=True,
                               stdin=subprocess.DEVNULL, check=False)
            assert b" takes " not in p.stderr, (program, option, word, p.stderr)
        p = subprocess.run([PROGRAMS[program], f"{option}=nothing"], capture_output=True,
                           stdin=subprocess.DEVNULL, check=False)
        assert p.returncode == 2, (program, option)


def test_uninstall_removes_what_install_put_and_nothing_else():
    folder = f"{work}/a destination"
    os.makedirs(f"{folder}/usr/share/man/man1")
    shutil.copy("LICENSE", f"{folder}/usr/share/man/man1/other.1")
    before = {"usr/share/man/man1/other.1"}
    there = install(folder)
    for program in PROGRAMS:
        assert {f"usr/bin/{program}", f"usr/share/man/man1/{program}.1"} <= there, there
        assert {f"usr/share/{path % program}" for path in SHELLS.values()} <= there, there
    assert "usr/share/man/man5/lfs-image.5" in there
    p = subprocess.run([f"{folder}/usr/bin/lfsdump", "--version"], capture_output=True, check=False)
    assert p.returncode == 0 and p.stdout.startswith(b"lfsdump ")
    make("uninstall", f"DESTDIR={folder}", "PREFIX=/usr")
    left = [f for f in glob.glob(f"{folder}/**", recursive=True) if not os.path.isdir(f)]
    assert {os.path.relpath(f, folder) for f in left} == before, left


def test_folders_that_would_break_the_installation_are_refused_before_anything_is_made():
    here = set(os.listdir("."))
    empty = f"{work}/empty"
    bad = [("PREFIX", p) for p in ("rel", "", "./rel", f"{work}/w:x", f"{work}/a&q|r", f"{work}/a'b",
                                   f"{work}/a|b", f"{work}/a&b", f"{work}/a\\b", f"{work}/a\nb")]
    bad += [("DESTDIR", "rel"), ("DESTDIR", f"{work}/w:x"), ("LIBDIR", "lib"), ("MANDIR", "x'y")]
    for name, value in bad:
        for goal in ("install", "install-library", "uninstall"):
            p = subprocess.run(["make", f"BUILD={empty}", f"PREFIX={work}/fine", f"{name}={value}",
                                goal], capture_output=True, env=ENV, check=False)
            assert p.returncode, (name, value, goal)
            assert f"{name} must" in p.stderr.decode(), (name, value, goal, p.stderr)
    assert set(os.listdir(".")) == here and not os.path.exists(f"{work}/w")
    assert not os.path.exists(empty) and not os.path.exists(f"{work}/fine")


def test_a_prefix_may_have_blanks():
    prefix = f"{work}/a prefix"
    make("install", f"PREFIX={prefix}", "DESTDIR=")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nodemcu-lfs"], check=True,
                           env={**ENV, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"},
                           capture_output=True).stdout.decode()
    assert shlex.split(flags)[:2] == [f"-I{prefix}/include", f"-L{prefix}/lib"], flags
    make("uninstall", f"PREFIX={prefix}", "DESTDIR=")
    assert not [f for _, _, names in os.walk(prefix) for f in names]


def test_install_tells_where_the_library_is_when_programs_would_not_find_it():
    def told(*args):
        p = subprocess.run(["make", f"BUILD={BUILD}", "install-library", *args], env=ENV,
                           capture_output=True, check=True)
        return [line for line in p.stdout.decode().splitlines() if "LD_LIBRARY_PATH" in line]
    lines = told(f"PREFIX={work}/far", "DESTDIR=")
    assert len(lines) == 1 and lines[0].endswith(f"LD_LIBRARY_PATH={work}/far/lib"), lines
    assert "run ldconfig" in lines[0]
    # Packages do that for their own.
    assert not told("PREFIX=/usr", f"DESTDIR={work}/packed")


if __name__ == "__main__":
    main(dict(globals()))
