#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lfsdump on many files: by several processes the same as by one, and in as little memory."""
import glob
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "tests")
from tap import GOLDEN, LFSDUMP, Skip, main, read, run, sanitized  # noqa: E402

IMAGES = sorted(glob.glob(GOLDEN + "img/*.img"))
ELF = "samples/firmware-51-double.elf"


def call(*args, stdin=None, **options):
    p = subprocess.run([LFSDUMP, *args], input=stdin, capture_output=True, timeout=120, check=False,
                       **options)
    return p.returncode, p.stdout, p.stderr


class Files:
    """with Files() as f: f.all are images, what is damaged, missing, a folder, a firmware and -."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.damaged = self.folder.name + "/damaged.img"
        with open(self.damaged, "wb") as f:
            f.write(read(GOLDEN + "img/app-53.img")[:-200])
        self.all = ["/nonexistent", *IMAGES[:9], self.damaged, ELF, "-", self.folder.name,
                    *IMAGES[9:14], GOLDEN + "lc/main-51f.lc", "/dev/null"]
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def test_several_processes_print_what_one_does():
    views = [[], ["--json"], ["--csv", "--strings"], ["--tsv", "--modules"], ["--markdown"],
             ["--id"], ["--id", "--json"], ["--check"], ["--check", "--json"], ["--damage"],
             ["--summary", "--json"], ["--code"], ["--hex"], ["--color=always", "--strings"],
             ["--markdown", "--strings"], ["--check", "--csv"], ["--xref=*"]]
    with Files() as f:
        std = read(IMAGES[3])
        for view in views:
            one = call(*view, *f.all, stdin=std)
            assert one[0] == 1 and len(one[1]) > 500 and one[2], (view, one)
            for n in ("2", "3") if view else ("1", "2", "3", "19", "256", "auto", "0"):
                got = call(*view, "-j", n, *f.all, stdin=std)
                assert got == one, (view, n, got[0], got[2], one[2])
        assert call("--id", *IMAGES) == call("--id", "--jobs=2", *IMAGES)


def test_the_header_of_values_comes_once():
    head = b"file,"
    out = call("--csv", "--modules", "-j", "3", *IMAGES[:7])[1]
    assert out.startswith(head) and out.count(b"\n" + head) == 0


def test_an_output_file_is_as_of_one_process():
    with Files() as f:
        one, more = f.folder.name + "/one", f.folder.name + "/more"
        for files in (IMAGES[:9], [*IMAGES[:4], f.damaged]):
            want = call("--json", "-o", one, *files)
            assert call("--json", "-j", "2", "-o", more, *files) == want
            assert read(one) == read(more) != b""
        for out in (one, more):
            jobs = ["-j", "2"] * (out == more)
            with open(out, "wb") as old:
                old.write(b"old")
            assert call("--json", *jobs, "-o", out, *IMAGES[:4], "/nonexistent")[0] == 1
            assert read(out) == b"old"  # an unreadable input: nothing is written


def test_a_number_that_is_none_is_refused():
    for n in ("x", "-1", "257", "", "2x", "99999999999999999999"):
        run("--jobs=" + n, IMAGES[0], status=2)
        assert b"--jobs takes" in run.stderr


def test_without_descriptors_for_workers_the_files_are_worked_on_all_the_same():
    want = call("--id", *IMAGES)
    for most in (5, 7, 8, 9, 12):
        def limit(n=most):
            resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))
        assert call("--id", "-j", "4", *IMAGES, preexec_fn=limit) == want, most


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def wait_until(what):
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


class Held:
    """lfsdump --id -j 2 on files of which the third, the first worker's, is an empty pipe."""

    def __init__(self, folder, *args):
        self.fifo = folder + "/held"
        os.mkfifo(self.fifo)
        self.files = [*IMAGES[:2], self.fifo, *IMAGES[2:8]]
        self.p = subprocess.Popen([LFSDUMP, "--id", "-j", "2", *args, *self.files],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  start_new_session=True)
        wait_until(lambda: len(children(self.p.pid)) == 2)
        self.workers = children(self.p.pid)
        self.fd = None
        wait_until(self.is_opened)

    def is_opened(self):
        """A worker has come to the pipe; it waits for what comes out of it from now on."""
        try:
            self.fd = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        return True

    def end(self):
        out, err = self.p.communicate(timeout=60)
        os.close(self.fd)
        return self.p.returncode, out, err


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().split(") ")[1][0] == "Z"
    except FileNotFoundError:
        return True


def test_a_worker_that_dies_is_told_with_its_file_and_the_others_go_on():
    for number, told in ((signal.SIGABRT, b"signal 6 (Aborted)"),
                         (signal.SIGKILL, b"signal 9 (Killed)")):
        with tempfile.TemporaryDirectory() as folder:
            held = Held(folder)
            os.kill(held.workers[0], number)
            status, out, err = held.end()
            want = call("--id", *IMAGES[:8])[1]
            assert status == 1 and out == want, (status, out, err)
            assert err == b"lfsdump: %s: the process that worked on it was ended by %s\n" % (
                held.fifo.encode(), told), err


def test_an_output_file_without_what_a_dead_worker_had_is_not_written():
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/out"
        held = Held(folder, "-o", out)
        os.kill(held.workers[0], signal.SIGKILL)
        assert held.end()[0] == 1 and not os.path.exists(out)


def test_an_interrupt_ends_all_processes():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        with tempfile.TemporaryDirectory() as folder:
            held = Held(folder)
            os.killpg(held.p.pid, number)  # as a terminal does
            assert held.end()[0] == -number
            wait_until(lambda: all(gone(w) for w in held.workers))


def test_workers_end_when_nobody_takes_what_they_print():
    files = (IMAGES * 20)[:1000]
    for how in ("reader", "killed"):
        p = subprocess.Popen([LFSDUMP, "--json", "-j", "2", *files], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        p.stdout.read(10)
        workers = children(p.pid)
        assert len(workers) == 2
        if how == "killed":
            p.kill()
        p.stdout.close()
        assert p.stderr.read() == b""
        p.stderr.close()
        assert p.wait(20) == (-signal.SIGKILL if how == "killed" else -signal.SIGPIPE)
        wait_until(lambda: all(gone(w) for w in workers))


def peak(*args):
    """Kilobytes of the largest process."""
    with open(os.devnull, "wb") as null:
        p = subprocess.Popen([LFSDUMP, *args], stdout=null)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = status
    assert os.WEXITSTATUS(status) in (0, 1) and not os.WTERMSIG(status)
    return usage.ru_maxrss


def test_memory_does_not_grow_with_the_files():
    if sanitized():
        raise Skip("the sanitizers keep what was freed")
    few, many = IMAGES, IMAGES * 22
    for args in (["--json"], ["--json", "-j", "2"], ["--check"]):
        before = min(peak(*args, *few) for _ in range(2))
        after = min(peak(*args, *many) for _ in range(2))
        # Their names, and how the heap happens to lie.
        assert after < before + 1000 + len(" ".join(many)) // 512, (args, before, after)


def test_who_is_ahead_waits_for_the_reader():
    p = subprocess.Popen([LFSDUMP, "--json", "-j", "2", *(IMAGES * 11)], stdout=subprocess.PIPE)
    time.sleep(1)
    for pid in (p.pid, *children(p.pid)):
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            size = int(next(row for row in f if row.startswith("VmHWM")).split()[1])
        assert sanitized() or size < 12000, size
    assert len(p.stdout.read()) > 1000000 and p.wait(60) == 0
    p.stdout.close()


main(globals())
