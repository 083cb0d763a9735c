/* SPDX-License-Identifier: BSD-2-Clause */
/* Run files from a hostile disk, the format and the checksums of their pages put right. */
#include "index/run_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_STEP (UINT64_C(1) << (64 - BLOCK_KEY_BITS))
#define FORMAT_AT (sizeof(uint64_t) + sizeof "reprint run" - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_all(struct run *r)
{
	uint64_t out[TABLE_CAP_MAX];

	for (uint64_t i = 0; i < r->info.block_pages && i < 64; i++) {
		uint64_t key = r->directory[i];

		for (unsigned j = 0; j < 3; j++) {
			uint64_t near = key + (j - 1) * KEY_STEP, line, block;
			struct run_sign sign;

			run_sign_of(&sign, near);
			line = run_look(r, near);
			if (run_lacks(r, near, line, &sign))
				continue;
			run_ask_directory(r, near);
			block = run_block_of(r, near);
			run_look_in(r, near, block);
			run_find(r, near, block, out, TABLE_CAP_MAX);
		}
	}
	for (uint64_t i = 0; i < r->info.column_pages; i++)
		run_column(r, i);
}

static void read_all(struct run *r, enum run_part part)
{
	struct run_reader reader;
	struct posting p;

	if (run_reader_begin(&reader, r, part) == STATUS_OK)
		while (run_reader_next(&reader, &p))
			continue;
	run_reader_end(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES;
	unsigned char *copy = calloc(pages + 1, PAGE_BYTES);
	char path[] = "/tmp/reprint-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct run *r;

	if (copy == NULL || fd < 0)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	if (pages > 0)
		copy[FORMAT_AT] = RUN_FORMAT;
	for (size_t i = 0; i < pages; i++) {
		uint64_t sum = run_checksum(copy + i * PAGE_BYTES, i);

		memcpy(copy + i * PAGE_BYTES, &sum, sizeof sum);
	}
	if (write(fd, copy, pages * PAGE_BYTES) != (ssize_t)(pages * PAGE_BYTES))
		abort();
	if (run_open(&r, path, 1) == STATUS_OK) {
		find_all(r);
		read_all(r, RUN_POSTINGS);
		read_all(r, RUN_COLUMN);
		run_close(r);
	}
	unlink(path);
	close(fd);
	free(copy);
	return 0;
}
