#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# The CLI against a daemon: exit codes, alerts handed to a command, a daemon that comes and goes.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${REPRINT_BIN:-$PWD/build}
tmp=$(mktemp -d)
daemon=
export REPRINT_SOCKET=$tmp/sock
finish() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || :
	rm -rf "$tmp"
}
trap finish EXIT
cd "$tmp"

fail() {
	echo "flow_cli: $*"
	tail -n 20 "$tmp"/*.err 2>/dev/null || :
	exit 1
}
reprint() { "$bin/reprint" "$@"; }
# Runs a command and wants this exit code.
exits() {
	local want=$1 rc=0
	shift
	reprint "$@" >out 2>out.err || rc=$?
	[ $rc -eq "$want" ] || { cat out out.err; fail "exit $rc, not $want: reprint $*"; }
	[ "$want" -lt 2 ] || grep -qE '^reprint: [^:]+: .+' out.err || fail "no error line: reprint $*"
}
says() { grep -qF -- "$1" out out.err || { cat out out.err; fail "does not say: $1"; }; }
start() {
	"$bin/reprintd" --set feeds="$tmp/feeds" --set state="$tmp/state" --set socket="$REPRINT_SOCKET" \
		--set settle_ms=0 2>>daemon.err &
	daemon=$!
	for _ in {1..2000}; do
		reprint status >/dev/null 2>&1 && return
		kill -0 "$daemon" 2>/dev/null || fail "the daemon has ended"
	done
	fail "the daemon does not answer"
}
stop() {
	local rc=0
	kill -TERM "$daemon"
	wait "$daemon" || rc=$?
	daemon=
	[ $rc -eq 0 ] || fail "the daemon ended with $rc"
}
# Words that only the number decides, a paragraph a line.
story() { # number, paragraphs
	awk -v seed="$1" -v n="$2" 'BEGIN { srand(seed); for (p = 0; p < n; p++) { line = "";
		for (i = 0; i < 40; i++) line = line sprintf("w%dx ", rand() * 100000); print line } }'
}
wait_for_lines() { # file, lines
	for _ in {1..3000}; do
		[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ] && return
		reprint status >/dev/null 2>&1 || :
	done
	fail "$1 has $(wc -l <"$1") lines, not $2"
}

# Nobody is there.
exits 3 status
says "is reprintd running?"
exits 2 nosuchcommand
exits 2 show
exits 2 show --nosuchoption x
exits 2 --color sometimes status
exits 3 --socket "$(printf '%0120d' 0)" status
says "the path is too long for a socket"
exits 3 repeats nosuch.html
says "nosuch.html: no such file; as an ID: cannot reach the daemon"
exits 2 text nosuch.html
says "nosuch.html: No such file"
exits 2 fingerprint nosuch
says "nosuch: No such file"

# One line for every mistake, and 2.
mistake() {
	exits 2 "$@"
	[ "$(wc -l <out.err)" -eq 1 ] || { cat out.err; fail "not one line: reprint $*"; }
}
commands=$(reprint --help | awk '/^  [a-z]/ { print $1 }' | grep -v '^--')
[ "$(wc -w <<<"$commands")" -gt 25 ] || fail "the commands are not listed: $commands"
for command in $commands; do
	mistake "$command" --nosuchoption
	mistake "$command" --socket
	exits 0 "$command" --help
done
for command in scan check add show matches cluster neighbours diff repeats text fingerprint explain chrome calibrate ack forget backup restore; do
	mistake "$command"
done
for command in clusters near-misses alerts consumers status stats rejected verify repair rescan reload; do
	mistake "$command" more
done
for command in show matches cluster neighbours chrome sync forget backup; do
	mistake "$command" one more
done
for command in diff explain ack restore; do
	mistake "$command" one two more
done

exits 0 --help
exits 0 alerts --help
says "--auto-ack"

mkdir -p feeds/a.example feeds/b.example
story 1 8 >feeds/a.example/one.txt
{ story 1 7; story 2 1; } >feeds/b.example/copy.txt
{ story 3 6; story 3 6; } >feeds/a.example/twice.txt
start
exits 0 sync --timeout 60

# Looking up; options stand before or after the command.
exits 0 --json show b.example/copy.txt
says '"verdict":"near"'
! grep -q '"ok"' out || fail "the frame of the socket shows"
exits 0 show b.example/copy.txt --json --paragraphs
says '"parts":[{"n":1,'
exits 0 show b.example/copy.txt
says "= a.example/one.txt"
exits 2 show nosuch
exits 0 matches b.example/copy.txt
says "a.example/one.txt"
exits 0 matches --json a.example/one.txt
says '"id":"b.example/copy.txt"'
says '"kind":"near"'
[ "$(wc -l <out)" -eq 1 ] || fail "a later copy is told once"
exits 0 matches --json a.example/twice.txt
[ ! -s out ] || fail "a match with nothing"
exits 0 cluster b.example/copy.txt
exits 0 clusters --json --all
says '"members":2'
exits 0 neighbours a.example/one.txt --bits 64
exits 0 diff a.example/one.txt b.example/copy.txt
says " = "
exits 1 repeats a.example/twice.txt
exits 0 repeats a.example/one.txt
exits 1 repeats feeds/a.example/twice.txt
exits 0 stats --prometheus
says "# TYPE reprint_articles_total counter"
exits 0 rejected

# Judging.
story 1 8 >same.txt
story 9 8 >other.txt
exits 1 check same.txt
says "exact"
exits 0 check other.txt
exits 0 status --json
says '"articles":3,'
printf '{"x":' >bad.json
exits 2 check bad.json
exits 2 check nosuch.txt
exits 0 add other.txt
exits 0 status --json
says '"articles":4,'
exits 0 show other.txt

# What is empty is the same for every command: a text without words, or no document at all.
for name in empty.txt empty.html empty.jsonl empty.json empty.xml; do
	: >$name
	gzip -kf $name
	for file in $name $name.gz; do
		case $name in *.json | *.xml) want=2 ;; *) want=0 ;; esac
		exits $want check "$file"
		exits $want text "$file"
		[ $want -eq 0 ] || says "$file: empty"
	done
done

# What is damaged is told with what helps; a directory stands for its files.
gzip -k same.txt
head -c 100 same.txt.gz >broken.txt.gz
exits 2 check broken.txt.gz
says "broken.txt.gz: damaged or truncated gzip data; deliver it again"
mkdir -p drafts/deep
cp other.txt drafts/deep
exits 1 check --json drafts
says '"id":"drafts/deep/other.txt"'
exits 0 forget --help
says "--before TIME"
says "alone, of what was forgotten earlier"

# JSON Lines of any length, packed or from standard input.
for n in {1..300}; do
	printf '{"id":"j%d","text":"%s"}\n' "$n" "$(story $((n + 1000)) 12 | tr '\n' ' ')"
done >many.jsonl
for n in {1..12}; do sed "s/\"id\":\"j/\"id\":\"k$n-/" many.jsonl; done >more.jsonl
[ "$(wc -c <more.jsonl)" -gt 2500000 ] || fail "more.jsonl is too small to be cut"
gzip -k many.jsonl
exits 0 add many.jsonl.gz
reprint add --json - <more.jsonl >added 2>added.err || fail "add - failed"
[ "$(wc -l <added)" -eq 3600 ] || fail "$(wc -l <added) verdicts, not 3600"
exits 0 show k12-300

# What a feed says must not drive the terminal.
printf '{"id":"esc","title":"\\u001b[31mred\\u009b","text":"%s"}\n' "$(story 77 8 | tr '\n' ' ')" >esc.json
exits 0 add esc.json
exits 0 show --color never esc
! grep -q $'\033' out || fail "an escape sequence came through"

# Alerts handed to a command: tried again until it succeeds, in order, acknowledged.
exits 0 alerts --consumer first --exec 'cat >>got; [ -e tried ] || { touch tried; exit 1; }'
[ "$(sed -n '1p;2p' got | grep -o '"alert":[0-9]*' | sort -u | wc -l)" -eq 1 ] || fail "not tried again"
grep -o '"alert":[0-9]*' got | uniq >numbers
sort -t: -k2 -n numbers | cmp -s - numbers || fail "not in order"
newest=$(reprint status --json | grep -o '"alerts":[0-9]*' | cut -d: -f2)
exits 0 consumers --json
says "\"consumer\":\"first\",\"alert\":$newest,\"behind\":0"
exits 0 alerts --consumer first
[ ! -s out ] || fail "acknowledged alerts came again"
exits 0 alerts --consumer second --auto-ack
exits 0 alerts --consumer second
[ ! -s out ] || fail "--auto-ack did not acknowledge"
exits 0 ack second "$newest"
exits 2 ack second 999999999
exits 2 ack nobody 1

# A follower outlives the daemon.
# Not through reprint(): that would be a subshell, and the program would outlive its kill.
"$bin/reprint" alerts --follow --consumer third --from now --exec 'cat >>followed' 2>follower.err &
follower=$!
for _ in {1..2000}; do reprint consumers | grep -q third && break; done
stop
exits 3 status
story 5 8 >feeds/a.example/five.txt
cp feeds/a.example/five.txt feeds/b.example/six.txt
start
exits 0 sync --timeout 60
wait_for_lines followed 1
kill "$follower"
wait "$follower" 2>/dev/null || :
grep -q '"verdict":"exact"' followed || fail "the wrong alert"

# sync promises nothing that it cannot keep.
mv feeds away
exits 4 sync --timeout 20
mv away feeds
exits 0 rescan
exits 0 sync --timeout 60
exits 0 forget other.txt
exits 2 show other.txt
exits 0 reload
stop
