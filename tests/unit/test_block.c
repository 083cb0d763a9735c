/* SPDX-License-Identifier: BSD-2-Clause */
/* Packed pages against the list of what was put into them. */
#include "index/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "xorshift.h"

#define ROUNDS 400u
#define KEY_STEP (UINT64_C(1) << (64 - BLOCK_KEY_BITS))

static uint64_t random_state = 1;

static uint64_t draw(void)
{
	return xorshift(&random_state);
}

static uint64_t draw_bits(unsigned bits)
{
	return bits == 0 ? 0 : draw() >> (64 - bits);
}

/* Fills a page with keys up to so many bits apart, and some numbers under each. */
static void fill(struct packer *p, unsigned gap_bits, unsigned number_bits, unsigned per_key)
{
	uint64_t key = draw_bits(BLOCK_KEY_BITS - 1) * KEY_STEP, base = draw_bits(20);

	for (;;) {
		uint64_t number = base + 1;

		for (uint64_t n = 1 + draw() % per_key; n > 0; n--) {
			number += 1 + draw_bits(number_bits) / per_key;
			if (!packer_add(p, key, number))
				return;
		}
		if (key > UINT64_MAX - (KEY_STEP << gap_bits) - KEY_STEP)
			return;
		key += (1 + draw_bits(gap_bits)) * KEY_STEP;
	}
}

static void check_finds(const struct block *b, const struct posting *all, size_t count)
{
	uint64_t found[BLOCK_POSTINGS];

	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && all[i + n].key == all[i].key;)
			n++;
		assert_int_equal(block_find(b, all[i].key, found, BLOCK_POSTINGS), n);
		for (size_t j = 0; j < n; j++)
			assert_int_equal(found[j], all[i + j].number);
		assert_int_equal(block_find(b, all[i].key, found, 1), 1);
		if (i + n == count || all[i + n].key != all[i].key + KEY_STEP)
			assert_int_equal(block_find(b, all[i].key + KEY_STEP, found, 1), 0);
	}
	if (all[0].key > 0)
		assert_int_equal(block_find(b, all[0].key - KEY_STEP, found, 1), 0);
	assert_int_equal(block_find(b, UINT64_MAX & ~(KEY_STEP - 1), found, 1), 0);
}

static void what_is_packed_is_found_and_read_again(void **state)
{
	struct posting out[BLOCK_POSTINGS];
	struct packer p = { 0 };
	struct block b;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct posting all[BLOCK_POSTINGS];
		size_t count;

		fill(&p, round % (BLOCK_KEY_BITS - 6), round % 63, 1 + round % 7 * (round % 3));
		count = p.count;
		assert_true(count > 50);
		memcpy(all, p.postings, count * sizeof *all);
		packer_end(&p, &b);
		assert_int_equal(p.count, 0);
		assert_true(block_sound(&b));
		assert_int_equal(block_unpack(&b, out), count);
		assert_memory_equal(out, all, count * sizeof *all);
		check_finds(&b, all, count);
	}
}

static void one_posting_makes_a_page(void **state)
{
	struct posting out[BLOCK_POSTINGS];
	struct packer p = { 0 };
	uint64_t number;
	struct block b;

	(void)state;
	assert_true(packer_add(&p, 0, UINT64_MAX));
	packer_end(&p, &b);
	assert_true(block_sound(&b));
	assert_int_equal(block_find(&b, 0, &number, 1), 1);
	assert_int_equal(number, UINT64_MAX);
	assert_int_equal(block_unpack(&b, out), 1);
}

/* Article numbers of 22 bits, keys as far apart as in a run of 2^27: below six bytes each. */
static void a_page_holds_more_than_twelve_bytes_each_would_allow(void **state)
{
	struct packer p = { 0 };
	uint64_t key = 0;

	(void)state;
	while (packer_add(&p, key, 1 + draw_bits(22)))
		key += (1 + draw_bits(BLOCK_KEY_BITS - 27 + 1)) * KEY_STEP;
	assert_true(p.count > PAGE_BYTES / 6);
}

/* A page that is packed from them has room for the widest distance: that of the last. */
static void check_order(const struct posting *all, size_t count)
{
	assert_true(count <= BLOCK_POSTINGS);
	for (size_t i = 1; i < count; i++)
		assert_true(all[i].key >= all[i - 1].key);
}

/* Whatever its bits say, nothing is read or written outside. */
static void a_page_of_noise_is_refused_or_read_within_bounds(void **state)
{
	struct posting out[BLOCK_POSTINGS];
	struct packer p = { 0 };
	unsigned sound = 0;

	(void)state;
	for (unsigned round = 0; round < 50 * ROUNDS; round++) {
		uint64_t found[BLOCK_POSTINGS];
		struct block b;

		fill(&p, 20, 20, 3);
		packer_end(&p, &b);
		for (unsigned i = 0; i < 3; i++)
			((unsigned char *)&b)[8 + draw() % (round % 2 ? 32 : PAGE_BYTES - 8)] =
				(unsigned char)draw();
		if (!block_sound(&b))
			continue;
		sound++;
		check_order(out, block_unpack(&b, out));
		for (unsigned i = 0; i < 8; i++) {
			uint64_t key = b.first_key + draw_bits(round % 64);

			block_look(&b, key);
			assert_true(block_find(&b, key, found, BLOCK_POSTINGS) <= BLOCK_POSTINGS);
		}
	}
	assert_in_range(sound, ROUNDS, 50 * ROUNDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_is_found_and_read_again),
		cmocka_unit_test(one_posting_makes_a_page),
		cmocka_unit_test(a_page_holds_more_than_twelve_bytes_each_would_allow),
		cmocka_unit_test(a_page_of_noise_is_refused_or_read_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
