/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/epoch.h"

#include "base/files.h"
#include "store/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void put_one(struct kv_txn *t, void *ctx)
{
	char key[KV_NUMBER_BYTES];

	(void)ctx;
	kv_put(t, TABLE_ALERTS, kv_number(key, 1), span_of_text("one"));
}

static void assert_serves(struct epoch *e)
{
	struct span value;

	assert_int_equal(epoch_value(e, TABLE_ALERTS, 1, &value, NULL), STATUS_OK);
	assert_true(span_equal(value, span_of_text("one")));
	epoch_release(e);
}

static void an_epoch_that_cannot_be_sealed_goes_on_serving(void **state)
{
	char folder[] = "/tmp/reprint-epoch-XXXXXX", away[64], path[64];
	struct epoch_options o = { .folder = folder, .map_size = 1 << 20 };
	struct epoch_head head = { .first = { 1, 1, 1, 1 } };
	struct epoch *e;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/00000001", folder);
	snprintf(away, sizeof away, "%s/away", folder);
	assert_int_equal(epoch_make(&e, &o, 1, &head), STATUS_OK);
	assert_int_equal(kv_change(e->kv, put_one, NULL), STATUS_OK);
	assert_int_equal(rename(path, away), 0);
	assert_int_not_equal(epoch_seal(&e, &o), STATUS_OK);
	assert_serves(e);
	assert_false(e->sealed);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(epoch_seal(&e, &o), STATUS_OK);
	assert_serves(e);
	assert_true(e->sealed);
	epoch_close(e);
	assert_int_equal(files_remove_tree(folder), STATUS_OK);
}

static int lock_fd;

/* Called in the child. */
static bool is_on_its_own(unsigned table, struct span key, struct span value)
{
	struct stat s;
	int signal = 0;

	(void)table;
	(void)key;
	(void)value;
	/* The number may be another file's by now. */
	return (fstat(lock_fd, &s) != 0 || !S_ISDIR(s.st_mode)) &&
	       prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal == SIGKILL;
}

static void a_walk_neither_holds_the_lock_nor_outlives_its_parent(void **state)
{
	char folder[] = "/tmp/reprint-epoch-XXXXXX";
	struct epoch_options o = { .folder = folder, .map_size = 1 << 20 };
	struct epoch_head head = { .first = { 1, 1, 1, 1 } };
	struct kv_options ko;
	struct epoch *e;
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/00000001", folder);
	assert_int_equal(epoch_make(&e, &o, 1, &head), STATUS_OK);
	epoch_close(e);
	lock_fd = open(folder, O_RDONLY | O_CLOEXEC);
	ko = epoch_kv_options(path, o.map_size, false);
	assert_int_equal(check_walk(&ko, is_on_its_own), STATUS_OK);
	close(lock_fd);
	assert_int_equal(files_remove_tree(folder), STATUS_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_epoch_that_cannot_be_sealed_goes_on_serving),
		cmocka_unit_test(a_walk_neither_holds_the_lock_nor_outlives_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
