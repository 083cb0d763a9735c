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

#define WINDOW 64u     /* articles: of these themselves nothing is seen */
#define WINDOW_MIN 16u /* fewer are not worth calling for help */
#define ARENA_BYTES ((size_t)1 << 20)
#define ROWS_AHEAD 6u /* rows are asked for so long before they are read */

struct task {
	const struct job *job;
	const struct piece *piece;
	struct foresight seen;
	bool done;
};

/* What a thread looks with. */
struct seer {
	struct arena *keep, *scratch;
	struct index_reader *index;
	struct store_reader *store;
};

struct ahead {
	struct line *line;
	struct seer *seers; /* [helpers + 1] the last is the lane's */
	size_t helpers;
	struct task *tasks; /* [WINDOW] */
	size_t count, at;   /* of the window; the next the lane will ask for */
	size_t known;       /* of the window, nothing new */
	const struct lane_view *lane;
	const struct pipeline_options *options;
	atomic_size_t next; /* task to be begun */
	pthread_mutex_t lock;
	pthread_cond_t left;
	bool open;     /* there may be tasks to begin */
	size_t inside; /* helpers */
};

/* ---- life */

static enum status seer_open(struct seer *s)
{
	enum status st;

	s->keep = arena_open(ARENA_BYTES);
	s->scratch = arena_open(ARENA_BYTES);
	st = s->keep == NULL || s->scratch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
	if (st == STATUS_OK)
		st = index_reader_open(&s->index);
	return st == STATUS_OK ? store_reader_open(&s->store) : st;
}

static void seer_close(struct seer *s)
{
	arena_close(s->keep);
	arena_close(s->scratch);
	index_reader_close(s->index);
	store_reader_close(s->store);
}

enum status ahead_open(struct ahead **out, struct line *line, size_t helpers)
{
	struct ahead *a = calloc(1, sizeof *a);
	enum status st = STATUS_OK;

	if (a == NULL)
		return STATUS_NO_MEMORY;
	a->line = line;
	a->helpers = helpers;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->left, NULL);
	a->seers = calloc(helpers + 1, sizeof *a->seers);
	a->tasks = calloc(WINDOW, sizeof *a->tasks);
	if (a->seers == NULL || a->tasks == NULL)
		st = STATUS_NO_MEMORY;
	for (size_t i = 0; i <= helpers && st == STATUS_OK; i++)
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
	for (size_t i = 0; a->seers != NULL && i <= a->helpers; i++)
		seer_close(&a->seers[i]);
	pthread_cond_destroy(&a->left);
	pthread_mutex_destroy(&a->lock);
	free(a->seers);
	free(a->tasks);
	free(a);
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

static enum status look_at_one(struct sight *sight, struct looker *l, struct seer *s)
{
	struct glimpse glimpse;
	struct row row;

	sight->absent =
		store_reader_glimpse(s->store, &glimpse, sight->seq, s->scratch) != STATUS_OK;
	if (sight->absent || !look_worth(l, &glimpse) ||
	    store_reader_get_light(s->store, &row, sight->seq, s->scratch) != STATUS_OK) {
		arena_rewind(s->scratch, l->floor);
		return STATUS_OK;
	}
	return look_at(&sight->look, l, &row);
}

static enum status look_at_all(struct foresight *f, struct looker *l, const struct store *store,
			       struct seer *s)
{
	struct sight *sights = (struct sight *)(uintptr_t)f->sights;
	enum status st = STATUS_OK;

