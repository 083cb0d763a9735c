#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A disk that fills: intake pauses before it is full and says so, alerts flow on, it goes on by
# itself. disk_limit: the oldest epoch goes. Needs root for the small file system.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"

feed() { # from, to
	local i
	for ((i = $1; i <= $2; i++)); do
		text "$i" 2 | deliver "s$((i % 5)).example/$i.txt"
	done
}

signs() { grep -o WATCHDOG=1 "$TMP/signs" | wc -l; }
more_signs() { [ "$(signs)" -gt "$1" ]; } # than so many
dumped() { grep -q "dump: phase=.* trouble=the disk is almost full" "$LOG"; }

goes_on() { [ "$(status trouble)" = null ]; }
paused() { [[ $(status trouble) == *"almost full"* ]]; }

# ---- disk_limit, anywhere

start --set disk_limit=1M --set alert_kinds=all
json alerts --consumer slow >/dev/null
for from in $(seq 1 150 1051); do
	feed "$from" $((from + 149))
	synced
done
expired() { [ "$(stat expired)" -ge 1 ]; }
await expired || die "nothing expired at the disk limit"
is "$(status articles | awk '{ print ($1 > 0 && $1 < 1200) }')" 1 "the oldest epochs are gone, the newest are there"
is "$(stat state_bytes | awk '{ print ($1 < 1.3 * 1024 * 1024) }')" 1 "the state keeps to its limit"
is "$(json show s0.example/1200.txt | jq -r .version)" 1 "the newest article is found"
exits 2 "the oldest is not" rp show s1.example/1.txt
is "$(json alerts --consumer slow | head -n 1 | jq -c '.gap[0]')" 1 "a consumer is told what it missed"
exits 0 "what is left is sound" rp verify
stop
rm -rf "$STATE" "$FEEDS"
mkdir "$FEEDS"

# ---- a small disk

if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/small" && mount -t tmpfs -o size=32m tmpfs "$TMP/small" 2>/dev/null; then
	MOUNTED=$TMP/small
	STATE=$TMP/small/state
	# systemd's end of the watchdog.
	socat -u "UNIX-RECV:$TMP/notify" "CREATE:$TMP/signs" &
	listener=$!
	await test -S "$TMP/notify" || die "no socket for signs of life"
	NOTIFY_SOCKET=$TMP/notify WATCHDOG_USEC=400000 start --set alert_kinds=all
	feed 1 30
	synced
	json alerts --consumer c | head -n 1 >/dev/null
	fallocate -l 26M "$TMP/small/ballast"
	fallocate -l $(($(df --output=avail -B1 "$TMP/small" | tail -n 1) - 2000000)) "$TMP/small/more"
	await paused || die "intake does not pause"
	contains "$(status trouble)" "almost full" "status says that intake is paused"
	before=$(signs)
	await more_signs $((before + 5)) || die "a lane that waits for room is taken for stuck"
	kill -USR1 "$DAEMON"
	await dumped || die "SIGUSR1 does not say what the daemon is at"
	contains "$(grep -c 'dump: ' "$LOG")" 4 "in four lines"
	feed 31 60
	exits 4 "sync cannot promise" rp sync --timeout 60
	contains "$OUT" "almost full" "and says why"
	is "$(status articles)" 30 "nothing is taken in meanwhile"
	for ((i = 1; i <= 20; i++)); do
		exits 0 "alert $i can be acknowledged" rp ack c $i
	done
	is "$(json alerts --consumer c | head -n 1 | jq -r .alert)" 21 "alerts flow on"
	exits 0 "an article can be forgotten" rp forget s1.example/1.txt
	kill $listener
	is "$(df --output=avail -B1 "$TMP/small" | tail -n 1 | awk '{ print ($1 > 1000000) }')" 1 "the disk is not full"
	stop
	start --set alert_kinds=all
	await paused || die "intake does not pause after a start"
	is "$(json alerts --consumer c | head -n 1 | jq -r .alert)" 21 "a start with little room serves too"
	rm "$TMP/small/ballast"
	await goes_on || die "intake does not go on"
	synced
	is "$(status articles)" 59 "it goes on by itself, and nothing was lost"
	is "$(json alerts --consumer c | jq -r .alert | sort -n | uniq -d)" "" "nor told twice"
	exits 0 "the state is sound" rp verify
	stop

	# The articles themselves fill it.
	umount "$MOUNTED" && mount -t tmpfs -o size=3m tmpfs "$MOUNTED" || die "no smaller file system"
	rm -r "$FEEDS"/s?.example
	start --set alert_kinds=all --set batch_max=5 --set disk_limit=0
	before=$(grep -c "commit failed" "$LOG")
	for i in $(seq 400); do text "$i" 40 | deliver "s$((i % 5)).example/$i.txt"; done
	await paused || die "intake does not pause before it has filled the disk"
	taken=$(status articles)
	is "$((taken > 50 && taken < 400))" 1 "intake pauses on its way"
	is "$(df --output=avail -B1 "$MOUNTED" | tail -n 1 | awk '{ print ($1 > 100000) }')" 1 "before the disk is full"
	is "$(grep -c "commit failed" "$LOG")" "$before" "so that no commit is refused"
	is "$(json alerts --consumer d | tail -n 1 | jq -r .alert)" "$taken" "all that was taken in is told"
	exits 0 "and can be acknowledged" rp ack d "$taken"
	exits 4 "sync cannot promise the rest" rp sync --timeout 60
	mount -o remount,size=32m "$MOUNTED"
	await goes_on || die "intake does not go on where the disk has grown"
	synced
	is "$(status articles)" 400 "on a larger disk nothing is missing"
	is "$(json alerts --consumer d | head -n 1 | jq -r .alert)" $((taken + 1)) "and the rest is told"
	stop
fi
finish
