/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows told by others, beside a model that keeps each whole: through commits that are given up,
 * epochs that end, rows that are forgotten and purged, and other starts. */
#include "small_state.h"

#include "store/epoch.h"
#include "store/purge.h"
#include "store/record.h"
#include "store/record_read.h"
#include "store/row_code.h"
#include "store/snapshot.h"

#define SITES 6u
#define CHROME 40u
#define WORDS 700u
#define WORDS_MAX (2 * CHROME + WORDS)
#define LEARNED 700u /* rows after which an epoch has its code for sure */
#define REACH 400u   /* of copies */
#define ROWS_MAX 9000u

static struct model {
	uint16_t tokens[WORDS_MAX];
	uint32_t count;
	unsigned site;
	uint64_t copied; /* 0: none */
	bool live;
} models[ROWS_MAX + 1];
static uint64_t model_count, lots;

static uint64_t lot(uint64_t below)
{
	return mix64(lots++) % below;
}

static uint16_t word(uint64_t n)
{
	uint64_t rank = mix64(n) % 2000;

	return (uint16_t)(mix64(rank * rank / 2000) >> 48);
}

static void add_chrome(struct model *m, unsigned part)
{
	for (uint32_t i = 0; i < CHROME; i++)
		m->tokens[m->count++] = word(UINT64_C(1) << 40 | m->site << 16 | part << 8 | i);
}

/* The body of another, from a place on, with words replaced. */
static void add_copy(struct model *m, const struct model *of)
{
	for (uint32_t i = CHROME + (uint32_t)lot(WORDS / 3); i < of->count - CHROME; i++)
		m->tokens[m->count++] = lot(40) == 0 ? word(lots) : of->tokens[i];
}

static struct model make_model(uint64_t seq)
{
	struct model m = { .site = (unsigned)lot(SITES), .live = true };

	m.copied = seq > 1 && lot(3) == 0 ? seq - 1 - lot(seq - 1 < REACH ? seq - 1 : REACH) : 0;
	add_chrome(&m, 0);
	if (m.copied != 0)
		add_copy(&m, &models[m.copied]);
	for (uint32_t i = 0; m.copied == 0 && i < WORDS; i++)
		m.tokens[m.count++] = word(lots++);
	add_chrome(&m, 1);
	return m;
}

static struct row row_of_model(const struct model *m, uint64_t seq)
{
	static char site[32], url[64], title[64];
	static uint32_t paragraphs[4];
	static const struct masked masked[] = { { 0, CHROME, 1 } };
	static struct match match;
	struct row r = { .published_ms = ARTICLE_NO_TIME };

	snprintf(site, sizeof site, "site%u.example", m->site);
	snprintf(url, sizeof url, "https://%s/%llu", site, (unsigned long long)seq);
	snprintf(title, sizeof title, "%llx", (unsigned long long)mix64(seq));
	paragraphs[1] = CHROME;
	paragraphs[2] = m->count - CHROME;
	paragraphs[3] = m->count;
	match = (struct match){ .seq = m->copied, .containment = 0.9 };
	r.tokens = m->tokens;
	r.token_count = m->count;
	r.paragraphs = paragraphs;
	r.paragraph_count = 3;
	r.masked = masked;
	r.masked_count = 1;
	r.verdict.url = r.verdict.id = span_of_text(url);
	r.verdict.site = span_of_text(site);
	r.verdict.title = span_of_text(title);
	r.verdict.version = 1;
	r.verdict.words = m->count;
	r.verdict.matches = &match;
	r.verdict.match_count = m->copied != 0;
	return r;
}

static void assert_row(const struct row *got, uint64_t seq)
{
	struct row want = row_of_model(&models[seq], seq);

	assert_true(span_equal(got->verdict.url, want.verdict.url));
	assert_true(span_equal(got->verdict.site, want.verdict.site));
	assert_true(span_equal(got->verdict.title, want.verdict.title));
	assert_int_equal(got->token_count, want.token_count);
	assert_memory_equal(got->tokens, want.tokens, 2 * want.token_count);
}

static void put_one(struct store *s, const struct model *m)
{
	struct row r;

	models[++model_count] = *m;
	r = row_of_model(&models[model_count], model_count);
	assert_int_equal(store_put(s, &r), STATUS_OK);
	assert_true(r.verdict.seq == model_count);
}

