/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/run.h"

#include "base/bytes.h"
#include "base/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC "reprint run"
#define BYTE_ORDER_MARK UINT64_C(0x0102030405060708)
#define PAGES_MAX (UINT64_C(1) << 31) /* 8 TiB; the guide counts in 32 bits */
#define COUNT_MAX (UINT64_C(1) << 40)
#define PAGE_LINES (PAGE_BYTES / LINE_BYTES)
#define HEAD_LINES 4u /* of a block: its head, most of `high` and `starts` */
#define SAMPLE_PAGES 32u
#define UNMAP_BYTES ((size_t)8 << 20)

/* ---- pages ---------------------------------------------------------------------------------- */

uint64_t run_checksum(const void *page, uint64_t place)
{
	const char *rest = (const char *)page + sizeof(uint64_t);

	return checksum_of(span_of(rest, PAGE_BYTES - sizeof(uint64_t))) ^ mix64(place + 1);
}

bool run_page_sound(const void *page, uint64_t place)
{
	uint64_t sum;

	memcpy(&sum, page, sizeof sum);
	return sum == run_checksum(page, place);
}

/* A page of the map, its checksum tested at the first touch; NULL when it is wrong. */
static const void *page_at(struct run *r, uint64_t place)
{
	const unsigned char *page = r->map + place * PAGE_BYTES;
	unsigned char bit = (unsigned char)(1u << place % 8);

	if ((atomic_load_explicit(&r->seen[place / 8], memory_order_relaxed) & bit) != 0)
		return page;
	if (run_damaged(r) || !run_page_sound(page, place)) {
		run_set_damaged(r);
		return NULL;
	}
	atomic_fetch_or_explicit(&r->seen[place / 8], bit, memory_order_relaxed);
	return page;
}

bool run_column_sound(const struct run_column *c)
{
	return c->count > 0 && c->count <= COLUMN_ARTICLES;
}

/* ---- header --------------------------------------------------------------------------------- */

void run_put_info(unsigned char page[PAGE_BYTES], const struct run_info *info)
{
	const uint64_t order = BYTE_ORDER_MARK;
	const uint64_t numbers[] = {
		info->first_seq,   info->last_seq,     info->first_delivery, info->last_delivery,
		info->postings,    info->articles,     info->keys,           info->filter_pages,
		info->block_pages, info->column_pages, info->directory_pages
	};
	struct bytes b = { (char *)page, 8, PAGE_BYTES, false };

	put_text(&b, MAGIC);
	put_u32(&b, RUN_FORMAT);
	put_bytes(&b, &order, sizeof order);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		put_u64(&b, numbers[i]);
}

static enum status take_info(struct run_info *info, const unsigned char *page)
{
	uint64_t *const numbers[] = { &info->first_seq,      &info->last_seq,
				      &info->first_delivery, &info->last_delivery,
				      &info->postings,       &info->articles,
				      &info->keys,           &info->filter_pages,
				      &info->block_pages,    &info->column_pages,
				      &info->directory_pages };
	struct cursor c = cursor_of(span_of((const char *)page + 8, PAGE_BYTES - 8));
	const void *magic = take_bytes(&c, sizeof MAGIC - 1);
	uint32_t format = take_u32(&c);
	const void *raw = take_bytes(&c, sizeof(uint64_t));
	uint64_t order;

	if (c.failed || memcmp(magic, MAGIC, sizeof MAGIC - 1) != 0)
		return STATUS_DAMAGED;
	if (format != RUN_FORMAT)
		return STATUS_VERSION;
	memcpy(&order, raw, sizeof order);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		*numbers[i] = take_u64(&c);
		if (i >= 4 && *numbers[i] > (i < 7 ? COUNT_MAX : PAGES_MAX))
			return STATUS_DAMAGED;
	}
	return !c.failed && order == BYTE_ORDER_MARK ? STATUS_OK : STATUS_DAMAGED;
}

static enum status read_header(struct run *r)
{
	unsigned char page[PAGE_BYTES];
	const struct run_info *i = &r->info;
	enum status st;
	struct stat s;

	if (fstat(r->fd, &s) != 0)
		return status_of_errno(errno);
	if (pread(r->fd, page, sizeof page, 0) != (ssize_t)sizeof page || !run_page_sound(page, 0))
		return STATUS_DAMAGED;
	st = take_info(&r->info, page);
	if (st != STATUS_OK)
		return st;
	r->blocks_at = 1 + i->filter_pages;
	r->column_at = r->blocks_at + i->block_pages;
	r->bytes = (size_t)(r->column_at + i->column_pages + i->directory_pages) * PAGE_BYTES;
	if ((uint64_t)s.st_size != r->bytes || (i->block_pages > 0 && i->filter_pages == 0) ||
	    (i->keys == 0) != (i->block_pages == 0) || i->keys > i->postings ||
	    i->postings > i->block_pages * BLOCK_POSTINGS ||
	    i->directory_pages != (i->block_pages + DIRECTORY_KEYS - 1) / DIRECTORY_KEYS)
		return STATUS_DAMAGED;
	return STATUS_OK;
}

