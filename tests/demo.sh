#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the simulated board, prints the file that strscan makes of its strings, and optimises it.
# usage: tests/demo.sh [51|51i|53]
set -eu

bin=${BIN:-build/bin}
variant=${1:-51}
case $variant in
51) image=samples/lfs-51-double.img ;;
51i) image=samples/lfs-51-integer.img ;;
*) image=samples/lfs-53.img ;;
esac
folder=$(mktemp -d)
mkdir "$folder/fs"
cp "$image" "$folder/fs/lfs.img"
"$bin/simdev" --variant "$variant" --fs "$folder/fs" --lfs "$image" >"$folder/port" &
board=$!
trap 'kill $board; rm -r "$folder"' EXIT
# It tells its port once it is ready.
while [ ! -s "$folder/port" ]; do sleep 0.1; done
port=$(cat "$folder/port")

show() {
	echo
	echo "\$ strscan $*"
	"$bin/strscan" "$@" 2>&1
}
show --gen --port "$port"
show --optimize --yes --as lfs.img --image "$image" --port "$port"
