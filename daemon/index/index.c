/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "fingerprint/kernel.h"
#include "index/postings.h"
#include "index/sort.h"
#include "index/table.h"
#include "index/tally.h"

#define ACTIVE_ARTICLES 262144u
#define POSTINGS_CAP 64u
#define START_BITS 12u
#define BATCH 64u /* keys looked up at a time: enough to hide the memory's latency */
#define NEAR_BATCH 256u

struct index {
	struct postings_rule rule;
	uint32_t active_articles;
	struct table *active; /* NULL before the first key */
	struct tally *tally;
	uint64_t expired;
	uint64_t *lists;     /* BATCH lists, each with room for two of postings_keep() */
	uint64_t *keys;      /* of one call: mixed, sorted, each once */
	uint64_t *keys_next; /* scratch of the same size */
	size_t keys_cap;
};

/* Homes are the top bits: small or regular numbers must spread as well as hashes do. A bijection,
 * but for 0, which means a free slot: it counts as the key of 1. */
static uint64_t spread(uint64_t key)
{
	uint64_t mixed = mix64(key);

	return mixed == 0 ? mix64(1) : mixed;
}

/* ---- putting in -------------------------------------------------------------------------------
 */

static enum status need_active(struct index *x)
{
	return x->active != NULL ? STATUS_OK : table_open(&x->active, START_BITS, x->rule);
}

static enum status number_fits(uint64_t number)
{
	return number == 0 || number > POSTING_NUMBER_MAX ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status add_batch(struct index *x, const uint64_t *keys, size_t count, uint64_t posting)
{
	enum status st = STATUS_OK;
	uint64_t mixed[BATCH];

	for (size_t i = 0; i < count; i++) {
		mixed[i] = spread(keys[i]);
		table_prefetch(x->active, mixed[i]);
	}
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		st = table_post(x->active, mixed[i], posting);
	return st;
}

enum status index_add(struct index *x, uint64_t seq, uint64_t simhash, const uint64_t *keys,
		      size_t count)
{
	enum status st = number_fits(seq);

	if (st == STATUS_OK)
		st = need_active(x);
	for (size_t i = 0; i < count && st == STATUS_OK; i += BATCH)
		st = add_batch(x, keys + i, count - i < BATCH ? count - i : BATCH,
			       posting_of(seq, false));
	return st == STATUS_OK ? table_article(x->active, seq, simhash) : st;
}

enum status index_post(struct index *x, uint64_t key, uint64_t number)
{
	enum status st = number_fits(number);

