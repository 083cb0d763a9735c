/* SPDX-License-Identifier: BSD-2-Clause */
/* run_read.h - a run from its first entry to its last, with large reads, apart from the map.
 *
 * Thread:  any one, also while the run's owner finds in it. Every page is checked. */
#ifndef INDEX_RUN_READ_H
#define INDEX_RUN_READ_H

#include "index/run.h"

enum run_part { RUN_POSTINGS, RUN_COLUMN };
struct run_reader {
	const struct run *run;
	enum run_part part;
	unsigned char *pages; /* a window of the file */
	uint64_t next_page, end_page;
	size_t page, page_count;  /* in the window */
	struct posting *postings; /* of the page at hand, unpacked */
	size_t at, count;
	uint64_t last_key; /* of the page before */
	enum status st;    /* not OK: broken or unreadable, the end came early */
};
enum status run_reader_begin(struct run_reader *r, const struct run *run, enum run_part part);
/* A posting, or seq as number and SimHash as key. */
bool run_reader_next(struct run_reader *r, struct posting *out);
void run_reader_end(struct run_reader *r);

#endif
