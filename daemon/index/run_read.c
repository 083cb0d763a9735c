/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/run_read.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define WINDOW_PAGES 64u

enum status run_reader_begin(struct run_reader *r, const struct run *run, enum run_part part)
{
	*r = (struct run_reader){ .run = run };
	r->next_page = part == RUN_POSTINGS ? run->blocks_at : run->column_at;
	r->end_page = r->next_page +
		      (part == RUN_POSTINGS ? run->info.block_pages : run->info.column_pages);
	r->pages = calloc(WINDOW_PAGES, sizeof *r->pages);
	return r->pages == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static bool fill(struct run_reader *r)
{
	uint64_t left = r->end_page - r->next_page;
	size_t count = left < WINDOW_PAGES ? (size_t)left : WINDOW_PAGES;
	size_t bytes = count * PAGE_BYTES, got = 0;

	while (got < bytes) {
		ssize_t n = pread(r->run->fd, (char *)r->pages + got, bytes - got,
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
		if (!run_page_sound(&r->pages[i], r->next_page + i) ||
		    !run_block_sound(&r->pages[i])) {
			r->st = STATUS_DAMAGED;
			return false;
		}
	r->next_page += count;
	r->page = 0;
	r->page_count = count;
	return count > 0;
}

bool run_reader_next(struct run_reader *r, struct posting *out)
{
	const struct run_block *b;

	if (r->st != STATUS_OK || (r->page == r->page_count && !fill(r)))
		return false;
	b = &r->pages[r->page];
	*out = (struct posting){ b->keys[r->entry], b->base + b->numbers[r->entry] };
	if (++r->entry == b->count) {
		r->entry = 0;
		r->page++;
	}
	return true;
}

void run_reader_end(struct run_reader *r)
{
	free(r->pages);
	r->pages = NULL;
}
