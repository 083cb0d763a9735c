/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/ahead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "detect/mask.h"
#include "index/index.h"
#include "ingest/job.h"
#include "ingest/line.h"
#include "ingest/naming.h"
#include "store/store.h"

#define AHEAD 64u     /* articles */
#define WORTH_MIN 16u /* fewer that wait are not worth calling for help */
#define ROOM_MIN 16u  /* nor is less room */
#define LEFT 6u      /* articles left to a lane that has caught up, so that it does so less often */
#define KNOWN_OF 64u /* articles of which more than half are nothing new */
#define KEEP_BYTES ((size_t)64 << 10)
#define KEEP_MAX ((size_t)1 << 20) /* more is given back after an article */
#define SCRATCH_BYTES ((size_t)1 << 20)
#define ROWS_AHEAD 6u /* rows are asked for so long before they are read */

/* An article that is, or was, looked at. */
struct task {
	struct task *next; /* free */
	struct job *job;   /* NULL: free */
	struct piece *piece;
	struct arena *keep;
	struct foresight seen;
	bool busy, done;  /* begun and not ended; it was all seen */
	atomic_bool left; /* nobody will ask for it */
};

/* What a worker looks with. */
struct seer {
	struct arena *scratch;
	struct index_reader *index;
	struct store_reader *store;
};

struct ahead {
	struct line *line;
	const struct lane_view *lane;
	atomic_bool believe_site;
	struct seer *seers; /* [helpers] */
	size_t helpers;
	pthread_mutex_t lock; /* of all below; taken before the line's */
	pthread_cond_t ended; /* a task is free */
	struct job *jobs, **jobs_end;
	size_t waiting; /* their pieces that nobody has begun */
	struct task tasks[AHEAD], *free;
	size_t free_count;
	struct task *given; /* to the lane */
	bool in_vain;       /* most articles are nothing new */
	bool called;
	size_t passed, known; /* of the last KNOWN_OF articles; the lane's */
};

/* ---- life */

static enum status seer_open(struct seer *s)
{
	enum status st;

	s->scratch = arena_open(SCRATCH_BYTES);
	st = s->scratch == NULL ? STATUS_NO_MEMORY : index_reader_open(&s->index);
	return st == STATUS_OK ? store_reader_open(&s->store) : st;
}

static void seer_close(struct seer *s)
{
	arena_close(s->scratch);
	index_reader_close(s->index);
	store_reader_close(s->store);
}

static void give_back(struct ahead *a, struct task *t)
{
	t->job = NULL;
	t->next = a->free;
	a->free = t;
	a->free_count++;
}

static enum status tasks_open(struct ahead *a)
{
	for (size_t i = 0; i < AHEAD; i++) {
		a->tasks[i].keep = arena_open(KEEP_BYTES);
		if (a->tasks[i].keep == NULL)
			return STATUS_NO_MEMORY;
		give_back(a, &a->tasks[i]);
	}
	return STATUS_OK;
}

enum status ahead_open(struct ahead **out, struct line *line, size_t helpers)
{
	struct ahead *a = calloc(1, sizeof *a);
	enum status st;

	if (a == NULL)
		return STATUS_NO_MEMORY;
	a->line = line;
	a->helpers = helpers;
	a->jobs_end = &a->jobs;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->ended, NULL);
	a->seers = calloc(helpers, sizeof *a->seers);
	st = a->seers == NULL ? STATUS_NO_MEMORY : tasks_open(a);
	for (size_t i = 0; i < helpers && st == STATUS_OK; i++)
		st = seer_open(&a->seers[i]);
	if (st != STATUS_OK) {
		ahead_close(a);
		return st;
	}
	*out = a;
	return STATUS_OK;
}

void ahead_close(struct ahead *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; a->seers != NULL && i < a->helpers; i++)
		seer_close(&a->seers[i]);
	for (size_t i = 0; i < AHEAD; i++)
		arena_close(a->tasks[i].keep);
	pthread_cond_destroy(&a->ended);
	pthread_mutex_destroy(&a->lock);
	free(a->seers);
	free(a);
}

void ahead_use(struct ahead *a, const struct lane_view *lane)
{
	a->lane = lane;
}

void ahead_believe(struct ahead *a, bool site)
{
	atomic_store(&a->believe_site, site);
}

/* ---- one article */

/* The slot of a candidate, or the free one where it would be. */
static uint32_t slot_of(const struct foresight *f, uint64_t seq)
{
	uint32_t i = (uint32_t)(seq * UINT64_C(0x9e3779b97f4a7c15) >> 32) & f->mask;

	while (f->slots[i] != 0 && f->sights[f->slots[i] - 1].seq != seq)
		i = (i + 1) & f->mask;
	return i;
}

