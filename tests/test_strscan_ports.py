#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ports that strscan finds, locks, and gets at through a server."""
import array
import errno
import fcntl
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time

sys.path.insert(0, "tests")
from live import board, capture, golden, scan, texts  # noqa: E402
from tap import STRSCAN, main  # noqa: E402


def test_ports_that_cannot_be_used_are_named():
    with tempfile.TemporaryDirectory() as folder, board("51") as b:
        plain = folder + "/plain"
        with open(plain, "w", encoding="ascii"):
            pass
        fd = os.open(b.path, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(fd, fcntl.LOCK_EX)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            closed = s.getsockname()[1]
        for port, why in ((b.path, "another program has the port"), (plain, "not a serial port"),
                          (folder + "/none", "No such file"),
                          (f"tcp:127.0.0.1:{closed}", "refused"),
                          (b.path + "@12", "not a rate"), ("tcp:", "not a name of a port"),
                          ("tcp:127.0.0.1:99999", "not a name of a port"),
                          ("tcp:::1", "IPv6 address stands in [ ]")):
            status, out, err = scan("--capture", "-p", port, timeout=20)
            assert status == 1 and why in err and port.split("@")[0] in err and not out, (port, err)
        os.close(fd)
        status, _, err = scan("--reset", "--capture", "-p", b.path)
        assert status == 1 and "no line that resets" in err, err


def test_a_file_that_cannot_be_written_is_named():
    with board("51") as b:
        for args, name in ((["--save-banner", "/none/banner"], "/none/banner: No such file"),
                           (["--save-banner", "/dev/full"], "/dev/full: No space"),
                           (["--probe", "--record", "/dev/full"], "/dev/full: the recording")):
            status, _, err = scan(*args, "-p", b.path)
            assert status == 1 and name in err, (args, status, err)


def test_fast_lines_are_set():
    with board("51", faults=["dead"]) as b:
        fd = os.open(b.path, os.O_RDWR | os.O_NOCTTY)
        p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path + "@1000000"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        ospeed = termios.tcgetattr(fd)[5]
        os.close(fd)
        p.terminate()
        _, err = p.communicate(timeout=20)
        assert ospeed == termios.B1000000, (ospeed, err)


def rate(fd):
    """By TCGETS2, which knows rates without a name."""
    t = array.array("I", [0] * 11)
    fcntl.ioctl(fd, 0x802c542a, t)
    return t[10], t[2] & 0o10017 == 0o10000


def test_the_rate_of_the_boot_rom_is_set_and_what_was_there_is_put_back():
    for before in (9600, 12345):
        with board("51", faults=["dead"]) as b:
            fd = os.open(b.path, os.O_RDWR | os.O_NOCTTY)
            t = array.array("I", [0] * 11)
            fcntl.ioctl(fd, 0x802c542a, t)
            t[2] &= ~(0o10017 | 0o10017 << 16)
            t[2] |= 0o10000 | 0o10000 << 16 if before == 12345 else termios.B9600
            t[9] = t[10] = before
            fcntl.ioctl(fd, 0x402c542b, t)
            was = rate(fd), termios.tcgetattr(fd)[:6]
            assert was[0] == (before, before == 12345), was
            p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path + "@74880"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.5)
            now = rate(fd)
            p.terminate()
            _, err = p.communicate(timeout=20)
            assert now == (74880, True), (now, err)
            assert (rate(fd), termios.tcgetattr(fd)[:6]) == was
            os.close(fd)


def serve_and_close(listener):
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


def test_telnet_that_closes_at_once_is_told_of():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve_and_close, args=(listener,), daemon=True).start()
        port = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        start = time.monotonic()
        status, _, err = scan("--capture", "-p", port)
        assert status == 1 and "closes each connection" in err, err
        assert 2 < time.monotonic() - start < 15
        listener.shutdown(socket.SHUT_RDWR)


