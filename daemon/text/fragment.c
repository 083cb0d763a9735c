/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fragment.h"

#include <strings.h>

#include <reprint/article.h>

#include <libxml/tree.h>

#include "text/draft.h"
#include "text/flow.h"
#include "text/markup.h"

static bool has_markup(struct span s)
{
	return s.len > 0 && (memchr(s.p, '<', s.len) != NULL || memchr(s.p, '&', s.len) != NULL);
}

static bool has_blocks(struct span s)
{
	static const char *const tags[] = { "<p", "<br", "<div", "<li", "<t", "<h", "<pre" };

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		for (const char *p = s.p; (p = memchr(p, '<', (size_t)(s.p + s.len - p))) != NULL;
		     p++)
			if ((size_t)(s.p + s.len - p) > strlen(tags[i]) &&
			    strncasecmp(p, tags[i], strlen(tags[i])) == 0)
				return true;
	return false;
}

/* Where nothing but blank lines tells the paragraphs, blank lines do. */
static struct span with_breaks(struct bytes *out, struct span s)
{
	const char *end = s.p + s.len, *from = s.p;

	for (const char *p = s.p; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;) {
		const char *next = p + 1;

		while (next < end && (*next == ' ' || *next == '\t' || *next == '\r'))
			next++;
		if (next < end && *next == '\n') {
			put_bytes(out, from, (size_t)(p - from));
			put_text(out, "<br>");
			from = next;
		}
		p = next;
	}
	if (from == s.p)
		return s;
	put_bytes(out, from, (size_t)(end - from));
	return bytes_span(out);
}

enum status fragment_read(struct draft *d, struct span html)
{
	struct bytes scratch = { 0 }, broken = { 0 };
	struct markup_note note;
	struct flow flow = { .draft = d };
	struct _xmlDoc *doc;
	enum status st;

	d->flags |= ARTICLE_FROM_HTML;
	if (!has_markup(html)) {
		draft_paragraph(d, html, 0);
		return STATUS_OK;
	}
	if (!has_blocks(html))
		html = with_breaks(&broken, html);
	st = broken.failed ? STATUS_NO_MEMORY : markup_html(&doc, &scratch, html, &note);
	if (st == STATUS_OK) {
		if (note.mended)
			d->flags |= ARTICLE_RECOVERED;
		flow_read(&flow, xmlDocGetRootElement(doc));
		st = flow.line.failed ? STATUS_NO_MEMORY : STATUS_OK;
		flow_close(&flow);
		xmlFreeDoc(doc);
	}
	bytes_free(&scratch);
	bytes_free(&broken);
	return st;
}

enum status fragment_line(struct bytes *out, struct span html)
{
	struct bytes scratch = { 0 };
	struct markup_note note;
	struct _xmlDoc *doc;
	enum status st;

	if (!has_markup(html)) {
		put_bytes(out, html.p, html.len);
		return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
	}
	st = markup_html(&doc, &scratch, html, &note);
	if (st == STATUS_OK) {
		flow_line(out, xmlDocGetRootElement(doc));
		st = out->failed ? STATUS_NO_MEMORY : STATUS_OK;
		xmlFreeDoc(doc);
	}
	bytes_free(&scratch);
	return st;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "&name;", "&#39;", "&#x27;" at s.p. */
static bool is_reference(struct span s)
{
	size_t i = 1;

	if (i < s.len && s.p[i] == '#')
		i++;
	while (i < s.len && i < 12 && (is_letter(s.p[i]) || (s.p[i] >= '0' && s.p[i] <= '9')))
		i++;
	return i > 2 && i < s.len && s.p[i] == ';';
}

/* "<b>", "</b>", "<br/>", "<a href=...>" at s.p: a name right after the bracket, and an end. */
static bool is_tag(struct span s)
{
	size_t i = s.len > 1 && s.p[1] == '/' ? 2 : 1, from = i;

	while (i < s.len && i < 16 && (is_letter(s.p[i]) || (s.p[i] >= '0' && s.p[i] <= '9')))
		i++;
	if (i == from || i == s.len || !is_letter(s.p[from]) ||
	    (s.p[i] != '>' && s.p[i] != '/' && s.p[i] != ' ' && s.p[i] != '\n'))
		return false;
	return memchr(s.p + i, '>', s.len - i) != NULL;
}

bool fragment_is_markup(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct span rest = span_of(text.p + i, text.len - i);

		if ((text.p[i] == '&' && is_reference(rest)) || (text.p[i] == '<' && is_tag(rest)))
			return true;
	}
	return false;
}
