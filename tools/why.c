/* SPDX-License-Identifier: BSD-2-Clause */
/* explain, near-misses, chrome: why something is a match, or not, or left out. */
#include "commands.h"

#include "local.h"
#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>
#include <unistd.h>

#define DEPTH_MAX 16

static unsigned long long number(const struct value *line, const char *key)
{
	return (unsigned long long)value_number_of(line, key, 0);
}

static void print_kind_of(const struct value *line, const char *key)
{
	print_tone(print_kind_tone(value_text_of(line, key)));
	print_member(line, key, 0);
	print_tone(TONE_PLAIN);
}

/* "resemblance 0.36, at least 0.40 (near_resemblance)". */
static void print_condition(const struct value *c)
{
	struct span unit = value_text_of(c, "unit"), limit = value_text_of(c, "limit");
	bool words = span_equal(unit, span_of_text("words"));
	bool count = span_equal(unit, span_of_text("count"));
	int digits = words || count ? 0 : 2;
	double value = value_share(value_of(c, "value"));

	print_member(c, "measure", 0);
	if (unit.p == NULL) {
		fputs(value_flag(value_of(c, "value")) ? " yes" : " no", stdout);
		return;
	}
	if (value >= 1e6)
		fputs(" endless", stdout);
	else
		printf(" %.*f%s", words && value < 100 ? 1 : digits, value, words ? " words" : "");
	printf(span_equal(limit, span_of_text("below")) ? ", below" : ", at least");
	printf(" %.*f (", digits, value_share(value_of(c, "threshold")));
	print_member(c, "key", 0);
	fputc(')', stdout);
}

/* ---- explain */

static void show_measured(const struct value *m)
{
	static const char *const shares[] = { "resemblance", "containment", "contained_by",
					      "numbers" };
	static const char *const words[] = { "longest_run_words",      "shared_words",
					     "whole_paragraphs_words", "quoted_words",
					     "here_kept_words",        "there_kept_words" };

	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
		printf("  %-24s %8.4f\n", shares[i], value_share(value_of(m, shares[i])));
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		printf("  %-24s %8.1f\n", words[i], value_share(value_of(m, words[i])));
	printf("  %-24s %8llu\n  %-24s %8llu\n", "number_count", number(m, "number_count"),
	       "passages", number(m, "passages"));
}

static void show_rule(const struct value *rule)
{
	const struct value *conditions = value_of(rule, "conditions");
	bool met = value_flag(value_of(rule, "met")), bars = value_flag(value_of(rule, "bars"));

	print_tone(met ? TONE_STRONG : TONE_FAINT);
	printf("  %s ", met ? "+" : "-");
	print_member(rule, "rule", 0);
	fputs(bars ? ": not " : ": ", stdout);
	print_member(rule, "kind", 0);
	if (value_flag(value_of(rule, "barred")))
		fputs(" (barred)", stdout);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
	for (size_t i = 0; i < value_count(conditions); i++) {
		const struct value *c = value_at(conditions, i);

		print_tone(value_flag(value_of(c, "met")) ? TONE_GOOD : TONE_FAINT);
		printf("      %s ", value_flag(value_of(c, "met")) ? "+" : "-");
		print_condition(c);
		print_tone(TONE_PLAIN);
		fputc('\n', stdout);
	}
}

static void show_tip(const struct value *tip)
{
	if (value_type(tip) != VALUE_OBJECT) {
		puts("No single threshold would have changed that: no number decides, or several "
		     "rules do.");
		return;
	}
	fputs("Nearest to another kind: ", stdout);
	print_condition(tip);
	fputs("\n  a threshold on the other side of that would have made it ", stdout);
	print_kind_of(tip, "verdict");
	fputc('\n', stdout);
}

static void show_explanation(const struct value *line)
{
	const struct value *rules = value_of(line, "rules");
	struct span stored = value_text_of(line, "stored");

	print_member(value_of(line, "here"), "id", 0);
	fputs(" is ", stdout);
	print_kind_of(line, "verdict");
	fputs(" to ", stdout);
	print_member(value_of(line, "there"), "id", 0);
	fputs(": ", stdout);
	print_member(line, "rule", 0);
	fputs("\n  relation ", stdout);
	print_member(line, "relation", 0);
	fputs(value_flag(value_of(line, "sites_known")) ? "" : ", a site is not known", stdout);
	if (stored.p != NULL || value_of(line, "stored") != NULL) {
		fputs(", stored as ", stdout);
		print_text(stored.p != NULL ? stored : span_of_text("no match"), 0);
	}
	fputc('\n', stdout);
	show_measured(value_of(line, "measured"));
	puts("Rules, the first that is met decides:");
	for (size_t i = 0; i < value_count(rules); i++)
		show_rule(value_at(rules, i));
	show_tip(value_of(line, "tip"));
}

