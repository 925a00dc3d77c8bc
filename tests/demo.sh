#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the simulated board and prints the file that strscan makes of its strings.
# usage: tests/demo.sh [51|51i|53]
set -eu

bin=${BIN:-build/bin}
folder=$(mktemp -d)
"$bin/simdev" --variant "${1:-51}" >"$folder/port" &
board=$!
trap 'kill $board; rm -r "$folder"' EXIT
# It tells its port once it is ready.
while [ ! -s "$folder/port" ]; do sleep 0.1; done
echo "\$ strscan --gen --port $(cat "$folder/port")" >&2
"$bin/strscan" --gen --port "$(cat "$folder/port")"
