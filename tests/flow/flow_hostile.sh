#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Bad input: one clear line each, a rejected record where a file was refused, nothing else stops.
. "$(dirname "$0")/lib.sh"
start --set max_file_bytes=1M

refused() { # path, part of the reason
	local why
	why=$(json rejected | jq -r --arg p "$1" 'select((.path // .file) == $p) | .why' | tail -n 1)
	contains "$why" "$2" "$1 is refused with its reason"
}

: | deliver x/empty.txt
head -c 3000 /dev/urandom | deliver x/noise.bin
printf 'broken \377\376 bytes here\n' | deliver x/latin.txt
head -c 2000000 /dev/zero | tr '\0' 'a' | deliver x/large.txt
{ printf '{"text":'; head -c 200000 /dev/zero | tr '\0' '['; } | deliver x/deep.json
head -c 300000 /dev/zero | tr '\0' '<' | sed 's/</<div>/g' | head -c 900000 | deliver x/deep.html
cat <<'XML' | deliver x/bomb.xml
<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><rss version="2.0"><channel><item><guid>bomb</guid><title>&g;</title></item></channel></rss>
XML
echo secret-of-the-host >"$TMP/secret"
cat <<XML | deliver x/external.xml
<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://$TMP/secret">]><rss version="2.0"><channel><item><guid>ext</guid><title>t</title><description>before &x; after</description></item></channel></rss>
XML
head -c 50000000 /dev/zero | gzip | deliver x/bomb.txt.gz
text 9 40 | gzip | head -c 500 | deliver x/cut.txt.gz
mkfifo "$FEEDS/x/fifo.txt"
ln -s "$TMP/secret" "$FEEDS/x/link.txt"
ln -s / "$FEEDS/x/rootlink"
text 8 4 | deliver "x/new
line.txt"
text 7 4 | deliver x/good.txt
rp rescan >/dev/null
synced
refused x/large.txt "max_file_bytes"
refused x/deep.json ""
refused x/bomb.txt.gz "max_file_bytes"
refused x/cut.txt.gz "gzip"
refused x/fifo.txt "regular"
refused x/link.txt "regular"
is "$(field x/good.txt .verdict)" unique "a good file among them is judged"
is "$(json show "x/new
line.txt" | jq -r .verdict)" unique "a name with a line break is a name"
is "$(field x/empty.txt .verdict)" short "an empty file is an article without words"
is "$(json show x/ext | grep -c secret-of)" 0 "an external entity is not loaded"
is "$(grep -c secret-of "$LOG")" 0 "nor told in the log"
is "$(grep -c "$(printf 'line.txt')" "$LOG" | head -1)" "$(grep -c 'line.txt' "$LOG" | head -1)" "the log is one line a thing"

goes_on() { [ "$(status trouble)" = null ]; }

# A directory that goes away while it is read.
mkdir -p "$FEEDS/y/gone"
for i in $(seq 50); do text "$i" 1 >"$FEEDS/y/gone/$i.txt"; done
rm -rf "$FEEDS/y/gone"
synced

# A second daemon on the same state, and on the same socket.
out=$("$REPRINT_BIN/reprintd" --set "feeds=$FEEDS" --set "state=$STATE" --set "socket=$TMP/other" 2>&1)
is "$?" 1 "a second daemon is refused"
contains "$out" "another reprintd" "and says why"
out=$("$REPRINT_BIN/reprintd" --set "feeds=$FEEDS" --set "state=$TMP/state2" --set "socket=$SOCKET" 2>&1)
is "$?" 1 "a second daemon on the socket is refused"
contains "$out" "socket" "and says why"

