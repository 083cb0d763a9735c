/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program outside does with libreprint: reads two files, tells what each repeats and what
 * the first shares with the second. Built by flow_install.sh against the installed library. */
#include <reprint/reprint.h>

#include <stdio.h>
#include <stdlib.h>

static struct span file_bytes(const char *path)
{
	static char room[2][1 << 16];
	static int used;
	FILE *f = fopen(path, "rb");
	size_t len = f == NULL ? 0 : fread(room[used], 1, sizeof room[used], f);

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return span_of(room[used++], len);
}

static const struct article *first_article(struct reprint *r, const char *path)
{
	struct reprint_articles found;
	struct reprint_repeats repeats;

	if (reprint_read(r, &found, file_bytes(path), path) != STATUS_OK || found.count == 0 ||
	    reprint_repeats(r, &repeats, found.at[0]) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", path, reprint_why(r));
		exit(2);
	}
	printf("%s paragraphs=%u ratio=%.2f doubled=%d\n", path, found.at[0]->paragraph_count,
	       repeats.ratio, repeats.doubled);
	return found.at[0];
}

int main(int argc, char **argv)
{
	const struct article *here, *there;
	struct reprint_comparison c;
	struct reprint *r;

	if (argc != 3 || reprint_open(&r) != STATUS_OK)
		return 2;
	here = first_article(r, argv[1]);
	there = first_article(r, argv[2]);
	if (reprint_compare(r, &c, here, there) != STATUS_OK)
		return 2;
	printf("%s resemblance=%.2f containment=%.2f contained_by=%.2f\n",
	       reprint_kind_text(c.kind), c.resemblance, c.containment, c.contained_by);
	reprint_close(r);
	return 0;
}
