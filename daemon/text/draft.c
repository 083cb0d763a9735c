/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/draft.h"

#include <endian.h>

#include "text/articles.h"
#include "text/date.h"
#include "text/url.h"
#include "text/utf8.h"

enum unit { UNIT_CHARACTER, UNIT_BLANK, UNIT_BREAK, UNIT_NUL };

/* What stands at p, when it is neither a blank nor a visible ASCII character. */
static enum unit unit_of(const unsigned char *p, size_t room, size_t *len)
{
	*len = 1;
	if (p[0] < 0x20)
		return p[0] == 0                  ? UNIT_NUL
		       : p[0] == '\t'             ? UNIT_BLANK
		       : p[0] >= 10 && p[0] <= 13 ? UNIT_BREAK /* LF VT FF CR */
						  : UNIT_CHARACTER;
	if (p[0] == 0xC2 && room >= 2) {
		*len = 2;
		return p[1] == 0x85   ? UNIT_BREAK /* NEL */
		       : p[1] == 0xA0 ? UNIT_BLANK /* no-break space */
				      : UNIT_CHARACTER;
	}
	if (p[0] < 0xE1 || p[0] > 0xE3 || room < 3)
		return UNIT_CHARACTER;
	*len = 3;
	if (p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9))
		return UNIT_BREAK;                                              /* U+2028, U+2029 */
	if ((p[0] == 0xE2 && p[1] == 0x80 && (p[2] <= 0x8A || p[2] == 0xAF)) || /* U+2000.., 202F */
	    (p[0] == 0xE2 && p[1] == 0x81 && p[2] == 0x9F) ||                   /* U+205F */
	    (p[0] == 0xE1 && p[1] == 0x9A && p[2] == 0x80) ||                   /* U+1680 */
	    (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80))                     /* U+3000 */
		return UNIT_BLANK;
	return UNIT_CHARACTER;
}

/* Bytes in a register of whatever machine, from any place. */
#define STEP 16u
typedef uint8_t bytes_step __attribute__((vector_size(STEP), aligned(1), may_alias));
typedef uint64_t halves_step __attribute__((vector_size(STEP)));

/* How many of the first STEP bytes at p can be copied as they are: up to a control, a lead of a
 * wide blank or break (C2, E0..E3), or where a blank stands beside another. One more is read. */
static size_t plain_of(const unsigned char *p)
{
	bytes_step x = *(const bytes_step *)p, next = *(const bytes_step *)(p + 1);
	halves_step stop = (halves_step)((x < 0x20) | (x == 0xC2) | ((x & 0xFC) == 0xE0) |
					 ((x == ' ') & (next == ' ')));

	if (stop[0] != 0)
		return (size_t)__builtin_ctzll(le64toh(stop[0])) / 8;
	return stop[1] == 0 ? STEP : 8 + (size_t)__builtin_ctzll(le64toh(stop[1])) / 8;
}

/* Copies from *p to out as long as a step can be taken; returns the end of what was written. */
static char *copy_plain(char *out, const unsigned char **p, const unsigned char *end)
{
	size_t plain = STEP;

	while (plain == STEP && end - *p > STEP) {
		plain = plain_of(*p);
		memcpy(out, *p, STEP);
		out += plain;
		*p += plain;
	}
	return out;
}

/* Copies s up to a break (any, or none with keep_going) to out, white space collapsed, and returns
 * the end of what was written; *used is how much of s was read. `out` has room for all of s, NULs
 * as three bytes. */
