#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Hundreds of peers that behave badly: others are served, files are taken in, memory stays bounded,
# strangers are refused by who they are. The long form compares rates of intake, in turns.
# shellcheck source=tests/torture/lib.sh
. "$(dirname "$0")/../torture/lib.sh"

peers=$(quick_or_long 200 1000)
files=$(quick_or_long 400 6000)
rounds=$(quick_or_long 0 5)
asks=$(quick_or_long 30 500)
ulimit -n 4096

rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status"; }
fds() { find "/proc/$DAEMON/fd" -mindepth 1 | wc -l; }

percentile() { sort -n "$TMP/waited" | awk -v p="$1" '{ v[NR] = $1 } END { print v[int((NR * p + 99) / 100)] }'; }

misbehave() {
	"$TOOLS/peers" "$SOCKET" "$peers" >"$TMP/peers" &
	misbehaving=$!
}

behave() {
	kill $misbehaving
	wait $misbehaving
}

start --set alert_kinds=all
feeder "$FEEDS" 1 "$files"
synced
quiet_kb=$(rss_kb)
quiet_fds=$(fds)
misbehave
await eval '[ "$(fds)" -ge '$((quiet_fds + peers / 2))' ]' || die "the peers are not there"
next=$((files + 1))
feeder "$FEEDS" $next $((files + files))
exits 0 "files are taken in among them" rp sync --timeout 60
is "$(status articles)" $((2 * files)) "all of them"
for ((i = 0; i < asks; i++)); do
	from=$(date +%s%N)
	exits 0 "others are served" timeout 10 "$REPRINT_BIN/reprint" --socket "$SOCKET" show "s1.example/0/1.txt"
	echo $((($(date +%s%N) - from) / 1000000)) >>"$TMP/waited"
done
echo "asked $asks times: p50 $(percentile 50) ms, p99 $(percentile 99) ms"
is "$(($(percentile 99) < 3000))" 1 "nobody waits for long"
text 77 3 >"$TMP/draft.txt"
exits 0 "also with a body" rp check "$TMP/draft.txt"
loud_kb=$(rss_kb)
echo "$peers peers: RSS $quiet_kb kB before, $loud_kb kB with them; $(fds) descriptors"
is "$((loud_kb - quiet_kb < 400000))" 1 "memory is bounded"
if [ "$(id -u)" -eq 0 ]; then
	chmod 666 "$SOCKET"
	exits "2" "a stranger is refused" setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$REPRINT_BIN/reprint" --socket "$SOCKET" status
	contains "$OUT" "only root" "and told so"
fi
behave
cat "$TMP/peers"
few() { [ "$(fds)" -le $((quiet_fds + 4)) ]; }
await few
is "$(($(fds) <= quiet_fds + 4))" 1 "descriptors are given back"
stop

# ---- the rate of intake, with them and without, in turns

rate() { # with or without
	local from to
	rm -rf "$STATE" "$FEEDS"
	mkdir "$FEEDS"
	start
	[ "$1" = without ] || { misbehave && sleep 1; }
	feeder "$TMP/heap" 1 "$files"
	from=$(date +%s%N)
	mv "$TMP"/heap/* "$FEEDS"
	rp sync --timeout 300
	to=$(date +%s%N)
	[ "$1" = without ] || behave
	stop
	echo $((files * 1000000000 / (to - from))) >>"$TMP/rate.$1"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

mkdir "$TMP/heap"
for ((i = 0; i < rounds; i++)); do
	rate without
	rate with
done
[ "$rounds" -eq 0 ] || echo "medians of $rounds: $(median "$TMP/rate.without") articles/s without, $(median "$TMP/rate.with") with $peers peers"
finish
