/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/meta.h"

#include <strings.h>

#include <libxml/tree.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "text/draft.h"
#include "text/fragment.h"
#include "text/flow.h"
#include "text/item.h"
#include "text/linked.h"
#include "text/tag.h"
#include "text/url.h"
#include "text/walk.h"

/* Everything that was found, before one of each is chosen. */
struct findings {
	struct arena *arena;
	struct span og_title, twitter_title, title, h1;
	struct span canonical, og_url, base;
	struct span published[4]; /* the best kind first */
	unsigned h1_count;
	struct linked linked;
};

/* <meta> names of the moment of publication, by how well they are kept. */
static const struct {
	const char *name;
	unsigned rank;
} dates[] = {
	{ "article:published_time", 0 },
	{ "datePublished", 1 },
	{ "og:published_time", 1 },
	{ "parsely-pub-date", 1 },
	{ "publish-date", 1 },
	{ "publishdate", 1 },
	{ "pubdate", 1 },
	{ "publication_date", 1 },
	{ "sailthru.date", 2 },
	{ "article.published", 1 },
	{ "dc.date.issued", 1 },
	{ "dcterms.created", 2 },
	{ "dc.date", 2 },
	{ "date", 2 },
	{ "originalpublicationdate", 1 },
};

static void fill(struct span *field, struct span value)
{
	if (field->len == 0 && value.len > 0)
		*field = value;
}

static struct span attribute(const xmlNode *element, const char *name)
{
	return span_of_text(item_attribute(element, name));
}

