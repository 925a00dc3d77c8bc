#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh FOLDER SECONDS TARGET [FLAG...]: fuzzes one target, and prints a row of the table in
# docs/fuzzing.md. The log is FOLDER/TARGET.log, new inputs are in FOLDER/found/TARGET, and what
# breaks something is FOLDER/TARGET-crash-... and the like; then the log is shown.
folder=$1 seconds=$2 target=$3
shift 3
log=$folder/$target.log
mkdir -p "$folder/found/$target"
"$folder/bin/fuzz_$target" "$@" -max_total_time="$seconds" -print_final_stats=1 \
	-artifact_prefix="$folder/$target-" "$folder/found/$target" "tests/corpus/$target" \
	>"$log" 2>&1 || {
	cat "$log"
	exit 255
}
# The seconds that it ran, as libFuzzer counts them, not those that were asked for.
awk -v target="$target" '
	$2 == "DONE" { edges = $4; features = $6 }
	/^Done / { runs = $2; seconds = $5 }
	/peak_rss_mb/ { peak = $2 }
	/slowest_unit/ { slowest = $2 }
	END {
		printf "| %s | %d | %d | %d | %d | %d | %d |\n", target, seconds, runs, edges,
			features, slowest, peak
	}' "$log"
