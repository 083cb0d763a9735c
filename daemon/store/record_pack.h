/* SPDX-License-Identifier: BSD-2-Clause */
/* record_pack.h - rows in fewer bytes: in the code of their epoch (row_code.h), and told by what
 * differs from rows before them (delta.h).
 *
 * Bases:   the row of a site that its later ones are told by, for what stands around every text and
 *          in every name, and the row that this one is a copy of. They are of the same epoch. The
 *          first has no base itself and the second at most the first kind, so who reads a row reads
 *          at most three others. None of them is long.
 * Format:  the head; the stamps; how many tokens there are and how many pairs of bytes of all else,
 *          varints; for each base how many rows before this one it is, 0: none; where there is one,
 *          the lengths of the copies of tokens and of bytes, and they; the length of the pairs in
 *          their code, 16 bits; these, and the tokens in theirs. What is coded are the literals.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED. */
#ifndef STORE_RECORD_PACK_H
#define STORE_RECORD_PACK_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct bytes;
struct row_code;
struct row_counts;
struct record_packer; /* opaque; one user at a time */

enum record_base { RECORD_BASE_SITE, RECORD_BASE_COPIED, RECORD_BASES };
#define RECORD_BASES_DEPTH 2u
#define RECORD_BASE_BYTES ((size_t)16 << 10) /* a longer row, not packed, is no base */

struct record_bases {
	uint64_t back[RECORD_BASES];    /* numbers; 0: none, and the row is not read */
	struct span rows[RECORD_BASES]; /* not packed */
};

enum status record_packer_open(struct record_packer **out);
void record_packer_close(struct record_packer *p); /* accepts NULL */
/* Its memory is given back, and cleared before. */
void record_packer_clear(struct record_packer *p);

/* Appends the packed form of a row. */
enum status record_pack(struct record_packer *p, struct bytes *out, struct span row,
			const struct row_code *code, const struct record_bases *bases);
/* Counts what record_pack() would code. */
enum status record_pack_count(struct record_packer *p, struct row_counts *counts, struct span row,
			      const struct record_bases *bases);

bool record_is_packed(struct span bytes);
/* Which rows a packed one needs: bases->back. */
enum status record_bases_of(struct record_bases *bases, struct span packed);
/* And back, in the arena. Without the code a row is DAMAGED. */
enum status record_unpack(struct span *out, struct span packed, const struct row_code *code,
			  const struct record_bases *bases, struct arena *arena);

#endif
