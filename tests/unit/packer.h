/* SPDX-License-Identifier: BSD-2-Clause */
/* packer.h - one packer for all tests of a program, which opens and closes it with its group; of
 * rows that are told by none. After cmocka.h. */
#ifndef TESTS_PACKER_H
#define TESTS_PACKER_H

#include "store/record_pack.h"

static const struct record_bases alone;
static struct record_packer *packer;

static inline int open_packer(void **state)
{
	(void)state;
	return record_packer_open(&packer) != STATUS_OK;
}

static inline int close_packer(void **state)
{
	(void)state;
	record_packer_close(packer);
	return 0;
}

#endif
