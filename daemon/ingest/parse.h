/* SPDX-License-Identifier: BSD-2-Clause */
/* parse.h - a delivery's bytes to its articles: what both a worker and a parser process call.
 *
 * Thread: any. Pure: bytes in, bytes out. */
#ifndef INGEST_PARSE_H
#define INGEST_PARSE_H

#include "text/text.h"

struct parse_input {
	struct span bytes;
	struct span name; /* the format by extension; else by the first bytes */
	bool delivered;   /* a file as it was delivered: ".gz" in its name is meant */
	uint32_t first_line;
	size_t max_bytes; /* what a .gz may expand to */
};

/* The burden of all the articles of a file, where a file may have max_bytes. Of real ones it is
 * little more than their bytes; only one of very short articles or paragraphs comes near. */
size_t parse_burden_max(size_t max_bytes);

/* Sets *out to the articles; none where it fails. *plain: working memory, for what was
 * decompressed. As text_read() otherwise; UNSUPPORTED and TOO_LARGE have their reason in *problem
 * too. */
enum status parse(struct articles *out, struct bytes *plain, const struct parse_input *in,
		  struct text_problem *problem, text_problem_fn report, void *ctx);

/* st, with its reason said in *problem. */
enum status parse_refuse(struct text_problem *problem, enum status st, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
