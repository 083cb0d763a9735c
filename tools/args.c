/* SPDX-License-Identifier: BSD-2-Clause */
#include "args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void args_init(struct args *a, int count, char **words)
{
	*a = (struct args){ .count = count, .words = words, .options = count };
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "--") != 0)
			continue;
		a->options = i;
		memmove(words + i, words + i + 1, (size_t)(count - i - 1) * sizeof *words);
		a->count--;
		break;
	}
}

static void take_out(struct args *a, int at)
{
	memmove(a->words + at, a->words + at + 1, (size_t)(a->count - at - 1) * sizeof *a->words);
	a->count--;
	if (at < a->options)
		a->options--;
}

bool args_flag(struct args *a, const char *option)
{
	for (int i = 0; i < a->options; i++) {
		if (strcmp(a->words[i], option) == 0) {
			take_out(a, i);
			args_flag(a, option); /* said twice is said */
			return true;
		}
	}
	return false;
}

const char *args_value(struct args *a, const char *option)
{
	size_t len = strlen(option);

	for (int i = 0; i < a->options; i++) {
		const char *value = a->words[i];

		if (strncmp(value, option, len) != 0)
			continue;
		if (value[len] == '=') {
			take_out(a, i);
			return value + len + 1;
		}
		if (value[len] != '\0')
			continue;
		take_out(a, i);
		if (i >= a->options) {
			snprintf(a->why, sizeof a->why, "%s needs a value", option);
			return NULL;
		}
		value = a->words[i];
		take_out(a, i);
		return value;
	}
	return NULL;
}

bool args_whole(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out <= INT64_MAX;
}

bool args_number(struct args *a, const char *option, uint64_t *out)
{
	const char *text = args_value(a, option);

	if (text == NULL)
		return false;
	if (args_whole(text, out))
		return true;
	snprintf(a->why, sizeof a->why, "%s %s: not a whole number", option, text);
	return false;
}

const char *args_first(struct args *a)
{
	const char *word;

	if (a->count == 0)
		return NULL;
	word = a->words[0];
	take_out(a, 0);
	return word;
}

bool args_rest(struct args *a, int min, int max)
{
	for (int i = 0; i < a->options && a->why[0] == '\0'; i++)
		if (a->words[i][0] == '-' && a->words[i][1] != '\0')
			snprintf(a->why, sizeof a->why, "%s: not an option", a->words[i]);
	if (a->why[0] == '\0' && a->count < min)
		snprintf(a->why, sizeof a->why, "something is missing");
	if (a->why[0] == '\0' && max >= 0 && a->count > max)
		snprintf(a->why, sizeof a->why, "%s: one too many", a->words[max]);
	return a->why[0] == '\0';
}
