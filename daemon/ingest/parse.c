/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "text/gunzip.h"

enum status parse_refuse(struct text_problem *problem, enum status st, const char *format, ...)
{
	va_list args;

	problem->line = 0;
	va_start(args, format);
	vsnprintf(problem->why, sizeof problem->why, format, args);
	va_end(args);
	return st;
}

static enum status expand(struct text_input *text, struct bytes *plain,
			  const struct parse_input *in, struct text_problem *problem)
{
	enum status st = gunzip(plain, in->bytes, in->max_bytes);

	text->bytes = bytes_span(plain);
	if (st == STATUS_TOO_LARGE)
		return parse_refuse(
			problem, st,
			"expands beyond max_file_bytes (%zu); split it or raise the limit",
			in->max_bytes);
	return st == STATUS_OK ? st
			       : parse_refuse(problem, st,
					      "damaged or truncated gzip data; deliver it again");
}

size_t parse_burden_max(size_t max_bytes)
{
	return 16 * max_bytes + ((size_t)1 << 20);
}

enum status parse(struct articles *out, struct bytes *plain, const struct parse_input *in,
		  struct text_problem *problem, text_problem_fn report, void *ctx)
{
	struct text_input text = { .bytes = in->bytes,
				   .burden_max = parse_burden_max(in->max_bytes),
				   .first_line = in->first_line };
	bool gzip = false;
	enum status st = STATUS_OK;

	text.format = text_format_of_name(in->name, &gzip);
	/* A submission of lines cut from a .gz is plain already, whatever its name. */
	if (gunzip_knows(in->bytes) || (gzip && in->delivered))
		st = expand(&text, plain, in, problem);
	if (st != STATUS_OK)
		return st;
	if (text.format == TEXT_UNKNOWN)
		text.format = text_format_of_bytes(text.bytes);
	if (text.format == TEXT_UNKNOWN)
		return parse_refuse(problem, STATUS_UNSUPPORTED, "not a format that is known");
	st = text_read(out, &text, problem, report, ctx);
	if (st != STATUS_OK)
		articles_clear(out);
	if (st != STATUS_OK && problem->why[0] == '\0')
		return parse_refuse(problem, st, "%s", status_text(st));
	return st;
}
