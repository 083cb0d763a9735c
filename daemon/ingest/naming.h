/* SPDX-License-Identifier: BSD-2-Clause */
/* naming.h - what an article is called, whose it is, and the keys under which that is found again.
 *
 * Pure; any thread; memory from the arena. The rules are those of the contract, section 2. */
#ifndef INGEST_NAMING_H
#define INGEST_NAMING_H

#include <reprint/article.h>
#include <reprint/status.h>

struct arena;
struct job;
struct verdict;

#define NAMING_SOURCE_MAX 255u /* NAME_MAX */
#define NAMING_SITE_MAX 255u   /* bytes of an own site; a longer one is not believed */

struct naming {
	struct span id;     /* as printed */
	struct span source; /* absent: not delivered through a folder or by a named peer */
	struct span site;   /* never absent: "unknown" */
	struct span file;   /* spelled; absent for bytes without a name */
	bool site_known;
	bool passing; /* the id says nothing of which article it is, as "-" does */
};

enum status naming_of(struct naming *out, const struct job *j, const struct article *a,
		      bool believe_site, struct arena *arena);

/* Its source, else its site where that is known; absent: nobody's. */
struct span naming_owner(const struct naming *n);
/* Whether a stored article has the same owner: an id, or an address, is one's own. */
bool naming_owns(const struct naming *n, const struct verdict *stored);

/* A path as it is printed and can be typed (utf8_spell()). */
struct span naming_spelled(struct span path, struct arena *arena);

/* Tagged look-ups share the index with shingle keys. Who does not know the secret cannot choose a
 * name that meets the key of another. */
enum key_tag {
	KEY_ID = 1, /* printed id */
	KEY_WORK,   /* source, else site, and canonical url */
	KEY_DIGEST, /* digest of the text */
	KEY_PATH,   /* delivered path -> delivery number */
	KEY_CONTENT /* source and content hash -> delivery number */
};
uint64_t naming_key(enum key_tag tag, struct span a, struct span b, uint64_t secret);

/* Whether a source can be called that: as a folder that is read may be. */
bool naming_is_source(struct span name);
/* The part of a delivered path before its first slash; absent when there is none. */
struct span naming_source(struct span path);

#endif
