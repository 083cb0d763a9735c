/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as one article: folding keeps its bounds, and the fast path gives what folding from the
 * beginning gives. */
#include <stdint.h>
#include <stdlib.h>
#include <xxhash.h>

#include "../unit/flat_article.h"
#include "fingerprint/words.h"
#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* XXH3-128 of the word hashes, and how many there are. */
static size_t fold_all(uint64_t *hashes, const char *text, size_t len)
{
	static struct folded f;
	size_t count = 0;

	while (len > 0) {
		size_t used = fold_words(&f, text, len);

		require(used > 0 && used <= len && f.count <= FOLD_WORDS);
		for (uint32_t i = 0; i < f.count; i++) {
			size_t bytes = (size_t)(f.border[i + 1] - f.border[i]);

			require(f.border[i + 1] > f.border[i] && bytes <= FOLD_WORD_BYTES);
			hashes[count++] = XXH3_64bits(f.bytes + f.border[i], bytes);
		}
		text += used;
		len -= used;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct article *a = flat_article((const char *)data, size);
	/* No character becomes more than 18 others (U+FDFA). */
	uint64_t *hashes = malloc((18 * size + 1) * sizeof *hashes), digest[2];
	uint16_t *tokens = malloc(size + 1);
	uint32_t *starts = malloc((size + 1) * sizeof *starts);
	uint32_t units;
	size_t count = 0;
	XXH128_hash_t want;

	if (a == NULL || hashes == NULL || tokens == NULL || starts == NULL)
		abort();
	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		struct span text = article_view(a, article_paragraphs(a)[i]);

		count += fold_all(hashes + count, text.p, text.len);
	}
	want = XXH3_128bits(hashes, count * sizeof *hashes);
	require(words_of(tokens, size / 2, starts, digest, &units, a) == count);
	require(digest[0] == want.high64 && digest[1] == want.low64);
	free(starts);
	free(tokens);
	free(hashes);
	free(a);
	return 0;
}
