/* SPDX-License-Identifier: BSD-2-Clause */
/* backup, verify, repair: reprintd beside the daemon reads the state, its output goes to the peer.
 *
 * repair is verify, and then the lane is told what was found. */
#include "server/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "index/index.h"
#include "server/client.h"
#include "server/helper.h"
#include "store/store.h"
#include "wire/reply.h"
#include "wire/value.h"

#define REPAIRS_MAX 64u

enum upkeep { UPKEEP_BACKUP, UPKEEP_VERIFY, UPKEEP_REPAIR };

/* What the lane is to do about one file. */
struct repair {
	char file[48];
	bool index;
};

/* One run of a helper, for one call. */
struct run {
	struct desk *desk;
	struct call *call; /* NULL: the peer is gone */
	struct helper *helper;
	enum upkeep kind;
	uint64_t bytes, problems;
	struct bytes line; /* that has not ended yet */
	struct repair repairs[REPAIRS_MAX];
	size_t repair_count;
};

static void release(struct run *r)
{
	r->desk->upkeep = false;
	bytes_free(&r->line);
	free(r);
}

static void on_gone(struct call *c)
{
	struct run *r = c->state;

	helper_close(r->helper);
	release(r);
	call_done(c);
}

static void on_room(struct call *c)
{
	struct run *r = c->state;

	helper_go_on(r->helper);
}

static void pass_on(struct run *r)
{
	struct call *c = r->call;

	call_send(c);
	if (call_full(c))
		helper_pause(r->helper);
}

/* ---- backup: a line that says how many bytes, and the bytes ---------------------------------- */

static void send_bytes(struct run *r, struct span piece)
{
	struct json j = reply_open(&r->call->out, request_tag(r->call->request));

	json_put_number(&j, "bytes", piece.len);
	reply_close(&j);
	put_bytes(&r->call->out, piece.p, piece.len);
	r->bytes += piece.len;
	pass_on(r);
}

static void end_backup(struct run *r, int code)
{
	struct call *c = r->call;
	struct json j;

	if (code != 0) {
		call_fail(c, "failed",
			  code < 0 ? "a damaged page ended the backup; reprint verify "
				     "says where, reprint repair sets it aside"
				   : "the backup failed; the daemon's log says why");
		return;
	}
	j = reply_open(&c->out, request_tag(c->request));
	json_put_number(&j, "total", r->bytes);
	json_put_flag(&j, "end", true);
	reply_close(&j);
	call_done(c);
}

/* ---- verify: each line of the helper's is a line of the reply -------------------------------- */

static void note_repair(struct run *r, const struct value *line)
{
	struct span file = value_text_of(line, "file"), remedy = value_text_of(line, "remedy");
	bool index = span_equal(remedy, span_of_text("index"));
	struct repair *to = &r->repairs[r->repair_count];

	r->problems += value_text_of(line, "problem").p != NULL;
	if (r->repair_count == REPAIRS_MAX || file.p == NULL || file.len >= sizeof to->file ||
	    (!index && !span_equal(remedy, span_of_text("set_aside"))))
		return;
	memcpy(to->file, file.p, file.len);
	to->index = index;
	r->repair_count++;
}

static void send_line(struct run *r, struct span line)
{
	struct json j;
	struct value *v;
	char why[64];

	if (line.len < 2 || value_parse(&v, why, sizeof why, line, 4) != STATUS_OK)
		return;
	note_repair(r, v);
	if (!value_flag(value_of(v, "end"))) {
		j = reply_open(&r->call->out, request_tag(r->call->request));
		put_bytes(j.out, ",", 1);
		put_bytes(j.out, line.p + 1, line.len - 2);
		reply_close(&j);
		pass_on(r);
	}
	value_free(v);
}

