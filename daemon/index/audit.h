/* SPDX-License-Identifier: BSD-2-Clause */
/* audit.h - whether the sealed runs are whole and hold every article that they say they hold.
 *
 * Reads the manifest and the runs that it names and changes nothing; beside the daemon too: runs
 * that are merged away meanwhile are read to their end. Runs are derived, so a problem costs no
 * article: REMEDY_INDEX. Thread: one owner. */
#ifndef INDEX_AUDIT_H
#define INDEX_AUDIT_H

#include "base/finding.h"

#include <reprint/status.h>
#include <stdint.h>

struct index_audit; /* opaque */

/* Looks at every page and tells the runs that are broken. */
enum status index_audit_open(struct index_audit **out, const char *path, finding_fn tell,
			     void *ctx);
/* An article that is stored, in order of seq: it stands in a run with this SimHash and under this
 * key, unless it is newer than the runs or in a gap. */
void index_audit_article(struct index_audit *a, uint64_t seq, uint64_t simhash, uint64_t key);
/* Tells the runs that were sound. Accepts NULL. */
void index_audit_close(struct index_audit *a);

#endif
