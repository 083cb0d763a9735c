/* SPDX-License-Identifier: BSD-2-Clause */
/* alerting.h - which verdicts are worth telling. Pure; any thread. */
#ifndef INGEST_ALERTING_H
#define INGEST_ALERTING_H

#include "ingest/pipeline.h"

/* Whether it is the new origin of a cluster that spans sites, and whose place it takes. */
enum succession {
	SUCCESSION_NONE,
	SUCCESSION_OF_SILENT, /* of one that was too old for an alert when it came */
	SUCCESSION_OF_FRESH
};

/* The reasons (verdict.h, WHY_* and kind bits), 0 for none. file_ms is the delivered file's time,
 * used where the article does not say when it was published. What it says is a claim: it silences
 * the article, but not that it becomes the origin of others that were not silent. */
uint32_t alerting_why(const struct verdict *v, enum succession succession, int64_t published_ms,
		      int64_t file_ms, int64_t now_ms, const struct pipeline_options *o);

#endif
