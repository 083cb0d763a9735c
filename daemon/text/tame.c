/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/tame.h"

#include <strings.h>

#include "base/bytes.h"
#include "text/tag.h"
#include "text/utf8.h"

/* Of one element; real ones have less than a hundred. */
#define ATTRIBUTES 128u
#define NAME_BYTES 16u

/* Where the element, comment or section that begins at s.p[0] == '<' ends, past its '>'. *out_cut
 * is where its attributes become too many, the end if they do not. */
static size_t tag_end(struct span s, size_t *out_cut, unsigned *out_attributes)
{
	unsigned attributes = 0;
	bool apart = false; /* between two attributes */
	size_t i = 1;

	*out_cut = SIZE_MAX;
	for (; i < s.len && s.p[i] != '>'; i++) {
		bool blank = (unsigned char)s.p[i] <= ' ' || s.p[i] == '/';

		if (apart && !blank && ++attributes > ATTRIBUTES && *out_cut == SIZE_MAX)
			*out_cut = i;
		apart = blank;
		if (s.p[i] != '=' || i + 1 == s.len || (s.p[i + 1] != '"' && s.p[i + 1] != '\''))
			continue;
		const char *quote = memchr(s.p + i + 2, s.p[i + 1], s.len - i - 2);

		i = quote == NULL ? s.len - 1 : (size_t)(quote - s.p);
		apart = true;
	}
	if (*out_cut == SIZE_MAX)
		*out_cut = i;
	*out_attributes = attributes < ATTRIBUTES ? attributes : ATTRIBUTES;
	return i;
}

/* Past the end of something that begins at s.p and in which tags are no tags; 0 if nothing such
 * begins there. */
static size_t skip_raw(struct span s, bool html)
{
	static const struct {
		const char *open, *close;
		size_t from; /* where the close may begin: "<!-->" is a comment */
		bool html, xml;
	} raw[] = {
		{ "<!--", "-->", 2, true, true },
		{ "<![CDATA[", "]]>", 9, false, true },
		{ "<script", "</script", 7, true, false },
		{ "<style", "</style", 6, true, false },
	};

	for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
		size_t open = strlen(raw[i].open), close = strlen(raw[i].close);

		if (!(html ? raw[i].html : raw[i].xml) || s.len < open ||
		    strncasecmp(s.p, raw[i].open, open) != 0)
			continue;
		for (const char *p = s.p + raw[i].from;
		     (p = memchr(p, raw[i].close[0], (size_t)(s.p + s.len - p))) != NULL; p++)
			if ((size_t)(s.p + s.len - p) >= close &&
			    strncasecmp(p, raw[i].close, close) == 0)
				return (size_t)(p - s.p) + close;
		return s.len;
	}
	return 0;
}

static struct span cut_attributes(struct bytes *scratch, struct span html, bool is_html)
{
	const char *at = html.p, *end = html.p + html.len, *from = html.p;

	bytes_clear(scratch);
	while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		struct span rest = span_of(at, (size_t)(end - at));
		size_t cut, used = skip_raw(rest, is_html);
		unsigned attributes;

		if (used == 0) {
			used = tag_end(rest, &cut, &attributes);
			if (cut < used) {
				put_bytes(scratch, from, (size_t)(at + cut - from));
				from = at + used;
			}
		}
		at += used;
	}
	if (from == html.p)
		return html;
	put_bytes(scratch, from, (size_t)(end - from));
	return bytes_span(scratch);
}

struct span tame_xml(struct bytes *scratch, struct span xml)
{
	return cut_attributes(scratch, xml, false);
}

static void replace_nul(struct bytes *out, struct span s)
{
	while (s.len > 0) {
		const char *nul = memchr(s.p, '\0', s.len);
		size_t n = nul == NULL ? s.len : (size_t)(nul - s.p);

		put_bytes(out, s.p, n);
		if (nul != NULL)
			put_text(out, UTF8_REPLACEMENT);
		n += nul != NULL;
		s = span_of(s.p + n, s.len - n);
	}
}

struct span tame_html(struct bytes *scratch, struct span html)
{
	struct bytes copy = { 0 };
	struct span s = html;

	if (html.len == 0 || memchr(html.p, '\0', html.len) == NULL)
		return cut_attributes(scratch, html, true);
	replace_nul(&copy, html);
	s = cut_attributes(scratch, bytes_span(&copy), true);
	if (s.p == copy.p) {
		bytes_clear(scratch);
		put_bytes(scratch, s.p, s.len);
	}
	scratch->failed |= copy.failed;
	bytes_free(&copy);
	return bytes_span(scratch);
}

/* What libxml2 2.9 takes on a machine of 64 bits, and for HTML what a line of its page does. */
#define TEXT_BYTES 128u /* before each tag there may be some */
#define ELEMENT_BYTES 128u
#define LINE_BYTES 256u
#define ATTRIBUTE_BYTES 256u
#define FREE_BYTES ((size_t)128 << 20)
#define TIMES 12u

static size_t burden_of_tag(struct span s, bool html, size_t *out_used)
{
	size_t cut, raw = skip_raw(s, html);
	unsigned attributes = 0;

	*out_used = raw > 0 ? raw : tag_end(s, &cut, &attributes);
	if (s.len > 1 && s.p[1] == '/')
		return TEXT_BYTES;
	return TEXT_BYTES + ELEMENT_BYTES + html * LINE_BYTES + attributes * ATTRIBUTE_BYTES;
}

bool tame_heavy(struct span markup, bool html)
{
	const char *at = markup.p, *end = markup.p + markup.len;
	size_t burden = 0, used;

	while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		burden += burden_of_tag(span_of(at, (size_t)(end - at)), html, &used);
		at += used;
	}
	return burden > FREE_BYTES + TIMES * markup.len;
}

/* The name of the tag at s.p[0] == '<', "" if none begins there. */
static void name_of(char name[NAME_BYTES], struct span s)
{
	size_t i = s.len > 1 && s.p[1] == '/' ? 2 : 1, len = 0;

	while (i < s.len && len < NAME_BYTES - 1 &&
	       ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		(s.p[i] >= '0' && s.p[i] <= '9')))
		name[len++] = s.p[i++];
	name[len] = '\0';
}

/* Paragraphs and headings end each other and metadata stands in no one's way; everything else
 * becomes a line break, or nothing. */
static void put_flat(struct bytes *out, struct span tag)
{
	char name[NAME_BYTES];
	unsigned bits;

	name_of(name, tag);
	bits = tag_named(name);
	if (name[0] == '\0' || strcasecmp(name, "p") == 0 || strcasecmp(name, "meta") == 0 ||
	    strcasecmp(name, "link") == 0 || strcasecmp(name, "title") == 0 ||
	    (bits & (TAG_HEADING | TAG_BREAK)))
		put_bytes(out, tag.p, tag.len);
	else if (bits & TAG_BLOCK)
		put_text(out, "<br>");
}

void tame_flat(struct bytes *out, struct span html)
{
	const char *end = html.p + html.len, *at = html.p;

	bytes_clear(out);
	while (at < end) {
		struct span rest = span_of(at, (size_t)(end - at));
		size_t cut, used;
		unsigned attributes;

		if (*at != '<') {
			const char *next = memchr(at, '<', rest.len);

			used = next == NULL ? rest.len : (size_t)(next - at);
			put_bytes(out, at, used);
		} else if ((used = skip_raw(rest, true)) == 0) {
			used = tag_end(rest, &cut, &attributes);
			used += used < rest.len;
			put_flat(out, span_of(at, used));
		}
		at += used;
	}
}
