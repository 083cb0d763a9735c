/* SPDX-License-Identifier: BSD-2-Clause */
/* repeats: what an article says twice, paragraph by paragraph; a stored one's is the daemon's to
 * say. */
#include "commands.h"

#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ALERT_RATIO 0.2 /* the daemon's default: from here on it is worth telling */

struct repeating {
	struct session *session;
	bool found;
};

static void show_part(const struct value *part)
{
	uint64_t of = value_number_of(part, "repeat_of", 0);

	print_tone(of > 0 ? TONE_WARM : TONE_PLAIN);
	printf("%5llu ", (unsigned long long)value_number_of(part, "n", 0));
	if (of > 0)
		printf("= %-5llu ", (unsigned long long)of);
	else
		fputs("        ", stdout);
	print_member(part, "text", 100);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
}

static void show_repeats(const struct value *line)
{
	const struct value *r = value_of(line, "repetition"), *parts = value_of(line, "parts");
	double ratio = value_share(value_of(r, "ratio"));

	print_tone(TONE_STRONG);
	print_member(line, "id", 0);
	print_tone(TONE_PLAIN);
	printf(": %llu words in %llu paragraphs, ",
	       (unsigned long long)value_number_of(line, "words", 0),
	       (unsigned long long)value_number_of(line, "paragraphs", 0));
	print_share(ratio);
	printf(" said again%s\n", value_flag(value_of(r, "doubled")) ? ", doubled" : "");
	print_blocks(r);
	if (ratio <= 0 && value_count(value_of(r, "blocks")) == 0)
		return;
	for (size_t i = 0; i < value_count(parts); i++)
		show_part(value_at(parts, i));
}

static bool on_reply(void *ctx, const struct reply *reply, struct span raw)
{
	struct repeating *r = ctx;

	if (r->session->cli.json)
		session_put_raw(raw);
	else
		show_repeats(reply->line);
	r->found |=
		value_share(value_of(value_of(reply->line, "repetition"), "ratio")) >= ALERT_RATIO;
	return false;
}

static int repeats_of_id(struct session *s, const char *id)
{
	struct repeating r = { .session = s };
	struct bytes request = { 0 }, what = { 0 };
	struct json j = request_open(&request, "repeats");
	int code;

	request_put_name(&j, "id", id);
	/* Whichever was meant is told. */
	put_format(&what, "%s: no such file; as an ID", id);
	put_u8(&what, 0);
	s->what = what.failed ? id : what.p;
	code = session_ask(s, &j, span_of("", 0), false, on_reply, &r);
	s->what = "repeats";
	bytes_free(&what);
	bytes_free(&request);
	return code == CLI_OK && r.found ? CLI_FOUND : code;
}

static int repeats_of_file(const struct session *s, char *path)
{
	char name[] = "reprint: repeats", end[] = "--";
	char *argv[] = { name, end, path, NULL };

	return local_repeats(&s->cli, 3, argv);
}

int run_repeats(struct session *s, struct args *a)
{
	int code = CLI_OK;

	if (!args_rest(a, 1, -1))
		return session_usage(s, a);
	for (int i = 0; i < a->count; i++) {
		bool file = strcmp(a->words[i], "-") == 0 || access(a->words[i], F_OK) == 0;
		int one = file ? repeats_of_file(s, a->words[i]) : repeats_of_id(s, a->words[i]);

		code = one > code ? one : code;
	}
	return code;
}
