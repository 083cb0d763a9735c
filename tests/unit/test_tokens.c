/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows whose tokens are stored in the code of their epoch. */
#include "small_state.h"

#include "packer.h"

#include "store/epoch.h"
#include "store/record.h"
#include "store/record_pack.h"
#include "store/row_code.h"
#include "store/verify.h"

#define WORDS 600u
#define LEARNED 500u /* rows after which an epoch has its code for sure */

/* Rank r comes about 1/r as often as the first. */
static uint16_t token_of(uint64_t n)
{
	double share = (double)(mix64(n) >> 11) / (double)(UINT64_C(1) << 53);
	uint32_t rank = 0;

	for (double sum = 0; rank < 2999 && sum < share; rank++)
		sum += 1 / (double)(rank + 1) / 8;
	return (uint16_t)(mix64(rank) >> 48);
}

static struct row words_of(uint64_t n)
{
	static uint16_t tokens[WORDS];
	static uint32_t paragraphs[] = { 0, 200, WORDS };
	static const struct masked masked[] = { { 3, 7, 1 }, { 400, 20, 0 } };
	struct row r = row_of(n);

	for (uint32_t i = 0; i < WORDS; i++)
		tokens[i] = token_of(n * WORDS + i);
	r.tokens = tokens;
	r.token_count = WORDS - (uint32_t)(n % 3);
	paragraphs[2] = r.token_count;
	r.paragraphs = paragraphs;
	r.paragraph_count = 2;
	r.masked = masked;
	r.masked_count = 2;
	r.text.p = NULL;
	r.verdict.cluster = 0;
	return r;
}

static void assert_words(const struct row *got, uint64_t n)
{
	struct row want = words_of(n);

	assert_true(span_equal(got->verdict.id, want.verdict.id));
	assert_int_equal(got->token_count, want.token_count);
	assert_memory_equal(got->tokens, want.tokens, 2 * want.token_count);
	assert_int_equal(got->masked_count, 2);
	assert_int_equal(got->paragraph_count, 2);
}

static struct row_code *make_code(void)
{
	static struct row_counts counts;
	struct bytes raw = { 0 };
	struct row_code *code;

	for (uint64_t n = 100; n < 140; n++) {
		struct row r = words_of(n);

		bytes_clear(&raw);
		record_put_row(&raw, &r);
		assert_int_equal(record_pack_count(packer, &counts, bytes_span(&raw), &alone),
				 STATUS_OK);
	}
	assert_int_equal(row_code_make(&code, &counts), STATUS_OK);
	bytes_free(&raw);
	return code;
}

static void put_words(struct store *s, uint64_t from, uint64_t to)
{
	assert_int_equal(store_begin(s, (int64_t)from), STATUS_OK);
	for (uint64_t n = from; n <= to; n++) {
		struct row r = words_of(n);

		assert_int_equal(store_put(s, &r), STATUS_OK);
	}
	assert_int_equal(store_commit(s), STATUS_OK);
}

static void see_all(struct store *s, uint64_t count)
{
	struct store_reader *reader;
	struct glimpse g;
	struct row got;

	assert_int_equal(store_reader_open(&reader), STATUS_OK);
	assert_int_equal(store_reader_begin(reader, s), STATUS_OK);
	for (uint64_t n = 1; n <= count; n++) {
		struct row want = words_of(n);

		assert_int_equal(store_get(s, &got, n, arena), STATUS_OK);
		assert_words(&got, n);
		assert_int_equal(store_get_light(s, &got, n, arena), STATUS_OK);
		assert_words(&got, n);
		assert_int_equal(store_reader_glimpse(reader, &g, n, arena), STATUS_OK);
		assert_int_equal(g.token_count, want.token_count);
		assert_memory_equal(g.tokens, want.tokens, 2 * want.token_count);
		assert_int_equal(store_look_on(s, &got, n, &g, arena), STATUS_OK);
		assert_words(&got, n);
		arena_clear(arena);
	}
	store_reader_end(reader);
	store_reader_close(reader);
}

static bool see_row(void *ctx, const struct row *row)
{
	uint64_t *next = ctx;

	assert_words(row, *next);
	assert_true(row->verdict.seq == (*next)++);
	return true;
}

static void a_packed_row_is_shorter_and_comes_back(void **state)
{
	struct row_code *code = make_code();
	struct bytes raw = { 0 }, packed = { 0 };
	struct span back;

	(void)state;
	for (uint64_t n = 1; n < 30; n++) {
		struct row r = words_of(n);

		bytes_clear(&raw);
		bytes_clear(&packed);
		record_put_row(&raw, &r);
		assert_false(record_is_packed(bytes_span(&raw)));
		assert_int_equal(record_pack(packer, &packed, bytes_span(&raw), code, &alone),
				 STATUS_OK);
		assert_true(packed.len < raw.len * 4 / 5);
		assert_true(record_is_packed(bytes_span(&packed)));
		assert_true(record_sound(bytes_span(&packed)));
		assert_int_equal(record_unpack(&back, bytes_span(&packed), code, &alone, arena),
				 STATUS_OK);
		assert_true(span_equal(back, bytes_span(&raw)));
		assert_int_equal(record_unpack(&back, bytes_span(&packed), NULL, &alone, arena),
				 STATUS_DAMAGED);
		assert_int_equal(record_take_row(&r, bytes_span(&packed), arena), STATUS_DAMAGED);
	}
	bytes_free(&raw);
	bytes_free(&packed);
	row_code_close(code);
}

