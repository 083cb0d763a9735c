#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Feed roots on FUSE, whose changes may come from elsewhere and bring no event: they are polled; and
# on an overlay, which is not. Needs root; each part is left out where its file system is missing.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
: >"$LOG"
[ "$(id -u)" -eq 0 ] || finish

all_in() { [ "$(status articles)" -eq "$1" ]; }
# Behind the daemon's back: no event comes from here.
beside() { text "$2" >"$TMP/back/$1.part" && mv "$TMP/back/$1.part" "$TMP/back/$1"; } # path, seed
mount_fuse() {
	bindfs -f -o attr_timeout=0,entry_timeout=0 "$TMP/back" "$FEEDS" 2>/dev/null &
	FUSE=$!
	await mounted_or_died && kill -0 $FUSE 2>/dev/null
}
mounted_or_died() { mountpoint -q "$FEEDS" || ! kill -0 $FUSE; }

fuse() {
	mkdir -p "$TMP/back/a.example/deep" "$TMP/back/b.example"
	beside a.example/1.txt 1
	mount_fuse || { echo "FUSE cannot be mounted: left out" && return; }
	MOUNTED=$FEEDS
	start --set rescan_s=1
	await all_in 1
	is "$(status articles)" 1 "what lies on FUSE is taken in"
	is "$(status polled)" 4 "status says how many directories are polled"
	beside a.example/2.txt 2
	beside a.example/deep/3.txt 3
	mkdir "$TMP/back/c.example"
	beside c.example/4.txt 4
	await all_in 4
	is "$(status articles)" 4 "what changes behind it is found by polling"
	beside b.example/5.txt 5
	synced
	is "$(status articles)" 5 "and by a sync"
	text 6 | deliver b.example/6.txt
	synced
	is "$(status articles)" 6 "what is delivered through it is taken in once"

	umount -l "$FEEDS"
	beside a.example/7.txt 7
	rp rescan >/dev/null
	rp sync --timeout 10 >/dev/null 2>&1
	is "$(status articles)" 6 "what was taken in stays when it is unmounted"
	is "$(status rejected)" 0 "and nothing is refused for it"
	mount_fuse
	await all_in 7
	is "$(status articles)" 7 "what came meanwhile is found when it is back"
	synced

	kill -KILL $FUSE
	{ wait $FUSE; } 2>/dev/null
	beside a.example/8.txt 8
	exits 4 "a sync cannot be promised while its file system hangs in the air" rp sync --timeout 10
	matches "$OUT" "root $FEEDS cannot be read" "and says so"
	is "$(status articles)" 7 "what was taken in stays"
	umount -l "$FEEDS"
	mount_fuse
	await all_in 8
	is "$(status articles)" 8 "it resumes by itself"
	synced
	is "$(status trouble)" null "and all is well"
	stop
	umount -l "$FEEDS"
	MOUNTED=
}

overlay() {
	mkdir -p "$TMP/lower/a.example" "$TMP/layers"
	text 11 >"$TMP/lower/a.example/1.txt"
	# An upper layer lies on no overlay itself.
	mount -t tmpfs -o size=16m tmpfs "$TMP/layers" 2>/dev/null || return
	mkdir "$TMP/layers/upper" "$TMP/layers/work"
	if mount -t overlay -o "lowerdir=$TMP/lower,upperdir=$TMP/layers/upper,workdir=$TMP/layers/work" \
		overlay "$FEEDS" 2>/dev/null; then
		MOUNTED=$FEEDS
		rm -rf "$STATE"
		start --set rescan_s=3600
		synced
		is "$(status articles)" 1 "what lies in a lower layer is taken in"
		text 12 | deliver a.example/2.txt
		text 13 | deliver b.example/3.txt
		synced
		is "$(status articles)" 3 "what is delivered through an overlay is taken in"
		is "$(status polled)" 0 "by events: it is not polled"
		stop
		umount -l "$FEEDS"
		MOUNTED=
	fi
	umount -l "$TMP/layers"
}

if [ -c /dev/fuse ] && command -v bindfs >/dev/null; then
	fuse
else
	echo "no bindfs or no FUSE: left out"
fi
overlay
finish
