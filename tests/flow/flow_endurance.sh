#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Mixed load with expiry for TORTURE_S seconds, time scaled by a small disk_limit: memory,
# descriptors and the time of an answer stay flat. Slopes are told; only memory and descriptors are
# bounded here.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

seconds=${TORTURE_S:-$(quick_or_long 40 3600)}
group=120
settings=(--set alert_kinds=all --set disk_limit=1M --set rescan_s=2)

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status"; }
fds() { find "/proc/$DAEMON/fd" -mindepth 1 | wc -l; }

# One turn of everything.
load() { # turn
	local from=$(($1 * group + 1)) newest=$((($1 + 1) * group))
	feeder "$FEEDS" $from $newest
	synced
	newest=s$((newest % 7)).example/$((newest / 100))/$newest.txt
	for question in "show $newest" "matches $newest" "cluster $newest" "neighbours $newest --bits 3" clusters rejected stats; do
		# shellcheck disable=SC2086
		exits 0 "$question is answered" rp $question
	done
	rp check "$FEEDS/$newest" >/dev/null
	json alerts --consumer c --auto-ack >/dev/null 2>&1
	rp forget --now "s$((from % 7)).example/$((from / 100))/$from.txt" >/dev/null
	[ $(($1 % 5)) -ne 0 ] || rp backup - >/dev/null 2>&1
	[ $(($1 % 7)) -ne 0 ] || rp reload >/dev/null 2>&1
	find "$FEEDS" -name '*.txt' -mmin +1 -delete
}

sample() { # turn
	local from to
	from=$(date +%s%N)
	rp show --json s1.example/0/1.txt >/dev/null 2>&1
	to=$(date +%s%N)
	echo "$SECONDS $(rss_kb) $(fds) $(((to - from) / 1000))" >>"$TMP/samples"
}

# By least squares, of the second half: a column's change an hour.
slope() { # column
	awk -v c="$1" '{ x[NR] = $1; y[NR] = $c }
		END { for (i = int(NR / 2) + 1; i <= NR; i++) { n++; sx += x[i]; sy += y[i]; sxx += x[i] * x[i]; sxy += x[i] * y[i] }
		d = n * sxx - sx * sx; printf "%.0f", d ? 3600 * (n * sxy - sx * sy) / d : 0 }' "$TMP/samples"
}
most() { awk -v c="$1" '$c > m { m = $c } END { print m }' "$TMP/samples"; }
first() { awk -v c="$1" 'NR == 5 { print $c }' "$TMP/samples"; } # column; warm

start "${settings[@]}"
SECONDS=0
for ((turn = 0; SECONDS < seconds; turn++)); do
	load $turn
	sample
done
echo "$turn turns, $(stat expired) epochs expired; RSS at first $(first 2) kB, most $(most 2), slope $(slope 2) kB/h;" \
	"descriptors at first $(first 3), most $(most 3), slope $(slope 3)/h; an answer $(slope 4) us/h"
matches "$turn" "^([5-9]|[0-9]{2,})$" "there was enough of it"
matches "$(stat expired)" "^[1-9]" "epochs expired"
is "$(($(most 2) < 2 * $(first 2) + 200000))" 1 "memory stays flat"
is "$(($(most 3) < $(first 3) + 40))" 1 "descriptors stay flat"
exits 0 "the state is sound" rp verify
stop
finish
