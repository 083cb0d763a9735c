/* SPDX-License-Identifier: BSD-2-Clause */
/* A state as a stream and back, and what verify says of a state that was harmed. */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/files.h"
#include "base/log.h"
#include "kv/kv.h"
#include "store/backup.h"
#include "store/epoch.h"
#include "store/purge.h"
#include "store/store.h"
#include "store/text.h"
#include "store/verify.h"

#include <reprint/article.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MAP_BYTES ((size_t)1 << 24)
#define ROWS 200u

static char folder[64], here[80], there[80], stream[80];
static struct arena *arena;

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/reprint-backup-XXXXXX");
	arena = arena_open(1 << 16);
	if (mkdtemp(folder) == NULL || arena == NULL)
		return 1;
	snprintf(here, sizeof here, "%s/here", folder);
	snprintf(there, sizeof there, "%s/there", folder);
	snprintf(stream, sizeof stream, "%s/stream", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	arena_close(arena);
	return files_remove_tree(folder) != STATUS_OK;
}

static struct store *open_store(const char *path)
{
	struct store_options o = {
		.path = path, .map_size = MAP_BYTES, .keep_text = true, .epoch_ms = 10000
	};
	struct store *s = NULL;

	assert_int_equal(store_open(&s, &o), STATUS_OK);
	return s;
}

/* A row whose every value follows from its number; every other one is a copy of the first. */
static struct row row_of(uint64_t n)
{
	static char id[32], text[400];
	static uint16_t tokens[500];
	static uint32_t paragraphs[2];
	struct row r = { .published_ms = ARTICLE_NO_TIME };

	snprintf(id, sizeof id, "site/%llu", (unsigned long long)n);
	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = (char)('a' + mix64(n << 32 | i) % 26);
	for (uint32_t i = 0; i < 500; i++)
		tokens[i] = (uint16_t)(n * 31 + i * i);
	paragraphs[1] = 500;
	r.tokens = tokens;
	r.token_count = 500;
	r.paragraphs = paragraphs;
	r.paragraph_count = 1;
	r.text = span_of_text(text);
	r.verdict.id = span_of_text(id);
	r.verdict.version = 1;
	r.verdict.seen_ms = (int64_t)n * 100;
	r.verdict.cluster = n > 1 && n % 2 == 1 ? 1 : 0;
	return r;
}

static void put_rows(struct store *s, uint64_t from, uint64_t to)
{
	assert_int_equal(store_begin(s, (int64_t)from * 200), STATUS_OK);
	for (uint64_t n = from; n <= to; n++) {
		struct row r = row_of(n);
		struct delivery d = { .path = r.verdict.id, .size = n };
		uint64_t alert;

		assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_int_equal(store_put_member(s, r.verdict.cluster, r.verdict.seq,
						  store_row_time(&r)),
				 STATUS_OK);
		assert_int_equal(store_put_alert(s, &alert, r.verdict.seq, 1), STATUS_OK);
		assert_int_equal(store_put_delivery(s, &d), STATUS_OK);
	}
	assert_int_equal(store_commit(s), STATUS_OK);
}

/* Four epochs of 50 rows; a consumer, a forgotten row, a blob. */
static struct store *make_state(void)
{
	struct consumer c = { .name = span_of_text("c"), .acked = 7 };
	struct store *s = open_store(here);
	uint64_t expired;

	for (uint64_t i = 0; i < 4; i++) {
		put_rows(s, 50 * i + 1, 50 * i + 50);
		if (i < 3)
			store_age(s, (int64_t)(i + 1) * 10000 + 200, &expired);
	}
	assert_int_equal(store_put_consumer(s, &c), STATUS_OK);
	assert_int_equal(store_forget(s, 60), STATUS_OK);
	assert_int_equal(store_put_snapshot(s, "chrome", 9, span_of_text("blob")), STATUS_OK);
	return s;
}

