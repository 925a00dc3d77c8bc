#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump on firmwares: sections, symbols, ROTables and sizes against binutils."""
import csv
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, "tests")
import firmware_elf as fw  # noqa: E402
from tap import GOLDEN, LFSDUMP, main, run  # noqa: E402

# The tree that tests/firmware/*.c spell out: name -> what it is; numbers as Lua has them.
SOCKET = {"__gc": "net_close", "__index": "net_socket_ROTable", "close": "net_close",
          "send": "net_send"}
TREE = {
    "_G": {
        "print": "base_print", "tostring": "base_tostring", "ROM": "rotables_ROTable",
        "gpio": {"mode": "gpio_mode", "read": "gpio_read",
                 "pulse": {"build": "gpio_pulse_build", "start": "gpio_mode"},
                 "OUTPUT": 1, "LOW": 0, "NEGATIVE": -5, "RATIO": 2, "place": None},
        "mqtt": {"Client": "mqtt_client"},
        "net": {"(metatable)": {"__index": "net_index"}, "createConnection": "net_create",
                "TCP": 1, "UDP": 2},
    },
    # under the names that luaL_rometatable registers
    "mqtt.client": {"connect": "mqtt_connect"},
    "net.socket": SOCKET,
}


def show(view, path, *args):
    return json.loads(run("--" + view, "--json", *args, path))[view]


def flat(tree, path=""):
    """(path of names, value) of every row below the roots."""
    rows = []
    for name, value in tree.items():
        rows.append((path + name, value))
        if isinstance(value, dict):
            rows += flat(value, path + name + "/")
    return rows


def table_of_text(out):
    """A text table with a tree, as (path, cells)."""
    rows, stack = [], []
    for line in out.splitlines()[2:]:
        body = line.lstrip("│├└─ ")
        depth = (len(line) - len(body)) // 3
        cells = body.split()
        stack[depth:] = [cells[0]]
        rows.append(("/".join(stack), cells))
    return rows


def test_sections_are_those_of_readelf():
    for name in fw.NAMES:
        got = [(s["name"], s["address"], s["size"]) for s in show("sections", fw.elf(name))]
        assert got == [s[:3] for s in fw.sections(name)], (name, got)
        for s, want in zip(show("sections", fw.elf(name)), fw.sections(name)):
            assert s["code"] == ("X" in want[4]) and s["written"] == ("W" in want[4]), (s, want)
            assert s["stored"] == (0 if want[5] == "NOBITS" else want[2]), (s, want)


def test_an_archive_of_objects_is_no_firmware():
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/all.a"
        objects = f"{fw.build()}/51-double.o"
        fw.binutils("ar", "51-double", "rcs", path,
                    *(f"{objects}/{name}" for name in sorted(os.listdir(objects))))
        p = subprocess.run([LFSDUMP, path], capture_output=True, check=False)
        assert p.returncode == 1 and not p.stdout and b"an archive of object files" in p.stderr, p


def test_symbols_are_those_of_nm():
    for name in fw.NAMES:
        got = sorted((s["name"], s["address"], s["size"], s["global"], s["kind"] == "absolute")
                     for s in show("symbols", fw.elf(name)))
        want = sorted((n, a, s, t.isupper(), t in "Aa") for n, a, s, t in fw.nm(name))
        assert got == want, (name, set(got) ^ set(want))


def test_the_tree_of_rotables_is_that_of_the_sources():
    for name in fw.NAMES:
        rows = table_of_text(run("--rotables", "--columns", "name,symbol", fw.elf(name)).decode())
        got = [path for path, _ in rows]
        want = [path for path, _ in flat(TREE)]
        assert sorted(got) == sorted(want), (name, got)
        symbols = {path: cells[1] if len(cells) > 1 else None for path, cells in rows}
        for path, value in flat(TREE):
            if isinstance(value, str):
                assert symbols[path] == value, (name, path, symbols[path])
        numbers = {r["path"]: r["value"] for r in show("rotables", fw.elf(name))}
        for path, value in flat(TREE["_G"]):
            if isinstance(value, int):
                assert numbers[path.replace("/", ".")] == value, (name, path)


