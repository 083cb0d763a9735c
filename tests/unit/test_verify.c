/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a state that was harmed. */
#include "small_state.h"

#include "kv/kv.h"
#include "store/epoch.h"
#include "store/record.h"
#include "store/verify.h"

struct told {
	unsigned sound, problems;
	enum remedy remedy;
	char file[64], problem[160];
};

static void take_finding(void *ctx, const struct finding *f)
{
	struct told *t = ctx;

	t->sound += f->problem == NULL;
	if (f->problem == NULL)
		return;
	if (t->problems++ > 0)
		return;
	t->remedy = f->remedy;
	snprintf(t->file, sizeof t->file, "%s", f->file);
	snprintf(t->problem, sizeof t->problem, "%s", f->problem);
}

static struct told verify(void)
{
	struct told t = { 0 };
	struct verify_options o = {
		.path = here, .map_size = MAP_BYTES, .tell = take_finding, .ctx = &t
	};

	assert_int_equal(verify_state(&o), STATUS_OK);
	return t;
}

static void ignore(void *ctx, const struct finding *f)
{
	(void)ctx;
	(void)f;
}

static void a_sound_state_is_called_sound(void **state)
{
	struct told t;

	(void)state;
	store_close(make_state());
	t = verify();
	assert_int_equal(t.problems, 0);
	assert_int_equal(t.sound, 5);
}

static void count_row(void *ctx, const struct row *row, uint64_t secret)
{
	uint64_t *count = ctx;

	(void)secret;
	assert_true(row->verdict.seq != 60);
	++*count;
}

/* An index that was made again has no posting of it. */
static void a_forgotten_row_is_handed_to_nobody(void **state)
{
	uint64_t count = 0;
	struct verify_options o = {
		.path = here, .map_size = MAP_BYTES, .tell = ignore, .row = count_row, .ctx = &count
	};

	(void)state;
	store_close(make_state());
	assert_int_equal(verify_state(&o), STATUS_OK);
	assert_int_equal(count, ROWS - 1);
}

static void zero_pages(const char *below)
{
	static const char page[4096];
	char name[128];
	int fd;

	snprintf(name, sizeof name, "%s/%s/data.mdb", here, below);
	fd = open(name, O_RDWR);
	assert_true(fd >= 0);
	for (off_t at = 3 * 4096; at < lseek(fd, 0, SEEK_END); at += 5 * 4096)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	close(fd);
}

static void a_damaged_file_is_named_and_the_others_are_sound(void **state)
{
	struct told t;

	(void)state;
	store_close(make_state());
	zero_pages("epochs/00000002");
	t = verify();
	assert_int_equal(t.problems, 1);
	assert_int_equal(t.sound, 4);
	assert_int_equal(t.remedy, REMEDY_SET_ASIDE);
	assert_string_equal(t.file, "epochs/00000002");
}

/* One bit of a row, on a page that is sound for LMDB. */
static void a_changed_row_is_named(void **state)
{
	struct bytes file = { 0 };
	struct told t;
	char path[128];
	struct row r;
	char *at;

	(void)state;
	store_close(make_state());
	r = row_of(70);
	snprintf(path, sizeof path, "%s/epochs/00000002/data.mdb", here);
	assert_int_equal(files_read(&file, path, 1 << 26), STATUS_OK);
	at = memmem(file.p, file.len, r.tokens, 1000);
	assert_non_null(at);
	*at ^= 4;
	assert_int_equal(files_replace(path, bytes_span(&file), false), STATUS_OK);
	bytes_free(&file);
	t = verify();
	assert_int_equal(t.problems, 1);
	assert_string_equal(t.file, "epochs/00000002");
}

struct harm {
	enum table table;
	uint64_t number;
	struct span value; /* absent: taken away, else put there */
};

static void do_harm(struct kv_txn *t, void *ctx)
{
	const struct harm *h = ctx;
	char key[KV_NUMBER_BYTES];

	if (h->value.p == NULL)
		kv_delete(t, h->table, kv_number(key, h->number));
	else
		kv_put(t, h->table, kv_number(key, h->number), h->value);
}

/* What verify says first of a state whose second epoch was changed behind LMDB's back. */
static struct told after(struct harm h)
{
	struct kv_options ko;
	struct told t;
	char path[128];
	struct kv *kv;

	store_close(make_state());
	snprintf(path, sizeof path, "%s/epochs/00000002", here);
	ko = epoch_kv_options(path, MAP_BYTES, false);
	assert_int_equal(kv_open(&kv, &ko), STATUS_OK);
	assert_int_equal(kv_change(kv, do_harm, &h), STATUS_OK);
	kv_close(kv);
	t = verify();
	assert_int_equal(files_remove_tree(here), STATUS_OK);
	return t;
}

