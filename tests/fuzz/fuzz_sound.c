/* SPDX-License-Identifier: BSD-2-Clause */
/* Records from a hostile process: what articles_sound() lets pass keeps every promise, and can be
 * fingerprinted. */
#include "articles_check.h"

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "text/sound.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *bytes = malloc(size + 1); /* aligned, as read() memory may not be */
	struct articles articles = { .bytes = bytes, .len = size };
	struct arena *arena = arena_open(1 << 16);
	struct fingerprint f;
	size_t count = 0;

	if (bytes == NULL || arena == NULL)
		abort();
	memcpy(bytes, data, size);
	if (articles_sound(&articles)) {
		for (const struct article *a = articles_first(&articles); a != NULL;
		     a = articles_next(&articles, a), count++) {
			check_article(a);
			check(fingerprint_of(&f, a, arena) == STATUS_OK);
		}
		check(count == articles.count);
	}
	arena_close(arena);
	free(bytes);
	return 0;
}
