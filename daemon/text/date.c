/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/date.h"

#include "base/clock.h"

#include <strings.h>

/* The longest date that makes sense; what is longer is prose. */
#define DATE_BYTES 80u
#define YEAR_2200_MS INT64_C(7258118400000)

struct reading {
	const char *p, *end;
	int year, month, day; /* 0 or -1 (year): not seen */
	int hour, minute, second, ms;
	int zone_minutes;
	bool has_time;
};

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
				      "jul", "aug", "sep", "oct", "nov", "dec" };

static const struct {
	const char *name;
	int hours;
} zones[] = { /* RFC 822, section 5.1, and what else is common */
	      { "ut", 0 },   { "utc", 0 },  { "gmt", 0 },  { "z", 0 },    { "est", -5 },
	      { "edt", -4 }, { "cst", -6 }, { "cdt", -5 }, { "mst", -7 }, { "mdt", -6 },
	      { "pst", -8 }, { "pdt", -7 }, { "bst", 1 },  { "cet", 1 },  { "cest", 2 },
	      { "eet", 2 },  { "eest", 3 }, { "msk", 3 },  { "jst", 9 },  { "kst", 9 }
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool same_word(const char *name, const char *p, size_t len)
{
	return strlen(name) == len && strncasecmp(name, p, len) == 0;
}

/* Up to nine digits at r->p; *out_len tells how many. */
static int take_number(struct reading *r, int *out_len)
{
	int v = 0, n = 0;

	while (r->p < r->end && is_digit(*r->p) && n < 9) {
		v = v * 10 + (*r->p++ - '0');
		n++;
	}
	*out_len = n;
	return v;
}

static bool take_word(struct reading *r)
{
	const char *from = r->p;
	size_t len;

	while (r->p < r->end && is_letter(*r->p))
		r->p++;
	len = (size_t)(r->p - from);
	for (int i = 0; i < 12 && len >= 3; i++) {
		if (strncasecmp(months[i], from, 3) == 0) {
			if (r->month != 0)
				return false;
			r->month = i + 1;
			return true;
		}
	}
	if (same_word("pm", from, len) && r->has_time && r->hour < 12)
		r->hour += 12;
	else if (same_word("am", from, len) && r->hour == 12)
		r->hour = 0;
	for (size_t i = 0; i < sizeof zones / sizeof *zones && r->has_time; i++)
		if (same_word(zones[i].name, from, len))
			r->zone_minutes = zones[i].hours * 60;
	/* Weekdays, "at", "T" and the like say nothing more. */
	return true;
}

/* ":mm[:ss[.fff]]" after the hour. */
static bool take_time(struct reading *r, int hour)
{
	int len;

	if (r->has_time)
		return false;
	r->has_time = true;
	r->hour = hour;
	r->p++;
	r->minute = take_number(r, &len);
	if (len != 2)
		return false;
	if (r->end - r->p >= 2 && *r->p == ':' && is_digit(r->p[1])) {
		r->p++;
		r->second = take_number(r, &len);
		if (len != 2)
			return false;
	}
	if (r->end - r->p >= 2 && (*r->p == '.' || *r->p == ',') && is_digit(r->p[1])) {
		int scale = 100;

		for (r->p++; r->p < r->end && is_digit(*r->p); r->p++, scale /= 10)
			r->ms += (*r->p - '0') * scale;
	}
	return true;
}

/* "+0100", "+01:00", "+1" after the time. */
static bool take_zone(struct reading *r)
{
	int sign = *r->p++ == '-' ? -1 : 1, len, v = take_number(r, &len), minutes = 0;

	if (len >= 3) {
		minutes = v % 100;
		v /= 100;
	} else if (r->end - r->p >= 3 && *r->p == ':') {
		r->p++;
		minutes = take_number(r, &len);
	}
	if (v > 15 || minutes > 59)
		return false;
	r->zone_minutes = sign * (v * 60 + minutes);
	return true;
}

/* A number that is not part of a time: "20261123", "2026", "23", "11/23". */
static bool take_day_or_year(struct reading *r, int v, int len)
{
	if (len == 8 && r->year < 0) {
		r->year = v / 10000;
		r->month = v / 100 % 100;
		r->day = v % 100;
	} else if (len == 6 && r->year >= 0 && !r->has_time) {
		r->has_time = true;
		r->hour = v / 10000;
		r->minute = v / 100 % 100;
		r->second = v % 100;
	} else if (len == 4 && r->year < 0) {
		r->year = v;
	} else if (len <= 2 && r->year >= 0 && r->month == 0) {
		r->month = v; /* year first, so the month is next */
	} else if (len <= 2 && r->day == 0) {
		r->day = v;
	} else if (len == 2 && r->year < 0 && r->month != 0) {
		r->year = v + (v < 70 ? 2000 : 1900); /* RFC 822's two digits */
	} else {
		return false;
	}
	return true;
}

static bool take_piece(struct reading *r)
{
	int v, len;

	if (is_letter(*r->p))
		return take_word(r);
	if (r->has_time && (*r->p == '+' || *r->p == '-') && r->end - r->p >= 2 &&
	    is_digit(r->p[1]))
		return take_zone(r);
	if (!is_digit(*r->p)) {
		r->p++;
		return true;
	}
	v = take_number(r, &len);
	if (len <= 2 && r->end - r->p >= 3 && *r->p == ':' && is_digit(r->p[1]))
		return take_time(r, v);
	return take_day_or_year(r, v, len);
}

static int days_in(int year, int month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 ? (leap ? 29 : 28) : 30 + ((month + (month > 7)) & 1);
}

/* Seconds or milliseconds since 1970, as some exports write them. */
static bool of_epoch(int64_t *out_ms, struct span s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.p[i]))
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	v = s.len == 10 ? v * 1000 : v;
	if (v >= YEAR_2200_MS)
		return false;
	*out_ms = v;
	return true;
}

static bool of_pieces(int64_t *out_ms, struct span s)
{
	struct reading r = { .p = s.p, .end = s.p + s.len, .year = -1 };

	while (r.p < r.end)
		if (!take_piece(&r))
			return false;
	if (r.year < 1900 || r.year > 2199 || r.month < 1 || r.month > 12 || r.day < 1 ||
	    r.day > days_in(r.year, r.month) || r.hour > 24 || r.minute > 59 || r.second > 60)
		return false;
	*out_ms = clock_of_calendar(r.year, r.month, r.day, r.hour, r.minute, r.second) + r.ms -
		  (int64_t)r.zone_minutes * 60000;
	return true;
}

bool date_parse(int64_t *out_ms, struct span s)
{
	while (s.len > 0 && (unsigned char)s.p[0] <= ' ')
		s = span_of(s.p + 1, s.len - 1);
	while (s.len > 0 && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	if (s.len < 6 || s.len > DATE_BYTES)
		return false;
	if ((s.len == 10 || s.len == 13) && of_epoch(out_ms, s))
		return true;
	return of_pieces(out_ms, s);
}