static void what_is_missing_is_missed(void **state)
{
	static const struct {
		enum table table;
		uint64_t number;
		const char *told;
	} cases[] = {
		{ TABLE_ROWS, 70, "article 70 is missing" },
		{ TABLE_ALERTS, 70, "alert 70 is missing" },
		{ TABLE_DELIVERIES, 70, "delivery 70 is missing" },
		{ TABLE_CLUSTERS, 1, "is not entered in its cluster c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct told t = after((struct harm){ cases[i].table, cases[i].number, { 0 } });

		assert_true(t.problems >= 1);
		assert_string_equal(t.file, "epochs/00000002");
		assert_non_null(strstr(t.problem, cases[i].told));
	}
}

static void what_refers_to_nothing_is_named(void **state)
{
	/* An entry of cluster 1 at time 0: article 70, which is in a cluster of its own. */
	static const char entry[16] = { (char)0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70 };
	struct alert a = { .seq = 5000, .why = 1 };
	struct bytes alert = { 0 };
	struct told t;

	(void)state;
	record_put_alert(&alert, &a);
	t = after((struct harm){ TABLE_ALERTS, 70, bytes_span(&alert) });
	assert_string_equal(t.problem, "alert 70 tells article 5000, which is missing");
	t = after((struct harm){ TABLE_ALERTS, 101, bytes_span(&alert) });
	assert_non_null(strstr(t.problem, "tells article 5000"));
	bytes_free(&alert);
	t = after((struct harm){ TABLE_CLUSTERS, 1, span_of(entry, sizeof entry) });
	assert_string_equal(t.problem, "cluster c1 lists article 70, which is not in it");
	t = after((struct harm){ TABLE_TEXTS, 150, span_of("x", 1) });
	assert_string_equal(t.problem, "the text of article 150 has no article");
	t = after((struct harm){ TABLE_DELIVERIES, 70, span_of("", 0) });
	assert_string_equal(t.problem, "delivery 70 is damaged");
	assert_int_equal(t.remedy, REMEDY_NONE);
	t = after((struct harm){ TABLE_HEAD, 0, span_of("", 0) });
	assert_int_equal(t.problems, 0); /* another record than the head is nobody's */
}

static void a_state_of_another_format_is_not_looked_at(void **state)
{
	struct verify_options o = { .path = here, .map_size = MAP_BYTES };
	char path[128];

	(void)state;
	store_close(make_state());
	snprintf(path, sizeof path, "%s/format", here);
	assert_int_equal(files_replace(path, span_of_text("reprint state 1\n"), false), STATUS_OK);
	assert_int_equal(verify_state(&o), STATUS_VERSION);
	assert_int_equal(files_replace(path, span_of_text("?\n"), false), STATUS_OK);
	assert_int_equal(verify_state(&o), STATUS_DAMAGED);
	assert_int_equal(files_remove_tree(here), STATUS_OK);
}

static void a_loss_that_is_large_is_summed_up(void **state)
{
	struct told t = after((struct harm){ TABLE_CLUSTERS, 1, { 0 } });

	(void)state;
	assert_int_equal(t.problems, 9); /* eight of 25, and how many more */
}

/* As when neither making the next epoch nor removing what there was of it came to an end. */
static void an_epoch_that_never_began_gives_way_to_the_one_that_went_on(void **state)
{
	struct row row = row_of(51);
	char next[120], aside[120];
	struct store *s = open_store(here);
	struct told t;
	uint64_t expired;

	(void)state;
	put_rows(s, 1, 40);
	assert_int_equal(store_age(s, 20000, &expired), STATUS_OK);
	store_close(s);
	snprintf(next, sizeof next, "%s/epochs/00000002", here);
	snprintf(aside, sizeof aside, "%s/aside", folder);
	assert_int_equal(rename(next, aside), 0);
	s = open_store(here);
	put_rows(s, 41, 50);
	store_close(s);
	assert_int_equal(rename(aside, next), 0);
	s = open_store(here);
	assert_int_equal(store_begin(s, 20000), STATUS_OK);
	assert_int_equal(store_put(s, &row), STATUS_OK);
	assert_int_equal(row.verdict.seq, 51);
	store_abort(s);
	store_close(s);
	t = verify();
	assert_int_equal(t.problems, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_sound_state_is_called_sound),
		IN_FOLDER(a_forgotten_row_is_handed_to_nobody),
		IN_FOLDER(a_damaged_file_is_named_and_the_others_are_sound),
		IN_FOLDER(a_changed_row_is_named),
		IN_FOLDER(what_is_missing_is_missed),
		IN_FOLDER(what_refers_to_nothing_is_named),
		IN_FOLDER(a_state_of_another_format_is_not_looked_at),
		IN_FOLDER(an_epoch_that_never_began_gives_way_to_the_one_that_went_on),
		IN_FOLDER(a_loss_that_is_large_is_summed_up),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
