/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "ingest/lines.h"

struct seen {
	struct bytes all;
	uint32_t next_line;
	unsigned pieces, problems;
	unsigned most; /* pieces; 0: all */
};

static bool take(void *ctx, struct span lines, uint32_t first_line)
{
	struct seen *s = ctx;

	assert_int_equal(first_line, s->next_line);
	for (size_t i = 0; i < lines.len; i++)
		s->next_line += lines.p[i] == '\n';
	put_bytes(&s->all, lines.p, lines.len);
	return ++s->pieces != s->most;
}

static void count_problem(void *ctx, enum status st, const char *why)
{
	struct seen *s = ctx;

	(void)st;
	assert_non_null(why);
	s->problems++;
	s->next_line++;
}

/* Reads the bytes back through a file. */
static void read_back(struct seen *s, struct span bytes, bool gzip, size_t line_max)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.len, f), bytes.len);
	rewind(f);
	fflush(f);
	s->next_line = 1;
	lines_read(fileno(f), gzip, line_max, take, count_problem, s);
	fclose(f);
}

static void some_lines(struct bytes *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put_format(b, "{\"n\":%u,\"text\":\"%0*u\"}\n", i, (int)(i % 900) + 1, 0u);
}

static void pieces_are_whole_lines_and_nothing_is_lost(void **state)
{
	struct bytes b = { 0 };
	struct seen s = { 0 };

	(void)state;
	some_lines(&b, 4000);
	put_text(&b, "the last line has no end");
	read_back(&s, bytes_span(&b), false, 1 << 20);
	assert_true(s.pieces > 3);
	assert_int_equal(s.problems, 0);
	assert_true(span_equal(bytes_span(&s.all), bytes_span(&b)));
	bytes_free(&b);
	bytes_free(&s.all);
}

static void a_gzip_of_lines_reads_like_the_lines(void **state)
{
	struct bytes b = { 0 }, packed = { 0 };
	struct seen s = { 0 };
	z_stream z = { 0 };

	(void)state;
	some_lines(&b, 4000);
	assert_true(bytes_reserve(&packed, b.len + 1000));
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (unsigned char *)b.p;
	z.avail_in = (unsigned)b.len;
	z.next_out = (unsigned char *)packed.p;
	z.avail_out = (unsigned)packed.cap;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	packed.len = packed.cap - z.avail_out;
	deflateEnd(&z);
	read_back(&s, bytes_span(&packed), true, 1 << 20);
	assert_int_equal(s.problems, 0);
	assert_true(span_equal(bytes_span(&s.all), bytes_span(&b)));
	bytes_clear(&s.all);
	read_back(&s, span_of(packed.p, packed.len - 9), true, 1 << 20);
	assert_int_equal(s.problems, 1);
	bytes_free(&b);
	bytes_free(&packed);
	bytes_free(&s.all);
}

static void a_line_that_is_too_long_is_skipped_alone(void **state)
{
	struct bytes b = { 0 };
	struct seen s = { 0 };

	(void)state;
	put_text(&b, "first\n");
	for (int i = 0; i < 400000; i++)
		put_u8(&b, 'x');
	put_text(&b, "\nlast\n");
	read_back(&s, bytes_span(&b), false, 100000);
	assert_int_equal(s.problems, 1);
	assert_true(span_equal(bytes_span(&s.all), span_of_text("first\nlast\n")));
	bytes_free(&b);
	bytes_free(&s.all);
}

static void an_empty_file_has_no_lines(void **state)
{
	struct seen s = { 0 };

	(void)state;
	read_back(&s, span_of_text(""), false, 1000);
	assert_int_equal(s.pieces, 0);
	assert_int_equal(s.problems, 0);
}

static void reading_ends_when_no_more_is_wanted(void **state)
{
	struct bytes b = { 0 };
	struct seen s = { .most = 2 };

	(void)state;
	some_lines(&b, 4000);
	read_back(&s, bytes_span(&b), false, 1 << 20);
	assert_int_equal(s.pieces, 2);
	assert_int_equal(s.problems, 0);
	assert_true(s.all.len < b.len);
	bytes_free(&s.all);
	bytes_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_whole_lines_and_nothing_is_lost),
		cmocka_unit_test(a_gzip_of_lines_reads_like_the_lines),
		cmocka_unit_test(a_line_that_is_too_long_is_skipped_alone),
		cmocka_unit_test(an_empty_file_has_no_lines),
		cmocka_unit_test(reading_ends_when_no_more_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