/* ---- life ----------------------------------------------------------------------------------- */

static enum status read_directory(struct run *r)
{
	uint64_t at = r->column_at + r->info.column_pages;
	uint64_t left = r->info.block_pages;
	uint64_t *to = r->directory;

	for (; left > 0; at++) {
		const unsigned char *page = page_at(r, at);
		size_t n = left < DIRECTORY_KEYS ? (size_t)left : DIRECTORY_KEYS;

		if (page == NULL)
			return STATUS_DAMAGED;
		memcpy(to, page + PAGE_BYTES - DIRECTORY_KEYS * sizeof *to, n * sizeof *to);
		to += n;
		left -= n;
	}
	return STATUS_OK;
}

/* A part of the space of keys for each block, and no more than twice as many: then few blocks begin
 * in one. */
static enum status make_guide(struct run *r)
{
	unsigned bits = 1;
	uint64_t part = 0;

	while (r->info.block_pages >> bits != 0)
		bits++;
	r->guide_shift = 64 - bits;
	r->guide = calloc(((size_t)1 << bits) + 1, sizeof *r->guide);
	if (r->guide == NULL)
		return STATUS_NO_MEMORY;
	for (uint64_t i = 0; i < r->info.block_pages; i++)
		while (part <= r->directory[i] >> r->guide_shift)
			r->guide[part++] = (uint32_t)i;
	while (part <= (uint64_t)1 << bits)
		r->guide[part++] = (uint32_t)r->info.block_pages;
	return STATUS_OK;
}

static enum status map(struct run *r)
{
	void *p = mmap(NULL, r->bytes, PROT_READ, MAP_SHARED, r->fd, 0);
	enum status st;

	if (p == MAP_FAILED)
		return status_of_errno(errno);
	r->map = p;
	/* Look-ups jump; merging reads apart from the map. */
	madvise(p, r->bytes, MADV_RANDOM);
	r->seen = calloc(1, r->bytes / PAGE_BYTES / 8 + 1);
	r->directory = calloc((size_t)r->info.block_pages + 1, sizeof *r->directory);
	if (r->seen == NULL || r->directory == NULL)
		return STATUS_NO_MEMORY;
	st = read_directory(r);
	return st == STATUS_OK ? make_guide(r) : st;
}

enum status run_open(struct run **out, const char *path, uint64_t file)
{
	struct run *r = calloc(1, sizeof *r);
	enum status st;

	if (r == NULL)
		return STATUS_NO_MEMORY;
	r->file = file;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd < 0) {
		st = status_of_errno(errno);
		goto close;
	}
	st = STATUS_NO_MEMORY;
	r->path = strdup(path);
	if (r->path == NULL)
		goto close;
	st = read_header(r);
	if (st == STATUS_OK)
		st = map(r);
	if (st != STATUS_OK)
		goto close;
	*out = r;
	return STATUS_OK;

close:
	run_close(r);
	return st;
}

/* In steps: whoever maps memory meanwhile waits for one of them. */
static void unmap(const struct run *r)
{
	for (size_t at = 0; at < r->bytes; at += UNMAP_BYTES)
		munmap((void *)(uintptr_t)(r->map + at),
		       r->bytes - at < UNMAP_BYTES ? r->bytes - at : UNMAP_BYTES);
}

void run_close(struct run *r)
{
	if (r == NULL)
		return;
	if (r->map != NULL)
		unmap(r);
	if (r->fd >= 0)
		close(r->fd);
	free(r->guide);
	free(r->directory);
	free(r->seen);
	free(r->path);
	free(r);
}

/* ---- filter --------------------------------------------------------------------------------- */

uint64_t run_line_of(uint64_t filter_pages, uint64_t key)
{
	uint64_t line = run_place(filter_pages * FILTER_LINES, key);

	return PAGE_LINES + line + line / FILTER_LINES + 1;
}

/* Nine bits each; the top bits chose the line, so the key is mixed once more. */
void run_sign_line(uint64_t line[LINE_WORDS], uint64_t key)
{
	uint64_t h = mix64(key);

	for (unsigned i = 0; i < FILTER_PROBES; i++, h >>= 9)
		line[h >> 6 & (LINE_WORDS - 1)] |= UINT64_C(1) << (h & 63);
}

void run_sign_of(struct run_sign *out, uint64_t key)
{
	*out = (struct run_sign){ { 0 } };
	run_sign_line(out->words, key);
}

