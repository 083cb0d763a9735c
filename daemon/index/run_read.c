/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/run_read.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define WINDOW_PAGES 64u

enum status run_reader_begin(struct run_reader *r, const struct run *run, enum run_part part)
{
	*r = (struct run_reader){ .run = run, .part = part };
	r->next_page = part == RUN_POSTINGS ? run->blocks_at : run->column_at;
	r->end_page = r->next_page +
		      (part == RUN_POSTINGS ? run->info.block_pages : run->info.column_pages);
	r->pages = calloc(WINDOW_PAGES, PAGE_BYTES);
	r->postings = calloc(BLOCK_POSTINGS, sizeof *r->postings);
	return r->pages == NULL || r->postings == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static bool fill(struct run_reader *r)
{
	uint64_t left = r->end_page - r->next_page;
	size_t count = left < WINDOW_PAGES ? (size_t)left : WINDOW_PAGES;
	size_t bytes = count * PAGE_BYTES, got = 0;

	while (got < bytes) {
		ssize_t n = pread(r->run->fd, r->pages + got, bytes - got,
				  (off_t)(r->next_page * PAGE_BYTES + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r->st = n == 0 ? STATUS_DAMAGED : status_of_errno(errno);
			return false;
		}
		got += (size_t)n;
	}
	for (size_t i = 0; i < count; i++)
		if (!run_page_sound(r->pages + i * PAGE_BYTES, r->next_page + i)) {
			r->st = STATUS_DAMAGED;
			return false;
		}
	r->next_page += count;
	r->page = 0;
	r->page_count = count;
	return count > 0;
}

static size_t unpack_column(const struct run_column *c, struct posting *out)
{
	if (!run_column_sound(c))
		return 0;
	for (size_t i = 0; i < c->count; i++)
		out[i] = (struct posting){ c->simhashes[i], c->base + c->seqs[i] };
	return c->count;
}

static size_t unpack_block(const struct block *b, struct posting *out)
{
	return block_sound(b) ? block_unpack(b, out) : 0;
}

static bool next_page(struct run_reader *r)
{
	const void *page;

	if (r->page == r->page_count && !fill(r))
		return false;
	page = r->pages + r->page++ * PAGE_BYTES;
	r->at = 0;
	r->count = r->part == RUN_POSTINGS ? unpack_block(page, r->postings)
					   : unpack_column(page, r->postings);
	if (r->count == 0 || (r->part == RUN_POSTINGS && r->postings[0].key < r->last_key)) {
		r->st = STATUS_DAMAGED;
		return false;
	}
	r->last_key = r->postings[r->count - 1].key;
	return true;
}

bool run_reader_next(struct run_reader *r, struct posting *out)
{
	if (r->st != STATUS_OK || (r->at == r->count && !next_page(r)))
		return false;
	*out = r->postings[r->at++];
	return true;
}

void run_reader_end(struct run_reader *r)
{
	free(r->postings);
	free(r->pages);
	r->postings = NULL;
	r->pages = NULL;
}
