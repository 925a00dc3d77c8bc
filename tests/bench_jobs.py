# SPDX-License-Identifier: MIT
"""What is measured as whole processes, and the files that are made for it. In a command, a word
that is $NAME stands for the path or paths of INPUTS; in a name, {NAME} for one of the sizes."""
import glob
import os
import shlex
import shutil
import struct
import subprocess
from collections import namedtuple

from tap import GOLDEN, LFSDUMP, STRSCAN

Job = namedtuple("Job", "name command peer peer_command aim status", defaults=(None, 0))

XTENSA = "xtensa-lx106-elf-"
NM = XTENSA + "nm -S --size-sort $FIRMWARE"
OBJDUMP = XTENSA + "objdump -d $FIRMWARE"
GZIP = "gzip -dc $IMAGE"
EACH = """sh -c 'for i; do "$0" --json "$i"; done' $LFSDUMP $MANY"""
GZIP_CMP = """sh -c 'gzip -dc "$0" >"$2"; gzip -dc "$1" | cmp - "$2" || :' $OLD $NEW $OUT"""
LUAC = "luac.cross -f -o $OUT $SOURCES"

JOBS = [
    Job("summary of an image", "lfsdump $IMAGE", "gzip -dc", GZIP, 1.5),
    Job("summary of an image", "lfsdump $IMAGE", "empty program, linked alike", "$EMPTY"),
    Job("`--code`", "lfsdump --code $IMAGE", "luac.cross -l -l -p",
        "luac.cross -l -l -p $SOURCES", 1),
    Job("`--check`", "lfsdump --check $IMAGE", "gzip -dc", GZIP),
    Job("`--html`", "lfsdump --html $OUT $IMAGE", "gzip -dc", GZIP),
    Job("`--diff`", "lfsdump --diff $OLD $NEW", "2 gzip -dc, cmp", GZIP_CMP, None, 1),
    Job("`--json`, {images:,} images", "lfsdump --json $MANY", "gzip -dcf, one process",
        "gzip -dcf $MANY"),
    Job("`--json`, {images:,} images", "lfsdump --json $MANY", "lfsdump, one process each", EACH),
    Job("flash dump, {mib} MiB, by its table", "lfsdump --prototypes $DUMP_TABLE", "sha256sum",
        "sha256sum $DUMP_TABLE", 0.5),
    Job("flash dump, {mib} MiB, by search", "lfsdump --prototypes $DUMP_SEARCH", "sha256sum",
        "sha256sum $DUMP_SEARCH", 0.5),
    Job("summary of a firmware", "lfsdump $FIRMWARE", "nm -S --size-sort", NM, 0.5),
    Job("`--symbols`", "lfsdump --symbols $FIRMWARE", "nm -S --size-sort", NM),
    Job("`--rotables`", "lfsdump --rotables $FIRMWARE", "objdump -d", OBJDUMP),
    Job("`--disasm '*'`", "lfsdump --disasm '*' $FIRMWARE", "objdump -d", OBJDUMP, 1),
    Job("`--forecast`", "strscan --forecast $FIRMWARE", "objdump -d", OBJDUMP),
    Job("`--gen`, {lines:,} lines", "strscan --gen $LINES", "lua5.1, %q", "lua5.1 $QUOTE $LINES"),
    Job("`--list`, {lines:,} lines", "strscan --list $LINES", "sort -u", "sort -u $LINES"),
    Job("`--rebuild` of sources", "strscan --rebuild --for lua51-float $SOURCES -o $OUT",
        "luac.cross -f", LUAC),
    Job("`--rebuild` of an image", "strscan --rebuild $IMAGE -o $OUT", "luac.cross -f", LUAC),
]


class Missing(Exception):
    """What a job needs is not on this computer."""


def make_many(stage):
    images = sorted(glob.glob(GOLDEN + "img/app-5*[0-9fi].img"))
    return [shutil.copy(images[i % len(images)], f"{stage.folder}/{i:04}.img")
            for i in range(stage.sizes["images"])]


