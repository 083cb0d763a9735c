/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/cue.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "text/tag.h"

#define WORD_BYTES 24u
/* Longer lists of classes are machine-made. */
#define NAMES_BYTES 512u

static const struct word {
	const char *word;
	unsigned bits;
} words[] = {
	/* sorted */
	{ "ad", CUE_AWAY },
	{ "ads", CUE_AWAY },
	{ "advert", CUE_AWAY },
	{ "advertisement", CUE_AWAY },
	{ "advertising", CUE_AWAY },
	{ "alert", CUE_AWAY },
	{ "alerts", CUE_AWAY },
	{ "author", CUE_AWAY },
	{ "authors", CUE_AWAY },
	{ "banner", CUE_AWAY },
	{ "bio", CUE_AWAY },
	{ "boilerplate", CUE_AWAY },
	{ "breadcrumb", CUE_AWAY },
	{ "breadcrumbs", CUE_AWAY },
	{ "byline", CUE_AWAY },
	{ "caption", CUE_AWAY },
	{ "captions", CUE_AWAY },
	{ "carousel", CUE_AWAY },
	{ "citation", CUE_AWAY },
	{ "comment", CUE_COMMENTS },
	{ "commenting", CUE_COMMENTS },
	{ "comments", CUE_COMMENTS },
	{ "consent", CUE_AWAY },
	{ "cookie", CUE_AWAY },
	{ "cookies", CUE_AWAY },
	{ "copyright", CUE_AWAY },
	{ "correction", CUE_AWAY },
	{ "corrections", CUE_AWAY },
	{ "credit", CUE_AWAY },
	{ "credits", CUE_AWAY },
	{ "crumb", CUE_AWAY },
	{ "crumbs", CUE_AWAY },
	{ "disclaimer", CUE_AWAY },
	{ "disclosure", CUE_AWAY },
	{ "donate", CUE_AWAY },
	{ "donation", CUE_AWAY },
	{ "dropdown", CUE_AWAY },
	{ "feedback", CUE_AWAY },
	{ "figcaption", CUE_AWAY },
	{ "flyout", CUE_AWAY },
	{ "footer", CUE_AWAY },
	{ "gdpr", CUE_AWAY },
	{ "instagram", CUE_AWAY },
	{ "login", CUE_AWAY },
	{ "masthead", CUE_AWAY },
	{ "menu", CUE_AWAY },
	{ "modal", CUE_AWAY },
	{ "nav", CUE_AWAY },
	{ "navbar", CUE_AWAY },
	{ "navigation", CUE_AWAY },
	{ "newsletter", CUE_AWAY },
	{ "newsletters", CUE_AWAY },
	{ "noprint", CUE_AWAY },
	{ "outbrain", CUE_AWAY },
	{ "pager", CUE_AWAY },
	{ "pagination", CUE_AWAY },
	{ "paywall", CUE_AWAY },
	{ "player", CUE_AWAY },
	{ "popover", CUE_AWAY },
	{ "popular", CUE_AWAY },
	{ "popup", CUE_AWAY },
	{ "promo", CUE_AWAY },
	{ "promos", CUE_AWAY },
	{ "promotion", CUE_AWAY },
	{ "rail", CUE_AWAY },
	{ "readmore", CUE_AWAY },
	{ "recirc", CUE_AWAY },
	{ "recirculation", CUE_AWAY },
	{ "recommend", CUE_AWAY },
	{ "recommendation", CUE_AWAY },
	{ "recommendations", CUE_AWAY },
	{ "recommended", CUE_AWAY },
	{ "recommends", CUE_AWAY },
	{ "register", CUE_AWAY },
	{ "related", CUE_AWAY },
	{ "search", CUE_AWAY },
	{ "share", CUE_AWAY },
	{ "sharing", CUE_AWAY },
	{ "sidebar", CUE_AWAY },
	{ "signin", CUE_AWAY },
	{ "signup", CUE_AWAY },
	{ "slideshow", CUE_AWAY },
	{ "social", CUE_AWAY },
	{ "sponsor", CUE_AWAY },
	{ "sponsored", CUE_AWAY },
	{ "subscribe", CUE_AWAY },
	{ "subscription", CUE_AWAY },
	{ "tags", CUE_AWAY },
	{ "timestamp", CUE_AWAY },
	{ "toolbar", CUE_AWAY },
	{ "tooltip", CUE_AWAY },
	{ "trending", CUE_AWAY },
	{ "tweet", CUE_AWAY },
};

