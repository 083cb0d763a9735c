#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Why something matches, what almost did, what is left out, and thresholds from labels.
. "$(dirname "$0")/lib.sh"

# So many words of a seed, in one line.
line() { # seed, words
	text "$1" 10 | tr -d '\n' | tr '.' ' ' | cut -d' ' -f"1-$2"
}
# A story of its own around a run of 32 words that all of them share.
almost() { # seed
	text "$1" 3
	echo "$(line $(($1 + 1)) 40) $(line 500 32) $(line $(($1 + 2)) 40)"
	text $(($1 + 3)) 3
}

start

text 1 6 | deliver a.example/one.txt
{ text 1 6 | awk 'NR % 3 == 2 { $7 = "perhaps" } { print }'; text 90 1; } | deliver b.example/copy.txt
text 20 6 | deliver c.example/other.txt
synced

# explain: the daemon's word, whichever is named first.
is "$(json explain a.example/one.txt b.example/copy.txt | jq -r .verdict)" near "a copy is explained as near"
is "$(json explain a.example/one.txt b.example/copy.txt | jq -r .stored)" near "as it was stored"
is "$(json explain a.example/one.txt b.example/copy.txt | jq -cS .)" \
	"$(json explain b.example/copy.txt a.example/one.txt | jq -cS .)" "the order of the names does not matter"
is "$(json explain a.example/one.txt b.example/copy.txt | jq -r '.rule as $r | .rules[] | select(.met and (.bars | not)) | .rule' | head -1)" \
	"$(json explain a.example/one.txt b.example/copy.txt | jq -r .rule)" "the first rule that is met decides"
contains "$(rp explain a.example/one.txt c.example/other.txt)" "unique" "strangers are explained too"
contains "$(rp explain a.example/one.txt c.example/other.txt)" "near_resemblance" "with the thresholds they did not reach"
exits 2 "an article is not compared with itself" rp explain a.example/one.txt a.example/one.txt
exits 2 "an unknown article is an error" rp explain a.example/one.txt nowhere

# The configuration decides, also after a reload of other thresholds.
is "$(json explain a.example/one.txt b.example/copy.txt | jq -r '[.rules[].conditions[] | select(.key == "near_resemblance").threshold][0]')" \
	0.32 "the threshold in force is named"

# Two files need no daemon.
is "$("$REPRINT_BIN/reprint" --socket /nowhere --json explain "$FEEDS/a.example/one.txt" "$FEEDS/b.example/copy.txt" | jq -r .verdict)" \
	near "two files are explained without a daemon"
exits 2 "a file of many articles is refused" rp explain "$FEEDS/a.example/one.txt" <(printf '{"id":"x","text":"a"}\n{"id":"y","text":"b"}\n')

# near-misses: newest first, in memory only.
is "$(json near-misses | wc -l)" 0 "nothing almost matched yet"
almost 100 | deliver a.example/first.txt
synced
almost 200 | deliver b.example/second.txt
synced
is "$(json near-misses | jq -r '[.verdict, .almost, .here.id, .there.id] | join(" ")')" \
	"unique partial b.example/second.txt a.example/first.txt" "a passage a little too short is a near miss"
contains "$(rp near-misses)" "passage_shared" "the threshold it missed is named"
is "$(json near-misses --top 0 | wc -l)" 0 "--top limits"
is "$(json near-misses --since 2999-01-01 | wc -l)" 0 "--since leaves out what was before"
exits 2 "a time that is none is an error" rp near-misses --since soon

# chrome: the words of the lines, and how often each was seen.
for i in 1 2 3 4; do
	{ echo "Please read our notice on cookies and choices before you go on reading here"; text $((300 + i)) 3; } |
		deliver "n.example/$i.txt"
	synced
done
is "$(json chrome n.example | jq -r 'select(.site).articles')" 4 "all unlike articles were counted"
is "$(json chrome n.example | jq -r 'select(.seen_in) | [.seen_in, .of, .left_out, .text[0:23]] | join(" ")')" \
	"4 4 true Please read our notice " "a line of all of them is left out"
contains "$(rp chrome n.example)" "in     4 of 4" "and shown to a person"
exits 2 "a site without articles is an error" rp chrome nowhere.example

stop
start --set passage_words=30
is "$(json near-misses | wc -l)" 0 "a restart forgets the near misses"
is "$(json explain a.example/first.txt b.example/second.txt | jq -r '[.verdict, (.stored // "none")] | join(" ")')" \
	"partial none" "another threshold explains another kind, the stored one stays"
stop

# calibrate: labels of one's own, no daemon.
for i in $(seq 1 30); do
	text $((1000 + i)) 4 | jq -cRs --arg i "$i" '{id: "o\($i)", site: "a.example", text: .}'
	{ text $((1000 + i)) 1; text $((2000 + i)) 1; } | jq -cRs --arg i "$i" '{id: "c\($i)", site: "b.example", text: .}'
	text $((3000 + i)) 4 | jq -cRs --arg i "$i" '{id: "x\($i)", site: "c.example", text: .}'
	echo "{\"a\":\"o$i\",\"b\":\"c$i\",\"label\":\"near\"}" >&3
	echo "{\"a\":\"o$i\",\"b\":\"x$i\",\"label\":\"none\"}" >&3
done >"$TMP/articles.jsonl" 3>"$TMP/labels.jsonl"
echo '{"cluster":"k","id":"o1"}' >>"$TMP/labels.jsonl"
exits 0 "calibrate runs" rp calibrate --articles "$TMP/articles.jsonl" --labels "$TMP/labels.jsonl" --svg "$TMP/plot.svg"
contains "$OUT" "60 labelled pairs compared, 0 of unknown articles, 1 lines of labels passed over" "every pair was compared"
contains "$OUT" "recall  0.000" "the daemon is asked what it finds now"
contains "$OUT" "P precision, R recall" "a plot is drawn"
advised=$(grep -E '^near_(resemblance|containment) = ' <<<"$OUT")
matches "$advised" '^near_' "a threshold is advised"
printf '%s\n' "$advised" | sed 's/ *#.*//' >"$TMP/advised.conf"
exits 0 "what is advised is a sound configuration" "$REPRINT_BIN/reprintd" --config "$TMP/advised.conf" --check-config
kind_of_copies() { # arguments of reprintd
	"$REPRINT_BIN/reprintd" "$@" --once "$TMP/articles.jsonl" 2>/dev/null |
		jq -r 'select(.id[0:1] == "c").verdict' | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd,
}
is "$(kind_of_copies | grep -c near)" 0 "by default these are no copies"
is "$(kind_of_copies --config "$TMP/advised.conf")" "near 30" "as advised they are"
is "$(head -c 4 "$TMP/plot.svg")" "<svg" "the plots are an SVG"
if command -v xmllint >/dev/null; then
	exits 0 "well formed" xmllint --noout "$TMP/plot.svg"
fi
is "$(rp --json calibrate --articles "$TMP/articles.jsonl" --labels "$TMP/labels.jsonl" 2>/dev/null | jq -s 'map(select(.key == "near_resemblance" and .advised)) | length')" \
	1 "as JSON too"
exits 2 "labels that name nothing are an error" rp calibrate --articles "$TMP/articles.jsonl" --labels <(echo '{"a":"p","b":"q","label":"dup"}')
exits 2 "broken labels are an error" rp calibrate --articles "$TMP/articles.jsonl" --labels <(echo '{"a":')
exits 2 "labels must be given" rp calibrate --articles "$TMP/articles.jsonl"
finish
