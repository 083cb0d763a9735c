#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# forget --now: the bytes are gone from the state, the rest is not, whenever the daemon dies at it.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
marker=Zweibrueckenwoerterbuch

secret() { # number
	jq -cn --arg t "$(text $((500 + $1)) 3)" --arg m "$marker" --arg n "$1" \
		'{id: "\($m)-\($n)", url: "https://x.example/\($m)/\($n)", title: "\($m) \($n)", text: $t}' |
		deliver "x.example/secret-$1.json"
}
marked() { grep -rlF "$marker" "$STATE"; }
id() { echo "x.example/$marker-$1"; }

ended() { ! kill -0 "$DAEMON"; }

# Everybody else is there, found, and told once.
others_are_there() {
	is "$(status articles)" 20 "the other articles are there"
	is "$(field s1.example/7.txt .version)" 1 "and found"
	is "$(json alerts --since 0 2>/dev/null | jq -r .id | sort | uniq -d)" "" "and told once"
	exits 0 "the state is sound" rp verify
}

start --set alert_kinds=all
for i in $(seq 20); do text "$i" 3 | deliver s1.example/$i.txt; done
secret 1
secret 2
synced
matches "$(marked)" "epochs/00000001/data.mdb" "what is stored stands in the state"
exits 0 "forget alone" rp forget "$(id 1)"
matches "$(marked)" "epochs/00000001/data.mdb" "leaves the bytes for the epoch to expire with"
exits 0 "forget --now" rp forget --now "$(id 2)"
contains "$OUT" "1 forgotten" "forgets"
contains "$OUT" "1 epochs written anew" "and writes the epoch anew"
is "$(marked)" "" "no byte of them is left, also of the one forgotten earlier"
is "$(find "$STATE" -name '*.new')" "" "nor is anything left beside"
exits 2 "they are not found" rp show "$(id 2)"
others_are_there
exits 0 "again there is nothing to do" rp forget --now
contains "$OUT" "0 epochs written anew" "and that is said"
rp rescan >/dev/null
synced
is "$(marked)" "" "a rescan does not bring them back"
others_are_there
stop
start --set alert_kinds=all
synced
is "$(marked)" "" "nor does a start"
others_are_there

# ---- a death at each step

step=10
for fault in "written" "before the rename" "renamed" "opened" "lengths saved"; do
	stop
	step=$((step + 1))
	REPRINT_FAULT="purge: $fault" start --set alert_kinds=all
	secret $step
	synced
	rp forget --now "$(id $step)" >/dev/null 2>&1
	if [ "$fault" = written ]; then
		exits 2 "a helper that dies fails the command" rp forget --now
		contains "$OUT" "tries again" "which says what to do"
		stop
	else
		await ended || die "the daemon does not die: $fault; is it a test build?"
		{ wait "$DAEMON"; } 2>/dev/null
		is $? 137 "the daemon dies: $fault"
	fi
	DAEMON=
	start --set alert_kinds=all
	synced
	exits 2 "what was forgotten stays so: $fault" rp show "$(id $step)"
	exits 0 "the purge is made again" rp forget --now
	is "$(marked)" "" "no byte is left after a death: $fault"
	is "$(find "$STATE" -name '*.new' -o -name '*.damaged')" "" "and nothing beside"
	others_are_there
done
finish
