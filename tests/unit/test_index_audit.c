/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit of sealed runs: silent where all is well, and where not it says which and why. */
#include "base/checksum.h"
#include "base/files.h"
#include "base/log.h"
#include "index/audit.h"
#include "index/index.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ARTICLES 400u

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/reprint-audit-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return files_remove_tree(folder) != STATUS_OK;
}

static uint64_t key_of(uint64_t seq)
{
	return mix64(seq + 77);
}

/* Two sealed runs. */
static void make_runs(void)
{
	struct index_options o = { .path = folder };
	struct index *x;

	assert_int_equal(index_open(&x, &o), STATUS_OK);
	for (uint64_t seq = 1; seq <= ARTICLES; seq++) {
		uint64_t keys[20];

		for (uint64_t i = 0; i < 20; i++)
			keys[i] = mix64(seq * 20 + i);
		assert_int_equal(index_add(x, seq, mix64(seq), keys, NULL, 20), STATUS_OK);
		assert_int_equal(index_post(x, key_of(seq), seq), STATUS_OK);
		if (seq % (ARTICLES / 2) == 0)
			assert_int_equal(index_seal(x), STATUS_OK);
	}
	index_close(x);
}

struct told {
	unsigned sound, problems;
	char file[64], problem[160];
};

static void take(void *ctx, const struct finding *f)
{
	struct told *t = ctx;

	t->sound += f->problem == NULL;
	if (f->problem == NULL || t->problems++ > 0)
		return;
	assert_int_equal(f->remedy, REMEDY_INDEX);
	snprintf(t->file, sizeof t->file, "%s", f->file);
	snprintf(t->problem, sizeof t->problem, "%s", f->problem);
}

/* With one article whose SimHash or key is another than was sealed; 0: none. */
static struct told audit(uint64_t other_simhash, uint64_t other_key, uint64_t articles)
{
	struct told t = { 0 };
	struct index_audit *a;

	assert_int_equal(index_audit_open(&a, folder, take, &t), STATUS_OK);
	for (uint64_t seq = 1; seq <= articles; seq++)
		index_audit_article(a, seq, mix64(seq) ^ (seq == other_simhash),
				    key_of(seq) ^ (seq == other_key));
	index_audit_close(a);
	return t;
}

static void sound_runs_are_called_sound(void **state)
{
	struct told t;

	(void)state;
	make_runs();
	t = audit(0, 0, ARTICLES);
	assert_int_equal(t.problems, 0);
	assert_int_equal(t.sound, 2);
}

static void articles_newer_than_the_runs_are_not_missed(void **state)
{
	(void)state;
	make_runs();
	assert_int_equal(audit(0, 0, ARTICLES + 50).problems, 0);
}

static void an_article_that_differs_is_named(void **state)
{
	struct told t;

	(void)state;
	make_runs();
	t = audit(123, 0, ARTICLES);
	assert_int_equal(t.problems, 1);
	assert_string_equal(t.problem, "article 123 has another SimHash there");
	t = audit(0, 321, ARTICLES);
	assert_int_equal(t.problems, 1);
	assert_string_equal(t.problem, "article 321 is not found by its id");
}

static void a_changed_byte_on_any_page_is_found(void **state)
{
	char path[128];
	struct stat size;
	struct told t;
	int fd;

	(void)state;
	make_runs();
	snprintf(path, sizeof path, "%s/0000000000000001.run", folder);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &size), 0);
	for (off_t at = 100; at < size.st_size; at += 4096) {
		char byte, turned;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		turned = byte ^ 1;
		assert_int_equal(pwrite(fd, &turned, 1, at), 1);
		t = audit(0, 0, ARTICLES);
		assert_int_equal(t.problems, 1);
		assert_int_equal(t.sound, 1);
		assert_string_equal(t.file, "index/0000000000000001.run");
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	assert_int_equal(unlink(path), 0);
	t = audit(0, 0, 0);
	assert_string_equal(t.file, "index/manifest");
}

