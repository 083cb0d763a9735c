/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/tag.h"

#include <stddef.h>

#include <libxml/tree.h>

static const struct row {
	const char *name;
	unsigned bits;
} rows[] = {
	/* sorted by name */
	{ "a", TAG_LINK },
	{ "address", TAG_BLOCK | TAG_ASIDE },
	{ "applet", TAG_SKIP },
	{ "article", TAG_BLOCK | TAG_MAIN },
	{ "aside", TAG_BLOCK | TAG_ASIDE },
	{ "audio", TAG_SKIP },
	{ "blockquote", TAG_BLOCK | TAG_QUOTE | TAG_TEXT },
	{ "body", TAG_BLOCK },
	{ "br", TAG_BREAK },
	{ "button", TAG_SKIP },
	{ "canvas", TAG_SKIP },
	{ "caption", TAG_BLOCK | TAG_CAPTION },
	{ "center", TAG_BLOCK },
	{ "datalist", TAG_SKIP },
	{ "dd", TAG_BLOCK | TAG_ITEM },
	{ "details", TAG_BLOCK },
	{ "dialog", TAG_BLOCK | TAG_ASIDE },
	{ "dir", TAG_BLOCK | TAG_LIST },
	{ "div", TAG_BLOCK },
	{ "dl", TAG_BLOCK | TAG_LIST },
	{ "dt", TAG_BLOCK | TAG_ITEM },
	{ "embed", TAG_SKIP },
	{ "fieldset", TAG_BLOCK },
	{ "figcaption", TAG_BLOCK | TAG_CAPTION },
	{ "figure", TAG_BLOCK | TAG_FIGURE },
	{ "footer", TAG_BLOCK | TAG_ASIDE },
	{ "form", TAG_BLOCK | TAG_FORM },
	{ "frameset", TAG_SKIP },
	{ "h1", TAG_BLOCK | TAG_HEADING | TAG_HEADLINE },
	{ "h2", TAG_BLOCK | TAG_HEADING },
	{ "h3", TAG_BLOCK | TAG_HEADING },
	{ "h4", TAG_BLOCK | TAG_HEADING },
	{ "h5", TAG_BLOCK | TAG_HEADING },
	{ "h6", TAG_BLOCK | TAG_HEADING },
	{ "head", TAG_BLOCK },
	{ "header", TAG_BLOCK },
	{ "hgroup", TAG_BLOCK },
	{ "hr", TAG_BLOCK },
	{ "html", TAG_BLOCK },
	{ "iframe", TAG_SKIP },
	{ "input", TAG_SKIP },
	{ "legend", TAG_BLOCK },
	{ "li", TAG_BLOCK | TAG_ITEM },
	{ "link", TAG_SKIP },
	{ "main", TAG_BLOCK | TAG_MAIN },
	{ "map", TAG_SKIP },
	{ "menu", TAG_BLOCK | TAG_ASIDE },
	{ "meta", TAG_SKIP },
	{ "nav", TAG_BLOCK | TAG_ASIDE },
	{ "noembed", TAG_SKIP },
	{ "noframes", TAG_SKIP },
	{ "noscript", TAG_SKIP },
	{ "object", TAG_SKIP },
	{ "ol", TAG_BLOCK | TAG_LIST },
	{ "optgroup", TAG_SKIP },
	{ "option", TAG_SKIP },
	{ "p", TAG_BLOCK | TAG_TEXT },
	{ "pre", TAG_BLOCK | TAG_TEXT | TAG_PRE },
	{ "rp", TAG_SKIP },
	{ "rt", TAG_SKIP },
	{ "script", TAG_SKIP },
	{ "section", TAG_BLOCK },
	{ "select", TAG_SKIP },
	{ "style", TAG_SKIP },
	{ "summary", TAG_BLOCK },
	{ "svg", TAG_SKIP },
	{ "table", TAG_BLOCK | TAG_TABLE },
	{ "tbody", TAG_BLOCK | TAG_TABLE },
	{ "td", TAG_BLOCK | TAG_ITEM },
	{ "template", TAG_SKIP },
	{ "textarea", TAG_SKIP },
	{ "tfoot", TAG_BLOCK | TAG_TABLE },
	{ "th", TAG_BLOCK | TAG_ITEM },
	{ "thead", TAG_BLOCK | TAG_TABLE },
	{ "time", TAG_STAMP },
	{ "title", TAG_SKIP },
	{ "tr", TAG_BLOCK | TAG_TABLE },
	{ "ul", TAG_BLOCK | TAG_LIST },
	{ "video", TAG_SKIP },
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* As strcasecmp(), which knows of locales, but half of a page's time went there. */
static int compare(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == *b)
		a++, b++;
	return (unsigned char)lower(*a) - (unsigned char)*b;
}

unsigned tag_named(const char *name)
{
	size_t low = 0, high = sizeof rows / sizeof *rows;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(name, rows[middle].name);

		if (order == 0)
			return rows[middle].bits;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

unsigned tag_of(const struct _xmlNode *element)
{
	return tag_named((const char *)element->name);
}

bool tag_is(const struct _xmlNode *element, const char *name)
{
	return element->type == XML_ELEMENT_NODE && compare((const char *)element->name, name) == 0;
}
