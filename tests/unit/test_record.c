/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/record.h"
#include "store/store.h"

#include <reprint/article.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open(1 << 14);
	return arena == NULL;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static const uint16_t tokens[] = { 4, 8, 15, 16, 23, 42, 65535, 0, 1, 2, 3 };
static const uint32_t paragraphs[] = { 0, 3, 3, 9, 11 };
static const uint8_t quoted[] = { 0, 0, 1, 0 };
static const struct masked masked[] = { { 0, 3, 1 }, { 5, 2, 0 }, { 9, 2, 1 } };
static const struct repeat_block blocks[] = {
	{ { 1, 2 }, { 3, 4 }, 77, 1.0 },
	{ { 1, 1 }, { 4, 4 }, 12, 0.875 },
};
static const struct passage passages[] = { { { 1, 3 }, { 2, 900 }, 211 },
					   { { 4, 4 }, { 1, 1 }, 40 } };
static const struct match matches[] = {
	{ .seq = 977,
	  .kind = KIND_NEAR,
	  .relation = RELATION_CROSS_SITE,
	  .resemblance = 0.91,
	  .containment = 0.97,
	  .contained_by = 0.94,
	  .passages = passages,
	  .passage_count = 2,
	  .id = { "not kept", 8 } },
	{ .seq = UINT64_MAX, .kind = KIND_PARTIAL, .relation = RELATION_SELF, .resemblance = 1 },
};

static struct row example(void)
{
	struct row r = { .of_seq = 5,
			 .canonical = span_of_text("a.example/x"),
			 .published_ms = -12345,
			 .units = 22,
			 .token_count = 11,
			 .paragraph_count = 4,
			 .tokens = tokens,
			 .paragraphs = paragraphs,
			 .quoted = quoted,
			 .masked = masked,
			 .masked_count = 3 };
	struct verdict *v = &r.verdict;

	v->version = 3;
	v->revises = 1041;
	v->id = span_of_text("a.example/2021/x.txt");
	v->source = span_of_text("a.example");
	v->site = span_of_text("a.example");
	v->file = span_of_text("");
	v->title = span_of_text("Ein Titel");
	v->published = span_of_text("2021-07-22");
	v->seen_ms = INT64_C(1795392000123);
	v->words = 11;
	v->paragraphs = 4;
	v->chrome = 1;
	v->simhash = UINT64_C(0x9f3a0123456789ab);
	v->digest[0] = 1;
	v->digest[1] = UINT64_MAX;
	v->kind = KIND_REVISION;
	v->cluster = 977;
	v->ratio = 0.5;
	v->doubled = true;
	v->blocks = blocks;
	v->block_count = 2;
	v->matches = matches;
	v->match_count = 2;
	v->more = 7;
	return r;
}

static bool close_to(double a, double b)
{
	return a - b < 1e-5 && b - a < 1e-5;
}

static bool same_range(struct paragraph_range a, struct paragraph_range b)
{
	return a.from == b.from && a.to == b.to;
}

static void assert_light(const struct row *got, const struct row *want)
{
	const struct verdict *g = &got->verdict, *w = &want->verdict;

	assert_int_equal(g->version, w->version);
	assert_int_equal(g->revises, w->revises);
	assert_true(span_equal(g->id, w->id));
	assert_true(span_equal(g->source, w->source));
	assert_true(span_equal(g->site, w->site));
	assert_true(g->file.p != NULL && g->file.len == 0);
	assert_null(g->url.p);
	assert_true(span_equal(g->title, w->title));
	assert_true(span_equal(g->published, w->published));
	assert_true(span_equal(got->canonical, want->canonical));
	assert_true(g->seen_ms == w->seen_ms && got->published_ms == want->published_ms);
	assert_true(g->words == w->words && g->paragraphs == w->paragraphs);
	assert_true(g->chrome == w->chrome && got->units == want->units);
	assert_true(g->simhash == w->simhash && g->digest[0] == w->digest[0]);
	assert_true(g->digest[1] == w->digest[1] && g->kind == w->kind);
	assert_true(g->cluster == w->cluster && got->of_seq == want->of_seq);
	assert_true(g->doubled == w->doubled && close_to(g->ratio, w->ratio));
	assert_int_equal(got->token_count, want->token_count);
	assert_memory_equal(got->tokens, want->tokens, 2 * want->token_count);
	assert_int_equal((uintptr_t)got->tokens % 2, 0);
	assert_int_equal(got->paragraph_count, want->paragraph_count);
	assert_memory_equal(got->paragraphs, want->paragraphs, 4 * (want->paragraph_count + 1));
	assert_memory_equal(got->quoted, want->quoted, want->paragraph_count);
	assert_int_equal(got->masked_count, want->masked_count);
	for (uint32_t i = 0; i < want->masked_count; i++)
		assert_true(got->masked[i].from == want->masked[i].from &&
			    got->masked[i].count == want->masked[i].count &&
			    got->masked[i].chrome == want->masked[i].chrome);
}

