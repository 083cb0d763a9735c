/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/part.h"

#include "wire/json.h"

uint32_t part_repeat_of(const struct repeat_block *blocks, uint32_t count, uint32_t n)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct repeat_block *b = &blocks[i];
		uint32_t at = n - b->again.from;

		if (n < b->again.from || n > b->again.to)
			continue;
		/* Near repeats may be a paragraph shorter than what they repeat. */
		return at > b->first.to - b->first.from ? b->first.to : b->first.from + at;
	}
	return 0;
}

static void put_matched(struct json *j, const struct part *p)
{
	json_key(j, "matched");
	json_open(j, '[');
	for (uint32_t i = 0; i < p->match_count; i++) {
		const struct match *m = &p->matches[i];

		for (uint32_t k = 0; k < m->passage_count; k++) {
			const struct passage *s = &m->passages[k];

			if (p->number < s->here.from || p->number > s->here.to)
				continue;
			json_open(j, '{');
			json_put_number(j, "seq", m->seq);
			json_put_text(j, "id", m->id);
			json_key(j, "there");
			json_open(j, '[');
			json_number(j, s->there.from);
			json_number(j, s->there.to);
			json_close(j, ']');
			json_close(j, '}');
		}
	}
	json_close(j, ']');
}

void part_put(struct json *j, const struct part *p)
{
	json_open(j, '{');
	json_put_number(j, "n", p->number);
	json_put_number(j, "words", p->words);
	json_put_hex(j, "simhash", p->simhash);
	json_put_hex(j, "digest", p->digest);
	json_put_flag(j, "chrome", p->chrome);
	json_key(j, "repeat_of");
	if (p->repeat_of == 0)
		json_null(j);
	else
		json_number(j, p->repeat_of);
	put_matched(j, p);
	json_put_text(j, "text", p->text);
	json_close(j, '}');
}
