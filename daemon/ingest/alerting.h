/* SPDX-License-Identifier: BSD-2-Clause */
/* alerting.h - which verdicts are worth telling. Pure; any thread. */
#ifndef INGEST_ALERTING_H
#define INGEST_ALERTING_H

#include "ingest/pipeline.h"

/* The reasons (verdict.h, WHY_* and kind bits), 0 for none. file_ms is the delivered file's time,
 * used where the article does not say when it was published. takes_over: it is the new origin of a
 * cluster that spans sites (assess.h). */
uint32_t alerting_why(const struct verdict *v, bool takes_over, int64_t published_ms,
		      int64_t file_ms, int64_t now_ms, const struct pipeline_options *o);

#endif
