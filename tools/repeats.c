/* SPDX-License-Identifier: BSD-2-Clause */
/* repeats: what an article says twice, paragraph by paragraph; of a file here, of a stored article
 * by the daemon. */
#include "commands.h"

#include "base/arena.h"
#include "detect/repeats.h"
#include "fingerprint/fingerprinting.h"
#include "local.h"
#include "naming.h"
#include "print.h"
#include "wire/part.h"
#include "wire/reply.h"
#include "wire/value.h"
#include "wire/verdict.h"

#include <reprint/article.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ALERT_RATIO 0.2 /* the daemon's default: from here on it is worth telling */

struct repeating {
	struct session *session;
	struct arena *arena;
	struct bytes line;
	bool found, failed;
};

/* ---- shown, wherever it comes from */

static void show_part(const struct value *part)
{
	uint64_t of = value_number_of(part, "repeat_of", 0);

	print_tone(of > 0 ? TONE_WARM : TONE_PLAIN);
	printf("%5llu ", (unsigned long long)value_number_of(part, "n", 0));
	if (of > 0)
		printf("= %-5llu ", (unsigned long long)of);
	else
		fputs("        ", stdout);
	print_member(part, "text", 100);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
}

static void show_repeats(const struct value *line)
{
	const struct value *r = value_of(line, "repetition"), *parts = value_of(line, "parts");
	double ratio = value_share(value_of(r, "ratio"));

	print_tone(TONE_STRONG);
	print_member(line, "id", 0);
	print_tone(TONE_PLAIN);
	printf(": %llu words in %llu paragraphs, ",
	       (unsigned long long)value_number_of(line, "words", 0),
	       (unsigned long long)value_number_of(line, "paragraphs", 0));
	print_share(ratio);
	printf(" said again%s\n", value_flag(value_of(r, "doubled")) ? ", doubled" : "");
	print_blocks(r);
	if (ratio <= 0 && value_count(value_of(r, "blocks")) == 0)
		return;
	for (size_t i = 0; i < value_count(parts); i++)
		show_part(value_at(parts, i));
}

static bool on_reply(void *ctx, const struct reply *reply, struct span raw)
{
	struct repeating *r = ctx;

	if (r->session->json)
		session_put_raw(raw);
	else
		show_repeats(reply->line);
	r->found |=
		value_share(value_of(value_of(reply->line, "repetition"), "ratio")) >= ALERT_RATIO;
	return false;
}

/* ---- of a file */

static void put_parts(struct json *j, const struct article *a, const struct fingerprint *f,
		      const struct repeats *r, struct arena *arena)
{
	const struct article_part *parts = article_paragraphs(a);

	json_key(j, "parts");
	json_open(j, '[');
	for (uint32_t i = 0; i < f->paragraph_count; i++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[i];
		size_t count = f->paragraphs[i + 1] - f->paragraphs[i];
		struct arena_mark mark = arena_mark(arena);
		const struct part p = {
			.number = i + 1,
			.words = fingerprint_words(tokens_units(tokens, count)),
			.simhash = simhash_of(tokens, count, arena),
			.digest = tokens_hash(tokens, count),
			.repeat_of = part_repeat_of(r->blocks, r->block_count, i + 1),
			.text = article_view(a, parts[i]),
		};

		part_put(j, &p);
		arena_rewind(arena, mark);
	}
	json_close(j, ']');
}

static enum status describe(struct repeating *out, const struct article *a, const char *file)
{
	struct fingerprint f;
	struct repeats r;
	double ratio;
	struct json j = json_of(&out->line);
	enum status st = fingerprint_of(&f, a, out->arena);

	if (st == STATUS_OK)
		st = repeats_find(&r, &f, out->arena);
	if (st != STATUS_OK)
		return st;
	ratio = repeats_ratio(&r, &f);
	out->found |= ratio >= ALERT_RATIO;
	json_open(&j, '{');
	put_names(&j, a, file);
	json_put_number(&j, "words", fingerprint_words(f.units));
	json_put_number(&j, "paragraphs", f.paragraph_count);
	verdict_repetition(&j, ratio, repeats_doubled(&r, &f, 0), r.blocks, r.block_count);
	put_parts(&j, a, &f, &r, out->arena);
	json_close(&j, '}');
	return out->line.failed ? STATUS_NO_MEMORY : STATUS_OK;
}

static bool on_article(void *ctx, const struct article *a, const char *file)
{
	struct repeating *r = ctx;
	struct value *v = NULL;
	char why[80];
	enum status st;

	bytes_clear(&r->line);
	arena_clear(r->arena);
	st = describe(r, a, file);
	if (st == STATUS_OK && r->session->json) {
		fwrite(r->line.p, 1, r->line.len, stdout);
		fputc('\n', stdout);
	} else if (st == STATUS_OK) {
		st = value_parse(&v, why, sizeof why, bytes_span(&r->line), 8);
		if (st == STATUS_OK)
			show_repeats(v);
		value_free(v);
	}
	if (st != STATUS_OK) {
		session_error(r->session, "%s: %s", file, status_text(st));
		r->failed = true;
	}
	return true;
}

static int repeats_of_id(struct repeating *r, const char *id)
{
	struct bytes request = { 0 };
	struct json j = request_open(&request, "repeats");
	int code;

	json_put_text(&j, "id", span_of_text(id));
	code = session_ask(r->session, &j, span_of("", 0), false, on_reply, r);
	bytes_free(&request);
	return code;
}

int run_repeats(struct session *s, struct args *a)
{
	struct repeating r = { .session = s };
	struct stat there;
	int code = EXIT_FINE;

	if (!args_rest(a, 1, -1))
		return session_usage(s, a);
	r.arena = arena_open(1u << 20);
	if (r.arena == NULL)
		return session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	for (int i = 0; i < a->count; i++) {
		bool file = strcmp(a->words[i], "-") == 0 || stat(a->words[i], &there) == 0;
		int one = file ? local_each(s, a->words + i, 1, on_article, &r)
			       : repeats_of_id(&r, a->words[i]);

		code = one > code ? one : code;
	}
	bytes_free(&r.line);
	arena_close(r.arena);
	if (code == EXIT_FINE && r.failed)
		return EXIT_ERROR;
	return code == EXIT_FINE && r.found ? EXIT_FOUND : code;
}
