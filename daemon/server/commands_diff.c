/* SPDX-License-Identifier: BSD-2-Clause */
/* diff: two articles side by side. The shares are those of a verdict (without chrome and internal
 * repeats); the passages are of the whole texts, because a person compares what stands there. */
#include "server/command.h"

#include "base/arena.h"
#include "detect/pair.h"
#include "server/paragraphs.h"
#include "store/store.h"
#include "wire/part.h"
#include "wire/reply.h"

static enum status kept_row(struct kept *out, const struct row *row, bool masked,
			    struct arena *arena)
{
	struct row whole = *row;

	if (!masked)
		whole.masked_count = 0;
	return store_kept(out, &whole, arena);
}

static enum status compare_rows(struct comparison *out, const struct row *a, const struct row *b,
				bool masked, struct arena *arena)
{
	struct kept here, there;
	enum status st = kept_row(&here, a, masked, arena);

	if (st == STATUS_OK)
		st = kept_row(&there, b, masked, arena);
	return st == STATUS_OK ? pair_compare(out, &here, &there, arena) : st;
}

static void put_side(struct json *j, const char *key, const struct lane_view *lane,
		     const struct row *row)
{
	const struct verdict *v = &row->verdict;
	struct span text;

	if (store_text(lane->store, &text, v->seq, lane->arena) != STATUS_OK)
		text = (struct span){ NULL, 0 };
	json_key(j, key);
	json_open(j, '{');
	json_put_number(j, "seq", v->seq);
	json_put_text(j, "id", v->id);
	json_put_text(j, "site", v->site);
	json_put_text(j, "title", v->title);
	json_put_text(j, "published", v->published);
	json_put_number(j, "words", v->words);
	json_key(j, "parts");
	json_open(j, '[');
	for (uint32_t i = 0; i < row->paragraph_count; i++) {
		struct part p;

		paragraph_describe(&p, row, i, lane->arena);
		p.text = text_next_line(&text);
		p.match_count = 0;
		part_put(j, &p);
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void put_shared(struct json *j, const struct comparison *c)
{
	json_key(j, "shared");
	json_open(j, '[');
	for (uint32_t i = 0; i < c->passage_count; i++) {
		const struct passage *p = &c->passages[i];

		json_open(j, '{');
		json_key(j, "here");
		json_open(j, '[');
		json_number(j, p->here.from);
		json_number(j, p->here.to);
		json_close(j, ']');
		json_key(j, "there");
		json_open(j, '[');
		json_number(j, p->there.from);
		json_number(j, p->there.to);
		json_close(j, ']');
		json_put_number(j, "words", p->words);
		json_close(j, '}');
	}
	json_close(j, ']');
}

enum answer_step diff_slice(struct answer *a, const struct lane_view *lane)
{
	struct comparison judged, whole;
	struct row here, there;
	struct json j;
	enum status st;

	if (!answer_row(a, lane, "a", &here) || !answer_row(a, lane, "b", &there))
		return ANSWER_DONE;
	st = compare_rows(&judged, &here, &there, true, lane->arena);
	if (st == STATUS_OK)
		st = compare_rows(&whole, &here, &there, false, lane->arena);
	if (st != STATUS_OK)
		return answer_fail(a, "failed", "%s", status_text(st));
	j = answer_line(a);
	json_put_share(&j, "resemblance", judged.resemblance);
	json_put_share(&j, "containment", judged.containment);
	json_put_share(&j, "contained_by", judged.contained_by);
	put_shared(&j, &whole);
	put_side(&j, "a", lane, &here);
	put_side(&j, "b", lane, &there);
	reply_close(&j);
	return ANSWER_DONE;
}
