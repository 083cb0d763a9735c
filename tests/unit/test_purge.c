/* SPDX-License-Identifier: BSD-2-Clause */
/* What was forgotten leaves no byte. */
#include "small_state.h"

#include "store/purge.h"
#include "store/text.h"

/* Whether the tokens of a row, or its text as it is kept, stand in a file. */
static bool holds(const char *below, uint64_t n)
{
	struct row r = row_of(n);
	struct bytes file = { 0 }, packed = { 0 };
	struct text *packer = text_open();
	char path[128];
	bool found;

	snprintf(path, sizeof path, "%s/%s/data.mdb", here, below);
	assert_int_equal(files_read(&file, path, 1 << 26), STATUS_OK);
	assert_int_equal(text_pack(packer, &packed, r.text), STATUS_OK);
	found = memmem(file.p, file.len, r.tokens, 1000) != NULL ||
		memmem(file.p, file.len, packed.p, packed.len) != NULL;
	text_close(packer);
	bytes_free(&packed);
	bytes_free(&file);
	return found;
}

struct purges {
	struct purged list[8];
	size_t count;
};

static void note_epoch(void *ctx, const struct purged *p)
{
	struct purges *all = ctx;

	assert_true(p->first <= p->last && all->count < 8);
	all->list[all->count++] = *p;
}

/* As the daemon's helper does it, in a process of its own. */
static struct purges purge_beside(void)
{
	struct purges all = { .count = 0 };
	int ends[2], how;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		_exit(purge_write(here, MAP_BYTES, note_epoch, &all) != STATUS_OK ||
		      write(ends[1], &all, sizeof all) != sizeof all);
	}
	assert_int_equal(read(ends[0], &all, sizeof all), sizeof all);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	close(ends[0]);
	close(ends[1]);
	return all;
}

static void a_purged_article_leaves_no_byte_and_the_others_stay(void **state)
{
	static const uint64_t gone[] = { 1, 50, 100, 200 };
	struct store *s = make_state();
	struct store_totals before, after;
	struct purges all;
	struct row got;

	(void)state;
	/* Row 60 was forgotten by make_state(). */
	assert_true(holds("epochs/00000002", 60) && holds("epochs/00000004", 200));
	assert_int_equal(store_forget_all(s, gone, 4), STATUS_OK);
	store_totals(s, &before);
	assert_int_equal(purge_part(s), STATUS_OK);
	all = purge_beside();
	assert_int_equal(all.count, 3);
	for (size_t i = 0; i < all.count; i++)
		assert_int_equal(purge_take(s, &all.list[i]), STATUS_OK);
	assert_int_equal(purge_take(s, &all.list[0]), STATUS_NOT_FOUND); /* it is taken */
	for (unsigned again = 0; again < 2; again++) {
		assert_false(holds("epochs/00000001", 1) || holds("epochs/00000001", 50));
		assert_false(holds("epochs/00000002", 60) || holds("epochs/00000002", 100));
		assert_false(holds("epochs/00000004", 200));
		store_totals(s, &after);
		assert_int_equal(after.articles, before.articles);
		assert_int_equal(after.newest_seq, before.newest_seq);
		for (uint64_t n = 1; n <= ROWS; n++) {
			bool kept = n != 1 && n != 50 && n != 60 && n != 100 && n != 200;

			assert_int_equal(store_get(s, &got, n, arena),
					 kept ? STATUS_OK : STATUS_NOT_FOUND);
			arena_clear(arena);
		}
		store_close(s);
		s = open_store(here);
	}
	put_rows(s, ROWS + 1, ROWS + 1);
	assert_int_equal(store_get(s, &got, ROWS + 1, arena), STATUS_OK);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_purged_article_leaves_no_byte_and_the_others_stay),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
