/* SPDX-License-Identifier: BSD-2-Clause */
#include "local.h"

#include "pieces.h"

struct reading {
	struct session *session;
	const char *file;
	bool failed;
};

static void on_problem(void *ctx, const char *file, const char *why)
{
	struct reading *r = ctx;

	session_error(r->session, "%s: %s", file, why);
	r->failed = true;
}

static void on_text_problem(void *ctx, enum status st, const struct text_problem *problem)
{
	struct reading *r = ctx;

	session_error(r->session, "%s: %s", r->file,
		      problem->why[0] != '\0' ? problem->why : status_text(st));
	r->failed |= st != STATUS_OK;
}

static bool each_of(struct reading *r, const struct piece *piece, struct articles *articles,
		    local_fn fn, void *ctx)
{
	struct text_input in = { .bytes = bytes_span(&piece->bytes),
				 .format = piece->format,
				 .first_line = piece->first_line };
	struct text_problem problem = { 0 };
	const struct article *a;
	enum status st;

	r->file = piece->file;
	articles_clear(articles);
	st = text_read(articles, &in, &problem, on_text_problem, r);
	if (st != STATUS_OK)
		on_text_problem(r, st, &problem);
	for (a = articles_first(articles); a != NULL; a = articles_next(articles, a))
		if (!fn(ctx, a, piece->file))
			return false;
	return true;
}

int local_each(struct session *s, char *const *paths, int path_count, local_fn fn, void *ctx)
{
	struct reading r = { .session = s };
	struct articles articles = { 0 };
	struct pieces *pieces;
	struct piece piece;
	bool more = true;
	enum status st = pieces_open(&pieces, paths, path_count, on_problem, &r);

	if (st != STATUS_OK)
		return session_error(s, "%s", status_text(st));
	text_start();
	while (more && (st = pieces_next(pieces, &piece)) == STATUS_OK) {
		more = each_of(&r, &piece, &articles, fn, ctx);
		piece_free(&piece);
	}
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		on_problem(&r, "-", status_text(st));
	articles_free(&articles);
	pieces_close(pieces);
	return r.failed ? EXIT_ERROR : EXIT_FINE;
}
