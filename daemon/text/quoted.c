/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/quoted.h"

struct part {
	const char *p;
	size_t len;
};
#define PART(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}

/* Each may open or close: languages disagree on which does what. */
static const struct part marks[] = {
	PART("\""),           PART("'"),
	PART("\xe2\x80\x9c"), PART("\xe2\x80\x9d"),
	PART("\xe2\x80\x9e"), PART("\xe2\x80\x98"),
	PART("\xe2\x80\x99"), PART("\xc2\xab"),
	PART("\xc2\xbb"),     PART("\xe2\x80\xb9"),
	PART("\xe2\x80\xba"), PART("\xe3\x80\x8c"),
	PART("\xe3\x80\x8d"), PART("\xe3\x80\x8e"),
	PART("\xe3\x80\x8f"), PART("&quot;"),
	PART("&ldquo;"),      PART("&rdquo;"),
	PART("&#34;"),        PART("&#8220;"),
	PART("&#8221;"),      PART("&laquo;"),
	PART("&raquo;"),
};
#define MARK_COUNT (sizeof marks / sizeof marks[0])

static const struct part tails[] = {
	PART(" "),        PART("."), PART(","), PART("\xe3\x80\x82"), PART("\xef\xbc\x8c"),
	PART("\xd8\x8c"),
};
#define TAIL_COUNT (sizeof tails / sizeof tails[0])

static bool begins(struct span s, const struct part *part)
{
	return s.len >= part->len && s.p[0] == part->p[0] && memcmp(s.p, part->p, part->len) == 0;
}

static bool ends(struct span s, const struct part *part)
{
	return s.len >= part->len && s.p[s.len - 1] == part->p[part->len - 1] &&
	       memcmp(s.p + s.len - part->len, part->p, part->len) == 0;
}

/* Without blanks and stops at the end. */
static struct span trimmed(struct span s)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < TAIL_COUNT; i++) {
			if (ends(s, &tails[i])) {
				s.len -= tails[i].len;
				more = true;
			}
		}
	}
	return s;
}

static bool opened(struct span s)
{
	for (size_t i = 0; i < MARK_COUNT; i++)
		if (begins(s, &marks[i]))
			return true;
	return false;
}

static bool closed(struct span s)
{
	for (size_t i = 0; i < MARK_COUNT; i++)
		if (ends(s, &marks[i]))
			return true;
	return false;
}

bool quoted(struct span paragraph)
{
	struct span s;

	if (!opened(paragraph)) /* most are not */
		return false;
	s = trimmed(paragraph);
	return s.len > 2 && opened(s) && closed(s);
}
