/* SPDX-License-Identifier: BSD-2-Clause */
/* kv_folder.h - a temporary folder with one environment, for tests of kv. */
#ifndef TESTS_KV_FOLDER_H
#define TESTS_KV_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static inline int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/reprint-kv-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static inline int remove_folder(void **state)
{
	char name[128];

	(void)state;
	snprintf(name, sizeof name, "%s/data.mdb", folder);
	unlink(name);
	snprintf(name, sizeof name, "%s/lock.mdb", folder);
	unlink(name);
	return rmdir(folder);
}

#endif
