/* SPDX-License-Identifier: BSD-2-Clause */
/* backup, verify, repair, purge: reprintd beside the daemon reads the state, its output goes to the
 * peer.
 *
 * repair is verify, and then the lane is told what was found. */
#include "server/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "index/index.h"
#include "server/client.h"
#include "server/upkeep.h"
#include "store/purge.h"
#include "store/store.h"
#include "wire/reply.h"
#include "wire/value.h"

/* ---- backup: a line that says how many bytes, and the bytes ---------------------------------- */

struct backup {
	uint64_t bytes;
};

static void send_bytes(struct upkeep *u, struct span piece)
{
	struct backup *b = u->own;
	struct json j = reply_open(&u->call->out, request_tag(u->call->request));

	json_put_number(&j, "bytes", piece.len);
	reply_close(&j);
	put_bytes(&u->call->out, piece.p, piece.len);
	b->bytes += piece.len;
	upkeep_send(u);
}

static void end_backup(struct upkeep *u, int code)
{
	const struct backup *b = u->own;
	struct json j;

	if (code != 0) {
		call_fail(u->call, "failed",
			  code < 0 ? "a damaged page ended the backup; reprint verify says where"
				   : "the backup failed; the daemon's log says why");
		return;
	}
	j = reply_open(&u->call->out, request_tag(u->call->request));
	json_put_number(&j, "total", b->bytes);
	json_put_flag(&j, "end", true);
	reply_close(&j);
	call_done(u->call);
}

void backup_begin(struct desk *d, struct call *c)
{
	static const struct upkeep_kind kind = { "--backup", NULL, send_bytes, end_backup,
						 sizeof(struct backup) };

	upkeep_begin(d, c, &kind);
}

/* ---- verify: each line of the helper's is a line of the reply -------------------------------- */

#define REPAIRS_MAX 64u

/* What the lane is to do about one file. */
struct repair {
	char file[48];
	bool index;
};

struct checked {
	uint64_t problems;
	size_t count;
	struct repair repairs[REPAIRS_MAX];
};

static void note_repair(struct checked *k, const struct value *object)
{
	struct span file = value_text_of(object, "file"), remedy = value_text_of(object, "remedy");
	bool index = span_equal(remedy, span_of_text("index"));
	struct repair *to = &k->repairs[k->count];

	k->problems += value_text_of(object, "problem").p != NULL;
	if (k->count == REPAIRS_MAX || file.p == NULL || file.len >= sizeof to->file ||
	    (!index && !span_equal(remedy, span_of_text("set_aside"))))
		return;
	memcpy(to->file, file.p, file.len);
	to->index = index;
	k->count++;
}

static void send_line(struct upkeep *u, struct span line, const struct value *object)
{
	struct json j;

	note_repair(u->own, object);
	if (value_flag(value_of(object, "end")))
		return;
	j = reply_open(&u->call->out, request_tag(u->call->request));
	put_bytes(j.out, ",", 1);
	put_bytes(j.out, line.p + 1, line.len - 2);
	reply_close(&j);
	upkeep_send(u);
}

static void send_lines(struct upkeep *u, struct span piece)
{
	upkeep_lines(u, piece, send_line);
}

static void end_verify(struct upkeep *u, int code)
{
	const struct checked *k = u->own;
	struct json j;

	if (code < 0 || (code != 0 && k->problems == 0)) {
		call_fail(u->call, "failed", "the check ended early; the daemon's log says why");
		return;
	}
	j = reply_open(&u->call->out, request_tag(u->call->request));
	json_put_number(&j, "problems", k->problems);
	json_put_flag(&j, "end", true);
	reply_close(&j);
	call_done(u->call);
}

void verify_begin(struct desk *d, struct call *c)
{
	static const struct upkeep_kind kind = { "--verify", "--json", send_lines, end_verify,
						 sizeof(struct checked) };

	upkeep_begin(d, c, &kind);
}

/* ---- repair ---------------------------------------------------------------------------------- */

static const char *repair_one(const struct repair *r, const struct lane_view *lane)
{
	uint32_t number;

	if (r->index) {
		index_distrust(lane->index, r->file);
		return "being made again from the articles";
	}
	if (sscanf(r->file, "epochs/%" SCNu32, &number) == 1 &&
	    store_set_aside(lane->store, number) == STATUS_OK)
		return "set aside, the rest serves";
	return "in use: stop reprintd, then reprintd --repair";
}

