/* SPDX-License-Identifier: BSD-2-Clause */
/* beneath.h - opens what lies below a directory, and nothing that a link or ".." would lead to.
 *
 * The directory itself may be reached through links: its path is the operator's. Any thread. */
#ifndef BASE_BENEATH_H
#define BASE_BENEATH_H

/* path is relative, "" the directory itself; flags as of open(), O_CLOEXEC and O_NOFOLLOW are
 * added. -1 and errno; where a link stands in the way that is ELOOP or ENOTDIR, for what leads
 * outside EXDEV. */
int beneath_open(const char *directory, const char *path, int flags);
/* The same, step by step, where the kernel has no openat2(). */
int beneath_walk(int directory_fd, const char *path, int flags);

#endif
