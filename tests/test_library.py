#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The library as its users have it: installed, found with pkg-config, and compiled into the
examples, whose words are compared with what others say of the same files."""
import ctypes
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from tap import GOLDEN, LFSDUMP, Skip, main, read, sanitized  # noqa: E402

BUILD = os.path.dirname(os.path.dirname(LFSDUMP))
FAIL = os.path.join(os.path.abspath(BUILD), "bin", "fail_malloc.so")
SHARED = BUILD + "/lib/libnodemcu-lfs.so"
IMG, LC = GOLDEN + "img/", GOLDEN + "lc/"
CC = os.environ.get("CC", "cc")
FLAGS = shlex.split(os.environ.get("CFLAGS", ""))
STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]
EXAMPLES = ("biggest", "walk", "verdict", "unpack")
POINTS = 80  # failures that a command is put through, at most


def sh(*args, status=0, env=None, cwd=None):
    p = subprocess.run(args, capture_output=True, timeout=120, check=False, cwd=cwd,
                       env={**os.environ, "LC_ALL": "C", **(env or {})})
    assert status is None or p.returncode == status, (args, p.returncode, p.stderr[-1500:])
    return p.stdout.decode("latin-1")


class Installed:
    """Below DESTDIR, as packages are made of it, with the examples compiled in both ways."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name + "/root"
        self.libs = self.root + "/usr/lib/odd"
        sh("make", "BUILD=" + BUILD, "DESTDIR=" + self.root, "PREFIX=/usr", "LIBDIR=/usr/lib/odd",
           "install-library")
        self.env = {"PKG_CONFIG_SYSROOT_DIR": self.root,
                    "PKG_CONFIG_LIBDIR": self.libs + "/pkgconfig:" + self.system_paths()}
        for name in EXAMPLES:
            self.compile(name, "shared")
        if not sanitized():
            for name in EXAMPLES:
                self.compile(name, "static")

    @staticmethod
    def system_paths():
        return sh("pkg-config", "--variable", "pc_path", "pkg-config").strip()

    def flags(self, *options):
        return sh("pkg-config", *options, "--cflags", "--libs", "nodemcu-lfs",
                  env=self.env).split()

    def path(self, name, way="shared"):
        return f"{self.folder.name}/{name}-{way}"

    def compile(self, name, way):
        how = ["-Wl,-rpath," + self.libs, *self.flags()]
        if way == "static":
            # zlib's flags name the folder below DESTDIR, where there is none.
            how = ["-static", *self.flags("--static")]
        sh(CC, *FLAGS, *STRICT, "-o", self.path(name, way), f"examples/{name}.c", *how)


def installed():
    if not hasattr(installed, "it"):
        installed.it = Installed()
    return installed.it


def example(name, *args, way="shared", status=0):
    return sh(installed().path(name, way), *args, status=status)


def declared():
    with open("lib/nodemcu-lfs.h", encoding="utf-8") as f:
        return set(re.findall(r"NLFS_API [^;{(]*?\b(nlfs_\w+)\(", f.read()))


def symbols(*args):
    return {line.split()[-1] for line in sh("nm", *args).splitlines() if line.strip()}


def test_the_shared_library_exports_what_the_header_declares_and_no_more():
    names = declared()
    assert len(names) > 20, names
    if sanitized():
        raise Skip("the sanitizers add symbols of their own")
    assert symbols("-D", "--defined-only", SHARED) == names


def test_the_archive_has_the_same_global_symbols():
    lines = sh("nm", "-g", "--defined-only", SHARED[:-2] + "a").splitlines()
    got = {line.split()[2] for line in lines if len(line.split()) == 3}
    assert got == declared(), got ^ declared()


def test_it_needs_no_other_library_than_zlib_and_the_system():
    dynamic = sh("readelf", "-dW", SHARED)
    assert "soname: [libnodemcu-lfs.so.0]" in dynamic, dynamic
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))
    assert "libz.so.1" in needed, needed
    if not sanitized():
        assert needed <= {"libz.so.1", "libc.so.6", "libm.so.6"}, needed
        assert "undefined" not in sh("ldd", "-r", SHARED)


def test_it_has_no_code_that_ends_or_prints_or_looks_around():
    if sanitized():
        raise Skip("the sanitizers do")
    used = {n.split("@")[0] for n in symbols("-D", "--undefined-only", SHARED)}
    assert "malloc" in used
    assert not used & {"exit", "_exit", "abort", "printf", "puts", "perror", "stdout", "stderr",
                       "stdin", "getenv", "time", "umask", "chdir", "setlocale", "signal"}, used


