/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/kernel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"
#include "fingerprint/shingle.h"

/* Narrow to wide; the last usable one that agrees wins. */
static const struct kernel *const rows[] = {
	&kernel_portable,
#ifdef __x86_64__
	&kernel_avx2,
	&kernel_avx512,
#endif
#ifdef __aarch64__
	&kernel_neon,
#endif
};
#define ROWS (sizeof rows / sizeof *rows)

size_t kernel_rows(const struct kernel *const **out_rows)
{
	*out_rows = rows;
	return ROWS;
}

bool kernel_usable(const struct kernel *k)
{
#ifdef __x86_64__
	if (k == &kernel_avx2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
	if (k == &kernel_avx512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
		       __builtin_cpu_supports("avx512vbmi2") &&
		       __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi2");
#endif
#ifdef __aarch64__
	if (k == &kernel_neon)
		return true;
#endif
	return k == &kernel_portable;
}

#define CHECK_WORDS 150u

/* Numbers that exercise every class of byte and token. */
static void fill(uint64_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = mix64(i) & (i % 3 == 0 ? UINT64_C(0x7f7f7f7f7f7f7f7f) : UINT64_MAX);
}

static bool classify_agrees(const struct kernel *k, const unsigned char *text)
{
	struct ascii_block want[4], got[4];
	unsigned char want_lower[4 * BLOCK_BYTES], got_lower[4 * BLOCK_BYTES];

	kernel_portable.classify(want, want_lower, text, 4);
	k->classify(got, got_lower, text, 4);
	return memcmp(want, got, sizeof want) == 0 &&
	       memcmp(want_lower, got_lower, sizeof want_lower) == 0;
}

static bool edges_agree(const struct kernel *k, const unsigned char *text)
{
	struct ascii_block blocks[4];
	unsigned char lower[4 * BLOCK_BYTES];
	uint16_t want[4 * BLOCK_BYTES + EDGES_SLACK], got[4 * BLOCK_BYTES + EDGES_SLACK];
	uint16_t want_before[4], got_before[4];
	size_t n;

	kernel_portable.classify(blocks, lower, text, 4);
	n = kernel_portable.edges(want, want_before, blocks, 0, sizeof lower);
	return k->edges(got, got_before, blocks, 0, sizeof lower) == n &&
	       memcmp(want, got, n * sizeof *want) == 0 &&
	       memcmp(want_before, got_before, sizeof want_before) == 0;
}

static bool queues_agree(const struct kernel *k, const uint64_t *words, size_t stride)
{
	uint16_t border[2 * CHECK_WORDS + 9] = { 0 };
	struct length_queues want, got;

	for (size_t i = 1; i < 2 * CHECK_WORDS + 9; i++)
		border[i] = (uint16_t)(border[i - 1] + 1 + words[i % CHECK_WORDS] % 10);
	kernel_portable.queue(&want, border, stride, CHECK_WORDS);
	k->queue(&got, border, stride, CHECK_WORDS);
	return want.tinies == got.tinies && want.smalls == got.smalls &&
	       want.larges == got.larges &&
	       memcmp(want.tiny, got.tiny, want.tinies * sizeof *want.tiny) == 0 &&
	       memcmp(want.small, got.small, want.smalls * sizeof *want.small) == 0 &&
	       memcmp(want.large, got.large, want.larges * sizeof *want.large) == 0;
}

static bool shingles_agree(const struct kernel *k, const uint16_t *tokens, size_t count)
{
	uint64_t want[CHECK_WORDS] = { 0 }, got[CHECK_WORDS] = { 0 };

	kernel_portable.shingles(want, tokens, count);
	k->shingles(got, tokens, count);
	return memcmp(want, got, sizeof want) == 0;
}

static bool votes_agree(const struct kernel *k, const uint64_t *hashes, size_t count)
{
	uint32_t want[64] = { 1 }, got[64] = { 1 };

	kernel_portable.votes(want, hashes, count);
	k->votes(got, hashes, count);
	return memcmp(want, got, sizeof want) == 0;
}

static bool minima_agree(const struct kernel *k, const uint64_t *hashes, size_t count)
{
	uint64_t want[CHECK_WORDS] = { 0 }, got[CHECK_WORDS] = { 0 };

	for (size_t window = 1; window < 70; window += 1 + window / 2) {
		size_t n = kernel_portable.minima(want, hashes, count, window);

		if (k->minima(got, hashes, count, window) != n ||
		    memcmp(want, got, n * sizeof *want) != 0)
			return false;
	}
	return true;
}

static bool mixes_agree(const struct kernel *k, const uint64_t *hashes, size_t count)
{
	uint64_t want[CHECK_WORDS] = { 0 }, got[CHECK_WORDS] = { 0 };

	memcpy(want, hashes, count * sizeof *want);
	memcpy(got, hashes, count * sizeof *got);
	kernel_portable.mix(want, count, hashes[0]);
	k->mix(got, count, hashes[0]);
	return memcmp(want, got, sizeof want) == 0;
}

static bool nth_bits_agree(const struct kernel *k, const uint64_t *words, size_t count)
{
	const struct kernel *p = &kernel_portable;

	for (size_t n = 0; n < 64 * count + 5; n += 1 + n / 7)
		if (p->nth_bit(words, count, n, 0) != k->nth_bit(words, count, n, 0) ||
		    p->nth_bit(words, count, n, UINT64_MAX) !=
			    k->nth_bit(words, count, n, UINT64_MAX))
			return false;
	return true;
}

static bool hamming_agrees(const struct kernel *k, const uint64_t *hashes, size_t count)
{
	uint32_t want[CHECK_WORDS] = { 0 }, got[CHECK_WORDS] = { 0 };
	size_t want_next, got_next;
	size_t cap = count / 3 + 1;
	size_t n = kernel_portable.hamming(want, cap, &want_next, hashes, count, hashes[0], 32);

	return k->hamming(got, cap, &got_next, hashes, count, hashes[0], 32) == n &&
	       got_next == want_next && memcmp(want, got, sizeof want) == 0;
}

bool kernel_agrees(const struct kernel *k)
{
	uint64_t words[CHECK_WORDS];
	uint16_t tokens[CHECK_WORDS + 8];
	const unsigned char *text = (const unsigned char *)words;

	fill(words, CHECK_WORDS);
	for (size_t i = 0; i < CHECK_WORDS + 8; i++)
		tokens[i] = (uint16_t)(i % 40 < 20 ? words[i % CHECK_WORDS] >> 48 : i * 4 + 2);
	for (size_t offset = 0; offset < 8; offset++) {
		if (!classify_agrees(k, text + offset) || !edges_agree(k, text + offset) ||
		    !queues_agree(k, words, 1 + offset % 2))
			return false;
		for (size_t n = 0; n + offset <= CHECK_WORDS; n += n < 20 ? 1 : 43)
			if (!shingles_agree(k, tokens + offset, n) ||
			    !votes_agree(k, words + offset, n) ||
			    !minima_agree(k, words + offset, n) ||
			    !mixes_agree(k, words + offset, n) ||
			    !nth_bits_agree(k, words + offset, n) ||
			    !hamming_agrees(k, words + offset, n))
				return false;
	}
	return true;
}

static const struct kernel *chosen = &kernel_portable;
static pthread_once_t chosen_once = PTHREAD_ONCE_INIT;

static void kernel_choose(void)
{
	const char *forced = getenv("REPRINT_KERNEL");
	bool known = false;

	if (forced != NULL && *forced == '\0')
		forced = NULL;
	for (size_t i = ROWS; i-- > 0;) {
		bool named = forced != NULL && strcmp(forced, rows[i]->name) == 0;

		if ((forced != NULL && !named) || !kernel_usable(rows[i]))
			continue;
		known |= named;
		chosen = rows[i];
		if (chosen == &kernel_portable || kernel_agrees(chosen))
			break;
		log_warning("kernel disagrees with portable, not used", "kernel=%s", chosen->name);
		chosen = &kernel_portable;
	}
	if (forced != NULL && !known)
		log_warning("no such kernel on this machine", "REPRINT_KERNEL=%s using=%s", forced,
			    chosen->name);
}

const struct kernel *kernel_get(void)
{
	pthread_once(&chosen_once, kernel_choose);
	return chosen;
}

const char *kernel_name(void)
{
	return kernel_get()->name;
}

size_t nth_bit(const uint64_t *words, size_t count, size_t n, uint64_t flip)
{
	return kernel_get()->nth_bit(words, count, n, flip);
}

size_t hamming_scan(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
		    size_t count, uint64_t hash, unsigned max_bits)
{
	return kernel_get()->hamming(out, cap, out_next, hashes, count, hash, max_bits);
}
