#!/bin/sh
# SPDX-License-Identifier: MIT
# Includes point only downwards, and each outside library is included by one file.
set -u

echo 1..5

# What each folder may include from the project, as a pattern.
allowed() {
	case $1 in
	common/base) echo 'common/base' ;;
	common/view) echo 'common/(base|view)' ;;
	common/lua) echo 'common/(base|view|lua)' ;;
	common/strings) echo "common/(base|view|lua)|$1" ;;
	common/firmware) echo "common/(base|view|lua|strings)|$1" ;;
	common/device) echo "common/(base|view|lua|strings)|$1" ;;
	common/open) echo "common/(base|view|lua|strings|firmware)|$1" ;;
	lib) echo 'common/(base|view|lua)|lib' ;;
	lfsdump | strscan | tui) echo "common/[a-z]+|$1" ;;
	esac
}

bad=$(for folder in common/base common/view common/lua common/firmware common/strings \
	common/device common/open lib lfsdump strscan tui; do
	[ -d "$folder" ] || continue
	grep -nE '^#include "' "$folder"/*.[ch] 2>/dev/null |
		grep -vE "#include \"($(allowed "$folder"))/"
done)
if [ -z "$bad" ]; then
	echo 'ok 1 - includes point only downwards'
else
	echo 'not ok 1 - includes point only downwards'
	echo "$bad" | sed 's/^/# /'
fi

bad=$(for header in zlib.h dlfcn.h jansson.h gelf.h libelf.h libdw.h capstone.h curses.h termios.h; do
	n=$(grep -lE "^#include <([a-z]+/)?$header>" common/*/*.[ch] lib/*.[ch] lfsdump/*.[ch] strscan/*.[ch] 2>/dev/null | wc -l)
	[ "$n" -le 1 ] || echo "$header: $n files"
done)
if [ -z "$bad" ]; then
	echo 'ok 2 - each outside library is included by one file'
else
	echo 'not ok 2 - each outside library is included by one file'
	echo "$bad" | sed 's/^/# /'
fi

bad=$(grep -nE '\b(exit|abort|printf|puts|getenv|perror)\(' common/*/*.c lib/*.c |
	grep -vE ':[[:space:]]*(/?\*|//)')
if [ -z "$bad" ]; then
	echo 'ok 3 - libraries neither exit nor print nor read the environment'
else
	echo 'not ok 3 - libraries neither exit nor print nor read the environment'
	echo "$bad" | sed 's/^/# /'
fi

# common/device/console_parts.h is for common/device/console*.c, and parts.h for its folder's; the
# models of the loaders are parts of the check.
bad=$(for header in common/*/*_parts.h common/*/parts.h strscan/*_job.h; do
	own=${header%parts.h}
	own=${own%_job.h}
	grep -lE "^#include \"$header\"" common/*/*.[ch] lib/*.[ch] lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch] |
		grep -vE "^(${own%_}|common/lua/loader)" | sed "s|^|$header: |"
done)
if [ -z "$bad" ]; then
	echo 'ok 4 - private headers are included by their own files'
else
	echo 'not ok 4 - private headers are included by their own files'
	echo "$bad" | sed 's/^/# /'
fi

# Tabs are 8 wide; clang-format leaves long comments as they are.
bad=$(for file in common/*/*.[ch] lib/*.[ch] examples/*.c lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch] \
	tests/*.[ch] tests/simdev/*.[ch]; do
	expand "$file" | LC_ALL=C.UTF-8 grep -nE '^.{101,}' | sed "s|^|$file:|"
done)
if [ -z "$bad" ]; then
	echo 'ok 5 - no line is wider than 100 columns'
else
	echo 'not ok 5 - no line is wider than 100 columns'
	echo "$bad" | sed 's/^/# /'
fi
