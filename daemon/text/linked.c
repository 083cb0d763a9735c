/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/linked.h"

#include <strings.h>

#include <jansson.h>

#include "base/arena.h"

/* Real ones take some kilobytes; with articleBody in it, some hundred. */
#define SCRIPT_BYTES ((size_t)4 << 20)
/* Objects looked at: graphs and arrays of everything else on the page come in the same script. */
#define QUEUE 256u

static bool names_article(const char *type)
{
	return strcasestr(type, "Article") != NULL || strcasestr(type, "Posting") != NULL ||
	       strcasestr(type, "NewsReport") != NULL;
}

static bool is_article(const json_t *object)
{
	const json_t *type = json_object_get(object, "@type"), *one;
	size_t i;

	if (json_is_string(type))
		return names_article(json_string_value(type));
	json_array_foreach(type, i, one) if (json_is_string(one) &&
					     names_article(json_string_value(one))) return true;
	return false;
}

static void fill(struct span *field, struct arena *arena, const json_t *value)
{
	const char *copy;

	if (field->len > 0 || !json_is_string(value) || json_string_length(value) == 0)
		return;
	copy = arena_copy(arena, span_of(json_string_value(value), json_string_length(value)));
	if (copy != NULL)
		*field = span_of(copy, json_string_length(value));
}

static void take_article(struct linked *out, struct arena *arena, const json_t *object)
{
	fill(&out->headline, arena, json_object_get(object, "headline"));
	fill(&out->published, arena, json_object_get(object, "datePublished"));
	fill(&out->url, arena, json_object_get(object, "url"));
	fill(&out->body, arena, json_object_get(object, "articleBody"));
}

/* Breadth first over arrays, "@graph" and "mainEntity", never deeper than the queue is long. */
static void look(struct linked *out, struct arena *arena, const json_t *root)
{
	static const char *const below[] = { "@graph", "mainEntity", "mainEntityOfPage" };
	const json_t *queue[QUEUE] = { root };
	size_t count = 1;

	for (size_t at = 0; at < count; at++) {
		const json_t *value = queue[at], *one;
		size_t i;

		json_array_foreach(value, i, one) if (count < QUEUE) queue[count++] = one;
		if (is_article(value))
			take_article(out, arena, value);
		for (i = 0; i < sizeof below / sizeof *below; i++) {
			one = json_object_get(value, below[i]);
			if (one != NULL && count < QUEUE)
				queue[count++] = one;
		}
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Makers of pages wrap scripts in comments and CDATA: from the first brace to the last one, with
 * the brackets of an array right around them. */
static struct span unwrapped(struct span s)
{
	const char *from = memchr(s.p, '{', s.len), *end = memrchr(s.p, '}', s.len), *p;

	if (from == NULL || end == NULL || end < from)
		return (struct span){ NULL, 0 };
	for (p = from; p > s.p && is_blank(p[-1]);)
		p--;
	if (p == s.p || p[-1] != '[')
		return span_of(from, (size_t)(end + 1 - from));
	from = p - 1;
	for (p = end + 1; p < s.p + s.len && is_blank(*p);)
		p++;
	end = p < s.p + s.len && *p == ']' ? p : end;
	return span_of(from, (size_t)(end + 1 - from));
}

void linked_read(struct linked *out, struct arena *arena, struct span script)
{
	struct span s = script.len == 0 ? script : unwrapped(script);
	json_t *root;

	if (s.len == 0 || s.len > SCRIPT_BYTES)
		return;
	root = json_loadb(s.p, s.len, JSON_ALLOW_NUL, NULL);
	if (root != NULL)
		look(out, arena, root);
	json_decref(root);
}
