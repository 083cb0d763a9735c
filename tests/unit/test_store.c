/* SPDX-License-Identifier: BSD-2-Clause */
/* The store against plain arrays. */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/log.h"
#include "store/record.h"
#include "store/store.h"
#include "store/text.h"

#include <reprint/article.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST 3000u
#define EPOCH_MS 20000
#define RETENTION_MS 100000

static char folder[64];
static struct arena *arena;
static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
	random_state = mix64(random_state + 1);
	return random_state % below;
}

/* What was put, by number; `row` is the first row of the batch it came with: all of a batch
 * expires together. */
struct model {
	uint64_t cluster[MOST + 1];
	int64_t time_ms[MOST + 1]; /* as a member of its cluster */
	bool forgotten[MOST + 1];
	uint64_t rows, expired;
	struct {
		uint64_t seq, row;
		uint32_t why;
	} alerts[MOST + 1];
	struct {
		uint64_t row;
	} deliveries[MOST + 1], rejections[MOST + 1];
	uint64_t alert_count, delivery_count, rejection_count;
	uint64_t acked[4];
	bool consumer[4];
	int64_t now_ms;
};
static struct model *model, *saved;

static int make_folder(void **state)
{
	(void)state;
	random_state = 7;
	strcpy(folder, "/tmp/reprint-store-XXXXXX");
	arena = arena_open(1 << 16);
	model = calloc(1, sizeof *model);
	saved = calloc(1, sizeof *saved);
	return mkdtemp(folder) == NULL || arena == NULL || model == NULL || saved == NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	arena_close(arena);
	free(model);
	free(saved);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct store *open_store(void)
{
	struct store_options o = { .path = folder,
				   .map_size = 1 << 16,
				   .keep_text = true,
				   .epoch_ms = EPOCH_MS,
				   .retention_ms = RETENTION_MS };
	struct store *s = NULL;

	assert_int_equal(store_open(&s, &o), STATUS_OK);
	return s;
}

/* A row whose every value follows from its number. */
static struct row row_of(uint64_t n)
{
	static _Thread_local char id[32], text[64];
	static _Thread_local uint16_t tokens[64];
	static _Thread_local uint32_t paragraphs[3];
	struct row r = { .published_ms = ARTICLE_NO_TIME };

	snprintf(id, sizeof id, "site/%llu", (unsigned long long)n);
	snprintf(text, sizeof text, "text of %llu, text of it again\n", (unsigned long long)n);
	r.token_count = (uint32_t)(n % 64);
	for (uint32_t i = 0; i < r.token_count; i++)
		tokens[i] = (uint16_t)(n * 31 + i);
	r.paragraph_count = 2;
	paragraphs[1] = r.token_count / 2;
	paragraphs[2] = r.token_count;
	r.tokens = tokens;
	r.paragraphs = paragraphs;
	r.text = span_of_text(text);
	r.verdict.id = span_of_text(id);
	r.verdict.version = 1;
	r.verdict.seen_ms = (int64_t)n * 1000;
	r.verdict.simhash = mix64(n);
	return r;
}

static bool live(uint64_t seq)
{
	return seq > model->expired && seq <= model->rows && !model->forgotten[seq];
}

static void assert_same_words(const struct row *got, uint64_t seq)
{
	struct row want = row_of(seq);

	assert_int_equal(got->verdict.seq, seq);
	assert_true(span_equal(got->verdict.id, want.verdict.id));
	assert_int_equal(got->verdict.simhash, want.verdict.simhash);
	assert_int_equal(got->token_count, want.token_count);
	assert_memory_equal(got->tokens, want.tokens, want.token_count * 2);
	assert_memory_equal(got->paragraphs, want.paragraphs, sizeof(uint32_t) * 3);
}

static void assert_same_row(const struct row *got, uint64_t seq)
{
	assert_same_words(got, seq);
	assert_int_equal(got->verdict.cluster, model->cluster[seq]);
}

static int member_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	if (model->time_ms[x] != model->time_ms[y])
		return model->time_ms[x] < model->time_ms[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Members of a cluster that ever had two. */
static size_t model_cluster(uint64_t cluster, uint64_t *out)
{
	size_t n = 0, all = 0;

	for (uint64_t seq = cluster; seq <= model->rows; seq++) {
		if (model->cluster[seq] != cluster)
			continue;
		all++;
		if (live(seq))
			out[n++] = seq;
	}
	if (all < 2)
		return 0;
	qsort(out, n, sizeof *out, member_order);
	return n;
}

/* Whoever is the earliest now, not when the row was put. */
static void assert_origin(const struct row *got, uint64_t seq)
{
	static uint64_t members[MOST];
	size_t n = model_cluster(model->cluster[seq], members);
	uint64_t want = n > 0 && members[0] != seq ? members[0] : 0;

	assert_int_equal(got->of_seq, want);
	if (want == 0)
		assert_null(got->verdict.of.p);
	else
		assert_true(span_equal(got->verdict.of, row_of(want).verdict.id));
}

/* As another thread would read it. */
static void assert_read_beside(struct store *s, uint64_t seq)
{
	enum status want = live(seq) ? STATUS_OK : STATUS_NOT_FOUND;
	struct store_reader *r;
	struct glimpse glimpse;
	struct row got;

	assert_int_equal(store_reader_open(&r), STATUS_OK);
	assert_int_equal(store_reader_begin(r, s), STATUS_OK);
	store_prefetch(s, seq);
	assert_int_equal(store_reader_glimpse(r, &glimpse, seq, arena), want);
	if (want == STATUS_OK) {
		assert_int_equal(store_look_on(s, &got, seq, &glimpse, arena), STATUS_OK);
		assert_same_row(&got, seq);
		assert_int_equal(glimpse.token_count, got.token_count);
		assert_memory_equal(glimpse.tokens, got.tokens, got.token_count * 2);
	}
	store_reader_end(r);
	store_reader_close(r);
}

static void assert_row(struct store *s, uint64_t seq)
{
	struct row got;
	struct span text;

	assert_read_beside(s, seq);

	assert_int_equal(store_forgotten(s, seq), model->forgotten[seq] && seq > model->expired);
	if (!live(seq)) {
		assert_int_equal(store_get(s, &got, seq, arena), STATUS_NOT_FOUND);
		assert_int_equal(store_get_light(s, &got, seq, arena), STATUS_NOT_FOUND);
		assert_int_equal(store_text(s, &text, seq, arena), STATUS_NOT_FOUND);
		return;
	}
	assert_int_equal(store_get(s, &got, seq, arena), STATUS_OK);
	assert_same_row(&got, seq);
	assert_origin(&got, seq);
	assert_int_equal(store_get_light(s, &got, seq, arena), STATUS_OK);
	assert_same_row(&got, seq);
	assert_int_equal(store_text(s, &text, seq, arena), STATUS_OK);
	assert_true(span_equal(text, row_of(seq).text));
	arena_clear(arena);
}

/* ---- doing something ------------------------------------------------------------------------ */

static void put_row(struct store *s)
{
	uint64_t seq = model->rows + 1, like = draw(seq + 2);
	struct row r = row_of(seq);

	model->cluster[seq] = live(like) ? model->cluster[like] : seq;
	model->time_ms[seq] = (int64_t)seq * 1000 - (int64_t)draw(9000);
	model->forgotten[seq] = false;
	r.verdict.cluster = draw(2) == 0 && model->cluster[seq] == seq ? 0 : model->cluster[seq];
	assert_int_equal(store_put(s, &r), STATUS_OK);
	assert_int_equal(r.verdict.seq, seq);
	assert_int_equal(r.verdict.cluster, model->cluster[seq]);
	model->rows++;
	if (model->cluster[seq] != seq)
		assert_int_equal(store_put_member(s, model->cluster[seq], seq, model->time_ms[seq]),
				 STATUS_OK);
	else
		model->time_ms[seq] = (int64_t)seq * 1000;
}

static void put_others(struct store *s, uint64_t row)
{
	struct delivery d = { .path = span_of_text("s/x"), .size = model->delivery_count };
	struct rejection r = { .path = span_of_text("s/y"), .when_ms = 5 };
	uint64_t number;

	if (draw(3) == 0) {
		uint64_t a = ++model->alert_count;

		model->alerts[a].seq = 1 + draw(model->rows);
		model->alerts[a].why = (uint32_t)draw(1000);
		model->alerts[a].row = row;
		assert_int_equal(store_put_alert(s, &number, model->alerts[a].seq,
						 model->alerts[a].why),
				 STATUS_OK);
		assert_int_equal(number, a);
	}
	if (draw(3) == 0) {
		assert_int_equal(store_put_delivery(s, &d), STATUS_OK);
		assert_int_equal(d.number, ++model->delivery_count);
		model->deliveries[d.number].row = row;
	}
	if (draw(9) == 0) {
		assert_int_equal(store_put_rejection(s, &r), STATUS_OK);
		model->rejections[++model->rejection_count].row = row;
	}
}

static void do_batch(struct store *s, bool abort)
{
	uint64_t first = model->rows + 1;

	*saved = *model;
	model->now_ms += 1 + (int64_t)draw(3000);
	assert_int_equal(store_begin(s, model->now_ms), STATUS_OK);
	for (uint64_t n = 1 + draw(draw(10) == 0 ? 400 : 30); n > 0 && model->rows < MOST; n--) {
		model->now_ms += 100;
		put_row(s);
		put_others(s, first);
		assert_row(s, 1 + draw(model->rows));
	}
	if (!abort) {
		assert_int_equal(store_commit(s), STATUS_OK);
		return;
	}
	store_abort(s);
	*model = *saved;
}

static void do_age(struct store *s)
{
	uint64_t expired;
	uint32_t before, after;
	struct store_totals t;

	store_totals(s, &t);
	before = t.epochs;
	assert_int_equal(store_age(s, model->now_ms, &expired), STATUS_OK);
	store_totals(s, &t);
	after = t.epochs;
	assert_true(expired == 0 ? after >= before : expired > model->expired);
	if (expired > 0)
		model->expired = expired;
}

static void do_forget(struct store *s)
{
	uint64_t seq = 1 + draw(model->rows + 1);

	assert_int_equal(store_forget(s, seq), live(seq) ? STATUS_OK : STATUS_NOT_FOUND);
	if (live(seq))
		model->forgotten[seq] = true;
}

static const char *const names[] = { "a", "b-2", "c.x", "d_" };

static void do_consumer(struct store *s)
{
	unsigned i = (unsigned)draw(4);
	struct consumer c = { .name = span_of_text(names[i]), .acked = draw(1000) }, got;
	enum status st = store_consumer(s, &got, c.name);

	assert_int_equal(st, model->consumer[i] ? STATUS_OK : STATUS_NOT_FOUND);
	if (model->consumer[i])
		assert_int_equal(got.acked, model->acked[i]);
	if (draw(4) == 0) {
		assert_int_equal(store_delete_consumer(s, c.name), st);
		model->consumer[i] = false;
		return;
	}
	assert_int_equal(store_put_consumer(s, &c), STATUS_OK);
	model->consumer[i] = true;
	model->acked[i] = c.acked;
}

/* ---- comparing everything ------------------------------------------------------------------- */

struct seen {
	uint64_t next, count;
};

static bool see_row(void *ctx, const struct row *row)
{
	struct seen *seen = ctx;

	while (!live(seen->next))
		seen->next++;
	assert_same_row(row, seen->next++);
	seen->count++;
	return true;
}

static uint64_t live_rows(void)
{
	uint64_t count = 0;

	for (uint64_t seq = 1; seq <= model->rows; seq++)
		count += live(seq);
	return count;
}

static void assert_rows(struct store *s)
{
	struct seen seen = { 1, 0 };

	for (uint64_t seq = 1; seq <= model->rows + 1; seq++)
		assert_row(s, seq);
	assert_int_equal(store_each(s, 1, arena, see_row, &seen), STATUS_OK);
	assert_int_equal(seen.count, live_rows());
}

static void assert_alerts(struct store *s)
{
	uint64_t after = 0, oldest, newest, kept = 1;
	struct alert a;

	for (uint64_t n = 1; n <= model->alert_count; n++) {
		if (model->alerts[n].row <= model->expired)
			kept = n + 1;
		if (model->alerts[n].row <= model->expired || !live(model->alerts[n].seq))
			continue;
		assert_int_equal(store_next_alert(s, &a, after), STATUS_OK);
		assert_true(a.alert == n && a.seq == model->alerts[n].seq);
		assert_int_equal(a.why, model->alerts[n].why);
		after = n;
	}
	assert_int_equal(store_next_alert(s, &a, after), STATUS_NOT_FOUND);
	store_alert_range(s, &oldest, &newest);
	assert_int_equal(newest, model->alert_count);
	assert_int_equal(oldest, model->alert_count == 0 ? 0 : kept);
}

static bool see_delivery(void *ctx, const struct delivery *d)
{
	struct seen *seen = ctx;

	while (model->deliveries[seen->next].row <= model->expired)
		seen->next++;
	assert_int_equal(d->number, seen->next);
	assert_int_equal(d->size, seen->next - 1);
	seen->next++;
	return true;
}

static void assert_deliveries(struct store *s)
{
	struct seen seen = { 1, 0 };
	struct delivery d;

	assert_int_equal(store_each_delivery(s, 1, see_delivery, &seen), STATUS_OK);
	for (uint64_t n = 1; n <= model->delivery_count; n++) {
		bool kept = model->deliveries[n].row > model->expired;

		assert_int_equal(store_delivery(s, &d, n), kept ? STATUS_OK : STATUS_NOT_FOUND);
		assert_true(!kept || n < seen.next);
	}
}

static bool see_cluster(void *ctx, uint64_t cluster, size_t members, int64_t newest_ms)
{
	static uint64_t want[MOST];
	struct seen *seen = ctx;
	size_t n = model_cluster(cluster, want);

	assert_true(cluster >= seen->next);
	seen->next = cluster + 1;
	seen->count++;
	assert_int_equal(members, n);
	assert_int_equal(newest_ms, model->time_ms[want[n - 1]]);
	return true;
}

static void assert_former(struct store *s, uint64_t cluster, const uint64_t *members, size_t n)
{
	uint64_t seq = 1 + draw(model->rows + 1), former = 0;
	size_t i = 0;

	while (i < n && members[i] >= seq)
		i++;
	assert_int_equal(store_cluster_former(s, cluster, seq, &former),
			 i < n ? STATUS_OK : STATUS_NOT_FOUND);
	assert_int_equal(former, i < n ? members[i] : 0);
}

static void assert_clusters(struct store *s)
{
	static uint64_t want[MOST], got[MOST];
	struct seen seen = { 0, 0 };
	uint64_t large = 0, origin;

	for (uint64_t cluster = 1; cluster <= model->rows; cluster++) {
		size_t n = model_cluster(cluster, want);

		large += n >= 2;
		assert_int_equal(store_cluster(s, cluster, got, MOST), n);
		assert_memory_equal(got, want, n * sizeof *got);
		if (n > 1)
			assert_int_equal(store_cluster(s, cluster, got, 1), n);
		assert_int_equal(store_cluster_origin(s, cluster, &origin),
				 n == 0 ? STATUS_NOT_FOUND : STATUS_OK);
		assert_true(n == 0 || origin == want[0]);
		assert_former(s, cluster, want, n);
	}
	assert_int_equal(store_each_cluster(s, see_cluster, &seen), STATUS_OK);
	assert_int_equal(seen.count, large);
}

static bool see_consumer(void *ctx, const struct consumer *c)
{
	unsigned *bits = ctx;

	for (unsigned i = 0; i < 4; i++)
		if (span_equal(c->name, span_of_text(names[i]))) {
			assert_int_equal(c->acked, model->acked[i]);
			*bits |= 1u << i;
		}
	return true;
}

static void assert_totals(struct store *s)
{
	struct store_totals t;
	uint64_t deliveries = 0, rejections = 0;
	unsigned bits = 0, consumers = 0;

	store_totals(s, &t);
	assert_int_equal(t.articles, live_rows());
	assert_int_equal(t.newest_seq, model->rows);
	assert_int_equal(t.oldest_seq, model->expired < model->rows ? model->expired + 1 : 0);
	for (uint64_t n = 1; n <= model->delivery_count; n++)
		deliveries += model->deliveries[n].row > model->expired;
	for (uint64_t n = 1; n <= model->rejection_count; n++)
		rejections += model->rejections[n].row > model->expired;
	assert_int_equal(t.deliveries, deliveries);
	assert_int_equal(t.rejections, rejections);
	assert_int_equal(t.newest_delivery, model->delivery_count);
	assert_int_equal(t.alerts, model->alert_count);
	assert_true(t.state_bytes > 0);
	assert_int_equal(store_each_consumer(s, see_consumer, &bits), STATUS_OK);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(bits >> i & 1, model->consumer[i]);
		consumers += model->consumer[i];
	}
	assert_int_equal(t.consumers, consumers);
}

static void assert_all(struct store *s)
{
	assert_rows(s);
	assert_alerts(s);
	assert_deliveries(s);
	assert_clusters(s);
	assert_totals(s);
}

static void everything_is_as_in_plain_arrays(void **state)
{
	struct store *s = open_store();
	uint64_t secret = store_secret(s);

	(void)state;
	for (unsigned round = 0; model->rows < 2500; round++) {
		switch (draw(8)) {
		case 0:
			do_age(s);
			break;
		case 1:
			do_forget(s);
			break;
		case 2:
			do_consumer(s);
			break;
		case 3:
			if (draw(4) == 0) {
				store_close(s);
				s = open_store();
			}
			break;
		default:
			do_batch(s, draw(6) == 0);
		}
		if (round % 50 == 0)
			assert_all(s);
	}
	assert_true(model->expired > 500);
	assert_all(s);
	assert_int_equal(store_secret(s), secret);
	store_close(s);
}

/* ---- single promises ------------------------------------------------------------------------ */

static void put_one(struct store *s, struct row *r, int64_t now_ms)
{
	assert_int_equal(store_begin(s, now_ms), STATUS_OK);
	assert_int_equal(store_put(s, r), STATUS_OK);
	assert_int_equal(store_commit(s), STATUS_OK);
}

static void matches_carry_the_names_of_articles_still_known(void **state)
{
	struct store *s = open_store();
	struct match matches[] = { { .seq = 1, .kind = KIND_NEAR }, { .seq = 2 }, { .seq = 77 } };
	struct row r, got;

	(void)state;
	for (uint64_t n = 1; n <= 2; n++) {
		r = row_of(n);
		r.verdict.title = span_of_text("a title");
		put_one(s, &r, 1000);
	}
	r = row_of(3);
	r.verdict.matches = matches;
	r.verdict.match_count = 3;
	put_one(s, &r, 1000);
	assert_int_equal(store_forget(s, 2), STATUS_OK);
	assert_int_equal(store_get(s, &got, 3, arena), STATUS_OK);
	assert_int_equal(got.verdict.match_count, 3);
	assert_true(span_equal(got.verdict.matches[0].id, span_of_text("site/1")));
	assert_true(span_equal(got.verdict.matches[0].title, span_of_text("a title")));
	assert_null(got.verdict.matches[1].id.p);
	assert_null(got.verdict.matches[2].id.p);
	store_close(s);
}

static void names_of_matches_are_all_that_is_kept_of_their_rows(void **state)
{
	static uint32_t paragraphs[4001];
	static uint16_t tokens[4000];
	static struct match matches[500];
	struct arena *own = arena_open(4096);
	struct store *s = open_store();
	struct row r = row_of(1), got;

	(void)state;
	assert_non_null(own);
	for (uint32_t i = 0; i <= 4000; i++)
		paragraphs[i] = i;
	r.tokens = tokens;
	r.token_count = 4000;
	r.paragraphs = paragraphs;
	r.paragraph_count = 4000;
	r.verdict.title = span_of_text("a title");
	put_one(s, &r, 1000);
	r = row_of(2);
	for (unsigned i = 0; i < 500; i++)
		matches[i].seq = 1;
	r.verdict.matches = matches;
	r.verdict.match_count = 500;
	put_one(s, &r, 1000);
	assert_int_equal(store_get(s, &got, 2, own), STATUS_OK);
	assert_true(span_equal(got.verdict.matches[0].id, span_of_text("site/1")));
	assert_true(span_equal(got.verdict.matches[499].title, span_of_text("a title")));
	assert_null(got.verdict.matches[499].url.p);
	assert_true(arena_held(own) < 500 * sizeof(struct match) * 2 + (64 << 10));
	arena_close(own);
	store_close(s);
}

static void a_row_time_is_published_within_the_week_before_it_was_seen(void **state)
{
	const int64_t day = 86400000;
	struct row r = { .published_ms = ARTICLE_NO_TIME, .verdict.seen_ms = 100 * day };

	(void)state;
	assert_true(store_row_time(&r) == 100 * day);
	r.published_ms = 98 * day;
	assert_true(store_row_time(&r) == 98 * day);
	r.published_ms = 101 * day;
	assert_true(store_row_time(&r) == 100 * day);
	r.published_ms = 3 * day;
	assert_true(store_row_time(&r) == 93 * day);
}

static void the_horizon_is_the_newest_moment_of_what_expired(void **state)
{
	struct store *s = open_store();
	struct row r = row_of(1);
	uint64_t expired;

	(void)state;
	assert_true(store_horizon(s) == INT64_MIN);
	put_one(s, &r, 1000);
	put_one(s, &r, 15000);
	assert_int_equal(store_age(s, 30000, &expired), STATUS_OK);
	assert_int_equal(expired, 0);
	put_one(s, &r, 30000);
	assert_int_equal(store_age(s, 15000 + RETENTION_MS, &expired), STATUS_OK);
	assert_int_equal(expired, 0);
	assert_int_equal(store_age(s, 15001 + RETENTION_MS, &expired), STATUS_OK);
	assert_int_equal(expired, 2);
	assert_true(store_horizon(s) == 15000);
	store_close(s);
	s = open_store();
	assert_true(store_horizon(s) == 15000);
	store_close(s);
}

static void what_is_old_expires_also_when_no_new_epoch_can_be_made(void **state)
{
	struct store *s = open_store();
	struct row r = row_of(1);
	uint64_t expired;
	char path[96];
	int fd;

	(void)state;
	put_one(s, &r, 1000);
	assert_int_equal(store_age(s, 30000, &expired), STATUS_OK);
	put_one(s, &r, 30000);
	snprintf(path, sizeof path, "%s/epochs/00000003.new", folder); /* in the way */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(store_age(s, 15000 + RETENTION_MS, &expired), STATUS_EXISTS);
	assert_int_equal(expired, 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_age(s, 15000 + RETENTION_MS, &expired), STATUS_OK);
	store_close(s);
}

static void the_disk_limit_expires_the_oldest_but_never_the_active_epoch(void **state)
{
	struct store_options o = {
		.path = folder, .keep_text = false, .epoch_ms = INT64_MAX / 2, .disk_limit = 4 << 20
	};
	static uint16_t tokens[2000];
	static const uint32_t paragraphs[] = { 0, 2000 };
	struct row r = { .token_count = 2000,
			 .paragraph_count = 1,
			 .tokens = tokens,
			 .paragraphs = paragraphs,
			 .published_ms = ARTICLE_NO_TIME };
	struct store *s = NULL;
	struct store_totals t;
	uint64_t expired, last = 0;

	(void)state;
	assert_int_equal(store_open(&s, &o), STATUS_OK);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(store_begin(s, 1), STATUS_OK);
		for (unsigned j = 0; j < 50; j++)
			assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_int_equal(store_commit(s), STATUS_OK);
		assert_int_equal(store_age(s, 1, &expired), STATUS_OK);
		assert_true(expired == 0 || expired > last);
		last = expired > 0 ? expired : last;
		store_totals(s, &t);
		assert_true(t.state_bytes <= o.disk_limit);
		assert_true(t.oldest_seq == last + 1 && t.newest_seq == 50 * (i + 1));
	}
	assert_true(last > 3000 && t.articles > 300);
	store_close(s);
	o.disk_limit = 1;
	assert_int_equal(store_open(&s, &o), STATUS_OK);
	assert_int_equal(store_age(s, 1, &expired), STATUS_OK);
	assert_int_equal(store_age(s, 1, &expired), STATUS_OK);
	store_totals(s, &t);
	assert_int_equal(t.epochs, 1);
	store_close(s);
}

