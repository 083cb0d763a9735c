#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A source that lies about names, addresses, dates: nothing of another source's changes by it, and
# nothing that it writes drives a terminal.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"

ago() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ; } # seconds
object() { jq -n -c --arg text "$(text "$1" 6)" "$2 + {text: \$text}"; } # seed, jq object
html() { # canonical address, seed
	printf '<html><head><link rel="canonical" href="%s"><title>t</title></head><body><article>%s</article></body></html>' \
		"$1" "$(text "$2" 6 | sed 's/.*/<p>&<\/p>/')"
}
rss() { # guid, link, seed
	printf '<rss version="2.0"><channel><title>c</title><item><guid>%s</guid><link>%s</link><title>t</title><description>%s</description></item></channel></rss>' \
		"$1" "$2" "$(text "$3" 6)"
}
mine() { field b.example/41 '[.seq, .version, .verdict, .of, .cluster, .site, .url] | tojson'; }
alerted() { json alerts --since 0 | jq -r "select(.source == \"$1\") | [.id, .verdict] | @tsv" | sort; }

# ---- names and addresses

start
object 1 '{id: "41", url: "https://b.example/2026/41"}' | deliver b.example/41.json
text 2 6 | deliver b.example/y.txt
synced
before=$(mine)
object 1 '{id: "41", url: "https://b.example/2026/41"}' | deliver evil/41.json
object 1 '{id: "b.example/41", url: "http://www.b.example/2026/41/"}' | deliver evil/named.json
object 1 '{id: "../b.example/41"}' | deliver evil/dots.json
object 1 '{id: "41@1"}' | deliver evil/version.json
object 1 '{id: "1"}' | deliver evil/number.json
html https://b.example/2026/41 1 | deliver evil/canonical.html
rss b.example/41 https://b.example/2026/41 1 | deliver evil/guid.xml
mkdir -p "$FEEDS/evil/b.example"
text 2 6 >"$FEEDS/evil/b.example/y.txt"
object 1 '{id: "b.example/41"}' | deliver ./beside.json
object 3 '{id: "b.example/y.txt"}' | deliver ./beside-y.json
synced
is "$(mine)" "$before" "another source's id, address, guid or canonical link changes nothing"
is "$(field b.example/y.txt .version)" 1 "nor does another one's path"
is "$(json show 1 | jq -r .id)" b.example/41 "a number is an article's, whatever ids there are"
is "$(json show b.example/41@1 | jq -r .seq)" 1 "a version is its article's"
is "$(alerted evil | cut -f 1 | sort -u)" "$(printf 'evil/%s\n' ../b.example/41 1 41 41@1 \
	b.example/41 b.example/y.txt b.example/2026/41 | sort)" "each copy is told"
is "$(field beside.json/b.example/41 '[.source, .site] | tojson')" '[null,"unknown"]' \
	"a file beside the sources cannot call its articles as one of them does"

n=$(status articles)
alerts=$(status alerts)
object 1 '{id: "41", url: "https://b.example/2026/41", again: 1}' | deliver b.example/again.json
synced
is "$(status articles)" "$n" "the same text of the same id is still nothing new"
is "$(status alerts)" "$alerts" "and is not told"
object 4 '{id: "41", url: "https://b.example/2026/41"}' | deliver b.example/41.json
synced
is "$(field b.example/41 '[.version, .verdict, .revises] | tojson')" '[2,"revision",1]' \
	"a new text is a version of its own article"
object 4 '{id: "b.example/41"}' >"$TMP/squat.json"
object 5 '{id: "b.example/42"}' >"$TMP/early.json"
rp add "$TMP/squat.json" "$TMP/early.json" >/dev/null
object 5 '{id: "42"}' | deliver b.example/42.json
synced
is "$(field b.example/41 '[.source, .version] | tojson')" '["b.example",2]' "who adds under its id is no version of it"
is "$(field b.example/42 '[.source, .version, .verdict] | tojson')" '["b.example",1,"exact"]' "nor is it one of who came first"
for source in s1 s2; do text 6 6 | rp add --source $source - >/dev/null; done
is "$(json alerts --since 0 | jq -r 'select(.source == "s2").verdict')" exact "what comes without a name is its own source's"
is "$(text 7 6 | json check - | jq -r '[.verdict, .revises] | tojson')" '["unique",null]' "and no version of what came before"
exits 0 "the liar's article is forgotten" rp forget evil/b.example/41
is "$(json show b.example/41@1 | jq -r .seq)" 1 "and nobody else's"

