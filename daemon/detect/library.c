/* SPDX-License-Identifier: BSD-2-Clause */
#include <reprint/reprint.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "detect/pair.h"
#include "detect/repeats.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/kernel.h"
#include "text/gunzip.h"
#include "text/text.h"

#define ARENA_BLOCK ((size_t)64 << 10)

struct reprint {
	struct arena *kept;    /* what the caller sees */
	struct arena *scratch; /* empty between calls */
	char why[192];
};

const char *reprint_version(void)
{
	return REPRINT_VERSION;
}

const char *reprint_kernel(void)
{
	return kernel_name();
}

const char *reprint_kind_text(enum kind kind)
{
	return (unsigned)kind < KIND_COUNT ? kind_text(kind) : "unknown";
}

enum status reprint_open(struct reprint **out)
{
	static pthread_once_t started = PTHREAD_ONCE_INIT;
	struct reprint *r = calloc(1, sizeof *r);

	if (r == NULL)
		return STATUS_NO_MEMORY;
	pthread_once(&started, text_start);
	r->kept = arena_open(ARENA_BLOCK);
	r->scratch = arena_open(ARENA_BLOCK);
	if (r->kept == NULL || r->scratch == NULL) {
		reprint_close(r);
		return STATUS_NO_MEMORY;
	}
	*out = r;
	return STATUS_OK;
}

void reprint_close(struct reprint *r)
{
	if (r == NULL)
		return;
	arena_close(r->kept);
	arena_close(r->scratch);
	free(r);
}

void reprint_clear(struct reprint *r)
{
	arena_clear(r->kept);
	r->why[0] = '\0';
}

const char *reprint_why(const struct reprint *r)
{
	return r->why;
}

/* The end of every call: scratch is given back, and what a failed call took of the caller's memory.
 */
static enum status finish(struct reprint *r, enum status st, struct arena_mark before)
{
	arena_clear(r->scratch);
	if (st == STATUS_OK)
		return st;
	arena_rewind(r->kept, before);
	if (r->why[0] == '\0')
		snprintf(r->why, sizeof r->why, "%s", status_text(st));
	return st;
}

/* ---- reading */

static void note(void *ctx, enum status st, const struct text_problem *problem)
{
	struct reprint *r = ctx;

	(void)st;
	snprintf(r->why, sizeof r->why, "%s", problem->why);
}

/* The format by name, else by the first bytes; `plain` holds what was decompressed. */
static enum status unpack(struct text_input *in, struct bytes *plain, struct span name)
{
	bool gzip = false;

	in->format = text_format_of_name(name, &gzip);
	if (gzip || (in->format == TEXT_UNKNOWN && gunzip_knows(in->bytes))) {
		enum status st = gunzip(plain, in->bytes, REPRINT_EXPANDED_MAX);

		if (st != STATUS_OK)
			return st;
		in->bytes = bytes_span(plain);
	}
	if (in->format == TEXT_UNKNOWN)
		in->format = text_format_of_bytes(in->bytes);
	return in->format == TEXT_UNKNOWN ? STATUS_UNSUPPORTED : STATUS_OK;
}

/* A record of its own for each article, where it stays. */
static enum status keep(struct reprint_articles *out, const struct articles *read,
			struct arena *arena)
{
	const struct article **at = ARENA_ARRAY(arena, const struct article *, read->count + 1);
	size_t n = 0;

	if (at == NULL)
		return STATUS_NO_MEMORY;
	for (const struct article *a = articles_first(read); a != NULL;
	     a = articles_next(read, a)) {
		void *own = arena_take(arena, a->size);

		if (own == NULL)
			return STATUS_NO_MEMORY;
		memcpy(own, a, a->size);
		at[n++] = own;
	}
	*out = (struct reprint_articles){ at, n };
	return STATUS_OK;
}

