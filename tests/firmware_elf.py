# SPDX-License-Identifier: MIT
"""The test firmwares: built once a run, and what binutils say of them."""
import atexit
import os
import shutil
import struct
import subprocess
import tempfile

from tap import Skip

NAMES = ["51-double", "51-integer", "53", "53-wide", "51-double-debug", "53-c3"]
_folder = []


def build():
    """The folder with NAME.elf of each, and the objects in NAME.o."""
    if not _folder:
        folder = tempfile.mkdtemp(prefix="firmware-")
        atexit.register(shutil.rmtree, folder)
        p = subprocess.run(["tests/firmware/build.sh", folder], capture_output=True, check=False)
        if p.returncode == 77:
            raise Skip("no compiler for Xtensa and RISC-V")
        assert p.returncode == 0, p.stderr.decode()
        _folder.append(folder)
    return _folder[0]


def elf(name):
    return f"{build()}/{name}.elf"


def binutils(tool, name, *args):
    prefix = "riscv64-unknown-elf-" if name.endswith("-c3") else "xtensa-lx106-elf-"
    return subprocess.run([prefix + tool, *args], capture_output=True, check=True).stdout.decode()


def nm(name, path=None):
    """(name, address, size or 0, letter) of every symbol that has a place."""
    rows = []
    for line in binutils("nm", name, "-S", path or elf(name)).splitlines():
        words = line.split()
        if words[-2] not in "Uw":
            rows.append((words[-1], int(words[0], 16),
                         int(words[1], 16) if len(words) == 4 else 0, words[-2]))
    return rows


def sections(name):
    """(name, address, size, offset, flags) of what is loaded."""
    rows = []
    for line in binutils("readelf", name, "-SW", elf(name)).splitlines():
        if not line.startswith("  [") or line[3:5] in ("Nr", " 0"):
            continue
        words = line[7:].split()
        if len(words) == 10 and "A" in words[6] and int(words[4], 16):
            rows.append((words[0], int(words[2], 16), int(words[4], 16), int(words[3], 16),
                         words[6], words[1]))
    return sorted(rows, key=lambda r: r[1])


class Memory:
    """Bytes by address, by the section headers."""

    def __init__(self, name):
        data = open(elf(name), "rb").read()
        self.parts = [(address, data[off:off + size])
                      for _, address, size, off, _, kind in sections(name) if kind != "NOBITS"]

    def read(self, address, n):
        for start, data in self.parts:
            if start <= address and address + n <= start + len(data):
                return data[address - start:address - start + n]
        return None

    def word(self, address):
        return struct.unpack("<I", self.read(address, 4))[0]

    def string(self, address):
        s = b""
        while self.read(address + len(s), 1) != b"\0":
            s += self.read(address + len(s), 1)
        return s.decode()