# ---- dates

object 10 "{id: \"story\", published: \"$(ago 3600)\"}" | deliver b.example/story.json
synced
name=$(field b.example/story .cluster)
alerts=$(status alerts)
object 10 '{id: "late", published: "2099-01-01T00:00:00Z"}' | deliver evil/late.json
synced
is "$(field b.example/story .of) $(field evil/late .of)" "null b.example/story" "who claims to be of 2099 is no origin"
object 10 '{id: "early", published: "1970-01-01T00:00:00Z"}' | deliver evil/early.json
synced
is "$(json alerts --since $((alerts + 1)) | jq -c 'select(.id) | [.id, .event, .former]')" \
	'["evil/early","origin","b.example/story"]' "who claims to be of 1970 is told, with whose place it takes"
is "$(field evil/early .cluster)" "$name" "under the cluster's old name"
is "$(json cluster "$name" | jq -r 'select(.id == "b.example/story") | .id')" b.example/story "in which the other stays"
rp forget evil/early >/dev/null
is "$(field b.example/story .of)" null "and forgetting it makes the other the origin again"

# ---- terminals

odd=$'\e]0;own\a\e[31m\xc2\x9b2J'
jq -n -c --arg odd "$odd" --arg text "$(text 20 6 | sed "3s/^/$odd /; 4s/\$/ $odd/")" \
	'{id: ("odd" + $odd), site: ("site" + $odd), url: ("http://x/" + $odd), title: ("T" + $odd), text: $text}' |
	deliver evil/odd.json
text 20 6 | deliver "c.example/$odd.txt"
printf '{"id": "' | deliver "evil/$odd.json"
text 20 6 | sed "2s/^/$odd /" >"$TMP/odd$odd.txt"
synced
id=evil/odd$odd
exits 0 "odd ids can be asked for" rp show "$id"
for command in "show $id" "show --paragraphs $id" "matches $id" "cluster $id" "clusters --all" \
	"repeats $id" "explain $id b.example/41" "diff $id b.example/41" near-misses "chrome site$odd" \
	"alerts --since 0" status stats rejected consumers "neighbours $id --bits 64 --paragraphs" \
	"check $TMP/odd$odd.txt" "fingerprint $TMP/odd$odd.txt" \
	"show nosuch$odd" "sync $TMP/$odd" "consumers --delete $odd"; do
	# shellcheck disable=SC2086
	rp --color never $command >"$TMP/out" 2>&1
	[ -s "$TMP/out" ] || [ "${command%% *}" = consumers ] || not_ok "$command says something"
	is "$(LC_ALL=C grep -caP '\x1b|\x07|\xc2\x9b' "$TMP/out")" 0 "no control character by ${command%% *}"
done
is "$(LC_ALL=C grep -caP '\x1b|\x07|\xc2\x9b' "$LOG")" 0 "nor in the log"
cp "$TMP/odd$odd.txt" "$TMP/plain.txt"
script -qec "$REPRINT_BIN/reprint text $TMP/plain.txt" "$TMP/typescript" >"$TMP/out" </dev/null
is "$(LC_ALL=C grep -caP '\x1b|\x07|\xc2\x9b' "$TMP/out")" 0 "nor where a text goes to a terminal"
is "$(rp text "$TMP/plain.txt" | LC_ALL=C grep -caP '\x1b')" 1 "elsewhere it is what is judged"

# ---- lengths

n=$(status articles)
jq -n -c --arg text "$(text 30)" '{id: ("x" * 1048576), site: ("y" * 1048576), url: ("http://x/" + "z" * 1048576), text: $text}' |
	deliver evil/long.json
jq -n -c --arg text "$(text 31)" '{id: ("x" * 1048575 + "y"), text: $text}' | deliver evil/longer.json
printf '{"id": "a\\u0000b\\nc", "text": %s}' "$(text 32 | jq -Rs .)" | deliver evil/nul.json
synced
is "$(status articles)" $((n + 3)) "what has a name of a megabyte is taken in"
is "$(field evil/long.json '[.id, .site, .url] | tojson')" '["evil/long.json","evil",null]' \
	"under its file's, for that one counts as none"
is "$(field evil/longer.json .version)" 1 "so that two of them are two articles"
is "$(field $'evil/a\xef\xbf\xbdb c' .version)" 1 "NUL and line breaks are no part of an id"
finish
