/* SPDX-License-Identifier: BSD-2-Clause */
/* index.h - postings: from 64-bit keys to the numbers of articles, and a column of SimHashes.
 *
 * Derived data: everything here can be made again from the rows of the store. The newest postings
 * live in one flat table in memory; a full table is sealed into a sorted run file beside the epoch,
 * small runs merge four into one in a thread of the index's own, and expiry unlinks whole runs.
 * Schleimer, Wilkerson, Aiken 2003 give the keys (fingerprint/winnow.h); Bloom 1970 the filters.
 *
 * Thread:  one owner (the lane) calls; sealing and merging run beside it and never block a call;
 *          index_reader is for others. What is added is put beside their look-ups; the owner waits
 *          for one to end only where a table grows or the places of postings change.
 * Memory:  the active table, and one that was sealed, or was made, and is the next: for
 *          active_articles of 46 postings each, 268 MB where they are not set. Runs are mapped.
 * Cost:    a find is one probe of the table and, per run whose filter says yes, one block. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index; /* opaque */

struct index_options {
	const char *path; /* directory of the run files and their manifest; NULL: memory only, never
			     seals */
	uint32_t active_articles; /* articles per active table before it is sealed; 0: 131072 */
	uint32_t postings_cap;    /* newest and oldest postings returned per key; 0: 64 */
	bool temporary;           /* need not outlive the process: the disk is not waited for */
};

/* Opens the runs the manifest names, deletes what it does not. A damaged run is set aside (renamed
 * *.damaged), one of another version removed; both are named in the log, and index_gap() and
 * index_sealed_to() say what must be added again: what is damaged, and all from the first that is
 * removed on. */
enum status index_open(struct index **out, const struct index_options *o);
void index_close(struct index *x); /* accepts NULL; waits for seal and merge */

/* Every posting of articles up to *out_seq and deliveries up to *out_delivery is in a sealed run:
 * replay what is above at start. */
void index_sealed_to(const struct index *x, uint64_t *out_seq, uint64_t *out_delivery);
/* Gaps that replay must fill again: true and the range while there are any (a run was damaged; that
 * may also be noticed later, in a look-up). What was told is filled by index_add() in order, before
 * anything newer is added; the gap goes when a table is sealed after that. */
bool index_gap(struct index *x, uint64_t *out_from, uint64_t *out_to, unsigned which);

/* So many of the gaps, from the first on, have been told since one was added. */
unsigned index_gaps_told(const struct index *x);
/* Whether there is a gap that was not told since it came. */
bool index_torn(const struct index *x);
/* Deliveries whose postings went with a run; told once, for index_post() to be called again. */
bool index_lost_deliveries(struct index *x, uint64_t *out_from, uint64_t *out_to);

/* seq rises from call to call. keys need not be sorted; repeated keys count once. flanks: what
 * stands beside each key in the article, four bits for either side; NULL: 0. Of a repeated key four
 * are kept. */
enum status index_add(struct index *x, uint64_t seq, uint64_t simhash, const uint64_t *keys,
		      const uint8_t *flanks, size_t count);
/* Further postings of the seq added last or of any earlier number (tagged look-ups, deliveries).
 * Numbers are below 2^56; of others TOO_LARGE. */
enum status index_post(struct index *x, uint64_t key, uint64_t number);

/* Numbers under one key, newest first, at most cap into out[]; returns how many were written. */
size_t index_find(struct index *x, uint64_t key, uint64_t *out, size_t cap);

struct candidate {
	uint64_t seq;
	uint32_t hits;   /* how many of the keys lead to it */
	uint32_t firm;   /* of them, keys whose lists were not cut */
	uint32_t backed; /* of them, keys with a flank in common there; and those that two have at
			    most, one where more than a million articles are, none beyond two */
};
/* The articles that share keys, most hits first (older first among equals), at most cap. flanks as
 * they are added; NULL: all are backed.
 * Returns how many were written; *out_capped counts keys whose lists were cut. */
size_t index_candidates(struct index *x, const uint64_t *keys, const uint8_t *flanks, size_t count,
			struct candidate *out, size_t cap, size_t *out_capped);

/* Candidates for a thread beside the owner's, with working memory of its own, at any time: those of
 * all that was added before the mark, and maybe of what is being added. */
struct index_mark {
	uint64_t additions, adopted;
};
struct index_reader; /* opaque */
enum status index_reader_open(struct index_reader **out);
void index_reader_close(struct index_reader *r); /* accepts NULL */
size_t index_reader_candidates(struct index_reader *r, struct index *x, const uint64_t *keys,
			       const uint8_t *flanks, size_t count, struct candidate *out,
			       size_t cap, size_t *out_capped, struct index_mark *out_mark);
/* Whether the keys still lead to what they led to at the mark; false where that is not known. */
bool index_same(const struct index *x, const struct index_mark *mark, const uint64_t *keys,
		size_t count);

/* Every article within max_bits of a SimHash, in order of seq; false from fn stops. */
typedef bool (*index_near_fn)(void *ctx, uint64_t seq, unsigned bits);
void index_near(struct index *x, uint64_t simhash, unsigned max_bits, index_near_fn fn, void *ctx);

/* The lane has committed the store up to this article and this delivery: a full table may be sealed
 * (never before its rows are durable). */
void index_committed(struct index *x, uint64_t seq, uint64_t delivery);
/* Everything up to and including seq has expired: runs wholly below it are unlinked. */
void index_expire(struct index *x, uint64_t seq);
/* A run ("index/0000000000000001.run"), or any other name: all of them, is set aside; what it held
 * is a gap, which index_gap() tells. For who has found it wrong. */
void index_distrust(struct index *x, const char *name);
/* Rows of articles in this range have been purged: no file is to hold their postings. Runs that
 * overlap it are unlinked and become gaps; what is in memory is sealed first, then the same. */
void index_renew(struct index *x, uint64_t from, uint64_t to);
/* faults: pages that the process has had to wait for since its start. When there are many since the
 * last call, and memory_bytes that lie idle are enough, the sealer reads all runs: after a start
 * from a cold disk, or when something has pushed them out; ten minutes later at the soonest, then
 * twenty. */
void index_warm(struct index *x, uint64_t faults, uint64_t memory_bytes);
/* Whether nothing is being sealed, merged or removed any more. BUSY: something is; else why a table
 * was not sealed: it waits for the next commit or index_renew(). */
enum status index_settled(struct index *x);
/* Seals what is in memory now and waits for it and for merging: tests, clean stop of large states.
 */
enum status index_seal(struct index *x);

#endif
