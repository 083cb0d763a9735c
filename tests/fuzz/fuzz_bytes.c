/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands before every text parser: gzip, whole and in pieces, and character sets. */
#include "base/bytes.h"
#include "text/charset.h"
#include "text/gunzip.h"
#include "text/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 65536u

static void expand_whole(struct span in)
{
	struct bytes out = { 0 };

	if (gunzip(&out, in, MOST) == STATUS_OK && out.len > MOST)
		abort();
	bytes_free(&out);
}

static void expand_in_pieces(struct span in)
{
	struct gunzip *g;
	char out[100];
	size_t len, steps = 0;
	bool end = false;

	if (gunzip_open(&g) != STATUS_OK)
		abort();
	while (!end && in.len > 0 && steps++ < MOST) {
		if (gunzip_step(g, out, sizeof out, &len, &in, &end) != STATUS_OK)
			break;
		if (len > sizeof out)
			abort();
	}
	gunzip_close(g);
}

static void decode(struct span in, struct span declared)
{
	struct bytes scratch = { 0 };
	struct span text;
	bool lossy = false;

	if (charset_decode(&text, &scratch, in, declared, &lossy) == STATUS_OK &&
	    utf8_valid(text) != text.len)
		abort();
	bytes_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "utf-16le", "iso-8859-15",  "gb18030", "shift_jis",
					     "euc-kr",   "windows-1256", "utf-7",   "x" };
	struct span in = span_of((const char *)data, size);

	expand_whole(in);
	expand_in_pieces(in);
	decode(in, charset_of_html(in));
	decode(in, charset_of_xml(in));
	if (size > 0)
		decode(span_of(in.p + 1, size - 1), span_of_text(names[data[0] % 8]));
	return 0;
}
