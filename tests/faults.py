# SPDX-License-Identifier: MIT
"""Runs of the programs with allocations that fail, for tests: each place that asks for memory, as
far as its callers differ, fails once in a run; at every second one also all that follow."""
import concurrent.futures
import os
import re
import subprocess
import tempfile

from tap import LFSDUMP, STRSCAN, Skip, read, sanitized

LFSTUI = os.environ.get("LFSTUI", "build/bin/lfstui")
BIN = os.path.dirname(os.path.abspath(LFSDUMP))
FAIL_IO = os.path.join(BIN, "fail_io.so")
FAIL_MALLOC = os.path.join(BIN, "fail_malloc.so")
PROGRAMS = {"lfsdump": LFSDUMP, "strscan": STRSCAN, "lfstui": LFSTUI}
OLD = b"what was there before\n"


def need_plain_build():
    if sanitized():
        raise Skip("the sanitizers have an allocator of their own")
    assert os.path.exists(FAIL_MALLOC), FAIL_MALLOC


class Job:
    """A command; OUT and DIR in its arguments are a file that is there and an empty folder."""

    def __init__(self, program, *args, stdin=None, names=None, env=None):
        self.program, self.args, self.stdin, self.env = program, args, stdin, env or {}
        # What a message is to name: one of these.
        self.names = names or [a.split("@")[0] for a in args if os.path.exists(a.split("@")[0])]
        self.names += ["dummy_strings"] * ("--rebuild" in args)

    def __repr__(self):
        return " ".join((self.program, *self.args))

    def run(self, **env):
        """Status, output, messages, and what is in OUT and DIR then."""
        with tempfile.TemporaryDirectory() as folder:
            out, made = folder + "/out", folder + "/made"
            with open(out, "wb") as f:
                f.write(OLD)
            os.mkdir(made)
            args = [a.replace("OUT", out).replace("DIR", made) for a in self.args]
            p = subprocess.run([PROGRAMS[self.program], *args], input=self.stdin,
                               stdin=None if self.stdin else subprocess.DEVNULL,
                               capture_output=True, timeout=60, check=False,
                               env={**os.environ, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1",
                                    **self.env, **env})
            here = folder.encode()
            assert sorted(os.listdir(folder)) == ["made", "out"], (self, os.listdir(folder))
            # The time of a capture is now, and a board's heap is never the same.
            return (p.returncode, p.stdout.replace(here, b""), p.stderr.replace(here, b""),
                    re.sub(rb'"(time|heap)": \d+', b"", read(out)),
                    {n: read(f"{made}/{n}") for n in os.listdir(made)})

    def sites(self):
        """Of each stack that asks for memory the first allocation's number."""
        with tempfile.NamedTemporaryFile() as f:
            self.run(LD_PRELOAD=FAIL_MALLOC, FAIL_MALLOC_SITES=f.name)
            rows = [line.split() for line in read(f.name).splitlines()]
        return {stack: int(n) for n, stack in rows}


class Failures:
    """Jobs with failing allocations. A place that has failed in one job is left out in the next."""

    def __init__(self, workers=2):
        self.pool = concurrent.futures.ThreadPoolExecutor(workers)
        self.done = set()
        self.runs = self.told = 0

    def judge(self, job, whole, n, on):
        env = {"FAIL_MALLOC_ON": "1"} if on else {}
        got = job.run(LD_PRELOAD=FAIL_MALLOC, FAIL_MALLOC=str(n), **env)
        status, out, err, file, made = got
        where = (str(job), n, on, status, out[-200:], err[-1000:], file[:200])
        if got == whole:
            return False
        if status == 0 and b": out of memory\n" in err:  # of a remark; all else is there
            assert (status, out, file, made) == (whole[0], whole[1], *whole[3:]), where
            return False
        assert status == 1, where
        assert all(made[name] == whole[4][name] for name in made), where
        assert file == OLD or "OUT" not in str(job), where
        lines = err.splitlines()
        assert lines and err.endswith(b"\n"), where
        for line in lines:
            assert line.startswith(job.program.encode() + b": "), where
        names = [n.encode() for n in job.names]
        names += [b"/out", b"/made", b"--diff", b"--html", b"command line", b"standard output",
                  b"device"]
        assert any(b"out of memory" in line.lower() and any(n in line for n in names)
                   for line in lines), where
        return True

    def each(self, *jobs):
        for job in jobs:
            whole = job.run()
            assert whole[0] in (0, 1) and job.run() == whole, (job, whole)
            sites = {s: n for s, n in job.sites().items() if (job.program, s) not in self.done}
            self.done |= {(job.program, s) for s in sites}
            calls = [self.pool.submit(self.judge, job, whole, n, on)
                     for n in sorted(sites.values()) for on in (False, True) if n % 2 or not on]
            self.told += sum(c.result() for c in calls)
            self.runs += len(calls)
