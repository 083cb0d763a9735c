#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# Alerts: numbered, streamed, acknowledged, never lost.
. "$(dirname "$0")/lib.sh"
start
text 1 6 | deliver a.example/1.txt
synced
for i in 2 3 4 5; do text 1 6 | deliver "s$i.example/copy.txt"; done
synced
is "$(json alerts | jq -s -c 'map(.alert)')" '[1,2,3,4]' "four copies are four alerts, numbered from 1"
is "$(json alerts --since 2 | jq -s -c 'map(.alert)')" '[3,4]' "--since lists what came after"
is "$(json alerts | jq -s -c '.[0].why')" '["exact"]' "an alert says why"

# A named consumer that dies before its ack sees the same alerts again.
is "$(json alerts --consumer desk | jq -s -c 'map(.alert)')" '[1,2,3,4]' "a new consumer starts at the oldest"
is "$(json alerts --consumer desk | jq -s -c 'map(.alert)')" '[1,2,3,4]' "reading moves no cursor"
rp ack desk 2 >/dev/null
is "$?" 0 "an ack is taken"
is "$(json alerts --consumer desk | jq -s -c 'map(.alert)')" '[3,4]' "an ack moves it"
is "$(json consumers | jq -s -c 'map(select(.consumer == "desk"))[0].alert')" 2 "the cursor is shown"
crash
start
is "$(json alerts --consumer desk | jq -s -c 'map(.alert)')" '[3,4]' "the cursor survives a crash"

# --exec runs a command an alert, in order, and acks only after exit 0.
json alerts --consumer pipe --exec "jq -r .alert >>$TMP/seen" >/dev/null
is "$(tr '\n' ' ' <"$TMP/seen")" "1 2 3 4 " "the command saw each alert once, in order"
is "$(json consumers | jq -s -c 'map(select(.consumer == "pipe"))[0].alert')" 4 "and each was acked"

# --follow: what comes later is streamed to who waits.
mkfifo "$TMP/stream"
"$REPRINT_BIN/reprint" --socket "$SOCKET" --json alerts --follow --consumer live --auto-ack >"$TMP/stream" &
follower=$!
exec 3<"$TMP/stream"
for want in 1 2 3 4; do
	read -r -t 30 -u 3 line
	is "$(jq -r .alert <<<"$line")" "$want" "alert $want is streamed"
done
text 1 6 | deliver t.example/late.txt
read -r -t 30 -u 3 line
is "$(jq -r '[.alert, .id] | tojson' <<<"$line")" '[5,"t.example/late.txt"]' "a new alert reaches the follower"
exec 3<&-
kill "$follower" 2>/dev/null
wait "$follower" 2>/dev/null

# By hand, on the raw socket.
is "$(echo '{"cmd":"alerts","since":4,"tag":"x"}' | socat -t 10 - "UNIX-CONNECT:$SOCKET" | jq -s -c 'map([.alert, .tag, .end])')" \
	'[[5,"x",null],[null,"x",true]]' "the raw protocol answers with tag and end"
rp consumers --delete desk >/dev/null
is "$(json consumers | jq -s -c 'map(select(.consumer == "desk")) | length')" 0 "a consumer is deleted"

# Old articles are stored silently.
jq -n -c --arg t "$(text 1 6)" '{id: "old", published: "2001-01-01T00:00:00Z", text: $t}' | deliver u.example/old.json
synced
is "$(status alerts)" 5 "an old article raises no alert"
is "$(field u.example/old .verdict)" exact "but it is judged"
finish