static void assert_match(const struct match *g, const struct match *w)
{
	assert_true(g->seq == w->seq && g->kind == w->kind && g->relation == w->relation);
	assert_true(close_to(g->resemblance, w->resemblance));
	assert_true(close_to(g->containment, w->containment));
	assert_true(close_to(g->contained_by, w->contained_by));
	assert_null(g->id.p);
	assert_int_equal(g->passage_count, w->passage_count);
	for (uint32_t i = 0; i < w->passage_count; i++)
		assert_true(same_range(g->passages[i].here, w->passages[i].here) &&
			    same_range(g->passages[i].there, w->passages[i].there) &&
			    g->passages[i].words == w->passages[i].words);
}

static void assert_heavy(const struct verdict *g, const struct verdict *w)
{
	assert_int_equal(g->block_count, w->block_count);
	for (uint32_t i = 0; i < w->block_count; i++)
		assert_true(same_range(g->blocks[i].first, w->blocks[i].first) &&
			    same_range(g->blocks[i].again, w->blocks[i].again) &&
			    g->blocks[i].words == w->blocks[i].words &&
			    close_to(g->blocks[i].similarity, w->blocks[i].similarity));
	assert_int_equal(g->match_count, w->match_count);
	for (uint32_t i = 0; i < w->match_count; i++)
		assert_match(&g->matches[i], &w->matches[i]);
	assert_int_equal(g->more, w->more);
}

/* A copy that begins at an address of our choice. */
static char *placed(struct span s, size_t offset, char **out_block)
{
	char *block = malloc(s.len + offset + 1);

	assert_non_null(block);
	memcpy(block + offset, s.p, s.len);
	*out_block = block;
	return block + offset;
}

static void a_row_comes_back_as_it_was_at_any_address(void **state)
{
	struct row want = example(), got;
	struct bytes b = { 0 };

	(void)state;
	record_put_row(&b, &want);
	assert_false(b.failed);
	for (size_t offset = 0; offset < 16; offset++) {
		char *block, *p = placed(bytes_span(&b), offset, &block);

		assert_true(record_sound(span_of(p, b.len)));
		assert_int_equal(record_take_row(&got, span_of(p, b.len), arena), STATUS_OK);
		assert_light(&got, &want);
		assert_heavy(&got.verdict, &want.verdict);
		assert_int_equal(record_take_light(&got, span_of(p, b.len), arena), STATUS_OK);
		assert_light(&got, &want);
		free(block);
	}
	bytes_free(&b);
}

static void a_glimpse_shows_the_words_of_a_row_and_its_mask(void **state)
{
	struct row want = example();
	struct bytes b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++, want.published_ms = ARTICLE_NO_TIME) {
		struct glimpse got;

		bytes_clear(&b);
		record_put_row(&b, &want);
		assert_int_equal(record_take_glimpse(&got, bytes_span(&b), arena), STATUS_OK);
		assert_int_equal(got.token_count, want.token_count);
		assert_memory_equal(got.tokens, want.tokens, 2 * want.token_count);
		assert_int_equal(got.masked_count, want.masked_count);
		for (uint32_t m = 0; m < want.masked_count; m++)
			assert_true(got.masked[m].from == want.masked[m].from &&
				    got.masked[m].count == want.masked[m].count);
	}
	bytes_free(&b);
}

static size_t length_with(const char *url, const char *id, struct row *r)
{
	struct bytes b = { 0 };
	struct row got;
	size_t len;

	r->verdict.url = span_of_text(url);
	r->verdict.id = span_of_text(id);
	record_put_row(&b, r);
	assert_int_equal(record_take_row(&got, bytes_span(&b), arena), STATUS_OK);
	assert_true(span_equal(got.verdict.url, r->verdict.url));
	assert_true(span_equal(got.verdict.id, r->verdict.id));
	assert_true(span_equal(got.canonical, r->canonical));
	len = b.len;
	bytes_free(&b);
	return len;
}

