#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages and --help name the same commands with the same options.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${REPRINT_BIN:-$PWD/build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

options() { grep -oE -- '--[a-z][a-z-]*' | sort -u || true; }
of_page() { sed -E 's/Fl -/--/g' | options; }

"$bin/reprint" --help >"$tmp/help"
sed -nE 's/^  ([a-z][a-z-]*)  +[a-zA-Z].*/\1/p' "$tmp/help" | sort >"$tmp/commands"
sed -nE 's/^\.It Ic ([a-z-]+).*/\1/p' tools/reprint.1 | sort >"$tmp/paged"
[ "$(wc -l <"$tmp/commands")" -ge 20 ] || { echo "--help lists too few commands"; exit 1; }
diff "$tmp/commands" "$tmp/paged" || { echo "commands: < --help, > reprint.1"; exit 1; }

while read -r command; do
	"$bin/reprint" "$command" --help | sed '/^Options for every command/,$d' | options >"$tmp/said"
	grep -E "^\.It Ic $command( |$)" tools/reprint.1 | of_page >"$tmp/written"
	diff "$tmp/said" "$tmp/written" || { echo "$command: < --help, > reprint.1"; exit 1; }
done <"$tmp/commands"

sed -n '/^Options for every command/,$p' "$tmp/help" | options >"$tmp/said"
sed -n '/^\.Sh DESCRIPTION/,/^\.Ss/p' tools/reprint.1 | grep '^\.It' | of_page >"$tmp/written"
diff "$tmp/said" "$tmp/written" || { echo "for every command: < --help, > reprint.1"; exit 1; }

"$bin/reprintd" --help | options >"$tmp/said"
grep '^\.It Fl' daemon/reprintd.8 | of_page >"$tmp/written"
diff "$tmp/said" "$tmp/written" || { echo "reprintd: < --help, > reprintd.8"; exit 1; }
# Every promise names a test that exists.
sed -n '/^\.Sh RELIABILITY/,/^\.Sh PROTOCOL/p' daemon/reprintd.8 >"$tmp/promises"
awk '/^\.It/ { if (n++ && !named) exit 1; named = 0 } /^\.\\" broken by: / { named = 1 }
	END { exit !(n >= 10 && named) }' "$tmp/promises" || { echo "a promise without a test"; exit 1; }
sed -n 's/^\.\\" broken by: //p' "$tmp/promises" | while read -r file test; do
	grep -q "static void ${test:-none}(" "$file" || { [ -z "$test" ] && [ -x "$file" ]; } || {
		echo "no such test: $file $test"
		exit 1
	}
done
echo "--help and the manual agree, and every promise has its test"
