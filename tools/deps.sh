#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds capstone 6 (Xtensa and RISC-V alone, static) into the folder given, from the pinned sdist.
set -eu

version=6.0.0a11
sum=c0518d24a54e3b5388a6664e235cf2d302c1605ab3f5518bca5b3004f5fc6573
to=${1:?usage: $0 FOLDER}
cc=${CC:-cc}

[ -e "$to/lib/libcapstone.a" ] && [ "$(cat "$to/version" 2>/dev/null)" = "$version" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# An archive laid into the folder by hand serves as well.
archive=$to/capstone-$version.tar.gz
if ! [ -e "$archive" ]; then
	pip3 download -q --disable-pip-version-check --no-deps --no-binary :all: -d "$work" \
		"capstone==$version"
	archive=$work/capstone-$version.tar.gz
fi
printf '%s  %s\n' "$sum" "$archive" | sha256sum -c --quiet

tar -xzf "$archive" -C "$work"
cd "$work/capstone-$version/src"
mkdir obj
export cc
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\n' cs.c utils.c SStream.c MC*.c Mapping.c arch/Xtensa/*.c arch/RISCV/*.c |
	xargs -P 2 -I @ sh -c '$cc -O2 -w -Iinclude -I. -DCAPSTONE_HAS_XTENSA \
		-DCAPSTONE_HAS_RISCV -DCAPSTONE_USE_SYS_DYN_MEM \
		-c "$1" -o "obj/$(basename "$1" .c).o"' sh @
ar rcs libcapstone.a obj/*.o
cd "$OLDPWD"

mkdir -p "$to/lib" "$to/include"
cp -r "$work/capstone-$version/src/include/capstone" "$to/include/"
cp "$work/capstone-$version"/src/LICENSES/* "$to/" 2>/dev/null || :
echo "$version" >"$to/version"
cp "$work/capstone-$version/src/libcapstone.a" "$to/lib/libcapstone.a.new"
mv "$to/lib/libcapstone.a.new" "$to/lib/libcapstone.a"