static void a_name_that_stands_in_another_is_kept_once(void **state)
{
	struct row r = { .published_ms = ARTICLE_NO_TIME,
			 .canonical = span_of_text("news.example/2021/item-77") };
	size_t apart = length_with("http://else.example/9999/thing-11", "item-77-more", &r);
	size_t within = length_with("http://news.example/2021/item-77/", "2021/item-77", &r);

	(void)state;
	assert_true(within + 12 + 25 - 4 <= apart);
}

static void names_of_any_length_come_back(void **state)
{
	struct row r = { .published_ms = ARTICLE_NO_TIME }, got;
	char *title = malloc(40000);

	(void)state;
	memset(title, 'x', 40000);
	for (size_t len = 0; len < 40000; len += 1 + len / 300) {
		struct bytes b = { 0 };
		struct glimpse g;

		r.verdict.title = span_of(title, len);
		record_put_row(&b, &r);
		assert_int_equal(record_take_row(&got, bytes_span(&b), arena), STATUS_OK);
		assert_true(span_equal(got.verdict.title, r.verdict.title));
		assert_int_equal(record_take_glimpse(&g, bytes_span(&b), arena), STATUS_OK);
		bytes_free(&b);
	}
	free(title);
}

static void an_empty_row_comes_back(void **state)
{
	struct row want = { .published_ms = ARTICLE_NO_TIME }, got;
	struct bytes b = { 0 };

	(void)state;
	put_u8(&b, 0); /* a row may begin anywhere in the buffer */
	record_put_row(&b, &want);
	assert_int_equal(record_take_row(&got, span_of(b.p + 1, b.len - 1), arena), STATUS_OK);
	assert_int_equal(got.token_count, 0);
	assert_int_equal(got.paragraphs[0], 0);
	assert_true(got.published_ms == ARTICLE_NO_TIME);
	bytes_free(&b);
}

static void shares_outside_0_to_1_are_clipped(void **state)
{
	struct row want = { .verdict.ratio = 17 }, got;
	struct bytes b = { 0 };

	(void)state;
	record_put_row(&b, &want);
	assert_int_equal(record_take_row(&got, bytes_span(&b), arena), STATUS_OK);
	assert_true(got.verdict.ratio == 1);
	bytes_clear(&b);
	want.verdict.ratio = -0.0 / 0.0;
	record_put_row(&b, &want);
	assert_int_equal(record_take_row(&got, bytes_span(&b), arena), STATUS_OK);
	assert_true(got.verdict.ratio == 0);
	bytes_free(&b);
}

static void every_piece_of_a_row_is_refused(void **state)
{
	struct row want = example(), got;
	struct bytes b = { 0 };
	struct glimpse g;

	(void)state;
	record_put_row(&b, &want);
	for (size_t len = 0; len < b.len; len++) {
		char *block, *p = placed(span_of(b.p, len), 0, &block);

		assert_int_equal(record_take_row(&got, span_of(p, len), arena), STATUS_DAMAGED);
		assert_int_equal(record_take_light(&got, span_of(p, len), arena), STATUS_DAMAGED);
		assert_int_equal(record_take_glimpse(&g, span_of(p, len), arena), STATUS_DAMAGED);
		free(block);
	}
	bytes_free(&b);
}