	if (st == STATUS_OK)
		st = need_active(x);
	return st == STATUS_OK ? table_post(x->active, spread(key), posting_of(number, true)) : st;
}

/* ---- looking up -------------------------------------------------------------------------------
 */

static uint64_t *list_of(const struct index *x, size_t i)
{
	return x->lists + i * 2 * postings_keep(x->rule);
}

/* The lists of at most BATCH keys, from everything that holds postings. */
static void look_up(struct index *x, const uint64_t *keys, size_t count, size_t *lengths)
{
	memset(lengths, 0, count * sizeof *lengths);
	if (x->active == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		table_prefetch(x->active, keys[i]);
	for (size_t i = 0; i < count; i++) {
		lengths[i] = table_find(x->active, keys[i], list_of(x, i));
		lengths[i] = postings_settle(list_of(x, i), lengths[i], x->rule, x->expired);
	}
}

size_t index_find(struct index *x, uint64_t key, uint64_t *out, size_t cap)
{
	uint64_t mixed = spread(key);
	uint64_t *list = list_of(x, 0);
	size_t length, count;

	look_up(x, &mixed, 1, &length);
	length = postings_trim(list, length, x->rule);
	count = length < cap ? length : cap;
	for (size_t i = 0; i < count; i++)
		out[i] = posting_number(list[length - 1 - i]);
	return count;
}

static bool reserve_keys(struct index *x, size_t count)
{
	uint64_t *keys, *next;

	if (count <= x->keys_cap)
		return true;
	keys = malloc(count * sizeof *keys);
	next = malloc(count * sizeof *next);
	if (keys == NULL || next == NULL) {
		free(keys);
		free(next);
		return false;
	}
	free(x->keys);
	free(x->keys_next);
	x->keys = keys;
	x->keys_next = next;
	x->keys_cap = count;
	return true;
}

static size_t keys_once(struct index *x, const uint64_t *keys, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		x->keys[i] = spread(keys[i]);
	sort_many(x->keys, x->keys_next, count);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || x->keys[i] != x->keys[kept - 1])
			x->keys[kept++] = x->keys[i];
	return kept;
}

size_t index_candidates(struct index *x, const uint64_t *keys, size_t count, struct candidate *out,
			size_t cap, size_t *out_capped)
{
	size_t lengths[BATCH];

	*out_capped = 0;
	if (!reserve_keys(x, count))
		return 0;
	count = keys_once(x, keys, count);
	for (size_t from = 0; from < count; from += BATCH) {
		size_t batch = count - from < BATCH ? count - from : BATCH;

		look_up(x, x->keys + from, batch, lengths);
		for (size_t i = 0; i < batch; i++) {
			uint64_t *list = list_of(x, i);

			*out_capped += lengths[i] > x->rule.cap;
			lengths[i] = postings_trim(list, lengths[i], x->rule);
			for (size_t p = 0; p < lengths[i]; p++)
				tally_add(x->tally, posting_number(list[p]));
		}
	}
	return tally_take(x->tally, out, cap);
}

void index_near(struct index *x, uint64_t simhash, unsigned max_bits, index_near_fn fn, void *ctx)
{
	size_t count = x->active == NULL ? 0 : table_articles(x->active);
	uint32_t found[NEAR_BATCH];
	size_t next;

	for (size_t from = 0; from < count; from += next) {
		const uint64_t *column = table_simhashes(x->active) + from;
		size_t n = hamming_scan(found, NEAR_BATCH, &next, column, count - from, simhash,
					max_bits);

		for (size_t i = 0; i < n; i++) {
			uint64_t seq = table_seqs(x->active)[from + found[i]];
			unsigned bits = (unsigned)__builtin_popcountll(column[found[i]] ^ simhash);

			if (seq > x->expired && !fn(ctx, seq, bits))
				return;
		}
	}
}

/* ---- ageing -----------------------------------------------------------------------------------
 */

void index_committed(struct index *x, uint64_t seq, uint64_t delivery)
{
	(void)x;
	(void)seq;
	(void)delivery;
}

void index_expire(struct index *x, uint64_t seq)
{
	if (seq > x->expired)
		x->expired = seq;
}

enum status index_seal(struct index *x)
{
	(void)x;
	return STATUS_OK;
}

void index_sealed_to(const struct index *x, uint64_t *out_seq, uint64_t *out_delivery)
{
	(void)x;
	*out_seq = 0;
	*out_delivery = 0;
}

bool index_gap(const struct index *x, uint64_t *out_from, uint64_t *out_to, unsigned which)
{
	(void)x;
	(void)which;
	*out_from = 0;
	*out_to = 0;
	return false;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static struct postings_rule rule_of(uint32_t cap)
{
	if (cap == 0)
		cap = POSTINGS_CAP;
	if (cap < 2)
		cap = 2;
	if (cap > POSTINGS_CAP_MAX)
		cap = POSTINGS_CAP_MAX;
	return (struct postings_rule){ cap, cap / 2 };
}

enum status index_open(struct index **out, const struct index_options *o)
{
	struct index *x = calloc(1, sizeof *x);

	if (x == NULL)
		return STATUS_NO_MEMORY;
	x->rule = rule_of(o->postings_cap);
	x->active_articles = o->active_articles == 0 ? ACTIVE_ARTICLES : o->active_articles;
	x->lists = malloc((size_t)BATCH * 2 * postings_keep(x->rule) * sizeof *x->lists);
	if (x->lists == NULL || tally_open(&x->tally) != STATUS_OK) {
		index_close(x);
		return STATUS_NO_MEMORY;
	}
	*out = x;
	return STATUS_OK;
}

void index_close(struct index *x)
{
	if (x == NULL)
		return;
	table_close(x->active);
	tally_close(x->tally);
	free(x->lists);
	free(x->keys);
	free(x->keys_next);
	free(x);
}
