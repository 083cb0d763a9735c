/* SPDX-License-Identifier: BSD-2-Clause */
/* explain of two files: the daemon's comparison and rules, without what it knows of their sites. */
#include "local.h"

#include <string.h>

#include "base/arena.h"
#include "cli.h"
#include "detect/explain.h"
#include "detect/pair.h"
#include "wire/json.h"

/* The only article of a file; NULL: there is none or more, told on stderr. */
static const struct article *only_article(struct local_file *f, const char *path)
{
	const struct article *a;

	if (!local_read(f, path))
		return NULL;
	a = articles_first(&f->articles);
	if (a == NULL)
		cli_fail(path, "there is no article in it");
	else if (articles_next(&f->articles, a) != NULL)
		cli_fail(path, "there is more than one article in it; give a file of one");
	else
		return a;
	return NULL;
}

static void put_side(struct json *j, const char *key, const struct local_file *f,
		     const struct article *a, const struct kept *k)
{
	struct bytes id = { 0 };

	local_put_id(&id, f, a);
	json_key(j, key);
	json_open(j, '{');
	json_put_text(j, "id", bytes_span(&id));
	json_put_text(j, "site", article_view(a, a->site));
	json_put_text(j, "title", article_view(a, a->title));
	json_put_flag(j, "short", judge_short(k->units));
	json_close(j, '}');
	bytes_free(&id);
}

static enum status explain(struct bytes *out, const struct local_file *files,
			   const struct article *const *articles, struct arena *arena)
{
	struct judge_reason *reason = ARENA_ARRAY(arena, struct judge_reason, 1);
	struct acquaintance known = pair_acquainted(articles[0], articles[1]);
	struct comparison c;
	struct kept here, there;
	struct json j = json_of(out);
	enum status st = reason == NULL ? STATUS_NO_MEMORY : pair_side(&here, articles[0], arena);

	if (st == STATUS_OK)
		st = pair_side(&there, articles[1], arena);
	if (st == STATUS_OK)
		st = pair_compare(&c, &here, &there, arena);
	if (st != STATUS_OK)
		return st;
	known.here_units = here.units;
	known.there_units = there.units;
	judge_explain(reason, &c, &known, judge_defaults());
	json_open(&j, '{');
	put_side(&j, "here", &files[0], articles[0], &here);
	put_side(&j, "there", &files[1], articles[1], &there);
	explain_members(&j, &c, &known, reason,
			judge_short(here.units) || judge_short(there.units));
	json_close(&j, '}');
	return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

int local_explain(struct bytes *out, const char *here, const char *there)
{
	struct local_file files[2];
	struct arena *arena = arena_open((size_t)1 << 20);
	const struct article *articles[2];
	int code = CLI_ERROR;
	enum status st;

	memset(files, 0, sizeof files);
	if (arena == NULL)
		return cli_fail("explain", "%s", status_text(STATUS_NO_MEMORY));
	text_start();
	articles[0] = only_article(&files[0], here);
	articles[1] = articles[0] == NULL ? NULL : only_article(&files[1], there);
	if (articles[1] != NULL) {
		st = explain(out, files, articles, arena);
		code = st == STATUS_OK ? CLI_OK : cli_fail("explain", "%s", status_text(st));
	}
	local_free(&files[0]);
	local_free(&files[1]);
	arena_close(arena);
	return code;
}
