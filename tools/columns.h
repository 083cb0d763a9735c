/* SPDX-License-Identifier: BSD-2-Clause */
/* columns.h - two texts side by side, word-wrapped, the words that differ coloured. */
#ifndef TOOLS_COLUMNS_H
#define TOOLS_COLUMNS_H

#include <reprint/span.h>

enum columns_row {
	COLUMNS_SAME,    /* word for word */
	COLUMNS_CHANGED, /* shared in parts: the words that differ are marked */
	COLUMNS_APART    /* nothing shared; either may be absent */
};

/* Width of one column for a whole line of so many characters. */
unsigned columns_width(unsigned line);

/* Prints one row on stdout. Labels are the paragraphs' numbers, 0: none. False: out of memory. */
bool columns_print(unsigned width, enum columns_row kind, unsigned left_label, struct span left,
		   unsigned right_label, struct span right);

#endif
