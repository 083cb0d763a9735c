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

finish
