#!/bin/sh
# SPDX-License-Identifier: MIT
# Includes point only downwards, each outside library is included by one file, libraries have no
# state, lines are not too wide.
set -u

echo 1..6

result() { # number, name; $bad has what is wrong
	if [ -z "$bad" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$bad" | sed 's/^/# /'
	fi
}

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
result 1 'includes point only downwards'

bad=$(for header in zlib.h dlfcn.h jansson.h gelf.h libelf.h libdw.h capstone.h curses.h termios.h; do
	n=$(grep -lE "^#include <([a-z]+/)?$header>" common/*/*.[ch] lib/*.[ch] lfsdump/*.[ch] strscan/*.[ch] 2>/dev/null | wc -l)
	[ "$n" -le 1 ] || echo "$header: $n files"
done)
result 2 'each outside library is included by one file'

bad=$(grep -nE '\b(exit|abort|printf|puts|getenv|perror)\(' common/*/*.c lib/*.c |
	grep -vE ':[[:space:]]*(/?\*|//)')
result 3 'libraries neither exit nor print nor read the environment'

# common/device/console_parts.h is for common/device/console*.c, and parts.h for its folder's; the
# models of the loaders are parts of the check.
bad=$(for header in common/*/*_parts.h common/*/parts.h strscan/*_job.h; do
	own=${header%parts.h}
	own=${own%_job.h}
	grep -lE "^#include \"$header\"" common/*/*.[ch] lib/*.[ch] lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch] |
		grep -vE "^(${own%_}|common/lua/loader)" | sed "s|^|$header: |"
done)
result 4 'private headers are included by their own files'

# Tabs are 8 wide; clang-format leaves long comments as they are.
bad=$(for file in common/*/*.[ch] lib/*.[ch] examples/*.c lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch] \
	tests/*.[ch] tests/simdev/*.[ch]; do
	expand "$file" | LC_ALL=C.UTF-8 grep -nE '^.{101,}' | sed "s|^|$file:|"
done)
result 5 'no line is wider than 100 columns'

# By their sections: constants with addresses in them are in .data.rel.ro. What the JSON parser's
# allocators cannot be given has no other place, see capture.c.
build=$(dirname "$(dirname "${LFSDUMP:-build/bin/lfsdump}")")
if nm "$build/bin/lfsdump" | grep -qE '__asan_init|__gcov_'; then
	echo 'ok 6 - libraries keep no variables # SKIP the compiler adds some'
else
	bad=$(objdump -t "$build/liblfs.a" |
		grep -E '[[:space:]]\.t?(data|bss)[[:space:]]+0*[1-9a-f][0-9a-f]*[[:space:]]' |
		grep -v '[[:space:]]starved$')
	result 6 'libraries keep no variables'
fi