enum status reprint_read(struct reprint *r, struct reprint_articles *out, struct span bytes,
			 const char *name)
{
	struct arena_mark before = arena_mark(r->kept);
	struct text_input in = { .bytes = bytes, .first_line = 1 };
	struct text_problem problem = { 0, "" };
	struct articles read = { 0 };
	struct bytes plain = { 0 };
	enum status st;

	r->why[0] = '\0';
	st = unpack(&in, &plain, span_of_text(name == NULL ? "" : name));
	if (st == STATUS_OK) {
		st = text_read(&read, &in, &problem, note, r);
		if (st != STATUS_OK)
			note(r, st, &problem);
	}
	if (st == STATUS_OK)
		st = keep(out, &read, r->kept);
	articles_free(&read);
	bytes_free(&plain);
	return finish(r, st, before);
}

/* ---- one article */

enum status reprint_fingerprint(struct reprint *r, struct fingerprint *out, const struct article *a)
{
	struct arena_mark before = arena_mark(r->kept);
	struct fingerprint f;
	enum status st;

	r->why[0] = '\0';
	st = fingerprint_of(&f, a, r->kept);
	if (st == STATUS_OK)
		*out = f;
	return finish(r, st, before);
}

/* Computed in scratch, so that only the result stays with the caller. */
static enum status keep_copy(const void **out, const void *from, size_t size, struct arena *arena)
{
	void *own = arena_take(arena, size == 0 ? 1 : size);

	if (own == NULL)
		return STATUS_NO_MEMORY;
	if (size > 0)
		memcpy(own, from, size);
	*out = own;
	return STATUS_OK;
}

enum status reprint_repeats(struct reprint *r, struct reprint_repeats *out, const struct article *a)
{
	struct arena_mark before = arena_mark(r->kept);
	const void *blocks = NULL;
	struct fingerprint f;
	struct repeats found;
	enum status st;

	r->why[0] = '\0';
	st = fingerprint_of(&f, a, r->scratch);
	if (st == STATUS_OK)
		st = repeats_find(&found, &f, r->scratch);
	if (st == STATUS_OK)
		st = keep_copy(&blocks, found.blocks, found.block_count * sizeof *found.blocks,
			       r->kept);
	if (st == STATUS_OK)
		*out = (struct reprint_repeats){
			.ratio = repeats_ratio(&found, &f),
			.doubled = repeats_doubled(&found, &f, 0),
			.blocks = blocks,
			.block_count = found.block_count,
		};
	return finish(r, st, before);
}

/* ---- two articles */

static enum kind kind_of(const struct comparison *c, struct acquaintance a, const struct kept *here,
			 const struct kept *there)
{
	bool too_short = judge_short(here->units) || judge_short(there->units);

	a.here_units = here->units;
	a.there_units = there->units;
	return too_short && !a.same_work ? KIND_SHORT : judge_kind(c, &a);
}

enum status reprint_compare(struct reprint *r, struct reprint_comparison *out,
			    const struct article *here, const struct article *there)
{
	struct arena_mark before = arena_mark(r->kept);
	const void *passages = NULL;
	struct kept left, right;
	struct comparison c;
	enum status st;

	r->why[0] = '\0';
	st = pair_side(&left, here, r->scratch);
	if (st == STATUS_OK)
		st = pair_side(&right, there, r->scratch);
	if (st == STATUS_OK)
		st = pair_compare(&c, &left, &right, r->scratch);
	if (st == STATUS_OK && c.same)
		c.same = pair_same_words(&left, article_view(here, here->text), &right,
					 article_view(there, there->text));
	if (st == STATUS_OK)
		st = keep_copy(&passages, c.passages, c.passage_count * sizeof *c.passages,
			       r->kept);
	if (st == STATUS_OK)
		*out = (struct reprint_comparison){
			.kind = kind_of(&c, pair_acquainted(here, there), &left, &right),
			.resemblance = c.resemblance,
			.containment = c.containment,
			.contained_by = c.contained_by,
			.shared_words = fingerprint_words(c.shared_units),
			.longest_words = fingerprint_words(c.longest_units),
			.passages = passages,
			.passage_count = c.passage_count,
		};
	return finish(r, st, before);
}