/* With the right length and checksum, so that the rest is looked at. */
static void no_packed_row_is_trusted(void **state)
{
	struct row_code *code = make_code();
	struct bytes raw = { 0 }, packed = { 0 }, lie = { 0 };
	struct row r = words_of(1);
	struct span back;

	(void)state;
	record_put_row(&raw, &r);
	assert_int_equal(record_pack(packer, &packed, bytes_span(&raw), code, &alone), STATUS_OK);
	for (size_t i = 0; i < packed.len; i++) {
		packed.p[i] ^= 1;
		assert_int_equal(record_unpack(&back, bytes_span(&packed), code, &alone, arena),
				 STATUS_DAMAGED);
		packed.p[i] ^= 1;
		assert_int_equal(record_unpack(&back, span_of(packed.p, i), code, &alone, arena),
				 STATUS_DAMAGED);
	}
	for (size_t i = RECORD_PACKED_HEAD_BYTES; i < packed.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes_clear(&lie);
			put_bytes(&lie, packed.p, packed.len);
			lie.p[i] ^= (char)(1 << bit);
			record_seal(&lie, 0, true);
			if (record_unpack(&back, bytes_span(&lie), code, &alone, arena) ==
			    STATUS_OK)
				record_take_row(&r, back, arena);
			arena_clear(arena);
		}
	for (size_t len = RECORD_PACKED_HEAD_BYTES; len < packed.len; len++) {
		bytes_clear(&lie);
		put_bytes(&lie, packed.p, len);
		record_seal(&lie, 0, true);
		record_unpack(&back, bytes_span(&lie), code, &alone, arena);
		arena_clear(arena);
	}
	bytes_free(&raw);
	bytes_free(&packed);
	bytes_free(&lie);
	row_code_close(code);
}

static void rows_are_the_same_before_and_after_their_epoch_has_a_code(void **state)
{
	struct store *s = open_store(here);
	uint64_t next = 1, expired;
	size_t before, after;
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/epochs/00000001", here);
	put_words(s, 1, LEARNED);
	before = files_folder_bytes(path);
	put_words(s, LEARNED + 1, 2 * LEARNED);
	after = files_folder_bytes(path);
	assert_true((after - before) * 10 < before * 9);
	store_age(s, 20000, &expired);
	put_words(s, 2 * LEARNED + 1, 2 * LEARNED + 10);
	for (unsigned again = 0; again < 2; again++) {
		see_all(s, 2 * LEARNED + 10);
		next = 1;
		assert_int_equal(store_each(s, 1, arena, see_row, &next), STATUS_OK);
		assert_true(next == 2 * LEARNED + 11);
		store_close(s);
		s = open_store(here);
	}
	store_close(s);
}

static void a_commit_given_up_teaches_nothing(void **state)
{
	struct store *s = open_store(here);

	(void)state;
	put_words(s, 1, LEARNED - 100);
	assert_int_equal(store_begin(s, 1), STATUS_OK);
	store_abort(s);
	put_words(s, LEARNED - 99, LEARNED + 50);
	see_all(s, LEARNED + 50);
	store_close(s);
}

struct told {
	unsigned problems;
	enum remedy remedy;
};

static void note(void *ctx, const struct finding *f)
{
	struct told *t = ctx;

	t->problems += f->problem != NULL;
	t->remedy = f->problem != NULL ? f->remedy : t->remedy;
}

static struct told verify(void)
{
	struct told t = { 0, REMEDY_NONE };
	struct verify_options o = { .path = here, .map_size = MAP_BYTES, .tell = note, .ctx = &t };

	assert_int_equal(verify_state(&o), STATUS_OK);
	return t;
}

static void break_code(struct kv_txn *t, void *ctx)
{
	(void)ctx;
	kv_put(t, TABLE_HEAD, span_of_text("code"), span_of_text("no code at all"));
}

static void an_epoch_whose_code_is_damaged_is_set_aside(void **state)
{
	struct store *s = open_store(here);
	struct store_totals totals;
	struct kv_options ko;
	uint64_t expired;
	char path[128];
	struct kv *kv;

	(void)state;
	put_words(s, 1, LEARNED);
	put_words(s, LEARNED + 1, LEARNED + 50);
	store_age(s, 20000, &expired);
	put_words(s, LEARNED + 51, LEARNED + 60);
	store_close(s);
	assert_int_equal(verify().problems, 0);
	snprintf(path, sizeof path, "%s/epochs/00000001", here);
	ko = epoch_kv_options(path, MAP_BYTES, true);
	assert_int_equal(kv_open(&kv, &ko), STATUS_OK);
	assert_int_equal(kv_change(kv, break_code, NULL), STATUS_OK);
	kv_close(kv);
	assert_true(verify().problems > 0 && verify().remedy == REMEDY_SET_ASIDE);
	s = open_store(here);
	store_totals(s, &totals);
	assert_int_equal(totals.damaged, 1);
	assert_int_equal(totals.articles, 10);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_packed_row_is_shorter_and_comes_back),
		IN_FOLDER(no_packed_row_is_trusted),
		IN_FOLDER(rows_are_the_same_before_and_after_their_epoch_has_a_code),
		IN_FOLDER(a_commit_given_up_teaches_nothing),
		IN_FOLDER(an_epoch_whose_code_is_damaged_is_set_aside),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, open_packer, close_packer);
}
