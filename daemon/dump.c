/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stats.h"
#include "ingest/pipeline.h"

/* "." and ".." and the folder that is being read are among the entries. */
static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count > 3 ? count - 3 : 0;
}

/* Resident pages, all and without the mapped files. */
static void resident(uint64_t *out_all, uint64_t *out_own)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), all = 0, shared = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f != NULL && fscanf(f, "%*u %" SCNu64 " %" SCNu64, &all, &shared) != 2)
		all = shared = 0;
	if (f != NULL)
		fclose(f);
	*out_all = all * page;
	*out_own = (all - shared) * page;
}

void dump_log(struct pipeline *p)
{
	const char *trouble = pipeline_trouble(p);
	uint64_t all, own;

	resident(&all, &own);
	log_info("dump", "phase=%s steps=%" PRIu64 " busy_us=%" PRIu64 " queued=%zu trouble=%s",
		 pipeline_phase(p), stats_get(STAT_LANE_STEPS), stats_get(STAT_LANE_BUSY_US),
		 pipeline_queued(p), trouble == NULL ? "none" : trouble);
	log_info("dump",
		 "watches=%" PRIu64 " polled=%" PRIu64 " dirty=%" PRIu64 " settling=%" PRIu64
		 " overflows=%" PRIu64 " clients=%" PRIu64 " requests=%" PRIu64,
		 stats_get(STAT_WATCHES), stats_get(STAT_POLLED), stats_get(STAT_DIRTY),
		 stats_get(STAT_SETTLING), stats_get(STAT_OVERFLOWS), stats_get(STAT_CLIENTS),
		 stats_get(STAT_REQUESTS));
	log_info("dump",
		 "epochs=%" PRIu64 " runs=%" PRIu64 " state_bytes=%" PRIu64 " alerts=%" PRIu64
		 " batches=%" PRIu64 " expired=%" PRIu64,
		 stats_get(STAT_EPOCHS), stats_get(STAT_RUNS), stats_get(STAT_STATE_BYTES),
		 pipeline_alerts(p), stats_get(STAT_BATCHES), stats_get(STAT_EXPIRED));
	log_info("dump",
		 "resident=%" PRIu64 " own=%" PRIu64 " malloced=%zu arenas=%zu descriptors=%u", all,
		 own, mallinfo2().uordblks, mallinfo2().arena, open_files());
}
