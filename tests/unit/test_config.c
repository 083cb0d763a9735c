/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <reprint/verdict.h>

#include "config.h"
#include "detect/judge.h"
#include "ingest/pipeline.h"
#include "state.h"

static char why[CONFIG_WHY_BYTES];

static void expect_refused(const char *assignment, const char *because)
{
	struct config c;

	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_equal(config_set(&c, assignment, why), STATUS_USAGE);
	assert_non_null(strstr(why, because));
	config_free(&c);
}

static void the_defaults_are_those_of_the_contract(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_string_equal(c.feeds, "/var/spool/reprint");
	assert_string_equal(c.socket, "/run/reprint/reprint.sock");
	assert_true(c.retention == INT64_C(90) * 86400000);
	assert_true(c.disk_limit == (CONFIG_PERCENT | 80));
	assert_true(c.max_file_bytes == 16 << 20);
	assert_true(c.alert_kinds == (1u << KIND_EXACT | 1u << KIND_NEAR | 1u << KIND_EXCERPT |
				      1u << KIND_CONTAINS | WHY_ORIGIN));
	assert_true(c.settle_ms == 2000 && c.rescan_s == 300000);
	config_free(&c);
}

static void values_have_units(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_equal(config_set(&c, "retention=36h", why), STATUS_OK);
	assert_true(c.retention == INT64_C(36) * 3600000);
	assert_int_equal(config_set(&c, "settle_ms=50", why), STATUS_OK);
	assert_true(c.settle_ms == 50);
	assert_int_equal(config_set(&c, "rescan_s=60", why), STATUS_OK);
	assert_true(c.rescan_s == 60000);
	assert_int_equal(config_set(&c, "max_file_bytes=2 MiB", why), STATUS_OK);
	assert_true(c.max_file_bytes == 2 << 20);
	assert_int_equal(config_set(&c, "disk_limit=10G", why), STATUS_OK);
	assert_true(c.disk_limit == UINT64_C(10) << 30);
	assert_int_equal(config_set(&c, "alert_kinds=revision, same_site", why), STATUS_OK);
	assert_true(c.alert_kinds == (1u << KIND_REVISION | WHY_SAME_SITE));
	assert_int_equal(config_set(&c, "keep_text=no", why), STATUS_OK);
	assert_false(c.keep_text);
	assert_int_equal(c.parsers, CONFIG_AUTO);
	assert_int_equal(config_set(&c, "parsers=processes", why), STATUS_OK);
	assert_int_equal(c.parsers, CONFIG_PROCESSES);
	assert_int_equal(config_set(&c, "parsers=threads", why), STATUS_OK);
	assert_int_equal(c.parsers, CONFIG_THREADS);
	assert_int_equal(config_set(&c, "parse_time=500ms", why), STATUS_OK);
	assert_true(c.parse_time == 500);
	config_free(&c);
}

static void nonsense_is_refused_with_what_would_be_right(void **state)
{
	(void)state;
	expect_refused("colour=red", "no such key");
	expect_refused("retention", "key=value");
	expect_refused("retention=soon", "time");
	expect_refused("retention=-1d", "time");
	expect_refused("alert_ratio=1.5", "0..1");
	expect_refused("alert_ratio=nan", "0..1");
	expect_refused("alert_kinds=near far", "kinds");
	expect_refused("keep_text=maybe", "yes or no");
	expect_refused("parsers=or", "auto, processes or threads");
	expect_refused("parsers=", "auto, processes or threads");
	expect_refused("parse_time=1ms", "100ms..1h");
	expect_refused("batch_max=0", "1..100000");
	expect_refused("max_file_bytes=99999999999999999999", "1K..1G");
	expect_refused("disk_limit=120%", "%");
	expect_refused("feeds=", "directories");
}

static void a_file_is_read_and_its_mistake_named_by_line(void **state)
{
	char path[] = "/tmp/reprint-config-XXXXXX";
	int fd = mkstemp(path);
	struct config c;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "# comment\nretention = 7d\nthreads = many\n"), 40);
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_equal(config_read(&c, path, why), STATUS_USAGE);
	assert_non_null(strstr(why, ":3: threads"));
	assert_true(c.retention == INT64_C(7) * 86400000);
	config_free(&c);
	close(fd);
	unlink(path);
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_equal(config_read(&c, path, why), STATUS_NOT_FOUND);
	config_free(&c);
}

