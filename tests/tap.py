# SPDX-License-Identifier: MIT
"""Tests that print TAP: each function named test_* of a script is one, named as a sentence."""
import os
import signal
import subprocess
import sys
import traceback

LFSDUMP = os.environ.get("LFSDUMP", "build/bin/lfsdump")
STRSCAN = os.environ.get("STRSCAN", "build/bin/strscan")
GOLDEN = "tests/golden/"


def run(*args, status=0, stdin=None, env=None, program=None):
    """Runs lfsdump and returns its standard output as bytes; its exit status must be as said."""
    p = subprocess.run([program or LFSDUMP, *args], input=stdin, capture_output=True, timeout=60,
                       env={**os.environ, **(env or {})}, check=False)
    assert p.returncode == status, (args, p.returncode, p.stderr[-2000:])
    run.stderr = p.stderr
    return p.stdout


def sanitized():
    """Are the programs built with the address sanitizer?"""
    with open(LFSDUMP, "rb") as f:
        return b"__asan_init" in f.read()


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    """Returns the path."""
    with open(path, "wb") as f:
        f.write(data)
    return path


class Skip(Exception):
    """Raised by a test that needs what this computer does not have; its text says what."""


def hear_signals():
    """A shell's "&" and nohup have signals ignored, and children of the tests would inherit that."""
    for number in signal.SIGINT, signal.SIGQUIT, signal.SIGHUP:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main(scope):
    hear_signals()
    tests = [(n, f) for n, f in scope.items() if n.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    for i, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {i} - {name[5:].replace('_', ' ')}", flush=True)
        except Skip as e:
            print(f"ok {i} - {name[5:].replace('_', ' ')} # SKIP {e}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {i} - {name[5:].replace('_', ' ')}")
            for line in traceback.format_exc().splitlines():
                print(f"# {line[:2000]}", flush=True)
    sys.exit(1 if failed else 0)
