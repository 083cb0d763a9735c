/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/explain.h"

#include "detect/compare.h"
#include "detect/judge.h"
#include "wire/json.h"

static const char *const units[] = { [JUDGE_FLAG] = "flag",
				     [JUDGE_SHARE] = "share",
				     [JUDGE_UNITS] = "words",
				     [JUDGE_COUNT] = "count",
				     [JUDGE_TIMES] = "times" };

static double told(const struct judge_condition *c, double value)
{
	return c->unit == JUDGE_UNITS ? value / 2 : value;
}

void explain_condition(struct json *j, const struct judge_condition *c)
{
	json_put_word(j, "measure", c->name);
	if (c->unit == JUDGE_FLAG) {
		json_put_flag(j, "value", c->value > 0);
		return;
	}
	json_put_share(j, "value", told(c, c->value));
	json_put_word(j, "limit", c->below ? "below" : "at_least");
	json_put_share(j, "threshold", told(c, c->threshold));
	json_put_word(j, "key", c->key);
	json_put_word(j, "unit", units[c->unit]);
	json_put_word(j, "meaning", c->meaning);
}

static void put_measured(struct json *j, const struct comparison *c, const struct acquaintance *a)
{
	json_key(j, "measured");
	json_open(j, '{');
	json_put_share(j, "resemblance", c->resemblance);
	json_put_share(j, "containment", c->containment);
	json_put_share(j, "contained_by", c->contained_by);
	json_put_share(j, "span", c->span);
	json_put_share(j, "span_there", c->span_there);
	json_key(j, "titles");
	if (a->titles_known)
		json_share(j, a->titles);
	else
		json_null(j);
	json_put_share(j, "opening_words", c->opening_units / 2.0);
	json_put_share(j, "longest_run_words", c->longest_units / 2.0);
	json_put_share(j, "shared_words", c->shared_units / 2.0);
	json_put_share(j, "whole_paragraphs_words", c->whole_units / 2.0);
	json_put_share(j, "quoted_words", c->quoted_units / 2.0);
	json_put_number(j, "number_count", c->number_count);
	json_put_share(j, "numbers", c->numbers);
	json_put_share(j, "aligned", c->aligned);
	json_put_share(j, "aligned_span", c->aligned_span);
	json_put_share(j, "words_changed", c->words_changed);
	json_put_share(j, "numbers_changed", c->numbers_changed);
	json_put_number(j, "figures_kept", c->figures_kept);
	json_put_number(j, "figures_replaced", c->figures_replaced);
	json_put_flag(j, "same_words", c->same);
	json_put_number(j, "passages", c->passage_count);
	json_put_share(j, "here_kept_words", a->here_units / 2.0);
	json_put_share(j, "there_kept_words", a->there_units / 2.0);
	json_close(j, '}');
}

static void put_step(struct json *j, const struct judge_step *s)
{
	json_open(j, '{');
	json_put_word(j, "rule", s->rule);
	json_put_word(j, "kind", kind_text(s->kind));
	json_put_flag(j, "bars", s->bars);
	json_put_flag(j, "barred", s->barred);
	json_put_flag(j, "met", s->met);
	json_key(j, "conditions");
	json_open(j, '[');
	for (uint32_t i = 0; i < s->count; i++) {
		json_open(j, '{');
		explain_condition(j, &s->conditions[i]);
		json_put_flag(j, "met", s->conditions[i].met);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void put_tip(struct json *j, const struct judge_reason *r)
{
	json_key(j, "tip");
	if (!r->tips) {
		json_null(j);
		return;
	}
	json_open(j, '{');
	json_put_word(j, "verdict", kind_text(r->tipped));
	json_put_word(j, "rule", r->tip_rule);
	explain_condition(j, &r->tip);
	json_close(j, '}');
}

void explain_members(struct json *j, const struct comparison *c, const struct acquaintance *a,
		     const struct judge_reason *r, bool too_short)
{
	bool decides = too_short && !a->same_work;

	json_put_word(j, "verdict", kind_text(decides ? KIND_SHORT : r->kind));
	json_put_word(j, "rule", decides ? "too little text to judge" : r->rule);
	json_put_word(j, "relation", relation_text(a->relation));
	json_put_flag(j, "sites_known", a->sites_known);
	json_put_flag(j, "same_work", a->same_work);
	put_measured(j, c, a);
	json_key(j, "rules");
	json_open(j, '[');
	for (uint32_t i = 0; i < r->count; i++)
		put_step(j, &r->steps[i]);
	json_close(j, ']');
	put_tip(j, r);
}
