/* SPDX-License-Identifier: BSD-2-Clause */
/* plot.h - precision, recall and F1 by threshold: on the terminal, and as SVG. */
#ifndef TOOLS_PLOT_H
#define TOOLS_PLOT_H

#include "detect/calibration.h"

#include <stdio.h>

#define PLOT_POINTS 32u

struct plot {
	const char *title;      /* plain ASCII */
	size_t count;           /* of points, at most PLOT_POINTS */
	double at[PLOT_POINTS]; /* rising */
	struct score score[PLOT_POINTS];
	double now, advised; /* values of the key */
};

void plot_text(FILE *to, const struct plot *p);

/* All plots, one below the other, as one document. */
void plot_svg(FILE *to, const struct plot *plots, size_t count);

#endif
