#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Parsers: what crashes, hangs or lies costs its own file; the same verdicts with threads.
# threads
. "$(dirname "$0")/lib.sh"
export REPRINT_FAULT=parser

page() { # seed, paragraphs
	printf '<!doctype html><html><head><title>Page %s</title></head><body><article>' "$1"
	text "$1" "${2:-4}" | sed 's/.*/<p>&<\/p>/'
	printf '</article></body></html>\n'
}

twice() { # seed
	printf '<html><body><article>'
	{ text "$1" 3; text "$1" 3; } | sed 's/.*/<p>&<\/p>/'
	printf '</article></body></html>\n'
}

deliver_all() {
	local i
	for i in $(seq 40); do page "$i" | deliver "a.example/$i.html"; done
	page 3 | deliver b.example/copy.html
	twice 77 | deliver b.example/doubled.html
	page 5 | gzip | deliver c.example/packed.html.gz
	{
		printf '<rss version="2.0"><channel>'
		for i in 91 92; do
			printf '<item><guid>g%s</guid><title>T</title><description>%s</description></item>' \
				"$i" "$(text "$i" 3 | tr '\n' ' ')"
		done
		printf '</channel></rss>\n'
	} | deliver d.example/feed.xml
	printf '{"id":"j1","text":"%s"}\n7\n' "$(text 8 4 | tr '\n' ' ')" | deliver d.example/lines.jsonl
}

# All that was judged, by id, without what depends on when and in which order.
verdicts() {
	"$REPRINT_BIN/reprint" --socket "$SOCKET" --json alerts |
		jq -c 'del(.seen, .seq, .alert, .cluster, .of) | .matches |= (map(del(.seq)) | sort_by(.id))' |
		sort
}

why() { json rejected | jq -r --arg p "$1" 'select((.path // .file) == $p) | .why' | tail -n 1; }
children() { pgrep -P "$1" | wc -l; }
gone() { ! kill -0 "$@" 2>/dev/null; }
all_below() { # pid: its children and theirs
	local child
	for child in $(pgrep -P "$1"); do echo "$child"; all_below "$child"; done
}

start --set parse_time=1s --set alert_kinds=all --set alert_max_age=3650d
page 201 | deliver x.example/crash.html
page 202 | deliver x.example/hang.html
page 203 | deliver x.example/lie.html
deliver_all
page 204 | deliver x.example/crash-too.html
page 205 | deliver x.example/last.html
synced
contains "$(why x.example/crash.html)" "the parser died of it (signal" "a crash is told"
contains "$(why x.example/crash-too.html)" "the parser died of it (signal" "and so is the next"
contains "$(why x.example/hang.html)" "parse_time" "what takes too long is told"
contains "$(why x.example/lie.html)" "nonsense" "an answer that is none is told"
is "$(json rejected | jq -r 'select((.path // .file) | startswith("x.example")) | (.path // .file)' | sort -u | wc -l)" 4 "they alone are refused"
is "$(field x.example/last.html .verdict)" unique "what came after them is judged"
is "$(field b.example/doubled.html .repetition.doubled)" true "a doubled page is seen through a parser"
is "$(stat parsers_lost)" 4 "four parsers were lost"
rp rescan >/dev/null
synced
is "$(stat parsers_lost)" 4 "their files are not read again"
verdicts | grep -v x.example >"$TMP/processes"

# Processes end with the daemon, however that ends.
below=$(all_below "$DAEMON")
[ "$(wc -w <<<"$below")" -ge 2 ] || not_ok "there are parser processes" "$below"
stop
# shellcheck disable=SC2086
exits 0 "a stop leaves no process behind" await gone $below
start --set parse_time=1s
page 301 | deliver x.example/again.html
synced
is "$(stat parsers_lost)" 0 "nor after a restart"
below=$(all_below "$DAEMON")
crash
# shellcheck disable=SC2086
exits 0 "a crash of the daemon leaves no process behind" await gone $below

# A parser that somebody kills costs nothing.
start
page 302 | deliver x.example/first.html
synced
for pid in $(all_below "$DAEMON"); do
	[ "$(cat "/proc/$pid/comm")" != reprintd-parse ] || kill -KILL "$pid"
done
for i in 303 304 305 306; do page $i | deliver x.example/$i.html; done
synced
is "$(field x.example/306.html .verdict)" unique "a killed parser is replaced"
is "$(json rejected | jq -r 'select((.path // .file) | test("x.example/30")) | .why' | wc -l)" 0 "and costs no file"

# Without the process that forks them there will be no parsers: the daemon ends, to start again.
# One that has not ended yet would take the file.
zygote=$(pgrep -P "$DAEMON" | head -n 1)
below=$(all_below "$zygote")
kill -KILL "$zygote"
for pid in $below; do await gone "$pid"; done
page 307 | deliver x.example/307.html
exits 0 "the daemon does not go on without parsers" await gone "$DAEMON"
{ wait "$DAEMON"; } 2>/dev/null
start
synced
is "$(field x.example/307.html .verdict)" unique "and the file is judged after a start"
stop

# The same files by threads.
unset REPRINT_FAULT
rm -rf "$STATE" "$FEEDS"
mkdir "$FEEDS"
start --set parsers=threads --set alert_kinds=all --set alert_max_age=3650d
is "$(children "$DAEMON")" 0 "threads need no process"
deliver_all
synced
verdicts >"$TMP/threads"
[ "$(wc -l <"$TMP/threads")" -gt 45 ] || not_ok "there is something to compare"
is "$(diff "$TMP/processes" "$TMP/threads" | head -n 4)" "" "both ways say the same"
stop
"$REPRINT_BIN/reprintd" --set parsers=nobody --check-config 2>"$TMP/error"
contains "$(cat "$TMP/error")" "auto, processes or threads" "a wrong key is told what is right"
finish
