/* SPDX-License-Identifier: BSD-2-Clause */
/* feeder ROOT FROM TO [PAUSE_US]: articles FROM to TO, each renamed into place below ROOT.
 *
 * Number n is a function of n alone: a text of its own, or, of every third, the one before it
 * again, of every sixth with other words at its end; on another site. Names are
 * sK.example/D/n.txt with a hundred articles in a folder, so that folders come with them. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITES 7u
#define PARAGRAPHS 3u
#define WORDS 40u

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static void put_paragraph(FILE *f, uint64_t seed)
{
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned w = 0; w < WORDS; w++) {
		for (unsigned c = 0; c < 6; c++)
			fputc('a' + (int)(next(&state) % 26), f);
		fputs(w + 1 < WORDS ? " " : ".\n", f);
	}
}

static void put_article(FILE *f, unsigned long n)
{
	unsigned long of = n % 3 == 0 && n > 1 ? n - 1 : n;

	for (unsigned p = 0; p < PARAGRAPHS; p++)
		put_paragraph(f, 16 * (n % 6 == 0 && p + 1 == PARAGRAPHS ? n : of) + p);
}

static int make(const char *path)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

static int deliver(const char *root, unsigned long n)
{
	char source[4096], folder[4200], beside[4300], path[4300];
	FILE *f;

	snprintf(source, sizeof source, "%s/s%lu.example", root, n % SITES);
	snprintf(folder, sizeof folder, "%s/%lu", source, n / 100);
	snprintf(beside, sizeof beside, "%s/.%lu.txt", folder, n);
	snprintf(path, sizeof path, "%s/%lu.txt", folder, n);
	if (make(source) != 0 || make(folder) != 0 || (f = fopen(beside, "w")) == NULL)
		return -1;
	put_article(f, n);
	return fclose(f) == 0 ? rename(beside, path) : -1;
}

int main(int argc, char **argv)
{
	unsigned long to;
	useconds_t pause;

	if (argc < 4)
		return 2;
	to = strtoul(argv[3], NULL, 10);
	pause = argc > 4 ? (useconds_t)strtoul(argv[4], NULL, 10) : 0;
	for (unsigned long n = strtoul(argv[2], NULL, 10); n <= to; n++) {
		if (deliver(argv[1], n) != 0) {
			perror("feeder");
			return 1;
		}
		if (pause > 0)
			usleep(pause);
	}
	return 0;
}
