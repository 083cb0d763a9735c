/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/doctype.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

#define DECLARATIONS_MAX ((size_t)16 << 10)

static bool starts(struct span s, const char *with)
{
	size_t len = strlen(with);

	return s.len >= len && memcmp(s.p, with, len) == 0;
}

static struct span after(struct span s, size_t len)
{
	return span_of(s.p + len, s.len - len);
}

/* Length up to and with `end`, looked for from `from` on; all of s without one. */
static size_t length_to(struct span s, size_t from, const char *end)
{
	size_t len = strlen(end);
	const char *found = s.len < from ? NULL : memmem(s.p + from, s.len - from, end, len);

	return found == NULL ? s.len : (size_t)(found - s.p) + len;
}

/* Length of the comment, instruction or quoted text at s, else of one character. */
static size_t step(struct span s)
{
	if (starts(s, "<!--"))
		return length_to(s, 4, "-->");
	if (starts(s, "<?"))
		return length_to(s, 2, "?>");
	if (s.p[0] == '"' || s.p[0] == '\'')
		return length_to(s, 1, s.p[0] == '"' ? "\"" : "'");
	return 1;
}

static size_t blanks(struct span s)
{
	size_t n = 0;

	while (n < s.len && (unsigned char)s.p[n] <= ' ')
		n++;
	return n;
}

/* What stands between "[" and "]" of the DOCTYPE; empty where there is nothing. */
static struct span declarations(struct span xml)
{
	struct span s = after(xml, blanks(xml)), inside;

	while (starts(s, "<?") || starts(s, "<!--")) {
		s = after(s, step(s));
		s = after(s, blanks(s));
	}
	if (!starts(s, "<!DOCTYPE"))
		return span_of(s.p, 0);
	s = after(s, 9);
	while (s.len > 0 && s.p[0] != '[' && s.p[0] != '>')
		s = after(s, step(s));
	if (s.len == 0 || s.p[0] == '>')
		return span_of(s.p, 0);
	s = after(s, 1);
	inside = s;
	while (s.len > 0 && s.p[0] != ']')
		s = after(s, step(s));
	return span_of(inside.p, inside.len - s.len);
}

static bool harmless(struct span s)
{
	return s.len <= DECLARATIONS_MAX &&
	       (s.len == 0 ||
		(memchr(s.p, '%', s.len) == NULL && memmem(s.p, s.len, "<!ATTLIST", 9) == NULL));
}

struct span doctype_tame(struct bytes *scratch, struct span xml)
{
	struct span inside;
	size_t front;

	if (xml.len == 0)
		return xml;
	inside = declarations(xml);
	if (harmless(inside))
		return xml;
	front = (size_t)(inside.p - xml.p);
	bytes_clear(scratch);
	put_bytes(scratch, xml.p, front);
	put_bytes(scratch, inside.p + inside.len, xml.len - front - inside.len);
	return bytes_span(scratch);
}
