/* SPDX-License-Identifier: BSD-2-Clause */
/* row_code.h - rows in fewer bits: a code of an epoch's tokens, and one of all else in its rows,
 * two bytes at a time (names mostly, of which some pairs of letters are frequent).
 *
 * Made once, from what differs in the first rows of an epoch (record_pack.h), and every later row
 * of that epoch needs it. Of articles it holds no more than which tokens and which pairs of letters
 * are frequent.
 * Thread:  immutable; any thread.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED. */
#ifndef STORE_ROW_CODE_H
#define STORE_ROW_CODE_H

#include "store/token_code.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct bytes;

struct row_code {
	struct token_code *tokens, *rest; /* of what record_pack() codes */
};

/* On the way to one. Zero-initialise. */
struct row_counts {
	uint32_t tokens[TOKEN_VALUES], rest[TOKEN_VALUES];
	uint64_t counted; /* tokens */
};
/* Tokens as they stand in a row, and pairs of bytes. */
void row_counts_add(struct row_counts *counts, struct span tokens, struct span rest);

enum status row_code_make(struct row_code **out, const struct row_counts *counts);
/* As it is stored. */
enum status row_code_take(struct row_code **out, struct span bytes);
void row_code_put(struct bytes *b, const struct row_code *c);
void row_code_close(struct row_code *c); /* accepts NULL */

#endif