def test_it_has_no_variables():
    if sanitized():
        raise Skip("the sanitizers have some")
    sizes = {m[0]: int(m[1], 16) for m in
             re.findall(r"\] (\.\S+)\s+\w+\s+\w+ \w+ (\w+)", sh("readelf", "-SW", SHARED))}
    assert sizes[".text"] > 10000
    # What the C compiler's own start files have.
    assert sizes.get(".data", 0) <= 16 and sizes.get(".bss", 0) <= 16, sizes


def test_its_version_is_the_one_that_pkg_config_tells():
    version = ctypes.CDLL(os.path.abspath(SHARED)).nlfs_version if not sanitized() else None
    told = sh("pkg-config", "--modversion", "nodemcu-lfs", env=installed().env).strip()
    assert re.fullmatch(r"\d+\.\d+\.\d+", told), told
    if version:
        version.restype = ctypes.c_char_p
        assert version().decode() == told
    assert os.readlink(installed().libs + "/libnodemcu-lfs.so") == "libnodemcu-lfs.so.0"
    assert os.readlink(installed().libs + "/libnodemcu-lfs.so.0") == f"libnodemcu-lfs.so.{told}"


def test_the_header_is_good_cplusplus():
    source = installed().folder.name + "/use.cpp"
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include <nodemcu-lfs.h>\n#include <cstring>\nint main()\n{\n'
                '\treturn std::strlen(nlfs_version()) ? 0 : 1;\n}\n')
    out = installed().folder.name + "/use"
    if sanitized():
        sh("c++", "-std=c++11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only",
           source, *installed().flags("--cflags"))
        return
    sh("c++", "-std=c++11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-o", out, source,
       "-Wl,-rpath," + installed().libs, *installed().flags())
    sh(out)


def test_uninstall_leaves_nothing():
    with tempfile.TemporaryDirectory() as prefix:
        sh("make", "BUILD=" + BUILD, "PREFIX=" + prefix, "install-library")
        files = [f for _, _, names in os.walk(prefix) for f in names]
        assert len(files) == 6, files
        assert sh("pkg-config", "--cflags", "nodemcu-lfs", env={
            "PKG_CONFIG_PATH": prefix + "/lib/pkgconfig"}).split() == [f"-I{prefix}/include"]
        sh("make", "BUILD=" + BUILD, "PREFIX=" + prefix, "uninstall-library")
        assert not [f for _, _, names in os.walk(prefix) for f in names]


# What the independent decoder says of a file, in the words of the example "walk".

def hexed(text):
    return "none" if text is None else text.encode("latin-1").hex()


def constants_of(proto, integral):
    for kind, value in proto["k"]:
        if kind == "nil":
            yield "nil",
        elif kind == "boolean":
            yield kind, str(int(value))
        elif kind == "string":
            yield kind, hexed(value)
        elif kind == "integer" or integral:
            yield "integer", str(int(value))
        else:
            yield kind, float(value)


def flat(proto):
    """A prototype before its children, depth first."""
    yield proto
    for child in proto["p"]:
        yield from flat(child)


def walked(path, way):
    """The example's lines: by their first word, and the functions with their own."""
    kinds, functions = {}, []
    for line in example("walk", path, way=way).splitlines():
        word, *fields = line.split("\t")
        if word == "function":
            functions.append({"head": fields})
        elif word in ("child", "constant", "instruction", "upvalue", "local"):
            functions[-1].setdefault(word, []).append(fields)
        else:
            kinds.setdefault(word, []).append(fields)
    return kinds, functions


def same_function(where, got, wanted, image):
    head = got["head"]
    numbers = [int(x) for x in head[4:10]]
    assert numbers == [wanted[k] for k in ("linedefined", "lastlinedefined", "numparams",
                                           "is_vararg", "maxstacksize")] + numbers[5:], where
    if image["format"] == "lfs51":
        assert int(head[10]) == wanted["off"] and numbers[5] == wanted["nups"], where
    if wanted["source"] is not None:
        assert head[3] == hexed(wanted["source"]), where
    code = got.get("instruction", [])
    assert [int(i[0]) for i in code] == wanted["code"], where
    assert [int(i[1]) for i in code] == (wanted["lineinfo"] or [0] * len(code)), where
    constants = [tuple(k) if k[0] != "number" else (k[0], float(k[1]))
                 for k in got.get("constant", [])]
    assert constants == list(constants_of(wanted, image.get("integral"))), where
    assert len(got.get("child", [])) == len(wanted["p"]), where
    names = [u[0] for u in got.get("upvalue", [])]
    assert names == [hexed(u[0] if isinstance(u, list) else u) for u in wanted["upvalues"]], where
    assert [[v[0], int(v[1]), int(v[2])] for v in got.get("local", [])] == [
        [hexed(v[0]), *v[1:3]] for v in wanted["locvars"]], where


