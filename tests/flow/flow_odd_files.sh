#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The commands without a daemon, on odd files and with odd descriptors.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$TMP" || exit 1
: >"$LOG"
lines() { wc -l <"$TMP/error"; }
run() { # code, sentence, arguments
	local code=$1 sentence=$2 rc
	shift 2
	rp "$@" >"$TMP/out" 2>"$TMP/error"
	rc=$?
	is $rc "$code" "$sentence"
	[ $rc -eq "$code" ] || cat "$TMP/error"
}

text 1 >good.txt
printf '\357\273\277<p>mended \377\376 bytes</p>\n' >mended.html
head -c 3000 /dev/urandom | tr -d '\n' | sed 's/^/\x01\x02/' >noise.bin
text 2 40 | gzip | head -c 500 >cut.txt.gz
printf '{"text":' >$'bad\nname\e[31m.json'

for c in text fingerprint repeats; do
	run 0 "$c of a mended file warns only" --json "$c" mended.html
	is "$(lines)" 1 "in one line"
	is "$(jq -r .id "$TMP/out")" mended.html "and says what it was asked for"
	run 2 "$c of noise is an error" "$c" noise.bin
	is "$(lines)" 1 "of one line"
	run 2 "$c of a truncated gzip file is an error" "$c" cut.txt.gz
	contains "$(cat "$TMP/error")" "gzip data; deliver it again" "which says what to do"
	run 2 "$c of a name with a line break is an error" "$c" $'bad\nname\e[31m.json'
	is "$(lines)" 1 "of one line"
	is "$(grep -c $'\e' "$TMP/error")" 0 "which drives no terminal"
done
printf '{"id":"good","text":"%s"}\nbad\n' "$(text 3 | tr '\n' ' ')" >"$TMP/half.jsonl"
for c in text fingerprint; do
	run 2 "$c of a file with a bad line is an error" --json "$c" "$TMP/half.jsonl"
	is "$(lines)" 1 "of one line"
	is "$(jq -r .id "$TMP/out")" good "and the good line counts all the same"
done
run 0 "scan goes on after it" scan --json .
is "$(grep -c 'name.*json: not JSON' "$TMP/error")" 1 "and tells it in one line"
is "$(grep -c $'\e' "$TMP/error")" 0 "which drives no terminal"
run 2 "scan without a path is an error" scan
run 2 "scan with an unknown option is an error" scan --nosuch

# Descriptors that are closed are no place for a pipe or a database.
rp scan good.txt >"$TMP/out" 2>"$TMP/error" <&-
is "$?" 0 "scan works with stdin closed"
is "$(jq -r .verdict "$TMP/out")" unique "and judges"
rp scan good.txt 2>"$TMP/error" >&-
is "$?" 2 "a verdict that nobody can read is an error"
contains "$(cat "$TMP/error")" "standard output" "which names it"
rp scan - >"$TMP/out" 2>"$TMP/error" <&-
is "$?" 2 "a stdin that is closed cannot be scanned"
rp text good.txt 2>"$TMP/error" >/dev/full
is "$?" 2 "a full stdout is an error"
is "$(lines)" 1 "of one line"
TMPDIR=$TMP/nowhere run 2 "scan needs a place for its store" scan good.txt
contains "$(cat "$TMP/error")" "TMPDIR" "and says how to name one"

# The temporary store is gone, however scan ends.
mkdir scratch
mkfifo never
TMPDIR=$TMP/scratch "$REPRINT_BIN/reprint" scan - <never >/dev/null 2>&1 &
scan=$!
exec 3>never
made() { [ -n "$(ls -A scratch)" ]; }
gone() { [ -z "$(ls -A scratch)" ]; }
await made
kill -KILL $scan
wait $scan 2>/dev/null
await gone
is "$(ls -A scratch)" "" "the temporary store is removed"
exec 3>&-
finish