static void snapshots_come_back_by_name(void **state)
{
	struct store *s = open_store();
	char *large = calloc(1, 5 << 20);
	struct span got;
	uint64_t seq;

	(void)state;
	assert_non_null(large);
	large[4 << 20] = 'x';
	assert_int_equal(store_snapshot(s, "chrome", &seq, &got, arena), STATUS_NOT_FOUND);
	assert_int_equal(store_put_snapshot(s, "chrome", 7, span_of_text("abc")), STATUS_OK);
	assert_int_equal(store_put_snapshot(s, "chrome", 9, span_of(large, 5 << 20)), STATUS_OK);
	store_close(s);
	s = open_store();
	assert_int_equal(store_snapshot(s, "chrome", &seq, &got, arena), STATUS_OK);
	assert_int_equal(seq, 9);
	assert_true(got.len == 5 << 20 && memcmp(got.p, large, got.len) == 0);
	store_close(s);
	free(large);
}

static enum status read_beside(struct store_reader *r, struct store *s, uint64_t seq,
			       uint64_t *out_losses)
{
	struct glimpse got;
	enum status st;

	assert_int_equal(store_reader_begin(r, s), STATUS_OK);
	*out_losses = store_losses(s);
	st = store_reader_glimpse(r, &got, seq, arena);
	store_reader_end(r);
	return st;
}

