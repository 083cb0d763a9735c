/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/reading.h"

enum status plain_read(struct reading *r, struct span in)
{
	struct span text;
	uint32_t flags;
	enum status st = reading_decode(r, &text, in, (struct span){ NULL, 0 }, &flags);

	if (st != STATUS_OK)
		return st;
	draft_begin(&r->draft, 1);
	r->draft.flags = flags;
	draft_text(&r->draft, text, 0);
	return reading_finish(r);
}
