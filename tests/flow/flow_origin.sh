#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Clusters as an aggregator sees them: the original comes last, and everybody learns of it, once.
. "$(dirname "$0")/lib.sh"

ago() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ; } # seconds
article() { # path, seconds since it was published, seed
	jq -n -c --arg id "${1##*/}" --arg at "$(ago "$2")" --arg text "$(text "$3" 6)" \
		'{id: $id, published: $at, text: $text}' | deliver "$1.json"
}
of() { field "$1" '[.of, .cluster] | tojson'; } # ID
origins() { json alerts "$@" | jq -c 'select(.event == "origin") | [.alert, .id, .former]'; }

start
article a.example/one 3600 1
synced
name=$(field a.example/one .cluster)
article b.example/two 3000 1
article c.example/three 2400 1
synced
is "$(of a.example/one)" "[null,\"$name\"]" "the first seen is the origin"
is "$(of b.example/two)" "[\"a.example/one\",\"$name\"]" "a copy is of the origin"
is "$(json alerts | jq -s -c 'map(.why[0])')" '["exact","exact"]' "two copies are two alerts"
is "$(origins)" "" "and the origin is the same"

# The original comes last, a day's part older than what was copied from it.
article w.example/wire 7200 1
synced
is "$(origins)" '[3,"w.example/wire","a.example/one"]' "a late older original is told, with the former one"
is "$(json alerts --since 2 | jq -c '[.why, .of]')" '[["exact","origin"],null]' "its line has both reasons, and is of nobody"
is "$(of w.example/wire)" "[null,\"$name\"]" "it is the origin; the cluster keeps its name"
for id in a.example/one b.example/two c.example/three; do
	is "$(of $id)" "[\"w.example/wire\",\"$name\"]" "$id is of it now"
done
is "$(json cluster "$name" | jq -r 'select(.id) | .id' | head -n 1)" w.example/wire "the cluster lists it first"
is "$(json clusters --all | jq -r 'select(.cluster) | .of')" w.example/wire "so does the list of clusters"
contains "$(script -qec "$REPRINT_BIN/reprint --socket $SOCKET alerts --since 2" /dev/null)" \
	"the origin of $name now, in place of a.example/one" "people can read it"

# A crash tells nothing twice and loses nothing.
crash
start
rp rescan >/dev/null
synced
is "$(status alerts)" 3 "three alerts it stays"
is "$(origins)" '[3,"w.example/wire","a.example/one"]' "the event is logged once"

# Members stay when the centre or the origin goes; newcomers still find the cluster by its name.
exits 0 "the centre is forgotten" rp forget a.example/one
article d.example/four 1800 1
synced
is "$(of d.example/four)" "[\"w.example/wire\",\"$name\"]" "a copy joins the cluster whose centre is gone"
exits 0 "the origin is forgotten" rp forget w.example/wire
is "$(of b.example/two)" "[null,\"$name\"]" "the next is the origin"
is "$(of d.example/four)" "[\"b.example/two\",\"$name\"]" "and the others are of it"

# One site alone, an old story, and who does not ask are silent. A date is a claim: it makes an
# article old, but it does not put it in the place of a fresh one unseen.
article s.example/late 600 2
synced
article s.example/early 1200 2
article x.example/old 1800 3
synced
article y.example/older 172800 3
synced
is "$(field s.example/late .of)" s.example/early "within a site the origin changes too"
is "$(origins --since 4)" '[5,"y.example/older","x.example/old"]' \
	"the latter is not told, but what claims to be older than a fresh one of another site"
article x.example/archived 200000 6
synced
article y.example/archived 300000 6
synced
is "$(field x.example/archived .of)" y.example/archived "the origin of an old story changes"
is "$(origins --since 5)" "" "and is not told: the archive is silent"
stop
start --set alert_kinds="exact near"
article p.example/late 600 4
synced
article q.example/early 1200 4
synced
is "$(json alerts | jq -s -c '.[-1] | [.id, .why, .event]')" '["q.example/early",["exact"],null]' \
	"alert_kinds without origin turns it off"
stop

# More copies than an article is compared with, each with other words changed.
text 5 8 | awk -v copies=900 '{ p[NR] = $0 } END {
	for (i = 1; i <= copies; i++) {
		mark = sprintf("%c%c", 97 + i % 26, 97 + int(i / 26)) # figures would make a frame of it
		printf "{\"id\":\"%d\",\"site\":\"s%d.example\",\"text\":\"", i, i % 90
		for (n = 1; n <= NR; n++) {
			count = split(p[n], w, " ")
			w[1 + (i * 7 + n * 3) % count] = "edited" mark
			w[1 + (i * 13 + n * 5) % count] = "changed" mark
			for (k = 1; k <= count; k++)
				printf "%s ", w[k]
			printf "\\n"
		}
		print "\"}"
	}
}' >"$TMP/copies.jsonl"
is "$("$REPRINT_BIN/reprint" scan "$TMP/copies.jsonl" 2>/dev/null | jq -r .cluster | sort | uniq -c | tr -s ' ')" " 900 c1" \
	"900 copies are one cluster"

# kill -9 among sixty late originals.
rm -rf "$STATE" "${FEEDS:?}"/*
start --set batch_max=5
for i in {1..60}; do article "m.example/$i" 600 "$((100 + i))"; done
synced
for i in {1..60}; do article "n.example/$i" 1200 "$((100 + i))"; done &
feeder=$!
await at_least articles 80 || die "intake stands still"
crash
start --set batch_max=5
wait $feeder
synced
is "$(origins | jq -r '.[1] + .[2]' | sort)" "$(for i in {1..60}; do echo "n.example/${i}m.example/$i"; done | sort)" \
	"each new origin is told once"
finish
