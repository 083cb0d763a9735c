#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Places that cannot be what they are said to be: each is refused in one line that names it, the
# reason and what to do, and nothing is written there.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
: >"$LOG"
reprint=$REPRINT_BIN/reprint
reprintd=$REPRINT_BIN/reprintd

# The daemon does not start on it; its last words in $OUT.
refuses() { # state, reason, sentence
	exits 1 "$3" timeout 60 "$reprintd" --set "feeds=$FEEDS" --set "socket=$SOCKET" --set "state=$1"
	contains "$OUT" "$1" "$3: it names the place"
	contains "$OUT" "$2" "$3: it says why"
	is "$(grep -c '^reprintd: state ' <<<"$OUT")" 1 "$3: in one line"
}
listing() { (cd "$1" && find . | sort); }

text 1 4 | deliver a.example/1.txt

# ---- a state

mkdir "$TMP/home"
touch "$TMP/home/.profile"
refuses "$TMP/home" "something else is in it; name an empty or a new directory" "somebody's home is no state"
is "$(listing "$TMP/home")" $'.\n./.profile' "and is left as it was"
exits 2 "nor a store of a scan" "$reprint" scan --store "$TMP/home" "$FEEDS"
contains "$OUT" "$TMP/home: something else is in it; name an empty or a new directory" "which says so too"
is "$(listing "$TMP/home")" $'.\n./.profile' "and leaves it as it was"
for command in --verify --repair --backup; do
	exits 2 "$command finds no state there" bash -c '"$@" | cat; exit ${PIPESTATUS[0]}' - \
		"$reprintd" "$command" --set "state=$TMP/home"
	is "$OUT" "reprintd: $TMP/home: no state is there" "and $command says so"
	is "$(listing "$TMP/home")" $'.\n./.profile' "and writes nothing"
done
refuses "$TMP/nosuch/state" "does the directory above it exist?" "a state needs a directory to be in"
touch "$TMP/file"
refuses "$TMP/file" "it is no directory" "a file is no state"
refuses "$FEEDS/state" "feeds=$FEEDS; it would be read as a feed" "a state is not below a feed root"
cd "$TMP" || exit 1
refuses feeds/state "feeds=$FEEDS; it would be read as a feed" "also when it is named from here"
ln -s feeds "$TMP/link"
refuses "$TMP/link/new/state" "feeds=$FEEDS; it would be read as a feed" "or by a link"
exits 2 "nor is the store of a scan" "$reprint" scan --store feeds/a.example/state "$FEEDS"
contains "$OUT" "state=feeds/a.example/state feeds=$FEEDS" "which names both"
is "$(listing "$FEEDS")" $'.\n./a.example\n./a.example/1.txt' "and the feeds are as they were"
mkdir -p "$TMP/disk/lost+found"
exits 0 "the lost+found of a fresh disk is no stranger" "$reprint" scan --store "$TMP/disk" "$FEEDS"
exits 0 "a state may have company later" touch "$TMP/disk/notes"
exits 0 "and goes on" "$reprint" scan --store "$TMP/disk" "$FEEDS"

# ---- a backup, and where it is restored

"$reprintd" --backup --set "state=$TMP/disk" >"$TMP/backup" 2>/dev/null
says() { # sentence, words, command...
	exits 2 "$1" "${@:3}"
	is "$OUT" "$2" "$1: it says which place and why"
}
says "a backup is not restored into a file" "reprintd: $TMP/file: it is no directory" \
	"$reprint" restore "$TMP/backup" "$TMP/file"
says "nor where there is no directory to be in" \
	"reprintd: $TMP/nosuch/state: cannot be made; does the directory above it exist?" \
	"$reprint" restore "$TMP/backup" "$TMP/nosuch/state"
says "nor where nothing can be made" "reprintd: /proc/state: cannot be made; does the directory above it exist?" \
	"$reprint" restore "$TMP/backup" /proc/state
says "nor into a home" "reprintd: $TMP/home: the directory is not empty" \
	"$reprint" restore "$TMP/backup" "$TMP/home"
says "a backup that is none is named" "reprintd: $TMP/file: the backup ends too early: it was cut" \
	"$reprint" restore "$TMP/file" "$TMP/restored"
start
says "a backup needs a directory to be in" "reprint: backup: $TMP/nosuch/b: No such file or directory" \
	rp backup "$TMP/nosuch/b"
touch "$TMP/b.part"
says "what another backup left is named" \
	"reprint: backup: $TMP/b.part: exists already; another backup, or what one left: remove it" \
	rp backup "$TMP/b"
stop

# ---- a standard output that takes nothing

to_full() { "$@" >/dev/full; }
for words in "--help" "--version" "--print-defaults" "--check-config" "--verify" "--verify --json" "--repair" \
	"--once $FEEDS" "--once --store $TMP/full.state $FEEDS"; do
	# shellcheck disable=SC2086
	exits 2 "reprintd $words fails where nothing can be printed" to_full \
		"$reprintd" --set "state=$TMP/disk" $words
	is "$(grep -c 'standard output: not everything could be written' <<<"$OUT")" 1 "and says so: $words"
done
says "nor can a backup" "reprintd: standard output: no space left" to_full "$reprintd" --backup --set "state=$TMP/disk"
for words in "text $FEEDS/a.example/1.txt" "fingerprint $FEEDS" "repeats $FEEDS/a.example/1.txt" "--help"; do
	# shellcheck disable=SC2086
	exits 2 "reprint $words fails where nothing can be printed" to_full "$reprint" $words
	contains "$OUT" "standard output: not everything could be written" "and says so: $words"
done

# ---- a file system that is read only

if [ "$(id -u)" -eq 0 ] && mkdir "$TMP/ro" && mount -t tmpfs -o size=1m tmpfs "$TMP/ro" 2>/dev/null; then
	MOUNTED=$TMP/ro
	"$reprint" scan --store "$TMP/ro/state" "$FEEDS" >/dev/null 2>&1
	mkdir "$TMP/ro/empty"
	mount -o remount,ro "$TMP/ro"
	for state in state empty new; do
		refuses "$TMP/ro/$state" "the file system is read-only; mount it for writing, or name another one" \
			"a state is not written on a read-only disk ($state)"
	done
	exits 2 "nor is a scan's" "$reprint" scan --store "$TMP/ro/state" "$FEEDS"
	contains "$OUT" "$TMP/ro/state: the file system is read-only; mount it" "which says so too"
	says "nor is a backup restored there" "reprintd: $TMP/ro/empty: the file system is read-only" \
		"$reprint" restore "$TMP/backup" "$TMP/ro/empty"
	exits 0 "but it can be verified" "$reprintd" --verify --set "state=$TMP/ro/state"
	exits 2 "and not repaired" "$reprintd" --repair --set "state=$TMP/ro/state"
	contains "$OUT" "$TMP/ro/state: the file system is read-only" "for that reason"
fi

# ---- an option that would be passed over

exits 2 "a store is for --once: no daemon starts on another one" timeout 10 "$REPRINT_BIN/reprintd" --store "$TMP/kept" \
	--set feeds="$FEEDS" --set state="$STATE" --set socket="$SOCKET"
finish
