#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Stories in many scripts, found at another site in another encoding, edited, and in parts.
# shellcheck source=tests/flow/lib.sh
. "$(dirname "$0")/lib.sh"
TEXTS=$(cd "$(dirname "$0")" && pwd)/scripts
: >"$LOG"
cd "$TMP" || exit 1

page() { # charset; paragraphs in it on stdin
	printf '<html><head><meta charset="%s"><title>t</title></head><body><article>\n' "$1"
	LC_ALL=C sed 's|.*|<p>&</p>|'
	echo '</article></body></html>'
}
feed() { # charset; text in it on stdin
	printf '<?xml version="1.0" encoding="%s"?><rss version="2.0"><channel><title>f</title>' "$1"
	echo '<item><guid>1</guid><title>t</title><description>'
	LC_ALL=C sed 's|.*|\&lt;p\&gt;&\&lt;/p\&gt;|'
	echo '</description></item></channel></rss>'
}
# As references what is not ASCII, or only the letters that Arabic charsets lack.
as_references() { # perl's class of characters
	perl -CSD -pe "s/([$1])/'&#'.ord(\$1).';'/ge"
}
in_charset() { # charset
	as_references '\x{67e}\x{686}\x{698}\x{6af}\x{6cc}\x{6a9}\x{654}\x{66c}\x{200c}' | iconv -f UTF-8 -t "$1"
}
site() { mkdir -p "root/$1.test" && cat >"root/$1.test/$2"; } # name, file; content on stdin

# What a site's file is to the story.
says() { # name, kind, sentence
	is "$(jq -r --arg site "$1.test" --arg id "a.example/$story.txt" \
		'select(.site == $site).matches[] | select(.id == $id).kind' verdicts)" "$2" "$story: $3"
}

charsets() { # language
	case $1 in
	persian | arabic) echo windows-1256 ISO-8859-6 ;;
	chinese) echo GB18030 GBK ;;
	traditional) echo Big5 ;;
	japanese) echo Shift_JIS EUC-JP ISO-2022-JP ;;
	thai) echo TIS-620 ;;
	russian) echo KOI8-R windows-1251 ;;
	esac
}

for path in "$TEXTS"/*.txt; do
	story=$(basename "$path" .txt)
	rm -rf root
	mkdir -p root/a.example
	cp "$path" root/a.example/
	as_references '^\x00-\x7f' <"$path" | page us-ascii | site references x.html
	jq -a -R -s '{text: .}' <"$path" | site escapes x.json
	{ printf '\377\376' && iconv -f UTF-8 -t UTF-16LE "$path"; } | site utf16 x.txt
	page windows-1256 <"$path" | site misdeclared x.html
	for charset in $(charsets "$story"); do
		in_charset "$charset" <"$path" | page "$charset" | site "page-$charset" x.html
		in_charset "$charset" <"$path" | sed 's/&#/\&amp;#/g' | feed "$charset" | site "feed-$charset" x.xml
	done
	# Two letters of each paragraph, one paragraph cut out, and a paragraph alone.
	perl -CSD -pe 's/^(.{20})../$1 x/' "$path" | site edited x.txt
	sed 2d "$path" | site dropped x.txt
	sed -n 2p "$path" | site alone x.txt
	rp --json scan root >verdicts 2>>"$LOG"
	for name in root/*.test; do
		name=$(basename "$name" .test)
		case $name in
		edited) says edited near "an edited copy is near" ;;
		dropped) says dropped near "the first and the last paragraph of three are near" ;;
		alone) says alone excerpt "a paragraph of three is an excerpt" ;;
		*) says "$name" exact "$name is the same" ;;
		esac
	done
done
finish
