/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/verdict.h"

#include "base/bytes.h"
#include "wire/json.h"

#include <stdio.h>

const char *kind_text(enum kind kind)
{
	static const char *const texts[] = {
#define KIND_TEXT(name, text) [KIND_##name] = (text),
		KIND_LIST(KIND_TEXT)
#undef KIND_TEXT
	};

	return (unsigned)kind < KIND_COUNT ? texts[kind] : "unknown";
}

const char *relation_text(enum relation relation)
{
	static const char *const texts[] = { "self", "same_site", "cross_site" };

	return (unsigned)relation < RELATION_COUNT ? texts[relation] : "unknown";
}

static void put_range(struct json *j, const char *key, struct paragraph_range range)
{
	json_key(j, key);
	json_open(j, '[');
	json_number(j, range.from);
	json_number(j, range.to);
	json_close(j, ']');
}

/* A number where 0 stands for none. */
static void put_seq(struct json *j, const char *key, uint64_t seq)
{
	json_key(j, key);
	if (seq == 0)
		json_null(j);
	else
		json_number(j, seq);
}

void verdict_cluster(struct json *j, const char *key, uint64_t cluster)
{
	char name[24];

	json_key(j, key);
	if (cluster == 0) {
		json_null(j);
		return;
	}
	snprintf(name, sizeof name, "c%llu", (unsigned long long)cluster);
	json_word(j, name);
}

void verdict_repetition(struct json *j, double ratio, bool doubled,
			const struct repeat_block *blocks, uint32_t count)
{
	json_key(j, "repetition");
	json_open(j, '{');
	json_put_share(j, "ratio", ratio);
	json_put_flag(j, "doubled", doubled);
	json_key(j, "blocks");
	json_open(j, '[');
	for (uint32_t i = 0; i < count; i++) {
		json_open(j, '{');
		put_range(j, "first", blocks[i].first);
		put_range(j, "again", blocks[i].again);
		json_put_number(j, "words", blocks[i].words);
		json_put_share(j, "similarity", blocks[i].similarity);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void put_passages(struct json *j, const struct match *m)
{
	json_key(j, "paragraphs");
	json_open(j, '[');
	for (uint32_t i = 0; i < m->passage_count; i++) {
		json_open(j, '{');
		put_range(j, "here", m->passages[i].here);
		put_range(j, "there", m->passages[i].there);
		json_put_number(j, "words", m->passages[i].words);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void verdict_match_members(struct json *j, const struct match *m)
{
	json_put_number(j, "seq", m->seq);
	json_put_text(j, "id", m->id);
	json_put_text(j, "site", m->site);
	json_put_text(j, "url", m->url);
	json_put_text(j, "title", m->title);
	json_put_text(j, "published", m->published);
	json_put_word(j, "relation", relation_text(m->relation));
	json_put_word(j, "kind", kind_text(m->kind));
	json_put_share(j, "resemblance", m->resemblance);
	json_put_share(j, "containment", m->containment);
	json_put_share(j, "contained_by", m->contained_by);
	put_passages(j, m);
}

void verdict_matches(struct json *j, const struct match *matches, uint32_t count, uint32_t more)
{
	json_key(j, "matches");
	json_open(j, '[');
	for (uint32_t i = 0; i < count; i++) {
		json_open(j, '{');
		verdict_match_members(j, &matches[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	if (more > 0)
		json_put_number(j, "more", more);
}

static void put_names(struct json *j, const struct verdict *v)
{
	json_put_text(j, "id", v->id);
	json_put_text(j, "source", v->source);
	json_put_text(j, "site", v->site);
	json_put_text(j, "file", v->file);
	json_put_text(j, "url", v->url);
	json_put_text(j, "title", v->title);
	json_put_text(j, "published", v->published);
	json_key(j, "seen");
	json_moment(j, v->seen_ms);
}

void verdict_members(struct json *j, const struct verdict *v)
{
	json_put_number(j, "v", VERDICT_FORMAT);
	json_put_number(j, "algo", VERDICT_ALGORITHM);
	put_seq(j, "seq", v->seq);
	json_put_number(j, "version", v->version);
	put_seq(j, "revises", v->revises);
	put_names(j, v);
	json_put_number(j, "words", v->words);
	json_put_number(j, "paragraphs", v->paragraphs);
	json_put_number(j, "chrome", v->chrome);
	json_put_hex(j, "simhash", v->simhash);
	json_key(j, "digest");
	json_hex(j, v->digest, 2);
	json_put_word(j, "verdict", kind_text(v->kind));
	json_put_text(j, "of", v->of);
	verdict_cluster(j, "cluster", v->cluster);
	verdict_repetition(j, v->ratio, v->doubled, v->blocks, v->block_count);
	verdict_matches(j, v->matches, v->match_count, v->more);
}

void verdict_alert_members(struct json *j, uint64_t alert, uint32_t why, struct span former)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} words[] = { { WHY_DOUBLED, "doubled" },
		      { WHY_REPEATS, "repeats" },
		      { WHY_SAME_SITE, "same_site" },
		      { WHY_ORIGIN, "origin" },
		      { WHY_ALL, "all" } };

	json_put_number(j, "alert", alert);
	json_key(j, "why");
	json_open(j, '[');
	for (unsigned kind = KIND_COUNT; kind-- > 0;)
		if ((why & 1u << kind) != 0)
			json_word(j, kind_text((enum kind)kind));
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if ((why & words[i].bit) != 0)
			json_word(j, words[i].word);
	json_close(j, ']');
	if ((why & WHY_ORIGIN) != 0) {
		json_put_word(j, "event", "origin");
		json_put_text(j, "former", former);
	}
}

void verdict_put(struct bytes *out, const struct verdict *v)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	verdict_members(&j, v);
	json_close(&j, '}');
	put_bytes(out, "\n", 1);
}

void verdict_put_alert(struct bytes *out, const struct verdict *v, uint64_t alert, uint32_t why,
		       struct span former)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	verdict_members(&j, v);
	verdict_alert_members(&j, alert, why, former);
	json_close(&j, '}');
	put_bytes(out, "\n", 1);
}