static void a_reader_sees_the_open_batch_and_what_is_lost_of_it_is_told(void **state)
{
	struct store *s = open_store();
	struct row r = row_of(1);
	struct store_reader *reader;
	uint64_t before, losses;

	(void)state;
	assert_int_equal(store_reader_open(&reader), STATUS_OK);
	assert_int_equal(store_begin(s, 1000), STATUS_OK);
	assert_int_equal(store_put(s, &r), STATUS_OK);
	assert_int_equal(read_beside(reader, s, 1, &before), STATUS_OK);
	store_abort(s);
	assert_int_equal(read_beside(reader, s, 1, &losses), STATUS_NOT_FOUND);
	assert_true(losses != before);
	put_one(s, &r, 1000);
	assert_int_equal(read_beside(reader, s, 1, &before), STATUS_OK);
	assert_true(losses == before);
	assert_int_equal(store_forget(s, 1), STATUS_OK);
	assert_int_equal(read_beside(reader, s, 1, &losses), STATUS_NOT_FOUND);
	assert_true(losses != before);
	store_reader_close(reader);
	store_close(s);
}

#define BESIDE_ROWS 3000u

struct beside {
	struct store *store;
	_Atomic uint64_t put;
	atomic_bool over;
};

static void *read_all_the_time(void *arg)
{
	struct arena *own = arena_open(1 << 16);
	struct beside *b = arg;
	struct store_reader *r;
	uint64_t random = 1;

	assert_int_equal(store_reader_open(&r), STATUS_OK);
	while (!atomic_load(&b->over)) {
		uint64_t put = atomic_load(&b->put);
		struct glimpse glimpse;
		struct row got;

		if (put == 0)
			continue;
		random = mix64(random);
		assert_int_equal(store_reader_begin(r, b->store), STATUS_OK);
		for (uint64_t seq = 1 + random % put; seq <= put; seq += 1 + put / 8) {
			assert_int_equal(store_reader_glimpse(r, &glimpse, seq, own), STATUS_OK);
			assert_int_equal(store_look_on(b->store, &got, seq, &glimpse, own),
					 STATUS_OK);
			assert_same_words(&got, seq);
		}
		store_reader_end(r);
		arena_clear(own);
	}
	store_reader_close(r);
	arena_close(own);
	return NULL;
}

