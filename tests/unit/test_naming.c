/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "ingest/job.h"
#include "ingest/naming.h"
#include "text/text.h"

struct named {
	struct arena *arena;
	struct articles articles;
	struct naming n;
};

/* Names the first article of some JSON (Lines) delivered as path, or submitted where path is NULL.
 */
static void name(struct named *out, const char *path, enum text_format format, const char *json,
		 bool believe_site)
{
	struct text_input in = { .bytes = span_of_text(json), .format = format, .first_line = 1 };
	struct text_problem problem;
	struct job_file file = { .path = (char *)path,
				 .path_len = path == NULL ? 0 : strlen(path) };
	struct job job = { .kind = path == NULL ? JOB_BODY : JOB_FILE, .files = &file };

	*out = (struct named){ .arena = arena_open(4096) };
	job.submission.name = span_of_text("draft.json");
	assert_int_equal(text_read(&out->articles, &in, &problem, NULL, NULL), STATUS_OK);
	assert_int_equal(naming_of(&out->n, &job, articles_first(&out->articles), believe_site,
				   out->arena),
			 STATUS_OK);
}

static void expect(struct named *d, const char *id, const char *source, const char *site)
{
	assert_true(span_equal(d->n.id, span_of_text(id)));
	assert_true(span_equal(d->n.source, span_of_text(source)));
	assert_true(span_equal(d->n.site, span_of_text(site)));
	articles_free(&d->articles);
	arena_close(d->arena);
}

static void an_own_id_is_printed_behind_its_source(void **state)
{
	struct named d;

	(void)state;
	name(&d, "a.example/x/1.json", TEXT_JSON, "{\"id\":\"41\",\"text\":\"words\"}", true);
	expect(&d, "a.example/41", "a.example", "a.example");
}

static void without_an_id_the_path_is_the_name(void **state)
{
	struct named d;

	(void)state;
	name(&d, "a.example/x/1.json", TEXT_JSON, "{\"text\":\"words\"}", true);
	expect(&d, "a.example/x/1.json", "a.example", "a.example");
}

static void lines_without_an_id_are_numbered(void **state)
{
	struct named d;

	(void)state;
	name(&d, "a.example/1.jsonl", TEXT_JSONL, "{\"text\":\"words\"}\n{\"text\":\"more\"}\n",
	     true);
	expect(&d, "a.example/1.jsonl#1", "a.example", "a.example");
}

static void an_objects_own_site_is_believed_unless_told_not_to(void **state)
{
	struct named d;

	(void)state;
	name(&d, "crawler/1.json", TEXT_JSON,
	     "{\"id\":\"1\",\"site\":\"b.example\",\"text\":\"w\"}", true);
	expect(&d, "crawler/1", "crawler", "b.example");
	name(&d, "crawler/1.json", TEXT_JSON,
	     "{\"id\":\"1\",\"site\":\"b.example\",\"text\":\"w\"}", false);
	expect(&d, "crawler/1", "crawler", "crawler");
}

static void what_comes_through_no_folder_keeps_its_id(void **state)
{
	struct named d;

	(void)state;
	name(&d, NULL, TEXT_JSON, "{\"id\":\"41\",\"text\":\"words\"}", true);
	assert_false(d.n.site_known);
	expect(&d, "41", NULL, "unknown");
	name(&d, NULL, TEXT_JSON, "{\"text\":\"words\"}", true);
	expect(&d, "draft.json", NULL, "unknown");
}

static void a_file_beside_the_source_folders_has_no_source(void **state)
{
	(void)state;
	assert_true(naming_source(span_of_text("x.txt")).p == NULL);
	assert_true(naming_source(span_of_text("/x.txt")).p == NULL);
	assert_true(span_equal(naming_source(span_of_text("a/b/c")), span_of_text("a")));
}

static void keys_differ_by_tag_by_parts_and_by_secret(void **state)
{
	struct span ab = span_of_text("ab"), c = span_of_text("c"), a = span_of_text("a"),
		    bc = span_of_text("bc");

	(void)state;
	assert_true(naming_key(KEY_ID, ab, c, 1) == naming_key(KEY_ID, ab, c, 1));
	assert_true(naming_key(KEY_ID, ab, c, 1) != naming_key(KEY_WORK, ab, c, 1));
	assert_true(naming_key(KEY_ID, ab, c, 1) != naming_key(KEY_ID, a, bc, 1));
	assert_true(naming_key(KEY_ID, ab, c, 1) != naming_key(KEY_ID, ab, c, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_own_id_is_printed_behind_its_source),
		cmocka_unit_test(without_an_id_the_path_is_the_name),
		cmocka_unit_test(lines_without_an_id_are_numbered),
		cmocka_unit_test(an_objects_own_site_is_believed_unless_told_not_to),
		cmocka_unit_test(what_comes_through_no_folder_keeps_its_id),
		cmocka_unit_test(a_file_beside_the_source_folders_has_no_source),
		cmocka_unit_test(keys_differ_by_tag_by_parts_and_by_secret),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
