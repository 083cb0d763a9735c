/* SPDX-License-Identifier: BSD-2-Clause */
/* Article objects, JSON Feed and JSON Lines. */
#include <jansson.h>

#include "text/flat.h"
#include "text/fragment.h"
#include "text/reading.h"
#include "text/url.h"

/* jansson stops at 2,048 levels of nesting by itself. */
#define LOAD_FLAGS JSON_ALLOW_NUL

static struct span string_of(const json_t *value)
{
	return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
				     : (struct span){ NULL, 0 };
}

/* The first of two names that holds a string; absent if neither does. */
static struct span look(const json_t *object, const char *name, const char *or_name)
{
	struct span s = string_of(json_object_get(object, name));

	return s.p != NULL || or_name == NULL ? s : string_of(json_object_get(object, or_name));
}

/* Numbers are ids too, though the contract asks for strings. */
static struct span id_of(const json_t *object, char spare[32])
{
	const json_t *id = json_object_get(object, "id");

	if (!json_is_integer(id))
		return string_of(id);
	return span_of(spare, (size_t)snprintf(spare, 32, "%" JSON_INTEGER_FORMAT,
					       json_integer_value(id)));
}

/* The article of the object at r->draft, which has been begun. MALFORMED when it has neither text
 * nor html. Text, where it is given, is what its maker wants judged. */
static enum status read_article(struct reading *r, const struct flat *f)
{
	enum status st = STATUS_OK;

	if (f->text.p == NULL && f->html.p == NULL)
		return STATUS_MALFORMED;
	draft_set(&r->draft, DRAFT_ID, f->id);
	draft_set(&r->draft, DRAFT_SITE, f->site);
	draft_set(&r->draft, DRAFT_URL, f->url);
	draft_set(&r->draft, DRAFT_TITLE, f->title);
	draft_set(&r->draft, DRAFT_PUBLISHED, f->published);
	if (f->text.p != NULL)
		draft_text(&r->draft, f->text, 0);
	else
		st = fragment_read(&r->draft, f->html);
	return st == STATUS_OK ? reading_finish(r) : st;
}

static enum status read_object(struct reading *r, const json_t *object)
{
	char spare[32];
	struct flat f = {
		.id = id_of(object, spare),
		.site = look(object, "site", NULL),
		.url = look(object, "url", NULL),
		.title = look(object, "title", NULL),
		.published = look(object, "published", NULL),
		.text = look(object, "text", NULL),
		.html = look(object, "html", NULL),
	};

	return read_article(r, &f);
}

/* An item of a JSON Feed 1.1. HTML has the structure, so it is preferred here; an item may be
 * without any text. */
static enum status read_item(struct reading *r, const json_t *item, struct span base)
{
	char spare[32];
	struct span html = look(item, "content_html", NULL),
		    url = look(item, "url", "external_url");
	enum status st = STATUS_OK;

	draft_set(&r->draft, DRAFT_ID, id_of(item, spare));
	draft_set(&r->draft, DRAFT_TITLE, look(item, "title", NULL));
	draft_set(&r->draft, DRAFT_PUBLISHED, look(item, "date_published", "date_modified"));
	if (url.len > 0) {
		bytes_clear(&r->spare);
		url_resolve(&r->spare, base, url);
		draft_set(&r->draft, DRAFT_URL, bytes_span(&r->spare));
	}
	if (html.len > 0)
		st = fragment_read(&r->draft, html);
	else
		draft_text(&r->draft, look(item, "content_text", "summary"), 0);
	return st == STATUS_OK ? reading_finish(r) : st;
}

/* One article per object of an array: of a feed's items, or of article objects. */
static enum status read_array(struct reading *r, const json_t *array, uint32_t flags,
			      const json_t *feed)
{
	struct span base = look(feed, "home_page_url", "feed_url");
	size_t count = json_array_size(array), kept = 0;
	enum status st = STATUS_OK;

	for (size_t i = 0; i < count && (st == STATUS_OK || st == STATUS_MALFORMED); i++) {
		const json_t *item = json_array_get(array, i);

		draft_begin(&r->draft, (uint32_t)i + 1);
		r->draft.flags = flags;
		r->draft.many = count > 1;
		st = !json_is_object(item) ? STATUS_MALFORMED
		     : feed != NULL        ? read_item(r, item, base)
					   : read_object(r, item);
		kept += st == STATUS_OK;
		if (st == STATUS_MALFORMED)
			reading_tell(r, st, 0, "item %zu is not an article", i + 1);
	}
	if (st == STATUS_MALFORMED && kept > 0)
		st = STATUS_OK;
	return st == STATUS_MALFORMED ? reading_refuse(r, st, 0, "none of its items is an article")
				      : st;
}

static enum status read_value(struct reading *r, const json_t *value, uint32_t flags)
{
	const json_t *items = json_object_get(value, "items");
	enum status st;

	if (json_is_array(items) && look(value, "text", "html").p == NULL)
		return read_array(r, items, flags, value);
	if (json_is_array(value))
		return read_array(r, value, flags, NULL);
	if (!json_is_object(value))
		return reading_refuse(r, STATUS_MALFORMED, 1, "not a JSON object");
	draft_begin(&r->draft, 1);
	r->draft.flags = flags;
	st = read_object(r, value);
	return st == STATUS_MALFORMED
		       ? reading_refuse(r, st, 0, "the object has neither \"text\" nor \"html\"")
		       : st;
}

