#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strscan against the simulated board: captures are what the board's own table says, or end in a clear
message in time; port and board are left as they were. STRSCAN_CAPTURES=200 for a long run."""
import concurrent.futures
import fcntl
import json
import os
import pty
import random
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
from board import Board  # noqa: E402
from tap import GOLDEN, LFSDUMP, STRSCAN, main  # noqa: E402

VARIANTS = "51", "51i", "53"
CAPTURES = int(os.environ.get("STRSCAN_CAPTURES", "24"))
# What the recording of golden/ram itself needed, and the name that the console gives to its chunks.
RECORDER = {b"RAM", b"__s", b"collectgarbage", b"debug", b"getstrings", b"print", b"=stdin"}
# Seconds: the longest silence that is waited for, and then some for asking why and leaving.
IN_TIME = 90


def unescape(text):
    return re.sub(rb"\\(\d\d\d)", lambda m: bytes([int(m[1])]), text)


def golden(variant):
    with open(f"{GOLDEN}ram/heap-{variant}.strings.txt", "rb") as f:
        return {unescape(line.rstrip(b"\n").split(b"\t", 2)[2]) for line in f} - RECORDER


def texts(capture):
    """The bytes that the capture's JSON stands for."""
    def back(m):
        return bytes([(m[0][1] << 6 | m[0][2] & 0x3f) & 0xff])
    return {re.sub(rb"\xee[\xbe\xbf][\x80-\xbf]", back, s["text"].encode())
            for s in json.loads(capture)["strings"]}


def port_of(board, telnet=False):
    return f"tcp:127.0.0.1:{board.path}" if telnet else board.path


def scan(*args, timeout=IN_TIME, env=None):
    """Status, output and messages of strscan; how long it took must be below timeout."""
    p = subprocess.run([STRSCAN, *args], capture_output=True, timeout=timeout,
                       env={**os.environ, **(env or {})}, check=False)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def board(variant, *args, telnet=False, faults=()):
    options = [x for f in faults for x in ("--fault", f)]
    if telnet:
        options += ["--telnet", "0"]
    b = Board(variant, "--fast", "--boot-ms", "20", *options, *args, listen=False)
    time.sleep(0.15)
    return b