static char *copy_line(char *out, struct span s, bool keep_going, size_t *used)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.len;
	char *start = out;
	char last = ' ';
	size_t len;

	while (p < end) {
		if (last == ' ' && *p == ' ') {
			p++;
			continue;
		}
		out = copy_plain(out, &p, end);
		last = out > start ? out[-1] : ' ';
		/* All but the leads of wide blanks and breaks. */
		if (*p >= 0x20 && *p != 0xC2 && (*p < 0xE1 || *p > 0xE3)) {
			*out++ = last = (char)*p++;
			continue;
		}
		enum unit unit = unit_of(p, (size_t)(end - p), &len);

		if (unit == UNIT_BREAK && !keep_going) {
			p += len;
			break;
		}
		if (unit == UNIT_CHARACTER) {
			memmove(out, p, len);
			out += len;
			last = out[-1];
		} else if (unit == UNIT_NUL) {
			memcpy(out, UTF8_REPLACEMENT, 3);
			out += 3;
			last = out[-1];
		} else if (last != ' ') {
			*out++ = last = ' ';
		}
		p += len;
	}
	*used = (size_t)((const char *)p - s.p);
	return out > start && out[-1] == ' ' ? out - 1 : out;
}

/* Nothing that anybody could see: soft hyphens, zero-width characters, byte order marks. */
static bool invisible(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		if (end - p >= 2 && p[0] == 0xC2 && p[1] == 0xAD)
			p += 2;
		else if (end - p >= 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x8B &&
			 p[2] <= 0x8F)
			p += 3;
		else if (end - p >= 3 && p[0] == 0xE2 && p[1] == 0x81 && p[2] == 0xA0)
			p += 3;
		else if (end - p >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF)
			p += 3;
		else
			return false;
	}
	return true;
}

/* Bytes that s may take in a line or in paragraphs, the last '\n' included. */
static size_t room_for(struct span s)
{
	bool has_nul = s.len > 0 && memchr(s.p, 0, s.len) != NULL;

	return (has_nul ? s.len * 3 : s.len) + 1;
}

void draft_begin(struct draft *d, uint32_t ordinal)
{
	bytes_clear(&d->text);
	bytes_clear(&d->parts);
	bytes_clear(&d->hints);
	bytes_clear(&d->fields);
	memset(d->field, 0, sizeof d->field);
	d->flags = 0;
	d->many = false;
	d->ordinal = ordinal;
}

void draft_line(struct bytes *out, struct span s)
{
	size_t used;

	if (s.len == 0 || !bytes_reserve(out, room_for(s)))
		return;
	out->len = (size_t)(copy_line(out->p + out->len, s, true, &used) - out->p);
}

void draft_set(struct draft *d, enum draft_field field, struct span value)
{
	size_t at = d->fields.len;
	struct span line;

	/* White space may collapse, so look at more than will be kept, but never at megabytes. */
	draft_line(&d->fields, utf8_cut(value, 16 * DRAFT_FIELD_BYTES));
	if (d->fields.len == at)
		return;
	line = utf8_cut(span_of(d->fields.p + at, d->fields.len - at), DRAFT_FIELD_BYTES);
	/* A name or an address that was cut would be another one. */
	if (field != DRAFT_TITLE && at + line.len < d->fields.len)
		line.len = 0;
	d->fields.len = at + line.len;
	d->field[field] = (struct article_part){ (uint32_t)at, (uint32_t)line.len };
}

struct span draft_get(const struct draft *d, enum draft_field field)
{
	struct article_part part = d->field[field];

	return part.len == 0 ? (struct span){ NULL, 0 } : span_of(d->fields.p + part.at, part.len);
}

/* Makes what was just written from `at` on a paragraph. */
static void close_paragraph(struct draft *d, size_t at, uint8_t hints)
{
	struct article_part part = { (uint32_t)at, (uint32_t)(d->text.len - at) };

	if (part.len == 0 || invisible(d->text.p + at, part.len)) {
		d->text.len = at;
		return;
	}
	d->text.p[d->text.len++] = '\n';
	put_bytes(&d->parts, &part, sizeof part);
	put_u8(&d->hints, hints);
}

void draft_text(struct draft *d, struct span text, uint8_t hints)
{
	if (text.len == 0 || !bytes_reserve(&d->text, room_for(text)))
		return;
	while (text.len > 0) {
		size_t at = d->text.len, used;

		d->text.len = (size_t)(copy_line(d->text.p + at, text, false, &used) - d->text.p);
		close_paragraph(d, at, hints);
		text = span_of(text.p + used, text.len - used);
	}
}

