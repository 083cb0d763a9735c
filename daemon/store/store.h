/* SPDX-License-Identifier: BSD-2-Clause */
/* store.h - everything that is remembered: articles with versions and verdicts, alerts, deliveries,
 * rejections, consumers. The state directory and nothing else.
 *
 * Epoch:   one LMDB environment holding everything of one period; one transaction in the active
 *          epoch is the commit of a batch. Rows are appended by rising number. Expiry unlinks an
 *          epoch.
 * Meta:    a small environment: cursors, tombstones, next numbers, horizon, format version, secret.
 *          It may lag behind an epoch, never lead.
 * Thread:  one owner (the lane) for everything but readers, for whose end it waits where rows or
 *          epochs go.
 * Views:   spans and arrays of a row read from the store live until the next store_put(),
 *          store_begin(), store_commit(), store_abort() or store_age(), and while the arena holds
 *          what was taken for them.
 * Numbers: seq (articles), alert, delivery and rejection numbers are 64-bit, begin at 1, rise by
 *          one, and go on across epochs. seq 0 means none. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <reprint/fingerprint.h>
#include <reprint/span.h>
#include <reprint/status.h>
#include <reprint/verdict.h>

struct arena;
struct dictionary; /* dictionary.h */
struct kept;       /* detect/compare.h */
struct store;      /* opaque */

#define STORE_FORMAT 5 /* of everything below the state directory; another number is refused */

struct store_options {
	const char *path;     /* made if missing (mode 0700) */
	int64_t retention_ms; /* 0: for ever */
	int64_t epoch_ms; /* length of an epoch; 0: a ninth of the retention, at least a minute */
	uint64_t disk_limit; /* bytes; 0: none */
	size_t map_size;     /* per epoch, bytes */
	bool keep_text;
	bool sync; /* false only for scan's temporary store: nothing there outlives the process */
};

/* Takes the lock (STATUS_BUSY: another daemon has it), checks the format (STATUS_VERSION; without
 * one, STATUS_FOREIGN: the directory holds something else), checks lengths before mapping, sets
 * damaged epochs aside (renamed *.damaged, named in the log; the rest serves). */
enum status store_open(struct store **out, const struct store_options *o);
/* Only the lock, for work on a state that nobody has open; given back by close(). */
enum status store_lock(int *out_fd, const char *path);
void store_close(struct store *s); /* accepts NULL; aborts an open batch; records the clean stop */

/* Something of it was damaged although it is as it was left: at the next start every file is
 * walked. */
void store_distrust(struct store *s);

/* Random, made with the state, never leaves it: keys of the index are mixed with it. */
uint64_t store_secret(const struct store *s);

/* ---- rows --------------------------------------------------------------------------------- */

/* One stored version. `verdict` carries names, numbers, kind and matches; of its matches only seq,
 * kind, relation, shares and passages are stored (names are looked up when read). */
struct row {
	struct verdict verdict;
	uint64_t of_seq; /* the cluster's earliest: when judged, and now by store_get(); 0: this one
			  */
	struct span canonical; /* url for comparison */
	int64_t published_ms;  /* ARTICLE_NO_TIME if unknown */
	uint32_t units;        /* fingerprint.h */
	uint32_t token_count, paragraph_count;
	const uint16_t *tokens;     /* aligned to 2 */
	const uint32_t *paragraphs; /* [paragraph_count + 1] first token of each */
	const uint8_t *quoted;      /* [paragraph_count] 1: it is a quotation; NULL: none */
	const struct masked *masked;
	uint32_t masked_count;
	struct span text;     /* absent without keep_text */
	struct span packed;   /* text_pack() of it, where somebody has done that already */
	uint64_t packed_with; /* text_used() of who did */
};

/* What comparison sees of a row; it points into the row. NO_MEMORY. */
enum status store_kept(struct kept *out, const struct row *row, struct arena *arena);

/* One transaction at a time. Without sync problems a commit is durable when it returns. */
enum status store_begin(struct store *s, int64_t now_ms);
enum status store_commit(struct store *s);
void store_abort(struct store *s);
/* Memory that the open batch holds: a caller may commit early when it grows large. */
size_t store_batch_bytes(const struct store *s);

/* Inside a batch. Assigns row->verdict.seq; cluster == 0 becomes its own seq. */
enum status store_put(struct store *s, struct row *row);
/* Logs an alert for an article of this batch or an earlier one; the number assigned. */
enum status store_put_alert(struct store *s, uint64_t *out_alert, uint64_t seq, uint32_t why);
/* Also ends up in store_cluster(): member `seq` of cluster, and the cluster's centre, which the
 * first member enters with its store_row_time(). Nothing when seq is the centre. */
