/* SPDX-License-Identifier: BSD-2-Clause */
/* diff: two stored articles side by side. */
#include "commands.h"

#include "columns.h"
#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE 120u /* where there is no terminal */

struct drawing {
	struct session *session;
	const struct value *left, *right; /* lists of paragraphs */
	unsigned width;
	size_t left_at, right_at; /* drawn up to here, 0-based */
	bool failed;
};

static unsigned line_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return LINE;
}

static void draw(struct drawing *d, enum columns_row kind, const struct value *left,
		 const struct value *right)
{
	d->failed |= !columns_print(d->width, kind, (unsigned)value_number_of(left, "n", 0),
				    value_text_of(left, "text"),
				    (unsigned)value_number_of(right, "n", 0),
				    value_text_of(right, "text"));
}

/* What stands before the next shared pair: one beside the other, whatever it is. */
static void draw_apart(struct drawing *d, size_t left_to, size_t right_to)
{
	while (d->left_at < left_to || d->right_at < right_to) {
		const struct value *left = NULL, *right = NULL;

		if (d->left_at < left_to)
			left = value_at(d->left, d->left_at++);
		if (d->right_at < right_to)
			right = value_at(d->right, d->right_at++);
		draw(d, COLUMNS_APART, left, right);
	}
}

static void draw_pair(struct drawing *d, size_t left_at, size_t right_at)
{
	const struct value *left = value_at(d->left, left_at);
	const struct value *right = value_at(d->right, right_at);
	bool same = span_equal(value_text_of(left, "digest"), value_text_of(right, "digest"));

	draw_apart(d, left_at, right_at);
	draw(d, same ? COLUMNS_SAME : COLUMNS_CHANGED, left, right);
	d->left_at = left_at + 1;
	d->right_at = right_at + 1;
}

/* A passage pairs its paragraphs one by one. What runs backwards (a moved passage) is left to
 * stand apart and told as a note. */
static void draw_passage(struct drawing *d, const struct value *passage)
{
	const struct value *here = value_of(passage, "here"), *there = value_of(passage, "there");
	uint64_t from = 0, to = 0, other = 0, other_to = 0;

	if (!value_number(value_at(here, 0), &from) || !value_number(value_at(here, 1), &to) ||
	    !value_number(value_at(there, 0), &other) ||
	    !value_number(value_at(there, 1), &other_to) || from == 0 || other == 0)
		return;
	if (other - 1 < d->right_at && other_to - 1 >= d->right_at)
		other = d->right_at + 1;
	if (from - 1 < d->left_at && to - 1 >= d->left_at)
		from = d->left_at + 1;
	if (other - 1 < d->right_at || from - 1 < d->left_at) {
		printf("     (paragraph ");
		print_range(here);
		printf(" stands as ");
		print_range(there);
		printf(" on the right)\n");
		return;
	}
	for (; from <= to && other <= other_to; from++, other++)
		draw_pair(d, (size_t)from - 1, (size_t)other - 1);
}

static void draw_head(const struct value *line)
{
	print_tone(TONE_STRONG);
	print_member(value_of(line, "a"), "id", 0);
	fputs("  |  ", stdout);
	print_member(value_of(line, "b"), "id", 0);
	print_tone(TONE_PLAIN);
	fputs("\nalike ", stdout);
	print_share(value_share(value_of(line, "resemblance")));
	fputs(", of the left ", stdout);
	print_share(value_share(value_of(line, "containment")));
	fputs(", of the right ", stdout);
	print_share(value_share(value_of(line, "contained_by")));
	fputc('\n', stdout);
}

static bool on_diff(void *ctx, const struct reply *r, struct span raw)
{
	struct drawing *d = ctx;
	const struct value *shared = value_of(r->line, "shared");

	if (d->session->cli.json) {
		session_put_raw(raw);
		return false;
	}
	draw_head(r->line);
	d->left = value_of(value_of(r->line, "a"), "parts");
	d->right = value_of(value_of(r->line, "b"), "parts");
	for (size_t i = 0; i < value_count(shared); i++)
		draw_passage(d, value_at(shared, i));
	draw_apart(d, value_count(d->left), value_count(d->right));
	return false;
}

int run_diff(struct session *s, struct args *a)
{
	struct drawing d = { .session = s, .width = columns_width(line_width()) };
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, 2, 2))
		return session_usage(s, a);
	j = request_open(&request, "diff");
	request_put_name(&j, "a", a->words[0]);
	request_put_name(&j, "b", a->words[1]);
	code = session_ask(s, &j, span_of("", 0), false, on_diff, &d);
	bytes_free(&request);
	if (code == CLI_OK && d.failed)
		return session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	return code;
}
