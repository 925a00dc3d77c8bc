#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The programs when the system does not do what they ask for: reads and writes that are short,
interrupted or fail, a full disk, descriptors that are closed. What they make is whole, or they say
what went wrong with which file, end with 1, and a file that was there stays."""
import concurrent.futures
import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from faults import FAIL_IO, OLD, PROGRAMS, Job, read  # noqa: E402
from live import board  # noqa: E402
from tap import GOLDEN, LFSDUMP, STRSCAN, Skip, main, run, sanitized  # noqa: E402

IMG = GOLDEN + "img/"
APP = IMG + "app-51f.img"
MANY = IMG + "many-53.img"
ELF = "samples/firmware-51-double.elf"
CAPTURE = "samples/capture-51.json"
HEAP = GOLDEN + "ram/heap-51.bin@0x3fff1000"
JOBS = [
    Job("lfsdump", APP), Job("lfsdump", "--json", APP, "-o", "OUT"), Job("lfsdump", "--hex", MANY),
    Job("lfsdump", "--csv", "--strings", APP, MANY, "-o", "OUT"), Job("lfsdump", "--json", ELF),
    Job("lfsdump", "--diff", "--json", IMG + "floats-51f.img", APP, "-o", "OUT"),
    Job("lfsdump", "--check", "--firmware", ELF, APP), Job("lfsdump", "--extract", "DIR", APP),
    Job("lfsdump", "--check", "--for", "lua51-int", APP, "-o", "OUT"),
    Job("lfsdump", "--against", GOLDEN + "img", APP, "-o", "OUT"),
    Job("lfsdump", "--ncdu", APP, "-o", "OUT"), Job("lfsdump", "--against", GOLDEN + "app", APP),
    Job("lfsdump", "--code", "-", stdin=read(APP), names=["(standard input)"]),
    Job("strscan", "--gen", CAPTURE, "-o", "OUT"), Job("strscan", "--gen", "--ram", HEAP),
    Job("strscan", "--list", "--format=json", "--image", APP, CAPTURE, "-o", "OUT"),
    Job("strscan", "--gen", "-", stdin=read(CAPTURE), names=["(standard input)"]),
    Job("strscan", "--forecast", ELF, "-o", "OUT"), Job("strscan", "--census", "--ram", HEAP),
    Job("strscan", "--rebuild", APP, GOLDEN + "app/main.lua", "--timestamp=1", "-o", "OUT"),
]
CALLS_MAX = 40  # of a job that fail, at most


def each(function, cases):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(function, cases))


def need_faults():
    if sanitized():
        raise Skip("the sanitizers want to be loaded first")
    p = subprocess.run([LFSDUMP, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={**os.environ, "LD_PRELOAD": FAIL_IO, "FAIL_IO_CALL": "read"},
                       check=False)
    if p.returncode == 96:
        raise Skip("system calls cannot be caught here")


def test_short_and_interrupted_calls_change_nothing():
    need_faults()

    def short(job):
        whole = job.run()
        for call in ("read", "write"):
            got = job.run(LD_PRELOAD=FAIL_IO, FAIL_IO_CALL=call)
            assert got == whole, (job, call, got[0], got[2], got[1][-200:])
    each(short, JOBS)


def test_a_board_that_is_read_and_written_in_pieces_gives_the_same():
    need_faults()
    with board("51") as b:
        job = Job("strscan", "--capture", "-p", b.path, "-o", "OUT")
        whole = job.run()
        assert whole[0] == 0, whole
        for call in ("read", "write"):
            got = job.run(LD_PRELOAD=FAIL_IO, FAIL_IO_CALL=call)
            assert got[:3] == whole[:3], (call, got[:3])


def failing(call, number):
    """Each job with each call from its first on, until it does not come to it."""
    told = os.strerror(number).encode()

    def fail(job):
        whole = job.run()
        writes = any(a in ("OUT", "DIR") for a in job.args)
        names = [n.encode() for n in job.names]
        if call == "write":
            names = [b"/out", b"/made"] * writes + [b"standard output"]
        elif job.program == "lfsdump" and "OUT" in job.args:
            names.append(b"/out")  # looked at before it is replaced
        with tempfile.TemporaryDirectory() as folder:
            for n in range(1, CALLS_MAX):
                tell = folder + "/told"
                got = job.run(LD_PRELOAD=FAIL_IO, FAIL_IO_CALL=call, FAIL_IO_ERROR=str(number),
                              FAIL_IO_AT=str(n), FAIL_IO_TELL=tell)
                if not os.path.exists(tell):
                    assert got == whole and n > 1, (job, n, got[:3])
                    break
                os.remove(tell)
                if call == "read" and got == whole:  # a time zone may be missing
                    continue
                where = (str(job), call, n, got[0], got[2][-500:], got[3][:100])
                assert got[0] == 1, where
                lines = got[2].splitlines()
                assert any(line.startswith(job.program.encode()) and told in line and
                           any(x in line for x in names) for line in lines), where
                assert not writes or "DIR" in job.args or got[3] in (OLD, whole[3]), where
                assert all(got[4][k] == whole[4][k] for k in got[4]), where
    each(fail, JOBS)


def test_reads_that_fail_are_told_with_the_file():
    need_faults()
    failing("read", errno.EIO)


def test_writes_that_fail_are_told_with_the_file_and_leave_no_half_of_it():
    need_faults()
    failing("write", errno.EIO)
    failing("write", errno.EINTR)


class SmallDisk:
    """with SmallDisk(64 << 10) as folder: a file system with room for so many bytes."""

    def __init__(self, size):
        self.folder = tempfile.TemporaryDirectory()
        self.size = size

    def __enter__(self):
        p = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs",
                            self.folder.name], stderr=subprocess.DEVNULL, check=False)
        if p.returncode:
            self.folder.cleanup()
            raise Skip("no file system can be mounted here")
        return self.folder.name

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder.name], check=True)
        self.folder.cleanup()


def outputs(out, folder):
    """Commands whose output does not fit in 8 KB, and what they are to name."""
    rows = [([LFSDUMP, "--json", MANY, "-o", out], out), ([LFSDUMP, "--hex", APP, "-o", out], out),
            ([LFSDUMP, "--extract", folder + "/made", IMG + "app-53.img"], folder + "/made/"),
            ([STRSCAN, "--list", "--format=json", "--ram", HEAP, "-o", out], out),
            ([STRSCAN, "--rebuild", MANY, "--base=0x40296000", "--timestamp=1", "-o", out], out)]
    return rows + [([LFSDUMP, "--html=" + out, APP], out)] * (b"--html" in run("--help"))


def is_kept(command, named, out, folder, told, **options):
    """The command fails and says so; the old file and no other stands there."""
    with open(out, "wb") as f:
        f.write(OLD)
    p = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                       check=False, **options)
    where = (command, p.returncode, p.stderr, os.listdir(folder))
    assert p.returncode == 1, where
    program = os.path.basename(command[0]).encode()
    assert any(line.startswith(program + b": ") and named.encode() in line and told in line
               for line in p.stderr.splitlines()), where
    assert read(out) == OLD, where
    made = os.listdir(folder + "/made") if os.path.isdir(folder + "/made") else []
    assert set(os.listdir(folder)) <= {"out", "made"}, where
    for name in made:  # those that fit
        assert read(f"{folder}/made/{name}") == read(f"{GOLDEN}lc/{name[:-3]}-53.lc"), where
        os.remove(f"{folder}/made/{name}")


def test_a_full_disk_is_told_and_a_file_that_was_there_stays():
    with SmallDisk(8 << 10) as folder:
        out = folder + "/out"
        for command, named in outputs(out, folder):
            is_kept(command, named, out, folder, os.strerror(errno.ENOSPC).encode())
        for command in ([LFSDUMP, "--hex", APP], [STRSCAN, "--list", "--ram", HEAP]):
            with open(folder + "/std", "wb") as f:
                p = subprocess.run(command, stdout=f, stderr=subprocess.PIPE, check=False)
            assert p.returncode == 1 and b"standard output: No space left" in p.stderr, p
            os.remove(folder + "/std")


def test_a_limit_of_file_sizes_is_told_and_a_file_that_was_there_stays():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 10, 1 << 10))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/out"
        for command, named in outputs(out, folder):
            is_kept(command, named, out, folder, os.strerror(errno.EFBIG).encode(),
                    preexec_fn=limit, restore_signals=False)


PRINTING = [
    [LFSDUMP, APP], [LFSDUMP, "--json", MANY], [LFSDUMP, "--hex", MANY], [LFSDUMP, "--help"],
    [LFSDUMP, "--version"], [LFSDUMP, "--columns", "help"], [LFSDUMP, "--id", APP],
    [LFSDUMP, "--check", APP], [LFSDUMP, "--diff", APP, MANY], [LFSDUMP, "--ncdu", APP],
    [LFSDUMP, ELF], [STRSCAN, "--gen", CAPTURE], [STRSCAN, "--list", CAPTURE],
    [STRSCAN, "--help"], [STRSCAN, "--version"], [STRSCAN, "--census", "--ram", HEAP],
    [STRSCAN, "--forecast", ELF], [PROGRAMS["lfstui"], "--help"], [PROGRAMS["lfstui"], "--version"],
]


def test_an_output_that_takes_nothing_is_told():
    for command in PRINTING:
        for redirect, told in ((">&-", b"Bad file descriptor"),
                               (">/dev/full", b"No space left on device")):
            p = subprocess.run(["sh", "-c", f'exec "$@" {redirect}', "sh", *command],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            assert p.returncode == 1 and told in p.stderr and \
                b"standard output" in p.stderr, (command, redirect, p)


def test_a_reader_that_has_seen_enough_is_no_error():
    for command in PRINTING:
        reader, writer = os.pipe()
        os.close(reader)  # before the start, else a fast program has printed all
        p = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE,
                           timeout=20, check=False)
        os.close(writer)
        assert p.returncode in (0, -signal.SIGPIPE) and b"roken pipe" not in p.stderr, \
            (command, p.returncode, p.stderr)


def test_closed_inputs_and_messages_end_nothing_in_disorder():
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/out"
        for command in ([LFSDUMP, "-"], [STRSCAN, "--gen", "-"], [STRSCAN, "--rebuild", "-"]):
            with open(out, "wb") as f:
                f.write(OLD)
            p = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command, "-o", out],
                               capture_output=True, check=False)
            assert p.returncode == 1 and b"Bad file descriptor" in p.stderr, (command, p)
            assert b"standard input" in p.stderr and read(out) == OLD, (command, p)
        # What is to be read as an image must not be what messages go to, and the other way round.
        for command in ([LFSDUMP, "--json", APP], [STRSCAN, "--gen", CAPTURE]):
            whole = subprocess.run(command, capture_output=True, check=True).stdout
            for redirect in ("<&-", "2>&-", "<&- 2>&-"):
                p = subprocess.run(["sh", "-c", f'exec "$@" {redirect}', "sh", *command],
                                   stdout=subprocess.PIPE, check=False)
                assert p.returncode == 0 and p.stdout == whole, (command, redirect, p)
            damaged = folder + "/damaged"
            with open(damaged, "wb") as f:
                f.write(read(command[-1])[:200])
            for redirect in ("2>&-", "<&- 2>&-", "<&- >&- 2>&-", ">&-"):
                p = subprocess.run(["sh", "-c", f'exec "$@" {redirect}', "sh", *command[:-1],
                                    damaged, "-o", out], capture_output=True, check=False)
                assert p.returncode == 1, (command, redirect, p)
                assert b"lfsdump: " not in read(out) and b"strscan: " not in read(out)
            assert read(damaged) == read(command[-1])[:200]


main(globals())
