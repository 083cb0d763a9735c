/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/sound.h"

#include "text/draft.h"
#include "text/text.h"
#include "text/utf8.h"

/* A canonical address may escape every byte of the one that was given. */
#define FIELD_BYTES (4u * DRAFT_FIELD_BYTES)
#define FLAGS                                                                    \
	(ARTICLE_OWN_ID | ARTICLE_OWN_SITE | ARTICLE_RECOVERED | ARTICLE_LOSSY | \
	 ARTICLE_FROM_HTML | ARTICLE_NUMBERED)
#define HINTS \
	(ARTICLE_HINT_LINKS | ARTICLE_HINT_HEADING | ARTICLE_HINT_CAPTION | ARTICLE_HINT_QUOTE)
/* 1 January 1800 and 2300: date.h knows no earlier and no later ones. */
#define TIME_LOW_MS (-INT64_C(5364662400000))
#define TIME_HIGH_MS INT64_C(10413792000000)

static bool text_sound(struct span s)
{
	return utf8_valid(s) == s.len && memchr(s.p, 0, s.len) == NULL;
}

/* Absent, or one line between the hints and the text. */
static bool field_sound(const struct article *a, struct article_part part, uint32_t fields_at)
{
	struct span s = article_view(a, part);

	if (part.at == 0)
		return part.len == 0;
	return part.at >= fields_at && part.len > 0 && part.len <= FIELD_BYTES &&
	       (uint64_t)part.at + part.len <= a->text.at && text_sound(s) &&
	       memchr(s.p, '\n', s.len) == NULL;
}

static bool fields_sound(const struct article *a, uint32_t fields_at)
{
	const struct article_part fields[] = { a->id,        a->site,  a->url,
					       a->canonical, a->title, a->published };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!field_sound(a, fields[i], fields_at))
			return false;
	return (a->id.at != 0) == ((a->flags & ARTICLE_OWN_ID) != 0) &&
	       (a->site.at != 0) == ((a->flags & ARTICLE_OWN_SITE) != 0);
}

/* The paragraphs and their line ends are the text, without a gap. */
static bool paragraphs_sound(const struct article *a)
{
	const struct article_part *parts = article_paragraphs(a);
	const uint8_t *hints = article_hints(a);
	const char *bytes = (const char *)a;
	uint64_t at = a->text.at, end = at + a->text.len;

	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		if (parts[i].at != at || parts[i].len == 0 || parts[i].len >= end - at ||
		    (hints[i] | HINTS) != HINTS)
			return false;
		if (memchr(bytes + at, '\n', parts[i].len) != NULL ||
		    bytes[at + parts[i].len] != '\n')
			return false;
		at += (uint64_t)parts[i].len + 1;
	}
	return at == end && text_sound(span_of(bytes + a->text.at, a->text.len));
}

static bool article_sound(const struct article *a, size_t room)
{
	uint64_t hints_at = sizeof *a + (uint64_t)a->paragraph_count * sizeof(struct article_part);
	uint64_t fields_at = hints_at + a->paragraph_count;

	if (a->size < sizeof *a || a->size > room || a->size % 8 != 0 || fields_at > a->size)
		return false;
	if (a->paragraphs_at != sizeof *a || a->hints_at != hints_at || a->text.at < fields_at ||
	    (uint64_t)a->text.at + a->text.len > a->size || (a->flags | FLAGS) != FLAGS)
		return false;
	if (a->published_ms != ARTICLE_NO_TIME &&
	    (a->published_ms < TIME_LOW_MS || a->published_ms > TIME_HIGH_MS))
		return false;
	return fields_sound(a, (uint32_t)fields_at) && paragraphs_sound(a);
}

bool articles_sound(struct articles *a)
{
	size_t at = 0;

	a->count = 0;
	while (at < a->len) {
		const struct article *one = (const struct article *)(const void *)(a->bytes + at);

		if (a->len - at < sizeof *one || !article_sound(one, a->len - at))
			return false;
		at += one->size;
		a->count++;
	}
	return true;
}
