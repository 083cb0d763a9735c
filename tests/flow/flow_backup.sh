#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# A backup while articles come in, restored: a state as it was at one moment. Damage: named by
# verify, mended by repair, the rest serves.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
settings=(--set alert_kinds=all --set batch_max=20)

feed() { # from, to
	local i
	for ((i = $1; i <= $2; i++)); do
		text "$i" 2 | deliver "s$((i % 5)).example/$i.txt"
	done
}

start "${settings[@]}"
feed 1 100
synced
rp ack c 1 >/dev/null 2>&1
json alerts --consumer c | head -n 1 >/dev/null
rp ack c 40 >/dev/null

# ---- backup, while 200 more come in

feed 101 300 &
feeder=$!
await at_least articles 120
exits 0 "a backup is written" rp backup "$TMP/backup"
wait $feeder
synced
is "$(status articles)" 300 "intake goes on meanwhile"
is "$(command stat -c %a "$TMP/backup")" 600 "nobody else may read the backup"
exits 2 "a file that exists is not written over" rp backup "$TMP/backup"
contains "$OUT" "exists already" "and that is said"
is "$(find "$TMP" -name 'backup.*')" "" "nothing is left beside it"
rp backup - >"$TMP/second" 2>/dev/null
is "$(head -n 1 "$TMP/second")" "reprint backup 4" "a backup on standard output says what it is"

# ---- a reader that is slow, and one that goes away

for i in $(seq 40); do text $((2000 + i)) 100 | deliver "s6.example/$i.txt"; done
synced
slow_reader() { # more than the daemon keeps unsent for a peer stays behind meanwhile
	head -c 1000
	rp status >/dev/null || return 1
	text 5000 2 | deliver s6.example/meanwhile.txt
	rp sync --timeout 60 >/dev/null || return 1
	cat
}
rp backup - 2>/dev/null | slow_reader >"$TMP/slow"
is "${PIPESTATUS[*]}" "0 0" "a slow reader stops nobody"
exits 0 "and gets all of it" rp restore "$TMP/slow" "$TMP/slow.state"
rm -r "$TMP/slow.state"
rp backup - 2>/dev/null | head -c 1000 >/dev/null
again() { rm -f "$TMP/again" && rp backup "$TMP/again"; }
await again || die "a backup that nobody reads any more keeps others from theirs"
rm -r "$FEEDS/s6.example"
exits 0 "what was added is forgotten again" rp forget --now --site s6.example
exits 0 "verify calls a running state sound" rp verify
contains "$OUT" "epochs/00000001: sound" "file by file"
stop

# ---- restore

exits 2 "a state that is there is not restored over" rp restore "$TMP/backup" "$STATE"
contains "$OUT" "not empty" "and says why"
head -c -100 "$TMP/second" >"$TMP/cut"
exits 2 "a backup that was cut is refused" rp restore "$TMP/cut" "$TMP/cut.state"
is "$(ls -A "$TMP/cut.state")" "" "and leaves the directory empty"
mv "$STATE" "$TMP/old"
exits 0 "a backup is restored" rp restore "$TMP/backup" "$STATE"
exits 0 "and verified without a daemon" "$REPRINT_BIN/reprintd" --set "state=$STATE" --verify
mv "$FEEDS" "$TMP/feeds.away"
mkdir "$FEEDS"
start "${settings[@]}"
kept=$(status articles)
is "$((kept >= 120 && kept <= 300))" 1 "it holds what was committed when it was begun"
json alerts --since 0 >"$TMP/alerts"
is "$(jq -r .alert "$TMP/alerts")" "$(seq 1 "$kept")" "with every alert"
is "$(json alerts --consumer c | jq -r .alert | head -n 1)" 41 "and the consumer's cursor"
is "$(field s1.example/1.txt .version)" 1 "its index is made again"
stop
rmdir "$FEEDS"
mv "$TMP/feeds.away" "$FEEDS"
start "${settings[@]}"
synced
is "$(status articles)" 300 "what came after it is taken in again from the feeds"
is "$(json alerts --since 0 | jq -r .id | sort | uniq -d)" "" "and nothing twice"

# ---- who may

if [ "$(id -u)" -eq 0 ]; then
	chmod 666 "$SOCKET"
	exits 2 "a stranger gets no backup" setpriv --reuid 65534 --regid "$(id -g)" \
		--clear-groups "$REPRINT_BIN/reprint" --socket "$SOCKET" backup -
	contains "$OUT" "only root" "and is told so"
fi
stop

# ---- damage, of a stopped state

zero_page() { # file, page
	dd if=/dev/zero of="$1" bs=4096 seek="$2" count=1 conv=notrunc status=none
}

for page in 2 3 5 8; do
	zero_page "$STATE/epochs/00000001/data.mdb" "$page"
done
exits 2 "damage is found" "$REPRINT_BIN/reprintd" --set "state=$STATE" --verify
contains "$OUT" "epochs/00000001: PROBLEM: its pages are damaged" "named"
contains "$OUT" "repair" "with what to do"
exits 2 "also as JSON" "$REPRINT_BIN/reprintd" --set "state=$STATE" --verify --json
is "$(grep -c '"remedy":"set_aside"' <<<"$OUT")" 1 "for programs"
exits 0 "repair sets it aside" "$REPRINT_BIN/reprintd" --set "state=$STATE" --repair
is "$(ls -d "$STATE/epochs/00000001.damaged")" "$STATE/epochs/00000001.damaged" "under another name"
exits 0 "what is left is sound" "$REPRINT_BIN/reprintd" --set "state=$STATE" --verify
start "${settings[@]}"
is "$(status damaged)" 1 "status counts it"
contains "$(status trouble)" "epochs/00000001.damaged" "and names it as a trouble"
exits 2 "a daemon's state is not repaired behind its back" \
	"$REPRINT_BIN/reprintd" --set "state=$STATE" --repair
contains "$OUT" "runs on it" "and says so"
stop
rm -r "$STATE"

# ---- damage, while the daemon runs

start --set disk_limit=1M # epochs of an eighth of it
synced
await at_least epochs 2 || die "no second epoch"
exits 0 "repair of a sound state has nothing to do" rp repair
for page in 2 3 5 8 12 13 14; do
	zero_page "$STATE/epochs/00000001/data.mdb" "$page"
done
exits 2 "verify beside the daemon finds it" rp verify
contains "$OUT" "epochs/00000001: PROBLEM" "and names it"
exits 2 "a backup does not hide it" rp backup "$TMP/third"
is "$(find "$TMP" -name 'third*')" "" "and leaves no file"
rp status >/dev/null
is $? 0 "the daemon goes on"
exits 0 "repair beside the daemon" rp repair
contains "$OUT" "set aside, the rest serves" "sets the epoch aside"
is "$(status damaged)" 1 "status counts it"
exits 0 "the rest is sound" rp verify
text 9001 3 | deliver s1.example/later.txt
synced
is "$(field s1.example/later.txt .verdict)" unique "and serves"
finish
