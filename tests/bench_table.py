# SPDX-License-Identifier: MIT
"""Rows of the benchmarks' table: what was measured, and how it is written."""
import os
import statistics
import subprocess
from collections import namedtuple

PEAK = os.path.join(os.path.dirname(os.environ.get("LFSDUMP", "build/bin/lfsdump")), "bench_peak")

HEADS = ("job", "this tool, ms", "peer", "peer, ms", "ratio", "10–90 %", "aim", "peak, MiB",
         "peer's peak, MiB", "runs")
LEFT = (0, 2, 6)

# times, peer_times: seconds, as long as each other or the latter empty; peak, peer_peak: KiB.
Row = namedtuple("Row", "job times peer peer_times aim peak peer_peak",
                 defaults=("", (), None, None, None))


def percentile(values, share):
    values = sorted(values)
    return values[int(share * (len(values) - 1) + 0.5)]


def peak_of(argv, path, status=0, **how):
    """KiB that a program has at most, and its standard output."""
    p = subprocess.run([PEAK, path, *argv], check=False, **how)
    if p.returncode != status:
        raise RuntimeError(f"{argv[:4]}: status {p.returncode}")
    with open(path, encoding="ascii") as f:
        return int(f.read()), p.stdout


def milliseconds(times):
    if not times:
        return "–"
    ms = statistics.median(times) * 1000
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.2f}"


def mebibytes(kib):
    return "–" if kib is None else f"{kib / 1024:.1f}"


def cells(row):
    ratios = [a / b for a, b in zip(row.times, row.peer_times)]
    ratio = statistics.median(ratios) if ratios else None
    aim = "–" if row.aim is None else f"≤ {row.aim:g}"
    if row.aim is not None and ratios:
        aim += ", reached" if ratio <= row.aim else ", **missed**"
    return (row.job, milliseconds(row.times), row.peer or "–", milliseconds(row.peer_times),
            "–" if ratio is None else f"{ratio:.2f}",
            "–" if len(ratios) < 2 else
            f"{percentile(ratios, 0.1):.2f}–{percentile(ratios, 0.9):.2f}",
            aim, mebibytes(row.peak), mebibytes(row.peer_peak), str(len(row.times)))


def markdown(heads, lines, left):
    """A table whose columns stand below each other as text, too."""
    widths = [max(map(len, column)) for column in zip(heads, *lines)]
    rule = [("-" * w if i in left else "-" * (w - 1) + ":") for i, w in enumerate(widths)]
    return "".join("| " + " | ".join(c.ljust(w) if i in left else c.rjust(w)
                                     for i, (c, w) in enumerate(zip(line, widths))) + " |\n"
                   for line in (heads, rule, *lines))


def table(rows):
    return markdown(HEADS, [cells(row) for row in rows], LEFT)
