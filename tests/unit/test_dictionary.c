/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that are packed with what the first ones of their epoch have in common. */
#include "small_state.h"

#include "store/dictionary.h"
#include "store/epoch.h"
#include "store/purge.h"
#include "store/text.h"

#define TEXTS (DICTIONARY_TEXTS + 44u)

/* Sentences that are much the same, and a word that no other text has. */
static struct span text_of(uint64_t n)
{
	static char text[1024];
	int len = 0;

	for (unsigned i = 0; i < 5; i++)
		len += snprintf(
			text + len, sizeof text - (size_t)len,
			"The council of ward %u has voted on its budget, said member %llu. ", i * 7,
			(unsigned long long)mix64(n * 8 + i) % 1000000);
	snprintf(text + len, sizeof text - (size_t)len, "<%016llx>", (unsigned long long)mix64(n));
	return span_of_text(text);
}

static struct dictionary *dictionary_of(uint64_t from)
{
	struct samples samples = { .count = 0 };
	struct dictionary *d;

	for (uint64_t n = from; n < from + DICTIONARY_TEXTS; n++)
		samples_add(&samples, n, text_of(n));
	assert_int_equal(dictionary_make(&d, &samples), STATUS_OK);
	samples_free(&samples);
	return d;
}

/* Far from the end of the samples, of which the last stand there as they are. */
static void lines_that_texts_share_are_in_it_once(void **state)
{
	static const char shared[] = "What this site has below each of its articles";
	static const char alone[] = "What one article says, and no other";
	struct samples samples = { .count = 0 };
	struct dictionary *d;
	struct span bytes;
	char text[2000];
	const char *at;

	(void)state;
	for (uint64_t n = 1; n <= DICTIONARY_TEXTS; n++) {
		int len = snprintf(text, sizeof text, "%s\n", n == 3 ? alone : "");

		for (uint64_t part = 0; part < 3; part++) {
			struct span own = text_of(n << 2 | part);

			len += snprintf(text + len, sizeof text - (size_t)len, "%.*s\n",
					(int)own.len, own.p);
		}
		snprintf(text + len, sizeof text - (size_t)len, "%s", n < 10 ? shared : "");
		samples_add(&samples, n, span_of_text(text));
	}
	assert_int_equal(dictionary_make(&d, &samples), STATUS_OK);
	bytes = dictionary_bytes(d);
	at = memmem(bytes.p, bytes.len, shared, sizeof shared - 1);
	assert_non_null(at);
	assert_null(
		memmem(at + 1, (size_t)(bytes.p + bytes.len - at - 1), shared, sizeof shared - 1));
	assert_null(memmem(bytes.p, bytes.len, alone, sizeof alone - 1));
	dictionary_drop(d);
	samples_free(&samples);
}

static void put_text_row(struct store *s, uint64_t n, struct span packed, uint64_t with)
{
	struct row r = row_of(n);

	r.text = text_of(n);
	r.packed = packed;
	r.packed_with = with;
	assert_int_equal(store_put(s, &r), STATUS_OK);
}

/* In commits of 50. */
static void put_text_rows(struct store *s, uint64_t from, uint64_t to)
{
	while (from <= to) {
		assert_int_equal(store_begin(s, (int64_t)from), STATUS_OK);
		for (unsigned i = 0; i < 50 && from <= to; i++)
			put_text_row(s, from++, span_of(NULL, 0), 0);
		assert_int_equal(store_commit(s), STATUS_OK);
	}
}

static void assert_text(struct store *s, uint64_t seq, uint64_t n)
{
	struct span text;

	assert_int_equal(store_text(s, &text, seq, arena), STATUS_OK);
	assert_true(span_equal(text, text_of(n)));
	arena_clear(arena);
}

static bool stands_in(const char *below, struct span what)
{
	struct bytes file = { 0 };
	char path[128];
	bool found;

	snprintf(path, sizeof path, "%s/%s/data.mdb", here, below);
	assert_int_equal(files_read(&file, path, 1 << 26), STATUS_OK);
	found = memmem(file.p, file.len, what.p, what.len) != NULL;
	bytes_free(&file);
	return found;
}

static struct span mark_of(uint64_t n)
{
	struct span text = text_of(n);

	return span_of(text.p + text.len - 18, 18);
}

static void texts_are_shorter_with_one_and_the_same_when_read(void **state)
{
	struct dictionary *d = dictionary_of(1);
	struct text *t = text_open();
	struct bytes alone = { 0 }, shared = { 0 };
	struct span plain;

	(void)state;
	assert_int_equal(text_pack(t, &alone, text_of(900)), STATUS_OK);
	text_use(t, d);
	assert_true(text_used(t) == dictionary_id(d) && text_used(t) != 0);
	assert_int_equal(text_pack(t, &shared, text_of(900)), STATUS_OK);
	assert_true(3 * shared.len < 2 * alone.len);
	assert_true(text_is_shared(bytes_span(&shared)) && !text_is_shared(bytes_span(&alone)));
	assert_int_equal(text_unpack(t, &plain, bytes_span(&shared), d, arena), STATUS_OK);
	assert_true(span_equal(plain, text_of(900)));
	assert_int_equal(text_unpack(t, &plain, bytes_span(&alone), d, arena), STATUS_OK);
	assert_true(span_equal(plain, text_of(900)));
	assert_int_equal(text_unpack(t, &plain, bytes_span(&shared), NULL, arena), STATUS_DAMAGED);
	bytes_free(&alone);
	bytes_free(&shared);
	dictionary_drop(d);
	text_close(t);
}