void draft_paragraph(struct draft *d, struct span text, uint8_t hints)
{
	size_t at = d->text.len;

	if (text.len == 0 || !bytes_reserve(&d->text, room_for(text)))
		return;
	draft_line(&d->text, text);
	close_paragraph(d, at, hints);
}

static bool failed(const struct draft *d)
{
	return d->text.failed || d->parts.failed || d->hints.failed || d->fields.failed;
}

/* The canonical address, and from it the id where there is none. Returns its place in fields. */
static struct article_part identify(struct draft *d)
{
	struct bytes canonical = { 0 };
	struct article_part part = { 0, 0 };
	struct span url = draft_get(d, DRAFT_URL);

	if (url.len > 0 && url_canonical(&canonical, url)) {
		part = (struct article_part){ (uint32_t)d->fields.len, (uint32_t)canonical.len };
		put_bytes(&d->fields, canonical.p, canonical.len);
	}
	d->fields.failed |= canonical.failed;
	bytes_free(&canonical);
	if (d->field[DRAFT_ID].len == 0)
		d->field[DRAFT_ID] = part.len > 0 ? part : d->field[DRAFT_URL];
	return part;
}

static struct article_part moved(struct article_part part, uint32_t by)
{
	return part.len == 0 ? (struct article_part){ 0, 0 }
			     : (struct article_part){ part.at + by, part.len };
}

static void describe(struct article *a, const struct draft *d, struct article_part canonical,
		     uint32_t fields_at)
{
	a->flags = d->flags;
	a->ordinal = d->ordinal;
	a->id = moved(d->field[DRAFT_ID], fields_at);
	a->site = moved(d->field[DRAFT_SITE], fields_at);
	a->url = moved(d->field[DRAFT_URL], fields_at);
	a->canonical = moved(canonical, fields_at);
	a->title = moved(d->field[DRAFT_TITLE], fields_at);
	a->published = moved(d->field[DRAFT_PUBLISHED], fields_at);
	if (!date_parse(&a->published_ms, draft_get(d, DRAFT_PUBLISHED)))
		a->published_ms = ARTICLE_NO_TIME;
	if (a->id.len > 0)
		a->flags |= ARTICLE_OWN_ID;
	else if (d->many)
		a->flags |= ARTICLE_NUMBERED;
	if (a->site.len > 0)
		a->flags |= ARTICLE_OWN_SITE;
}

enum status draft_finish(struct draft *d, struct articles *out)
{
	struct article_part canonical = identify(d);
	size_t count = d->hints.len;
	size_t hints_at = sizeof(struct article) + count * sizeof(struct article_part);
	size_t fields_at = hints_at + count;
	size_t text_at = fields_at + d->fields.len;
	size_t size = (text_at + d->text.len + 7) & ~(size_t)7;
	struct article_part *parts;
	unsigned char *at;

	if (failed(d))
		return STATUS_NO_MEMORY;
	if (size > UINT32_MAX)
		return STATUS_TOO_LARGE;
	at = articles_append(out, size);
	if (at == NULL)
		return STATUS_NO_MEMORY;
	struct article *a = (struct article *)(void *)at;

	memset(a, 0, sizeof *a);
	a->size = (uint32_t)size;
	a->paragraph_count = (uint32_t)count;
	a->paragraphs_at = sizeof *a;
	a->hints_at = (uint32_t)hints_at;
	a->text = (struct article_part){ (uint32_t)text_at, (uint32_t)d->text.len };
	describe(a, d, canonical, (uint32_t)fields_at);
	parts = (struct article_part *)(void *)(at + sizeof *a);
	for (size_t i = 0; i < count; i++) {
		memcpy(&parts[i], d->parts.p + i * sizeof *parts, sizeof *parts);
		parts[i].at += (uint32_t)text_at;
	}
	if (count > 0)
		memcpy(at + hints_at, d->hints.p, count);
	if (d->fields.len > 0)
		memcpy(at + fields_at, d->fields.p, d->fields.len);
	if (d->text.len > 0)
		memcpy(at + text_at, d->text.p, d->text.len);
	memset(at + text_at + d->text.len, 0, size - text_at - d->text.len);
	return STATUS_OK;
}
