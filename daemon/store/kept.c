/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/compare.h"
#include "store/store.h"

enum status store_kept(struct kept *out, const struct row *row, struct arena *arena)
{
	enum status st = kept_of(out, row->tokens, row->token_count, row->paragraphs,
				 row->paragraph_count, row->masked, row->masked_count, arena);

	out->quoted = row->quoted;
	return st;
}
