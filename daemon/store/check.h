/* SPDX-License-Identifier: BSD-2-Clause */
/* check.h - which files below the state can be trusted before they are mapped.
 *
 * Length and time of a file are recorded at a clean stop and when an epoch is sealed: from then on
 * nobody writes it. What is as recorded is trusted; and so is what was being written, as long as
 * the machine has not started anew since: a process that is killed takes nothing with it that it
 * had written. All else is walked first, in a child process that may die of it. A file that rots in
 * silence makes the daemon itself die: after a second stop in a row that was not clean everything
 * is walked. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "kv/kv.h"

#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

#define LENGTHS_META 0u /* the number under which meta is recorded; epochs begin at 1 */

#define LENGTHS_PLACE 96 /* bytes that name a boot and a folder */

struct length {
	uint32_t number;
	struct kv_file file;
};

struct lengths {
	struct length *v;
	size_t count, cap;
	uint32_t starts;  /* since the last clean stop */
	bool undisturbed; /* saved under this boot of the machine, in this very folder */
};

/* Whether the line of the format, a file of its own, is ours. NOT_FOUND: there is none; VERSION:
 * another format; DAMAGED: something else. The last two have been told. */
enum status check_format(const char *path);
/* The same of a state that is to be read as it is: one that has not begun has no format yet. */
enum status check_state_format(const char *state);

/* FOREIGN: there is something in a directory that is not of a state; lost+found is of the disk. */
enum status check_own(const char *folder);

/* A missing or unreadable record is an empty one. NO_MEMORY is the only failure. */
enum status lengths_load(struct lengths *l, const char *path);
enum status lengths_note(struct lengths *l, uint32_t number, struct kv_file file);
enum status lengths_save(const struct lengths *l, const char *path, bool sync);
void lengths_free(struct lengths *l);
/* Whether everything is walked, whatever is recorded. */
bool lengths_distrusted(const struct lengths *l);

/* kv_walk() in a child process, which may die of it: STATUS_DAMAGED. */
enum status check_walk(const struct kv_options *o, kv_check_fn check);
/* STATUS_DAMAGED when the files must not be opened by this process. */
enum status check_files(const struct lengths *l, uint32_t number, const struct kv_options *o,
			kv_check_fn check);
/* Renames a folder to *.damaged and says so in the log. */
enum status check_set_aside(const char *path, enum status why);

#endif
