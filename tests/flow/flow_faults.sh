#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The N-th call that changes the state fails, for every N: the daemon goes on or stops cleanly, and
# after a start without faults all is as if there had been none. Every call and every error under
# `make torture`; some of them, by chance, in CI.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

errors=(ENOSPC EIO EMFILE ENOMEM EINTR SHORT)
runs=${RUNS:-$(quick_or_long 8 0)} # 0: all
lanes=${LANES:-$(quick_or_long 1 4)} # so many daemons are tried beside one another
settings=(--set alert_kinds=all --set batch_max=20 --set disk_limit=1M --set rescan_s=1)
first=s1.example/0/1.txt

two_epochs() { [ "$(status epochs)" -ge 2 ] || ! kill -0 "$DAEMON"; }

gone() { ! kill -0 "$DAEMON"; }

# Files, a cursor, a second epoch, more files, a copy of all, and an article that is purged; what is
# answered may be an error.
work() {
	rp sync --timeout 6
	"$REPRINT_BIN/reprint" --socket "$SOCKET" --json alerts --consumer c | head -n 1
	rp ack c 5 && touch "$TMP/acknowledged"
	TRIES=60 await two_epochs
	feeder "$FEEDS" 61 90
	rp sync --timeout 6
	rp backup - >"$TMP/backup"
	timeout 8 "$REPRINT_BIN/reprint" --socket "$SOCKET" forget --now $first && touch "$TMP/forgotten"
	rp sync --timeout 6
} >/dev/null 2>&1

# A run with a fault, or with none: AT=0. Leaves the state behind.
run_with() { # at, for, error
	rm -rf "$STATE" "$FEEDS" "$TMP"/{hit,count,acknowledged,forgotten}
	mkdir "$FEEDS"
	feeder "$FEEDS" 1 60
	DAEMON_AS=(env LD_PRELOAD="$TOOLS/faults.so" TORTURE_DIR="$STATE" TORTURE_HIT="$TMP/hit"
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
		TORTURE_COUNT="$TMP/count" TORTURE_AT="$1" TORTURE_FOR="$2" TORTURE_ERROR="$3")
	"${DAEMON_AS[@]}" "$REPRINT_BIN/reprintd" --set feeds="$FEEDS" --set state="$STATE" \
		--set socket="$SOCKET" --set settle_ms=0 "${settings[@]}" >"$TMP/log" 2>&1 &
	DAEMON=$!
	await answers_or_died
	work
	kill -TERM "$DAEMON" 2>/dev/null
	await gone || kill -KILL "$DAEMON"
	ended "0|1" "the daemon goes on or stops cleanly ($*: $(head -n 1 "$TMP/hit" 2>&1))"
	cat "$TMP/log" >>"$LOG"
	DAEMON_AS=()
}

# Starts without faults: all is there, once, and right.
all_is_well() { # what was done to it
	feeder "$FEEDS" 61 90 # where the daemon was gone by then, nothing has changed
	start "${settings[@]}"
	synced
	if [ -f "$TMP/forgotten" ]; then
		exits 2 "$*: what was forgotten stays forgotten" rp show $first
	else
		rp forget --now $first >/dev/null 2>&1
	fi
	synced
	signature >"$TMP/got"
	same "$TMP/got" "$TMP/expected" "$*: all is as if there had been no fault"
	is "$(json alerts --since 0 | jq -r "select(.id).alert" | uniq -d)" "" "$*: no alert is there twice"
	[ ! -f "$TMP/acknowledged" ] ||
		is "$(json alerts --consumer c | jq -r .alert | head -n 1)" 6 "$*: the cursor stays"
	is "$(status damaged)" 0 "$*: nothing was set aside"
	exits 0 "$*: the state is sound" rp verify
	stop
	[ $failures -lt 8 ] || finish
}

# False when nothing failed any more.
try() { # at, for, error
	local before=$failures
	run_with "$@"
	[ -s "$TMP/hit" ] || return 1
	all_is_well "$*, $(head -n 1 "$TMP/hit" | sed "s#$STATE/##")"
	[ $failures -eq $before ] || cat "$TMP/log"
}

tries() { [ "$(wc -l <"$TMP/hit")" -ge "$1" ]; } # so many