def settings(path):
    """All that stty -a shows."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return termios.tcgetattr(fd)
    finally:
        os.close(fd)


def assert_clean(b, what):
    state = b.state()
    for _ in range(50):
        if state.get("globals") == "" and state["continuation"] == "0":
            return
        time.sleep(0.05)
        state = b.state()
    raise AssertionError((what, state))


def capture(b, *args, telnet=False):
    status, out, err = scan("--capture", "-p", port_of(b, telnet), *args)
    assert status == 0, (status, err)
    return out, err


def test_captures_equal_the_recorded_tables():
    for variant in VARIANTS:
        for telnet in (False, True):
            with board(variant, telnet=telnet) as b:
                out, _ = capture(b, telnet=telnet)
                assert texts(out) == golden(variant), (variant, telnet)
                assert_clean(b, (variant, telnet))


def test_a_capture_tells_what_the_device_is():
    for variant, lua, number in (("51", "5.1", "float"), ("51i", "5.1", "integer"),
                                 ("53", "5.3", "float")):
        with board(variant) as b:
            device = json.loads(capture(b)[0])["device"]
            assert (device["lua"], device["number"]) == (lua, number), device
            assert 10000 < device["heap"] < 40000 and device["banner"].startswith("NodeMCU 3.0")


def test_gen_without_input_is_the_whole_job():
    with board("51") as b:
        status, out, err = scan("--gen", env={"STRSCAN_PORT": b.path})
        assert status == 0 and b"greenhouse" in out and out.startswith(b"--"), (status, err, out)
        assert "strings" in err and "\r" not in err, err


WHOLE = None
FAULTS = [
    (["echo"], WHOLE), (["lf"], WHOLE), (["prompt=nodemcu$,more"], WHOLE),
    (["noise=~300"], WHOLE), (["noise=~100"], WHOLE), (["lf", "noise=~200"], WHOLE),
    (["echo", "noise=~200"], WHOLE), (["chatter=50"], WHOLE),
    (["lose=~500"], WHOLE), (["lose-in=~300"], WHOLE), (["double=~300"], WHOLE),
    (["double-in=~300"], WHOLE), (["flip=~700"], WHOLE), (["flip-in=~300"], WHOLE),
    (["echo", "lose-in=~300"], WHOLE), (["slow=2000"], WHOLE),
    (["restart=600"], WHOLE), (["restart=1500"], WHOLE), (["restart=2500"], WHOLE),
    (["restart-in=300"], WHOLE), (["restart-in=700"], WHOLE), (["banner", "restart=2500"], WHOLE),
    (["missing=node"], WHOLE),
    (["oom=20"], "not enough memory on the device: [0-9]+ bytes"),
    (["heap=3000"], "not enough memory on the device"),
    (["heap=900"], "not enough memory on the device"),
    (["steal"], "nothing at all.*only a reset helps"), (["dead"], "nothing at all"),
    (["stranger"], "no NodeMCU.*ERROR"), (["missing=debug"], "no debug.getstrings"),
    (["unplug=700"], "port is gone"), (["unplug=2000"], "port is gone"),
]


def one_fault(variant, faults, expected):
    with board(variant, faults=faults) as b:
        before = settings(b.path)
        status, out, err = scan("--capture", "-p", b.path)
        if expected is WHOLE:
            assert status == 0, (variant, faults, status, err)
            extra = {b"_PROMPT", b"_PROMPT2", b"nodemcu$", b"more"}
            assert texts(out) - extra == golden(variant), (variant, faults)
        else:
            assert status == 1 and re.search(expected, err) and not out, (variant, faults, err)
            assert err.count("\n") == 1, err
        if not faults[0].startswith("unplug"):
            assert settings(b.path) == before, (variant, faults)
        if expected is WHOLE and not faults[0].startswith("prompt"):
            assert_clean(b, (variant, faults))


def test_every_fault_ends_in_a_whole_result_or_a_clear_message_in_time():
    jobs = [("53" if i % 3 == 2 else "51", *f) for i, f in enumerate(FAULTS)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(one_fault, *job) for job in jobs]:
            done.result()


def random_faults(seed):
    """True when the capture was whole."""
    kinds = "lose", "lose-in", "double", "double-in", "flip", "flip-in", "noise", "restart"
    r = random.Random(seed)
    faults = [f"{k}={'~' if k != 'restart' else ''}{r.randrange(300, 4000)}"
              for k in r.sample(kinds, r.randrange(1, 4))]
    if r.random() < 0.2:
        faults.append("echo")
    variant = r.choice(VARIANTS)
    with board(variant, "--seed", str(seed + 1), faults=faults) as b:
        status, out, err = scan("--capture", "-p", b.path, timeout=300)
    if status == 0:
        assert texts(out) == golden(variant), (seed, variant, faults)
        return True
    assert status == 1 and not out and err, (seed, variant, faults, status)
    return False


def test_random_faults_lose_no_string_silently():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        whole = sum(pool.map(random_faults, range(CAPTURES)))
    assert whole >= CAPTURES * 3 // 4, (whole, CAPTURES)


def test_what_others_left_on_the_console_is_got_out_of():
    for left in ("local t={\\n", "print(12", "x=[==[ abc\\n", "--[[ abc\\n", "x='abc\\\\\\n",
                 "print('" + "a" * 200):
        with board("51") as b:
            b.ask("type " + left)
            out, _ = capture(b)
            assert texts(out) == golden("51"), left
            assert_clean(b, left)


def test_signals_leave_terminal_and_device_as_they_were():
    r = random.Random(7)
    with board("51", "--baud", "115200", faults=["slow=4000"]) as b:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 4:
            before = settings(b.path)
            p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            time.sleep(r.uniform(0.02, 1.2))
            p.send_signal(number)
            out, _ = p.communicate(timeout=15)
            # It may have ended before.
            assert p.returncode in (-number, 0) and (p.returncode == 0 or not out), p.returncode
            assert settings(b.path) == before, number
            assert_clean(b, number)


def test_a_second_signal_ends_it_at_once():
    with board("51", faults=["dead"]) as b:
        before = settings(b.path)
        p = subprocess.Popen([STRSCAN, "--capture", "-p", b.path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        time.sleep(0.4)
        p.send_signal(signal.SIGINT)
        time.sleep(0.2)
        start = time.monotonic()
        p.send_signal(signal.SIGTERM)
        p.communicate(timeout=15)
        assert p.returncode == -signal.SIGTERM and time.monotonic() - start < 1
        assert settings(b.path) == before


def make_table(path, count, long):
    r = random.Random(3)
    rows = {f"home/{r.choice(('attic', 'cellar', 'hall'))}/{r.choice(('state', 'onConnect'))}{i}"
            .encode() for i in range(count)}
    if long:
        rows |= {bytes(r.choice(b"abcdefgh ") for _ in range(4096)),
                 bytes(r.choice(b"abcdefgh\n\0\x80") for _ in range(4096))}
    with open(path, "wb") as f:
        for i, row in enumerate(sorted(rows), 1):
            text = re.sub(rb"[^A-Za-z0-9]", lambda m: b"\\%03d" % m[0][0], row)
            f.write(b"%d\t%d\t%s\n" % (i, len(row), text))
    return rows


def test_it_takes_the_array_and_1_kb_of_heap_at_the_peak():
    """The board counts the bytes of a 64-bit Lua, 3 for 2 of the device's: an array of 16 for each
    string. 5.3's collector is late there, and its stack grows for any line at all."""
    for variant, limit in (("51", 1024), ("51i", 1024), ("53", 3072)):
        with tempfile.TemporaryDirectory() as folder:
            rows = make_table(folder + "/table", 500, True)
            with board(variant, "--strings", folder + "/table", "--gc", "always",
                       "--heap", "60000") as b:
                b.ask("mark")
                base = b.stats()["heap_used"]
                out, _ = capture(b)
                found = texts(out)
                assert found == {t for t in rows if variant != "53" or len(t) <= 40}
                # And what the capture itself made: a line, two names, a pattern, "=stdin".
                array = 56 + 16 * (len(found) + 5)
                over = (b.stats()["heap_peak"] - base - array) * 2 // 3
                assert over <= limit, (variant, over)