	for (size_t i = 0; i < f->count && i < ROWS_AHEAD; i++)
		store_prefetch(store, sights[i].seq);
	for (size_t i = 0; i < f->count && st == STATUS_OK; i++) {
		if (i + ROWS_AHEAD < f->count)
			store_prefetch(store, sights[i + ROWS_AHEAD].seq);
		st = look_at_one(&sights[i], l, s);
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
	enum status st =
		naming_of(&name, t->job, t->piece->article, a->options->believe_site, s->scratch);

	if (st == STATUS_OK)
		st = mask_of(&f->kept, &chrome, &t->piece->print, &t->piece->repeats, lane->chrome,
			     name.site_known ? name.site : span_of(NULL, 0), t->piece->lines,
			     s->keep);
	f->kept.quoted = t->piece->quoted;
	if (st == STATUS_OK)
		st = keys_of(&f->keys, &f->kept, lane->secret, s->keep);
	if (st == STATUS_OK)
		st = look_begin(&looker, &f->kept, &name,
				article_view(t->piece->article, t->piece->article->title),
				f->keys.shingles, s->keep, s->scratch);
	if (st != STATUS_OK)
		return st;
	if (!judge_short(f->kept.units))
		count = index_reader_candidates(s->index, lane->index, f->keys.all, f->keys.count,
						found, LOOK_CANDIDATES, &f->capped);
	count = look_promising(seqs, found, count, f->keys.count);
	st = take_sights(f, seqs, count, s->keep);
	return st == STATUS_OK ? look_at_all(f, &looker, lane->store, s) : st;
}

/* ---- one window */

static void take_part(struct ahead *a, struct seer *s)
{
	size_t i;

	if (store_reader_begin(s->store, a->lane->store) != STATUS_OK)
		return;
	while ((i = atomic_fetch_add(&a->next, 1)) < a->count) {
		struct task *t = &a->tasks[i];

		t->done = foresee(t, a, s) == STATUS_OK;
		arena_clear(s->scratch);
	}
	store_reader_end(s->store);
}

void ahead_help(struct ahead *a, size_t who)
{
	pthread_mutex_lock(&a->lock);
	if (a->open) {
		a->inside++;
		pthread_mutex_unlock(&a->lock);
		take_part(a, &a->seers[who]);
		line_call(a->line, false);
		pthread_mutex_lock(&a->lock);
		a->open = false;
		if (--a->inside == 0)
			pthread_cond_signal(&a->left);
	}
	pthread_mutex_unlock(&a->lock);
}

/* The pieces from one on, as many as a window takes. */
static void gather(struct ahead *a, const struct job *j, const struct piece *piece)
{
	size_t from = (size_t)(piece - j->pieces);

	a->count = a->at = a->known = 0;
	for (; j != NULL && a->count < WINDOW; j = j->next_in_line, from = 0)
		for (size_t i = from; i < j->piece_count && a->count < WINDOW; i++)
			a->tasks[a->count++] = (struct task){ .job = j, .piece = &j->pieces[i] };
}

static void run_window(struct ahead *a)
{
	for (size_t i = 0; i <= a->helpers; i++)
		arena_clear(a->seers[i].keep);
	index_mark(a->lane->index);
	atomic_store(&a->next, 0);
	pthread_mutex_lock(&a->lock);
	a->open = true;
	pthread_mutex_unlock(&a->lock);
	line_call(a->line, true);
	take_part(a, &a->seers[a->helpers]);
	line_call(a->line, false);
	pthread_mutex_lock(&a->lock);
	a->open = false;
	while (a->inside > 0)
		pthread_cond_wait(&a->left, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

const struct foresight *ahead_of(struct ahead *a, const struct lane_view *lane,
				 const struct pipeline_options *o, const struct job *j,
				 const struct piece *piece)
{
	const struct task *t;

	while (a->at < a->count && a->tasks[a->at].piece != piece)
		a->at++; /* it was known before it was assessed */
	if (a->at == a->count) {
		bool worth = 2 * a->known <= a->count;

		gather(a, j, piece);
		a->lane = lane;
		a->options = o;
		if (worth && a->count >= WINDOW_MIN)
			run_window(a);
	}
	t = &a->tasks[a->at++];
	return t->done ? &t->seen : NULL;
}

void ahead_known(struct ahead *a)
{
	a->known++;
}

/* What was known of the last window goes on counting. */
void ahead_restart(struct ahead *a)
{
	a->at = a->count;
}
