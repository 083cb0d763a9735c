#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# What is dropped into a feed root: every format, every way to deliver it, and what is refused.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"

articles() { status articles; }
# The JSON string of stdin.
quoted() { jq -Rs .; }

# ---- what lay there before the start
text 1 | deliver early.example/1.txt
mkdir -p "$FEEDS/early.example/2021/07"
text 2 | deliver early.example/2021/07/2.txt
text 3 >"$FEEDS/in-the-root.txt"
start --set max_file_bytes=256K
rp sync
is "$(articles)" 3 "what was delivered before the start is taken in"
is "$(json show early.example/2021/07/2.txt | jq -r .source)" early.example \
	"the first folder is the source"
is "$(json show in-the-root.txt | jq -r .id)" in-the-root.txt "a file in the root has no source folder"

# ---- formats
text 10 | deliver f/a.txt
seed=20
for e in html htm xhtml; do
	seed=$((seed + 1))
	printf '<html><head><title>About %s</title></head><body><article>%s</article></body></html>' \
		$e "$(text $seed | sed 's/.*/<p>&<\/p>/')" | deliver f/a.$e
done
item() { printf '<item><guid>%s</guid><title>t</title><description>%s</description></item>' "$@"; }
for e in xml rss; do
	seed=$((seed + 2))
	printf '<rss version="2.0"><channel><title>c</title>%s%s</channel></rss>' \
		"$(item $e-1 "$(text $seed)")" "$(item $e-2 "$(text $((seed + 1)))")" |
		deliver f/a.$e
done
printf '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:atom-1</id><title>t</title><content>%s</content></entry></feed>' \
	"$(text 40)" | deliver f/a.atom
printf '{"id":"json-1","site":"other.example","title":"t","text":%s}' "$(text 41 | quoted)" | deliver f/a.json
printf '{"version":"https://jsonfeed.org/version/1.1","title":"f","items":[{"id":"jf-1","content_text":%s},{"id":"jf-2","content_text":%s}]}' \
	"$(text 42 | quoted)" "$(text 43 | quoted)" | deliver f/b.json
for i in 1 2 3; do
	printf '{"id":"line-%d","text":%s}\n' $i "$(text 5$i | quoted)"
done | deliver f/a.jsonl
printf '{"text":%s}\n' "$(text 61 | quoted)" | deliver f/a.ndjson
text 62 | gzip | deliver f/z.txt.gz
printf '{"id":"zipped","text":%s}\n' "$(text 63 | quoted)" | gzip | deliver f/z.jsonl.gz
rp sync
is "$(json show f/a.txt | jq -r .paragraphs)" 4 "every non-empty line is a paragraph"
is "$(json show f/a.html | jq -r .title)" "About html" "HTML has a title"
for id in a.htm a.xhtml xml-1 xml-2 rss-1 rss-2 urn:atom-1 json-1 jf-1 jf-2 line-1 line-2 line-3 \
	'a.ndjson#1' z.txt.gz zipped; do
	is "$(json show "f/$id" | jq -r .id)" "f/$id" "f/$id is an article"
done
is "$(json show f/json-1 | jq -r .site)" other.example "an article object may name its site"
is "$(articles)" 21 "and there is nothing else"
is "$(status rejected)" 0 "and nothing was refused"

# ---- delivering
n=$(articles)
text 100 >"$FEEDS/f/closed.txt"
rp sync
is "$(articles)" $((n + 1)) "a file written and closed is delivered"

for name in .hidden x.tmp x.part 'x~'; do
	text "$name" >"$FEEDS/f/$name"
done
text 105 | deliver .folder/x.txt
rp sync
is "$(articles)" $((n + 1)) "temporary names are not delivered"
for name in f/.hidden f/x.tmp "$FEEDS/f/x~" .folder/x.txt; do
	exits 4 "a sync of $name cannot be promised" rp sync "$name"
	contains "$OUT" "ignored until it is renamed" "and says why"
done
text 101 >"$FEEDS/f/x.tmp"
mv "$FEEDS/f/x.tmp" "$FEEDS/f/x.txt"
mv "$FEEDS/.folder" "$FEEDS/folder"
rp sync
is "$(articles)" $((n + 3)) "until they are renamed"