def test_a_telnet_session_takes_little_more():
    with tempfile.TemporaryDirectory() as folder:
        make_table(folder + "/table", 500, True)
        with board("51", "--strings", folder + "/table", "--gc", "always", telnet=True) as b:
            b.ask("mark")
            base = b.stats()["heap_used"]
            out, _ = capture(b, telnet=True)
            array = 56 + 16 * (len(texts(out)) + 5)
            # What is printed until the end of a task is in RAM.
            assert (b.stats()["heap_peak"] - base - array) * 2 // 3 <= 2048


def test_watch_tells_steady_from_passing_strings():
    init = "s=0 tmr.create():alarm(200,tmr.ALARM_AUTO,function() s=s+1 v='reading_number_'..s end)"
    with board("51", "--init", init) as b:
        status, out, err = scan("--list", "--format", "json", "--watch", "3", "--every", "1",
                                "-p", b.path)
        assert status == 0, err
        listed = {s["text"]: s for s in json.loads(out)["strings"]}
        passing = [s for t, s in listed.items() if t.startswith("reading_number_")
                   and t != "reading_number_"]
        assert passing and all(s["verdict"] == "passing" for s in passing), passing
        assert listed["greenhouse"]["seen"] == 3 and listed["greenhouse"]["verdict"] == "kept"
        assert err.count("capture ") == 3


