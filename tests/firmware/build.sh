#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the test firmwares into a folder: one for each layout of Lua's values, one with debug data,
# one for RISC-V. 77: a compiler is missing.
set -eu

out=$1
here=$(dirname "$0")
xtensa='xtensa-lx106-elf-gcc'
riscv='riscv64-unknown-elf-gcc'
command -v $xtensa >/dev/null && command -v $riscv >/dev/null || exit 77
mkdir -p "$out"

# shellcheck disable=SC2086
# NAME COMPILER SCRIPT FLAGS...
firmware() {
	name=$1 compiler=$2 script=$3
	shift 3
	mkdir -p "$out/$name.o"
	for source in core gpio net mqtt mqtt_connect partitions; do
		# code in IRAM is too far from flash for short calls
		long=
		[ $source$compiler = core$xtensa ] && long=-mlongcalls
		"$compiler" -std=gnu11 -Os -Wall -ffreestanding -fno-builtin -fdebug-prefix-map="$here=/firmware" \
			"$@" $long -c -o "$out/$name.o/$source.o" "$here/$source.c"
	done
	"$compiler" -nostdlib -nostartfiles "$@" -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-Wl,-T,"$here/$script" -o "$out/$name.elf" "$out/$name.o"/*.o
}

lx106="-mlongcalls -mtext-section-literals"
# shellcheck disable=SC2086
{
	firmware 51-double $xtensa esp8266.ld $lx106 -DLUA=51 -DWIDE=1
	firmware 51-integer $xtensa esp8266.ld $lx106 -DLUA=51 -DWIDE=0
	firmware 53 $xtensa esp8266.ld -mlongcalls -DLUA=53 -DWIDE=0
	firmware 53-wide $xtensa esp8266.ld -DLUA=53 -DWIDE=1
	firmware 51-double-debug $xtensa esp8266.ld $lx106 -g -DLUA=51 -DWIDE=1
	firmware 53-c3 $riscv esp32c3.ld -march=rv32imc -mabi=ilp32 -DLUA=53 -DWIDE=0
}