def test_entries_are_those_that_the_symbols_of_nm_point_to():
    for name in fw.NAMES:
        memory, symbols = fw.Memory(name), fw.nm(name)
        step = 16 if "double" in name or "wide" in name else 12
        want = []
        for symbol, address, size, _ in symbols:
            if not symbol.endswith("_entries") or symbol == "base_func_entries":
                continue
            assert size % step == 0
            for at in range(address, address + size - step, step):
                tag = memory.word(at + step - 4)
                want.append((memory.string(memory.word(at)), tag, memory.word(at + 4)))
            assert memory.word(address + size - step) == 0
        by_kind = {"function": "address", "table": "address", "pointer": "address"}
        got = []
        for r in show("rotables", fw.elf(name)):
            if r["kind"] == "metatable" or r["path"].startswith("_G"):
                continue
            if r["path"] in TREE["_G"]:
                continue
            value = r[by_kind[r["kind"]]] if r["kind"] in by_kind else None
            got.append((r["name"], r["tag"], value))
        assert len(got) == len(want), (name, len(got), len(want))
        for key, tag, value in got:
            assert any(k == key and t == tag and (value is None or v == value)
                       for k, t, v in want), (name, key, tag, value)


def test_functions_have_the_sizes_of_nm():
    for name in fw.NAMES:
        sizes = {(n, a): s for n, a, s, _ in fw.nm(name)}
        rows = show("functions", fw.elf(name))
        assert len(rows) == 13, (name, len(rows))
        for r in rows:
            assert sizes[r["symbol"], r["address"]] == r["size"], (name, r)
        assert [r["address"] for r in rows] == sorted(r["address"] for r in rows)


def test_sizes_of_modules_and_of_sources_add_up_to_the_sections():
    for name in fw.NAMES:
        want = sum(s[2] for s in fw.sections(name))
        for view in ("modules", "sources"):
            rows = show(view, fw.elf(name))
            assert sum(r["size"] for r in rows) == want, (name, view)
            for r in rows:
                assert r["size"] == r["flash"] + r["iram"] + r["dram"] + r["other"], r
        memory = show("memory", fw.elf(name))
        assert sum(r["used"] for r in memory) == want, name


def test_local_symbols_are_in_their_files_and_with_debug_data_all_are():
    for name in fw.NAMES:
        symbols = show("symbols", fw.elf(name))
        places = {}
        for source in os.listdir(f"{fw.build()}/{name}.o"):
            for symbol, _, _, letter in fw.nm(name, f"{fw.build()}/{name}.o/{source}"):
                places[symbol] = (source[:-2] + ".c", letter.islower())
        known = 0
        for s in symbols:
            if not s["size"] or s["name"] not in places:
                continue
            source, local = places[s["name"]]
            if local or name.endswith("debug"):
                assert s["source"] == source, (name, s)
                known += 1
            else:
                assert s["source"] in (source, None), (name, s)
        assert known > 15, (name, known)


def test_paths_come_from_debug_data():
    rows = {r["name"]: r for r in show("sources", fw.elf("51-double-debug"))}
    assert rows["gpio.c"]["path"].endswith("/firmware/gpio.c"), rows["gpio.c"]
    assert rows["mqtt_connect.c"]["size"] > 0 and rows["mqtt_connect.c"]["module"] == "mqtt"
    assert all(r["path"] is None for r in show("sources", fw.elf("51-double")))


