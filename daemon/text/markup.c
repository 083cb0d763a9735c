/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/markup.h"

#include <limits.h>

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include "base/bytes.h"
#include "text/utf8.h"

#define HTML_OPTIONS                                                                         \
	(HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | \
	 HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC | HTML_PARSE_NODEFDTD)
/* Without NOENT and DTDLOAD no entity is put in place and none is fetched; without HUGE libxml2
 * bounds nesting, names, texts and the work that entities may cause. */
#define XML_OPTIONS                                                                      \
	(XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET | XML_PARSE_COMPACT | \
	 XML_PARSE_IGNORE_ENC)

#define REFERENCE_BYTES 32u

static void take_note(struct markup_note *note, const xmlError *error)
{
	size_t len;

	if (error == NULL || error->message == NULL)
		return;
	len = strcspn(error->message, "\r\n");
	len = len < sizeof note->why ? len : sizeof note->why - 1;
	len = utf8_valid(span_of(error->message, len));
	memcpy(note->why, error->message, len);
	note->why[len] = '\0';
	note->line = error->line < 0 ? 0 : (uint32_t)error->line;
}

/* NUL ends the input for libxml2's HTML parser. */
static struct span without_nul(struct bytes *scratch, struct span s)
{
	if (s.len == 0 || memchr(s.p, '\0', s.len) == NULL)
		return s;
	bytes_clear(scratch);
	while (s.len > 0) {
		const char *nul = memchr(s.p, '\0', s.len);
		size_t n = nul == NULL ? s.len : (size_t)(nul - s.p);

		put_bytes(scratch, s.p, n);
		if (nul != NULL)
			put_text(scratch, UTF8_REPLACEMENT);
		n += nul != NULL;
		s = span_of(s.p + n, s.len - n);
	}
	return bytes_span(scratch);
}

enum status markup_html(struct _xmlDoc **out, struct bytes *scratch, struct span html,
			struct markup_note *note)
{
	struct span s = without_nul(scratch, html);
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();

	*note = (struct markup_note){ 0 };
	*out = NULL;
	if (ctxt == NULL)
		return STATUS_NO_MEMORY;
	if (s.len <= INT_MAX)
		*out = htmlCtxtReadMemory(ctxt, s.len == 0 ? " " : s.p, s.len == 0 ? 1 : (int)s.len,
					  NULL, "UTF-8", HTML_OPTIONS);
	/* Faults are the rule in HTML; only a parser that gave up is worth a word. */
	if (ctxt->disableSAX != 0) {
		note->mended = true;
		take_note(note, xmlCtxtGetLastError(ctxt));
	}
	htmlFreeParserCtxt(ctxt);
	return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static xmlDoc *parse_xml(struct span xml, int options, struct markup_note *note)
{
	xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	xmlDoc *doc = NULL;

	if (ctxt == NULL)
		return NULL;
	if (xml.len <= INT_MAX)
		doc = xmlCtxtReadMemory(ctxt, xml.p, (int)xml.len, NULL, "UTF-8",
					XML_OPTIONS | options);
	if (doc == NULL && note->why[0] == '\0')
		take_note(note, xmlCtxtGetLastError(ctxt));
	xmlFreeParserCtxt(ctxt);
	return doc;
}

/* Length of the reference "&...;" at s.p, 0 if none stands there. */
static size_t reference_len(struct span s)
{
	size_t i = 1;
	bool number = s.len > 1 && s.p[1] == '#';

	for (i += number; i < s.len && i < REFERENCE_BYTES; i++) {
		char c = s.p[i];
		bool digit = c >= '0' && c <= '9';

		if (c == ';')
			return i > 1u + number ? i + 1 : 0;
		if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return 0;
	}
	return 0;
}

/* What stands for the '&' at s.p: the reference as it is where XML knows it, the character for a
 * name that only HTML knows, "&amp;" for one that is no reference. Returns what was used of s. */
static size_t mend_ampersand(struct bytes *out, struct span s)
{
	size_t len = reference_len(s);
	char name[REFERENCE_BYTES];
	const htmlEntityDesc *known;

	if (len == 0) {
		put_text(out, "&amp;");
		return 1;
	}
	memcpy(name, s.p + 1, len - 2);
	name[len - 2] = '\0';
	known = htmlEntityLookup((const xmlChar *)name);
	if (known == NULL || known->value < 0x80)
		put_bytes(out, s.p, len);
	else
		utf8_put(out, known->value);
	return len;
}

/* A copy in which what XML forbids but feeds contain is repaired: control characters, bare
 * ampersands, HTML's names of characters. CDATA keeps its ampersands. */
static struct span mended(struct bytes *scratch, struct span s)
{
	static const char open[] = "<![CDATA[", close[] = "]]>";
	bool cdata = false;

	bytes_clear(scratch);
	while (s.len > 0) {
		size_t used = 1;
		char c = s.p[0];

		if (c == '<' && s.len >= 9 && memcmp(s.p, open, 9) == 0)
			cdata = true;
		else if (c == ']' && s.len >= 3 && memcmp(s.p, close, 3) == 0)
			cdata = false;
		if (c == '&' && !cdata)
			used = mend_ampersand(scratch, s);
		else if ((unsigned char)c < 0x20 && c != '\n' && c != '\t' && c != '\r')
			put_u8(scratch, ' ');
		else
			put_u8(scratch, (uint8_t)c);
		s = span_of(s.p + used, s.len - used);
	}
	return bytes_span(scratch);
}

enum status markup_xml(struct _xmlDoc **out, struct bytes *scratch, struct span xml,
		       struct markup_note *note)
{
	*note = (struct markup_note){ 0 };
	while (xml.len > 0 && (unsigned char)xml.p[0] <= ' ')
		xml = span_of(xml.p + 1, xml.len - 1);
	*out = parse_xml(xml, 0, note);
	if (*out != NULL)
		return STATUS_OK;
	note->mended = true;
	xml = mended(scratch, xml);
	if (scratch->failed)
		return STATUS_NO_MEMORY;
	*out = parse_xml(xml, XML_PARSE_RECOVER, note);
	if (*out != NULL && xmlDocGetRootElement(*out) != NULL)
		return STATUS_OK;
	xmlFreeDoc(*out);
	*out = NULL;
	return STATUS_MALFORMED;
}
