/* SPDX-License-Identifier: BSD-2-Clause */
/* text: the article text as it will be judged. */
#include "commands.h"

#include "local.h"
#include "naming.h"
#include "print.h"

#include <reprint/article.h>
#include <stdio.h>

struct printing {
	const struct session *session;
	struct bytes line;
	size_t count;
};

static void put_object(struct bytes *out, const struct article *a, const char *file)
{
	struct json j = json_of(out);
	struct span text = article_view(a, a->text);

	/* Paragraphs, one a line, without the last line's end. */
	if (text.len > 0)
		text.len--;
	json_open(&j, '{');
	put_names(&j, a, file);
	json_put_text(&j, "site", article_view(a, a->site));
	json_put_text(&j, "title", article_view(a, a->title));
	json_put_text(&j, "published", article_view(a, a->published));
	json_put_text(&j, "text", text.p == NULL ? span_of("", 0) : text);
	json_close(&j, '}');
	put_bytes(out, "\n", 1);
}

static void print_plain(const struct article *a)
{
	const struct article_part *p = article_paragraphs(a);

	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		print_text(article_view(a, p[i]), 0);
		fputc('\n', stdout);
	}
}

static bool on_article(void *ctx, const struct article *a, const char *file)
{
	struct printing *p = ctx;

	if (!p->session->json) {
		/* An empty line can only stand between two articles. */
		if (p->count++ > 0)
			fputc('\n', stdout);
		print_plain(a);
		return true;
	}
	bytes_clear(&p->line);
	put_object(&p->line, a, file);
	fwrite(p->line.p, 1, p->line.len, stdout);
	return !p->line.failed;
}

int run_text(struct session *s, struct args *a)
{
	struct printing p = { .session = s };
	int code;

	if (!args_rest(a, 1, -1))
		return session_usage(s, a);
	code = local_each(s, a->words, a->count, on_article, &p);
	if (p.line.failed)
		code = session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	bytes_free(&p.line);
	return code;
}