static void the_first_mistake_of_a_file_is_told_with_its_own_line(void **state)
{
	static const char text[] = "# comment\nbad line\n\n\nfoo = 3\n";
	char path[] = "/tmp/reprint-config-XXXXXX";
	int fd = mkstemp(path);
	struct config c;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "%s", text), sizeof text - 1);
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_equal(config_read(&c, path, why), STATUS_USAGE);
	assert_non_null(strstr(why, ":2: expected key = value"));
	config_free(&c);
	close(fd);
	unlink(path);
}

static void the_thresholds_of_the_configuration_are_those_of_the_judge(void **state)
{
	struct config c;
	struct pipeline_options o;
	struct thresholds t;

	(void)state;
	assert_int_equal(config_init(&c), STATUS_OK);
	state_options(&o, &t, &c);
	assert_ptr_equal(o.thresholds, &t);
	assert_memory_equal(&t, judge_defaults(), sizeof t);
	assert_int_equal(config_set(&c, "near_resemblance=0.33", why), STATUS_OK);
	assert_int_equal(config_set(&c, "passage_words=50", why), STATUS_OK);
	state_options(&o, &t, &c);
	assert_true(t.near_resemblance > 0.329 && t.near_resemblance < 0.331);
	assert_true(t.passage_shared > 99 && t.passage_shared < 101);
	config_free(&c);
	expect_refused("passage_words=0", "1..1000");
}

/* config_read() of a file with this content. */
static enum status read_text(struct config *c, const char *content)
{
	char path[] = "/tmp/reprint-config-XXXXXX";
	int fd = mkstemp(path);
	enum status st;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	why[0] = '\0';
	assert_int_equal(config_init(c), STATUS_OK);
	st = config_read(c, path, why);
	unlink(path);
	return st;
}

static void a_line_of_any_length_is_taken_whole_or_refused(void **state)
{
	char content[700] = "threads = 2\nfeeds = ";
	struct config c;

	(void)state;
	memset(content + strlen(content), '/', 400);
	assert_int_equal(read_text(&c, content), STATUS_USAGE);
	assert_non_null(strstr(why, ":2: longer than"));
	config_free(&c);
}

static void feeds_may_stand_several_times(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_text(&c, "feeds = /a b ; one\nfeeds = /c#:/d # two"), STATUS_OK);
	assert_string_equal(c.feeds, "/a b:/c#:/d");
	assert_int_equal(config_set(&c, "feeds=/e", why), STATUS_OK);
	assert_string_equal(c.feeds, "/e");
	config_free(&c);
}

static void an_indented_line_is_a_line(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_text(&c, "[reprintd]\n  feeds = /a\n\tstate = /b\n"), STATUS_OK);
	assert_string_equal(c.feeds, "/a");
	assert_string_equal(c.state, "/b");
	config_free(&c);
}

static void a_directory_is_no_configuration(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_init(&c), STATUS_OK);
	assert_int_not_equal(config_read(&c, "/tmp", why), STATUS_OK);
	config_free(&c);
}

static void feeds_names_between_one_root_and_64(void **state)
{
	char many[6 + 2 * 65 + 1] = "feeds=";

	(void)state;
	expect_refused("feeds=:", "directories");
	for (size_t i = 0; i < 65; i++)
		strcat(many, "a:");
	expect_refused(many, "directories");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_those_of_the_contract),
		cmocka_unit_test(the_thresholds_of_the_configuration_are_those_of_the_judge),
		cmocka_unit_test(values_have_units),
		cmocka_unit_test(nonsense_is_refused_with_what_would_be_right),
		cmocka_unit_test(a_file_is_read_and_its_mistake_named_by_line),
		cmocka_unit_test(the_first_mistake_of_a_file_is_told_with_its_own_line),
		cmocka_unit_test(a_line_of_any_length_is_taken_whole_or_refused),
		cmocka_unit_test(feeds_may_stand_several_times),
		cmocka_unit_test(an_indented_line_is_a_line),
		cmocka_unit_test(a_directory_is_no_configuration),
		cmocka_unit_test(feeds_names_between_one_root_and_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
