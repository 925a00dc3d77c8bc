#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan --forecast: strings that C code interns, against what the sources say."""
import atexit
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
import firmware_elf as fw  # noqa: E402
from tap import GOLDEN, LFSDUMP, STRSCAN, Skip, main, run  # noqa: E402

FOLDER = tempfile.mkdtemp(prefix="forecast-")
atexit.register(shutil.rmtree, FOLDER)

# What tests/firmware/*.c hand to Lua: text -> (when it is in RAM, module, functions).
START, USE, NEVER = "at start", "when used", "never"
EXPECTED = {
    "Lua": (START, "_G", {"luaopen_base"}),
    "_VERSION": (START, "_G", {"luaopen_base"}),
    "mqtt.client": (START, "mqtt", {"luaopen_mqtt"}),
    "net.socket": (START, "net", {"luaopen_net", "net_create", "net_send", "net_close"}),
    "connect": (USE, "mqtt", {"mqtt_connect"}),
    "message": (USE, "mqtt", {"mqtt_connect"}),
    "offline": (USE, "mqtt", {"mqtt_connect"}),
    "connected": (USE, "net", {"net_index"}),
    "on_sent": (USE, "net", {"net_send"}),
    "socket": (USE, "net", {"net_create"}),
    "delay": (USE, "gpio", {"gpio_pulse_build"}),
    "loop": (USE, "gpio", {"gpio_pulse_build"}),
    "gpio.pulse": (USE, "gpio", {"gpio_pulse_build"}),
    "false": (USE, "_G", {"base_tostring"}),
    "true": (USE, "_G", {"base_tostring"}),
    "tostring": (USE, "_G", {"base_print"}),
    "gpio %d is no pin": (NEVER, "gpio", {"gpio_mode"}),
    "not connected": (NEVER, "net", {"net_close", "mqtt_connect"}),
    "number expected, got %s": (NEVER, None, {"luaL_checkinteger"}),
}


def forecast(path, *args):
    return json.loads(run("--forecast", path, "--format", "json", *args, program=STRSCAN))


def strings(rows):
    return {r["text"]: r for r in rows}


def gen(path, *args):
    """The strings of the module that --gen makes of it."""
    out = run("--gen", "--forecast", path, *args, program=STRSCAN).decode()
    return set(re.findall(r'"((?:[^"\\]|\\.)*)"', out))


def test_every_string_of_the_test_firmwares_is_found_and_none_invented():
    for name in fw.NAMES:
        rows = strings(forecast(fw.elf(name)))
        assert set(rows) == set(EXPECTED), set(rows) ^ set(EXPECTED)
        for text, (when, module, functions) in EXPECTED.items():
            r = rows[text]
            assert r["when"] == when, (name, r)
            assert set(r["functions"].split(", ")) == functions, (name, r)
            if module and text != "not connected":
                assert r["module"] == module, (name, r)


def test_libraries_that_are_opened_give_their_names():
    flags = {"51-double": ["-DLUA=51", "-DWIDE=1"], "53": ["-DLUA=53", "-DWIDE=0"],
             "53-c3": ["-DLUA=53", "-DWIDE=0"]}
    for name, layout in flags.items():
        compiler, script, target = RISCV if name.endswith("-c3") else XTENSA
        path = f"{FOLDER}/libs-{name}"
        objects = sorted(glob.glob(f"{fw.build()}/{name}.o/*.o"))
        subprocess.run([compiler, "-std=gnu11", "-O2", "-ffreestanding", *target, *layout, "-c",
                        "-Itests/firmware", "tests/forecast/libs.c", "-o", path + ".o"],
                       check=True)
        subprocess.run([compiler, *target, "-nostdlib", "-nostartfiles", "-Wl,-T,tests/firmware/" +
                        script, "-Wl,--no-warn-rwx-segments", "-o", path + ".elf", *objects,
                        path + ".o"], check=True)
        rows = strings(forecast(path + ".elf"))
        # gpio has nothing to be opened
        assert set(rows) - set(EXPECTED) == {"_G", "mqtt", "net"}, (name, set(rows))
        for text in ["_G", "mqtt", "net"]:
            assert rows[text]["when"] == START, (name, rows[text])


def build_uses(kind, level):
    compiler, script, flags = kind
    if not shutil.which(compiler):
        raise Skip("no " + compiler)
    path = f"{FOLDER}/{compiler}{level}"
    for source in ["api", "uses"]:
        subprocess.run([compiler, "-std=gnu11", level, "-ffreestanding", *flags, "-c",
                        f"tests/forecast/{source}.c", "-o", f"{path}.{source}.o"], check=True)
    subprocess.run([compiler, *flags, "-nostdlib", "-nostartfiles", "-Wl,-e,start",
                    "-Wl,--no-warn-rwx-segments", "-Wl,-T,tests/firmware/" + script, "-o",
                    path + ".elf", f"{path}.api.o", f"{path}.uses.o"], check=True)
    return path + ".elf"


XTENSA = "xtensa-lx106-elf-gcc", "esp8266.ld", ["-mlongcalls"]
POOLS = "xtensa-lx106-elf-gcc", "esp8266.ld", ["-mlongcalls", "-mtext-section-literals"]
RISCV = "riscv64-unknown-elf-gcc", "esp32c3.ld", ["-march=rv32imc", "-mabi=ilp32"]


def spelled_out():
    """{text: whether it is interned} of uses.c, whose strings say so themselves."""
    with open("tests/forecast/uses.c", encoding="ascii") as f:
        texts = re.findall(r'"((?:yes|never|no)_[^"]*)"', f.read())
    texts = {t.split("no_")[0] if t.startswith("yes") and "_lengthno_" in t else t for t in texts}
    return {t: t.startswith("yes") for t in texts if not t.startswith("no_")}


