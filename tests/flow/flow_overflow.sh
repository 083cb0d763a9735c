#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# More events than the kernel's queue holds, more directories than there are watches, and a root
# that is unmounted and comes back: nothing is missed after the next rescan, and status says what
# happened. Needs root; the limits are those of the daemon alone.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"
[ "$(id -u)" -eq 0 ] || finish

files=$(quick_or_long 3000 100000)
settings=(--set rescan_s=2)
queue=/proc/sys/fs/inotify/max_queued_events

# A queue takes the limit of the moment when it is made.
start_with_short_queue() {
	local limit
	limit=$(cat $queue)
	echo 16 2>/dev/null >$queue || echo "$queue cannot be written: the usual queue"
	start "${settings[@]}"
	echo "$limit" 2>/dev/null >$queue
}

all_in() { [ "$(status articles)" -eq "$1" ]; }

# ---- events

mkdir "$TMP/heap"
feeder "$TMP/heap" 1 $((files / 2))
start_with_short_queue
mv "$TMP"/heap/* "$FEEDS" # directories, whole
feeder "$FEEDS" $((files / 2 + 1)) "$files" # files, and directories made on the way
await rp sync --timeout 60
await all_in "$files"
is "$(status articles)" "$files" "no file is missed when events are lost"
is "$(status rejected)" 0 "nor refused"
echo "overflows: $(stat overflows)"
[ "$(cat $queue)" = 16 ] || matches "$(stat overflows)" "^[1-9]" "the counter says that events were lost"
stop

# ---- watches

rm -rf "$STATE" "$FEEDS"
mkdir "$FEEDS"
# shellcheck disable=SC2016
DAEMON_AS=(unshare --user --map-root-user sh -c
	'echo 10 >/proc/sys/user/max_inotify_watches && exec "$@"' sh)
if "${DAEMON_AS[@]}" true 2>/dev/null; then
	start "${settings[@]}"
	DAEMON_AS=()
	feeder "$FEEDS" 1 1000
	await all_in 1000
	is "$(status articles)" 1000 "directories without a watch are polled"
	matches "$(status polled)" "^[1-9]" "status says how many are polled"
	stop
fi
DAEMON_AS=()

# ---- a root that goes and comes back

rm -rf "$STATE" "$FEEDS"
mkdir "$FEEDS"
mount -t tmpfs -o size=64m tmpfs "$FEEDS" || finish
MOUNTED=$FEEDS
feeder "$FEEDS" 1 200
start "${settings[@]}"
synced
cp -a "$FEEDS" "$TMP/copy"
umount -l "$FEEDS"
rp rescan >/dev/null
rp sync --timeout 10 >/dev/null 2>&1
is "$(status articles)" 200 "what was taken in stays"
mount -t tmpfs -o size=64m tmpfs "$FEEDS"
cp -a "$TMP/copy/." "$FEEDS"
feeder "$FEEDS" 201 300
rp rescan >/dev/null
await all_in 300
await rp sync --timeout 20
is "$(status articles)" 300 "it comes back, and what is new in it is taken in, once"
stop
finish
