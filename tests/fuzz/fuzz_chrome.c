/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshots of the chrome counts from a hostile disk: what is taken over is saved, taken over again
 * and used. */
#include "base/bytes.h"
#include "detect/chrome.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct chrome *c)
{
	static struct chrome_line lines[CHROME_LINES];
	struct span site = span_of_text("a.example");
	uint32_t count = chrome_lines(c, lines, site);

	for (uint32_t i = 0; i < count; i++)
		if (lines[i].since > chrome_articles(c, site))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes saved = { 0 };
	struct chrome *c;

	if (chrome_open(&c) != STATUS_OK)
		abort();
	if (chrome_load(c, span_of((const char *)data, size)) == STATUS_OK) {
		use(c);
		chrome_save(c, &saved);
		if (chrome_load(c, bytes_span(&saved)) != STATUS_OK)
			abort();
		use(c);
	}
	bytes_free(&saved);
	chrome_close(c);
	return 0;
}