static void end_batch(struct store *s, bool keep)
{
	if (keep)
		assert_int_equal(store_commit(s), STATUS_OK);
	else
		store_abort(s);
}

static void put_some(struct store *s, uint64_t count, bool keep)
{
	assert_int_equal(store_begin(s, (int64_t)model_count), STATUS_OK);
	for (uint64_t n = 0; n < count && model_count < ROWS_MAX; n++) {
		struct model m = make_model(model_count + 1);

		put_one(s, &m);
	}
	end_batch(s, keep);
}

enum what { ORIGINALS, COPIES };

/* All of one site; copies of what is told by others itself. */
static void put_all(struct store *s, enum what what, unsigned count, bool keep)
{
	assert_int_equal(store_begin(s, (int64_t)model_count), STATUS_OK);
	for (unsigned n = 0; n < count; n++) {
		struct model m;

		do
			m = make_model(what == COPIES ? model_count + 1 : 1);
		while (m.site != 0 || (m.copied > LEARNED) != (what == COPIES));
		put_one(s, &m);
	}
	end_batch(s, keep);
}

static void see_all(struct store *s)
{
	struct store_reader *reader;
	struct glimpse g;
	struct row got;

	assert_int_equal(store_reader_open(&reader), STATUS_OK);
	assert_int_equal(store_reader_begin(reader, s), STATUS_OK);
	for (uint64_t seq = 1; seq <= model_count; seq++) {
		enum status want = models[seq].live ? STATUS_OK : STATUS_NOT_FOUND;

		assert_int_equal(store_get_light(s, &got, seq, arena), want);
		assert_int_equal(store_reader_glimpse(reader, &g, seq, arena), want);
		if (want == STATUS_OK) {
			assert_row(&got, seq);
			assert_int_equal(g.token_count, models[seq].count);
			assert_memory_equal(g.tokens, models[seq].tokens, 2 * g.token_count);
		}
		arena_clear(arena);
	}
	store_reader_end(reader);
	store_reader_close(reader);
}

static void forget_some(struct store *s, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t seq = 1 + lot(model_count);

		if (models[seq].live)
			assert_int_equal(store_forget(s, seq), STATUS_OK);
		models[seq].live = false;
	}
}

static struct purged purged[64];
static size_t purged_count;

static void note_epoch(void *ctx, const struct purged *p)
{
	(void)ctx;
	purged[purged_count++] = *p;
}

