/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - the bytes of one file, whatever their format, as flat article records.
 *
 * Thread:  any number at once, each with its own struct articles; text_start() once before the
 * first. Memory:  struct articles grows as needed and keeps its memory for the next file; what
 * libxml2 and jansson take is bounded by the input and given back before the return. Errors:  a
 * status for the whole file; articles read before it stay in *out. Hostile: every byte. No external
 * entity is ever loaded, nesting and expansion are bounded. */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include <reprint/article.h>
#include <reprint/status.h>

#include "base/bytes.h"

enum text_format {
	TEXT_UNKNOWN,
	TEXT_PLAIN, /* one article, a paragraph a line */
	TEXT_HTML,
	TEXT_XML,  /* RSS 0.9x/1.0/2.0, RDF, Atom */
	TEXT_JSON, /* article object or JSON Feed */
	TEXT_JSONL /* an article object a line */
};

/* What a file's name says: the format by extension (".gz" looked through), TEXT_UNKNOWN if none. */
enum text_format text_format_of_name(struct span name, bool *out_gzip);

/* Starts with '.' or ends in .tmp, .part or ~ (or is empty): not delivered until it is renamed. */
bool text_name_is_ignored(struct span name);

/* What the first bytes (after decompression) say; TEXT_UNKNOWN for binary and anything else. */
enum text_format text_format_of_bytes(struct span bytes);

/* "html"; static. */
const char *text_format_name(enum text_format format);

#define ARTICLES_WORKING 6u

/* Zero-initialise once; records stand one after another, each 8-aligned: walk with
 * articles_first/next. */
struct articles {
	unsigned char *bytes;
	size_t len, cap;
	size_t count;
	struct bytes working[ARTICLES_WORKING]; /* of text_read(), kept for the next file too */
};

void articles_free(struct articles *a);
void articles_clear(struct articles *a);                        /* keeps the memory */
const struct article *articles_first(const struct articles *a); /* NULL when empty */
const struct article *articles_next(const struct articles *a, const struct article *one);

/* What an article takes where it goes on: its record, what is found out of it and of each of its
 * paragraphs. */
size_t article_burden(const struct article *a);

struct text_input {
	struct span bytes;       /* decompressed already, see gunzip.h */
	size_t burden_max;       /* of all its articles; 0: any */
	enum text_format format; /* never TEXT_UNKNOWN */
	struct span charset;     /* from outside (a header), absent as a rule */
	uint32_t first_line; /* JSON Lines cut into pieces: number of this piece's first line, else
				1 */
};

/* What went wrong or was mended, for the one log line and the rejected record. */
struct text_problem {
	uint32_t line; /* 1-based where known, else 0 */
	char why[160]; /* a clause without the file's name: "line 7 is not a JSON object" */
};

/* Called for each article that had to be refused (st is its status) and each document that had to
 * be mended or lost some bytes in decoding (st is STATUS_OK); the rest goes on. A file is told so
 * many problems at most, the last of which then says how many more there are. */
#define TEXT_PROBLEMS_MAX 1000u
typedef void (*text_problem_fn)(void *ctx, enum status st, const struct text_problem *problem);

/* Process-wide set-up of the parsers; no threads may run yet. */
void text_start(void);
/* Besides, for a process that will not be able to open files: what charsets need is loaded, and
 * stays so as long as the process. */
void text_prepare(void);

/* Appends the input's articles to *out. STATUS_MALFORMED when nothing could be made of the file
 * (problem says why), STATUS_TOO_LARGE, STATUS_NO_MEMORY. A JSON line that is not an article object
 * is told to `report` (NULL: nobody) and skipped; only a file of nothing but such lines is
 * MALFORMED. */
enum status text_read(struct articles *out, const struct text_input *in,
		      struct text_problem *problem, text_problem_fn report, void *ctx);

#endif
