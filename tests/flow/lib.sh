# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# lib.sh - a daemon in a temporary folder, and sentences about it.
#
#   . "$(dirname "$0")/lib.sh"
#   start                                  # --set key=value ... may follow
#   deliver a.example/x.txt <<<"some text" # by rename, as the contract wants it
#   rp sync
#   is "$(json show a.example/x.txt | jq -r .verdict)" short "five words are too short"
#   stop
#   finish
#
# Nothing sleeps for a result: `rp sync` promises it. REPRINT_BIN: where the programs are.
set -u
REPRINT_BIN=${REPRINT_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/asan}
TMP=$(mktemp -d)
chmod 755 "$TMP"
FEEDS=$TMP/feeds
STATE=$TMP/state
SOCKET=$TMP/reprint.sock
LOG=$TMP/daemon.log
DAEMON=
DAEMON_AS=() # a command in front of the daemon, e.g. setpriv
TRIES=600    # bound of every wait, a twentieth of a second each
sentences=0
failures=0
mkdir -p "$FEEDS"

cleanup() {
	local rc=$?
	[ -z "$DAEMON" ] || kill -KILL "$DAEMON" 2>/dev/null
	[ -z "${MOUNTED:-}" ] || umount -l "$MOUNTED" 2>/dev/null
	if [ $rc -ne 0 ] && [ -s "$LOG" ]; then
		echo "--- the daemon's log, its end"
		tail -n 40 "$LOG"
	fi
	rm -rf "$TMP"
}
trap cleanup EXIT

# ---- sentences

die() { # why
	echo "$(basename "$0"): $1" >&2
	exit 1
}

not_ok() { # sentence, detail...
	failures=$((failures + 1))
	echo "NOT TRUE: $1"
	shift
	printf '    %s\n' "$@"
}

is() { # got, expected, sentence
	sentences=$((sentences + 1))
	[ "$1" = "$2" ] || not_ok "$3" "got:      $1" "expected: $2"
}

matches() { # got, extended regular expression, sentence
	sentences=$((sentences + 1))
	[[ $1 =~ $2 ]] || not_ok "$3" "got:      $1" "expected: $2"
}

contains() { # text, part, sentence
	sentences=$((sentences + 1))
	case $1 in
	*"$2"*) ;;
	*) not_ok "$3" "got:             $1" "expected in it: $2" ;;
	esac
}

# Both streams of a command that should end with an exit code are left in $OUT.
exits() { # code, sentence, command...
	local code=$1 sentence=$2 rc
	shift 2
	OUT=$("$@" 2>&1)
	rc=$?
	sentences=$((sentences + 1))
	[ $rc -eq "$code" ] || not_ok "$sentence" "exit $rc instead of $code" "$OUT"
}

# Ends a script: 0 when every sentence was true.
finish() {
	[ -z "$DAEMON" ] || stop
	if grep -qE 'ERROR: (Address|Leak|Thread)Sanitizer|runtime error:' "$LOG"; then
		not_ok "the daemon runs clean" "$(grep -m3 -E 'Sanitizer|runtime error' "$LOG")"
	fi
	echo "$sentences sentences, $failures not true"
	exit $((failures > 0))
}

# ---- the daemon

rp() { "$REPRINT_BIN/reprint" --socket "$SOCKET" "$@"; }
json() { rp --json "$@"; }

# Repeats a command until it succeeds; false after TRIES.
await() { # command...
	local i
	for ((i = 0; i < TRIES; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

answers_or_died() {
	rp status || ! kill -0 "$DAEMON"
}

# Starts the daemon and waits until it answers.
start() { # further arguments
	"${DAEMON_AS[@]}" "$REPRINT_BIN/reprintd" --set feeds="$FEEDS" --set state="$STATE" \
		--set socket="$SOCKET" --set settle_ms=0 "$@" >>"$LOG" 2>&1 &
	DAEMON=$!
	await answers_or_died || die "the daemon does not answer"
	kill -0 "$DAEMON" 2>/dev/null || die "the daemon ended while starting"
}

# SIGTERM, and a clean end.
stop() {
	local rc
	kill -TERM "$DAEMON"
	wait "$DAEMON"
	rc=$?
	DAEMON=
	is $rc 0 "SIGTERM ends the daemon with 0"
}

# kill -9, as a crash.
crash() {
	kill -KILL "$DAEMON"
	{ wait "$DAEMON"; } 2>/dev/null
	DAEMON=
}

synced() { exits 0 "sync returns" rp sync --timeout 60; }
field() { json show "$1" | jq -r "$2"; } # ID, expression
status() { json status | jq -r ".$1"; } # key
stat() { json stats | jq -r "select(.name == \"$1\").value"; } # name

at_least() { # key of status, number
	[ "$(status "$1")" -ge "$2" ]
}

# ---- feeds

# stdin becomes a file below the feeds: written beside, renamed into place.
deliver() { # path below the feeds
	local dir=$FEEDS/${1%/*} beside
	beside=$dir/.delivery.$BASHPID
	mkdir -p "$dir"
	cat >"$beside"
	mv "$beside" "$FEEDS/$1"
}

# A text of its own for each seed: that many paragraphs of 40 words, one a line.
text() { # seed, paragraphs
	awk -v seed="$1" -v paragraphs="${2:-4}" 'BEGIN {
		state = seed * 7919 + 17
		for (p = 0; p < paragraphs; p++) {
			line = ""
			for (w = 0; w < 40; w++) {
				word = ""
				for (c = 0; c < 6; c++) {
					state = (state * 16807) % 2147483647
					word = word sprintf("%c", 97 + int(state / 1000) % 26)
				}
				line = line (w ? " " : "") word
			}
			print line "."
		}
	}'
}
