/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/text.h"

#include <strings.h>

/* How much of a file is looked at. */
#define LOOK_BYTES 4096u

static const struct {
	const char *extension;
	enum text_format format;
} extensions[] = {
	{ ".txt", TEXT_PLAIN }, { ".text", TEXT_PLAIN },  { ".html", TEXT_HTML },
	{ ".htm", TEXT_HTML },  { ".xhtml", TEXT_HTML },  { ".xml", TEXT_XML },
	{ ".rss", TEXT_XML },   { ".atom", TEXT_XML },    { ".rdf", TEXT_XML },
	{ ".json", TEXT_JSON }, { ".jsonl", TEXT_JSONL }, { ".ndjson", TEXT_JSONL },
};

static bool ends_with(struct span s, const char *end)
{
	size_t len = strlen(end);

	/* A name that is nothing but an extension is a hidden file's name. */
	return s.len > len && strncasecmp(s.p + s.len - len, end, len) == 0 &&
	       s.p[s.len - len - 1] != '/';
}

enum text_format text_format_of_name(struct span name, bool *out_gzip)
{
	*out_gzip = ends_with(name, ".gz");
	if (*out_gzip)
		name.len -= 3;
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		if (ends_with(name, extensions[i].extension))
			return extensions[i].format;
	return TEXT_UNKNOWN;
}

/* To the letter: ".TMP" is somebody's own name. */
static bool ends_in(struct span name, const char *end)
{
	size_t len = strlen(end);

	return name.len >= len && memcmp(name.p + name.len - len, end, len) == 0;
}

bool text_name_is_ignored(struct span name)
{
	return name.len == 0 || name.p[0] == '.' || ends_in(name, ".tmp") ||
	       ends_in(name, ".part") || ends_in(name, "~");
}

const char *text_format_name(enum text_format format)
{
	static const char *const names[] = {
		[TEXT_UNKNOWN] = "unknown", [TEXT_PLAIN] = "text", [TEXT_HTML] = "html",
		[TEXT_XML] = "xml",         [TEXT_JSON] = "json",  [TEXT_JSONL] = "jsonl",
	};

	return (unsigned)format < sizeof names / sizeof *names ? names[format] : names[0];
}

static bool has(struct span s, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= s.len; i++)
		if (strncasecmp(s.p + i, word, len) == 0)
			return true;
	return false;
}

static bool begins(struct span s, const char *word)
{
	size_t len = strlen(word);

	return s.len >= len && strncasecmp(s.p, word, len) == 0;
}

static enum text_format of_markup(struct span s)
{
	static const char *const tags[] = { "<html", "<head", "<body", "<article", "<div",
					    "<p>",   "<h1",   "<meta", "<title",   "<!--" };

	if (begins(s, "<!doctype html") || begins(s, "<html"))
		return TEXT_HTML;
	if (has(s, "<rss") || has(s, "<feed") || has(s, "<rdf:RDF"))
		return TEXT_XML;
	if (has(s, "<!doctype html") || has(s, "<html"))
		return TEXT_HTML;
	if (begins(s, "<?xml"))
		return TEXT_XML;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (begins(s, tags[i]))
			return TEXT_HTML;
	return TEXT_PLAIN;
}

/* An object that ends on its line, with another one on the next, is JSON Lines. */
static enum text_format of_json(struct span all)
{
	const char *nl = memchr(all.p, '\n', all.len), *end = all.p + all.len;
	const char *last = nl;

	if (all.p[0] == '[' || nl == NULL)
		return TEXT_JSON;
	while (last > all.p && (last[-1] == ' ' || last[-1] == '\r'))
		last--;
	while (nl < end && (*nl == '\n' || *nl == '\r' || *nl == ' '))
		nl++;
	return last[-1] == '}' && nl < end && *nl == '{' ? TEXT_JSONL : TEXT_JSON;
}

/* What no text has: NUL and most controls. UTF-16 is told by its byte order mark before. */
static bool binary(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && !(c >= 8 && c <= 13) && c != 0x1B) || c == 0x7F)
			return true;
	}
	return false;
}

/* The ASCII part of UTF-16 with a byte order mark, so that it can be told like everything else. */
static struct span narrowed(char *out, size_t room, struct span s)
{
	size_t len = 0, low = s.p[0] == '\xFF' ? 0 : 1;

	for (size_t i = 2; i + 2 <= s.len && len < room; i += 2)
		out[len++] =
			s.p[i + 1 - low] == 0 && (s.p[i + low] & 0x80) == 0 ? s.p[i + low] : '?';
	return span_of(out, len);
}

enum text_format text_format_of_bytes(struct span bytes)
{
	struct span s = span_of(bytes.p, bytes.len > LOOK_BYTES ? LOOK_BYTES : bytes.len);
	char narrow[LOOK_BYTES / 2];

	if (begins(s, "\xFF\xFE") || begins(s, "\xFE\xFF"))
		s = bytes = narrowed(narrow, sizeof narrow, s);
	if (begins(s, "\xEF\xBB\xBF"))
		s = span_of(s.p + 3, s.len - 3);
	while (s.len > 0 && strchr(" \t\r\n", s.p[0]) != NULL && s.p[0] != '\0')
		s = span_of(s.p + 1, s.len - 1);
	if (s.len == 0 || binary(s) || begins(s, "%PDF-") || begins(s, "{\\rtf"))
		return TEXT_UNKNOWN;
	if (s.p[0] == '<')
		return of_markup(s);
	if (s.p[0] == '{' || s.p[0] == '[') {
		size_t at = (size_t)(s.p - bytes.p);

		return of_json(span_of(s.p, bytes.len - at));
	}
	return TEXT_PLAIN;
}