# A commit that is refused for some seconds: what is judged again and again is judged as it was.
refused_for_long() {
	feeder "$FEEDS" 1 300
	start --set alert_kinds=all
	synced
	signature >"$TMP/expected"
	stop
	rm -rf "$STATE" "$FEEDS"
	mkdir "$FEEDS"
	DAEMON_AS=(env LD_PRELOAD="$TOOLS/faults.so" TORTURE_DIR="$STATE" TORTURE_CALL=fdatasync
		TORTURE_EVERY=12 TORTURE_ERROR=EIO TORTURE_WHILE="$TMP/while" TORTURE_HIT="$TMP/hit"
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0")
	: >"$TMP/hit"
	start --set alert_kinds=all
	DAEMON_AS=()
	feeder "$FEEDS" 1 1
	synced
	touch "$TMP/while"
	feeder "$FEEDS" 2 300 # a small batch, and one of all the others
	await tries 20 || die "no commit is tried again"
	rm "$TMP/while"
	await rp sync --timeout 60 || die "intake does not go on"
	signature >"$TMP/got"
	same "$TMP/got" "$TMP/expected" "what is judged again and again is judged as it was"
	is "$(stat articles)" 300 "and counted once"
	is "$(stat alerts)" 300 "its alerts too"
	stop
	rm -rf "$STATE" "$TMP/hit"
}

# No new epoch can be made: that is said, once, and the old one goes on.
no_new_epoch() {
	DAEMON_AS=(env LD_PRELOAD="$TOOLS/faults.so" TORTURE_DIR="$STATE" TORTURE_CALL=mkdir TORTURE_AT=1
		TORTURE_ERROR=ENOSPC TORTURE_WHILE="$TMP/while" TORTURE_HIT="$TMP/hit"
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0")
	start "${settings[@]}"
	DAEMON_AS=()
	: >"$TMP/hit"
	touch "$TMP/while"
	feeder "$FEEDS" 1 90
	synced
	await tries 2 || die "no epoch is tried to be made"
	is "$(grep -c "epochs not renewed" "$LOG")" 1 "that there is no new epoch is said once"
	rm "$TMP/while"
	await two_epochs
	is "$(status epochs)" 2 "it is made when it can be"
	stop
	rm -rf "$STATE" "$TMP/hit"
}

# A disk that refuses a purge, everywhere or somewhere: it ends with a word about it, nothing has
# changed but that the article is hidden, and it can be made again.
refused_purge() { # directory, call; of all calls where there is none
	local again=($first) call=${2:-}
	rm -rf "$FEEDS" "$TMP/while"
	mkdir "$FEEDS"
	DAEMON_AS=(env -u REPRINT_TABLE LD_PRELOAD="$TOOLS/faults.so" TORTURE_DIR="$1" ${call:+TORTURE_CALL=$call} TORTURE_AT=1
		TORTURE_ERROR=ENOSPC TORTURE_WHILE="$TMP/while" TORTURE_HIT="$TMP/hit"
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0")
	start "${settings[@]}" --set disk_limit=0
	DAEMON_AS=()
	feeder "$FEEDS" 1 60
	synced
	signature | grep -v " $first\( \|$\)" >"$TMP/others"
	touch "$TMP/while"
	exits 2 "a purge that the disk refuses ends (${1##*/} $call)" \
		timeout 60 "$REPRINT_BIN/reprint" --socket "$SOCKET" forget --now $first
	contains "$OUT" "no space left" "and says why"
	is "$(find "$STATE/epochs" -name '*.*.new')" "" "no half-written epoch is left"
	signature | grep -v " $first\( \|$\)" >"$TMP/got"
	same "$TMP/got" "$TMP/others" "everybody else is there as before"
	rm "$TMP/while"
	rp show $first >/dev/null 2>&1 || again=() # hidden already
	exits 0 "it is made again when the disk takes it" \
		timeout 60 "$REPRINT_BIN/reprint" --socket "$SOCKET" forget --now "${again[@]}"
	contains "$OUT" "1 epochs written anew" "and writes the epoch anew"
	exits 2 "and the article is gone" rp show $first
	exits 0 "the state is sound" rp verify
	stop
	rm -rf "$STATE" "$TMP/hit"
}

# Commits that fail while a purge takes postings out of the index.
late_commits() {
	local before=$tried last
	export TORTURE_CALL=writev
	run_with 0 0 EIO
	last=$(tail -n 1 "$TMP/count")
	for ((at = last - 5; at <= last; at++)); do
		try $at 1 ENOSPC && tried=$((tried + 1))
	done
	unset TORTURE_CALL
	echo "$((tried - before)) late commits failed"
}

# Every lanes-th call from this one on, each error; every fourth from there on for good. What is
# interrupted is tried again, so that never ends: it is interrupted some times in a row.
sweep() { # first
	local at error often
	for error in ${TORTURE_ERRORS:-"${errors[@]}"}; do
		often=$([ "$error" = EINTR ] && echo 9 || echo 0)
		for ((at = $1; ; at += lanes)); do
			try $at $((at / lanes % 4 == 3 ? often : 1)) "$error" || break
			tried=$((tried + 1))
		done
	done
}

# The sweep in parts, each in a process of its own with folders of its own.
sweep_in_lanes() {
	local lane pids=()
	for ((lane = 1; lane <= lanes; lane++)); do
		"$0" --lane $lane "$TMP/expected" "$TMP/tried.$lane" &
		pids+=($!)
	done
	for lane in "${pids[@]}"; do
		wait "$lane" || failures=$((failures + 1))
	done
	tried=$((tried + $(cat "$TMP"/tried.* | paste -sd +)))
}

tried=0
if [ "${1:-}" = --lane ]; then
	cp "$3" "$TMP/expected"
	sweep "$2"
	echo "$tried" >"$4"
	finish
fi
refused_for_long
no_new_epoch
refused_purge "$STATE"
refused_purge "$STATE" mkdir
refused_purge "$STATE/index"
run_with 0 0 EIO
start "${settings[@]}"
signature >"$TMP/expected"
is "$(grep -c '^article' "$TMP/expected")" 89 "a run without faults takes in all"
stop
calls=$(tail -n 1 "$TMP/count") # the others are of its children
echo "$calls calls change the state"

late_commits
if [ "$runs" -gt 0 ]; then
	for ((i = 0; i < runs; i++)); do
		try "$(between 1 "$calls")" $((i % 4 == 3 ? 0 : 1)) "${errors[i % 6]}" && tried=$((tried + 1))
	done
else
	sweep_in_lanes
fi
echo "$tried faults"
finish
