#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Texts that no editor would print: each gets a verdict that makes sense, in time.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
: >"$LOG"
cd "$TMP" || exit 1
HANGS=${HANGS:-120} # seconds; what is linear takes a few even under sanitizers

# Several words again and again.
again() { # times, words
	awk -v n="$1" -v words="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s ", words; print "" }'
}
# Words of which no two are alike, and what a program makes of them: w(i) is a word, say() prints.
made() { # awk program
	awk 'function w(i,  s) {
		for (s = ""; i > 0 || s == ""; i = int(i / 26)) s = s sprintf("%c", 97 + i % 26)
		return s
	}
	function say(s) { printf "%s ", s }
	function random(n) { state = (state * 16807) % 2147483647; return int(state / 7) % n }
	BEGIN { state = 20210722; '"$1"'; print "" }'
}
scan() { timeout $HANGS "$REPRINT_BIN/reprint" --json scan "$@" 2>>"$LOG"; }

# What is said of one text: its verdict, and whether more than half of it stands again.
said() { # verdict repeats, sentence; the text on stdin
	cat >text.txt
	is "$(scan text.txt | jq -r '[.verdict, .repetition.ratio > 0.5] | join(" ")')" "$1" "$2"
}

said "short false" "a word is short" < <(echo word)
said "short false" "so is a word without end" < <(head -c 1000000 /dev/zero | tr '\0' x)
said "short false" "and a letter under a mountain of marks" \
	< <(printf e && again 100000 "$(printf '\314\201\314\243')" | tr -d ' ')
said "short false" "punctuation has no words" < <(again 50000 '... !!! ??? ,,, ;;;')
said "short false" "nor have emoji" < <(again 40000 '😀🎉🚀')
said "short false" "nor ampersands" < <(again 200000 '&amp;')
said "short true" "lines of one word are short" < <(again 50000 word | tr ' ' '\n')
said "unique true" "a megabyte of one word repeats itself" < <(again 262144 the)
said "unique true" "so do two words in turn" < <(again 150000 'yes no')
said "unique true" "and endings without a word" < <(again 200000 ها)
said "unique true" "and a verb" < <(again 100000 'می رود')
said "unique true" "and a character" < <(again 300000 的 | tr -d ' ')
said "unique true" "and a stammer" \
	< <(made 'for (i = 0; i < 100000; i++) say("the the the the " w(i))')
said "unique false" "numbers are a text" \
	< <(made 'for (i = 0; i < 150000; i++) say(random(1000000))')
said "unique false" "so is noise" \
	< <(made 'for (i = 0; i < 300000; i++) printf "%c", 33 + random(94)')
said "unique false" "and a hundred thousand paragraphs of two words" \
	< <(made 'for (i = 0; i < 100000; i++) print w(i), w(i * 7)')
said "unique false" "and ten megabytes" \
	< <(made 'for (i = 0; i < 2000000; i++) say(w(random(400000)))')
# Every three words of a long stretch stand before, by themselves; it stands twice, and both times
# behind a repeat that goes on at the same distance.
said "unique false" "a stretch of known phrases costs no square of its length" \
	< <(made 'n = 400000
		for (i = 0; i < n; i++) say(w(i) " " w(i + 1) " " w(i + 2) " " i % 2)
		for (twice = 0; twice < 2; twice++) {
			for (i = 0; i < 20; i++) say("r" w(n + i))
			for (i = 0; i < 20; i++) say("s" twice w(n + i))
			for (i = 0; i < n; i++) say(w(i))
		}')

# ---- many of them

object() { jq -c -R -s --arg id "$1" --arg site "$2" '{id: $id, site: $site, text: .}'; } # text on stdin
kinds() { jq -r .verdict | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd ' '; }

text 1 6 >article.txt
jq -c -n --rawfile text article.txt \
	'range(10000) | {id: "\(.)", site: "site\(. % 50).example", text: $text}' >copies.jsonl
is "$(scan copies.jsonl | kinds)" "exact:9999 unique:1" "ten thousand copies are copies"
{
	object 1 a.example <article.txt
	{ sed -n 4,6p article.txt && sed -n 1,3p article.txt; } | object 2 b.example
} >swap.jsonl
is "$(scan swap.jsonl | kinds)" "near:1 unique:1" "swapped paragraphs are a near copy"
# The same words in another order each.
for seed in 1 2 3; do
	made 'state += '$seed'; for (i = 0; i < 50000; i++) say(w(random(3000)))' | object $seed $seed.example
done >shuffled.jsonl
is "$(scan shuffled.jsonl | kinds)" "unique:3" "the same words in another order are other texts"
finish