def compare(name, way):
    with open(f"{GOLDEN}decoded/{name}.json", encoding="utf-8") as f:
        image = json.load(f)
    kinds, functions = walked(f"{IMG}{name}.img", way)
    roots = [image["main"]] if "main" in image else image["protos"]
    wanted = [p for root in roots for p in flat(root)]
    assert len(wanted) == len(functions) > 0, name
    for i, (got, proto) in enumerate(zip(functions, wanted)):
        same_function((name, i), got, proto, image)
    assert [m[0] for m in kinds["module"]] == [hexed(m) for m in image["modules"]], name
    assert int(kinds["file"][0][2]) == image["timestamp"], name
    strings = {s[0] for s in kinds["string"]}
    texts = {hexed(s["s"] if isinstance(s, dict) else s) for s in image["strings"]}
    assert texts <= strings and "note" not in kinds, (name, texts - strings)
    if image["format"] == "lfs51":
        assert {(hexed(s["s"]), s["hash"], s["off"]) for s in image["strings"]} == {
            (s[0], int(s[1]), int(s[2])) for s in kinds["string"]}, name


def test_all_that_is_in_the_images_is_what_an_independent_decoder_says():
    names = sorted(os.path.basename(p)[:-5] for p in glob.glob(GOLDEN + "decoded/*.json"))
    names = [n for n in names if os.path.exists(f"{IMG}{n}.img")]
    assert len(names) > 60, names
    for i, name in enumerate(names):
        compare(name, "shared" if i % 2 or sanitized() else "static")


def listed_by_luac(path):
    with open(path, encoding="latin-1") as f:
        lines = re.findall(r"^\t\d+\t\[\d+\]\t(.*)$", f.read(), re.M)
    return [" ".join(line.split()) for line in lines]


def test_instructions_read_as_luac_prints_them():
    for name in ("main-51f", "httpd-51i", "control-53", "main-53d"):
        wanted = listed_by_luac(f"{GOLDEN}lst/{name}.txt")
        _, functions = walked(f"{LC}{name}.lc", "shared")
        texts = [bytes.fromhex(i[3]).decode("latin-1") for f in functions for i in f["instruction"]]
        got = [" ".join(t.split()) for t in texts]
        assert len(got) == len(wanted) > 50, name
        for g, w in zip(got, wanted):
            assert g == w or "PTR" in w, (name, g, w)  # a closure's address


def damaged(case):
    """The input of a case of verdicts/ when it is made without compressing; else None."""
    m, base = case["mutation"], case["base"]
    path = next((d + base for d in (IMG, LC) if base and os.path.exists(d + base)), None)
    if not path or "-abs" in base:  # that is judged as what goes into flash as it is
        return None
    with open(path, "rb") as f:
        data = f.read()
    at, length, value = (m.get(k, 0) for k in ("offset", "length", "value"))
    made = {
        "none": lambda: data, "othervariant": lambda: data, "truncate": lambda: data[:length],
        "append": lambda: data + bytes([value]) * length,
        "insert": lambda: data[:at] + bytes([value]) * length + data[at:],
        "remove": lambda: data[:at] + data[at + length:],
        "byte": lambda: data[:at] + bytes([value]) + data[at + 1:],
        "word": lambda: data[:at] + value.to_bytes(4, "little") + data[at + 4:],
    }.get(m["op"])
    return made() if made else None


def refuses(case):
    """The device says so, before it has touched anything."""
    message = case["message"]
    return (not case["loaded"] and message and message not in ("crash", "hang") and
            not case.get("undefined") and "memory" not in message)


def test_the_verdict_is_that_of_the_devices_loaders():
    kinds = {"51f": "lua51-float", "51i": "lua51-int", "53": "lua53", "53d": "lua53-64"}
    p = subprocess.run([installed().path("verdict")], capture_output=True, check=False)
    told = p.stderr.decode()
    assert p.returncode == 2
    for build, kind in kinds.items():
        assert f"  {kind} " in told, (kind, told)
        refused = compare_verdicts(build, kind)
        assert refused > 40, (build, refused)


