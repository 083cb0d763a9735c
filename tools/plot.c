/* SPDX-License-Identifier: BSD-2-Clause */
#include "plot.h"

#include <math.h>
#include <string.h>

enum curve { PRECISION, RECALL, F1, CURVES };

static double value_of_curve(const struct score *s, enum curve c)
{
	return c == PRECISION ? s->precision : c == RECALL ? s->recall : s->f1;
}

/* ---- on the terminal */

#define ROWS 11 /* 1.0, 0.9, ... 0.0 */
#define COLUMN 4

/* The letter of the curve that passes a cell; '*' where several do. */
static char letter_at(const struct score *s, int row)
{
	static const char letters[CURVES] = { 'P', 'R', 'F' };
	char found = ' ';

	for (int c = 0; c < CURVES; c++) {
		double v = value_of_curve(s, (enum curve)c);

		if (isnan(v) || (int)lround((1 - v) * (ROWS - 1)) != row)
			continue;
		found = found == ' ' ? letters[c] : '*';
	}
	return found;
}

/* The point nearest to a value. */
static size_t nearest(const struct plot *p, double value)
{
	size_t best = 0;

	for (size_t i = 1; i < p->count; i++)
		if (fabs(p->at[i] - value) < fabs(p->at[best] - value))
			best = i;
	return best;
}

void plot_text(FILE *to, const struct plot *p)
{
	size_t now = nearest(p, p->now), advised = nearest(p, p->advised);

	fprintf(to, "%s   P precision, R recall, F F1, * several\n", p->title);
	for (int row = 0; row < ROWS; row++) {
		fprintf(to, "  %3.1f |", 1 - row / (double)(ROWS - 1));
		for (size_t i = 0; i < p->count; i++)
			fprintf(to, "%*c", COLUMN, letter_at(&p->score[i], row));
		fputc('\n', to);
	}
	fputs("      +", to);
	for (size_t i = 0; i < p->count * COLUMN; i++)
		fputc('-', to);
	fputs("\n       ", to);
	for (size_t i = 0; i < p->count; i++) {
		if (p->at[i] < 1)
			fprintf(to, "  %02.0f", p->at[i] * 100);
		else
			fprintf(to, "%*.0f", COLUMN, p->at[i]);
	}
	fputs(p->at[0] < 1 ? "  in hundredths\n       " : "\n       ", to);
	for (size_t i = 0; i < p->count; i++)
		fprintf(to, "%*s", COLUMN,
			i == now && i == advised ? "="
			: i == advised           ? "^"
			: i == now               ? "now"
						 : "");
	fputs(now == advised ? "  = now and advised\n" : "  ^ advised\n", to);
}

/* ---- SVG */

#define WIDTH 720
#define PANEL 300
#define LEFT 50
#define TOP 40
#define PLOT_WIDTH (WIDTH - LEFT - 20)
#define PLOT_HEIGHT (PANEL - TOP - 50)

static double x_of(const struct plot *p, double at)
{
	double span = p->at[p->count - 1] - p->at[0];

	return LEFT + PLOT_WIDTH * (span > 0 ? (at - p->at[0]) / span : 0.5);
}

static double y_of(double share)
{
	return TOP + PLOT_HEIGHT * (1 - share);
}

static void put_axes(FILE *to, const struct plot *p)
{
	fprintf(to, "<text x=\"%d\" y=\"20\" font-weight=\"bold\">%s</text>\n", LEFT, p->title);
	for (int i = 0; i <= 5; i++)
		fprintf(to,
			"<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>\n",
			LEFT, LEFT + PLOT_WIDTH, y_of(i / 5.0), y_of(i / 5.0), LEFT - 6,
			y_of(i / 5.0) + 4, i / 5.0);
	for (size_t i = 0; i < p->count; i += 2)
		fprintf(to, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n",
			x_of(p, p->at[i]), TOP + PLOT_HEIGHT + 18, p->at[i]);
}

static void put_mark(FILE *to, const struct plot *p, double at, const char *word, int below)
{
	double x = x_of(p, fmin(fmax(at, p->at[0]), p->at[p->count - 1]));

	fprintf(to,
		"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#888\" "
		"stroke-dasharray=\"4 3\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" "
		"fill=\"#666\">%s %g</text>\n",
		x, x, TOP, TOP + PLOT_HEIGHT, x, TOP + PLOT_HEIGHT + 18 + below, word, at);
}

static void put_curve(FILE *to, const struct plot *p, enum curve c)
{
	static const char *const colors[CURVES] = { "#1f77b4", "#d62728", "#2ca02c" };
	static const char *const names[CURVES] = { "precision", "recall", "F1" };

	fprintf(to, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
		colors[c]);
	for (size_t i = 0; i < p->count; i++) {
		double v = value_of_curve(&p->score[i], c);

		if (!isnan(v))
			fprintf(to, "%.1f,%.1f ", x_of(p, p->at[i]), y_of(v));
	}
	fprintf(to, "\"/>\n<text x=\"%d\" y=\"20\" fill=\"%s\">%s</text>\n",
		WIDTH - 230 + 80 * (int)c, colors[c], names[c]);
}

void plot_svg(FILE *to, const struct plot *plots, size_t count)
{
	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH, count * PANEL);
	for (size_t i = 0; i < count; i++) {
		fprintf(to, "<g transform=\"translate(0 %zu)\">\n", i * PANEL);
		put_axes(to, &plots[i]);
		put_mark(to, &plots[i], plots[i].now, "now", 15);
		if (fabs(plots[i].now - plots[i].advised) > 1e-9)
			put_mark(to, &plots[i], plots[i].advised, "advised", 29);
		for (int c = 0; c < CURVES; c++)
			put_curve(to, &plots[i], (enum curve)c);
		fputs("</g>\n", to);
	}
	fputs("</svg>\n", to);
}