static enum answer_step repair_slice(struct answer *a, const struct lane_view *lane)
{
	const struct checked *k = a->state;

	for (size_t i = 0; i < k->count; i++) {
		struct json j = answer_line(a);

		json_put_text(&j, "file", span_of_text(k->repairs[i].file));
		json_put_word(&j, "repaired", repair_one(&k->repairs[i], lane));
		reply_close(&j);
	}
	return answer_end(a);
}

/* What the helper found goes to the lane. */
static void hand_on(struct upkeep *u, answer_fn slice, size_t own_bytes)
{
	struct answer *a = answers_begin(u->desk->answers, u->call, slice);
	void *state;

	if (a == NULL)
		return;
	state = answer_state(a, own_bytes);
	if (state == NULL) {
		answers_drop(a, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	memcpy(state, u->own, own_bytes);
	answers_ask(a);
}

static void end_repair(struct upkeep *u, int code)
{
	const struct checked *k = u->own;

	if (k->count == 0)
		end_verify(u, code);
	else
		hand_on(u, repair_slice, sizeof *k);
}

void repair_begin(struct desk *d, struct call *c)
{
	static const struct upkeep_kind kind = { "--verify", "--json", send_lines, end_repair,
						 sizeof(struct checked) };

	upkeep_begin(d, c, &kind);
}

/* ---- purge: epochs written anew without what was forgotten ----------------------------------- */

#define PURGES_MAX 1024u

struct purging {
	bool renewing; /* the index gives up its runs first */
	size_t count;
	struct purged purges[PURGES_MAX];
};

static void note_purge(struct upkeep *u, struct span line, const struct value *object)
{
	struct purging *p = u->own;
	struct purged *to = &p->purges[p->count];

	(void)line;
	if (p->count == PURGES_MAX)
		return;
	to->epoch = (uint32_t)value_number_of(object, "epoch", 0);
	to->writer = (uint32_t)value_number_of(object, "writer", 0);
	to->first = value_number_of(object, "first", 0);
	to->last = value_number_of(object, "last", 0);
	p->count += to->epoch != 0;
}

static void note_purges(struct upkeep *u, struct span piece)
{
	upkeep_lines(u, piece, note_purge);
}

/* Epochs that were not taken stay as they are, and serve. */
static enum answer_step purge_failed(struct answer *a, const struct lane_view *lane,
				     const char *what, enum status st)
{
	const struct purging *p = a->state;

	for (size_t i = 0; i < p->count; i++)
		purge_drop(lane->store, &p->purges[i]);
	return answer_fail(a, "failed",
			   "%s: %s; the bytes stay for now, reprint forget --now tries again", what,
			   status_text(st));
}

/* First the postings, then the rows: should we die between, the rows are found again. */
static enum answer_step purge_slice(struct answer *a, const struct lane_view *lane)
{
	struct purging *p = a->state;
	enum status st;
	struct json j;

	for (size_t i = 0; i < p->count && !p->renewing; i++)
		index_renew(lane->index, p->purges[i].first, p->purges[i].last);
	p->renewing = true;
	st = index_settled(lane->index);
	if (st == STATUS_BUSY)
		return ANSWER_WAIT;
	if (st != STATUS_OK)
		return purge_failed(a, lane, "the index is not written", st);
	for (size_t i = 0; i < p->count; i++) {
		st = purge_take(lane->store, &p->purges[i]);
		if (st != STATUS_OK && st != STATUS_NOT_FOUND)
			return purge_failed(a, lane, "an epoch is not taken", st);
	}
	j = answer_line(a);
	json_put_number(&j, "purged", p->count);
	reply_close(&j);
	return ANSWER_DONE;
}

static void end_purge(struct upkeep *u, int code)
{
	if (code != 0)
		call_fail(u->call, "failed",
			  "an epoch could not be written anew; the daemon's log "
			  "says why, reprint forget --now tries again");
	else
		hand_on(u, purge_slice, sizeof(struct purging));
}

void purge_begin(struct desk *d, struct call *c)
{
	static const struct upkeep_kind kind = { "--purge", NULL, note_purges, end_purge,
						 sizeof(struct purging) };

	upkeep_begin(d, c, &kind);
}
