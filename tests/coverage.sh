#!/bin/sh
# SPDX-License-Identifier: MIT
# Which part of the lines of common/ has run, by folder; fails when it is less than PERCENT of all.
# usage: tests/coverage.sh OBJECTS PERCENT
set -eu

gcovr --csv -j 2 -r . --object-directory "$1" -f common/ "$1/common" |
	awk -F, -v floor="$2" '
	function row(name, n, all) {
		return sprintf("%-18s %6d of %6d lines  %5.1f %%", name, n, all, 100 * n / all)
	}
	NR == 1 {
		for (i = 1; i <= NF; i++)
			column[$i] = i
		next
	}
	{
		split($1, part, "/")
		folder = part[1] "/" part[2]
		ran[folder] += $column["line_covered"]
		lines[folder] += $column["line_total"]
	}
	END {
		for (f in lines) {
			print row(f, ran[f], lines[f]) | "sort"
			all_ran += ran[f]
			all_lines += lines[f]
		}
		close("sort")
		if (!all_lines)
			exit 1
		print row("common", all_ran, all_lines)
		if (100 * all_ran < floor * all_lines) {
			print "less than " floor " % of the lines have run"
			exit 1
		}
	}'
