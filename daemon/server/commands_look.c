/* SPDX-License-Identifier: BSD-2-Clause */
/* show, repeats: what is known of one stored article. */
#include "server/command.h"

#include <reprint/fingerprint.h>

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "server/paragraphs.h"
#include "store/store.h"
#include "wire/part.h"
#include "wire/reply.h"
#include "wire/verdict.h"

/* The member "parts": every paragraph with its fingerprint and its text where that is kept. */
static void put_parts(struct json *j, const struct lane_view *lane, const struct row *row)
{
	struct span text;

	if (store_text(lane->store, &text, row->verdict.seq, lane->arena) != STATUS_OK)
		text = (struct span){ NULL, 0 };
	json_key(j, "parts");
	json_open(j, '[');
	for (uint32_t i = 0; i < row->paragraph_count; i++) {
		struct part p;

		paragraph_describe(&p, row, i, lane->arena);
		p.text = text_next_line(&text);
		part_put(j, &p);
	}
	json_close(j, ']');
}

enum answer_step show_slice(struct answer *a, const struct lane_view *lane)
{
	struct row row;
	struct json j;

	if (!answer_row(a, lane, "id", &row))
		return ANSWER_DONE;
	j = answer_line(a);
	verdict_members(&j, &row.verdict);
	if (request_flag(a->request, "paragraphs"))
		put_parts(&j, lane, &row);
	reply_close(&j);
	return ANSWER_DONE;
}

enum answer_step repeats_slice(struct answer *a, const struct lane_view *lane)
{
	struct row row;
	struct json j;

	if (!answer_row(a, lane, "id", &row))
		return ANSWER_DONE;
	j = answer_line(a);
	json_put_text(&j, "id", row.verdict.id);
	json_put_number(&j, "words", row.verdict.words);
	json_put_number(&j, "paragraphs", row.verdict.paragraphs);
	verdict_repetition(&j, row.verdict.ratio, row.verdict.doubled, row.verdict.blocks,
			   row.verdict.block_count);
	put_parts(&j, lane, &row);
	reply_close(&j);
	return ANSWER_DONE;
}
