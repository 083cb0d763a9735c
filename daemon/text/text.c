/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/text.h"

#include <jansson.h>
#include <libxml/parser.h>

#include "text/charset.h"
#include "text/reading.h"

/* What one call takes; the reader's own bound (max_file_bytes) is far lower. */
#define INPUT_BYTES ((size_t)1 << 30)

void text_start(void)
{
	/* libxml2 sets up its globals here once; later calls from any thread find them ready. */
	xmlInitParser();
	/* Else jansson opens /dev/urandom at its first object. */
	json_object_seed(0);
}

void text_prepare(void)
{
	charset_prepare();
}

static bool blank(struct span s)
{
	while (s.len > 0 && (unsigned char)s.p[0] <= ' ')
		s = span_of(s.p + 1, s.len - 1);
	return s.len == 0;
}

static enum status read_format(struct reading *r, const struct text_input *in)
{
	if ((in->format == TEXT_XML || in->format == TEXT_JSON) && blank(in->bytes))
		return reading_refuse(r, STATUS_MALFORMED, 0, "empty");
	switch (in->format) {
	case TEXT_PLAIN:
		return plain_read(r, in->bytes);
	case TEXT_HTML:
		return html_read(r, in->bytes);
	case TEXT_XML:
		return feed_read(r, in->bytes);
	case TEXT_JSON:
		return json_read(r, in->bytes);
	case TEXT_JSONL:
		return jsonl_read(r, in->bytes);
	case TEXT_UNKNOWN:
		break;
	}
	return reading_refuse(r, STATUS_UNSUPPORTED, 0, "the format is not known");
}

#define KEEP_BYTES ((size_t)1 << 20) /* of each buffer, for the next file */

/* The buffers of a reading, from what the last one left and back. */
static void swap_buffers(struct reading *r)
{
	struct bytes *buffers[ARTICLES_WORKING] = { &r->draft.text,  &r->draft.parts,
						    &r->draft.hints, &r->draft.fields,
						    &r->decoded,     &r->spare };

	for (unsigned i = 0; i < ARTICLES_WORKING; i++) {
		struct bytes b = *buffers[i];

		*buffers[i] = r->out->working[i];
		if (b.cap > KEEP_BYTES)
			bytes_free(&b);
		bytes_clear(&b);
		r->out->working[i] = b;
	}
}

enum status text_read(struct articles *out, const struct text_input *in,
		      struct text_problem *problem, text_problem_fn report, void *ctx)
{
	struct text_problem unheard;
	struct reading r = {
		.out = out,
		.charset = in->charset,
		.burden_max = in->burden_max,
		.first_line = in->first_line == 0 ? 1 : in->first_line,
		.problem = problem == NULL ? &unheard : problem,
		.report = report,
		.ctx = ctx,
	};
	enum status st;

	*r.problem = (struct text_problem){ 0 };
	if (in->bytes.len > INPUT_BYTES)
		return reading_refuse(&r, STATUS_TOO_LARGE, 0, "more than 1 GiB in one piece");
	swap_buffers(&r);
	st = read_format(&r, in);
	reading_tell_rest(&r);
	if (st == STATUS_TOO_LARGE && r.problem->why[0] == '\0')
		reading_refuse(&r, st, 0,
			       "too many articles, paragraphs or elements for one file; split it");
	else if (st != STATUS_OK && r.problem->why[0] == '\0')
		reading_refuse(&r, st, 0, "%s", status_text(st));
	swap_buffers(&r);
	return st;
}
