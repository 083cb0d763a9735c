#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What stands at a path is changed between the moment in which it is found and that in which it is
# opened: into links out of the feed root, FIFOs, directories. Nothing from outside is ever read.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"
rounds=$(quick_or_long 60 2000)
names=20
mkdir -p "$TMP/outside" "$FEEDS/a/d"
for ((i = 1; i <= names; i++)); do
	text $((1000 + i)) >"$TMP/outside/$i.txt"
done
# Of the texts outside none is known.
nothing_leaked() { # sentence
	local i known=
	for ((i = 1; i <= names; i++)); do
		[ "$(json check "$TMP/outside/$i.txt" | jq '.matches | length')" = 0 ] || known+=" $i"
	done
	is "$known" "" "$1"
}

# ---- found by an event, looked at when it is another

start
synced
kill -STOP "$DAEMON"
for ((i = 1; i <= names; i++)); do
	text $i | deliver "a/d/$i.txt"
done
mv "$FEEDS/a/d" "$TMP/away"
ln -s "$TMP/outside" "$FEEDS/a/d"
kill -CONT "$DAEMON"
exits 0 "a sync goes on" rp sync --timeout 60
nothing_leaked "a directory that became a link is not gone through"
is "$(json rejected | jq -r 'select(.file == "a/d").file' | sort -u)" a/d "the link is refused by name"
rm "$FEEDS/a/d"
mv "$TMP/away" "$FEEDS/a/d"
synced
is "$(status articles)" $names "and what was delivered is taken in when it is back"

# ---- swapped again and again while they are read

swap() { # target: a directory becomes a link there, and a directory again
	mv "$FEEDS/a/d" "$FEEDS/a/.d"
	ln -s "$1" "$FEEDS/a/d"
	rm "$FEEDS/a/d"
	mv "$FEEDS/a/.d" "$FEEDS/a/d"
}
for ((round = 1; round <= rounds; round++)); do
	i=$((1 + round % names))
	echo "$(text $i 5) $round" >"$FEEDS/a/d/$i.txt"
	swap "$TMP/outside"
	swap /etc
	j=$((1 + (round + 7) % names))
	case $((round % 4)) in
	0) ln -sf "$TMP/outside/$j.txt" "$FEEDS/a/d/$j.txt" ;;
	1) rm -f "$FEEDS/a/d/$j.txt" && mkfifo "$FEEDS/a/d/$j.txt" ;;
	2) rm -f "$FEEDS/a/d/$j.txt" && mkdir "$FEEDS/a/d/$j.txt" ;;
	3) rm -f "$FEEDS/a/d/$j.txt" && ln -s "../../../outside/$j.txt" "$FEEDS/a/d/$j.txt" ;;
	esac
	swap "$TMP/outside"
	rm -rf "$FEEDS/a/d/$j.txt"
	text $j | deliver "a/d/$j.txt"
done
synced
nothing_leaked "what is swapped in while files are read is not read"
is "$(json rejected | jq -r .file | grep -v '^a/d' | head -n 3)" "" "and nothing else is refused"
text 500 | deliver a/d/last.txt
synced
is "$(field a/d/last.txt .version)" 1 "and intake goes on"
finish
