/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/postings.h"

#include <string.h>

#include "index/sort.h"

static size_t drop_expired(uint64_t *list, size_t count, uint64_t expired)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!posting_expired(list[i], expired))
			list[kept++] = list[i];
	return kept;
}

static bool is_list(const uint64_t *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (posting_number(list[i - 1]) >= posting_number(list[i]))
			return false;
	return true;
}

static size_t drop_repeated(uint64_t *list, size_t count)
{
	size_t kept = 1;

	for (size_t i = 1; i < count; i++)
		if (posting_number(list[i]) != posting_number(list[kept - 1]))
			list[kept++] = list[i];
	return kept;
}

size_t postings_settle(uint64_t *list, size_t count, struct postings_rule rule, uint64_t expired)
{
	size_t keep = postings_keep(rule);

	if (expired > 0)
		count = drop_expired(list, count, expired);
	if (!is_list(list, count)) {
		sort_few(list, count);
		count = drop_repeated(list, count);
	}
	if (count <= keep)
		return count;
	memmove(list + rule.old, list + rule.old + count - keep, (keep - rule.old) * sizeof *list);
	return keep;
}

size_t postings_trim(uint64_t *list, size_t count, struct postings_rule rule)
{
	if (count <= rule.cap)
		return count;
	memmove(list + rule.old, list + rule.old + 1, (rule.cap - rule.old) * sizeof *list);
	return rule.cap;
}
