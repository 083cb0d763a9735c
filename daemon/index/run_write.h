/* SPDX-License-Identifier: BSD-2-Clause */
/* run_write.h - writes a run file front to back.
 *
 * Errors:  sticky; run_write_end() says what happened. The file is synced if asked, its folder is
 *          not.
 * Order:   all postings by key, then number, without doubles; then the column by seq; then the end.
 * Memory:  some pages, and eight bytes for each page written (the directory). */
#ifndef INDEX_RUN_WRITE_H
#define INDEX_RUN_WRITE_H

#include "index/run.h"

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
	unsigned char *filter; /* the page that is being filled */
	uint64_t filter_page;  /* its place; 0: none yet */
	unsigned char *window; /* blocks on their way to the file */
	size_t window_pages;
	uint64_t next_page; /* of the window's first */
};

/* keys: how many different ones, an upper bound. info: the ranges; the rest is counted. */
void run_write_begin(struct run_write *w, const char *path, const struct run_info *info,
		     uint64_t keys, bool sync);
void run_write_posting(struct run_write *w, uint64_t key, uint64_t number);
void run_write_article(struct run_write *w, uint64_t seq, uint64_t simhash);
/* Gives everything back; on failure the caller unlinks the file. */
enum status run_write_end(struct run_write *w);

#endif
