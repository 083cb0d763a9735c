#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Disks that are full, or become so: no command dies of it or waits for ever; each ends with one
# line that names the place and says what to do. Needs root for the small file systems.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
DISK=$TMP/disk
MOUNTED=$DISK
mkdir "$DISK"
: >"$LOG"

disk() { # size
	umount "$DISK" 2>/dev/null
	mount -t tmpfs -o "size=$1" tmpfs "$DISK" 2>/dev/null
}
if [ "$(id -u)" -ne 0 ] || ! disk 64k; then
	echo "no small file system can be mounted here"
	finish
fi
room() { df --output=avail -B1 "$DISK" | tail -n 1; }
leave() { # so many bytes free
	fallocate -l $(($(room) - $1)) "$DISK/ballast"
}
lines() { wc -l <"$1"; }

scan() { "$REPRINT_BIN/reprint" scan --set disk_limit=1G "$@" "$FEEDS"; } # nothing expires
export -f scan
export REPRINT_BIN FEEDS

# Ends by itself, with 0 or 2, and not by a signal.
ends() { # sentence, command...
	local sentence=$1
	shift
	timeout 60 bash -c '"$@"' - "$@" >"$TMP/out" 2>"$TMP/err"
	RC=$?
	matches "$RC" '^[02]$' "$sentence ends, with 0 or 2"
}

# ---- scan

for i in $(seq 300); do text "$i" 4 | deliver "s$((i % 5)).example/$i.txt"; done
refused=0
for size in 16k 32k 64k 128k 192k 256k 320k 2m; do
	disk $size
	ends "a scan into $size" scan --store "$DISK/state"
	[ $RC -eq 2 ] || continue
	refused=$((refused + 1))
	contains "$(grep 'no space left' "$TMP/err")" "reprint: $DISK/state: no space left" \
		"a scan into $size names the place"
	is "$(grep -c 'no space left' "$TMP/err")" 1 "once"
	told=$(lines "$TMP/out")
	mount -o remount,size=8m "$DISK"
	ends "the scan made again" scan --store "$DISK/state"
	is $RC 0 "with more room than $size it goes on"
	is "$(lines "$TMP/out")" $((300 - told)) "what was told is kept, and not told again"
	contains "$(cat "$TMP/err")" "$told known already" "all of it"
	ends "verify" "$REPRINT_BIN/reprintd" --set "state=$DISK/state" --verify
	is $RC 0 "the state is sound"
done
is "$((refused >= 4))" 1 "some disks were too small"
disk 512k
ends "a scan whose epochs expire" "$REPRINT_BIN/reprint" scan --store "$DISK/state" "$FEEDS"
disk 1m
leave 150000
TMPDIR=$DISK exits 2 "a scan without a store" scan
contains "$OUT" "temporary store: no space left; TMPDIR names its place" "says which place was full"
is "$(ls "$DISK")" ballast "and leaves nothing there"

# ---- restore, and what reads a state, on disks of each size

scan --store "$TMP/whole" >/dev/null 2>&1
"$REPRINT_BIN/reprintd" --backup --set "state=$TMP/whole" >"$TMP/backup" 2>/dev/null
refused=0
for size in 16k 32k 64k 128k 256k 512k 600k 700k 2m; do
	disk $size
	ends "a restore into $size" "$REPRINT_BIN/reprint" restore "$TMP/backup" "$DISK/state"
	if [ $RC -eq 2 ]; then
		refused=$((refused + 1))
		is "$(cat "$TMP/err")" "reprintd: $DISK/state: no space left: make room there and restore again" \
			"a restore into $size says which place is full"
		is "$(find "$DISK" -mindepth 2)" "" "and leaves nothing there"
		mount -o remount,size=4m "$DISK"
		ends "the restore made again" "$REPRINT_BIN/reprint" restore "$TMP/backup" "$DISK/state"
		is $RC 0 "with more room than $size it is restored"
	fi
	for left in 0 4096 16384; do
		rm -f "$DISK/ballast"
		leave $left
		ends "verify" "$REPRINT_BIN/reprintd" --set "state=$DISK/state" --verify
		is $RC 0 "a state on a full disk can be verified"
		ends "repair" "$REPRINT_BIN/reprintd" --set "state=$DISK/state" --repair
		ends "backup" "$REPRINT_BIN/reprintd" --set "state=$DISK/state" --backup
		is $RC 0 "and backed up"
		ends "a backup to the same disk" bash -c '"$1" --set "state=$2" --backup >"$2.backup"' - \
			"$REPRINT_BIN/reprintd" "$DISK/state"
		is "$RC $(grep -c 'standard output: no space left' "$TMP/err")" "2 1" "which is too full for that"
		rm "$DISK/state.backup"
		ends "a scan" scan --store "$DISK/state"
	done
done
is "$((refused >= 4))" 1 "some disks were too small for the restore"

# ---- a daemon: a disk that is full when it starts, and one that fills up later

FEEDS=$TMP/few
mkdir "$FEEDS"
STATE=$DISK/state
ask() { ends "$1" "$REPRINT_BIN/reprint" --socket "$SOCKET" "$@"; }
all_there() { [ "$(status trouble)" = null ] && [ "$(status queued)" = 0 ]; }
for left in 0 8192 16384 32768 65536 98304; do
	disk 1m
	leave $left
	"$REPRINT_BIN/reprintd" --set "feeds=$FEEDS" --set "state=$STATE" --set "socket=$SOCKET" >>"$LOG" 2>&1 &
	DAEMON=$!
	await answers_or_died
	if kill -0 $DAEMON 2>/dev/null; then
		stop
	else
		wait $DAEMON
		is $? 1 "a daemon that finds $left bytes of room ends"
		DAEMON=
		contains "$(tail -n 1 "$LOG")" "path=$STATE why=no space left; make room there" "and says why"
	fi
done
for left in 0 4096 20000 60000; do
	disk 4m
	start
	for i in $(seq 30); do text "$i" 4 | deliver a.example/$i.txt; done
	synced
	leave $left
	for i in $(seq 31 60); do text "$i" 4 | deliver a.example/$i.txt; done
	exits 4 "sync cannot promise with $left bytes of room" rp sync --timeout 60
	matches "$(status trouble)" "the disk is (almost )?full: intake is paused" "and status says why"
	hidden=0
	ask forget --now a.example/1.txt
	rp show a.example/1.txt >/dev/null 2>&1 || hidden=1
	is "$(find "$STATE/epochs" -name '*.*.new')" "" "no half-written epoch is left"
	ask verify
	is $RC 0 "the state is sound"
	ask backup -
	is $RC 0 "and can be backed up"
	ask repair
	kill -0 "$DAEMON" || die "the daemon died of a full disk"
	rm "$DISK/ballast"
	await all_there || die "intake does not go on"
	synced
	is "$(status articles)" $((60 - hidden)) "with more room nothing is missing"
	stop
	rm -r "$FEEDS/a.example"
done
finish
