/* SPDX-License-Identifier: BSD-2-Clause */
/* wording.h - whether two articles keep the very same words, letter by letter after folding.
 *
 * Tokens and digests can be made to collide on purpose; this cannot be deceived. Pure; any thread.
 */
#ifndef DETECT_WORDING_H
#define DETECT_WORDING_H

#include <reprint/fingerprint.h>
#include <reprint/span.h>

struct wording {
	struct span text;            /* all paragraphs, a line each */
	const struct masked *masked; /* tokens to pass over; sorted, disjoint */
	uint32_t masked_count;
	const uint32_t *paragraphs; /* [paragraph_count + 1] first token of each; NULL: not known */
	uint32_t paragraph_count;
};

/* Cost: folding both texts, up to the first difference, but for paragraphs that are masked whole or
 * are equal bytes. */
bool wording_same(const struct wording *a, const struct wording *b);

#endif