enum status store_put_member(struct store *s, uint64_t cluster, uint64_t seq, int64_t time_ms);

/* The moment that decides who was first: published, clipped to the week before it was seen. */
int64_t store_row_time(const struct row *row);

/* Reads; also see the rows of the open batch. NOT_FOUND for unknown, forgotten or expired.
 * Of matches[] the arena holds the arrays; names of the other side are resolved where still known.
 * of_seq and `of` are the cluster's earliest article as it is now, whoever came after this one.
 * The arena is never NULL. */
enum status store_get(struct store *s, struct row *out, uint64_t seq, struct arena *arena);
/* Only what comparison needs, no allocation beyond the arena's: tokens, paragraphs, masked,
 * verdict. {seq, version, cluster, site, source, id, kind, published}; for the hot path. */
enum status store_get_light(struct store *s, struct row *out, uint64_t seq, struct arena *arena);
/* The words of a row and what is left out of them, views and arrays as of store_get_light(). */
struct glimpse {
	const uint16_t *tokens;
	const struct masked *masked;
	uint32_t token_count, masked_count;
	struct span encoded; /* the row, for store_look_on() */
};
enum status store_glimpse(struct store *s, struct glimpse *out, uint64_t seq, struct arena *arena);
/* As store_get_light(), of the row that was glimpsed last; also beside the owner, of a reader's. */
enum status store_look_on(const struct store *s, struct row *out, uint64_t seq,
			  const struct glimpse *glimpse, struct arena *arena);
/* Asks for what store_prefetch() has to know of some rows. */
void store_expect(const struct store *s, const uint64_t *seqs, size_t count);
/* Asks for the memory of a row that will be read soon. */
void store_prefetch(const struct store *s, uint64_t seq);
/* The plain text of a row (decompressed into the arena). NOT_FOUND without keep_text. */
enum status store_text(struct store *s, struct span *out, uint64_t seq, struct arena *arena);
/* What texts are packed with now, for text_use(); NULL: nothing. The caller drops it. Any thread.
 */
struct dictionary *store_dictionary(struct store *s);
/* In order of seq from `from` on; fn false stops. `of` and the names of matches are not resolved;
 * what the arena gave for a row is taken back after it. */
typedef bool (*store_row_fn)(void *ctx, const struct row *row);
enum status store_each(struct store *s, uint64_t from, struct arena *arena, store_row_fn fn,
		       void *ctx);

/* The earliest member by time, then seq; NOT_FOUND for a cluster of one. */
enum status store_cluster_origin(struct store *s, uint64_t cluster, uint64_t *out_seq);
/* The earliest member that was there before article `seq`; NOT_FOUND when none is left. */
enum status store_cluster_former(struct store *s, uint64_t cluster, uint64_t seq,
				 uint64_t *out_seq);
/* Members in order of time, at most cap; returns how many there are. */
size_t store_cluster(struct store *s, uint64_t cluster, uint64_t *out, size_t cap);
/* Every cluster with at least two members; fn false stops. */
typedef bool (*store_cluster_fn)(void *ctx, uint64_t cluster, size_t members, int64_t newest_ms);
enum status store_each_cluster(struct store *s, store_cluster_fn fn, void *ctx);

/* ---- rows for a thread beside the owner's -----------------------------------------------------
 */

/* What is found lives from begin to end, which the owner may have to wait for: not for long. */
struct store_reader; /* opaque */
enum status store_reader_open(struct store_reader **out);
void store_reader_close(struct store_reader *r); /* accepts NULL; has ended */
enum status store_reader_begin(struct store_reader *r, struct store *s);
void store_reader_end(struct store_reader *r); /* also of one that is not begun */
/* Lets the owner go first where it waits; for between two reads. False: what was read before may
 * not be so any more, or, without memory, the reader has ended. */
bool store_reader_rest(struct store_reader *r);
/* How often rows were lost: forgotten, expired, set aside, taken back. A reader's between begin and
 * end. While it stays, what was read before is still so. */
uint64_t store_losses(const struct store *s);
/* As store_glimpse(); a row of the open batch may be NOT_FOUND. */
enum status store_reader_glimpse(struct store_reader *r, struct glimpse *out, uint64_t seq,
				 struct arena *arena);

/* ---- alerts and their consumers ------------------------------------------------------------- */

struct alert {
	uint64_t alert, seq;
	uint32_t why; /* verdict.h */
};
/* The first kept alert after `after`; NOT_FOUND when there is none. */
enum status store_next_alert(struct store *s, struct alert *out, uint64_t after);
/* Numbers of the oldest kept and the newest alert; 0, 0 when there never was one. When all have
 * expired oldest is newest + 1. */
