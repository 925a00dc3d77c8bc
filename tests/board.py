# SPDX-License-Identifier: MIT
"""The simulated board (tests/simdev), for tests: started, talked to and asked how it is."""
import os
import select
import socket
import subprocess
import tempfile
import time

SIMDEV = os.environ.get("SIMDEV", "build/bin/simdev")


class Board:
    """with Board("53", "--fast") as b: b.send(b"print(1)\\n"); b.read_until(b"> ")"""

    def __init__(self, variant, *args, telnet=False, listen=True):
        self.folder = tempfile.TemporaryDirectory()
        self.control_path = self.folder.name + "/control"
        command = [SIMDEV, "--variant", variant, "--control", self.control_path, *args]
        if telnet:
            command += ["--telnet", "0"]
        elif listen:
            command += ["--wait"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.path = self.process.stdout.readline().decode().strip()
        if not self.path:
            raise RuntimeError(self.process.stderr.read().decode())
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(self.control_path)
        self.answers = self.control.makefile("r", encoding="latin-1")
        if telnet:
            self.socket = socket.create_connection(("127.0.0.1", int(self.path)))
            self.fd = self.socket.fileno()
        elif listen:
            self.fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        else:
            self.fd = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        self.answers.close()
        self.control.close()
        if hasattr(self, "socket"):
            self.socket.close()
        elif self.fd is not None:
            os.close(self.fd)
        self.folder.cleanup()
        if kind is None:
            assert self.process.returncode == 0, (self.process.returncode, out, err)
            assert not err, err

    def send(self, data):
        os.write(self.fd, data)

    def read_until(self, end, timeout=60):
        """Reads until what came ends so, b"" for the timeout's length."""
        got, deadline = b"", time.monotonic() + timeout
        while not end or not got.endswith(end):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                if end:
                    raise TimeoutError(f"{got[-500:]!r} does not end in {end!r}")
                break
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                break
            got += data
        return got

    def ask(self, command):
        """A command of the control socket; its answer's lines without the last, "ok"."""
        self.control.sendall(command.encode("latin-1") + b"\n")
        lines = []
        for line in self.answers:
            line = line.rstrip("\n")
            if line == "ok":
                return lines
            if line.startswith("error "):
                raise ValueError(line)
            lines.append(line)
        raise EOFError(command)

    def stats(self):
        return {k: int(v) for k, v in (line.split() for line in self.ask("stats"))}

    def state(self):
        return dict(line.split(" ", 1) if " " in line else (line, "")
                    for line in self.ask("state"))

    def run(self, line, prompt=b"> "):
        """Sends a line and gives back what it printed, without echo and prompt."""
        if isinstance(line, str):
            line = line.encode()
        self.send(line + b"\n")
        got = self.read_until(prompt)
        echo = line + b"\r\n"
        assert got.startswith(echo), (got[:300], echo)
        return got[len(echo):-len(prompt)].replace(b"\r\n", b"\n").decode("latin-1")