const struct sight *foresight_of(const struct foresight *f, uint64_t seq)
{
	uint16_t slot = f->slots[slot_of(f, seq)];

	return slot == 0 || f->sights[slot - 1].absent ? NULL : &f->sights[slot - 1];
}

static enum status take_sights(struct foresight *f, const uint64_t *seqs, size_t count,
			       struct arena *arena)
{
	struct sight *sights = ARENA_ARRAY(arena, struct sight, count);
	uint32_t room = 4;
	uint16_t *slots;

	while (room < 2 * count)
		room *= 2;
	slots = arena_take_zeroed(arena, room, sizeof *slots);
	if (sights == NULL || slots == NULL)
		return STATUS_NO_MEMORY;
	f->sights = sights;
	f->slots = slots;
	f->mask = room - 1;
	for (f->count = 0; f->count < count; f->count++) {
		sights[f->count] = (struct sight){ .seq = seqs[f->count] };
		slots[slot_of(f, seqs[f->count])] = (uint16_t)(f->count + 1);
	}
	return STATUS_OK;
}

static enum status look_at_one(struct sight *sight, struct looker *l, const struct store *store,
			       struct seer *s)
{
	struct glimpse glimpse;
	struct row row;

	sight->absent =
		store_reader_glimpse(s->store, &glimpse, sight->seq, s->scratch) != STATUS_OK;
	if (!sight->absent && look_worth(l, &glimpse)) {
		if (store_look_on(store, &row, sight->seq, &glimpse, s->scratch) == STATUS_OK)
			return look_at(&sight->look, l, &row);
		sight->absent = true;
	}
	arena_rewind(s->scratch, l->floor);
	return STATUS_OK;
}

/* Not for longer than one of them takes where the lane is past it, or waits for the store. */
static enum status look_at_all(struct task *t, struct looker *l, const struct store *store,
			       struct seer *s)
{
	struct foresight *f = &t->seen;
	struct sight *sights = (struct sight *)(uintptr_t)f->sights;
	enum status st = STATUS_OK;

	for (size_t i = 0; i < f->count && i < ROWS_AHEAD; i++)
		store_prefetch(store, sights[i].seq);
	for (size_t i = 0; i < f->count && st == STATUS_OK; i++) {
		if (i + ROWS_AHEAD < f->count)
			store_prefetch(store, sights[i + ROWS_AHEAD].seq);
		st = !t->left && store_reader_rest(s->store) ? look_at_one(&sights[i], l, store, s)
							     : STATUS_BUSY;
	}
	return st;
}

/* As the lane will do it (assess.c), as far as it does not depend on what comes in between. */
static enum status foresee(struct task *t, const struct ahead *a, struct seer *s)
{
	struct foresight *f = &t->seen;
	const struct lane_view *lane = a->lane;
	struct candidate found[LOOK_CANDIDATES];
	uint64_t seqs[LOOK_CANDIDATES];
	size_t count = 0;
	struct looker looker;
	struct naming name;
	uint32_t chrome;
	enum status st = naming_of(&name, t->job, t->piece->article, f->believed, s->scratch);

	if (st == STATUS_OK)
		st = mask_of(&f->kept, &chrome, &t->piece->print, &t->piece->repeats, lane->chrome,
			     name.site_known ? name.site : span_of(NULL, 0), t->piece->lines,
			     t->keep);
	f->kept.quoted = t->piece->quoted;
	if (st == STATUS_OK)
		st = keys_of(&f->keys, &f->kept, lane->secret, t->keep);
	if (st == STATUS_OK)
		st = look_begin(&looker, &f->kept, &name,
				article_view(t->piece->article, t->piece->article->title),
				f->keys.shingles, t->keep, s->scratch);
	if (st != STATUS_OK)
		return st;
	if (!judge_short(f->kept.units))
		count = index_reader_candidates(s->index, lane->index, f->keys.all, f->keys.flanks,
						f->keys.count, found, LOOK_CANDIDATES, &f->capped,
						&f->mark);
	count = look_promising(seqs, found, count, f->keys.count);
	store_expect(lane->store, seqs, count);
	st = take_sights(f, seqs, count, t->keep);
	return st == STATUS_OK ? look_at_all(t, &looker, lane->store, s) : st;
}

static void look_ahead(struct task *t, const struct ahead *a, struct seer *s)
{
	if (store_reader_begin(s->store, a->lane->store) != STATUS_OK)
		return;
	t->seen = (struct foresight){ .losses = store_losses(a->lane->store),
				      .believed = atomic_load(&a->believe_site) };
	t->done = foresee(t, a, s) == STATUS_OK;
	store_reader_end(s->store);
	arena_clear(s->scratch);
}

/* ---- whose turn it is; with the lock held */

