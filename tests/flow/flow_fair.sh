#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# A source that floods waits for itself: what another one delivers after it is judged long before
# its end, by number and not by time; and nothing of the flood is lost.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

files=$(quick_or_long 7000 20000)
few=5000 # more than are kept of events, less than the kernel's queue holds

seq_of() { field "$1" .seq; } # ID
# Articles on sites that the feeder makes become those of one source.
heap() { # directory, from, to
	mkdir -p "$TMP/heap" "$1"
	feeder "$TMP/heap" "$2" "$3"
	find "$TMP/heap" -name '*.txt' -exec mv -t "$1" {} +
	rm -rf "$TMP/heap"
}

# ---- by events, and by a directory that is moved in

heap "$TMP/whole" 1 $((files - few))
heap "$TMP/single" $((files - few + 1)) "$files"
text 1 | deliver a.example/before.txt
text 2 | deliver b.example/before.txt
start --set alert_kinds=all
synced
kill -STOP "$DAEMON"
mv "$TMP/whole" "$FEEDS/a.example"
find "$TMP/single" -name '*.txt' -exec mv -t "$FEEDS/a.example" {} +
text 3 | deliver b.example/after.txt
kill -CONT "$DAEMON"
synced
is "$(status articles)" $((files + 3)) "all of a flood arrives"
is "$(($(seq_of b.example/after.txt) < files / 2))" 1 \
	"what another source delivers after it is judged long before its end"
is "$(json alerts --since 0 | jq -r 'select(.id == "b.example/after.txt") | .alert < '$((files / 2)))" \
	true "and so is its alert"
matches "$(stat held_back)" "^[1-9]" "a counter says that a source was held back"
is "$(status slowed) $(status 'slowed_sources | length')" "0 0" "status names none any more"
stop

# ---- at a start, when all is listed

rm -rf "$STATE"
for b in c d e f g h; do
	text "10$b" | deliver "$b.example/1.txt"
done
start
synced
is "$(status articles)" $((files + 9)) "a start takes in all that lies there"
for b in c d e f g h; do
	is "$(($(seq_of $b.example/1.txt) < files / 2))" 1 "$b.example is not the last of it"
done
stop

# ---- by files that must settle first

rm -rf "$STATE"
find "$FEEDS" -name '*.txt' -exec touch {} +
start --set settle_ms=500
synced
is "$(status articles)" $((files + 9)) "files that had to settle all arrive"
for b in c d e f g h; do
	is "$(($(seq_of $b.example/1.txt) < files / 2))" 1 "$b.example did not wait for the others"
done
finish
