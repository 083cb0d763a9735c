/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/reading.h"

#include "text/charset.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/utf8.h"

static void say(struct text_problem *problem, uint32_t line, const char *format, va_list args)
{
	problem->line = line;
	vsnprintf(problem->why, sizeof problem->why, format, args);
	/* Parts of it may come from the input. */
	problem->why[utf8_valid(span_of_text(problem->why))] = '\0';
}

void reading_tell(struct reading *r, enum status st, uint32_t line, const char *format, ...)
{
	struct text_problem problem;
	va_list args;

	if (r->report == NULL || ++r->told >= TEXT_PROBLEMS_MAX)
		return;
	va_start(args, format);
	say(&problem, line, format, args);
	va_end(args);
	r->report(r->ctx, st, &problem);
}

void reading_tell_rest(struct reading *r)
{
	struct text_problem problem = { 0, "" };

	if (r->told < TEXT_PROBLEMS_MAX)
		return;
	snprintf(problem.why, sizeof problem.why,
		 "%zu more of its articles are refused or mended; mend what writes the file",
		 r->told - (TEXT_PROBLEMS_MAX - 1));
	r->report(r->ctx, STATUS_MALFORMED, &problem);
}

enum status reading_refuse(struct reading *r, enum status st, uint32_t line, const char *format,
			   ...)
{
	va_list args;

	va_start(args, format);
	say(r->problem, line, format, args);
	va_end(args);
	return st;
}

enum status reading_decode(struct reading *r, struct span *out, struct span in,
			   struct span declared, uint32_t *out_flags)
{
	bool lossy = false;
	enum status st;

	if (r->charset.len > 0)
		declared = r->charset;
	st = charset_decode(out, &r->decoded, in, declared, &lossy);
	if (lossy)
		reading_tell(r, STATUS_OK, 0, "some bytes could not be decoded and became U+FFFD");
	*out_flags = lossy ? ARTICLE_LOSSY : 0;
	return st;
}

enum status reading_finish(struct reading *r)
{
	size_t at = r->out->len;
	enum status st = draft_finish(&r->draft, r->out);

	if (st != STATUS_OK || r->burden_max == 0)
		return st;
	r->burden += article_burden((const struct article *)(const void *)(r->out->bytes + at));
	return r->burden <= r->burden_max ? STATUS_OK : STATUS_TOO_LARGE;
}
