/* SPDX-License-Identifier: BSD-2-Clause */
/* A reply line, as a daemon that is not ours might send it to the CLI. */
#include "wire/reply.h"
#include "wire/value.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* keeps the reads */

static void read_text(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		seen += (unsigned char)s.p[i];
}

static void walk(const struct value *v, unsigned depth)
{
	uint64_t n;

	value_number(v, &n);
	read_text(value_text(v));
	for (size_t i = 0; depth < 16 && i < value_count(v); i++)
		walk(value_at(v, i), depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = { "ok", "id", "matches", "error", "tag", "alert", "gap" };
	struct reply r;

	if (reply_parse(&r, span_of((const char *)data, size)) != STATUS_OK)
		return 0;
	if (r.line == NULL)
		abort();
	read_text(r.code);
	read_text(r.message);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		read_text(value_text_of(r.line, keys[i]));
		seen += value_number_of(r.line, keys[i], 7);
		walk(value_of(r.line, keys[i]), 0);
	}
	reply_free(&r);
	return 0;
}
