# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What every flow test needs: a daemon of its own in a temporary folder, and assertions.
# Results are waited for with `reprint sync` and counters, never with sleep.
set -u
bin=${REPRINT_BIN:-$PWD/build/asan}
dir=$(mktemp -d)
feeds=$dir/feeds
daemon=
failures=0
export REPRINT_SOCKET=$dir/socket
mkdir -p "$feeds"

finish() {
	[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null
	[ -z "${mounted:-}" ] || umount -l "$mounted" 2>/dev/null
	if [ "$failures" -gt 0 ]; then
		echo "--- the daemon's log"
		tail -n 40 "$dir/log" 2>/dev/null
	fi
	rm -rf "$dir"
	exit $((failures > 0))
}
trap finish EXIT

r() { "$bin/reprint" "$@"; }
rj() { "$bin/reprint" --json "$@"; }

# Starts the daemon with further --set options, and returns when it answers.
start() {
	local options=(--set "feeds=$feeds" --set "state=$dir/state" --set "socket=$REPRINT_SOCKET" --set settle_ms=0)
	for o in "$@"; do options+=(--set "$o"); done
	"$bin/reprintd" "${options[@]}" 2>>"$dir/log" &
	daemon=$!
	for _ in $(seq 600); do
		r status >/dev/null 2>&1 && return 0
		kill -0 "$daemon" 2>/dev/null || break
		read -r -t 0.05 <> <(:) || true # the only wait without an event: nobody is there yet to ask
	done
	echo "FAILED: the daemon does not answer"
	failures=$((failures + 1))
	exit 1
}

# A clean stop must end with 0 (a sanitizer's complaint would not).
stop() {
	kill -TERM "$daemon"
	wait "$daemon"
	is "$?" 0 "the daemon stops cleanly"
	daemon=
}

crash() {
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	daemon=
}

is() { # got, wanted, sentence
	[ "$1" = "$2" ] && return 0
	echo "FAILED: $3"
	echo "  wanted: $2"
	echo "  got:    $1"
	failures=$((failures + 1))
}

contains() { # text, part, sentence
	case $1 in *"$2"*) return 0 ;; esac
	echo "FAILED: $3"
	echo "  wanted a part: $2"
	echo "  got:           $1"
	failures=$((failures + 1))
}

# text SEED PARAGRAPHS: invented prose, the same for the same seed, sharing no run with another seed.
text() {
	awk -v seed="$1" -v count="$2" 'BEGIN {
		split("ka lo mi ru sa te vo ni pe dra sto len gar bil fen hun jar mol tas wen", part, " ")
		x = seed * 7919 + 17
		for (p = 0; p < count; p++) {
			line = ""
			for (w = 0; w < 42; w++) {
				word = ""
				for (s = 0; s < 3; s++) {
					x = (x * 1103515245 + 12345) % 2147483648
					word = word part[int(x / 65536) % 20 + 1]
				}
				line = line (w ? " " : "") word
			}
			print line "."
		}
	}'
}

# deliver SOURCE/NAME: stdin becomes a file, renamed into place.
deliver() {
	local path=$feeds/$1
	mkdir -p "$(dirname "$path")"
	cat >"$dir/incoming"
	mv "$dir/incoming" "$path"
}

synced() {
	r sync --timeout 60
	is "$?" 0 "sync returns"
}

field() { # ID, jq expression
	rj show "$1" | jq -r "$2"
}

counter() { # NAME of status --json
	rj status | jq -r ".$1"
}
