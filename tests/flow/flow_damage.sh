#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Files of a stopped state, harmed one page at a time: zeroed, a bit turned, something else in its
# place, cut off there. The daemon starts, or sets aside and names; what it answers is what it
# answered before, or missing and named; never something else.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

pages=${PAGES:-$(quick_or_long 12 0)} # 0: all, each way
lanes=${LANES:-$(quick_or_long 1 3)} # so many daemons are tried beside one another
settings=(--set alert_kinds=all --set batch_max=20 --set rescan_s=600)
harms=(zero bit noise cut)
good=$TMP/good

two_epochs() { [ "$(status epochs)" -ge 2 ]; }

# All that can be asked, a line an answer, each with its question in front.
answers() {
	json alerts --since 0 | jq -r 'select(.id) | "alert \(.alert) \(.id) \(.version) \(.words) \(.simhash) \(.digest)"'
	for ((n = 1; n <= 90; n += 8)); do
		ask "s$((n % 7)).example/0/$n.txt"
	done
}

ask() { # id
	local shown
	shown=$(json show "$1" 2>/dev/null) || return 0
	jq -r '"show \(.id) \(.seq) \(.words) \(.simhash) \(.digest)",
		(.id as $i | .matches[] | "match \($i) \(.id) \(.kind) \(.resemblance)")' <<<"$shown"
	json neighbours "$1" --bits 0 2>/dev/null | jq -r --arg i "$1" '"near \($i) \(.id) \(.bits)"'
}

# In a process of its own, so that it can be given up.
if [ "${1:-}" = --answers ]; then
	SOCKET=$2
	answers
	exit
fi

harm() { # how, file, page
	local at=$(($3 * 4096))
	case $1 in
	zero) dd if=/dev/zero of="$2" bs=4096 seek="$3" count=1 conv=notrunc status=none ;;
	noise) head -c 4096 /dev/urandom | dd of="$2" bs=4096 seek="$3" count=1 conv=notrunc status=none ;;
	cut) truncate -s $at "$2" ;;
	bit) "$TOOLS/turn" "$2" $((at + $(between 0 4095))) "$(between 0 7)" ;;
	esac
}

# The state again, with one page harmed; the record of lengths is told that nothing has changed, as
# where the disk itself has.
try() { # how, file below the state, page
	local what="$1 $2 page $3, hidden: $hidden" starts
	rm -rf "$STATE"
	cp -a "$good" "$STATE"
	harm "$1" "$STATE/$2" "$3"
	[ "$hidden" = no ] || touch -r "$good/$2" "$STATE/$2"
	for ((starts = 1; starts <= 4; starts++)); do
		begin
		await answers_or_died
		if kill -0 "$DAEMON" 2>/dev/null; then
			timeout 20 "$0" --answers "$SOCKET" 2>/dev/null | sort >"$TMP/got"
			kill -0 "$DAEMON" 2>/dev/null && break
		fi
		{ wait "$DAEMON"; } 2>/dev/null # as systemd does: start it again
		DAEMON=
	done
	if [ $starts -gt 4 ]; then
		not_ok "$what: never a crash loop" "$(grep -v '^    #' "$TMP/log" | tail -n 8)"
		return
	fi
	restarts=$((restarts + starts - 1))
	if [ -n "$(comm -13 "$TMP/expected" "$TMP/got")" ]; then
		not_ok "$what: never a wrong answer" "$(comm -3 "$TMP/expected" "$TMP/got" | head -n 6)"
	elif ! cmp -s "$TMP/got" "$TMP/expected"; then
		missing=$((missing + 1))
		[ "$(status damaged)" -gt 0 ] || ! rp verify >/dev/null 2>&1 ||
			not_ok "$what: what is missing is named" "$(comm -3 "$TMP/expected" "$TMP/got" | head -n 6)"
	fi
	sentences=$((sentences + 3))
	kill -KILL "$DAEMON" 2>/dev/null
	{ wait "$DAEMON"; } 2>/dev/null
	DAEMON=
	tried=$((tried + 1))
	[ $failures -lt 8 ] || finish
}

