/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/turns.h"
#include "index/column.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MERGES_MAX 4u /* given at once */
#define RETRY_US (10 * INT64_C(1000000))
#define WARM_US (600 * INT64_C(1000000)) /* what goes cold again sooner has no room to stay */
#define COLD_FAULTS 64u                  /* between two looks */

/* ---- runs ----------------------------------------------------------------------------------- */

enum status runs_insert(struct index *x, size_t at, struct run *r)
{
	if (x->run_count == x->run_cap) {
		size_t cap = x->run_cap == 0 ? 16 : 2 * x->run_cap;
		struct run **runs = realloc(x->runs, cap * sizeof *runs);

		if (runs == NULL)
			return STATUS_NO_MEMORY;
		x->runs = runs;
		x->run_cap = cap;
	}
	memmove(&x->runs[at + 1], &x->runs[at], (x->run_count - at) * sizeof *x->runs);
	x->runs[at] = r;
	x->run_count++;
	stats_set(STAT_RUNS, x->run_count);
	return STATUS_OK;
}

static void runs_remove(struct index *x, size_t at)
{
	x->run_count--;
	memmove(&x->runs[at], &x->runs[at + 1], (x->run_count - at) * sizeof *x->runs);
	stats_set(STAT_RUNS, x->run_count);
}

static void give(struct index *x, struct task *t)
{
	x->given++;
	sealer_give(x->sealer, t);
}

/* False: out of memory. */
static bool give_run(struct index *x, enum task_kind kind, struct run *r)
{
	struct task *t = calloc(1, sizeof *t);

	if (t == NULL)
		return false;
	t->kind = kind;
	t->runs[0] = r;
	t->run_count = 1;
	give(x, t);
	return true;
}

/* Out of memory: the run stays open and its file unnamed; the next start sees to both. */
static void retire_run(struct index *x, struct run *r)
{
	give_run(x, TASK_RETIRE, r);
}

static void lose_deliveries(struct index *x, const struct run_info *info)
{
	if (info->first_delivery == 0 || info->first_delivery > info->last_delivery)
		return;
	if (x->lost_from == 0 || info->first_delivery < x->lost_from)
		x->lost_from = info->first_delivery;
	if (info->last_delivery > x->lost_to)
		x->lost_to = info->last_delivery;
}

static void renew(struct index *x, struct run *r)
{
	if (r->info.first_seq <= x->renewed.to && x->renewed.from <= r->info.last_seq)
		r->unwanted = x->broken = true;
}

/* Nothing comes any more of what there was then. */
static void end_renewal(struct index *x)
{
	bool comes = x->merging > 0;

	for (size_t i = 0; i < x->sealing_count; i++)
		comes |= x->sealing[i]->old;
	if (!comes)
		x->renewed = (struct gap){ 0, 0 };
}

/* Seals and merges that were given before bring runs that have to go as well; until then no merge
 * is begun. */
void seals_renew(struct index *x)
{
	for (size_t i = 0; i < x->run_count; i++)
		renew(x, x->runs[i]);
	for (size_t i = 0; i < x->sealing_count; i++)
		x->sealing[i]->old = true;
	end_renewal(x);
}

/* Tables that wait bring the gaps there were when they were full. What the sealer has at hand is
 * not touched: it is done before the loss is written, or comes back and learns of it then. */
static void lose_articles(struct index *x, const struct run_info *info)
{
	struct gap gap = { info->first_seq, info->last_seq };

	gaps_add(x->gaps, &x->gap_count, gap);
	x->gaps_told = 0;
	for (size_t i = x->seal_given; i < x->sealing_count; i++)
		gaps_add(x->sealing[i]->gaps, &x->sealing[i]->gap_count, gap);
	if (x->seal_given)
		gaps_add(x->meanwhile, &x->meanwhile_count, gap);
}

static void set_aside(struct index *x)
{
	for (size_t i = x->run_count; i-- > 0;) {
		struct run *r = x->runs[i];

		if (!run_damaged(r) && !r->unwanted)
			continue;
		log_line(run_damaged(r) ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
			 run_damaged(r) ? "index run set aside, its articles are to be added again"
					: "index run removed, its articles are to be added again",
			 "path=%s from=%" PRIu64 " to=%" PRIu64, r->path, r->info.first_seq,
			 r->info.last_seq);
		lose_deliveries(x, &r->info);
		lose_articles(x, &r->info);
		runs_remove(x, i);
		retire_run(x, r);
	}
	x->broken = false;
	x->adopted++;
}

