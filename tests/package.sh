#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages in a bare Debian 12, uses what they bring, and removes them again.
# As root, with debootstrap; the mirror is the one that apt uses here.
# usage: tests/package.sh FOLDER-OF-DEBS [ROOT]   ROOT: where that Debian is, or shall be; stays
set -eu

debs=$1
root=${2:-}
packages='lfs-tools libnodemcu-lfs-dev libnodemcu-lfs0'
[ "$(id -u)" = 0 ] || {
	echo "$0: only root can do this" >&2
	exit 1
}
if [ -z "$root" ]; then
	root=$(mktemp -d)
	chmod 755 "$root" # apt drops its privileges
	trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT
fi

step() {
	echo "== $*"
}

in_root() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
		DEBIAN_FRONTEND=noninteractive "$@"
}

apt() {
	in_root apt-get -qq -y --no-install-recommends "$@" >"$root/tmp/apt.log" 2>&1 || {
		cat "$root/tmp/apt.log" >&2
		exit 1
	}
}

# Where packages come from, and whose keys and certificates to trust.
take_apt_settings() {
	rm -rf "$root/etc/apt"
	cp -a /etc/apt "$root/etc/"
	for folder in /etc/ssl/certs /usr/share/keyrings; do
		mkdir -p "$root$folder"
		cp -aL $folder/. "$root$folder/"
	done
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
}

# The first lines of what a program there prints, when it succeeds.
show() {
	lines=$1
	shift
	in_root "$@" >"$root/tmp/shown"
	head -n "$lines" "$root/tmp/shown"
}

is_there() {
	[ -s "$root$1" ] || {
		echo "$1 is missing" >&2
		exit 1
	}
	echo "$1"
}

step 'a bare Debian'
if [ ! -e "$root/usr/bin/dpkg" ]; then
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | sort -u | head -n 1)
	debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
		tail "$root.log" >&2
		exit 1
	}
fi
take_apt_settings
apt update
for p in $packages; do
	cp "$debs/$p"_*.deb "$root/tmp/$p.deb"
done
cp samples/lfs-51-double.img samples/firmware-51-double.elf "$root/tmp/"

step 'install lfs-tools'
apt install /tmp/lfs-tools.deb
for p in lfsdump strscan lfstui; do
	in_root $p --version
	is_there /usr/share/man/man1/$p.1.gz
	in_root zcat /usr/share/man/man1/$p.1.gz | grep '^\.Nm' | head -n 1
	is_there /usr/share/bash-completion/completions/$p
	is_there /usr/share/zsh/site-functions/_$p
	is_there /usr/share/fish/vendor_completions.d/$p.fish
done
is_there /usr/share/man/man5/lfs-image.5.gz

step 'look at an image and a firmware, judge the image'
show 9 lfsdump --modules /tmp/lfs-51-double.img
show 1 lfsdump --check --for lua51-float /tmp/lfs-51-double.img
show 4 lfsdump /tmp/firmware-51-double.elf
show 4 strscan --forecast /tmp/firmware-51-double.elf

step 'install the library, compile an example'
apt install /tmp/libnodemcu-lfs0.deb /tmp/libnodemcu-lfs-dev.deb gcc libc6-dev pkg-config
in_root sh -e <<'END'
	cd /tmp
	example=/usr/share/doc/libnodemcu-lfs-dev/examples/biggest.c
	cc -Wall -Werror -o biggest $example $(pkg-config --cflags --libs nodemcu-lfs)
	cc -static -o biggest-static $example $(pkg-config --static --cflags --libs nodemcu-lfs)
	ldd biggest | grep -o "libnodemcu-lfs.so.0 => /[^ ]*"
	./biggest lfs-51-double.img copy.img >shared
	./biggest-static lfs-51-double.img copy-static.img >static
	cmp shared static
	cmp copy.img copy-static.img
	head -n 3 shared
	lfsdump --check copy.img | head -n 1
END

step 'remove them'
# shellcheck disable=SC2086
in_root dpkg -L $packages | sort -u | while read -r f; do
	[ -d "$root$f" ] || echo "$f"
done >"$root/tmp/files"
# shellcheck disable=SC2086
apt purge $packages
while read -r f; do
	if [ -e "$root$f" ] || [ -L "$root$f" ]; then echo "$f"; fi
done <"$root/tmp/files" >"$root/tmp/left"
find "$root/usr" "$root/etc" "$root/var/lib" -xdev \( -name '*nodemcu-lfs*' -o -name 'lfs-tools*' \) \
	>>"$root/tmp/left"
[ ! -s "$root/tmp/left" ] || {
	echo 'left behind:' >&2
	cat "$root/tmp/left" >&2
	exit 1
}
echo "$(wc -l <"$root/tmp/files") files are gone"