def test_strings_are_followed_on_every_way_to_a_call():
    expected = spelled_out()
    assert len(expected) > 25
    for kind in [XTENSA, POOLS, RISCV]:
        for level in ["-Os", "-O1", "-O2"]:
            rows = strings(forecast(build_uses(kind, level)))
            assert set(rows) == set(expected), (kind[0], level, set(rows) ^ set(expected))
            for text, kept in expected.items():
                assert (rows[text]["when"] != NEVER) == kept, (kind[0], level, rows[text])


def globals_of(image):
    rows = json.loads(run("--globals", "--json", image))["globals"]
    return {r["name"] for r in rows}


def test_a_module_of_them_is_made_for_what_the_image_uses():
    image = GOLDEN + "img/app-51-2018a-float.img"
    used = globals_of(image)
    assert "net" in used and "gpio" not in used
    path = fw.elf("51-double")
    everything = {t for t, e in EXPECTED.items() if e[0] != NEVER}
    assert gen(path) == everything
    made = gen(path, "--image", image)
    # of gpio, which it does not use, nothing; of what flash holds already, nothing
    held = {r["text"] for r in json.loads(run("--strings", "--json", image))["strings"]}
    wanted = {t for t in everything - held if EXPECTED[t][1] != "gpio"}
    assert made == wanted, made ^ wanted
    assert "delay" not in made and "gpio.pulse" not in made and "on_sent" in made


def test_the_list_says_what_the_image_holds():
    image = GOLDEN + "img/app-51-2018a-float.img"
    held = {r["text"] for r in json.loads(run("--strings", "--json", image))["strings"]}
    for r in forecast(fw.elf("51-double"), "--image", image):
        assert r["in_image"] == (r["text"] in held), r


def with_variable(name, address, value):
    """A firmware's ELF that says a variable called globalL is at an address."""
    path = f"{FOLDER}/{name}.elf"
    source = f"{FOLDER}/{name}.c"
    with open(source, "w", encoding="ascii") as f:
        f.write('#include "api.h"\n'
                '__attribute__((section(".state"))) void *globalL = (void *)1;\n'
                'void start(void) { lua_pushstring((lua_State *)&globalL, "from_c"); }\n'
                "int number_of(void) { return number(); }\n")
    subprocess.run([XTENSA[0], "-Os", "-ffreestanding", "-nostdlib", "-nostartfiles", "-Itests/forecast",
                    "-Wl,-e,start", f"-Wl,--section-start=.state={address:#x}",
                    "-Wl,-Ttext=0x40210000", "-Wl,-Tbss=0x3fff8000", "-Wl,--no-warn-rwx-segments",
                    "-mlongcalls", "-o", path, source, "tests/forecast/api.c"], check=True)
    del value
    return path


def test_symbols_lead_to_the_string_table_of_a_dump():
    if not shutil.which(XTENSA[0]):
        raise Skip("no " + XTENSA[0])
    for version in ["51", "53"]:
        with open(f"{GOLDEN}ram/heap-{version}.bin", "rb") as f:
            heap = bytearray(f.read())
        base = 0x3fff1000
        # A state and a global_State are there; what points to the state is a variable, put in front.
        g = json.load(open(f"{GOLDEN}ram/heap-{version}.json", encoding="ascii"))
        threads = [a for a in range(0, len(heap) - 48, 4) if heap[a + 4] & 0x3f == 8 and
                   any(struct.unpack_from("<I", heap, a + 8 + 4 * i)[0] == int(str(g["global_State"]), 0)
                       for i in range(10))]
        assert threads, version
        dump = f"{FOLDER}/heap-{version}.bin"
        with open(dump, "wb") as f:
            f.write(struct.pack("<I", base + threads[0]).rjust(16, b"\0") + heap)
        path = with_variable("state" + version, base - 4, 0)
        plain = run("--list", "--format", "json", "--ram", f"{dump}@{base - 16:#x}",
                    program=STRSCAN)
        led = run("--list", "--format", "json", "--ram", f"{dump}@{base - 16:#x}", "--elf", path,
                  program=STRSCAN)
        a, b = (json.loads(x)["strings"] for x in (plain, led))
        assert [r["text"] for r in a] == [r["text"] for r in b] and len(a) > 50


def test_captured_strings_have_their_origin():
    path = f"{FOLDER}/strings.txt"
    with open(path, "w", encoding="ascii") as f:
        f.write("".join(f"{i}\t{len(t)}\t{t}\n" for i, t in
                        enumerate(["on_sent", "connect", "true", "mine_alone"], 1)))
    out = json.loads(run("--list", "--format", "json", "--elf", fw.elf("53"), path,
                         program=STRSCAN))["strings"]
    origins = {r["text"]: r["origin"] for r in out}
    assert origins["on_sent"] == "C module net" and origins["connect"] == "C module mqtt", origins
    assert origins["true"] == "C module _G" and origins["mine_alone"] is None, origins


def test_what_has_no_symbols_or_is_no_firmware_is_refused():
    stripped = FOLDER + "/stripped.elf"
    fw.binutils("objcopy", "53", "--strip-all", fw.elf("53"), stripped)
    for path in [stripped, GOLDEN + "img/app-51-2018a-float.img", "Makefile", "/nonexistent"]:
        p = subprocess.run([STRSCAN, "--forecast", path], capture_output=True, check=False)
        assert p.returncode == 1 and p.stderr.startswith(b"strscan: ") and not p.stdout, p
    for args in [["--forecast", "x", "--elf", "y"], ["--forecast", "x", "--census"]]:
        p = subprocess.run([STRSCAN, *args], capture_output=True, check=False)
        assert p.returncode == 2, p


main(globals())