def make_lines(stage):
    return stage.write("strings.txt", "".join(
        f"home/room{i % 97}/{'temperature' if i % 2 else 'onConnect'}{i}\n"
        for i in range(stage.sizes["lines"])).encode())


def make_quote(stage):
    return stage.write("quote.lua", b"""local seen = {}
for line in io.lines(arg[1]) do
	if not seen[line] then
		seen[line] = true
		io.write(("%q"):format(line), ",\\n")
	end
end
""")


def make_dump(stage, name, table):
    """A flash with an LFS region, which a partition table tells of or nothing."""
    with open(GOLDEN + "regions/app-53.bin", "rb") as f:
        region = f.read()
    flash = bytearray(os.urandom(stage.sizes["mib"] << 20))
    flash[:32] = struct.pack("<4B3I15xB", 0xe9, 1, 2, 0x90, 0x40100004, 0x40100000, 0, 0xef)
    flash[0x10000:0x11000] = table.ljust(4096, b"\xff")
    flash[0x96000:0x96000 + len(region)] = region
    return stage.write(name, flash)


def make_dump_table(stage):
    return make_dump(stage, "table.bin", struct.pack("<BBH6I", 6, 1, 0, 102, 0x10000, 0x86000,
                                                     103, 0x96000, 0x40000))


def make_dump_search(stage):
    return make_dump(stage, "search.bin", b"\x55" * 4096)


def make_firmware(stage):
    """The test firmware, with debug data and, to be as large as a real one, all of picolibc."""
    folder = stage.folder + "/firmware"
    if subprocess.run(["tests/firmware/build.sh", folder], check=False).returncode:
        raise Missing("compilers of the test firmware")
    path, libc = folder + "/large.elf", "/usr/lib/xtensa-lx106-elf/lib/libc.a"
    subprocess.run([XTENSA + "gcc", "-nostdlib", "-nostartfiles", "-Wl,--no-warn-rwx-segments",
                    "-Wl,--noinhibit-exec", "-Wl,--unresolved-symbols=ignore-all",
                    "-Wl,-T,tests/firmware/esp8266.ld", "-o", path,
                    *glob.glob(folder + "/51-double-debug.o/*.o"), "-Wl,--whole-archive",
                    *[libc] * stage.sizes["libc"]], check=False, capture_output=True)
    if not os.path.exists(path):
        raise Missing(libc)
    return path


INPUTS = {
    "LFSDUMP": LFSDUMP,
    "EMPTY": os.path.join(os.path.dirname(LFSDUMP), "bench_empty"),
    "IMAGE": GOLDEN + "img/edge-51f.img",
    "SOURCES": sorted(glob.glob(GOLDEN + "edge/*.lua")),
    "OLD": GOLDEN + "img/app-51f.img",
    "NEW": GOLDEN + "img/appds-51f.img",
    "OUT": lambda stage: stage.folder + "/out",
    "MANY": make_many,
    "LINES": make_lines,
    "QUOTE": make_quote,
    "DUMP_TABLE": make_dump_table,
    "DUMP_SEARCH": make_dump_search,
    "FIRMWARE": make_firmware,
}


class Stage:
    """A folder in which inputs are made when they are first asked for."""

    def __init__(self, folder, sizes):
        self.folder, self.sizes, self.made = folder, sizes, {}

    def write(self, name, data):
        with open(f"{self.folder}/{name}", "wb") as f:
            f.write(data)
        return f.name

    def paths(self, name):
        if name not in self.made:
            made = INPUTS[name]
            made = made(self) if callable(made) else made
            self.made[name] = made if isinstance(made, list) else [made]
        return self.made[name]

    def argv(self, command):
        words = []
        for word in shlex.split(command):
            words += self.paths(word[1:]) if word[0] == "$" else [word]
        words[0] = {"lfsdump": LFSDUMP, "strscan": STRSCAN}.get(words[0], words[0])
        if not shutil.which(words[0]):
            raise Missing(words[0])
        return words