def test_the_sizes_of_a_source_file_are_those_of_its_symbols_and_of_what_is_between():
    name = "51-double-debug"
    symbols = show("symbols", fw.elf(name))
    for r in show("sources", fw.elf(name)):
        own = [s for s in symbols if s["source"] == r["name"] and s["size"]]
        assert r["size"] >= sum(s["size"] for s in own), r
        if own:
            dram = sum(s["size"] for s in own if s["memory"] == "DRAM")
            assert r["dram"] >= dram, r


def test_the_summary_says_what_the_firmware_is():
    kinds = {"51-double": "Lua 5.1, double numbers", "51-integer": "Lua 5.1, integer numbers",
             "53": "Lua 5.3, 32-bit integers, single floats",
             "53-wide": "Lua 5.3, 64-bit integers, double floats"}
    for name, words in kinds.items():
        s = show("summary", fw.elf(name))[0]
        assert s["lua"] == words and s["chip"] == "ESP8266", s
        assert s["modules"] == "gpio, mqtt, net" and s["sdk"] == "3.0.1-dev(fce080e)", s
        assert s["build"] == "2026-11-22 21:43" and s["firmware"] == "NodeMCU 3.0.0.0", s
        assert s["release"] == "3.0.0-release_20240225 +1" and s["ssl"] == "false", s
        dram = sum(x[2] for x in fw.sections(name) if 0x3ffe8000 <= x[1] < 0x40000000)
        assert s["heap"] == 0x14000 - dram, s
        assert s["tvalue_bytes"] == (12 if name in ("51-double", "53-wide") else 8), s
    assert show("summary", fw.elf("53-c3"))[0]["chip"] == "ESP32-C3"


def test_strings_are_those_of_the_sources():
    for name in fw.NAMES:
        got = [s["text"] for s in show("strings", fw.elf(name))]
        for text in ("gpio %d is no pin", "createConnection", "number expected, got %s", "_VERSION",
                     "3.0.1-dev(fce080e)", "net.socket", "on_sent", "delay"):
            assert text in got, (name, text)
        # the linker merges what others end with
        assert "connected" not in got and "not connected" in got, name
        memory = fw.Memory(name)
        for s in show("strings", fw.elf(name)):
            assert memory.string(s["address"]) == s["text"], (name, s)


def test_a_firmware_without_symbols_or_sections_has_the_same_rotables():
    with tempfile.TemporaryDirectory() as folder:
        for name in fw.NAMES:
            path = folder + "/stripped.elf"
            fw.binutils("strip", name, "-o", path, fw.elf(name))
            for cut in (False, True):
                if cut:
                    data = bytearray(open(path, "rb").read())
                    data[32:36] = bytes(4)
                    data[46:52] = bytes(6)
                    open(path, "wb").write(data)
                want = [(r["address"], r["value"], r["tag"])
                        for r in show("rotables", fw.elf(name)) if r["tag"] is not None]
                got = [(r["address"], r["value"], r["tag"])
                       for r in show("rotables", path) if r["tag"] is not None]
                assert sorted(got, key=str) == sorted(want, key=str), (name, cut)


def test_every_view_works_in_every_output():
    for view in ("summary", "memory", "sections", "modules", "sources", "rotables", "functions",
                 "symbols", "strings", "damage"):
        for form in ("--color=never", "--json", "--csv", "--tsv", "--markdown"):
            assert run("--" + view, form, fw.elf("53")) or view == "damage", (view, form)
        rows = list(csv.reader(io.StringIO(run("--" + view, "--csv", fw.elf("53")).decode())))
        assert len({len(r) for r in rows}) == 1, view
    assert len(run(fw.elf("53")).splitlines()) <= 40
    whole = json.loads(run("--json", fw.elf("53")))
    assert whole["symbols"] and whole["rotables"] and whole["damage"] == [], whole.keys()