def test_a_session_is_recorded_and_played_back():
    with tempfile.TemporaryDirectory() as folder, board("51", faults=["noise=~150"]) as b:
        log = folder + "/session.jsonl"
        out, _ = capture(b, "--record", log)
        with open(log, encoding="ascii") as f:
            records = [json.loads(line) for line in f]
        assert {r["dir"] for r in records} == {"tx", "rx"}
        assert all(bytes.fromhex(r["hex"]) for r in records)
        status, again, err = scan("--capture", "--replay", log)
        assert status == 0, err
        assert texts(again) == texts(out) == golden("51")
        with open(log, "w", encoding="ascii") as f:
            f.writelines(json.dumps(r) + "\n" for r in records[:len(records) // 2])
        status, out, err = scan("--capture", "--replay", log)
        assert status == 1 and not out and "recording ends here" in err, err


def test_a_probe_and_its_banner_serve_the_check():
    for variant, image in (("51", "app-51f"), ("51i", "app-51i"), ("53", "app-53")):
        with tempfile.TemporaryDirectory() as folder, board(variant) as b:
            banner = folder + "/banner"
            status, out, err = scan("--probe", "--save-banner", banner, "-p", b.path)
            assert status == 0, err
            for text in ("3.0.0-release_20240225", "Lua 5." + variant[1], "heap free", "131072"):
                assert text in out.decode(), (text, out)
            assert_clean(b, variant)
            p = subprocess.run([LFSDUMP, "--check", "--banner", banner,
                                f"{GOLDEN}img/{image}.img"], capture_output=True, check=False)
            assert p.returncode == 0, (variant, p.stdout, p.stderr)
            status, out, err = scan("--probe", "--format", "json", "-p", b.path)
            assert status == 0 and json.loads(out)["lfs_size"] == 131072, (out, err)


SOURCES = {"alpha": "return 1", "beta": "local a, b = ... return a .. 'x\\n' .. b, print"}


def test_modules_are_pulled_off_the_board():
    """A board whose functions are this machine's: they must come as its own Lua dumps them."""
    table = ",".join(f"{k}=[[{v}]]" for k, v in SOURCES.items())
    init = (f"local src={{{table}}} node={{heap=function()return 30000 end,LFS={{"
            "list=function()return{'alpha','beta'}end,get=function(n)"
            "return(loadstring or load)(src[n],'@'..n..'.lua')end}}")
    for variant in ("51", "53"):
        lua = "lua5." + variant[1]
        with tempfile.TemporaryDirectory() as folder, \
                board(variant, "--init", init, faults=["flip=~900"]) as b:
            status, _, err = scan("--pull", folder + "/out", "-p", b.path)
            assert status == 0 and "alpha: " in err and "beta: " in err, err
            for name, source in SOURCES.items():
                code = (f"io.write(string.dump((loadstring or load)([[{source}]],"
                        f"'@{name}.lua'),false))")
                expected = subprocess.run([lua, "-e", code], capture_output=True, check=True)
                with open(f"{folder}/out/{name}.lc", "rb") as f:
                    assert f.read() == expected.stdout, name


def test_modules_that_cannot_be_pulled_are_told_of():
    image = f"lfs.img={GOLDEN}img/app-51f.img"
    with tempfile.TemporaryDirectory() as folder, board("51", "--file", image) as b:
        status, _, err = scan("--pull", folder + "/out", "-p", b.path)
        assert status == 1 and "LFS" in err, err
        b.ask("type node.LFS.reload('lfs.img')\\n")
        time.sleep(1)
        status, _, err = scan("--pull", folder + "/out", "-p", b.path)
        assert status == 1 and "refuses functions in flash" in err and "6 of 6" in err, err
        assert not os.listdir(folder + "/out")
        assert_clean(b, "pull")


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
                          (folder + "/none", "No such file"), (f"tcp:127.0.0.1:{closed}", "refused"),
                          (b.path + "@12345", "no rate"), ("tcp:", "not a name of a port")):
            status, out, err = scan("--capture", "-p", port, timeout=20)
            assert status == 1 and why in err and port.split("@")[0] in err and not out, (port, err)
        os.close(fd)
        status, _, err = scan("--reset", "--capture", "-p", b.path)
        assert status == 1 and "no line that resets" in err, err


def test_options_for_a_device_need_one():
    for args in (["--gen", "-p", "x", "README.md"], ["--watch", "2", "--census"],
                 ["--gen", "--replay", "x", "-p", "y"], ["--probe", "README.md"]):
        status, out, err = scan(*args)
        assert status == 2 and not out and err, (args, err)


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
        status, out, err = scan("--capture", "-p", f"rfc2217:127.0.0.1:{number}@57600")
        assert status == 0, err
        assert texts(out) == golden("51")
        assert bytes([44, 1, 0, 0, 0xe1, 0]) in server.told, server.told
        assert bytes([44, 5, 9]) in server.told and bytes([44, 5, 12]) in server.told


def test_a_bar_is_drawn_on_a_terminal():
    with board("51") as b:
        outer, inner = pty.openpty()
        p = subprocess.Popen([STRSCAN, "--gen", "-p", b.path], stdout=subprocess.PIPE, stderr=inner)
        out, _ = p.communicate(timeout=IN_TIME)
        os.close(inner)
        shown = os.read(outer, 65536).decode(errors="replace")
        os.close(outer)
        assert p.returncode == 0 and b"greenhouse" in out
        assert re.search(r"\r\[#+\.*\] \d+ of \d+ strings, \d+ bytes, \d+ s left", shown), shown


if __name__ == "__main__":
    main(globals())
