/* SPDX-License-Identifier: BSD-2-Clause */
/* show, matches, cluster, clusters, neighbours: questions about what is stored. */
#include "commands.h"

#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>

/* ---- show */

static void show_part(const struct value *part)
{
	const struct value *matched = value_of(part, "matched");
	uint64_t repeat_of = value_number_of(part, "repeat_of", 0);

	print_tone(TONE_FAINT);
	printf("%5llu  ", (unsigned long long)value_number_of(part, "n", 0));
	print_member(part, "simhash", 0);
	fputs("  ", stdout);
	print_member(part, "digest", 0);
	fputs("  ", stdout);
	if (value_flag(value_of(part, "chrome")))
		fputs("the site's own  ", stdout);
	if (repeat_of > 0)
		printf("again: %llu  ", (unsigned long long)repeat_of);
	for (size_t i = 0; i < value_count(matched); i++) {
		const struct value *m = value_at(matched, i);

		fputs("in ", stdout);
		print_member(m, "id", 0);
		fputs(" at ", stdout);
		print_range(value_of(m, "there"));
		fputs("  ", stdout);
	}
	print_tone(TONE_PLAIN);
	printf("\n       ");
	print_member(part, "text", 0);
	fputc('\n', stdout);
}

static void show_article(const struct value *line)
{
	const struct value *parts = value_of(line, "parts");

	print_verdict(line);
	for (size_t i = 0; i < value_count(parts); i++)
		show_part(value_at(parts, i));
}

int run_show(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	bool paragraphs = args_flag(a, "--paragraphs");
	struct json j;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	j = request_open(&request, "show");
	request_put_name(&j, "id", a->words[0]);
	if (paragraphs)
		json_put_flag(&j, "paragraphs", true);
	return session_list(s, &j, false, show_article, NULL);
}

/* ---- matches */

static void show_match(const struct value *line)
{
	uint64_t more = value_number_of(line, "more", 0);

	if (more > 0)
		printf("  and %llu more\n", (unsigned long long)more);
	else
		print_match(line);
}

int run_matches(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	struct json j;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	j = request_open(&request, "matches");
	request_put_name(&j, "id", a->words[0]);
	return session_list(s, &j, true, show_match, "no match");
}

/* ---- clusters */

static void show_member(const struct value *line)
{
	print_column(value_text_of(line, "published"), 24);
	fputc(' ', stdout);
	print_column(value_text_of(line, "verdict"), 8);
	fputc(' ', stdout);
	print_member(line, "id", 0);
	print_tone(TONE_FAINT);
	fputs("  ", stdout);
	print_member(line, "title", 70);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
}

int run_cluster(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	struct json j;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	j = request_open(&request, "cluster");
	request_put_name(&j, "id", a->words[0]);
	return session_list(s, &j, true, show_member, NULL);
}

static void show_cluster(const struct value *line)
{
	const struct value *sites = value_of(line, "sites");

	print_column(value_text_of(line, "cluster"), 10);
	printf("%6llu  ", (unsigned long long)value_number_of(line, "members", 0));
	print_member(line, "of", 0);
	print_tone(TONE_FAINT);
	for (size_t i = 0; i < value_count(sites); i++) {
		fputs(i == 0 ? "  (" : " ", stdout);
		print_text(value_text(value_at(sites, i)), 0);
	}
	if (value_count(sites) > 0)
		fputc(')', stdout);
	print_tone(TONE_PLAIN);
	fputs("  ", stdout);
	print_member(line, "title", 70);
	fputc('\n', stdout);
}

int run_clusters(struct session *s, struct args *a)
{
	const char *since = args_value(a, "--since");
	struct bytes request = { 0 };
	bool all = args_flag(a, "--all");
	uint64_t top;
	bool limited = args_number(a, "--top", &top);
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "clusters");
	if (limited)
		json_put_number(&j, "top", top);
	if (since != NULL)
		json_put_text(&j, "since", span_of_text(since));
	if (all)
		json_put_flag(&j, "all", true);
	return session_list(s, &j, true, show_cluster, "no cluster");
}

/* ---- neighbours */

static void show_neighbour(const struct value *line)
{
	uint64_t paragraph = value_number_of(line, "paragraph", 0);

	if (value_flag(value_of(line, "cut"))) {
		puts("there are more: ask for fewer bits");
		return;
	}
	printf("%2llu  ", (unsigned long long)value_number_of(line, "bits", 0));
	print_member(line, "simhash", 0);
	fputs("  ", stdout);
	print_member(line, "id", 0);
	if (paragraph > 0)
		printf("  paragraph %llu", (unsigned long long)paragraph);
	print_tone(TONE_FAINT);
	fputs("  ", stdout);
	if (paragraph == 0)
		print_member(line, "title", 70);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
}

int run_neighbours(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	bool paragraphs = args_flag(a, "--paragraphs");
	uint64_t bits;
	bool given = args_number(a, "--bits", &bits);
	struct json j;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	j = request_open(&request, "neighbours");
	request_put_name(&j, "id", a->words[0]);
	if (given)
		json_put_number(&j, "bits", bits);
	if (paragraphs)
		json_put_flag(&j, "paragraphs", true);
	return session_list(s, &j, true, show_neighbour, "no neighbour");
}