n=$(articles)
mkdir -p "$TMP/outside/deep/er"
for i in 1 2 3; do text "11$i" >"$TMP/outside/deep/er/$i.txt"; done
mv "$TMP/outside" "$FEEDS/moved"
rp sync
is "$(articles)" $((n + 3)) "a directory moved in is taken in whole"
mv "$FEEDS/moved/deep" "$FEEDS/moved/elsewhere"
rp sync
is "$(articles)" $((n + 3)) "what only moved within its source is the same delivery"

for i in $(seq 1 20); do
	text "20$i" | deliver "quick$i/a/b/c/x.txt"
done
rp sync
is "$(articles)" $((n + 23)) "folders made in quick succession lose nothing"

n=$(articles)
for i in $(seq 1 500); do
	text "3$i" 1 >"$FEEDS/f/burst$i.txt"
done
rp sync
is "$(articles)" $((n + 500)) "a burst is taken in to the last file"
is "$(json show f/burst500.txt | jq -r .seq)" "$(status newest_seq)" "in the order of delivery"

# ---- names are bytes
n=$(articles)
text 401 >"$FEEDS/f/"$'new\nline.txt'
text 402 >"$FEEDS/f/"$'\xff\xfe.txt'
text 403 >"$FEEDS/f/"' blank .txt'
text 404 >"$FEEDS/f/"$'\x1b[31mred.txt'
text 405 >"$FEEDS/f/"'"quoted".txt'
rp sync
is "$(articles)" $((n + 5)) "names with newlines, invalid UTF-8, control characters are taken"
is "$(json show $'f/new\nline.txt' | jq -r .id)" $'f/new\nline.txt' "and are found by name"
is "$(json show $'f/\xff\xfe.txt' | jq -r .id)" 'f/\xff\xfe.txt' "what is no UTF-8 is found by its bytes"
is "$(json show 'f/\xff\xfe.txt' | jq -r .file)" 'f/\xff\xfe.txt' "and as it is printed"
text 406 | deliver 'f/\xff\xfe.txt'
mkdir "$FEEDS/"$'s\xe9'
text 407 >"$FEEDS/"$'s\xe9/a.txt'
echo '{' >"$FEEDS/"$'s\xe9/b.json'
exits 0 "a sync of such a path" rp sync "$FEEDS/"$'s\xe9/a.txt'
rp sync
is "$(json show 'f/\x5cxff\x5cxfe.txt' | jq -r .version)" 1 "a name that looks like that is another one"
is "$(json show 's\xe9/a.txt' | jq -r '[.source, .site] | join(" ")')" 's\xe9 s\xe9' "so is a source"
is "$(json rejected | jq -r 'select(.file == "s\\xe9/b.json").file')" 's\xe9/b.json' "and what is refused"
cp "$FEEDS/"$'s\xe9/a.txt' "$TMP/"$'\xe9.txt'
is "$(json check "$TMP/"$'\xe9.txt' | jq -r '[.id, .matches[0].id] | join(" ")')" \
	"$TMP/"'\xe9.txt s\xe9/a.txt' "and what is asked about"
exits 0 "such an article is forgotten" rp forget $'s\xe9/a.txt'

# ---- versions, nothing new
n=$(articles)
text 500 | deliver f/v.txt
rp sync
text 501 | deliver f/v.txt
rp sync
is "$(json show f/v.txt | jq -r '.version, .verdict' | xargs)" "2 revision" "other text is a new version"
text 501 | deliver f/v.txt
rp sync
is "$(json show f/v.txt | jq -r .version)" 2 "the same text is nothing new"
is "$(articles)" $((n + 2)) "both versions are kept"

# ---- refused
n=$(articles)
echo secret >"$TMP/secret.txt"
mkdir "$TMP/secrets"
text 600 >"$TMP/secrets/1.txt"
mkfifo "$FEEDS/f/fifo.txt"
ln -s "$TMP/secret.txt" "$FEEDS/f/link.txt"
ln -s "$TMP/secrets" "$FEEDS/f/linked"
ln -s nowhere "$FEEDS/f/broken.txt"
text 601 2000 >"$FEEDS/f/large.txt"
text 602 2000 | gzip >"$FEEDS/f/bomb.txt.gz"
echo '{"id": "broken"' >"$FEEDS/f/broken.json"
rp sync
is "$(articles)" "$n" "what is refused is not stored"
for name in fifo.txt link.txt linked broken.txt large.txt bomb.txt.gz broken.json; do
	is "$(json rejected | jq -r "select(.file == \"f/$name\").file" | sort -u)" "f/$name" \
		"f/$name is refused with a record"