/* "\uD800" to "\uDFFF" at p; *out_high: the first half of a pair. */
static bool is_surrogate(const char *p, bool *out_high)
{
	if (p[0] != '\\' || p[1] != 'u' || (p[2] != 'd' && p[2] != 'D'))
		return false;
	*out_high = p[3] == '8' || p[3] == '9' || p[3] == 'a' || p[3] == 'A' || p[3] == 'b' ||
		    p[3] == 'B';
	return *out_high || (p[3] >= 'c' && p[3] <= 'f') || (p[3] >= 'C' && p[3] <= 'F');
}

/* Half of a surrogate pair, escaped, is no character: a copy with U+FFFD in its place, which is as
 * long. False when there was none. */
static bool mend_surrogates(struct bytes *out, struct span s)
{
	bool mended = false, high, high_again;

	bytes_clear(out);
	put_bytes(out, s.p, s.len);
	for (size_t i = 0; !out->failed && i + 6 <= s.len; i++) {
		const char *p = s.p + i;

		if (!is_surrogate(p, &high)) {
			i += *p == '\\';
		} else if (high && s.len - i >= 12 && is_surrogate(p + 6, &high_again) &&
			   !high_again) {
			i += 11;
		} else {
			memcpy(out->p + i, "\\ufffd", 6);
			mended = true;
			i += 5;
		}
	}
	return mended && !out->failed;
}

/* What jansson takes for a value or a member that begins with this byte, on a machine of 64 bits.
 */
static size_t burden_of(char c)
{
	return c == '{' ? 192 : c == '[' ? 136 : c == '"' ? 96 : c == ',' ? 48 : 0;
}

#define FREE_BYTES ((size_t)128 << 20)
#define TIMES 12u

/* Its values would take far more memory than such a text's do. */
static bool heavy(struct span s)
{
	size_t burden = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (!quoted)
			burden += burden_of(s.p[i]);
		if (quoted && s.p[i] == '\\')
			i++;
		else
			quoted ^= s.p[i] == '"';
	}
	return burden > FREE_BYTES + TIMES * s.len;
}

/* NULL and *error when it is not JSON. Lone surrogates, which jansson refuses, are mended. */
static json_t *load(struct reading *r, struct span text, uint32_t *flags, json_error_t *error)
{
	json_t *value = json_loadb(text.p, text.len, LOAD_FLAGS, error);

	if (value == NULL && mend_surrogates(&r->spare, text)) {
		value = json_loadb(r->spare.p, r->spare.len, LOAD_FLAGS, error);
		*flags |= ARTICLE_LOSSY;
	}
	return value;
}

enum status json_read(struct reading *r, struct span in)
{
	struct span text;
	json_error_t error;
	json_t *value;
	uint32_t flags;
	enum status st = reading_decode(r, &text, in, (struct span){ NULL, 0 }, &flags);

	if (st != STATUS_OK)
		return st;
	if (heavy(text))
		return STATUS_TOO_LARGE;
	value = load(r, text, &flags, &error);
	if (value == NULL && json_error_code(&error) == json_error_out_of_memory)
		return STATUS_NO_MEMORY;
	if (value == NULL)
		return reading_refuse(r, STATUS_MALFORMED,
				      error.line < 0 ? 0 : (uint32_t)error.line, "not JSON: %s",
				      error.text);
	st = read_value(r, value, flags);
	json_decref(value);
	return st;
}

/* A line that flat_read() did not take. */
static enum status read_line_slowly(struct reading *r, struct span text, uint32_t number)
{
	json_error_t error;
	json_t *value;
	enum status st = STATUS_MALFORMED;

	if (heavy(text))
		return STATUS_TOO_LARGE;
	value = load(r, text, &r->draft.flags, &error);
	if (value == NULL)
		reading_tell(r, st, number, "line %u is not JSON: %s", number, error.text);
	else if (!json_is_object(value))
		reading_tell(r, st, number, "line %u is not a JSON object", number);
	else if (look(value, "text", "html").p == NULL)
		reading_tell(r, st, number, "line %u has neither \"text\" nor \"html\"", number);
	else
		st = read_object(r, value);
	json_decref(value);
	return st;
}

/* One line, without its end. MALFORMED has been told already. */
static enum status read_line(struct reading *r, struct span line, uint32_t number)
{
	struct span text;
	struct flat f;
	uint32_t flags;
	enum status st = reading_decode(r, &text, line, (struct span){ NULL, 0 }, &flags);

	if (st != STATUS_OK)
		return st;
	draft_begin(&r->draft, number);
	r->draft.flags = flags;
	r->draft.many = true;
	if (flat_read(&f, &r->spare, text) && (f.text.p != NULL || f.html.p != NULL))
		return read_article(r, &f);
	return read_line_slowly(r, text, number);
}

static bool blank(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

enum status jsonl_read(struct reading *r, struct span in)
{
	size_t kept = 0, refused = 0;
	uint32_t number = r->first_line;
	enum status st = STATUS_OK;

	for (; in.len > 0 && (st == STATUS_OK || st == STATUS_MALFORMED); number++) {
		const char *nl = memchr(in.p, '\n', in.len);
		size_t len = nl == NULL ? in.len : (size_t)(nl - in.p);
		struct span line = span_of(in.p, len);

		if (!blank(line)) {
			st = read_line(r, line, number);
			kept += st == STATUS_OK;
			refused += st == STATUS_MALFORMED;
		}
		len += nl != NULL;
		in = span_of(in.p + len, in.len - len);
	}
	if (st == STATUS_MALFORMED)
		st = STATUS_OK;
	/* Of a piece that is not the first nothing follows for the file. */
	if (st == STATUS_OK && kept == 0 && refused > 0 && r->first_line == 1)
		return reading_refuse(r, STATUS_MALFORMED, r->first_line,
				      "none of its lines is an article object");
	return st;
}