static bool on_explanation(void *ctx, const struct reply *r, struct span raw)
{
	const struct session *s = ctx;

	if (s->cli.json)
		session_put_raw(raw);
	else
		show_explanation(r->line);
	return false;
}

static int explain_files(const struct session *s, const char *here, const char *there)
{
	struct bytes out = { 0 };
	struct value *line;
	char why[128];
	int code = local_explain(&out, here, there);

	if (code == CLI_OK && s->cli.json) {
		fwrite(out.p, 1, out.len, stdout);
		fputc('\n', stdout);
	} else if (code == CLI_OK &&
		   value_parse(&line, why, sizeof why, bytes_span(&out), DEPTH_MAX) == STATUS_OK) {
		show_explanation(line);
		value_free(line);
	} else if (code == CLI_OK) {
		code = session_error(s, "%s", why);
	}
	bytes_free(&out);
	return code;
}

int run_explain(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, 2, 2))
		return session_usage(s, a);
	if (access(a->words[0], F_OK) == 0 && access(a->words[1], F_OK) == 0)
		return explain_files(s, a->words[0], a->words[1]);
	j = request_open(&request, "explain");
	request_put_name(&j, "a", a->words[0]);
	request_put_name(&j, "b", a->words[1]);
	code = session_ask(s, &j, span_of("", 0), false, on_explanation, s);
	bytes_free(&request);
	return code;
}

/* ---- near-misses and chrome: streams */

static void show_miss(const struct value *line)
{
	print_tone(TONE_FAINT);
	print_member(line, "when", 0);
	print_tone(TONE_PLAIN);
	fputs("  ", stdout);
	print_kind_of(line, "verdict");
	fputs(", almost ", stdout);
	print_kind_of(line, "almost");
	fputs(": ", stdout);
	print_condition(line);
	fputs("\n  ", stdout);
	print_member(value_of(line, "here"), "id", 0);
	fputs(" ~ ", stdout);
	print_member(value_of(line, "there"), "id", 0);
	fputs("  alike ", stdout);
	print_share(value_share(value_of(line, "resemblance")));
	fputs(", of the first ", stdout);
	print_share(value_share(value_of(line, "containment")));
	fputs(", of the second ", stdout);
	print_share(value_share(value_of(line, "contained_by")));
	printf(", %.0f words in one piece\n", value_share(value_of(line, "longest_run_words")));
}

int run_near_misses(struct session *s, struct args *a)
{
	const char *since = args_value(a, "--since");
	struct bytes request = { 0 };
	uint64_t top;
	bool limited = args_number(a, "--top", &top);
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "near_misses");
	if (since != NULL)
		json_put_text(&j, "since", span_of_text(since));
	if (limited)
		json_put_number(&j, "top", top);
	return session_list(s, &j, true, show_miss, "nothing almost matched");
}

static void show_chrome(const struct value *line)
{
	struct span site = value_text_of(line, "site");
	struct span why = value_text_of(line, "why");
	double below = value_share(value_of(line, "short_below_words"));
	double weight = value_share(value_of(line, "weight"));
	unsigned long long since = number(line, "articles_since");

	if (site.p != NULL) {
		print_tone(TONE_STRONG);
		print_text(site, 0);
		print_tone(TONE_PLAIN);
		printf(": %llu articles counted, %llu lines; lines below %.0f words are no text\n",
		       number(line, "articles"), number(line, "lines"), below);
		return;
	}
	printf("  in %5llu of %-5llu  ", number(line, "seen_in"), number(line, "of"));
	print_tone(TONE_FAINT);
	if (value_flag(value_of(line, "left_out")))
		printf("%-5.*s  ", (int)why.len, why.p);
	else if (weight >= (double)number(line, "enough"))
		fputs("(kept: in less than half of the articles)  ", stdout);
	else
		printf("(kept: %.1f lately, %llu needed)  ", weight, number(line, "enough"));
	if (since > 0)
		printf("(not in the last %llu)  ", since);
	print_tone(TONE_PLAIN);
	if (value_text_of(line, "text").p != NULL)
		print_member(line, "text", 100);
	else
		fputs("(its words are not kept any more)", stdout);
	fputc('\n', stdout);
}

int run_chrome(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	struct json j;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	j = request_open(&request, "chrome");
	request_put_name(&j, "site", a->words[0]);
	return session_list(s, &j, true, show_chrome, "nothing");
}