done
r=$(status rejected)
rp rescan
rp sync
is "$(status rejected)" "$r" "a rescan does not refuse the same again"
text 603 | deliver f/after.txt
rp sync
is "$(articles)" $((n + 1)) "nothing else stops"

# ---- by the socket
mkfifo "$TMP/fifo"
for c in "add" "check" "text" "fingerprint" "repeats"; do
	exits 2 "$c of a FIFO does not wait for its writer" timeout 20 "$REPRINT_BIN/reprint" --socket "$SOCKET" $c "$TMP/fifo"
	contains "$OUT" "not a regular file" "$c says why"
done
exits 0 "what the shell passes on is read" rp add <(text 650)
n=$(articles)
for name in "" ../x x/y . .. .hidden x.tmp "$(printf '%0256d' 1)"; do
	exits 2 "add as source \"$name\" is refused" rp add --source "$name" "$TMP/secret.txt"
	contains "$OUT" "no name of a folder" "and says why"
done
is "$(articles)" "$n" "and stores nothing"
exits 0 "add as another one is not" rp add --source "x y.example" "$TMP/secret.txt"

# ---- sync
text 700 | deliver g/1.txt
exits 0 "a sync of a path below a root" rp sync "$FEEDS/g"
is "$(json show g/1.txt | jq -r .id)" g/1.txt "promises what is below it"
exits 4 "a sync of a path outside all roots cannot be promised" rp sync "$TMP"
matches "$OUT" '^reprint: sync: .*feed root' "and says why in one line"
mv "$FEEDS" "$TMP/away"
exits 4 "a sync cannot be promised while a root is gone" rp sync
matches "$OUT" "root $FEEDS is gone" "and says which"
matches "$(status trouble)" "is gone" "status says it too"
touch "$FEEDS"
exits 4 "a sync cannot be promised while a root is a file" rp sync
matches "$OUT" "root $FEEDS is not a directory" "and says so"
matches "$(status trouble)" "is not a directory" "as status does"
rm "$FEEDS"
mv "$TMP/away" "$FEEDS"
text 701 | deliver g/2.txt
exits 0 "a root that is back is found by the next sync" rp sync
is "$(json show g/2.txt | jq -r .id)" g/2.txt "with what it brings"
is "$(status trouble)" null "and all is well"

# ---- again
n=$(articles)
stop
text 800 | deliver g/3.txt
start --set max_file_bytes=256K
rp sync
is "$(articles)" $((n + 1)) "a restart takes in only what is new"
is "$(status rejected)" "$r" "and refuses nothing anew"
stop

# ---- unreadable; root reads everything, so the daemon is somebody else then
if [ "$(id -u)" -eq 0 ]; then
	DAEMON_AS=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chown -R 65534:65534 "$TMP"
fi
if [ "$(id -u)" -ne 0 ] || "${DAEMON_AS[@]}" test -x "$REPRINT_BIN/reprintd"; then
	text 900 | deliver u/closed.txt
	text 901 | deliver u/deep/shut.txt
	chmod 0 "$FEEDS/u/closed.txt"
	chown -R 0:0 "$FEEDS/u" 2>/dev/null
	chmod 700 "$FEEDS/u/deep"
	[ "$(id -u)" -eq 0 ] || chmod 0 "$FEEDS/u/deep"
	start --set max_file_bytes=256K
	exits 4 "a sync cannot be promised while a directory is unreadable" rp sync
	matches "$OUT" "directory $FEEDS/u/deep cannot be read: permission denied" "and says which"
	exits 0 "elsewhere it can" rp sync "$FEEDS/f"
	is "$(json rejected | jq -r 'select(.file == "u/closed.txt").file')" u/closed.txt \
		"an unreadable file is refused with a record"
	chmod 755 "$FEEDS/u/deep"
	chmod 644 "$FEEDS/u/deep/shut.txt"
	exits 0 "once it is readable it can" rp sync
	is "$(json show u/deep/shut.txt | jq -r .id)" u/deep/shut.txt "with what is in it"
fi
finish