# Peers that misbehave do not stop the others.
mkfifo "$TMP/half"
exec 4<>"$TMP/half"
printf '{"cmd":"sta' >&4
socat -t 60 - "UNIX-CONNECT:$SOCKET" <"$TMP/half" >/dev/null 2>&1 4>&- &
half=$!
big=$(echo '{"cmd":"check","bytes":10000000000}' | socat -t 10 - "UNIX-CONNECT:$SOCKET")
is "$(jq -r .ok <<<"$big")" false "a body of 10 GB is refused at once"
is "$(echo 'not json' | socat -t 10 - "UNIX-CONNECT:$SOCKET" | jq -r .ok)" false "nonsense gets an error"
is "$(head -c 65600 /dev/zero | tr "\\0" "x" | socat -t 10 - "UNIX-CONNECT:$SOCKET" 2>/dev/null | head -n 1 | jq -r .ok)" false "an endless line gets an error"
is "$(echo '{"cmd":"nosuch"}' | socat -t 10 - "UNIX-CONNECT:$SOCKET" | jq -r .ok)" false "an unknown command gets an error"
rp status >/dev/null
is "$?" 0 "others are served"
kill "$half" 2>/dev/null
exec 4>&-

# Errors of the CLI.
rp show no/such/id >/dev/null 2>"$TMP/error"
is "$?" 2 "an unknown id is an error"
is "$(wc -l <"$TMP/error")" 1 "of one line"
"$REPRINT_BIN/reprint" --socket "$TMP/nobody" status >/dev/null 2>"$TMP/error"
is "$?" 3 "no daemon is exit 3"
contains "$(cat "$TMP/error")" "reprintd" "with what to do"
rp nonsense >/dev/null 2>&1
is "$?" 2 "an unknown command is exit 2"
rp scan "$TMP/nowhere" >/dev/null 2>&1
is "$?" 2 "a path that is not there is exit 2"

# A bad configuration is refused with the key, a reload keeps the old one.
"$REPRINT_BIN/reprintd" --set alert_ratio=7 --check-config >/dev/null 2>"$TMP/error"
is "$?" 2 "a bad configuration is refused"
contains "$(cat "$TMP/error")" "alert_ratio" "naming the key"
stop

# Roots and state keep out of each other's way: what is taken in twice is its own duplicate.
mkdir -p "$FEEDS/y/below"
out=$("$REPRINT_BIN/reprintd" --set "feeds=$FEEDS:$FEEDS/y" --set "state=$STATE" --set "socket=$SOCKET" 2>&1)
is "$?" 1 "a root below a root is refused"
contains "$out" "taken in twice" "and says why"
out=$("$REPRINT_BIN/reprintd" --set "feeds=$FEEDS" --set "state=$FEEDS/y/below" --set "socket=$SOCKET" 2>&1)
is "$?" 1 "a state below a root is refused"
contains "$out" "keep it elsewhere" "and says what to do"

# A stale socket file is taken over.
start
crash
start
stop

# No space left: intake waits, and goes on by itself. Needs root for the small file system.
if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/small" && mount -t tmpfs -o size=3m tmpfs "$TMP/small" 2>/dev/null; then
	MOUNTED=$TMP/small
	rm -rf "$STATE"
	ln -s "$TMP/small/state" "$STATE"
	mkdir "$TMP/small/state"
	start
	cat /dev/zero >"$TMP/small/ballast" 2>/dev/null
	truncate -s -200K "$TMP/small/ballast"
	for i in $(seq 400); do text $((1000 + i)) 8 >"$TMP/incoming.$i"; done
	mkdir -p "$FEEDS/full"
	for i in $(seq 400); do mv "$TMP/incoming.$i" "$FEEDS/full/$i.txt"; done
	rp sync --timeout 8 >/dev/null 2>&1
	code=$?
	if [ "$code" -eq 4 ]; then
		contains "$(status trouble)" "full" "status says that the disk is full"
		rm "$TMP/small/ballast"
		mount -o remount,size=200m "$TMP/small"
		await goes_on
		synced
	fi
	is "$(json stats | jq -s 'map(select(.name == "articles"))[0].value >= 400')" true "everything is stored once there is room"
	is "$code" 4 "sync says that it cannot promise"
	stop
fi
finish