def compare_verdicts(build, kind):
    with open(f"{GOLDEN}verdicts/{build}.jsonl", encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]
    cases = [(c, damaged(c)) for c in cases if c["region"]]
    by_region = {}
    for case, data in cases:
        if data is not None and (refuses(case) or case["mutation"]["op"] == "none"):
            by_region.setdefault(case["region"], []).append((case, data))
    refused = 0
    for region, group in by_region.items():
        with tempfile.TemporaryDirectory() as d:
            paths = []
            for case, data in group:
                paths.append(f"{d}/{case['case']}")
                with open(paths[-1], "wb") as f:
                    f.write(data)
            lines = example("verdict", kind, str(region), *paths).splitlines()
        assert len(lines) == len(group)
        for (case, _), line in zip(group, lines):
            verdict, message = line.split("\t")
            if refuses(case):
                refused += 1
                assert (verdict, message) == ("refused", case["message"]), (case, line)
            elif case["loaded"]:
                wanted = "unsafe" if case.get("overwrote") else "accepted"
                assert verdict == wanted, (case, line)
    return refused


def unpack(name, *address):
    folder = tempfile.TemporaryDirectory()
    example("unpack", f"{IMG}{name}.img", folder.name, *address)
    return folder


def test_modules_come_out_as_luac_wrote_them():
    compared = 0
    for build in ("51f", "51i", "53", "53d"):
        for group in ("app", "edge"):
            with unpack(f"{group}-{build}") as folder, open(
                    f"{GOLDEN}decoded/{group}-{build}.json", encoding="utf-8") as f:
                for i, module in enumerate(json.load(f)["modules"]):
                    lc = f"{LC}{module}-{build}.lc"
                    if os.path.exists(lc) and (module, build) != ("numbers", "51i"):
                        assert read(f"{folder}/{i}.lc") == read(lc), lc
                        compared += 1
    assert compared > 40, compared


def test_an_image_is_written_as_it_stands_in_flash():
    for build in ("51f", "51i"):
        with unpack(f"app-{build}", "0x40296000") as folder:
            made, wanted = read(folder + "/flash.img"), read(f"{IMG}app-{build}-abs.img")
            assert len(made) == len(wanted)
            # luac.cross looked at the clock twice, and set a bit more in the signature.
            differ = [i for i in range(0, len(made), 4) if made[i:i + 4] != wanted[i:i + 4]]
            assert len(differ) <= 4, (build, differ)


def test_an_image_written_for_the_loader_has_all_that_it_had():
    for name in ("app-51f", "edge-51i", "app-53", "many-53d", "app-53-e32i64f64"):
        with unpack(name) as folder:
            kinds, functions = walked(f"{IMG}{name}.img", "shared")
            copied, again = walked(folder + "/image.img", "shared")
            assert copied["file"][0][3] == kinds["file"][0][3], name
            assert [f["instruction"] for f in again] == [f["instruction"] for f in functions]


def test_a_copy_without_the_biggest_module_has_the_others_and_is_accepted():
    for name in ("app-51f", "app-53", "edge-53d", "many-51i"):
        with open(f"{GOLDEN}decoded/{name}.json", encoding="utf-8") as f:
            modules = json.load(f)["modules"]
        with tempfile.TemporaryDirectory() as d:
            copy = d + "/copy.img"
            out = example("biggest", f"{IMG}{name}.img", copy)
            listed = re.findall(r"^ +(\d+)  (\S+)$", out, re.M)
            assert sorted(m for _, m in listed) == sorted(modules) and "\naccepted\n" in out, out
            again = example("biggest", copy)
            sizes = [int(n) for n, _ in listed]
            assert sizes == sorted(sizes, reverse=True) and "\naccepted\n" in again
            kept = {m for _, m in re.findall(r"^ +(\d+)  (\S+)$", again, re.M)}
            assert len(kept) == len(modules) - 1 and kept < set(modules)
            gone = (set(modules) - kept).pop()
            assert dict((m, int(n)) for n, m in listed)[gone] == sizes[0]


