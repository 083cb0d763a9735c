/* SPDX-License-Identifier: BSD-2-Clause */
/* Two documents with "\n----\n" between them: read, fingerprinted, searched for repeats, compared.
 */
#include <reprint/reprint.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARTICLES_MAX 4u

static bool is_share(double v)
{
	return v >= 0.0 && v <= 1.0;
}

static void check_article(struct reprint *r, const struct article *a)
{
	struct reprint_repeats found;
	struct fingerprint f;

	assert(reprint_fingerprint(r, &f, a) == STATUS_OK);
	assert(f.paragraph_count == a->paragraph_count);
	assert(reprint_repeats(r, &found, a) == STATUS_OK);
	assert(is_share(found.ratio));
	for (size_t i = 0; i < found.block_count; i++) {
		const struct repeat_block *b = &found.blocks[i];

		assert(b->first.from >= 1 && b->first.from <= b->first.to);
		assert(b->again.from <= b->again.to && b->again.to <= a->paragraph_count);
	}
}

static void check_pair(struct reprint *r, const struct article *here, const struct article *there)
{
	struct reprint_comparison c;

	assert(reprint_compare(r, &c, here, there) == STATUS_OK);
	assert(is_share(c.resemblance) && is_share(c.containment) && is_share(c.contained_by));
	for (size_t i = 0; i < c.passage_count; i++) {
		assert(c.passages[i].here.to <= here->paragraph_count);
		assert(c.passages[i].there.to <= there->paragraph_count);
	}
}

static size_t read_some(struct reprint *r, const struct article **out, struct span bytes)
{
	struct reprint_articles found;
	size_t count = 0;

	if (reprint_read(r, &found, bytes, NULL) != STATUS_OK)
		return 0;
	for (; count < found.count && count < ARTICLES_MAX; count++) {
		out[count] = found.at[count];
		check_article(r, out[count]);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char between[] = "\n----\n";
	const struct article *left[ARTICLES_MAX], *right[ARTICLES_MAX];
	const char *p = (const char *)data;
	const char *cut = memmem(data, size, between, sizeof between - 1);
	size_t first = cut == NULL ? size : (size_t)(cut - p);
	size_t rest = cut == NULL ? size : first + sizeof between - 1;
	struct reprint *r;
	size_t here, there;

	if (reprint_open(&r) != STATUS_OK)
		return 0;
	here = read_some(r, left, span_of(p, first));
	there = read_some(r, right, span_of(p + rest, size - rest));
	for (size_t i = 0; i < here; i++)
		for (size_t k = 0; k < there; k++)
			check_pair(r, left[i], right[k]);
	reprint_close(r);
	return 0;
}
