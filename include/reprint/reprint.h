/* SPDX-License-Identifier: BSD-2-Clause */
/* reprint.h - the library: bytes of a file to articles, fingerprints, repeats and comparisons.
 *
 * The same functions as the daemon's, without its memory: nothing is stored, no chrome of a site is
 * learned, two articles are compared because you say so.
 * Thread:  one context, one thread at a time; any number of contexts.
 * Memory:  what a function writes into *out are views into the context. They live until
 *          reprint_clear() or reprint_close(), and later calls do not move them.
 * Errors:  zero is success; reprint_why() has the sentence. *out is only written on success.
 * Numbers: paragraphs are 1-based and inclusive, shares are 0..1. In scripts without spaces a word
 *          counts as two characters.
 * Link:    pkg-config --cflags --libs reprint. C11. */
#ifndef REPRINT_REPRINT_H
#define REPRINT_REPRINT_H

#include <reprint/article.h>
#include <reprint/fingerprint.h>
#include <reprint/status.h>
#include <reprint/verdict.h>
#include <reprint/version.h>

#define REPRINT_API __attribute__((visibility("default")))

/* What a .gz may expand to, bytes; the daemon's default for max_file_bytes. */
#define REPRINT_EXPANDED_MAX ((size_t)16 << 20)

struct reprint; /* opaque: the context */

/* The version of the library that is loaded; REPRINT_VERSION is that of this header. Static. */
REPRINT_API const char *reprint_version(void);

/* The name of the kernel in use, "portable" or the instructions it needs; REPRINT_KERNEL in the
 * environment forces one. Static. */
REPRINT_API const char *reprint_kernel(void);

/* "near" for KIND_NEAR. Static; never NULL. */
REPRINT_API const char *reprint_kind_text(enum kind kind);

/* NO_MEMORY. The caller closes it. */
REPRINT_API enum status reprint_open(struct reprint **out);
REPRINT_API void reprint_close(struct reprint *r); /* accepts NULL */

/* Everything read and computed so far is gone; the memory is kept for what comes next. */
REPRINT_API void reprint_clear(struct reprint *r);

/* Why the last call on this context failed: a clause without a line end, "" when it did not. */
REPRINT_API const char *reprint_why(const struct reprint *r);

struct reprint_articles {
	const struct article *const *at; /* [count], in the order of the file; article.h tells how
					    to read one */
	size_t count;
};

/* The articles in the bytes of one file: text, HTML, RSS, Atom, JSON, JSON Lines, any of them also
 * gzipped. name: the file's, for its extension (looked at, never opened); the bytes decide where it
 * says nothing; NULL: no name. Articles that are refused are left out; reprint_why() then tells the
 * last one although the call succeeded.
 * MALFORMED, UNSUPPORTED, TOO_LARGE, NO_MEMORY. */
REPRINT_API enum status reprint_read(struct reprint *r, struct reprint_articles *out,
				     struct span bytes, const char *name);

/* Digest, SimHash and tokens of an article: functions of its paragraphs alone.
 * a: from reprint_read(), of any context. NO_MEMORY. */
REPRINT_API enum status reprint_fingerprint(struct reprint *r, struct fingerprint *out,
					    const struct article *a);

struct reprint_repeats {
	double ratio;                      /* words in later occurrences, of all words */
	bool doubled;                      /* the body stands in it twice */
	const struct repeat_block *blocks; /* [block_count], in order of `again` */
	size_t block_count;
};

/* What an article says more than once. NO_MEMORY. */
REPRINT_API enum status reprint_repeats(struct reprint *r, struct reprint_repeats *out,
					const struct article *a);

struct reprint_comparison {
	enum kind kind;      /* of `here` seen from `there`; KIND_SHORT: too little text to judge */
	double resemblance;  /* Jaccard of the shingle sets, internal repeats left out */
	double containment;  /* share of `here` found in `there` */
	double contained_by; /* share of `there` found in `here` */
	uint32_t shared_words, longest_words; /* in all passages, in the longest run */
	const struct passage *passages;       /* [passage_count], in order of `here` */
	size_t passage_count;
};

/* How much two articles share. Articles of two named sites are judged as copies across sites; where
 * a site is not named more has to agree; same site and same id or url make a later version
 * KIND_REVISION. NO_MEMORY. */
REPRINT_API enum status reprint_compare(struct reprint *r, struct reprint_comparison *out,
					const struct article *here, const struct article *there);

#endif