/* The map is small at first, so that it has to grow under a reader. */
static void a_reader_finds_every_row_that_was_put_while_more_are_put_and_committed(void **state)
{
	struct beside b = { .store = open_store() };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &b), 0);
	for (uint64_t seq = 1; seq <= BESIDE_ROWS; seq++) {
		struct row r = row_of(seq);

		if (seq % 100 == 1)
			assert_int_equal(store_begin(b.store, (int64_t)seq), STATUS_OK);
		r.verdict.cluster = 0;
		assert_int_equal(store_put(b.store, &r), STATUS_OK);
		atomic_store(&b.put, seq);
		if (seq % 100 == 0)
			assert_int_equal(store_commit(b.store), STATUS_OK);
	}
	atomic_store(&b.over, true);
	pthread_join(thread, NULL);
	store_close(b.store);
}

static void *read_without_end(void *arg)
{
	struct beside *b = arg;
	struct store_reader *r;

	assert_int_equal(store_reader_open(&r), STATUS_OK);
	assert_int_equal(store_reader_begin(r, b->store), STATUS_OK);
	atomic_store(&b->put, 1);
	while (!atomic_load(&b->over))
		assert_true(store_reader_rest(r));
	store_reader_end(r);
	store_reader_close(r);
	return NULL;
}