static void a_changed_byte_makes_it_damaged(void **state)
{
	struct dictionary *d = dictionary_of(1), *again;
	struct span stored = dictionary_bytes(d);
	char *copy = arena_copy(arena, stored);

	(void)state;
	assert_int_equal(dictionary_take(&again, stored, true), STATUS_OK);
	assert_true(dictionary_id(again) == dictionary_id(d) && dictionary_last(again) == 256);
	dictionary_drop(again);
	for (size_t i = 0; i < stored.len; i += i < 64 ? 1 : 997) {
		copy[i] ^= 4;
		assert_int_equal(dictionary_take(&again, span_of(copy, stored.len), false),
				 STATUS_DAMAGED);
		copy[i] ^= 4;
	}
	for (size_t len = 0; len < stored.len; len += len < 64 ? 1 : 997)
		assert_int_equal(dictionary_take(&again, span_of(copy, len), false),
				 STATUS_DAMAGED);
	dictionary_drop(d);
}

static void no_bytes_of_a_packed_text_are_trusted(void **state)
{
	struct dictionary *d = dictionary_of(1);
	struct text *t = text_open();
	struct bytes packed = { 0 };
	struct span plain;

	(void)state;
	text_use(t, d);
	assert_int_equal(text_pack(t, &packed, text_of(900)), STATUS_OK);
	for (size_t i = 0; i < packed.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			packed.p[i] ^= (char)(1 << bit);
			text_unpack(t, &plain, bytes_span(&packed), d, arena);
			text_unpack(t, &plain, span_of(packed.p, i), d, arena);
			packed.p[i] ^= (char)(1 << bit);
			arena_clear(arena);
		}
	assert_int_equal(text_unpack(t, &plain, span_of("", 0), d, arena), STATUS_DAMAGED);
	bytes_free(&packed);
	dictionary_drop(d);
	text_close(t);
}

static void an_epoch_learns_its_own_and_reads_all_its_texts(void **state)
{
	struct store *s = open_store(here);
	struct dictionary *first, *second;
	uint64_t expired;

	(void)state;
	put_text_rows(s, 1, 100);
	assert_null(store_dictionary(s));
	put_text_rows(s, 101, TEXTS);
	first = store_dictionary(s);
	assert_non_null(first);
	store_age(s, 20000, &expired);
	assert_null(store_dictionary(s));
	put_text_rows(s, TEXTS + 1, 2 * TEXTS);
	second = store_dictionary(s);
	assert_true(second != NULL && dictionary_id(first) != dictionary_id(second));
	for (unsigned again = 0; again < 2; again++) {
		for (uint64_t n = 1; n <= 2 * TEXTS; n++)
			assert_text(s, n, n);
		store_close(s);
		s = open_store(here);
	}
	dictionary_drop(first);
	first = store_dictionary(s);
	assert_true(dictionary_id(first) == dictionary_id(second));
	dictionary_drop(first);
	dictionary_drop(second);
	store_close(s);
}

static void what_was_packed_for_another_epoch_is_packed_again(void **state)
{
	struct store *s = open_store(here);
	struct dictionary *other = dictionary_of(5000);
	struct text *worker = text_open();
	struct bytes alone = { 0 }, shared = { 0 };

	(void)state;
	put_text_rows(s, 1, TEXTS);
	assert_int_equal(text_pack(worker, &alone, text_of(TEXTS + 1)), STATUS_OK);
	text_use(worker, other);
	assert_int_equal(text_pack(worker, &shared, text_of(TEXTS + 2)), STATUS_OK);
	assert_int_equal(store_begin(s, 1), STATUS_OK);
	put_text_row(s, TEXTS + 1, bytes_span(&alone), 0);
	put_text_row(s, TEXTS + 2, bytes_span(&shared), text_used(worker));
	assert_text(s, TEXTS + 1, TEXTS + 1);
	assert_int_equal(store_commit(s), STATUS_OK);
	assert_text(s, TEXTS + 1, TEXTS + 1);
	assert_text(s, TEXTS + 2, TEXTS + 2);
	bytes_free(&alone);
	bytes_free(&shared);
	text_close(worker);
	dictionary_drop(other);
	store_close(s);
}

