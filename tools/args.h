/* SPDX-License-Identifier: BSD-2-Clause */
/* args.h - the words of a command line: options are taken out one by one, names are left.
 *
 * "--" ends the options; "--top 5" and "--top=5" are the same. What is wrong is noted once in why
 * and told by args_rest(). Memory: the words are those of main(). */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <stdbool.h>
#include <stdint.h>

struct args {
	int count;
	char **words;
	int options; /* the first so many words may be options */
	char why[160];
};

void args_init(struct args *a, int count, char **words);
bool args_flag(struct args *a, const char *option);
const char *args_value(struct args *a, const char *option); /* NULL: not given */
/* A whole number; false: not given (or no number, see why). */
bool args_number(struct args *a, const char *option, uint64_t *out);
/* Whether the text is a whole number. */
bool args_whole(const char *text, uint64_t *out);
/* The first word that is left, taken out; NULL: none. */
const char *args_first(struct args *a);
/* Only names are left, at least and at most so many (max < 0: any number). */
bool args_rest(struct args *a, int min, int max);

#endif
