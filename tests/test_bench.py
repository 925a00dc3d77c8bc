#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The benchmarks: every job still runs, the helper tells memory right, and docs/bench.md has a row
for each job."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests")
from bench import SIZES  # noqa: E402
from bench_jobs import JOBS  # noqa: E402
from bench_table import HEADS, Row, cells, peak_of  # noqa: E402
from tap import main  # noqa: E402


def rows_of(text):
    """The cells of tables' lines, without heads and rules."""
    lines = [[c.strip() for c in line.split("|")[1:-1]] for line in text.splitlines()
             if line.startswith("| ")]
    return [line for line in lines if not set(line[0]) <= set("-") and line[0] != HEADS[0]]


def test_every_job_runs():
    p = subprocess.run(["tests/bench.py", "--smoke"], capture_output=True, check=False, timeout=300)
    assert p.returncode == 0, p.stderr.decode()
    rows = rows_of(p.stdout.decode())
    assert len(rows) > len(JOBS) + 10, rows
    for row in rows:
        assert row[1] != "–" or row[2].startswith("not here: "), row


def test_the_document_has_a_row_for_each_job():
    with open("docs/bench.md", encoding="utf-8") as f:
        rows = rows_of(f.read())
    told = [(row[0], row[2].removesuffix(": not here")) for row in rows]
    for job in JOBS:
        assert (job.name.format(**SIZES), job.peer) in told, job.name


def test_a_peak_is_that_of_the_program_and_not_of_who_asks():
    ballast = b"x" * (64 << 20)
    with tempfile.TemporaryDirectory() as folder:
        small, _ = peak_of(["true"], folder + "/peak")
        fill = "print(len(b'x' * (40 << 20)))"
        large, out = peak_of([sys.executable, "-c", fill], folder + "/peak", capture_output=True)
        shell, _ = peak_of(["sh", "-c", f'{sys.executable} -c "{fill}" >/dev/null; exit 3'],
                           folder + "/peak", 3)
    assert len(ballast) >> 20 == 64 and out == b"41943040\n"
    assert small < 32 << 10, small
    assert 40 << 10 < large < 60 << 10, large
    assert 40 << 10 < shell < 60 << 10, shell


def test_a_program_that_fails_ends_the_measuring():
    with tempfile.TemporaryDirectory() as folder:
        for argv in ["false"], ["kill-me", "x"], ["sh", "-c", "kill -9 $$"]:
            try:
                peak_of(argv, folder + "/peak", stderr=subprocess.DEVNULL)
            except RuntimeError:
                continue
            raise AssertionError(argv)


def test_ratios_are_taken_run_by_run():
    # The machine is ten times as slow in the second run: for both, so the ratio stays.
    row = Row("job", [0.001, 0.020, 0.003], "peer", [0.002, 0.040, 0.004], 0.5, 2048, 1024)
    assert cells(row) == ("job", "3.00", "peer", "4.00", "0.50", "0.50–0.75", "≤ 0.5, reached",
                          "2.0", "1.0", "3"), cells(row)
    late = Row("job", [0.5], "peer", [0.2], 2)
    assert cells(late)[4:7] == ("2.50", "–", "≤ 2, **missed**"), cells(late)
    alone = Row("job", [0.5], "peer: not here", [], 2)
    assert cells(alone)[:8] == ("job", "500", "peer: not here", "–", "–", "–", "≤ 2", "–")


if __name__ == "__main__":
    os.environ.pop("RUNS", None)
    main(globals())
