/* SPDX-License-Identifier: BSD-2-Clause */
/* parser.h - what a parser process and its worker say to each other, and the process's life.
 *
 * To the parser:  struct parser_task, the name, the bytes.
 * From it:        one struct parser_note as it begins (status: whether it is confined); then for
 *                 each task any number of notes with `last` 0, a problem each, and one with `last`
 *                 1, followed by `bytes` bytes of articles. */
#ifndef INGEST_PARSER_H
#define INGEST_PARSER_H

#include "base/ring.h"
#include "text/text.h"

struct parser_share {
	struct ring tasks, notes;
};

struct parser_task {
	uint64_t bytes;
	uint64_t max_bytes;
	uint32_t name_len;
	uint32_t first_line;
	uint32_t delivered;
	uint32_t unused;
};

struct parser_note {
	uint32_t last;
	uint32_t st;
	uint64_t bytes;
	struct text_problem problem;
};

/* After text_prepare(): confines itself and parses until it is killed. */
void parser_run(struct parser_share *share, size_t memory_max);

#endif
