#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What `make install` puts in place is whole: programs, library, units, manual; and goes again.
set -euo pipefail
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
prefix=/usr
unset VARIANT MAKEFLAGS

quietly() { "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log"; echo "failed: $*"; exit 1; }; }
expect() { # mode, paths below root
	local mode=$1 path
	shift
	for path; do
		[ "$(stat -c %a "$root$path")" = "$mode" ] || { echo "$path: not mode $mode"; exit 1; }
	done
}

quietly make -j"$(nproc)" VARIANT=release install DESTDIR="$root" PREFIX=$prefix

# ---- files
expect 755 $prefix/bin/reprint $prefix/sbin/reprintd
expect 644 $prefix/lib/libreprint.a $prefix/lib/pkgconfig/reprint.pc $prefix/include/reprint/reprint.h
expect 644 $prefix/lib/systemd/system/{reprintd.service,reprintd.socket,reprint-alerts@.service}
expect 644 $prefix/lib/{sysusers.d,tmpfiles.d}/reprint.conf /etc/reprint/reprintd.conf
expect 644 $prefix/share/man/man1/reprint.1 $prefix/share/man/man5/reprintd.conf.5 \
	$prefix/share/man/man8/reprintd.8
if grep -rIlE '@(PREFIX|VERSION)@' "$root"; then
	echo "a template was not filled in"
	exit 1
fi
if grep -rIl "$tmp" "$root"; then
	echo "DESTDIR stands in a file"
	exit 1
fi
"$root$prefix/sbin/reprintd" --config "$root/etc/reprint/reprintd.conf" --check-config
"$root$prefix/bin/reprint" --help >/dev/null

# ---- a configuration that is there stays
echo '# mine' >"$root/etc/reprint/reprintd.conf"
quietly make VARIANT=release install DESTDIR="$root" PREFIX=$prefix
grep -q mine "$root/etc/reprint/reprintd.conf"

# ---- the library, as a stranger uses it
export PKG_CONFIG_LIBDIR="$root$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
# Its flags would be dropped as those of the system where the prefix is /usr.
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
[ "$(pkg-config --modversion reprint)" = "$("$root$prefix/sbin/reprintd" --version | cut -d' ' -f2)" ]
body='The ferry to the outer islands will not sail before Thursday because its engine has failed.
Two hundred passengers slept in the school, where the town had put up beds and a kitchen.
The owner of the line apologised and promised that every ticket would be paid back in full.
A spare part is on its way by train from the yard that built the ship forty years ago.'
printf '%s\n' "$body" "$body" >"$tmp/twice.txt"
printf '%s\n' "$body" >"$tmp/once.txt"
wanted="$tmp/twice.txt paragraphs=8 ratio=0.50 doubled=1
$tmp/once.txt paragraphs=4 ratio=0.00 doubled=0
exact resemblance=1.00 containment=1.00 contained_by=1.00"
compile() { # output, pkg-config option, flags
	local out=$1 how=$2
	shift 2
	# shellcheck disable=SC2046
	quietly "${CC:-gcc}" -std=c11 -Wall -Wextra -Wpedantic -Werror \
		$(pkg-config --cflags reprint) -o "$out" tests/flow/example.c "$@" \
		$(pkg-config "$how" --libs reprint)
	said=$(LD_LIBRARY_PATH="$root$prefix/lib" "$out" "$tmp/twice.txt" "$tmp/once.txt")
	[ "$said" = "$wanted" ] || { echo "$said"; echo "instead of"; echo "$wanted"; exit 1; }
}
compile "$tmp/shared" --print-errors
readelf -d "$tmp/shared" | grep -q 'libreprint\.so\.0'
rm "$root$prefix/lib/libreprint.so"
compile "$tmp/static" --static
if readelf -d "$tmp/static" | grep -q libreprint; then
	echo "linked to the shared library"
	exit 1
fi
# The shared library gives away what the header says and nothing else.
nm -D --defined-only "$root$prefix/lib/libreprint.so.0" | awk '{print $3}' | sort >"$tmp/exported"
sed -nE 's/^REPRINT_API .*[ *](reprint_[a-z_]+)\(.*/\1/p' include/reprint/reprint.h | sort >"$tmp/declared"
diff "$tmp/declared" "$tmp/exported"

# ---- units, as systemd reads them
if command -v systemd-analyze >/dev/null; then
	mkdir "$tmp/units"
	for unit in reprintd.service reprintd.socket reprint-alerts@.service; do
		sed "s|=$prefix/|=$root$prefix/|" "$root$prefix/lib/systemd/system/$unit" >"$tmp/units/$unit"
	done
	mv "$tmp/units/reprint-alerts@.service" "$tmp/units/reprint-alerts@aggregator.service"
	systemd-analyze verify --man=no "$tmp"/units/* 2>&1 | tee "$tmp/verified"
	if grep -q reprint "$tmp/verified"; then exit 1; fi
	systemd-analyze security --offline=yes --threshold=10 --no-pager "$tmp/units/reprintd.service" \
		>"$tmp/exposure" || { tail -n 1 "$tmp/exposure"; echo "more exposed than 1.0"; exit 1; }
else
	echo "systemd-analyze is not here: the units are not verified"
fi

# ---- manual
if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning "$root$prefix"/share/man/man*/*
fi

quietly make uninstall DESTDIR="$root" PREFIX=$prefix
left=$(cd "$root" && find . -type f -o -type l)
[ "$left" = ./etc/reprint/reprintd.conf ] || { echo "left: $left"; exit 1; }
echo "installed, used, removed"
