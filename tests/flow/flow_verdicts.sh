#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# From a delivered file to a verdict that can be asked for.
. "$(dirname "$0")/lib.sh"

html() { # title; paragraphs on stdin
	echo "<html><head><title>$1</title></head><body><nav><a href=/>Home</a> <a href=/w>World</a></nav><article><h1>$1</h1>"
	sed 's|.*|<p>&</p>|'
	echo "</article><footer>All rights reserved</footer></body></html>"
}
item() { # guid, title; paragraphs on stdin
	echo "<item><guid>$1</guid><title>$2</title><description><![CDATA["
	sed 's|.*|<p>&</p>|'
	echo "]]></description></item>"
}
object() { # id, site; text on stdin
	jq -c -R -s --arg id "$1" --arg site "$2" '{id: $id, site: $site, title: "A title", text: .}'
}
rss() {
	echo '<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>'
	cat
	echo '</channel></rss>'
}

start

# The doubled body is found in every format.
{ echo "Headline of one"; text 1 6; echo "Headline of one"; text 1 6; } | deliver a.example/one.txt
{ text 2 6; text 2 6; } | html "Headline of two" | deliver a.example/two.html
{ text 3 6; text 3 6; } | item g3 "Headline of three" | rss | deliver a.example/three.xml
{ text 4 6; text 4 6; } | object o4 a.example | deliver a.example/four.json
{ text 5 6; text 5 6; } | object o5 a.example | gzip | deliver a.example/five.jsonl.gz
synced
for id in a.example/one.txt a.example/two.html a.example/g3 a.example/o4 a.example/o5; do
	is "$(field $id .repetition.doubled)" true "$id is doubled"
	is "$(field $id '.repetition.ratio | (. * 10 | round)')" 5 "$id repeats half of itself"
done
is "$(field a.example/one.txt '.repetition.blocks | length')" 1 "headline and body are one block"
is "$(field a.example/one.txt '.repetition.blocks[0] | tojson | fromjson | [.first, .again] | tojson')" '[[1,7],[8,14]]' "the block's ends are right"

# A copy elsewhere with other quotes, an edit in some paragraphs and the site's own lines.
{ echo "Menu"; text 1 6 | awk 'NR % 3 == 2 { $7 = "perhaps" } { print }'; echo "Share"; } | deliver b.example/copy.txt
text 1 2 | deliver c.example/excerpt.txt
{ text 1 2; text 20 6; text 4 2; } | deliver d.example/roundup.txt
text 30 6 | deliver d.example/other.txt
text 1 6 | deliver e.example/same.txt
echo "Too little to judge." | deliver e.example/short.txt
synced
is "$(field b.example/copy.txt .verdict)" near "an edited copy is near"
is "$(field b.example/copy.txt .of)" a.example/one.txt "its original is named"
is "$(field b.example/copy.txt '.matches[0].relation')" cross_site "across sites"
is "$(field b.example/copy.txt .cluster)" "$(field a.example/one.txt .cluster)" "in one cluster"
is "$(field c.example/excerpt.txt .verdict)" excerpt "two paragraphs of six are an excerpt"
is "$(field d.example/roundup.txt '[.matches[].id] | index("a.example/one.txt") != null')" true "a round-up names its parts"
is "$(field d.example/other.txt .verdict)" unique "another story is unique"
is "$(field e.example/short.txt .verdict)" short "a line is too short"
is "$(field e.example/same.txt '.matches[0].containment')" 1 "all of it stands elsewhere"
is "$(json cluster b.example/copy.txt | jq -s 'map(select(.id)) | length >= 2')" true "the cluster lists both"
is "$(json neighbours b.example/copy.txt --bits 64 | jq -s 'map(select(.id)) | length > 5')" true "neighbours are found by SimHash"
rp diff a.example/one.txt b.example/copy.txt >"$TMP/diff"
is "$?" 0 "two articles are compared side by side"

# A feed that comes again with two new items on top: two new articles, no revision.
before=$(status articles)
{ text 41 4 | item n1 One; text 42 4 | item n2 Two; } | rss | deliver f.example/feed.xml
synced
{ text 44 4 | item n4 Four; text 43 4 | item n3 Three; text 41 4 | item n1 One; text 42 4 | item n2 Two; } | rss | deliver f.example/feed.xml
synced
is "$(($(status articles) - before))" 4 "four items are four articles"
is "$(json stats | jq -s 'map(select(.name == "revisions")) | .[0].value // 0')" 0 "no revision yet"

# The same id with other text is a new version; both are kept.
{ text 41 4; text 50 1; } | item n1 One | rss | deliver f.example/feed2.xml
synced
is "$(field f.example/n1 '[.version, .verdict] | tojson')" '[2,"revision"]' "changed text is a revision"
is "$(field f.example/n1@1 .version)" 1 "the first version is still there"

# A file that only moved is the same delivery.
files=$(status articles)
mkdir -p "$FEEDS/d.example/old"
mv "$FEEDS/d.example/other.txt" "$FEEDS/d.example/old/other.txt"
synced
is "$(status articles)" "$files" "a moved file is nothing new"

# check judges and stores nothing; add stores.
text 1 6 >"$TMP/probe.txt"
rp check "$TMP/probe.txt" >/dev/null
is "$?" 1 "check finds the copy"
text 77 6 >"$TMP/fresh.txt"
rp check "$TMP/fresh.txt" >/dev/null
is "$?" 0 "check finds nothing in a fresh text"
is "$(status articles)" "$files" "check stores nothing"
rp add "$TMP/fresh.txt" >/dev/null
is "$(status articles)" $((files + 1)) "add stores"
first=$(json add "$TMP/probe.txt")
is "$(jq -r .verdict <<<"$first")" exact "add finds the copy"
is "$(json add "$TMP/probe.txt")" "$first" "add says the same of what it knows already"
is "$(json check "$TMP/probe.txt")" "$first" "so does check"

# What is forgotten is gone, and does not come back by a rescan.
rp forget d.example/roundup.txt >/dev/null
is "$?" 0 "forget works"
rp show d.example/roundup.txt >/dev/null 2>&1
is "$?" 2 "a forgotten article is not shown"
rp rescan >/dev/null
synced
rp show d.example/roundup.txt >/dev/null 2>&1
is "$?" 2 "and a rescan does not bring it back"

# A restart knows everything and stores nothing twice.
all=$(status articles)
alerts=$(status alerts)
stop
start
synced
is "$(status articles)" "$all" "a restart stores nothing twice"
is "$(status alerts)" "$alerts" "nor alerts twice"
is "$(field b.example/copy.txt .verdict)" near "verdicts survive"
text 30 6 | deliver g.example/late.txt
synced
is "$(field g.example/late.txt '.matches[0].id')" d.example/other.txt "articles from before the restart are matched"
finish