static bool is(struct span s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* The element's text in one line, in the arena. */
static struct span text_of(struct findings *f, xmlNode *element)
{
	struct bytes raw = { 0 }, line = { 0 };
	struct span s;
	const char *copy;

	flow_line(&raw, element);
	draft_line(&line, bytes_span(&raw));
	s = bytes_span(&line);
	copy = arena_copy(f->arena, s);
	bytes_free(&raw);
	bytes_free(&line);
	return copy == NULL ? (struct span){ NULL, 0 } : span_of(copy, s.len);
}

static void take_meta(struct findings *f, const xmlNode *element)
{
	struct span content = attribute(element, "content"), name = attribute(element, "property");

	fill(&name, attribute(element, "name"));
	fill(&name, attribute(element, "itemprop"));
	if (is(name, "og:title"))
		fill(&f->og_title, content);
	else if (is(name, "twitter:title"))
		fill(&f->twitter_title, content);
	else if (is(name, "og:url"))
		fill(&f->og_url, content);
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		if (is(name, dates[i].name))
			fill(&f->published[dates[i].rank], content);
}

/* <time>, and whatever carries itemprop="datePublished". */
static void take_time(struct findings *f, xmlNode *element)
{
	struct span moment = attribute(element, "datetime");

	fill(&moment, attribute(element, "content"));
	if (moment.len == 0)
		return;
	if (is(attribute(element, "itemprop"), "datePublished") ||
	    attribute(element, "pubdate").p != NULL)
		fill(&f->published[1], moment);
	else
		fill(&f->published[3], moment);
}

static void take_script(struct findings *f, const xmlNode *element)
{
	struct bytes script = { 0 };
	char spare[8];

	if (!is(attribute(element, "type"), "application/ld+json"))
		return;
	for (const xmlNode *child = element->children; child != NULL; child = child->next)
		put_text(&script, walk_text(child, spare));
	if (!script.failed)
		linked_read(&f->linked, f->arena, bytes_span(&script));
	bytes_free(&script);
}

static void take(struct findings *f, xmlNode *element)
{
	if (tag_is(element, "meta"))
		take_meta(f, element);
	else if (tag_is(element, "link") && is(attribute(element, "rel"), "canonical"))
		fill(&f->canonical, attribute(element, "href"));
	else if (tag_is(element, "base"))
		fill(&f->base, attribute(element, "href"));
	else if (tag_is(element, "script"))
		take_script(f, element);
	else if (tag_is(element, "title") && f->title.len == 0)
		f->title = text_of(f, element);
	else if (tag_is(element, "time") || (element->properties != NULL &&
					     is(attribute(element, "itemprop"), "datePublished")))
		take_time(f, element);
	else if (tag_is(element, "h1") && f->h1_count++ == 0)
		f->h1 = text_of(f, element);
}

static bool contains(struct span s, struct span part)
{
	return part.len > 0 && s.len >= part.len && memmem(s.p, s.len, part.p, part.len) != NULL;
}

/* A title that is escaped once more than it should be, or that stands in several lines. */
static struct span cleaned(struct findings *f, struct span s)
{
	struct bytes raw = { 0 }, line = { 0 };
	const char *copy;

	if (fragment_is_markup(s))
		fragment_line(&raw, s);
	else
		put_bytes(&raw, s.p, s.len);
	draft_line(&line, bytes_span(&raw));
	copy = arena_copy(f->arena, bytes_span(&line));
	s = copy == NULL ? (struct span){ NULL, 0 } : span_of(copy, line.len);
	bytes_free(&raw);
	bytes_free(&line);
	return s;
}

/* A <title> without " - Site" or " | Site" at its end: a few words, shorter than what is before. */
static struct span without_site(struct span title)
{
	static const char *const marks[] = { " - ", " | ", " \xE2\x80\x93 ", " \xE2\x80\x94 ",
					     " \xC2\xB7 " };
	size_t cut = title.len, after = 0;

	for (size_t i = 0; i < title.len; i++) {
		for (size_t m = 0; m < sizeof marks / sizeof *marks; m++) {
			size_t len = strlen(marks[m]);

			if (title.len - i > len && memcmp(title.p + i, marks[m], len) == 0) {
				cut = i;
				after = i + len;
			}
		}
	}
	unsigned blanks = 0;
	for (size_t i = after; i < title.len; i++)
		blanks += title.p[i] == ' ';
	return blanks <= 3 && title.len - after < cut ? span_of(title.p, cut) : title;
}

/* The h1, when the page's title confirms it; else what was given for sharing; else the rest. */
static struct span title_of(struct findings *f)
{
	struct span og = cleaned(f, f->og_title), headline = cleaned(f, f->linked.headline);

	fill(&og, cleaned(f, f->twitter_title));
	if (f->h1.len > 0 && (contains(og, f->h1) || contains(without_site(f->title), f->h1) ||
			      contains(headline, f->h1)))
		return f->h1;
	fill(&headline, og);
	fill(&headline, f->h1_count == 1 ? f->h1 : (struct span){ NULL, 0 });
	fill(&headline, without_site(f->title));
	fill(&headline, f->h1);
	return headline;
}

/* An address that names a page and not merely a site: many a page gives its front page. */
static bool names_page(struct span url)
{
	struct bytes canonical = { 0 };
	bool names =
		url_canonical(&canonical, url) && memchr(canonical.p, '/', canonical.len) != NULL;

	if (!names && canonical.len > 0)
		names = memchr(canonical.p, '?', canonical.len) != NULL;
	bytes_free(&canonical);
	return names;
}

static struct span url_of(struct findings *f)
{
	struct span tries[] = { f->canonical, f->og_url, f->linked.url };
	struct span base = f->base.len > 0 ? f->base : f->og_url;
	struct bytes url = { 0 };
	struct span found = { NULL, 0 };

	for (size_t i = 0; i < sizeof tries / sizeof *tries && found.len == 0; i++) {
		bytes_clear(&url);
		if (tries[i].len > 0)
			url_resolve(&url, base, tries[i]);
		if (names_page(bytes_span(&url))) {
			const char *copy = arena_copy(f->arena, bytes_span(&url));

			found = copy == NULL ? found : span_of(copy, url.len);
		}
	}
	bytes_free(&url);
	return found;
}

enum status meta_read(struct meta *out, struct arena *arena, struct _xmlNode *root)
{
	struct findings f = { .arena = arena };

	for (struct walk w = walk_of(root); walk_next(&w);)
		if (w.node->type == XML_ELEMENT_NODE && !w.leaving)
			take(&f, w.node);
	*out = (struct meta){
		.title = title_of(&f),
		.url = url_of(&f),
		.body = f.linked.body,
	};
	fill(&out->published, f.published[0]);
	fill(&out->published, f.linked.published);
	for (unsigned rank = 1; rank < 4; rank++)
		fill(&out->published, f.published[rank]);
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}