/* Not to and fro: who is called takes all there is, or fills the room. */
static void call(struct ahead *a)
{
	bool help = a->waiting >= (a->called ? 1 : WORTH_MIN) &&
		    a->free_count >= (a->called ? 1 : ROOM_MIN) && !a->in_vain;

	if (help != a->called)
		line_call(a->line, help);
	a->called = help;
}

static void unlink_job(struct ahead *a, const struct job *j)
{
	struct job **at = &a->jobs;

	while (*at != NULL && *at != j)
		at = &(*at)->next_to_work;
	if (*at == NULL)
		return;
	*at = j->next_to_work;
	if (*at == NULL)
		a->jobs_end = at;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The pieces of a job before this one need not be begun any more. */
static void begin_up_to(struct ahead *a, struct job *j, size_t piece)
{
	if (piece <= j->begun)
		return;
	a->waiting -= piece - j->begun;
	j->begun = piece;
	if (j->begun == j->piece_count)
		unlink_job(a, j);
}

static struct task *begin(struct ahead *a)
{
	struct job *j = a->jobs;
	struct task *t = a->free;

	if (!a->called || j == NULL || t == NULL)
		return NULL;
	a->free = t->next;
	a->free_count--;
	t->job = j;
	t->piece = &j->pieces[j->begun];
	t->piece->task = t;
	t->busy = true;
	t->left = t->done = false;
	begin_up_to(a, j, j->begun + 1);
	return t;
}

/* Nobody looks any more, or who does drops it himself in the end. */
static void drop(struct ahead *a, struct task *t)
{
	t->piece->task = NULL;
	t->left = true;
	if (t->busy)
		return;
	if (arena_held(t->keep) > KEEP_MAX) {
		struct arena *fresh = arena_open(KEEP_BYTES);

		if (fresh != NULL) {
			arena_close(t->keep);
			t->keep = fresh;
		}
	}
	arena_clear(t->keep);
	give_back(a, t);
	pthread_cond_signal(&a->ended);
}

static bool holds(const struct ahead *a, const struct foresight *f)
{
	return f->losses == store_losses(a->lane->store) &&
	       f->believed == atomic_load(&a->believe_site);
}

static void count_passed(struct ahead *a)
{
	if (++a->passed < KNOWN_OF)
		return;
	a->in_vain = 2 * a->known > a->passed;
	a->passed = a->known = 0;
}

/* ---- workers */

void ahead_offer(struct ahead *a, struct job *j)
{
	if (j->piece_count == 0)
		return;
	pthread_mutex_lock(&a->lock);
	j->next_to_work = NULL;
	*a->jobs_end = j;
	a->jobs_end = &j->next_to_work;
	a->waiting += j->piece_count;
	call(a);
	pthread_mutex_unlock(&a->lock);
}

void ahead_help(struct ahead *a, size_t who)
{
	struct task *t;

	pthread_mutex_lock(&a->lock);
	while ((t = begin(a)) != NULL) {
		call(a);
		pthread_mutex_unlock(&a->lock);
		look_ahead(t, a, &a->seers[who]);
		pthread_mutex_lock(&a->lock);
		t->busy = false;
		if (t->piece->task == NULL)
			drop(a, t);
	}
	pthread_mutex_unlock(&a->lock);
}

/* ---- the lane */

const struct foresight *ahead_of(struct ahead *a, struct job *j, struct piece *piece)
{
	size_t next = (size_t)(piece - j->pieces) + 1;
	struct task *t;

	pthread_mutex_lock(&a->lock);
	if (a->given != NULL)
		drop(a, a->given);
	t = piece->task;
	if (t != NULL && t->busy) {
		drop(a, t);
		t = NULL;
	}
	begin_up_to(a, j, t == NULL ? least(next + LEFT, j->piece_count) : next);
	a->given = t;
	count_passed(a);
	call(a);
	pthread_mutex_unlock(&a->lock);
	return t != NULL && t->done && holds(a, &t->seen) ? &t->seen : NULL;
}

void ahead_known(struct ahead *a)
{
	a->known++;
}

void ahead_leave(struct ahead *a, struct job *j)
{
	if (j->piece_count == 0)
		return;
	pthread_mutex_lock(&a->lock);
	begin_up_to(a, j, j->piece_count);
	for (size_t i = 0; i < AHEAD; i++)
		if (a->tasks[i].job == j)
			drop(a, &a->tasks[i]);
	a->given = NULL;
	call(a);
	pthread_mutex_unlock(&a->lock);
}

void ahead_finish(struct ahead *a, const struct job *jobs)
{
	pthread_mutex_lock(&a->lock);
	for (const struct job *j = jobs; j != NULL; j = j->next_in_line)
		for (size_t i = 0; i < AHEAD && j->piece_count > 0; i++)
			while (a->tasks[i].job == j)
				pthread_cond_wait(&a->ended, &a->lock);
	pthread_mutex_unlock(&a->lock);
}
