/* SPDX-License-Identifier: BSD-2-Clause */
/* reading.h - what travels through the reading of one file: where articles go, what went wrong.
 *
 * Thread:  one owner at a time.
 * Memory:  owned by text_read(), which keeps the buffers with the articles. */
#ifndef TEXT_READING_H
#define TEXT_READING_H

#include "text/draft.h"
#include "text/text.h"

struct reading {
	struct articles *out;
	struct draft draft;
	struct bytes decoded; /* the input as UTF-8 where it was something else */
	struct bytes spare;   /* a short-lived copy; nobody keeps a view of it across calls */
	struct span charset;  /* from outside, absent as a rule */
	uint32_t first_line;
	size_t burden, burden_max;    /* of the articles so far; 0: any */
	size_t told;                  /* problems, those that nobody heard of too */
	struct text_problem *problem; /* never NULL */
	text_problem_fn report;       /* may be NULL */
	void *ctx;
};

/* Tells the caller of text_read() about one refused article or one mended document (STATUS_OK);
 * the reading goes on. */
void reading_tell(struct reading *r, enum status st, uint32_t line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* After the last of them: tells how many were not told. */
void reading_tell_rest(struct reading *r);

/* Says why the whole file is refused; returns st. */
enum status reading_refuse(struct reading *r, enum status st, uint32_t line, const char *format,
			   ...) __attribute__((format(printf, 4, 5)));

/* The input as UTF-8, see charset_decode(); tells when something was lost and returns the flag
 * for its articles in *out_flags (ARTICLE_LOSSY or 0). */
enum status reading_decode(struct reading *r, struct span *out, struct span in,
			   struct span declared, uint32_t *out_flags);

/* draft_finish() into r->out; TOO_LARGE when the articles become more than they may be. */
enum status reading_finish(struct reading *r);

/* The formats: each appends its articles, see text_read(). */
enum status plain_read(struct reading *r, struct span in);
enum status html_read(struct reading *r, struct span in);
enum status feed_read(struct reading *r, struct span in);
enum status json_read(struct reading *r, struct span in);
enum status jsonl_read(struct reading *r, struct span in);

#endif