/* The commits would wait for ever. */
static void a_reader_that_rests_keeps_no_commit_waiting(void **state)
{
	struct beside b = { .store = open_store() };
	struct row r = row_of(1);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_without_end, &b), 0);
	while (atomic_load(&b.put) == 0)
		continue;
	for (int64_t n = 1; n <= 20; n++)
		put_one(b.store, &r, n);
	atomic_store(&b.over, true);
	pthread_join(thread, NULL);
	store_close(b.store);
}

static void forgetting_many_is_all_or_nothing(void **state)
{
	const uint64_t good[] = { 3, 1, 2, 3 }, bad[] = { 4, 99 };
	struct store *s = open_store();
	struct row r = row_of(1);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		put_one(s, &r, 1);
	assert_int_equal(store_forget_all(s, bad, 2), STATUS_NOT_FOUND);
	assert_false(store_forgotten(s, 4));
	assert_int_equal(store_forget_all(s, good, 4), STATUS_OK);
	store_close(s);
	s = open_store();
	for (uint64_t seq = 1; seq <= 5; seq++)
		assert_int_equal(store_forgotten(s, seq), seq <= 3);
	store_close(s);
}

/* A text that is as long as its row when both are packed. */
static void text_as_long_as(char *out, struct row *r)
{
	struct text *packer = text_open();
	struct bytes row = { 0 }, packed = { 0 };
	size_t len;

	record_put_row(&row, r);
	for (len = 0; len < row.len; len++)
		out[len] = (char)(' ' + draw(94));
	do {
		bytes_clear(&packed);
		r->text = span_of(out, len--);
		assert_int_equal(text_pack(packer, &packed, r->text), STATUS_OK);
	} while (packed.len > row.len);
	assert_int_equal(packed.len, row.len);
	bytes_free(&row);
	bytes_free(&packed);
	text_close(packer);
}

