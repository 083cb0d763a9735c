/* SPDX-License-Identifier: BSD-2-Clause */
/* The small things in a feed: dates, addresses, character references. */
#include "base/bytes.h"
#include "text/date.h"
#include "text/entity.h"
#include "text/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void read_date(struct span s)
{
	int64_t ms = 0;

	/* 1900 to 2199, in some zone */
	if (date_parse(&ms, s))
		check(ms >= INT64_C(-2208988800000) - DAY_MS &&
		      ms < INT64_C(7258118400000) + DAY_MS);
	else
		check(ms == 0);
}

static void read_url(struct span s)
{
	struct bytes out = { 0 };
	bool taken;

	put_text(&out, "before");
	taken = url_canonical(&out, s);
	check(taken == (out.len > strlen("before")));
	check(memcmp(out.p, "before", strlen("before")) == 0);
	bytes_free(&out);
}

static void resolve(struct span base, struct span reference)
{
	struct bytes out = { 0 };

	url_resolve(&out, base, reference);
	check(!out.failed);
	bytes_free(&out);
}

static void read_references(const char *text, size_t len)
{
	int32_t character;

	for (const char *p = text; (p = memchr(p, '&', len - (size_t)(p - text))) != NULL; p++) {
		size_t used = entity_at(&character, p, len - (size_t)(p - text));

		check(used <= len - (size_t)(p - text));
		check(used == 0 || (character > 0 && character <= 0x10ffff));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of((const char *)data, size), rest = all;
	const char *end = size == 0 ? NULL : memchr(data, '\n', size);

	if (end != NULL) {
		rest = span_of(end + 1, size - (size_t)(end + 1 - all.p));
		all.len = (size_t)(end - all.p);
	}
	read_date(all);
	read_url(all);
	resolve(all, rest);
	if (size > 0)
		read_references((const char *)data, size);
	return 0;
}
