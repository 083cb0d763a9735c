/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

#include <pthread.h>

#define THREADS 4
#define ROUNDS 50

static const struct {
	enum text_format format;
	const char *document;
} documents[] = {
	{ TEXT_PLAIN, "a\nb" },
	{ TEXT_JSONL, "{\"text\":\"a\\nb\"}\n{\"html\":\"<p>a<p>b\",\"x\":[]}" },
	{ TEXT_XML, "<rss><channel><item><title>a & b</title><description>a&lt;br>b</description>"
		    "</item></channel></rss>" },
	{ TEXT_HTML, "<meta charset=koi8-r><title>T</title><p>a</p><p>b</p>" },
};

static void *read_all(void *failed)
{
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
			struct articles articles = { 0 };
			struct text_input in = { .bytes = span_of_text(documents[i].document),
						 .format = documents[i].format };
			enum status st = text_read(&articles, &in, NULL, NULL, NULL);
			const struct article *a = articles_first(&articles);

			if (st != STATUS_OK || a == NULL ||
			    !span_equal(article_view(a, a->text), span_of_text("a\nb\n")))
				*(bool *)failed = true;
			articles_free(&articles);
		}
	}
	return NULL;
}

static void many_threads_read_at_once(void **state)
{
	pthread_t threads[THREADS];
	bool failed[THREADS] = { false };

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all, &failed[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_false(failed[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_read_at_once),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