def test_json_fits_its_schema_for_sound_and_for_damaged_files():
    schema = json.load(open("tests/schema/lfsdump-firmware-1.schema.json"))
    check = jsonschema.Draft202012Validator(schema)
    for name in fw.NAMES:
        check.validate(json.loads(run("--json", fw.elf(name))))
        data = open(fw.elf(name), "rb").read()
        for n in (40, 52, 3000, len(data) - 60):
            with damaged(name, {}) as f:
                os.truncate(f.name, n)
                doc = json.loads(run("--json", f.name, status=1))
                check.validate(doc)
                assert doc["damage"], (name, n)


def test_the_sample_is_what_its_source_makes():
    keys = ("path", "kind", "value", "tag", "symbol")
    sample, built = ([[r[k] for k in keys] for r in show("rotables", path)]
                     for path in ("samples/firmware-51-double.elf", fw.elf("51-double")))
    assert sample == built


def test_sorting_and_filtering_work_on_a_firmware():
    rows = show("symbols", fw.elf("53"), "--sort", "address", "--filter", "module=gpio")
    assert rows and all(r["module"] == "gpio" for r in rows), rows
    assert [r["address"] for r in rows] == sorted(r["address"] for r in rows)
    rows = show("symbols", fw.elf("53"))
    assert [r["size"] for r in rows] == sorted((r["size"] for r in rows), reverse=True)


def test_diff_tells_what_changed():
    out = json.loads(run("--diff", "--json", fw.elf("51-double"), fw.elf("53"), status=1))
    change = {r["symbol"]: r for r in out["symbols"]}
    old = {n: s for n, _, s, _ in fw.nm("51-double")}
    new = {n: s for n, _, s, _ in fw.nm("53")}
    assert change["luaH_getint"]["status"] == "added"
    for symbol in set(old) & set(new):
        if old[symbol] != new[symbol]:
            assert change[symbol]["change"] == new[symbol] - old[symbol], symbol
        elif symbol in change:
            assert change[symbol]["status"] == "changed", symbol
    assert out["summary"][0]["same"] is False
    same = json.loads(run("--diff", "--json", fw.elf("53"), fw.elf("53")))
    assert same["symbols"] == [] and same["summary"][0]["same"] is True
    assert b"differs" in run("--diff", "--summary", fw.elf("53"), fw.elf("53-wide"), status=1)


def refused(*args, status=1):
    run(*args, status=status)
    return run.stderr.decode()


def test_what_makes_no_sense_for_a_firmware_is_refused_in_words():
    elf, image = fw.elf("53"), GOLDEN + "img/app-51f.img"
    assert "has no --code, but --summary" in refused("--code", elf)
    for job in (["--id"], ["--ncdu"], ["--extract", "/nonexistent"], ["--against", "tests"]):
        assert "takes an image, not a firmware" in refused(*job, elf), job
    assert "--base takes an image" in refused("--base", "0x40200000", elf)
    assert "takes a firmware" in refused("--rotables", image)
    assert "no --rotables" in refused("--diff", "--rotables", image, image, status=2)
    refused("--diff", elf, image)


def test_other_elf_files_are_told_from_firmwares():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(LFSDUMP, folder + "/host")
        assert "no 32-bit little-endian" in refused(folder + "/host")
        err = refused(f"{fw.build()}/53.o/gpio.o")
        assert "offset 0x10: e_type: an object file" in err, err


TLS = """
__thread int counter[64];
__thread int begun = 7;
int table[16] = { 1 };
int _start(void) { return counter[3] + begun + table[2]; }
"""


def test_the_shape_of_what_threads_get_takes_no_space():
    fw.build()
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/tls.c", "w", encoding="ascii") as f:
            f.write(TLS)
        path = folder + "/tls.elf"
        fw.binutils("gcc", "-c3", "-march=rv32imc", "-mabi=ilp32", "-nostdlib", "-nostartfiles",
                    "-Wl,-Ttext=0x42000000,--section-start=.tdata=0x3fc80000", "-o", path,
                    folder + "/tls.c")
        headers_of_it = fw.binutils("readelf", "-c3", "-SW", path)
        assert ".tbss             NOBITS          3fc80004" in headers_of_it, headers_of_it
        assert ".data             PROGBITS        3fc80004" in headers_of_it, headers_of_it
        got = [(s["name"], s["address"]) for s in show("sections", path)]
        assert (".data", 0x3fc80004) in got and ".tbss" not in dict(got), got
        assert show("damage", path) == [] and run.stderr == b""