static void what_was_given_up_is_no_sample(void **state)
{
	struct store *s = open_store(here);

	(void)state;
	for (unsigned again = 0; again < 3; again++) {
		assert_int_equal(store_begin(s, 1), STATUS_OK);
		for (uint64_t n = 1; n <= 200; n++)
			put_text_row(s, 7000 + n, span_of(NULL, 0), 0);
		store_abort(s);
	}
	put_text_rows(s, 1, TEXTS);
	store_close(s);
	assert_true(stands_in("epochs/00000001", mark_of(200)));
	assert_false(stands_in("epochs/00000001", mark_of(7200)));
}

static void break_dictionary(struct kv_txn *t, void *ctx)
{
	(void)ctx;
	kv_put(t, TABLE_HEAD, span_of_text("dictionary"), span_of_text("no dictionary at all"));
}

static void a_damaged_one_costs_texts_and_nothing_else(void **state)
{
	struct store *s = open_store(here);
	struct kv_options ko;
	char path[128];
	struct kv *kv;
	struct span text;
	struct row r;

	(void)state;
	put_text_rows(s, 1, TEXTS);
	put_text_rows(s, TEXTS + 1, TEXTS + 50);
	store_close(s);
	snprintf(path, sizeof path, "%s/epochs/00000001", here);
	ko = epoch_kv_options(path, MAP_BYTES, true);
	assert_int_equal(kv_open(&kv, &ko), STATUS_OK);
	assert_int_equal(kv_change(kv, break_dictionary, NULL), STATUS_OK);
	kv_close(kv);
	s = open_store(here);
	assert_int_equal(store_get(s, &r, TEXTS + 1, arena), STATUS_OK);
	assert_text(s, 1, 1); /* from before there was one */
	assert_int_equal(store_text(s, &text, TEXTS + 1, arena), STATUS_DAMAGED);
	put_text_rows(s, TEXTS + 51, 2 * TEXTS + 50);
	assert_null(store_dictionary(s));
	assert_text(s, 2 * TEXTS, 2 * TEXTS);
	assert_int_equal(store_text(s, &text, TEXTS + 1, arena), STATUS_DAMAGED);
	store_close(s);
}

static void take_purged(void *ctx, const struct purged *p)
{
	*(struct purged *)ctx = *p;
}

/* As the daemon's helper does it, in a process of its own. */
static struct purged purge_beside(void)
{
	struct purged p = { .epoch = 0 };
	int ends[2], how;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		_exit(purge_write(here, MAP_BYTES, take_purged, &p) != STATUS_OK ||
		      write(ends[1], &p, sizeof p) != sizeof p);
	assert_int_equal(read(ends[0], &p, sizeof p), sizeof p);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	close(ends[0]);
	close(ends[1]);
	return p;
}

static void a_purged_text_leaves_the_dictionary_too(void **state)
{
	struct store *s = open_store(here);
	struct purged p;

	(void)state;
	put_text_rows(s, 1, 2 * TEXTS);
	assert_true(stands_in("epochs/00000001", mark_of(200)));
	assert_int_equal(store_forget(s, 200), STATUS_OK);
	assert_int_equal(purge_part(s), STATUS_OK);
	p = purge_beside();
	assert_int_equal(purge_take(s, &p), STATUS_OK);
	assert_false(stands_in("epochs/00000001", mark_of(200)));
	assert_true(stands_in("epochs/00000001", mark_of(201)));
	for (uint64_t n = 1; n <= 2 * TEXTS; n++)
		if (n != 200)
			assert_text(s, n, n);
	store_close(s);
}

static void with_few_texts_left_there_is_none(void **state)
{
	struct store *s = open_store(here);
	uint64_t gone[100];
	struct purged p;

	(void)state;
	put_text_rows(s, 1, TEXTS);
	for (uint64_t i = 0; i < 100; i++)
		gone[i] = 100 + i;
	assert_int_equal(store_forget_all(s, gone, 100), STATUS_OK);
	assert_int_equal(purge_part(s), STATUS_OK);
	p = purge_beside();
	assert_int_equal(purge_take(s, &p), STATUS_OK);
	for (uint64_t n = 1; n <= TEXTS; n++)
		if (n < 100 || n >= 200)
			assert_text(s, n, n);
		else
			assert_false(stands_in("epochs/00000001", mark_of(n)));
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(texts_are_shorter_with_one_and_the_same_when_read),
		IN_FOLDER(lines_that_texts_share_are_in_it_once),
		IN_FOLDER(a_changed_byte_makes_it_damaged),
		IN_FOLDER(no_bytes_of_a_packed_text_are_trusted),
		IN_FOLDER(an_epoch_learns_its_own_and_reads_all_its_texts),
		IN_FOLDER(what_was_packed_for_another_epoch_is_packed_again),
		IN_FOLDER(what_was_given_up_is_no_sample),
		IN_FOLDER(a_damaged_one_costs_texts_and_nothing_else),
		IN_FOLDER(a_purged_text_leaves_the_dictionary_too),
		IN_FOLDER(with_few_texts_left_there_is_none),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
