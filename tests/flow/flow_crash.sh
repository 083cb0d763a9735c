#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# kill -9 in the middle of 1,000 files, several times: every article once, every alert once.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"

files=1000
settings=(--set alert_kinds=all --set batch_max=20)

feed() {
	local i
	for ((i = 1; i <= files; i++)); do
		text "$i" 2 | deliver "s$((i % 7)).example/$i.txt"
	done
}

mkdir "$FEEDS"/s{0..6}.example
start "${settings[@]}"
feed &
feeder=$!
for stored in 100 350 600; do
	await at_least articles $stored || die "intake stands still before $stored articles"
	crash
	start "${settings[@]}"
done
wait $feeder
rp sync
crash # with nothing under way
start "${settings[@]}"
rp sync

is "$(status articles)" $files "every article is stored once"
json alerts --since 0 >"$TMP/alerts"
is "$(jq -r .alert "$TMP/alerts" | wc -l)" $files "every article has an alert"
is "$(jq -r .alert "$TMP/alerts")" "$(seq 1 $files)" "alert numbers are dense and rising"
is "$(jq -r .id "$TMP/alerts" | sort -u | wc -l)" $files "no article is alerted twice"
is "$(jq -r .version "$TMP/alerts" | sort -u)" 1 "no article became a version of itself"
is "$(jq -r .seq "$TMP/alerts" | sort -nu | wc -l)" $files "every alert has a seq of its own"
for ((i = 1; i <= files; i += 37)); do
	is "$(json show "s$((i % 7)).example/$i.txt" | jq -r .version)" 1 "article $i is found, once"
done
is "$(status rejected)" 0 "nothing was refused"

# A consumer's cursor survives too.
json alerts --consumer c | head -n 5 >/dev/null
rp ack c 5 >/dev/null
crash
start "${settings[@]}"
is "$(json alerts --consumer c | jq -r .alert | head -n 1)" 6 "an acknowledged alert stays acknowledged"
finish
