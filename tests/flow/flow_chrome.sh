#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What is left out of a site's articles, and what never is.
. "$(dirname "$0")/lib.sh"

left_out() { # id: the numbers of its paragraphs that are chrome
	json show --paragraphs "$1" | jq -r '[.parts[] | select(.chrome).n] | join(" ")'
}
footer="Follow the paper on all its channels for the latest updates on this and other stories."

start

# A story that one site posts five times, with another lead each time, keeps its body.
for i in 1 2 3 4 5; do
	{ text $((100 + i)) 1; text 1 8; } | deliver "post.example/$i.txt"
	synced
done
{ text 106 1; text 1 8; } | deliver post.example/last.txt
synced
is "$(left_out post.example/last.txt)" "" "a story that is posted again and again keeps its body"
is "$(json show post.example/last.txt | jq -r .verdict)" near "and is found"
is "$(json chrome post.example | jq -r 'select(.site).articles')" 1 "its look-alikes count once"

# A live page that grows keeps what it had.
for i in 2 5 12 27; do
	text 2 $i | deliver "live.example/$i.txt"
	synced
done
is "$(left_out live.example/27.txt)" "" "a page that grows keeps its text"

# Template news: the frame stands again, the figures do not.
for i in 1 2 3 4 5 6 7; do
	{
		echo "Sales of the company rose to $i$i.$i million dollars in the quarter from $((9 - i)).1$i million a year ago."
		echo "Its shares closed at 1$i.0$i dollars on Monday, up $i percent since the beginning of the year."
		echo "The board proposes a dividend of $i cents a share, compared with $((i + 3)) cents."
	} | deliver "template.example/$i.txt"
	synced
done
is "$(left_out template.example/7.txt)" "" "template news keeps its text"

# Time stamps of a live blog.
{
	echo "11:02"
	text 31 1
	echo "11:40"
	text 32 1
	echo "12:15 GMT"
	text 33 1
} | deliver blog.example/1.txt
synced
is "$(left_out blog.example/1.txt)" "1 3 5" "the time stamps of a live blog are left out of the first article"

# What speaks of itself is left out of a site's first article; repeats are found on the whole text.
headline="Minister and seven others leave the government over a bridge in the east that nobody had wanted"
own_page() { # id, title, seed
	{
		echo "$headline"
		text "$3" 1
		echo "Have you seen anything? Write to news@self.example today, or call us."
		echo "$headline"
	} | jq -Rsc --arg id "$1" --arg title "$2" '{id: $id, title: $title, text: .}' |
		deliver "self.example/$1.json"
	synced
}
own_page own "$headline" 51
own_page other "Another title" 52
is "$(left_out self.example/own)" "1 3 4" "the own title and the own address are left out of the first article"
is "$(left_out self.example/other)" 3 "what is not its title is text"
is "$(json show self.example/own | jq -c .repetition)" "$(json show self.example/other | jq -c .repetition)" \
	"a title that stands twice is a repeat, left out or not"
is "$(json show self.example/own | jq '.repetition.blocks | length')" 1 "and is told"

# What three sites have under their own names needs no learning at a fourth.
for name in North East South West; do
	for i in 1 2 3; do
		{
			text "${#name}$i$(printf %d "'$name")" 2
			echo "Follow the $name Paper on all of its channels for the news of the day and night."
		} | deliver "$name.example/$i.txt"
		synced
	done
done
is "$(left_out South.example/1.txt)" "" "a line of two sites is text at the third"
is "$(left_out West.example/1.txt)" 3 "that of three is chrome at the fourth, with another name in it"

# A footer, and a date line whose figures change.
for i in 1 2 3 4 5 6; do
	{
		echo "Published on 1$i March 2026 and updated at 1$i:2$i"
		text $((40 + i)) 3
		echo "$footer"
	} | deliver "site.example/$i.txt"
	synced
done
is "$(left_out site.example/1.txt)" "" "a line is text at first"
is "$(left_out site.example/3.txt)" 5 "a line of all articles is chrome in the third"
is "$(left_out site.example/5.txt)" "1 5" "a date line is chrome in the fifth"
is "$(json chrome site.example | jq -r 'select(.seen_in) | [.why, .seen_in, .of, .articles_since, .left_out] | join(" ")' | sort)" \
	"$(printf 'seen 6 6 0 true\nshape 6 6 0 true')" "both are told, with why"
contains "$(rp chrome site.example)" "shape" "also to a person"
contains "$(rp chrome site.example)" "Follow the paper" "with their words"
is "$(json chrome site.example | jq -r 'select(.why == "shape").text')" \
	"Published on 16 March 2026 and updated at 16:26" "a date line as it stood last"

# What was learned outlives the daemon, from its snapshot or from the articles.
before=$(json chrome site.example; json chrome post.example)
stop
start
is "$(json chrome site.example; json chrome post.example)" "$before" "a restart forgets nothing"
for i in 7 8; do
	{ text $((40 + i)) 3; echo "$footer"; } | deliver "site.example/$i.txt"
	synced
done
before=$(json chrome site.example)
crash
start
is "$(json chrome site.example)" "$before" "a crash neither: the articles are counted again"
is "$(json chrome site.example | jq -r 'select(.why == "shape").articles_since')" 2 "what is not seen any more is told"

finish
