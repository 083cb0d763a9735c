/* SPDX-License-Identifier: BSD-2-Clause */
/* One request line: parsed, asked for everything that some command asks for. */
#include "wire/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* keeps the reads */

static const char *const keys[] = { "cmd",  "id",   "tag",   "bytes", "since",   "consumer",
				    "bits", "site", "alert", "other", "timeout", "" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[REQUEST_WHY] = "";
	struct request *r;
	enum status st = request_parse(&r, why, span_of((const char *)data, size));

	if (st != STATUS_OK && st != STATUS_NO_MEMORY &&
	    (why[0] == '\0' || memchr(why, '\0', sizeof why) == NULL))
		abort(); /* a refusal says why */
	if (st != STATUS_OK)
		return 0;
	if (request_command(r).p == NULL || request_tag(r).len > REQUEST_TAG_MAX)
		abort();
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct span text = request_text(r, keys[i]);
		double share = 0;
		uint64_t n;

		for (size_t b = 0; b < text.len; b++)
			seen += (unsigned char)text.p[b];
		request_number(r, keys[i], &n);
		request_share(r, keys[i], &share);
		request_flag(r, keys[i]);
	}
	request_free(r);
	return 0;
}