uint64_t run_look(const struct run *r, uint64_t key)
{
	uint64_t line;

	if (r->info.filter_pages == 0)
		return 0;
	line = run_line_of(r->info.filter_pages, key);
	__builtin_prefetch(r->map + line * LINE_BYTES);
	return line;
}

void run_check(struct run *r, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to && !run_damaged(r); i++)
		page_at(r, i);
}

static bool is_in_memory(const struct run *r, uint64_t page)
{
	unsigned char byte;
	const struct iovec one = { &byte, 1 };

	return preadv2(r->fd, &one, 1, (off_t)(page * PAGE_BYTES), RWF_NOWAIT) == 1;
}

/* By the last page and one of every few. */
static bool are_in_memory(const struct run *r, uint64_t from, uint64_t to)
{
	bool are = is_in_memory(r, to - 1);

	for (uint64_t i = from; i < to && are; i += SAMPLE_PAGES)
		are = is_in_memory(r, i);
	return are;
}

/* Through the map a page that cannot be read would be the end of the process. */
static bool read_pages(const struct run *r, uint64_t from, uint64_t to)
{
	unsigned char page[PAGE_BYTES];
	ssize_t n = PAGE_BYTES;

	posix_fadvise(r->fd, (off_t)(from * PAGE_BYTES), (off_t)((to - from) * PAGE_BYTES),
		      POSIX_FADV_WILLNEED);
	for (uint64_t i = from; i < to && n == PAGE_BYTES; i++)
		do
			n = pread(r->fd, page, sizeof page, (off_t)(i * PAGE_BYTES));
		while (n < 0 && errno == EINTR);
	return n == PAGE_BYTES;
}

void run_warm(struct run *r, uint64_t from, uint64_t to)
{
	if (are_in_memory(r, from, to))
		return;
	if (!read_pages(r, from, to))
		run_set_damaged(r);
	run_check(r, from, to);
}

bool run_lacks(struct run *r, uint64_t key, uint64_t line, const struct run_sign *sign)
{
	const uint64_t *words;
	uint64_t missing = 0;

	if (r->info.filter_pages == 0)
		return true;
	if (page_at(r, line / PAGE_LINES) == NULL)
		return false;
	words = (const uint64_t *)(const void *)(r->map + line * LINE_BYTES);
	for (unsigned i = 0; i < LINE_WORDS; i++)
		missing |= sign->words[i] & ~words[i];
	if (missing == 0)
		__builtin_prefetch(&r->guide[key >> r->guide_shift]);
	return missing != 0;
}

/* ---- finding -------------------------------------------------------------------------------- */

/* How many of the ascending keys are below one. */
static size_t below(const uint64_t *keys, size_t count, uint64_t key)
{
	size_t low = 0;

	while (count > 0) {
		size_t half = count / 2;

		if (keys[low + half] < key) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}

void run_ask_directory(const struct run *r, uint64_t key)
{
	__builtin_prefetch(&r->directory[r->guide[key >> r->guide_shift]]);
}

/* Blocks that begin below the key. */
static size_t blocks_below(const struct run *r, uint64_t key)
{
	const uint32_t *part = &r->guide[key >> r->guide_shift];

	return part[0] + below(r->directory + part[0], part[1] - part[0], key);
}

uint64_t run_block_of(const struct run *r, uint64_t key)
{
	size_t block = blocks_below(r, key);
	const unsigned char *at;

	block -= block > 0;
	at = r->map + (r->blocks_at + block) * PAGE_BYTES;
	for (size_t i = 0; i < HEAD_LINES; i++)
		__builtin_prefetch(at + 64 * i);
	return block;
}

static const struct block *block_at(struct run *r, uint64_t block)
{
	const struct block *b = page_at(r, r->blocks_at + block);

	if (b != NULL && !block_sound(b)) {
		run_set_damaged(r);
		return NULL;
	}
	return b;
}

static bool may_hold(const struct run *r, uint64_t block, uint64_t key)
{
	return block < r->info.block_pages && r->directory[block] <= key && !run_damaged(r);
}

void run_look_in(struct run *r, uint64_t key, uint64_t block)
{
	const struct block *b = may_hold(r, block, key) ? block_at(r, block) : NULL;

	if (b != NULL)
		block_look(b, key);
}

size_t run_find(struct run *r, uint64_t key, uint64_t block, uint64_t *out, size_t cap)
{
	size_t found = 0;

	for (; may_hold(r, block, key) && found < cap; block++) {
		const struct block *b = block_at(r, block);

		if (b == NULL)
			return 0;
		found += block_find(b, key, out + found, cap - found);
	}
	return found;
}

const struct run_column *run_column(struct run *r, uint64_t page)
{
	const struct run_column *c = page_at(r, r->column_at + page);

	if (c != NULL && !run_column_sound(c)) {
		run_set_damaged(r);
		return NULL;
	}
	return c;
}
