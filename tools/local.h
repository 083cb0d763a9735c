/* SPDX-License-Identifier: BSD-2-Clause */
/* local.h - files read by the CLI itself, for the commands that need no daemon. */
#ifndef TOOLS_LOCAL_H
#define TOOLS_LOCAL_H

#include <reprint/article.h>

#include "base/bytes.h"
#include "text/text.h"

struct arena; /* base/arena.h */

/* A file's articles; zero-initialise, reuse, local_free(). Thread: one owner at a time. */
/* A file to be read. */
struct local_path {
	char *name;
	bool regular; /* for certain: a read that brings less than it could has come to the end */
};

struct local_file {
	struct bytes raw, plain;
	struct articles articles;
	const char *path;
	bool refused; /* an article in it was refused; told on stderr */

	/* Where the file before was, open; with its '/' and a NUL, or empty. */
	struct bytes directory;
	int directory_fd;
};

/* Opens a regular file or a directory, or what the shell passes on as a file (<(command)); anything
 * else might never end, or begin. name is relative to the directory (AT_FDCWD), path is how it was
 * called; regular: its directory says so, and it is not asked again. -1: local_why(), at once.
 * Thread: any. */
int local_open(int directory, const char *name, const char *path, bool regular);
const char *local_why(void);

/* Reads and parses; "-" is stdin. False when nothing could be made of it: told on stderr. */
bool local_read(struct local_file *f, const char *path);
/* The same of a path of local_expand(). */
bool local_read_found(struct local_file *f, const struct local_path *path);
/* Only the bytes, unpacked where they are gzip; they live until the next read. */
bool local_read_bytes(struct local_file *f, struct span *out, const char *path);
void local_free(struct local_file *f);
extern const char local_gzip_damaged[]; /* what is wrong with a .gz, and what to do */

/* The id that `reprint` prints for an article of the file: its own, else the path. */
void local_put_id(struct bytes *out, const struct local_file *f, const struct article *a);

/* Every file at or below the paths, names in order within a directory; ignored names left out.
 * Of malloc, to be freed with local_free_paths(). Unreadable ones are told and counted in
 * *out_failed. */
struct local_path *local_expand(char **paths, int count, size_t *out_count, size_t *out_failed);
void local_free_paths(struct local_path *paths, size_t count);

/* The winnowed shingles of tokens, unkeyed, ascending, each once: what the index would look up.
 * Returns how many; they live in the arena, and without memory arena_failed(). */
size_t local_sketch(uint64_t **out, const uint16_t *tokens, size_t token_count,
		    struct arena *arena);

/* Where reprintd is: beside this program, else in ../sbin, else wherever PATH says. */
void local_daemon(char *out, size_t room);

/* Why the articles of two files are what they are to each other, as one JSON object (detect/
 * explain.h), appended. An exit code; errors have been told. */
int local_explain(struct bytes *out, const char *here, const char *there);

#endif