def test_telnet_that_is_refused_after_a_while_is_told_of():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        p = subprocess.Popen([STRSCAN, "--capture", "-p",
                              f"tcp:127.0.0.1:{listener.getsockname()[1]}"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        client = listener.accept()[0]
    client.recv(10)
    client.close()
    start = time.monotonic()
    err = p.communicate(timeout=60)[1].decode()
    assert p.returncode == 1 and "refuses others since" in err, err
    assert 10 < time.monotonic() - start < 30


def test_the_port_is_locked_meanwhile():
    tiocexcl_seen = flock_seen = False
    with board("51", faults=["dead"]) as b:
        p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        time.sleep(0.5)
        # TIOCEXCL keeps out all but root, who can read of it; flock tells the others.
        with open(f"/proc/{p.pid}/fdinfo/" + fd_of(p.pid, b.path), encoding="ascii") as f:
            flock_seen = re.search(r"lock:.*FLOCK.*WRITE", f.read()) is not None
        fd = os.open(f"/proc/{p.pid}/fd/" + fd_of(p.pid, b.path), os.O_RDWR | os.O_NOCTTY) \
            if os.geteuid() == 0 else -1
        if fd >= 0:
            value = array.array("i", [0])
            fcntl.ioctl(fd, 0x80045440, value)  # TIOCGEXCL
            tiocexcl_seen = value[0] == 1
            os.close(fd)
        else:
            try:
                os.close(os.open(b.path, os.O_RDWR | os.O_NOCTTY))
            except OSError as e:
                tiocexcl_seen = e.errno == errno.EBUSY
        status, _, err = scan("--capture", "-p", b.path, timeout=20)
        p.send_signal(signal.SIGTERM)
        p.communicate(timeout=20)
        assert flock_seen and tiocexcl_seen, (flock_seen, tiocexcl_seen)
        assert status == 1 and "another program has the port" in err, err
        os.close(os.open(b.path, os.O_RDWR | os.O_NOCTTY))


def fd_of(pid, path):
    return next(fd for fd in os.listdir(f"/proc/{pid}/fd")
                if os.readlink(f"/proc/{pid}/fd/{fd}") == path)


def test_the_port_is_found():
    """By $STRSCAN_PORT, by -p before that; else there must be just one."""
    there = [p for kind in ("ttyUSB*", "ttyACM*", "cu.usb*") for p in glob.glob("/dev/" + kind)]
    with board("51") as b:
        status, out, _ = scan("--list", env={"STRSCAN_PORT": b.path})
        assert status == 0 and b"greenhouse" in out
        status, out, _ = scan("--list", "-p", b.path, env={"STRSCAN_PORT": "/dev/none"})
        assert status == 0 and b"greenhouse" in out
        if len(there) != 1:
            status, _, err = scan("--list", env={"STRSCAN_PORT": ""})
            assert status == 1 and all(p in err for p in there), err
            assert ("several serial ports" if there else "no serial port found") in err, err
        # As if these were there; nothing is made among the real ones.
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(folder + "/dev")
            os.symlink(b.path, folder + "/dev/ttyUSB0")
            for extra, want in ((None, 0), ("ttyACM3", 1)):
                if extra:
                    os.symlink(b.path, folder + "/dev/" + extra)
                status, out, err = scan_with_dev(folder + "/dev")
                if status is None:
                    return
                assert status == want, err
                assert b"greenhouse" in out or "/dev/ttyUSB0 /dev/ttyACM3" in err, err


def scan_with_dev(folder):
    """strscan with links of folder in /dev, in a mount namespace; None: cannot be."""
    program = os.path.abspath(STRSCAN)
    script = (f"mount -t tmpfs none /mnt && mkdir /mnt/pts && mount --bind /dev/pts /mnt/pts && "
              f"cp -P {folder}/* /mnt/ && touch /mnt/null && mount --bind /dev/null /mnt/null && "
              f"mount --rbind /mnt /dev && exec env -u STRSCAN_PORT {program} --list")
    p = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, timeout=60,
                       check=False)
    if b"unshare:" in p.stderr or b"mount:" in p.stderr or b"cp:" in p.stderr:
        return None, b"", p.stderr
    return p.returncode, p.stdout, p.stderr.decode()


class Server(threading.Thread):
    """RFC 2217: what it was told, and the board behind it."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.told = []
        self.path = path

    def run(self):
        client, _ = self.listener.accept()
        fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        state, sub = "data", b""
        threading.Thread(target=self.back, args=(fd, client), daemon=True).start()
        while data := client.recv(4096):
            plain = b""
            for c in data:
                if state == "data" and c != 255:
                    plain += bytes([c])
                elif state == "data":
                    state = "iac"
                elif state == "iac":
                    state = {250: "sub", 251: "will", 253: "do"}.get(c, "data")
                    plain += b"\xff" if c == 255 else b""
                    sub = b""
                elif state == "sub":
                    state, sub = ("end", sub) if c == 255 else ("sub", sub + bytes([c]))
                elif state == "end":
                    if c == 240:
                        self.told.append(sub)
                        state = "data"
                    else:
                        state, sub = "sub", sub + bytes([c])
                else:
                    if state == "will" and c == 44:
                        client.sendall(bytes([255, 253, 44, 255, 253, 24]))
                    state = "data"
            os.write(fd, plain)
        os.close(fd)

    @staticmethod
    def back(fd, client):
        try:
            while data := os.read(fd, 4096):
                client.sendall(data.replace(b"\xff", b"\xff\xff"))
        except OSError:
            pass


def test_a_serial_server_is_a_port():
    with board("51") as b:
        server = Server(b.path)
        server.start()
        number = server.listener.getsockname()[1]
        status, out, err = scan("--reset", "--capture", "-p", f"rfc2217:127.0.0.1:{number}@57600")
        assert status == 0, err
        assert texts(out) == golden("51")
        assert bytes([44, 1, 0, 0, 0xe1, 0]) in server.told, server.told
        # DTR and RTS off at once; for --reset RTS on and off, and nothing else.
        control = [t[2] for t in server.told if t[:2] == bytes([44, 5])]
        assert control == [9, 12, 1, 11, 12], control


if __name__ == "__main__":
    main(globals())