/* Small commits write the same pages again and again, now for one table, now for another; a row and
 * its text have the same number. */
static void a_row_is_itself_after_each_of_many_small_commits(void **state)
{
	struct store_options o = { .path = folder, .map_size = 1 << 24, .keep_text = true };
	char text[512];
	struct store *s;

	(void)state;
	assert_int_equal(store_open(&s, &o), STATUS_OK);
	for (uint64_t n = 1; n <= 60; n++) {
		struct row r = row_of(n), got;

		text_as_long_as(text, &r);
		put_one(s, &r, 1000);
		for (uint64_t seq = 1; seq <= n; seq++) {
			assert_int_equal(store_get(s, &got, seq, arena), STATUS_OK);
			assert_same_words(&got, seq);
			arena_clear(arena);
		}
	}
	store_close(s);
}

static void text_is_kept_only_when_asked(void **state)
{
	struct store_options o = { .path = folder };
	struct store *s = NULL;
	struct row r = row_of(1);
	struct span text;

	(void)state;
	assert_int_equal(store_open(&s, &o), STATUS_OK);
	put_one(s, &r, 1);
	assert_int_equal(store_text(s, &text, 1, arena), STATUS_NOT_FOUND);
	store_close(s);
	s = open_store();
	put_one(s, &r, 1);
	assert_int_equal(store_text(s, &text, 1, arena), STATUS_NOT_FOUND);
	assert_int_equal(store_text(s, &text, 2, arena), STATUS_OK);
	assert_true(span_equal(text, r.text));
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(everything_is_as_in_plain_arrays),
		IN_FOLDER(matches_carry_the_names_of_articles_still_known),
		IN_FOLDER(names_of_matches_are_all_that_is_kept_of_their_rows),
		IN_FOLDER(a_row_time_is_published_within_the_week_before_it_was_seen),
		IN_FOLDER(the_horizon_is_the_newest_moment_of_what_expired),
		IN_FOLDER(what_is_old_expires_also_when_no_new_epoch_can_be_made),
		IN_FOLDER(the_disk_limit_expires_the_oldest_but_never_the_active_epoch),
		IN_FOLDER(snapshots_come_back_by_name),
		IN_FOLDER(a_reader_sees_the_open_batch_and_what_is_lost_of_it_is_told),
		IN_FOLDER(a_reader_finds_every_row_that_was_put_while_more_are_put_and_committed),
		IN_FOLDER(a_reader_that_rests_keeps_no_commit_waiting),
		IN_FOLDER(forgetting_many_is_all_or_nothing),
		IN_FOLDER(a_row_is_itself_after_each_of_many_small_commits),
		IN_FOLDER(text_is_kept_only_when_asked),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