def test_a_damaged_file_is_told_with_its_place():
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/cut.img", "wb") as f:
            f.write(read(IMG + "app-53.img")[:3000])
        p = subprocess.run([installed().path("biggest"), d + "/cut.img"], capture_output=True,
                           check=False)
        assert p.returncode == 1 and re.search(rb"cut.img: offset 0x[0-9a-f]+: \S+: ", p.stderr), p
        assert b"5 modules" in p.stdout and b"\nrefused\n" in p.stdout, p.stdout
        assert example("biggest", d + "/none.img", status=1) == ""
        assert "refused" in example("biggest", "LICENSE", status=1)


def test_the_example_of_the_document_prints_what_stands_there():
    with open("docs/library.md", encoding="utf-8") as f:
        text = f.read()
    program = re.search(r"^```c\n(.*?)^```", text, re.M | re.S)[1]
    command, output = re.search(r"^`\./list (\S+)` prints\n\n```\n(.*?)^```", text,
                                re.M | re.S).groups()
    assert output
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/list.c", "w", encoding="utf-8") as f:
            f.write(program)
        ways = re.findall(r"^cc (.*) -o list list\.c \$\(pkg-config (.*) nodemcu-lfs\)$",
                          text.replace("cc -o", "cc  -o"), re.M)
        assert [how.strip() for how, _ in ways] == ["", "-static"], ways
        for how, options in ways[:1 if sanitized() else 2]:
            flags = sh("pkg-config", *options.split(), "nodemcu-lfs", env=installed().env).split()
            sh(CC, *FLAGS, *STRICT, *how.split(), "-o", d + "/list", d + "/list.c",
               *([] if how.strip() else ["-Wl,-rpath," + installed().libs]), *flags)
            assert sh(d + "/list", command) == output
        sh(d + "/list", "LICENSE", status=1)


def test_a_number_that_is_none_is_told():
    image = IMG + "app-51f.img"
    with tempfile.TemporaryDirectory() as d:
        for bad in ("x", "", "-4", "12k", "0x", "99999999999", "99999999999999999999999"):
            for args in (["unpack", image, d, bad], ["verdict", "lua51-float", bad, image]):
                p = subprocess.run([installed().path(args[0]), *args[1:]], capture_output=True,
                                   check=False)
                assert p.returncode == 2 and b"not a" in p.stderr and not p.stdout, (args, p)
        assert os.listdir(d) == []
        example("unpack", image, d, "0x40296002", status=1)
        assert "flash.img" not in os.listdir(d) and "image.img" in os.listdir(d)


class Memory:
    """Lets the allocations of an example fail, one after the other."""

    def __init__(self, folder, args):
        self.told = folder + "/told"
        self.args = args
        self.whole = self.call(0, False)
        assert self.whole[0] == 0, self.whole

    def call(self, n, on):
        env = {**os.environ, "LC_ALL": "C"}
        if n:
            env.update(LD_PRELOAD=FAIL, FAIL_MALLOC=str(n), FAIL_MALLOC_TELL=self.told)
            if on:
                env["FAIL_MALLOC_ON"] = "1"
        p = subprocess.run(self.args, capture_output=True, timeout=20, env=env, check=False)
        return p.returncode, p.stdout, p.stderr

    def came_to_it(self):
        came = os.path.exists(self.told)
        if came:
            os.remove(self.told)
        return came

    def count(self):
        low, high = 0, 1
        while self.call(high, False) and self.came_to_it():
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            self.call(middle, False)
            low, high = (middle, high) if self.came_to_it() else (low, middle)
        return low

    def fail(self, n, on):
        status, out, err = got = self.call(n, on)
        self.came_to_it()
        assert status in (0, 1), (self.args, n, on, got)
        if status == 0:
            assert out == self.whole[1], (self.args, n, on, got)
        else:
            assert err, (self.args, n, on, got)
        return status


def test_without_memory_it_tells_so():
    if sanitized():
        raise Skip("the sanitizers have an allocator of their own")
    assert os.path.exists(FAIL), FAIL
    with tempfile.TemporaryDirectory() as d:
        for name in "floats-51f", "floats-53":
            image = f"{IMG}{name}.img"
            for args in (["biggest", image], ["walk", image], ["unpack", image, d, "0x40296000"],
                         ["verdict", "lua51-float", "0x20000", image]):
                m = Memory(d, [installed().path(args[0]), *args[1:]])
                total = m.count()
                assert total > 20, (args, total)
                step = max(1, total // POINTS)
                failed = [m.fail(n, on) for n in range(1, total + 1, step) for on in (False, True)]
                assert sum(failed) > len(failed) // 2, (args, total, sum(failed), len(failed))


if __name__ == "__main__":
    main(globals())
