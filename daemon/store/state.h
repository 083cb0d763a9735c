/* SPDX-License-Identifier: BSD-2-Clause */
/* state.h - what the files of this room share: the open state, its epochs and the batch.
 *
 * Numbers: an appended table's next committed number is active->next[]; a batch goes on from there
 *          in memory and reaches the epoch in one transaction, so a put can only fail for memory
 *          and a commit can be made again after the map has grown. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "base/bytes.h"
#include "store/dictionary.h"
#include "store/epoch.h"
#include "store/meta.h"
#include "store/record_read.h"
#include "store/store.h"

#include <pthread.h>

struct row_code;
struct row_counts;
struct text;

/* The first file of a state that is looked at. */
#define STATE_FORMAT_LINE "reprint state %d\n"

/* An entry of a cluster. */
struct member {
	uint64_t cluster;
	int64_t time_ms;
	uint64_t seq;
};

#define BATCH_TABLES (APPENDED_COUNT + 1u) /* and TABLE_TEXTS */

struct batch {
	bool open;
	int64_t now_ms;
	struct arena *arena; /* of everything below */
	size_t bytes;
	struct {
		struct span *values; /* texts may be absent */
		size_t count, cap;
	} table[BATCH_TABLES];
	struct member *members; /* by cluster, time, seq */
	size_t member_count, member_cap;
};

/* The row that those of a site are told by, until another takes its place. */
struct site_row {
	uint64_t site;           /* hash */
	uint64_t seq, used;      /* the last row that was told by it */
	uint32_t served, serves; /* rows; before it is replaced */
};
#define SITE_ROWS 4096u

struct store {
	struct store_options o;
	char *path, *format_path, *lengths_path, *meta_path, *epochs_path, *index_path;
	int lock;
	uint32_t starts; /* since the last clean stop, this one included */
	bool distrusted; /* the stop is not recorded as clean */
	struct epoch_options eo;
	struct epoch **epochs; /* oldest first, the active one last */
	size_t epoch_count, epoch_cap;
	uint32_t epoch_newest; /* the highest number ever seen, damaged ones included */
	struct meta meta;
	struct batch batch;
	struct bytes scratch;
	struct text *text;
	struct samples samples;        /* of the active epoch, until it has a dictionary */
	struct dictionary *fresh;      /* comes with the commit under way; NULL: none */
	struct row_counts *row_counts; /* of the active epoch, until it has a code; may be NULL */
	struct row_code *fresh_code;   /* as fresh */
	struct record_packer *packer;
	struct record_cache *site_cache;
	struct site_row site_rows[SITE_ROWS]; /* by the hash of the site */
	pthread_mutex_t offered_lock;         /* of the next: */
	struct dictionary *offered;           /* to whoever packs; NULL: none */
	struct recent *recent;                /* the newest rows, those of the batch too */
	pthread_rwlock_t beside; /* held by readers, and by the owner between the next two */
	_Atomic(bool) wanted;    /* by the owner */
	uint64_t losses;
};

/* reader.c: the readers beside have ended, and none begins. Not twice. */
void state_alone(struct store *s);
void state_not_alone(struct store *s);

static inline struct epoch *state_active(const struct store *s)
{
	return s->epochs[s->epoch_count - 1];
}

/* The number that comes next, the open batch included. */
uint64_t state_next(const struct store *s, enum table table);
/* Which epoch holds a committed number; epoch_count when none does. */
size_t state_epoch_at(const struct store *s, enum table table, uint64_t number);
/* The same; NULL when none does. */
struct epoch *state_epoch_of(const struct store *s, enum table table, uint64_t number);
/* A row that could not be read, whatever its epoch: epoch_note(). */
void state_note(const struct store *s, uint64_t seq, enum status st);
/* One value of the open batch, by a number above the committed ones. */
enum status state_batched(const struct store *s, enum table table, uint64_t number,
			  struct span *out);
/* One value of an appended table or TABLE_TEXTS, of the batch or of an epoch; arena: of rows and
 * texts. */
enum status state_value(struct store *s, enum table table, uint64_t number, struct span *out,
			struct arena *arena);
/* All values from a number on, in order; false from fn stops. */
typedef bool (*state_value_fn)(void *ctx, uint64_t number, struct span value);
enum status state_each(struct store *s, enum table table, uint64_t from, state_value_fn fn,
		       void *ctx);
/* Whether a row is there: in the batch or in an epoch, and not forgotten. */
bool state_live(const struct store *s, uint64_t seq);

/* The newest epoch, empty, begins at these numbers. */
enum status state_make_epoch(struct store *s, const uint64_t first[APPENDED_COUNT]);
/* The newest epoch is written no more; another begins. Outside a batch. */
enum status state_rotate(struct store *s);
/* Records the lengths of sealed epochs and, at a clean stop, of everything. */
enum status state_save_lengths(struct store *s, bool clean);
uint64_t state_bytes(const struct store *s);
void state_show(const struct store *s); /* gauges */

/* batch.c: memory of one batch. */
enum status batch_open(struct batch *b);
void batch_close(struct batch *b);
void batch_clear(struct batch *b);
/* A copy of the value goes to the end of a table; an absent one stands for no value. */
enum status batch_append(struct batch *b, enum table table, struct span value);
/* In its place; what is there already is not added twice. */
enum status batch_member(struct batch *b, const struct member *m);
/* The commit's moment goes into the head of its epoch. */
void batch_date(struct epoch_head *head, const struct batch *b);

/* texts.c: the text of a row goes into the batch. */
enum status texts_put(struct store *s, const struct row *row);
/* Before a commit: a dictionary for the active epoch, where it is time for one. */
enum status texts_learn(struct store *s);
/* After it. */
void texts_end(struct store *s, bool committed);
/* There is another active epoch. */
void texts_begin_epoch(struct store *s);
void texts_close(struct store *s);

/* codes.c: the same for the code of rows; packing begins with the commit after. */
enum status codes_learn(struct store *s);
void codes_end(struct store *s, bool committed);
void codes_begin_epoch(struct store *s);
/* A row as the active epoch holds it, until the next one is packed. */
struct span codes_pack(struct store *s, uint64_t seq, struct span row);

/* bases.c: the rows that a row which is about to be put will be told by; 0: none. */
void bases_choose(struct store *s, const struct row *row, uint64_t bases[RECORD_BASES]);

/* Members by cluster, time, seq; stored under their cluster as bytes of the same order. */
#define MEMBER_BYTES 16u
int member_order(const struct member *a, const struct member *b);
struct span member_value(char out[MEMBER_BYTES], const struct member *m);
struct member member_of(struct span key, struct span value); /* all zero when malformed */

#endif
