#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that people use for real boards work with the simulated one: NodeMCU-Tool, in JavaScript,
and nodemcu-uploader, in Python. Both are installed into build/clients once."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from board import Board  # noqa: E402
from tap import STRSCAN, Skip, main  # noqa: E402

CLIENTS = os.path.abspath("build/clients")
TOOL = CLIENTS + "/npm/node_modules/nodemcu-tool/bin/nodemcu-tool.js"
BINDINGS = CLIENTS + "/npm/node_modules/@serialport/bindings"
# A pseudo-terminal has no modem lines to set.
UPLOADER = """
import runpy, serial
serial.Serial._update_rts_state = serial.Serial._update_dtr_state = lambda self: None
runpy.run_module("nodemcu_uploader", run_name="__main__")
"""
# pyserial's own side of RFC 2217 before the board; it says which lines were set when.
SERVER = """
import serial, serial.rfc2217, socket, sys, threading, time

def said(name):
    return lambda self: print(name, int(getattr(self, f"_{name}_state")), time.monotonic(),
                              flush=True)

serial.Serial._update_rts_state, serial.Serial._update_dtr_state = said("rts"), said("dtr")
serial.Serial.cts = serial.Serial.dsr = serial.Serial.ri = serial.Serial.cd = False
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
port = serial.Serial(sys.argv[1], timeout=0.05)

class Out:
    write = staticmethod(client.sendall)

manager = serial.rfc2217.PortManager(port, Out)

def back():
    while True:
        if data := port.read(port.in_waiting or 1):
            client.sendall(b"".join(manager.escape(data)))

threading.Thread(target=back, daemon=True).start()
while data := client.recv(1024):
    port.write(b"".join(manager.filter(data)))
print("rate", port.baudrate, 0, flush=True)
"""
SCRIPT = "print('hello '..(40+2))\n"
LONG = "".join(f"local line_{i} = 'number {i}'\n" for i in range(60)) + SCRIPT


def sh(*command, cwd=None, env=None, timeout=300):
    p = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       check=False)
    assert p.returncode == 0, (command, p.returncode, p.stdout.decode(errors="replace")[-3000:])
    return p.stdout.decode(errors="replace")


def node_gyp():
    """npm brings it along; where, depends on who packaged npm."""
    root = sh("npm", "root", "-g").strip()
    for path in (root + "/npm/node_modules/node-gyp", "/usr/share/nodejs/node-gyp"):
        if os.path.exists(path + "/bin/node-gyp.js"):
            return ["node", path + "/bin/node-gyp.js"]
    raise RuntimeError("node-gyp is not there")


def install_tool():
    """The module for serial ports has to be compiled: there are no ready ones for today's Node."""
    if os.path.exists(BINDINGS + "/build/Release/bindings.node"):
        return
    sh("npm", "install", "--prefix", CLIENTS + "/npm", "--ignore-scripts", "--no-audit",
       "--no-fund", "nodemcu-tool@3.2.1")
    headers = ["--nodedir=/usr"] if os.path.exists("/usr/include/node/node.h") else []
    sh(*node_gyp(), "rebuild", *headers, cwd=BINDINGS, timeout=600)


def install_uploader():
    if os.path.exists(CLIENTS + "/py/nodemcu_uploader"):
        return
    sh("pip3", "install", "--quiet", "--target", CLIENTS + "/py", "nodemcu-uploader==1.0.0")


def require(install, *programs):
    """Skips the test when the client cannot be had."""
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"no {program}")
    try:
        install()
    except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as e:
        raise Skip("not installed: " + " ".join(str(e).split())[-300:]) from e


def files(folder):
    for name, text in (("long.lua", LONG), ("run.lua", SCRIPT)):
        with open(f"{folder}/{name}", "w", encoding="ascii") as f:
            f.write(text)


def use_tool(variant, folder):
    with Board(variant, listen=False) as board:
        def tool(*args):
            board.ask("reset")  # as opening the port does to most boards
            return sh("node", TOOL, "--port", board.path, *args, cwd=folder + "/down")

        tool("upload", folder + "/long.lua", folder + "/run.lua")
        listing = tool("fsinfo")
        assert f"long.lua ({len(LONG)} Bytes)" in listing, listing
        tool("download", "long.lua")
        assert "hello 42" in tool("run", "run.lua")
        assert board.stats()["overwritten"] == 0


def use_uploader(variant, folder):
    with Board(variant, listen=False) as board:
        def uploader(*args):
            return sh(sys.executable, "-c", UPLOADER, "--port", board.path, *args,
                      cwd=folder + "/down", env={"PYTHONPATH": CLIENTS + "/py"})

        uploader("upload", folder + "/long.lua:long.lua", folder + "/run.lua:run.lua")
        assert str(len(LONG)) in uploader("file", "list")
        uploader("download", "long.lua")
        assert "hello 42" in uploader("file", "do", "run.lua")
        assert board.stats()["overwritten"] == 0


def work(use):
    for variant in "51", "51i", "53":
        with tempfile.TemporaryDirectory() as folder:
            files(folder)
            os.mkdir(folder + "/down")
            use(variant, folder)
            with open(folder + "/down/long.lua", encoding="ascii") as f:
                assert f.read() == LONG, variant


def test_nodemcu_tool_lists_uploads_downloads_and_runs():
    require(install_tool, "node", "npm", "make", "g++", "python3")
    work(use_tool)


def test_nodemcu_uploader_lists_uploads_downloads_and_runs():
    require(install_uploader, "pip3")
    work(use_uploader)


def test_strscan_works_through_a_server_of_pyserial():
    require(install_uploader, "pip3")
    with Board("51", "--fast", "--boot-ms", "20", listen=False) as b:
        server = subprocess.Popen([sys.executable, "-c", SERVER, b.path], stdout=subprocess.PIPE,
                                  env={**os.environ, "PYTHONPATH": CLIENTS + "/py"}, text=True)
        number = int(server.stdout.readline())
        port = f"rfc2217:127.0.0.1:{number}@57600"
        p = subprocess.run([STRSCAN, "--reset", "--list", "-p", port], capture_output=True,
                           timeout=60, check=False)
        said = [line.split() for line in server.communicate(timeout=20)[0].splitlines()]
        assert p.returncode == 0 and b"greenhouse" in p.stdout, p.stderr
        assert ["rate", "57600", "0"] in said, said
        lines = [(name, state) for name, state, _ in said if name in ("rts", "dtr")]
        # The server itself raises both. They are cleared; then there is the pulse, on RTS alone.
        cleared = lines.index(("rts", "0"))
        assert ("dtr", "0") in lines[:cleared + 2] and ("dtr", "1") not in lines[cleared:], lines
        pulse = [(state, float(at)) for name, state, at in said if name == "rts"][-2:]
        assert [state for state, _ in pulse] == ["1", "0"], said
        assert 0.08 < pulse[1][1] - pulse[0][1] < 0.5, said


main(dict(globals()))
