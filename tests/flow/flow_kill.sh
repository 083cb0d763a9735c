#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 at random moments, of the daemon at work or starting and of a consumer, while files
# arrive. In the end all is as in a run that nobody disturbed.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

kills=${KILLS:-$(quick_or_long 12 500)}
files=${FILES:-$(quick_or_long 1500 20000)}
pause_us=$(quick_or_long 4000 14000) # so that files arrive all the while
settings=(--set alert_kinds=all --set batch_max=50 --set rescan_s=2)

undisturbed() {
	feeder "$FEEDS" 1 "$files"
	start "${settings[@]}"
	synced
	signature >"$TMP/expected"
	stop
	rm -rf "$STATE" "$FEEDS"
	mkdir "$FEEDS"
}

# Follows for ever; each connection has a file of its own, so that a torn line is a last line.
consume() {
	local n
	for ((n = 1; ; n++)); do
		"$REPRINT_BIN/reprint" --socket "$SOCKET" --json alerts --follow \
			--consumer c --auto-ack >"$TMP/consumed.$(printf %06d $n)" &
		echo $! >"$TMP/consumer.new"
		mv "$TMP/consumer.new" "$TMP/consumer"
		wait $!
		sleep 0.1
	done 2>/dev/null
}

# The numbers told, in the order in which they were; a line that was cut off was not told.
consumed() {
	local f
	for f in "$TMP"/consumed.*; do
		sed -n '$!p' "$f"
		[ -z "$(tail -c 1 "$f")" ] && tail -n 1 "$f"
	done | jq -r .alert
}

begin() { # without waiting for it
	"$REPRINT_BIN/reprintd" --set feeds="$FEEDS" --set state="$STATE" --set socket="$SOCKET" \
		--set settle_ms=0 "${settings[@]}" >>"$LOG" 2>&1 &
	DAEMON=$!
}

undisturbed
feeder "$FEEDS" 1 "$files" "$pause_us" &
feeder=$!
consume &
consuming=$!
begin
for ((k = 1; k <= kills; k++)); do
	[ $((k % 4)) -eq 0 ] || await answers_or_died
	sleep "0.$(printf %03d "$(between 0 600)")"
	[ $((k % 5)) -ne 0 ] || kill -KILL "$(cat "$TMP/consumer")" 2>/dev/null
	crash
	begin
done
wait $feeder
await answers_or_died
kill -0 "$DAEMON" 2>/dev/null || die "the daemon does not start"
synced

all_told() { [ "$(json consumers | jq -r 'select(.consumer == "c").behind')" = 0 ]; }
await all_told || die "the consumer does not come to the end"
kill $consuming
kill "$(cat "$TMP/consumer")"
wait $consuming 2>/dev/null

is "$(status articles)" "$files" "every delivery is stored once"
dense "$files" "alerts are dense, each is there once"
signature >"$TMP/got"
same "$TMP/got" "$TMP/expected" "all is as if nobody had disturbed"
is "$(status rejected)" 0 "nothing was refused"
is "$(status damaged)" 0 "nothing was set aside"
consumed >"$TMP/told"
is "$(sort -nu "$TMP/told")" "$(seq 1 "$files")" "the consumer was told each alert"
is "$(awk '$1 > newest + 1 { print } $1 > newest { newest = $1 }' "$TMP/told")" "" "none before its turn"
echo "$kills kills, $(ls "$TMP"/consumed.* | wc -l) connections of the consumer, $(($(wc -l <"$TMP/told") - files)) alerts told again"
exits 0 "the state is sound" rp verify
finish