void seals_set_aside(struct index *x)
{
	lock_write(&x->places);
	set_aside(x);
	pthread_rwlock_unlock(&x->places);
}

void seals_expire(struct index *x)
{
	for (size_t i = x->run_count; i-- > 0;) {
		struct run *r = x->runs[i];

		if (r->info.last_seq > x->expired_seq)
			continue;
		runs_remove(x, i);
		retire_run(x, r);
	}
}

/* ---- sealing -------------------------------------------------------------------------------- */

/* Which gaps will be left when the active table has been sealed: those that were told are filled
 * in order, before anything newer is added; the one that holds the newest addition is half full. */
static size_t gaps_left(const struct index *x, struct gap *out)
{
	size_t current = x->gap_count, count = 0;

	for (size_t i = 0; i < x->gap_count; i++)
		if (x->gaps[i].from <= x->newest_seq && x->newest_seq <= x->gaps[i].to)
			current = i;
	for (size_t i = 0; i < x->gap_count; i++) {
		struct gap g = x->gaps[i];

		if (i < x->gaps_told && (current == x->gap_count || i < current))
			continue;
		if (i < x->gaps_told && i == current)
			g.from = x->newest_seq + 1;
		if (g.from <= g.to)
			out[count++] = g;
	}
	return count;
}

/* The newest delivery of a table that is sealed or waits to be. */
static uint64_t given_delivery(const struct index *x)
{
	uint64_t newest = x->sealed_delivery;

	for (size_t i = 0; i < x->sealing_count; i++)
		if (x->sealing[i]->sealed_delivery > newest)
			newest = x->sealing[i]->sealed_delivery;
	return newest;
}

static struct task *seal_task(struct index *x, uint64_t seq, uint64_t delivery)
{
	struct task *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->kind = TASK_SEAL;
	t->table = x->active;
	t->sealed_seq = seq;
	t->sealed_delivery = delivery;
	t->info.first_seq = x->first_seq <= seq ? x->first_seq : seq + 1;
	t->info.last_seq = seq;
	t->info.first_delivery = given_delivery(x) + 1;
	if (x->again_from != 0 && x->again_from < t->info.first_delivery)
		t->info.first_delivery = x->again_from;
	x->again_from = 0;
	t->info.last_delivery = delivery;
	t->gap_count = gaps_left(x, t->gaps);
	return t;
}

enum status seals_begin(struct index *x, uint64_t seq, uint64_t delivery)
{
	struct task *t;

	if (x->sealing_count == SEALING_MAX)
		return STATUS_BUSY;
	if (column_sort(table_column(x->active)) != STATUS_OK)
		return STATUS_NO_MEMORY;
	t = seal_task(x, seq, delivery);
	if (t == NULL)
		return STATUS_NO_MEMORY;
	x->expected = table_postings(x->active);
	lock_write(&x->places);
	x->active = NULL;
	x->sealing[x->sealing_count++] = t;
	pthread_rwlock_unlock(&x->places);
	memcpy(x->gaps, t->gaps, sizeof x->gaps);
	x->gap_count = t->gap_count;
	seals_go_on(x);
	return STATUS_OK;
}

void seals_go_on(struct index *x)
{
	if (x->sealing_count == 0 || x->seal_given ||
	    (x->seal_status != STATUS_OK && clock_monotonic_us() < x->retry_us))
		return;
	x->seal_given = true;
	give(x, x->sealing[0]);
}

static void forget_sealing(struct index *x)
{
	x->sealing_count--;
	memmove(&x->sealing[0], &x->sealing[1], x->sealing_count * sizeof *x->sealing);
}

/* Clearing a large table, or giving back its memory, takes long enough to leave it to the thread.
 * While articles come it is used again after the next. */
