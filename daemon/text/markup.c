/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/markup.h"

#include <limits.h>

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include "base/bytes.h"
#include "text/doctype.h"
#include "text/tame.h"
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

/* The parser's many faults in the few words that help whoever made the document. */
static const char *why_of(const xmlError *error)
{
	switch (error->code) {
	case XML_ERR_DOCUMENT_EMPTY:
		return "it does not begin with a tag";
	case XML_ERR_TAG_NAME_MISMATCH:
		return "an end tag in it does not match its start tag";
	case XML_ERR_TAG_NOT_FINISHED:
	case XML_ERR_DOCUMENT_END:
	case XML_ERR_GT_REQUIRED:
	case XML_ERR_CDATA_NOT_FINISHED:
	case XML_ERR_COMMENT_NOT_FINISHED:
		return "it ends or breaks off inside of an element";
	case XML_ERR_UNDECLARED_ENTITY:
		return "a name like &nbsp; that XML does not know stands in it";
	case XML_ERR_NAME_REQUIRED:
	case XML_ERR_ENTITYREF_SEMICOL_MISSING:
		return "a bare & or < stands in its text";
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INVALID_CHARREF:
		return "a character that XML forbids stands in it";
	case XML_ERR_INTERNAL_ERROR:
		return "it is nested too deep";
	default:
		return "its markup is broken";
	}
}

/* Notes the first fault that ends a document. libxml2 tells some faults on stderr whatever the
 * options say, unless somebody listens. */
static void hear(void *ctx, xmlErrorPtr error)
{
	struct markup_note *note = ((xmlParserCtxtPtr)ctx)->_private;

	if (error->level != XML_ERR_FATAL || note->why[0] != '\0')
		return;
	note->why = why_of(error);
	note->line = error->line < 0 ? 0 : (uint32_t)error->line;
}

static void listen(xmlParserCtxtPtr ctxt, struct markup_note *note)
{
	ctxt->sax->initialized = XML_SAX2_MAGIC;
	ctxt->sax->serror = hear;
	ctxt->_private = note;
}

static xmlDoc *parse_html(struct span s, struct markup_note *note)
{
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();
	xmlDoc *doc = NULL;

	if (ctxt == NULL)
		return NULL;
	listen(ctxt, note);
	if (s.len == 0)
		s = span_of_text(" ");
	if (s.len <= INT_MAX)
		doc = htmlCtxtReadMemory(ctxt, s.p, (int)s.len, NULL, "UTF-8", HTML_OPTIONS);
	/* Faults are the rule in HTML; only a parser that gave up is worth a word. */
	note->mended |= ctxt->disableSAX != 0;
	htmlFreeParserCtxt(ctxt);
	return doc;
}

enum status markup_html(struct _xmlDoc **out, struct bytes *scratch, struct span html,
			struct markup_note *note)
{
	struct bytes copy = { 0 };
	struct span s;

	*note = (struct markup_note){ .why = "" };
	if (tame_heavy(html, true))
		return STATUS_TOO_LARGE;
	s = tame_html(scratch, html);
	*out = scratch->failed ? NULL : parse_html(s, note);
	/* Too deep for libxml2: once more without what only nests. */
	if (*out != NULL && note->mended) {
		xmlFreeDoc(*out);
		*out = NULL;
		tame_flat(&copy, s);
		if (!copy.failed)
			*out = parse_html(bytes_span(&copy), note);
	}
	bytes_free(&copy);
	return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static xmlDoc *parse_xml(struct span xml, int options, struct markup_note *note)
{
	xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	xmlDoc *doc = NULL;

	if (ctxt == NULL)
		return NULL;
	listen(ctxt, note);
	if (xml.len <= INT_MAX)
		doc = xmlCtxtReadMemory(ctxt, xml.p, (int)xml.len, NULL, "UTF-8",
					XML_OPTIONS | options);
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
	struct bytes copy = { 0 }, bare = { 0 };
	bool failed;

	*note = (struct markup_note){ .why = "" };
	while (xml.len > 0 && (unsigned char)xml.p[0] <= ' ')
		xml = span_of(xml.p + 1, xml.len - 1);
	if (tame_heavy(xml, false))
		return STATUS_TOO_LARGE;
	xml = tame_xml(&copy, doctype_tame(&bare, xml));
	*out = parse_xml(xml, 0, note);
	if (*out == NULL) {
		note->mended = true;
		xml = mended(scratch, xml);
		if (!scratch->failed)
			*out = parse_xml(xml, XML_PARSE_RECOVER, note);
	}
	failed = copy.failed || bare.failed || scratch->failed;
	bytes_free(&copy);
	bytes_free(&bare);
	if (failed)
		return STATUS_NO_MEMORY;
	if (*out != NULL && xmlDocGetRootElement(*out) != NULL)
		return STATUS_OK;
	xmlFreeDoc(*out);
	*out = NULL;
	return STATUS_MALFORMED;
}
