#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# threads
# The same input gives the same verdicts, whatever was looked at ahead and by whom: a few articles at
# a time (nothing is), all at once, in large commits and small ones, and one worker or four.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"

# 900 articles of six sites: chrome that is learned on the way, copies with changed words of one not
# far before or of any, excerpts, and words so few that unlike articles share some in a row.
awk 'BEGIN {
	srand(7)
	for (n = 0; n < 900; n++) {
		lot = rand()
		from = n == 0 || lot < .5 ? n : lot < .8 && n > 20 ? n - 1 - int(rand() * 20) : int(rand() * n)
		if (from == n)
			for (p = 0; p < 4; p++) {
				text[n, p] = ""
				for (w = 0; w < 40; w++)
					text[n, p] = text[n, p] "w" int(rand() * rand() * 700) " "
			}
		else
			for (p = 0; p < 4; p++) {
				text[n, p] = text[from, p]
				if (rand() < .5)
					sub(/w[0-9]+ w[0-9]+/, "other words", text[n, p])
			}
		site = int(rand() * 6)
		printf "{\"id\":\"a%d\",\"site\":\"s%d.example\",\"title\":\"t%d\",\"text\":\"", n, site, n
		printf "This notice stands above every article of site %d and is none of its text.\\n", site
		for (p = 0; p < 4; p++)
			if (from == n || lot > .6 || p < 2)
				printf "%s\\n", text[n, p]
		printf "Share this story of site %d with all of your friends and with theirs too.\"}\n", site
	}
}' >"$TMP/news.jsonl"

verdicts() { # --set KEY=VALUE...
	"$REPRINT_BIN/reprintd" --config /dev/null --once "$@" - <"$TMP/news.jsonl" 2>"$LOG" |
		sed 's/"seen":"[^"]*"//'
}

# Fewer than what is worth calling for help (ahead.c).
split -l 15 "$TMP/news.jsonl" "$TMP/few."
for few in "$TMP"/few.*; do
	"$REPRINT_BIN/reprintd" --config /dev/null --once --store "$TMP/state" - <"$few" 2>>"$LOG"
done | sed 's/"seen":"[^"]*"//' >"$TMP/alone"
is "$(wc -l <"$TMP/alone")" 900 "every article is judged"
matches "$(grep -c '"verdict":"near"' "$TMP/alone")" '^[1-9][0-9]{2}$' "many are copies"
matches "$(grep -c '"chrome":[1-9]' "$TMP/alone")" '^[1-9][0-9]{2}$' "chrome was learned"
for threads in 1 4; do
	for batch in 20 1000; do
		verdicts --set threads=$threads --set batch_max=$batch >"$TMP/ahead"
		is "$(cmp "$TMP/alone" "$TMP/ahead" 2>&1)" "" \
			"verdicts are the same with $threads workers, $batch articles a commit"
	done
done
finish