static void retire_table(struct index *x, struct task *t)
{
	*t = (struct task){ .kind = TASK_RETIRE, .table = t->table, .cap = x->cap };
	if (x->active != NULL && x->spare == NULL && !x->spare_coming) {
		t->again = x->expected + 1;
		x->spare_coming = true;
	}
	give(x, t);
}

/* At every first addition to a page that nobody has touched the lane would wait for the kernel,
 * which clears it, and where a look-up has read it before interrupts all cores. */
void seals_foresee(struct index *x)
{
	size_t most = (size_t)x->active_articles * POSTINGS_AN_ARTICLE;
	size_t postings = table_postings(x->active);
	struct task *t;

	postings += postings / 3 + 1;
	if (x->spare != NULL || x->spare_coming)
		return;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return;
	*t = (struct task){ .kind = TASK_RETIRE,
			    .again = postings < most ? postings : most,
			    .cap = x->cap };
	x->spare_coming = true;
	give(x, t);
}

static void retired(struct index *x, struct task *t)
{
	if (t->again > 0) {
		x->spare = t->table;
		x->spare_coming = false;
	}
	free(t);
}

/* The task is sealing[0]. */
static void sealed(struct index *x, struct task *t)
{
	x->seal_given = false;
	if (t->st == STATUS_OK)
		t->st = runs_insert(x, x->run_count, t->made);
	if (t->st != STATUS_OK) {
		log_error("index table not sealed", "path=%s why=%s", x->path, status_text(t->st));
		run_close(t->made);
		t->made = NULL;
		for (size_t i = 0; i < x->meanwhile_count; i++)
			gaps_add(t->gaps, &t->gap_count, x->meanwhile[i]);
		x->meanwhile_count = 0;
		x->retry_us = clock_monotonic_us() + RETRY_US;
		x->seal_status = t->st;
		return;
	}
	x->meanwhile_count = 0;
	x->seal_status = STATUS_OK;
	forget_sealing(x);
	if (t->sealed_seq > x->sealed_seq)
		x->sealed_seq = t->sealed_seq;
	if (t->sealed_delivery > x->sealed_delivery)
		x->sealed_delivery = t->sealed_delivery;
	retire_table(x, t);
	seals_go_on(x);
}

/* ---- merging -------------------------------------------------------------------------------- */

/* Else the same four would be tried for ever. */
static bool is_unreadable(const struct task *t, size_t input)
{
	return (t->st == STATUS_DAMAGED || t->st == STATUS_IO) && t->broken == input;
}

/* What has expired meanwhile is gone, memory and all. */
static void end_merge(struct index *x, const struct task *t)
{
	x->merging--;
	for (size_t i = 0; i < x->run_count; i++)
		for (size_t j = 0; j < t->run_count; j++) {
			if (x->runs[i] != t->runs[j])
				continue;
			x->runs[i]->merging = false;
			if (!is_unreadable(t, j))
				continue;
			run_set_damaged(x->runs[i]);
			x->broken = true;
		}
}

static void merge_failed(struct index *x, const struct task *t)
{
	if (t->broken < t->run_count && is_unreadable(t, t->broken))
		return;
	if (t->st != STATUS_CLOSED)
		log_warning("index runs not merged", "path=%s why=%s", x->path, status_text(t->st));
	x->merge_us = clock_monotonic_us() + RETRY_US;
}

static void merged(struct index *x, struct task *t)
{
	size_t at = x->run_count;

	end_merge(x, t);
	if (t->st == STATUS_OK && runs_insert(x, x->run_count, t->made) != STATUS_OK) {
		run_close(t->made);
		t->st = STATUS_NO_MEMORY;
	}
	if (t->st != STATUS_OK) {
		merge_failed(x, t);
		free(t);
		return;
	}
	/* Inputs that expired meanwhile have been retired already. */
	for (size_t i = x->run_count - 1; i-- > 0;)
		for (size_t j = 0; j < t->run_count; j++)
			if (x->runs[i] == t->runs[j]) {
				at = i;
				retire_run(x, x->runs[i]);
				runs_remove(x, i);
				break;
			}
	if (at < x->run_count) {
		memmove(&x->runs[at + 1], &x->runs[at], (x->run_count - 1 - at) * sizeof *x->runs);
		x->runs[at] = t->made;
	}
	free(t);
	seals_expire(x);
}

