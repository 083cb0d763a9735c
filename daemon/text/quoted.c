/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/quoted.h"

/* Each may open or close: languages disagree on which does what. */
static const char *const marks[] = {
	"\"",           "'",
	"\xe2\x80\x9c", "\xe2\x80\x9d",
	"\xe2\x80\x9e", "\xe2\x80\x98",
	"\xe2\x80\x99", "\xc2\xab",
	"\xc2\xbb",     "\xe2\x80\xb9",
	"\xe2\x80\xba", "\xe3\x80\x8c",
	"\xe3\x80\x8d", "\xe3\x80\x8e",
	"\xe3\x80\x8f", "&quot;",
	"&ldquo;",      "&rdquo;",
	"&#34;",        "&#8220;",
	"&#8221;",      "&laquo;",
	"&raquo;",
};
#define MARK_COUNT (sizeof marks / sizeof marks[0])

static const char *const tails[] = { " ", ".", ",", "\xe3\x80\x82", "\xef\xbc\x8c", "\xd8\x8c" };
#define TAIL_COUNT (sizeof tails / sizeof tails[0])

static bool begins(struct span s, const char *part)
{
	size_t len = strlen(part);

	return s.len >= len && memcmp(s.p, part, len) == 0;
}

static bool ends(struct span s, const char *part)
{
	size_t len = strlen(part);

	return s.len >= len && memcmp(s.p + s.len - len, part, len) == 0;
}

/* Without blanks and stops at the end. */
static struct span trimmed(struct span s)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < TAIL_COUNT; i++) {
			if (ends(s, tails[i])) {
				s.len -= strlen(tails[i]);
				more = true;
			}
		}
	}
	return s;
}

bool quoted(struct span paragraph)
{
	struct span s = trimmed(paragraph);
	bool opened = false, closed = false;

	for (size_t i = 0; i < MARK_COUNT; i++) {
		opened |= begins(s, marks[i]);
		closed |= ends(s, marks[i]);
	}
	return opened && closed && s.len > 2;
}
