/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

int64_t clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Days since 1970-01-01 of a civil date (H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms"). */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

int64_t clock_of_calendar(int64_t year, int month, int day, int hour, int minute, int second)
{
	return days_of(year, month, day) * DAY_MS +
	       ((int64_t)hour * 3600 + (int64_t)minute * 60 + second) * 1000;
}

char *clock_text(char *out, int64_t ms)
{
	int64_t low = clock_of_calendar(0, 1, 1, 0, 0, 0);
	int64_t high = clock_of_calendar(10000, 1, 1, 0, 0, 0) - 1;
	struct tm tm;
	time_t s;

	ms = ms < low ? low : ms > high ? high : ms;
	s = (time_t)(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
	gmtime_r(&s, &tm);
	snprintf(out, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		 (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		 (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		 (unsigned)tm.tm_sec % 100, (unsigned)(ms - (int64_t)s * 1000) % 1000);
	return out;
}

/* Exactly count digits at *p; moves *p on. */
static bool digits(int *out, const char **p, const char *end, int count)
{
	int v = 0;

	if (end - *p < count)
		return false;
	for (int i = 0; i < count; i++, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		v = v * 10 + (**p - '0');
	}
	*out = v;
	return true;
}

static bool symbol(const char **p, const char *end, const char *any_of)
{
	if (*p == end || **p == '\0' || strchr(any_of, **p) == NULL)
		return false;
	++*p;
	return true;
}

/* ".123" or nothing; milliseconds, further digits dropped. */
static bool fraction(int *out_ms, const char **p, const char *end)
{
	int scale = 100;

	*out_ms = 0;
	if (!symbol(p, end, ".,"))
		return true;
	if (*p == end || **p < '0' || **p > '9')
		return false;
	for (; *p < end && **p >= '0' && **p <= '9'; ++*p, scale /= 10)
		*out_ms += (**p - '0') * scale;
	return true;
}

/* "Z", "+02:00", "+0200" or nothing. */
static bool zone(int *out_minutes, const char **p, const char *end)
{
	int sign, hours, minutes;

	*out_minutes = 0;
	if (*p == end || symbol(p, end, "Zz"))
		return *p == end;
	sign = **p == '-' ? -1 : 1;
	if (!symbol(p, end, "+-") || !digits(&hours, p, end, 2))
		return false;
	symbol(p, end, ":");
	if (!digits(&minutes, p, end, 2) || hours > 23 || minutes > 59)
		return false;
	*out_minutes = sign * (hours * 60 + minutes);
	return *p == end;
}

bool clock_parse(int64_t *out_ms, struct span s)
{
	const char *p = s.p, *end = s.p == NULL ? NULL : s.p + s.len;
	int year, month, day, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;

	if (s.p == NULL || !digits(&year, &p, end, 4) || !symbol(&p, end, "-") ||
	    !digits(&month, &p, end, 2) || !symbol(&p, end, "-") || !digits(&day, &p, end, 2))
		return false;
	if (p < end) {
		if (!symbol(&p, end, "Tt ") || !digits(&hour, &p, end, 2) ||
		    !symbol(&p, end, ":") || !digits(&minute, &p, end, 2))
			return false;
		if (symbol(&p, end, ":") &&
		    (!digits(&second, &p, end, 2) || !fraction(&ms, &p, end)))
			return false;
		if (!zone(&offset, &p, end))
			return false;
	}
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 ||
	    second > 60)
		return false;
	*out_ms = clock_of_calendar(year, month, day, hour, minute, second) + ms -
		  (int64_t)offset * 60000;
	return true;
}
