#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Program, configuration file and manual name the same keys with the same defaults.
set -euo pipefail
cd "$(dirname "$0")/../.."
reprintd=${REPRINT_BIN:-$PWD/build}/reprintd
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# key = default, sorted.
keys() { sed -nE 's/^#?([a-z_]+) = (.*)$/\1 = \2/p' "$1" | sort; }

"$reprintd" --print-defaults >"$tmp/printed"
keys "$tmp/printed" >"$tmp/program"
keys systemd/reprintd.conf >"$tmp/file"
# In the manual: .It Ic KEY = Ar DEFAULT
sed -nE 's/^\.It Ic ([a-z_]+) = Ar (.*)$/\1 = \2/p' daemon/reprintd.conf.5 | sort >"$tmp/manual"

[ "$(wc -l <"$tmp/program")" -ge 18 ] || { echo "--print-defaults prints too few keys"; exit 1; }
diff "$tmp/program" "$tmp/file" || { echo "systemd/reprintd.conf differs from --print-defaults"; exit 1; }
diff "$tmp/program" "$tmp/manual" || { echo "reprintd.conf.5 differs from --print-defaults"; exit 1; }

# The file as it is delivered, and with every line in force, is sound.
"$reprintd" --config systemd/reprintd.conf --check-config
sed -E 's/^#([a-z_]+ = )/\1/' systemd/reprintd.conf >"$tmp/all.conf"
"$reprintd" --config "$tmp/all.conf" --check-config

# A wrong value, an unknown key, a missing file: exit 2, and the line says which.
refused() { # expected words, arguments
	local words=$1 rc=0
	shift
	"$reprintd" "$@" --check-config >"$tmp/out" 2>&1 || rc=$?
	[ $rc -eq 2 ] || { echo "exit $rc instead of 2: $*"; exit 1; }
	grep -q -- "$words" "$tmp/out" || { cat "$tmp/out"; echo "does not say \"$words\": $*"; exit 1; }
}
refused 'alert_ratio' --set alert_ratio=2
refused 'settle_ms' --set settle_ms=2h
refused 'no such key' --set colour=green
refused 'no_such_file' --config "$tmp/no_such_file"
printf 'feeds = /a\nthreads = many\n' >"$tmp/bad.conf"
refused 'bad.conf:2' --config "$tmp/bad.conf"
echo "configuration, program and manual agree"
