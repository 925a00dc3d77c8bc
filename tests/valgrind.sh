#!/bin/sh
# SPDX-License-Identifier: MIT
# The programs' main paths under valgrind, two at a time: nothing is used before it has a value,
# nothing is lost. A run may end as the program says; what valgrind finds ends it with 99.
# usage: tests/valgrind.sh, with LFSDUMP, STRSCAN, LFSTUI and SIMDEV as in tests
set -eu

golden=tests/golden
folder=$(mktemp -d)
board=
trap '[ -z "$board" ] || kill $board; tmux -S "$folder/tmux" kill-server 2>/dev/null || :
	rm -r "$folder"' EXIT
check='valgrind -q --error-exitcode=99 --leak-check=full'
check="$check --show-leak-kinds=definite --errors-for-leak-kinds=definite"
export check folder

runs() {
	for f in $golden/img/app-51f.img $golden/img/app-51i-abs.img $golden/img/app-53.img \
		$golden/img/app-53-abs.img $golden/img/app-51-2018b-float.img \
		$golden/lc/main-51f.lc $golden/lc/main-53.lc; do
		echo "$LFSDUMP $f"
		echo "$LFSDUMP --json $f"
		echo "$LFSDUMP --code $f"
	done
	for f in $golden/img/app-51f.img $golden/img/app-53.img; do
		echo "$LFSDUMP --check $f"
	done
	echo "$LFSDUMP --diff $golden/img/app-51f.img $golden/img/app-51i.img"
	echo "$LFSDUMP --diff $golden/img/app-53.img $golden/img/app-53d.img"
	echo "$LFSDUMP samples/firmware-51-double.elf"
	echo "$LFSDUMP --rotables samples/firmware-51-double.elf"
	echo "$STRSCAN --gen samples/capture-51.json"
	echo "$STRSCAN --gen $golden/img/app-51f.img"
	echo "$STRSCAN --gen $golden/ram/heap-51.strings.txt"
	echo "$STRSCAN --gen $golden/ram/heap-51.bin@0x3fff1000"
	echo "$STRSCAN --gen --port $(cat "$folder/port")"
}

wait_for() { # complaint after half a minute, command that tells whether it is so
	complaint=$1 tries=0
	shift
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { echo "valgrind: $complaint" >&2; exit 1; }
		sleep 0.1
	done
}

screen_has() {
	tmux -S "$folder/tmux" capture-pane -p | grep -q "$1"
}

$SIMDEV --variant 51 --fast >"$folder/port" &
board=$!
wait_for 'simdev names no port' test -s "$folder/port"

# shellcheck disable=SC2016
runs | xargs -P 2 -I @ sh -c '
	said=$(mktemp -p "$folder")
	status=0
	$check @ >/dev/null 2>"$said" || status=$?
	[ $status -le 1 ] && exit
	echo "valgrind: @: status $status" >&2
	tail -n 40 "$said" >&2
	exit 1'

# The browser: its first screen, another file's tree, the end.
tmux -S "$folder/tmux" -f /dev/null new-session -d -x 80 -y 24 "
	$check --log-file=$folder/browser $LFSTUI $golden/img/app-51f.img; echo \$? >$folder/status"
wait_for 'lfstui shows nothing' screen_has app-51f
for key in Enter j j Tab q; do
	tmux -S "$folder/tmux" send-keys $key
done
wait_for 'lfstui does not end' test -s "$folder/status"
status=$(cat "$folder/status")
[ "$status" = 0 ] || {
	echo "valgrind: lfstui: status $status" >&2
	cat "$folder/browser" >&2
	exit 1
}
echo "valgrind: $(runs | wc -l) runs and the browser: no error, nothing lost"
