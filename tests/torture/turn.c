/* SPDX-License-Identifier: BSD-2-Clause */
/* turn FILE OFFSET BIT: one bit of a file is the other one. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	FILE *f = argc == 4 ? fopen(argv[1], "r+b") : NULL;
	long at = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
	int byte;

	if (f == NULL || fseek(f, at, SEEK_SET) != 0)
		return 2;
	byte = getc(f);
	if (byte == EOF || fseek(f, at, SEEK_SET) != 0)
		return byte == EOF ? 0 : 2; /* the last page may end before */
	putc(byte ^ 1 << atoi(argv[3]), f);
	return fclose(f) == 0 ? 0 : 2;
}