def damaged(name, changes):
    """A copy with words changed, {offset: bytes}."""
    data = bytearray(open(fw.elf(name), "rb").read())
    for off, new in changes.items():
        data[off:off + len(new)] = new
    f = tempfile.NamedTemporaryFile(suffix=".elf")
    f.write(data)
    f.flush()
    return f


def headers(name):
    """Offset in the file of each section's header, by name and by type."""
    data = open(fw.elf(name), "rb").read()
    at, = struct.unpack_from("<I", data, 32)
    count, names = struct.unpack_from("<HH", data, 48)
    strings, = struct.unpack_from("<I", data, at + 40 * names + 16)
    out = {}
    for i in range(count):
        name_at, = struct.unpack_from("<I", data, at + 40 * i)
        text = data[strings + name_at:data.index(b"\0", strings + name_at)].decode()
        out[text] = (at + 40 * i, i)
    return out


def word(n):
    return struct.pack("<I", n)


def test_lying_headers_are_named_and_the_rest_is_shown():
    name = "51-double"
    heads = headers(name)
    text, irom, symtab = heads[".text"], heads[".irom0.text"], heads[".symtab"]
    cases = [
        ({text[0] + 20: word(0xffffffff)},
         f"offset 0x{text[0] + 20:x}: section[{text[1]}].sh_size: 4294967295 bytes at offset"),
        ({irom[0] + 12: word(0x3ffe8000)},
         f"offset 0x{irom[0] + 12:x}: section[{irom[1]}].sh_addr: "),
        ({irom[0] + 16: word(0x7fffffff)}, f"section[{irom[1]}].sh_size: "),
        ({symtab[0] + 24: word(0xffff)},
         f"offset 0x{symtab[0] + 24:x}: section[{symtab[1]}].sh_link: section 65535 is no table"),
        ({symtab[0] + 20: word(0xfffffff0)}, f"section[{symtab[1]}].sh_size: 4294967280 bytes"),
        ({heads[".strtab"][0] + 20: word(8)}, "symbols have names outside of the 8 bytes"),
        ({32: word(0xfffffff0)}, "offset 0x20: e_shoff: "),
        ({46: b"\x07\0"}, "offset 0x20: e_shoff: "),
        ({50: b"\xff\x0f"}, "offset 0x32: e_shstrndx: section 4095 is no table of names"),
        ({50: b"\x01\0"}, "offset 0x32: e_shstrndx: section 1 is no table of names"),
        ({heads[".bss"][0] + 20: word(0xffffff00)}, ".sh_addr: 4294967040 bytes from address"),
    ]
    for changes, message in cases:
        with damaged(name, changes) as f:
            err = refused(f.name)
            assert message in err, (message, err)
            assert run("--sections", f.name, status=1), message
            for view in ("symbols", "rotables", "modules", "strings"):
                json.loads(run("--" + view, "--json", f.name, status=1))


def test_a_file_that_is_cut_is_shown_as_far_as_it_goes():
    data = open(fw.elf("53"), "rb").read()
    with tempfile.NamedTemporaryFile(suffix=".elf") as f:
        for n in (0, 3, 4, 15, 16, 20, 51, 52, 60, 4096, len(data) // 2, len(data) - 1):
            f.seek(0)
            f.truncate()
            f.write(data[:n])
            f.flush()
            p = subprocess.run([LFSDUMP, "--rotables", f.name], capture_output=True, timeout=20,
                               check=False)
            assert p.returncode == 1 and p.stderr, (n, p.stderr)


if __name__ == "__main__":
    main(globals())