static void send_lines(struct run *r, struct span piece)
{
	const char *end;

	put_bytes(&r->line, piece.p, piece.len);
	while (!r->line.failed && (end = memchr(r->line.p, '\n', r->line.len)) != NULL) {
		size_t len = (size_t)(end - r->line.p);

		send_line(r, span_of(r->line.p, len));
		r->line.len -= len + 1;
		memmove(r->line.p, end + 1, r->line.len);
	}
}

static void end_verify(struct run *r, int code)
{
	struct call *c = r->call;
	struct json j;

	if (code < 0 || (code != 0 && r->problems == 0)) {
		call_fail(c, "failed", "the check ended early; the daemon's log says why");
		return;
	}
	j = reply_open(&c->out, request_tag(c->request));
	json_put_number(&j, "problems", r->problems);
	json_put_flag(&j, "end", true);
	reply_close(&j);
	call_done(c);
}

/* ---- repair ---------------------------------------------------------------------------------- */

struct repairing {
	size_t count;
	struct repair repairs[REPAIRS_MAX];
};

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
	const struct repairing *all = a->state;

	for (size_t i = 0; i < all->count; i++) {
		struct json j = answer_line(a);

		json_put_text(&j, "file", span_of_text(all->repairs[i].file));
		json_put_word(&j, "repaired", repair_one(&all->repairs[i], lane));
		reply_close(&j);
	}
	return answer_end(a);
}

static void end_repair(struct run *r, int code)
{
	struct call *c = r->call;
	struct repairing *all;
	struct answer *a;

	if (r->repair_count == 0) {
		end_verify(r, code);
		return;
	}
	a = answers_begin(r->desk->answers, c, repair_slice);
	if (a == NULL)
		return;
	all = answer_state(a, sizeof *all);
	if (all == NULL) {
		answers_drop(a, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	all->count = r->repair_count;
	memcpy(all->repairs, r->repairs, sizeof all->repairs);
	answers_ask(a);
}

/* ---- all three ------------------------------------------------------------------------------- */

static void on_piece(void *ctx, struct span piece)
{
	struct run *r = ctx;

	if (r->kind == UPKEEP_BACKUP)
		send_bytes(r, piece);
	else
		send_lines(r, piece);
}

static void on_ended(void *ctx, int code)
{
	static void (*const ends[])(struct run * r, int code) = { end_backup, end_verify,
								  end_repair };
	struct run *r = ctx;

	r->call->gone = NULL;
	r->call->room = NULL;
	ends[r->kind](r, code);
	release(r);
}

static void begin(struct desk *d, struct call *c, enum upkeep kind)
{
	char state[4200], map_size[64];
	const char *args[] = { "--set", state, "--set", map_size, NULL, NULL, NULL };
	struct helper_options o = {
		.loop = d->options.loop, .args = args, .piece = on_piece, .ended = on_ended
	};
	struct run *r;
	enum status st;

	if (d->upkeep || d->options.state == NULL) {
		call_fail(c, "busy", "another backup, verify or repair is under way");
		return;
	}
	snprintf(state, sizeof state, "state=%s", d->options.state);
	snprintf(map_size, sizeof map_size, "map_size=%" PRIu64, d->options.map_size);
	args[4] = kind == UPKEEP_BACKUP ? "--backup" : "--verify";
	args[5] = kind == UPKEEP_BACKUP ? NULL : "--json";
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		call_fail(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	*r = (struct run){ .desk = d, .call = c, .kind = kind };
	o.ctx = r;
	st = helper_open(&r->helper, &o);
	if (st != STATUS_OK) {
		free(r);
		call_fail(c, "failed", status_text(st));
		return;
	}
	d->upkeep = true;
	c->state = r;
	c->gone = on_gone;
	c->room = on_room;
}

void backup_begin(struct desk *d, struct call *c)
{
	begin(d, c, UPKEEP_BACKUP);
}

void verify_begin(struct desk *d, struct call *c)
{
	begin(d, c, UPKEEP_VERIFY);
}

void repair_begin(struct desk *d, struct call *c)
{
	begin(d, c, UPKEEP_REPAIR);
}