/* Two words in a row that name the running text: "article-body", "entryContent". */
static const char *const first_words[] = { "article", "story",   "entry", "post", "news",
					   "body",    "content", "page",  "text", "main" };
static const char *const second_words[] = { "body", "content", "text", "copy" };

/* Classes of the common style sheets for what is there but not shown. */
static const char *const hidden_classes[] = { "hidden",         "hide",      "d-none",
					      "sr-only",        "is-hidden", "visually-hidden",
					      "visuallyhidden", "noprint",   "screen-reader-text",
					      "invisible" };

static const char *const away_roles[] = { "navigation", "complementary", "banner", "contentinfo",
					  "dialog",     "alertdialog",   "search", "menu",
					  "menubar",    "toolbar",       "tablist" };

static const char *const main_roles[] = { "main", "article" };

static int by_word(const void *word, const void *row)
{
	return strcmp(word, ((const struct word *)row)->word);
}

static bool one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(word, list[i]) == 0)
			return true;
	return false;
}

#define ONE_OF(word, list) one_of((word), (list), sizeof(list) / sizeof *(list))

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* The next word of a list of names, in lower case: letters up to a change from small to capital.
 * Returns where to go on, NULL at the end. */
static const char *next_word(char out[WORD_BYTES], const char *p)
{
	size_t len = 0;

	while (*p != '\0' && !is_lower(*p) && !is_upper(*p))
		p++;
	if (*p == '\0')
		return NULL;
	do {
		if (len < WORD_BYTES - 1)
			out[len++] = is_upper(*p) ? (char)(*p - 'A' + 'a') : *p;
		p++;
	} while (is_lower(*p) || (is_upper(*p) && !is_lower(p[-1])));
	out[len] = '\0';
	return p;
}

static unsigned of_names(const char *names)
{
	char text[NAMES_BYTES], word[2][WORD_BYTES] = { "", "" };
	unsigned bits = 0, turn = 0;

	strncpy(text, names, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (const char *p = text; (p = next_word(word[turn], p)) != NULL; turn = 1 - turn) {
		const struct word *row = bsearch(word[turn], words, sizeof words / sizeof *words,
						 sizeof *words, by_word);

		if (row != NULL)
			bits |= row->bits;
		if (ONE_OF(word[turn], second_words) && ONE_OF(word[1 - turn], first_words))
			bits |= CUE_BODY;
		if (strcmp(word[turn], "articlebody") == 0)
			bits |= CUE_BODY;
	}
	return bits;
}

static bool hides(const char *classes)
{
	char name[NAMES_BYTES];

	for (const char *p = classes; *p != '\0';) {
		size_t len = strcspn(p, " \t\r\n");

		if (len > 0 && len < sizeof name) {
			memcpy(name, p, len);
			name[len] = '\0';
			if (ONE_OF(name, hidden_classes))
				return true;
		}
		p += len + (p[len] != '\0');
	}
	return false;
}

unsigned cue_of(const struct _xmlNode *element)
{
	const char *own = (const char *)element->name;
	unsigned bits = tag_of(element) & (TAG_ASIDE | TAG_FORM) ? CUE_AWAY : 0;

	if (strchr(own, '-') != NULL)
		bits |= of_names(own);

	for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
		const char *name = (const char *)a->name;
		const char *value = a->children == NULL ? NULL : (const char *)a->children->content;

		if (value == NULL)
			continue;
		if (strcmp(name, "class") == 0 && hides(value))
			bits |= CUE_HIDDEN;
		if (strcmp(name, "class") == 0 || strcmp(name, "id") == 0)
			bits |= of_names(value);
		else if (strcmp(name, "role") == 0)
			bits |= ONE_OF(value, away_roles)   ? CUE_AWAY
				: ONE_OF(value, main_roles) ? CUE_MAIN
							    : 0u;
		else if (strcmp(name, "itemprop") == 0 && strcasecmp(value, "articleBody") == 0)
			bits |= CUE_SURE;
	}
	return bits;
}