begin() { # not the feeds: nothing is to come in again
	"$REPRINT_BIN/reprintd" --set feeds="$TMP/nothing" --set state="$STATE" --set socket="$SOCKET" \
		"${settings[@]}" >"$TMP/log" 2>&1 &
	DAEMON=$!
}

# Where the line of the format cannot be read, nothing is: that start is refused, by design.
count_pages() {
	mapfile -t files < <(cd "$good" && find . -type f -size +0 ! -name lock.mdb ! -name format -printf '%P\n' | sort)
	total=0
	for f in "${files[@]}"; do
		total=$((total + ($(command stat -c %s "$good/$f") + 4095) / 4096))
	done
}

page_of() { # number: the file and the page in it
	local n=$1 f count
	for f in "${files[@]}"; do
		count=$((($(command stat -c %s "$good/$f") + 4095) / 4096))
		[ "$n" -ge $count ] || break
		n=$((n - count))
	done
	echo "$f $n"
}

# Every lanes-th page from this one on, each harm.
sweep() { # first
	local i harm
	for ((i = $1; i < total; i += lanes)); do
		for harm in "${harms[@]}"; do
			hidden=$([ $((RANDOM % 3)) -eq 0 ] && echo yes || echo no)
			read -r file page < <(page_of $i)
			try "$harm" "$file" "$page"
		done
	done
}

told() {
	echo "$tried harms of $total pages in ${#files[@]} files; after $missing of them something was missing, and named; $restarts restarts"
	finish
}

mkdir "$TMP/nothing"
tried=0
missing=0
restarts=0
if [ "${1:-}" = --lane ]; then
	good=$3/good
	cp "$3/expected" "$TMP/expected"
	count_pages
	RANDOM=$((SEED + $2))
	sweep "$2"
	told
fi
feeder "$FEEDS" 1 60
start "${settings[@]}" --set disk_limit=1M
synced
rp forget --now s1.example/0/1.txt >/dev/null # removes the runs of the index, which come again
await two_epochs || die "no second epoch"
feeder "$FEEDS" 61 90
synced
stop
is "$((0 < $(find "$STATE/index" -name '*.run' | wc -l)))" 1 "the index has runs"
cp -a "$STATE" "$good"
begin
await answers_or_died
answers | sort >"$TMP/expected"
is "$(grep -c '^alert' "$TMP/expected")" 89 "there is something to ask for"
stop
rm -f "$STATE"/index/lock

# ---- while it runs: a candidate that cannot be read is not told as none

begin
await answers_or_died
pages_of=$(($(command stat -c %s "$STATE/epochs/00000001/data.mdb") / 4096))
dd if=/dev/zero of="$STATE/epochs/00000001/data.mdb" bs=4096 seek=2 count=$((pages_of - 2)) conv=notrunc status=none
mkdir "$TMP/nothing/copy.example"
cp "$FEEDS/s2.example/0/2.txt" "$TMP/nothing/copy.example/.2.txt"
mv "$TMP/nothing/copy.example/.2.txt" "$TMP/nothing/copy.example/2.txt"
synced
is "$(status damaged)" 1 "an epoch found damaged when a candidate is read is set aside"
contains "$(status trouble)" "epochs/00000001.damaged" "and named"
exits 0 "the rest is sound" rp verify
exits 0 "and takes in" rp show copy.example/2.txt
rm -r "$TMP/nothing/copy.example"
stop

count_pages
hidden=yes
try noise epochs/00000001/data.mdb 4 # was trusted at every start, in vain
try zero epochs/00000001/data.mdb 4
run=$(cd "$good" && ls index/*.run | tail -n 1)
try zero "$run" 1 # what is found damaged by a question is made again before it is answered
try bit "$run" 2
try noise "$run" 3
if [ "$pages" -gt 0 ]; then
	for ((i = 0; i < pages; i++)); do
		hidden=$([ $((i % 3)) -eq 0 ] && echo yes || echo no)
		read -r file page < <(page_of $(($(between 1 $total) - 1)))
		try "${harms[i % 4]}" "$file" "$page"
	done
else
	pids=()
	for ((i = 0; i < lanes; i++)); do
		"$0" --lane $i "$TMP" &
		pids+=($!)
	done
	for lane in "${pids[@]}"; do
		wait "$lane" || failures=$((failures + 1))
	done
fi
told
