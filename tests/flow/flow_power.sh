#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The power goes at a random moment, and with it any of what was not flushed: what had been promised
# by then is there, the rest is taken in again from the feeds, and all is as if nothing had happened.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

cuts=${CUTS:-$(quick_or_long 16 500)}
settings=(--set alert_kinds=all --set batch_max=20 --set disk_limit=1M --set rescan_s=1)
first=s1.example/0/1.txt
log=$TMP/power.log

two_epochs() { [ "$(status epochs)" -ge 2 ]; }
mark() { "$TOOLS/powercut" --mark "$log" "$1"; }

# Files in groups, each promised by a sync; a cursor; a second epoch; a purge. A mark is 1000 times
# the step, plus the articles that were promised.
record() {
	DAEMON_AS=(env LD_PRELOAD="$TOOLS/recorder.so" TORTURE_DIR="$STATE" TORTURE_LOG="$log"
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0")
	start "${settings[@]}"
	DAEMON_AS=()
	for ((n = 15; n <= 60; n += 15)); do
		feeder "$FEEDS" $((n - 14)) $n
		synced
		mark $((1000 + n))
	done
	json alerts --consumer c | head -n 1 >/dev/null
	exits 0 "an alert is acknowledged" rp ack c 5
	mark 2060
	await two_epochs || die "no second epoch"
	mark 3060
	feeder "$FEEDS" 61 90
	synced
	mark 4089
	exits 0 "an article is forgotten" rp forget --now $first
	mark 5089
	stop
	mark 6089
}

# A state as it may stand after a cut. Without its feeds it has what was promised; with them, all.
try() { # seed
	local cut mark kept
	rm -rf "$STATE"
	read -r cut mark < <("$TOOLS/powercut" "$log" "$STATE" "$STATE" "$1")
	sed -i 's/^place .*/place before the cut/' "$STATE/lengths" 2>/dev/null # the machine starts anew
	mv "$FEEDS" "$TMP/away"
	mkdir "$FEEDS"
	start "${settings[@]}"
	kept=$(status articles)
	is "$((kept >= mark % 1000))" 1 "seed $1, cut $cut: $kept of $((mark % 1000)) promised articles are there"
	is "$(status damaged)" 0 "seed $1, cut $cut: nothing is damaged"
	[ "$mark" -lt 2000 ] ||
		is "$(json alerts --consumer c | jq -r .alert | head -n 1)" 6 "seed $1, cut $cut: the cursor stays"
	[ "$mark" -lt 5000 ] || exits 2 "seed $1, cut $cut: what was forgotten stays so" rp show $first
	rmdir "$FEEDS"
	mv "$TMP/away" "$FEEDS"
	rp rescan >/dev/null
	synced
	[ "$mark" -ge 5000 ] || rp forget --now $first >/dev/null 2>&1
	synced
	signature >"$TMP/got"
	same "$TMP/got" "$TMP/expected" "seed $1, cut $cut: all is there, once, as it was"
	exits 0 "seed $1, cut $cut: the state is sound" rp verify
	stop
	[ $failures -lt 8 ] || finish
}

record
start "${settings[@]}"
signature >"$TMP/expected"
is "$(grep -c '^article' "$TMP/expected")" 89 "all is taken in"
stop
for ((i = 0; i < cuts; i++)); do
	try $((SEED + i))
done
echo "$cuts cuts of a log of $(command stat -c %s "$log") bytes"
finish
