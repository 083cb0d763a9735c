/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/reading.h"
enum status feed_read(struct reading *r, struct span in)
{
	(void)in;
	return reading_refuse(r, STATUS_UNSUPPORTED, 0, "x");
}
