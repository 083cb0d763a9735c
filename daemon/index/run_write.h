/* SPDX-License-Identifier: BSD-2-Clause */
/* run_write.h - writes a run file front to back.
 *
 * Errors:  sticky; run_write_end() says what happened. The file is synced if asked, its folder is
 *          not.
 * Order:   all postings by key, then number, without doubles; then the column by seq; then the end.
 * Memory:  4 MiB, and eight bytes for each page written (the directory). */
#ifndef INDEX_RUN_WRITE_H
#define INDEX_RUN_WRITE_H

#include "index/run.h"

/* Pages on their way to the file. They go as many at a time as make a huge page of the page cache,
 * at its boundaries, so that look-ups miss the TLB less. */
struct run_window {
	unsigned char *pages; /* zero from `count` on; the next one may be under way */
	uint64_t first;       /* its place in the file */
	size_t count;
	uint64_t waiting; /* pages before `first` that the disk has been asked to write */
};

struct run_write {
	int fd;
	bool sync;
	enum status st;
	struct run_info info;
	uint64_t *directory;
	size_t directory_cap;
	struct packer packer;
	struct run_column column;
	uint64_t last_key;
	struct run_window filter, rest;
};

/* keys: how many different ones, an upper bound. info: the ranges; the rest is counted. */
void run_write_begin(struct run_write *w, const char *path, const struct run_info *info,
		     uint64_t keys, bool sync);
void run_write_posting(struct run_write *w, uint64_t key, uint64_t number);
void run_write_article(struct run_write *w, uint64_t seq, uint64_t simhash);
/* Gives everything back; on failure the caller unlinks the file. */
enum status run_write_end(struct run_write *w);

#endif