/* Where four successive runs of one level stand that are not merged already, the oldest of the
 * newest that are so many; run_count when nowhere. One that was left behind counts as those that
 * came after it: it goes with them, for each run costs every look-up. */
static size_t four_alike(const struct index *x)
{
	size_t alike = 0, i = x->run_count;
	uint32_t level = 0;

	for (; i > 0; i--) {
		const struct run *r = x->runs[i - 1];

		if ((r->level > level || r->merging) && alike >= MERGE_RUNS)
			break;
		alike = r->merging ? 0 : r->level > level ? 1 : alike + 1;
		level = r->level > level ? r->level : level;
	}
	return alike >= MERGE_RUNS ? i : x->run_count;
}

static void plan_merge(struct index *x)
{
	size_t at = four_alike(x);
	struct task *t;

	if (x->merging == MERGES_MAX || x->renewed.to != 0 || at == x->run_count ||
	    (x->merge_us != 0 && clock_monotonic_us() < x->merge_us))
		return;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return;
	t->kind = TASK_MERGE;
	t->cap = x->cap;
	t->run_count = MERGE_RUNS;
	memcpy(t->runs, &x->runs[at], sizeof t->runs);
	for (size_t i = 0; i < t->run_count; i++)
		t->runs[i]->merging = true;
	x->merging++;
	x->merge_us = 0;
	give(x, t);
}

/* ---- warming -------------------------------------------------------------------------------- */

/* Else look-ups would meet the pages one by one, and wait for each. */
void index_warm(struct index *x, uint64_t faults, uint64_t memory_bytes)
{
	bool cold = faults - x->faults >= COLD_FAULTS;
	uint64_t bytes = 0;

	seals_adopt(x);
	x->faults = faults;
	for (size_t i = 0; i < x->run_count; i++)
		bytes += x->runs[i]->bytes;
	if (!cold || bytes == 0 || bytes > memory_bytes || x->warming > 0 ||
	    clock_monotonic_us() < x->warm_us)
		return;
	x->warm_pause_us = x->warm_pause_us == 0 ? WARM_US : 2 * x->warm_pause_us;
	x->warm_us = clock_monotonic_us() + x->warm_pause_us;
	for (size_t i = x->run_count; i-- > 0;)
		x->warming += give_run(x, TASK_WARM, x->runs[i]);
}

static void warmed(struct index *x, struct task *t)
{
	x->warming--;
	x->broken |= t->st == STATUS_DAMAGED;
	free(t);
}

/* ---- what the sealer has done --------------------------------------------------------------- */

static void adopt(struct index *x, struct task *t)
{
	const struct run *made = t->kind == TASK_MERGE || t->old ? t->made : NULL;

	x->adopted++;
	if (t->kind == TASK_SEAL)
		sealed(x, t);
	else if (t->kind == TASK_MERGE)
		merged(x, t);
	else
		retired(x, t);
	if (x->renewed.to == 0)
		return;
	for (size_t i = 0; made != NULL && i < x->run_count; i++)
		if (x->runs[i] == made)
			renew(x, x->runs[i]);
	end_renewal(x);
}

void seals_adopt(struct index *x)
{
	struct task *t;

	if (x->sealer == NULL)
		return;
	while ((t = sealer_take(x->sealer)) != NULL) {
		bool changes = t->kind != TASK_WARM;

		x->given--;
		if (!changes)
			warmed(x, t);
		if (!changes && !x->broken)
			continue;
		lock_write(&x->places);
		if (changes)
			adopt(x, t);
		if (x->broken)
			set_aside(x);
		pthread_rwlock_unlock(&x->places);
		plan_merge(x);
	}
}

void seals_drain(struct index *x)
{
	struct task *t;

	while ((t = sealer_take(x->sealer)) != NULL) {
		if (t->kind == TASK_SEAL && t->st != STATUS_OK)
			continue; /* still sealing[0] */
		run_close(t->made);
		if (t->kind == TASK_SEAL) {
			table_close(t->table);
			forget_sealing(x);
		}
		if (t->kind == TASK_RETIRE)
			retired(x, t);
		else
			free(t);
	}
}
