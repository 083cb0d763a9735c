/* SPDX-License-Identifier: BSD-2-Clause */
/* files.h - small files and flat folders that must survive a crash. Any thread.
 *
 * Sync: where false is given, nothing is waited for: the files need not outlive the process. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct bytes;

/* Fills what is closed of descriptors 0 to 2, so that no pipe or database gets their numbers; to
 * read or write them goes on to fail. For the first line of main(). */
void files_guard_standard(void);

/* "folder/name" as a new string; NULL when out of memory. */
char *files_path(const char *folder, const char *name);

/* Made with mode 0700 when missing, and its parent synced. */
enum status files_folder(const char *path, bool sync);
/* Makes the names in a folder durable. */
enum status files_sync_folder(const char *path);
/* The same for the folder that a path is in. */
enum status files_sync_parent(const char *path);
/* Within one folder or from one of the same disk; over what has the name. What has moved is on the
 * disk already; so is its name then. */
enum status files_rename(const char *from, const char *to, bool sync);

/* The whole of a small file; TOO_LARGE above max bytes, NOT_FOUND when there is none. */
enum status files_read(struct bytes *out, const char *path, size_t max);
/* All of it to a descriptor that waits. */
enum status files_write(int fd, struct span s);
/* Written beside, synced, renamed over, folder synced: the old or the new content, never less. */
enum status files_replace(const char *path, struct span content, bool sync);

/* Disk used by the plain files directly in a folder (blocks, not lengths); 0 without one. */
uint64_t files_folder_bytes(const char *path);
/* The plain files directly in a folder, then the folder itself. */
enum status files_remove_folder(const char *path);
/* A folder with everything in it; links are not followed. */
enum status files_remove_tree(const char *path);

#endif
