/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/run_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_PAGES 512u
#define LINE_BITS (8 * LINE_BYTES)

static void fail(struct run_write *w, enum status st)
{
	if (w->st == STATUS_OK)
		w->st = st;
}

static void write_at(struct run_write *w, const void *p, size_t len, uint64_t at)
{
	const char *from = p;

	while (len > 0 && w->st == STATUS_OK) {
		ssize_t n = pwrite(w->fd, from, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fail(w, n == 0 ? STATUS_NO_SPACE : status_of_errno(errno));
			return;
		}
		from += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
}

static unsigned char *next_page(const struct run_window *n)
{
	return n->pages + n->count * PAGE_BYTES;
}

static void ask_disk(const struct run_write *w, uint64_t page, uint64_t count, unsigned how)
{
	if (w->sync && count > 0)
		sync_file_range(w->fd, (off_t)(page * PAGE_BYTES), (off_t)(count * PAGE_BYTES),
				how);
}

/* What is written goes on to the disk at once, and is waited for when the next window is full: a
 * heap of it would be in the way of the store, whose commits the lane waits for. */
static void flush_window(struct run_write *w, struct run_window *n)
{
	write_at(w, n->pages, n->count * PAGE_BYTES, n->first * PAGE_BYTES);
	ask_disk(w, n->first, n->count, SYNC_FILE_RANGE_WRITE);
	ask_disk(w, n->first - n->waiting, n->waiting, SYNC_FILE_RANGE_WAIT_BEFORE);
	memset(n->pages, 0, n->count * PAGE_BYTES);
	n->first += n->count;
	n->waiting = n->count;
	n->count = 0;
}

/* The next page is ready. */
static void push(struct run_write *w, struct run_window *n)
{
	uint64_t sum = run_checksum(next_page(n), n->first + n->count);

	memcpy(next_page(n), &sum, sizeof sum);
	n->count++;
	if ((n->first + n->count) % WINDOW_PAGES == 0)
		flush_window(w, n);
}

static void push_copy(struct run_write *w, const void *page)
{
	memcpy(next_page(&w->rest), page, PAGE_BYTES);
	push(w, &w->rest);
}

void run_write_begin(struct run_write *w, const char *path, const struct run_info *info,
		     uint64_t keys, bool sync)
{
	uint64_t lines = (keys * FILTER_BITS + LINE_BITS - 1) / LINE_BITS;

	*w = (struct run_write){ .info = *info, .sync = sync };
	w->info.postings = w->info.articles = w->info.keys = 0;
	w->info.block_pages = w->info.column_pages = w->info.directory_pages = 0;
	w->info.filter_pages = (lines + FILTER_LINES - 1) / FILTER_LINES;
	w->filter.first = 1;
	w->filter.pages = calloc(WINDOW_PAGES, PAGE_BYTES);
	w->rest.first = 1 + w->info.filter_pages;
	w->rest.pages = calloc(WINDOW_PAGES, PAGE_BYTES);
	w->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		fail(w, status_of_errno(errno));
	else if (w->filter.pages == NULL || w->rest.pages == NULL)
		fail(w, STATUS_NO_MEMORY);
}

/* ---- filter --------------------------------------------------------------------------------- */

static void filter_advance(struct run_write *w, uint64_t to)
{
	while (w->filter.first + w->filter.count < to && w->st == STATUS_OK)
		push(w, &w->filter);
}

static void filter_add(struct run_write *w, uint64_t key)
{
	uint64_t at = run_line_of(w->info.filter_pages, key) * LINE_BYTES;

	filter_advance(w, at / PAGE_BYTES);
	run_sign_line((uint64_t *)(void *)(next_page(&w->filter) + at % PAGE_BYTES), key);
}

/* ---- blocks --------------------------------------------------------------------------------- */

static void remember(struct run_write *w, uint64_t key)
{
	uint64_t *directory = w->directory;

	if (w->info.block_pages == w->directory_cap) {
		size_t cap = w->directory_cap == 0 ? 1024 : 2 * w->directory_cap;

		directory = realloc(directory, cap * sizeof *directory);
		if (directory == NULL) {
			fail(w, STATUS_NO_MEMORY);
			return;
		}
		w->directory = directory;
		w->directory_cap = cap;
	}
	directory[w->info.block_pages++] = key;
}

static void flush_block(struct run_write *w)
{
	struct block block;

	if (w->packer.count == 0 || w->st != STATUS_OK)
		return;
	packer_end(&w->packer, &block);
	remember(w, block.first_key);
	push_copy(w, &block);
}

void run_write_posting(struct run_write *w, uint64_t key, uint64_t number)
{
	if (w->st != STATUS_OK)
		return;
	if (w->info.postings++ == 0 || key != w->last_key) {
		w->info.keys++;
		filter_add(w, key);
	}
	w->last_key = key;
	if (!packer_add(&w->packer, key, number)) {
		flush_block(w);
		packer_add(&w->packer, key, number);
	}
}

/* ---- column --------------------------------------------------------------------------------- */

static void flush_column(struct run_write *w)
{
	if (w->column.count == 0 || w->st != STATUS_OK)
		return;
	w->info.column_pages++;
	push_copy(w, &w->column);
	memset(&w->column, 0, sizeof w->column);
}

void run_write_article(struct run_write *w, uint64_t seq, uint64_t simhash)
{
	struct run_column *c = &w->column;

	if (w->st != STATUS_OK)
		return;
	flush_block(w);
	if (c->count == COLUMN_ARTICLES || (c->count > 0 && seq - c->base > UINT16_MAX))
		flush_column(w);
	if (c->count == 0)
		c->base = seq;
	c->simhashes[c->count] = simhash;
	c->seqs[c->count++] = (uint16_t)(seq - c->base);
	w->info.articles++;
}

/* ---- end ------------------------------------------------------------------------------------ */

static void write_directory(struct run_write *w)
{
	uint64_t page[PAGE_BYTES / sizeof(uint64_t)];
	size_t head = PAGE_BYTES / sizeof(uint64_t) - DIRECTORY_KEYS;

	for (uint64_t i = 0; i < w->info.block_pages && w->st == STATUS_OK; i += DIRECTORY_KEYS) {
		uint64_t left = w->info.block_pages - i;
		size_t n = left < DIRECTORY_KEYS ? (size_t)left : DIRECTORY_KEYS;

		memset(page, 0, sizeof page);
		memcpy(page + head, w->directory + i, n * sizeof *page);
		push_copy(w, page);
		w->info.directory_pages++;
	}
	flush_window(w, &w->rest);
}

static void write_header(struct run_write *w)
{
	unsigned char page[PAGE_BYTES] = { 0 };

	uint64_t sum;

	run_put_info(page, &w->info);
	sum = run_checksum(page, 0);
	memcpy(page, &sum, sizeof sum);
	write_at(w, page, sizeof page, 0);
}

enum status run_write_end(struct run_write *w)
{
	if (w->st == STATUS_OK) {
		flush_block(w);
		flush_column(w);
		write_directory(w);
		filter_advance(w, 1 + w->info.filter_pages);
		flush_window(w, &w->filter);
		write_header(w);
	}
	if (w->st == STATUS_OK && w->sync && fsync(w->fd) != 0)
		fail(w, status_of_errno(errno));
	if (w->fd >= 0 && close(w->fd) != 0)
		fail(w, status_of_errno(errno));
	free(w->directory);
	free(w->filter.pages);
	free(w->rest.pages);
	return w->st;
}
