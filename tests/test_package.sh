#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian packages: they build from a clean copy of the source, and lintian has nothing to say.
# What they do once installed is tests/package.sh's.
set -u

build=$(dirname "$(dirname "${LFSDUMP:-build/bin/lfsdump}")")
debs=$build/deb

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

for tool in dpkg-buildpackage dpkg-checkbuilddeps dh lintian; do
	command -v $tool >/dev/null || skip "there is no $tool"
done
dpkg-checkbuilddeps 2>/dev/null || skip 'some build dependencies are missing'
grep -q __asan_init "$build/bin/lfsdump" && skip 'the packages are not sanitized'

n=0
result() { # status, name, file with the reasons
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$3" | tail -n 60
	fi
}

echo 1..8
why=$(mktemp)
trap 'rm -f "$why"' EXIT

sed -n 's/^.define VERSION "\(.*\)"/\1/p' common/base/version.h >"$why"
[ "$(dpkg-parsechangelog -S Version)" = "$(cat "$why")" ]
result $? "the changelog's version is that of the programs" "$why"

# The tests that the packages' build has are run by "make check" here.
env -u MAKEFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS=nocheck make BUILD="$build" deb >"$why" 2>&1
result $? 'the packages build' "$why"

lintian -I --pedantic --allow-root "$debs"/*.changes >"$why" 2>&1 && ! grep -q '^[EW]:' "$why"
result $? 'lintian finds no error and no warning' "$why"

ls debian/files debian/tmp debian/lfs-tools debian/.debhelper debian/*.substvars >"$why" 2>/dev/null
[ ! -s "$why" ]
result $? 'nothing is left in the source' "$why"

# Files, without the folders of the architecture and of documentation.
for p in lfs-tools libnodemcu-lfs0 libnodemcu-lfs-dev; do
	dpkg-deb --fsys-tarfile "$debs/$p"_*.deb | tar -t | grep -v '/$' |
		sed -n 's|^\./usr/||; s|^lib/[^/]*-linux-[^/]*/|lib/|; /^share\/doc/!p'
done | sort >"$why.got"
version=$(dpkg-parsechangelog -S Version)
{
	for p in lfsdump strscan lfstui; do
		echo "bin/$p"
		echo "share/bash-completion/completions/$p"
		echo "share/fish/vendor_completions.d/$p.fish"
		echo "share/man/man1/$p.1.gz"
		echo "share/zsh/site-functions/_$p"
	done
	for f in .a .so .so.0 ".so.$version"; do
		echo "lib/libnodemcu-lfs$f"
	done
	echo include/nodemcu-lfs.h
	echo lib/pkgconfig/nodemcu-lfs.pc
	echo share/man/man5/lfs-image.5.gz
	echo share/lintian/overrides/lfs-tools
} | sort | diff - "$why.got" >"$why"
result $? 'each package has its files' "$why"
rm -f "$why.got"

# What documents name beside themselves, but for the code and what it tells of itself.
doc=$(mktemp -d)
trap 'rm -rf "$why" "$doc"' EXIT
dpkg-deb -x "$debs"/lfs-tools_*.deb "$doc"
cp -R "$doc/usr/share/doc/lfs-tools" "$doc/doc"
for f in README.md docs/*.md samples/README.md; do
	[ -f "$doc/doc/$f" ] || echo "$f"
	grep -oE '\]\([^):#]+' "$f" | sed 's/^](//' | while read -r to; do
		[ -e "$doc/doc/$(dirname "$f")/$to" ] || echo "$f: $to"
	done
done | grep -vE ': (\.\./)*(CHANGELOG\.md|examples/|(common|lib|lfsdump|tests)/.*\.[ch])$' >"$why"
[ ! -s "$why" ]
result $? 'documents have what they link to' "$why"

for f in samples/* tests/schema/*.json; do
	cmp "$f" "$doc/doc/$f"
done >"$why" 2>&1
[ ! -s "$why" ]
result $? 'samples and schemas are with the documents, as they are' "$why"

# A small source, with files in it that are none, copied into itself.
small=$doc/small
mkdir -p "$small/common/base"
cp Makefile "$small"
cp common/base/version.h "$small/common/base"
source_of() { # folder for the build, as the user names it
	(
		cd "$small" && env -u MAKEFLAGS -u MAKELEVEL make BUILD="$1" deb-source >/dev/null &&
			find "$1/deb/lfs-tools" -type f -printf '%P\n' | sort | tr '\n' ' '
	)
}
only='Makefile common/base/version.h '
{
	for build in out ./out2 "$small/out3"; do
		[ "$(source_of "$build")" = "$only" ] || echo "$build: $(source_of "$build")"
		rm -rf "${small:?}/$(basename "$build")"
	done
	git -C "$small" init -q && git -C "$small" add .
	echo >"$small/stray"
	mkdir "$small/build-other"
	echo >"$small/build-other/stray"
	[ "$(source_of ./out4)" = "$only" ] || echo "git: $(source_of ./out4)"
} >"$why" 2>&1
[ ! -s "$why" ]
result $? 'the packages are made of the source alone' "$why"
