/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fragment.h"
#include "text/reading.h"
enum status html_read(struct reading *r, struct span in)
{
	draft_begin(&r->draft, 1);
	fragment_read(&r->draft, in);
	return reading_finish(r);
}