void store_alert_range(struct store *s, uint64_t *out_oldest, uint64_t *out_newest);

struct consumer {
	struct span name; /* 1..64 of [A-Za-z0-9._-] */
	uint64_t acked;   /* the last alert acknowledged */
	int64_t seen_ms;  /* the last ack or creation */
};
/* Consumers live in meta; each call is a durable transaction of its own, outside any batch. */
enum status store_consumer(struct store *s, struct consumer *out, struct span name); /* NOT_FOUND */
enum status store_put_consumer(struct store *s, const struct consumer *c);
enum status store_delete_consumer(struct store *s, struct span name);
typedef bool (*store_consumer_fn)(void *ctx, const struct consumer *c);
enum status store_each_consumer(struct store *s, store_consumer_fn fn, void *ctx);

/* ---- deliveries and rejections -------------------------------------------------------------- */

struct delivery {
	uint64_t number;
	struct span path; /* source/...; below its root */
	uint64_t size;
	int64_t mtime_ns;
	uint64_t content[2]; /* XXH3-128 of the file's bytes */
	bool again;          /* refused for a reason that may pass: tried again at a rescan */
};
enum status store_put_delivery(struct store *s, struct delivery *d); /* assigns the number */
enum status store_delivery(struct store *s, struct delivery *out, uint64_t number);
typedef bool (*store_delivery_fn)(void *ctx, const struct delivery *d);
enum status store_each_delivery(struct store *s, uint64_t from, store_delivery_fn fn, void *ctx);

struct rejection {
	uint64_t number;
	struct span path;
	struct span why;
	int64_t when_ms;
};
enum status store_put_rejection(struct store *s, const struct rejection *r);
typedef bool (*store_rejection_fn)(void *ctx, const struct rejection *r);
enum status store_each_rejection(struct store *s, uint64_t from, store_rejection_fn fn, void *ctx);

/* ---- ageing and administration --------------------------------------------------------------- */

/* Expires whole epochs older than the retention or over the disk limit; also starts a new epoch
 * when the active one has its length. Outside a batch. *out_seq: everything up to it is gone (0:
 * nothing). */
enum status store_age(struct store *s, int64_t now_ms, uint64_t *out_seq);
/* Whether the disk has less room left than what is kept free for cursors, tombstones and the
 * index: 1 % of it, at least 64 MiB, at most an eighth. was: it had; then a quarter more is wanted,
 * so that one does not go to and fro. Never of a temporary store. One system call. */
bool store_short(const struct store *s, bool was);
/* The newest moment covered by an expired epoch, ms; INT64_MIN when none has expired. */
int64_t store_horizon(const struct store *s);
/* A tombstone: the row is no longer found by anything. Durable when it returns. Outside a batch. */
enum status store_forget(struct store *s, uint64_t seq);
/* The same for many rows in one durable step; NOT_FOUND (and nothing done) if one is unknown. */
enum status store_forget_all(struct store *s, const uint64_t *seqs, size_t count);
bool store_forgotten(const struct store *s, uint64_t seq);

/* An epoch that was found damaged, and is not written any more: closed and renamed *.damaged.
 * NOT_FOUND: there is none of that number, or it is the one in use. Outside a batch. */
enum status store_set_aside(struct store *s, uint32_t epoch);

/* What could not be read since store_mend(), by any thread: OK when all that was asked for was, or
 * is not there; DAMAGED when pages or rows were. What was judged meanwhile may have missed a match.
 */
enum status store_unread(const struct store *s);
/* Sets aside the epochs that were found damaged, as store_set_aside(); the one in use ends first.
 * All else is read anew. Outside a batch. */
enum status store_mend(struct store *s);

/* A named blob that is derived from rows up to `seq` (the chrome counts); in meta, durable. */
enum status store_put_snapshot(struct store *s, const char *name, uint64_t seq, struct span bytes);
enum status store_snapshot(struct store *s, const char *name, uint64_t *out_seq, struct span *out,
			   struct arena *arena);

struct store_totals {
	uint64_t articles; /* stored, live versions */
	uint64_t newest_seq;
	uint64_t oldest_seq;                  /* 0 when empty */
	uint64_t deliveries, newest_delivery; /* kept; number of the newest */
	uint64_t rejections;                  /* kept */
	uint64_t alerts;                      /* ever logged = number of the newest */
	uint64_t state_bytes;
	uint32_t epochs;
	uint32_t consumers;
	uint32_t damaged;      /* files set aside, now or earlier, and not yet removed by anybody */
	char damaged_name[48]; /* the first of them, below the state */
};
void store_totals(struct store *s, struct store_totals *out);
/* Where the index of this state keeps its runs; static for the store's life. */
const char *store_index_path(const struct store *s);

#endif