/* Another process reads the state: one that has it mapped already may not. */
static void purge(struct store *s)
{
	int ends[2], how;
	pid_t child;

	purged_count = 0;
	assert_int_equal(purge_part(s), STATUS_OK);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (purge_write(here, MAP_BYTES, note_epoch, NULL) != STATUS_OK)
			_exit(1);
		_exit(write(ends[1], purged, purged_count * sizeof *purged) < 0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	close(ends[1]);
	purged_count = (size_t)read(ends[0], purged, sizeof purged) / sizeof *purged;
	close(ends[0]);
	for (size_t i = 0; i < purged_count; i++)
		assert_int_equal(purge_take(s, &purged[i]), STATUS_OK);
}

static struct store *again(struct store *s)
{
	store_close(s);
	return open_store(here);
}

static size_t epoch_bytes(unsigned number)
{
	char path[128];

	snprintf(path, sizeof path, "%s/epochs/%08u", here, number);
	return files_folder_bytes(path);
}

static int begin(void **state)
{
	memset(models, 0, sizeof models);
	model_count = 0;
	lots = 0;
	return make_folder(state);
}

/* How many rows each kind of base serves on the disk, of which none was forgotten. The state is
 * closed. */
static void count_told(uint64_t told[RECORD_BASES])
{
	struct snapshot snapshot;

	memset(told, 0, RECORD_BASES * sizeof *told);
	assert_int_equal(snapshot_open(&snapshot, here, MAP_BYTES, NULL, NULL), STATUS_OK);
	for (size_t i = 1; i < snapshot.count; i++) {
		struct kv_cursor c;

		kv_seek(&c, &snapshot.parts[i].txn, TABLE_ROWS, span_of(NULL, 0));
		for (; c.found; kv_next(&c)) {
			uint64_t seq = kv_number_of(c.key);
			struct record_bases bases;

			assert_true(models[seq].live);
			if (!record_is_packed(c.value))
				continue;
			assert_int_equal(record_bases_of(&bases, c.value), STATUS_OK);
			for (unsigned kind = 0; kind < RECORD_BASES; kind++) {
				told[kind] += bases.back[kind] != 0;
				assert_true(models[seq - bases.back[kind]].live);
			}
		}
		kv_leave(&c);
	}
	snapshot_close(&snapshot);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void rows_are_what_they_were_whatever_happens_to_others(void **state)
{
	struct store *s = open_store(here);
	uint64_t expired, told[RECORD_BASES];
	int64_t now = 20000;

	(void)state;
	put_some(s, LEARNED, true);
	while (model_count + 80 < ROWS_MAX) {
		uint64_t before = model_count, what = lot(60);
		bool keep = lot(5) > 0;

		put_some(s, 1 + lot(60), keep);
		model_count = keep ? model_count : before;
		if (what == 0)
			store_age(s, now += 20000, &expired);
		if (what == 1)
			s = again(s);
		if (what < 12)
			forget_some(s, lot(80));
		if (what == 3)
			purge(s);
		if (what < 3)
			see_all(s);
	}
	purge(s);
	see_all(s);
	s = again(s);
	see_all(s);
	assert_int_equal(purge_part(s), STATUS_OK);
	store_close(s);
	count_told(told);
	assert_true(told[RECORD_BASE_SITE] > 500 && told[RECORD_BASE_COPIED] > 200);
}

/* Whoever reads a row would read all of it. */
static void a_long_row_is_no_base(void **state)
{
	static uint16_t tokens[RECORD_BASE_BYTES];
	static const uint32_t paragraphs[] = { 0, RECORD_BASE_BYTES };
	struct store *s = open_store(here);
	struct row row = { .tokens = tokens,
			   .token_count = RECORD_BASE_BYTES,
			   .paragraphs = paragraphs,
			   .paragraph_count = 1 };
	uint64_t told[RECORD_BASES];

	(void)state;
	row.verdict.site = span_of_text("site0.example");
	put_some(s, LEARNED, true);
	s = again(s); /* what may be a base is of now */
	assert_int_equal(store_begin(s, 1), STATUS_OK);
	assert_int_equal(store_put(s, &row), STATUS_OK);
	models[++model_count].live = true;
	for (unsigned n = 0; n < 100; n++) {
		struct model m = { .copied = LEARNED + 1, .live = true };

		add_chrome(&m, 0);
		put_one(s, &m);
	}
	end_batch(s, true);
	store_close(s);
	count_told(told);
	assert_true(told[RECORD_BASE_COPIED] == 0 && told[RECORD_BASE_SITE] > 50);
}

static void a_copy_takes_a_fraction_of_what_it_is_a_copy_of(void **state)
{
	struct store *s = open_store(here);
	size_t bytes[3];

	(void)state;
	put_some(s, LEARNED, true);
	put_some(s, 20, true);
	bytes[0] = epoch_bytes(1);
	put_all(s, ORIGINALS, 200, true);
	bytes[1] = epoch_bytes(1);
	put_all(s, COPIES, 200, true);
	bytes[2] = epoch_bytes(1);
	assert_true(3 * (bytes[2] - bytes[1]) < bytes[1] - bytes[0]);
	see_all(s);
	store_close(s);
}

/* What would have served a site is a copy when its number comes again. */
static void a_number_that_comes_again_serves_as_what_it_is(void **state)
{
	struct store *s = open_store(here);

	(void)state;
	put_some(s, LEARNED, true);
	for (unsigned i = 0; i < 20; i++) {
		put_all(s, ORIGINALS, 50, true);
		put_all(s, ORIGINALS, 100, false);
		model_count -= 100;
		put_all(s, COPIES, 100, true);
	}
	s = again(s);
	see_all(s);
	store_close(s);
}

/* Also where some of both kinds go, some of one, and some of the other. */
static void what_takes_the_place_of_a_base_is_told_by_none(void **state)
{
	struct store *s = open_store(here);
	uint64_t expired;

	(void)state;
	put_some(s, LEARNED, true);
	for (unsigned i = 0; i < 200; i++) {
		put_all(s, ORIGINALS, 1, true);
		put_all(s, COPIES, 2, true);
	}
	store_age(s, 20000, &expired);
	for (unsigned i = 0; i < 3; i++) {
		for (uint64_t seq = LEARNED + 1; seq <= model_count; seq++)
			if (models[seq].live && models[seq].copied == 0 && lot(3) == 0) {
				assert_int_equal(store_forget(s, seq), STATUS_OK);
				models[seq].live = false;
			}
		purge(s);
		see_all(s);
	}
	store_close(s);
}

/* Who serves in the stead of rows that go keeps the others short. */
static void an_epoch_does_not_grow_when_its_bases_are_purged(void **state)
{
	struct store *s = open_store(here);
	size_t before, after;
	uint64_t expired;

	(void)state;
	put_some(s, LEARNED, true);
	for (unsigned i = 0; i < 10; i++)
		put_some(s, 100, true);
	store_age(s, 20000, &expired);
	before = epoch_bytes(1);
	for (uint64_t seq = 1; seq <= LEARNED + 200; seq++) {
		assert_int_equal(store_forget(s, seq), STATUS_OK);
		models[seq].live = false;
	}
	purge(s);
	after = epoch_bytes(1);
	assert_true(after * 11 < before * 4); /* without them it is more by a fourth */
	see_all(s);
	s = again(s);
	see_all(s);
	store_close(s);
}

/* ---- what the disk may say ------------------------------------------------------------------ */

struct chain {
	struct row_code *code;
	struct record_packer *packer;
	struct bytes rows[5]; /* from 1 on; the first is whole, each other told by the one before */
	bool loses;           /* the first */
};

static enum status find(void *ctx, struct span *row, uint64_t seq, struct arena *a)
{
	struct chain *c = ctx;

	(void)a;
	if (seq == 1 && c->loses)
		return STATUS_NOT_FOUND;
	*row = bytes_span(&c->rows[seq]);
	return STATUS_OK;
}

static void make_chain(struct chain *c)
{
	static struct row_counts counts;
	struct record_bases bases = { .back = { 0 } };
	struct span before = { NULL, 0 };

	*c = (struct chain){ .code = NULL };
	assert_int_equal(record_packer_open(&c->packer), STATUS_OK);
	counts.tokens[1] = counts.rest[1] = 1;
	assert_int_equal(row_code_make(&c->code, &counts), STATUS_OK);
	for (uint64_t seq = 1; seq < 5; seq++) {
		struct model m = make_model(1);
		struct row r = row_of_model(&m, seq);
		struct bytes plain = { 0 };

		record_put_row(&plain, &r);
		bases.rows[RECORD_BASE_COPIED] = before;
		bases.back[RECORD_BASE_COPIED] = seq > 1;
		assert_int_equal(record_pack(c->packer, &c->rows[seq], bytes_span(&plain), c->code,
					     &bases),
				 STATUS_OK);
		before = bytes_span(&plain);
		before.p = arena_copy(arena, before);
		bytes_free(&plain);
	}
}

static enum status read_one(struct chain *c, uint64_t seq)
{
	struct span row = bytes_span(&c->rows[seq]);

	return record_read(&row, seq, c->code, &(struct record_reader){ find, c, NULL }, arena);
}

static void a_chain_ends_soon_and_nothing_is_missing_from_it(void **state)
{
	struct chain c;

	(void)state;
	make_chain(&c);
	for (uint64_t seq = 1; seq < 4; seq++)
		assert_int_equal(read_one(&c, seq), STATUS_OK);
	assert_int_equal(read_one(&c, 4), STATUS_DAMAGED); /* by one that is told by one that is */
	c.loses = true;
	assert_int_equal(read_one(&c, 2), STATUS_DAMAGED);
	c.loses = false;
	c.rows[1].p[c.rows[1].len - 1] ^= 1;
	assert_int_equal(read_one(&c, 3), STATUS_DAMAGED);
	for (unsigned i = 1; i < 5; i++)
		bytes_free(&c.rows[i]);
	row_code_close(c.code);
	record_packer_close(c.packer);
}

#define FROM_THE_START(name) cmocka_unit_test_setup_teardown(name, begin, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FROM_THE_START(rows_are_what_they_were_whatever_happens_to_others),
		FROM_THE_START(a_long_row_is_no_base),
		FROM_THE_START(a_copy_takes_a_fraction_of_what_it_is_a_copy_of),
		FROM_THE_START(a_number_that_comes_again_serves_as_what_it_is),
		FROM_THE_START(what_takes_the_place_of_a_base_is_told_by_none),
		FROM_THE_START(an_epoch_does_not_grow_when_its_bases_are_purged),
		FROM_THE_START(a_chain_ends_soon_and_nothing_is_missing_from_it),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
