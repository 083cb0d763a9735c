/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "fingerprint/hash.h"
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

static void name_done(struct named *d)
{
	articles_free(&d->articles);
	arena_close(d->arena);
}

static void expect(struct named *d, const char *id, const char *source, const char *site)
{
	assert_true(span_equal(d->n.id, span_of_text(id)));
	assert_true(span_equal(d->n.source, span_of_text(source)));
	assert_true(span_equal(d->n.site, span_of_text(site)));
	name_done(d);
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

/* ---- names made to meet another's ---- */

#define FORGED_LEN 32u

static uint64_t word_at(const unsigned char *p)
{
	uint64_t word = 0;

	for (size_t i = 8; i-- > 0;)
		word = word << 8 | p[i];
	return word;
}

static uint64_t fold_product(uint64_t x, uint64_t y)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The beginning of XXH3's fixed secret. */
static const unsigned char xxh3_secret[FORGED_LEN] = {
	0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81,
	0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90,
	0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
};

/* What 16 bytes add to the hash of a text of 17 to 32. */
static uint64_t part_of_xxh3(const unsigned char *p, size_t at, uint64_t seed)
{
	return fold_product(word_at(p + at) ^ (word_at(xxh3_secret + at) + seed),
			    word_at(p + at + 8) ^ (word_at(xxh3_secret + at + 8) - seed));
}

/* Gives a name the end that makes its hash that of another: the last part is 1 times what lacks. */
static void forge(unsigned char out[FORGED_LEN], const unsigned char *victim, uint64_t seed)
{
	uint64_t lacks = part_of_xxh3(victim, 0, seed) + part_of_xxh3(victim, 16, seed) -
			 part_of_xxh3(out, 0, seed);
	uint64_t words[2] = { 1 ^ (word_at(xxh3_secret + 16) + seed),
			      lacks ^ (word_at(xxh3_secret + 24) - seed) };

	for (size_t i = 0; i < 16; i++)
		out[16 + i] = (unsigned char)(words[i / 8] >> 8 * (i % 8));
}

static void a_name_cannot_be_made_to_meet_the_key_of_another(void **state)
{
	static const char victim[] = "b.example/2026/11/26/article.txt";
	unsigned char forged[FORGED_LEN + 1] = "evil/16 of these";
	struct span a = span_of(victim, FORGED_LEN), b = span_of((char *)forged, FORGED_LEN);

	(void)state;
	forge(forged, (const unsigned char *)victim, KEY_ID);
	assert_false(span_equal(a, b));
	assert_true(hash_bytes(a, KEY_ID) == hash_bytes(b, KEY_ID));
	for (uint64_t secret = 1; secret < 100; secret++)
		assert_true(naming_key(KEY_ID, a, (struct span){ NULL, 0 }, secret) !=
			    naming_key(KEY_ID, b, (struct span){ NULL, 0 }, secret));
}

/* ---- ids of any length and from nowhere ---- */

static void an_id_that_is_too_long_for_one_is_none(void **state)
{
	static char json[10000];
	struct named d;

	(void)state;
	snprintf(json, sizeof json, "{\"id\":\"%04096d\",\"text\":\"words\"}", 1);
	name(&d, "a.example/1.json", TEXT_JSON, json, true);
	assert_int_equal(d.n.id.len, strlen("a.example/") + 4096);
	name_done(&d);
	snprintf(json, sizeof json, "{\"id\":\"%04097d\",\"text\":\"words\"}", 1);
	name(&d, "a.example/1.json", TEXT_JSON, json, true);
	expect(&d, "a.example/1.json", "a.example", "a.example");
	name(&d, "a.example/1.jsonl", TEXT_JSONL, json, true);
	expect(&d, "a.example/1.jsonl#1", "a.example", "a.example");
}

static void a_file_without_a_source_cannot_name_its_articles_like_one(void **state)
{
	struct named d;

	(void)state;
	name(&d, "1.json", TEXT_JSON, "{\"id\":\"b.example/41\",\"text\":\"words\"}", true);
	expect(&d, "1.json/b.example/41", NULL, "unknown");
	name(&d, "1.json", TEXT_JSON, "{\"id\":\"41\",\"text\":\"words\"}", true);
	expect(&d, "41", NULL, "unknown");
}

static void a_site_that_is_too_long_for_one_is_not_believed(void **state)
{
	char json[1000];
	struct named d;

	(void)state;
	snprintf(json, sizeof json, "{\"site\":\"%0256d\",\"text\":\"words\"}", 1);
	name(&d, "a.example/1.json", TEXT_JSON, json, true);
	expect(&d, "a.example/1.json", "a.example", "a.example");
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
		cmocka_unit_test(a_name_cannot_be_made_to_meet_the_key_of_another),
		cmocka_unit_test(an_id_that_is_too_long_for_one_is_none),
		cmocka_unit_test(a_file_without_a_source_cannot_name_its_articles_like_one),
		cmocka_unit_test(a_site_that_is_too_long_for_one_is_not_believed),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