static void every_flipped_bit_is_refused_by_the_checksum(void **state)
{
	struct row want = example(), got;
	struct bytes b = { 0 };

	(void)state;
	record_put_row(&b, &want);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.p[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(record_sound(bytes_span(&b)));
		assert_int_equal(record_take_row(&got, bytes_span(&b), arena), STATUS_DAMAGED);
		arena_clear(arena);
		b.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	bytes_free(&b);
}

/* Puts the right length and checksum on changed bytes. */
static void reseal(struct bytes *b)
{
	uint32_t sum = (uint32_t)checksum_of(
		span_of(b->p + RECORD_HEAD_BYTES, b->len - RECORD_HEAD_BYTES));

	for (unsigned i = 0; i < 4; i++) {
		b->p[i] = (char)(b->len >> 8 * i);
		b->p[4 + i] = (char)(sum >> 8 * i);
	}
}

/* What a reader would walk through lies within the arrays. */
static void assert_consistent(const struct row *r)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i <= r->paragraph_count; at = r->paragraphs[i++])
		assert_true(r->paragraphs[i] >= at && r->paragraphs[i] <= r->token_count);
	at = 0;
	for (uint32_t i = 0; i < r->masked_count; i++) {
		assert_true(r->masked[i].from >= at);
		at = r->masked[i].from + r->masked[i].count;
		assert_true(at >= r->masked[i].from && at <= r->token_count);
	}
	for (uint32_t i = 0; i < r->verdict.block_count; i++)
		assert_true(r->verdict.blocks[i].again.to <= r->paragraph_count);
	assert_true(r->verdict.kind < KIND_COUNT);
}

static void a_forged_row_is_refused_or_consistent(void **state)
{
	struct row want = example(), got;
	struct bytes good = { 0 }, b = { 0 };
	unsigned taken = 0;
	uint64_t x = 1;

	(void)state;
	record_put_row(&good, &want);
	for (unsigned round = 0; round < 20000; round++) {
		bytes_clear(&b);
		put_bytes(&b, good.p, good.len);
		for (unsigned i = 0; i < 1 + round % 3; i++) {
			x = mix64(x + 1);
			b.p[RECORD_HEAD_BYTES + x % (b.len - RECORD_HEAD_BYTES)] = (char)(x >> 32);
		}
		reseal(&b);
		if (record_take_row(&got, bytes_span(&b), arena) == STATUS_OK) {
			assert_consistent(&got);
			taken++;
		}
		arena_clear(arena);
	}
	assert_true(taken > 100 && taken < 20000);
	bytes_free(&b);
	bytes_free(&good);
}

static void alerts_deliveries_and_rejections_come_back_whole_or_not(void **state)
{
	const struct alert a = { 9, 1042, 1u << KIND_NEAR | WHY_DOUBLED };
	const struct delivery d = { 3,  span_of_text("s/x.txt"), 1u << 30,
				    -5, { 7, UINT64_MAX },       true };
	const struct rejection r = { 4, span_of_text("s/y"), span_of_text("too large"), -1 };
	struct bytes b = { 0 };
	struct rejection r2;
	struct delivery d2;
	struct alert a2;

	(void)state;
	record_put_alert(&b, &a);
	assert_int_equal(record_take_alert(&a2, bytes_span(&b)), STATUS_OK);
	assert_true(a2.seq == a.seq && a2.why == a.why);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(record_take_alert(&a2, span_of(b.p, len)), STATUS_DAMAGED);
	bytes_clear(&b);
	record_put_delivery(&b, &d);
	assert_int_equal(record_take_delivery(&d2, bytes_span(&b)), STATUS_OK);
	assert_true(span_equal(d2.path, d.path) && d2.size == d.size && d2.mtime_ns == -5);
	assert_true(d2.content[0] == 7 && d2.content[1] == UINT64_MAX && d2.again);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(record_take_delivery(&d2, span_of(b.p, len)), STATUS_DAMAGED);
	bytes_clear(&b);
	record_put_rejection(&b, &r);
	assert_int_equal(record_take_rejection(&r2, bytes_span(&b)), STATUS_OK);
	assert_true(span_equal(r2.path, r.path) && span_equal(r2.why, r.why) && r2.when_ms == -1);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(record_take_rejection(&r2, span_of(b.p, len)), STATUS_DAMAGED);
	bytes_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_ARENA(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
		WITH_ARENA(a_row_comes_back_as_it_was_at_any_address),
		WITH_ARENA(a_glimpse_shows_the_words_of_a_row_and_its_mask),
		WITH_ARENA(a_name_that_stands_in_another_is_kept_once),
		WITH_ARENA(names_of_any_length_come_back),
		WITH_ARENA(an_empty_row_comes_back),
		WITH_ARENA(shares_outside_0_to_1_are_clipped),
		WITH_ARENA(every_piece_of_a_row_is_refused),
		WITH_ARENA(every_flipped_bit_is_refused_by_the_checksum),
		WITH_ARENA(a_forged_row_is_refused_or_consistent),
		WITH_ARENA(alerts_deliveries_and_rejections_come_back_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