static void a_run_that_is_distrusted_is_set_aside_and_leaves_a_gap(void **state)
{
	struct index_options o = { .path = folder };
	uint64_t from, to, found[4];
	struct index *x;

	(void)state;
	make_runs();
	assert_int_equal(index_open(&x, &o), STATUS_OK);
	index_distrust(x, "index/0000000000000001.run");
	assert_true(index_gap(x, &from, &to, 0));
	assert_int_equal(from, 1);
	assert_int_equal(to, ARTICLES / 2);
	assert_int_equal(index_find(x, key_of(5), found, 4), 0);
	assert_int_equal(index_find(x, key_of(ARTICLES), found, 4), 1);
	index_distrust(x, "index");
	assert_int_equal(index_find(x, key_of(ARTICLES), found, 4), 0);
	index_close(x);
}

static void add_again(struct index *x, uint64_t from, uint64_t to, uint64_t but)
{
	for (uint64_t seq = from; seq <= to; seq++) {
		uint64_t key = mix64(seq);

		if (seq == but)
			continue;
		assert_int_equal(index_add(x, seq, mix64(seq), &key, NULL, 1), STATUS_OK);
		assert_int_equal(index_post(x, key_of(seq), seq), STATUS_OK);
	}
}

static unsigned files_named(const char *part)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	unsigned count = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL)
		count += strstr(e->d_name, part) != NULL;
	closedir(dir);
	return count;
}

static void no_file_holds_what_was_renewed_and_the_rest_can_be_added_again(void **state)
{
	struct index_options o = { .path = folder };
	uint64_t from, to, first_delivery, last_delivery, found[4];
	struct index *x;

	(void)state;
	make_runs();
	assert_int_equal(index_open(&x, &o), STATUS_OK);
	/* One article in a run, and one in memory that no file holds yet. */
	add_again(x, ARTICLES + 1, ARTICLES + 50, 0);
	index_committed(x, ARTICLES + 50, 9);
	index_renew(x, 150, 160);
	index_renew(x, ARTICLES + 10, ARTICLES + 10);
	while (index_settled(x) == STATUS_BUSY)
		usleep(1000);
	assert_int_equal(index_settled(x), STATUS_OK);
	assert_int_equal(files_named(".run"), 1);
	assert_int_equal(files_named(".damaged"), 0);
	assert_true(index_gap(x, &from, &to, 0));
	assert_true(from == 1 && to == ARTICLES / 2);
	assert_true(index_gap(x, &from, &to, 1));
	assert_true(from == ARTICLES + 1 && to == ARTICLES + 50);
	assert_int_equal(index_gaps_told(x), 2);
	assert_true(index_lost_deliveries(x, &first_delivery, &last_delivery));
	assert_true(first_delivery == 1 && last_delivery == 9);
	assert_false(index_lost_deliveries(x, &first_delivery, &last_delivery));
	add_again(x, ARTICLES + 51, ARTICLES + 60, 0); /* newer ones come first */
	add_again(x, 1, ARTICLES / 2, 155);
	add_again(x, ARTICLES + 1, ARTICLES + 50, ARTICLES + 10);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_false(index_gap(x, &from, &to, 0));
	assert_int_equal(index_find(x, key_of(155), found, 4), 0);
	assert_int_equal(index_find(x, key_of(ARTICLES + 10), found, 4), 0);
	assert_int_equal(index_find(x, key_of(154), found, 4), 1);
	/* What was posted again is known to be in the new run, and can be lost again. */
	index_distrust(x, "index");
	assert_true(index_lost_deliveries(x, &first_delivery, &last_delivery));
	assert_true(first_delivery == 1 && last_delivery == 9);
	index_close(x);
	/* Nobody has posted them: the next start does. */
	assert_int_equal(index_open(&x, &o), STATUS_OK);
	index_sealed_to(x, &to, &last_delivery);
	assert_int_equal(last_delivery, 0);
	index_close(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(sound_runs_are_called_sound),
		IN_FOLDER(articles_newer_than_the_runs_are_not_missed),
		IN_FOLDER(an_article_that_differs_is_named),
		IN_FOLDER(a_changed_byte_on_any_page_is_found),
		IN_FOLDER(a_run_that_is_distrusted_is_set_aside_and_leaves_a_gap),
		IN_FOLDER(no_file_holds_what_was_renewed_and_the_rest_can_be_added_again),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