static void write_stream(struct parcel_totals *t)
{
	int fd = open(stream, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(backup_write(t, fd, here, MAP_BYTES), STATUS_OK);
	close(fd);
}

static enum status restore(struct parcel_totals *t, char *why)
{
	int fd = open(stream, O_RDONLY);
	enum status st;

	assert_true(fd >= 0);
	st = backup_restore(t, why, fd, there, MAP_BYTES);
	close(fd);
	return st;
}

static void assert_state(struct store *s, uint64_t rows)
{
	static uint64_t members[ROWS];
	struct consumer c;
	struct span text;
	uint64_t oldest, newest;
	struct row got;

	for (uint64_t n = 1; n <= rows; n++) {
		struct row want = row_of(n);
		enum status st = n == 60 ? STATUS_NOT_FOUND : STATUS_OK;

		assert_int_equal(store_get(s, &got, n, arena), st);
		if (st == STATUS_OK) {
			assert_true(span_equal(got.verdict.id, want.verdict.id));
			assert_memory_equal(got.tokens, want.tokens, 1000);
			assert_int_equal(store_text(s, &text, n, arena), STATUS_OK);
			assert_true(span_equal(text, want.text));
		}
		arena_clear(arena);
	}
	assert_int_equal(store_get(s, &got, rows + 1, arena), STATUS_NOT_FOUND);
	assert_int_equal(store_cluster(s, 1, members, ROWS), rows / 2);
	store_alert_range(s, &oldest, &newest);
	assert_int_equal(oldest, 1);
	assert_int_equal(newest, rows);
	assert_int_equal(store_consumer(s, &c, span_of_text("c")), STATUS_OK);
	assert_int_equal(c.acked, 7);
	assert_int_equal(store_snapshot(s, "chrome", &oldest, &text, arena), STATUS_OK);
	assert_true(span_equal(text, span_of_text("blob")));
	arena_clear(arena);
}

/* ---- there and back ------------------------------------------------------------------------- */

static void a_restored_state_is_the_one_that_was_backed_up(void **state)
{
	struct store *s = make_state();
	uint64_t secret = store_secret(s);
	struct parcel_totals written, got;
	char why[BACKUP_WHY_BYTES];

	(void)state;
	store_close(s);
	write_stream(&written);
	assert_int_equal(restore(&got, why), STATUS_OK);
	assert_int_equal(written.articles, ROWS);
	assert_memory_equal(&got, &written, sizeof got);
	s = open_store(there);
	assert_true(store_secret(s) == secret);
	assert_state(s, ROWS);
	put_rows(s, ROWS + 1, ROWS + 10);
	assert_state(s, ROWS + 10);
	store_close(s);
}

static void a_backup_beside_the_daemon_holds_what_was_committed_and_stops_nothing(void **state)
{
	struct store *s = make_state();
	struct parcel_totals got;
	char why[BACKUP_WHY_BYTES];
	int pipe_ends[2], how;
	uint64_t rows = ROWS;
	pid_t child;
	FILE *out = fopen(stream, "w");
	char byte;

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	if (child == 0) {
		struct parcel_totals t;

		_exit(backup_write(&t, pipe_ends[1], here, MAP_BYTES) == STATUS_OK ? 0 : 1);
	}
	close(pipe_ends[1]);
	/* It has begun, and waits for a reader while the store goes on. */
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	fputc(byte, out);
	for (; rows < ROWS + 100; rows += 10)
		put_rows(s, rows + 1, rows + 10);
	while (read(pipe_ends[0], &byte, 1) == 1)
		fputc(byte, out);
	fclose(out);
	close(pipe_ends[0]);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	assert_state(s, rows);
	store_close(s);
	assert_int_equal(restore(&got, why), STATUS_OK);
	assert_true(got.articles >= ROWS && got.articles % 10 == 0 && got.articles <= rows);
	s = open_store(there);
	assert_state(s, got.articles);
	store_close(s);
}

static void a_directory_that_is_not_empty_is_left_alone(void **state)
{
	struct parcel_totals t;
	char why[BACKUP_WHY_BYTES];

	(void)state;
	store_close(make_state());
	write_stream(&t);
	store_close(open_store(there));
	assert_int_equal(restore(&t, why), STATUS_EXISTS);
	store_close(open_store(there));
}

/* Whatever was done to the stream, nothing is there that a daemon would take for a state. */
static void assert_refused(off_t at)
{
	struct parcel_totals t;
	char why[BACKUP_WHY_BYTES], format[96];

	if (restore(&t, why) == STATUS_OK)
		fail_msg("accepted with harm at %lld", (long long)at);
	assert_true(*why != '\0');
	snprintf(format, sizeof format, "%s/format", there);
	assert_int_not_equal(access(format, F_OK), 0);
	snprintf(format, sizeof format, "%s/epochs", there);
	assert_int_not_equal(access(format, F_OK), 0);
}

static void a_stream_that_was_changed_or_cut_anywhere_is_refused(void **state)
{
	struct parcel_totals t;
	struct stat size;
	int fd;

	(void)state;
	store_close(make_state());
	write_stream(&t);
	assert_int_equal(stat(stream, &size), 0);
	fd = open(stream, O_RDWR);
	for (off_t at = 0; at < size.st_size; at += 1 + at * 2 / 3) {
		char byte, turned;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		turned = byte ^ 0x10;
		assert_int_equal(pwrite(fd, &turned, 1, at), 1);
		assert_refused(at);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	for (off_t cut = 1; cut < size.st_size; cut *= 4) {
		assert_int_equal(ftruncate(fd, size.st_size - cut), 0);
		assert_refused(-cut);
	}
	close(fd);
}

/* ---- purge ---------------------------------------------------------------------------------- */

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

/* ---- verify --------------------------------------------------------------------------------- */

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

static void a_sound_state_is_called_sound(void **state)
{
	struct told t;

	(void)state;
	store_close(make_state());
	t = verify();
	assert_int_equal(t.problems, 0);
	assert_int_equal(t.sound, 5);
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
};

static void take_away(struct kv_txn *t, void *ctx)
{
	const struct harm *h = ctx;
	char key[KV_NUMBER_BYTES];

	kv_delete(t, h->table, kv_number(key, h->number));
}

static void what_is_missing_is_missed(void **state)
{
	static const struct {
		struct harm harm;
		const char *told;
	} cases[] = {
		{ { TABLE_ROWS, 70 }, "article 70 is missing" },
		{ { TABLE_ALERTS, 70 }, "alert 70 is missing" },
		{ { TABLE_DELIVERIES, 70 }, "delivery 70 is missing" },
		{ { TABLE_CLUSTERS, 1 }, "is not entered in its cluster c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kv_options ko;
		struct told t;
		char path[128];
		struct kv *kv;
		struct harm h = cases[i].harm;

		store_close(make_state());
		snprintf(path, sizeof path, "%s/epochs/00000002", here);
		ko = epoch_kv_options(path, MAP_BYTES, false);
		assert_int_equal(kv_open(&kv, &ko), STATUS_OK);
		assert_int_equal(kv_change(kv, take_away, &h), STATUS_OK);
		kv_close(kv);
		t = verify();
		assert_true(t.problems >= 1);
		assert_string_equal(t.file, "epochs/00000002");
		assert_non_null(strstr(t.problem, cases[i].told));
		assert_int_equal(files_remove_tree(here), STATUS_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(a_restored_state_is_the_one_that_was_backed_up),
		IN_FOLDER(a_backup_beside_the_daemon_holds_what_was_committed_and_stops_nothing),
		IN_FOLDER(a_directory_that_is_not_empty_is_left_alone),
		IN_FOLDER(a_stream_that_was_changed_or_cut_anywhere_is_refused),
		IN_FOLDER(a_purged_article_leaves_no_byte_and_the_others_stay),
		IN_FOLDER(a_sound_state_is_called_sound),
		IN_FOLDER(a_damaged_file_is_named_and_the_others_are_sound),
		IN_FOLDER(a_changed_row_is_named),
		IN_FOLDER(what_is_missing_is_missed),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
