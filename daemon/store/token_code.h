/* SPDX-License-Identifier: BSD-2-Clause */
/* token_code.h - tokens in fewer bits: the more frequent of an epoch have the shorter codes.
 *
 * Tokens are ranked by how often they were seen. The first thousand have a code each; the others
 * share one by runs of neighbouring ranks (as Golomb 1966 and Elias 1975 do with integers), and the
 * place in the run follows: at most 12 bits of Huffman's code, bits from the lowest on, and as many
 * of place. It is made once, from the first rows of an epoch, and every later row of that epoch
 * needs it. Of articles it holds no more than which tokens are frequent.
 * Thread:  immutable; any thread.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED. */
#ifndef STORE_TOKEN_CODE_H
#define STORE_TOKEN_CODE_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct token_code; /* opaque */

#define TOKEN_VALUES 65536u

/* From how often each token was seen. NO_MEMORY. A few milliseconds. */
enum status token_code_make(struct token_code **out, const uint32_t counts[TOKEN_VALUES]);
/* As it is stored. */
enum status token_code_take(struct token_code **out, struct span bytes);
void token_code_put(struct bytes *b, const struct token_code *c);
void token_code_close(struct token_code *c); /* accepts NULL */

/* Appends the codes of tokens, which stand as in a row: 16 bits each, little-endian. */
void token_code_pack(const struct token_code *c, struct bytes *b, const char *tokens, size_t count);
/* count tokens from exactly these bytes; false when they are others. */
bool token_code_unpack(const struct token_code *c, char *tokens, size_t count, struct span packed);

#endif
