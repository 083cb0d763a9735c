#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# States and backups as each format left them, in formats/N.tar.gz: of another format than ours they
# are refused in one line that names file, format and what to do, and not one byte of them changes;
# of ours they are opened.
#
# Who raises STORE_FORMAT adds the state of the new format: REPRINT_TABLE=3 flow_formats.sh --make N
# writes formats/N.tar.gz with the programs in REPRINT_BIN. The old ones stay.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
formats=$(cd "$(dirname "$0")" && pwd)/formats
daemon=$REPRINT_BIN/reprintd

# Five articles, of which two are one; a cursor; a backup; a second epoch and a sealed run, where
# the version can.
make_state() { # name
	local i more=()
	start --set alert_kinds=all
	for i in 1 2 3 4; do text "$i" 2 | deliver "s$i.example/$i.txt"; done
	rp sync --timeout 60
	text 1 2 | deliver s5.example/5.txt
	rp sync --timeout 60
	json alerts --consumer c | head -n 1 >/dev/null
	rp ack c 2 >/dev/null
	rp forget --now s4.example/4.txt
	rp sync --timeout 60
	rp backup "$TMP/backup" && more=(backup)
	stop
	rm -f "$STATE"/epochs/*/lock.mdb "$STATE"/meta/lock.mdb
	tar -C "$TMP" --owner=0 --group=0 --sort=name -cf - state "${more[@]}" |
		gzip -9n >"$formats/$1.tar.gz"
	ls -l "$formats/$1.tar.gz"
}

if [ "${1:-}" = --make ]; then
	make_state "$2"
	finish
fi

unpack() { # name
	rm -rf "$STATE" "$TMP/backup"
	tar -C "$TMP" -xzf "$formats/$1.tar.gz"
}

sums() { (cd "$STATE" && find . -printf '%P %s %m\n' | sort && find . -type f -exec sha256sum {} + | sort); }

# Exits with a code, says one line, and leaves all as it was.
refuses() { # code, pattern of the line, sentence, command...
	local code=$1 pattern=$2 sentence=$3
	shift 3
	exits "$code" "$sentence: exit code" "$@"
	is "$(wc -l <<<"$OUT")" 1 "$sentence: in one line"
	matches "$OUT" "$pattern" "$sentence: that says why"
	is "$(sums)" "$before" "$sentence: and changes nothing"
}

backed_up() { "$daemon" --set state="$STATE" --backup | cat; return "${PIPESTATUS[0]}"; }

refuses_all() { # name, format
	local number=$2 said
	unpack "$1"
	said="path=.*/format format=$number; this version reads format $ours: use the one that wrote it"
	before=$(sums)
	refuses 1 "$said" "$1: a daemon does not start on it" "$daemon" --set feeds="$FEEDS" \
		--set state="$STATE" --set socket="$SOCKET"
	refuses 2 "$said" "$1: no scan goes on with it" "$daemon" --once --store "$STATE" "$FEEDS"
	refuses 2 "$said" "$1: it is not verified" "$daemon" --set state="$STATE" --verify
	refuses 2 "$said" "$1: it is not repaired" "$daemon" --set state="$STATE" --repair
	refuses 2 "$said" "$1: it is not backed up" backed_up
	refuses 2 "not empty" "$1: nothing is restored over it" "$daemon" --set state="$STATE" --restore /dev/null
	[ -f "$TMP/backup" ] || return 0
	said="a backup of format [0-9]+; this version reads format $ours: restore it with the one that wrote it"
	refuses 2 "$said" "$1: its backup is not restored" "$daemon" --set state="$TMP/elsewhere" --restore "$TMP/backup"
	is "$(ls -A "$TMP/elsewhere")" "" "$1: and leaves nothing"
}

opens() { # what it is
	start --set alert_kinds=all
	is "$(status articles)" 4 "$1 has its articles"
	is "$(status damaged)" 0 "$1 is whole"
	is "$(json alerts --since 0 2>/dev/null | jq -rs 'map(select(.id).alert) | join(" ")')" "1 2 3 5" "$1 has its alerts"
	is "$(json alerts --consumer c 2>/dev/null | jq -r 'select(.id).alert' | head -n 1)" 3 "$1 has its cursor"
	is "$(field s5.example/5.txt '.matches[0].id')" s1.example/1.txt "$1 has its matches"
	text 2 2 | deliver s6.example/6.txt
	synced
	is "$(field s6.example/6.txt '.matches[0].id')" s2.example/2.txt "$1 is searched for copies"
	exits 2 "$1 keeps what is forgotten" rp show s4.example/4.txt
	exits 0 "$1 is sound" rp verify
	stop
	rm -r "$FEEDS/s6.example"
}

start
stop
ours=$(awk '{ print $3 }' "$STATE/format")
[ -f "$formats/$ours.tar.gz" ] || die "no state of format $ours: $0 --make $ours"
for file in "$formats"/*.tar.gz; do
	name=$(basename "$file" .tar.gz)
	[ "$name" = "$ours" ] || refuses_all "$name" "${name%%-*}"
done
unpack "$ours"
opens "a state of format $ours"
rm -r "$STATE"
exits 0 "a backup of format $ours is restored" "$daemon" --set state="$STATE" --restore "$TMP/backup"
opens "a backup of format $ours"
finish
