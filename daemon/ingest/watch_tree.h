/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_tree.h - the directories below the feed roots: what they are called, which of them are
 * under inotify, what is wrong with them.
 *
 * The tree is what was seen last; the disk is the truth. Directories are opened from their root,
 * never through a symlink below it. No descriptor is held between two calls: a held
 * one would keep a deleted root alive and silent.
 * Memory: a directory that was dropped stays until its last reference goes; `gone` tells.
 * Thread: one owner at a time. */
#ifndef INGEST_WATCH_TREE_H
#define INGEST_WATCH_TREE_H

#include "ingest/watch_names.h"
#include "ingest/watch_source.h"
#include "ingest/watch_wds.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>
#include <sys/types.h>

#define TREE_DEPTH_MAX 64u  /* directories below a root, one in another */
#define TREE_PATH_MAX 4095u /* bytes of a path below a root, as openat() takes it */
#define TREE_SENTENCE_BYTES 512u
#define TREE_DIRECTORIES_MAX (1u << 20) /* in all; about 250 bytes each */

enum trouble {
	TROUBLE_NONE,
	TROUBLE_UNREADABLE, /* a root: also missing */
	TROUBLE_DEEP,       /* something in it is below TREE_DEPTH_MAX or TREE_PATH_MAX */
	TROUBLE_MANY        /* something in it is beyond TREE_DIRECTORIES_MAX */
};

struct directory {
	struct name_node node;    /* the first member: a node found is its directory */
	struct directory *parent; /* NULL: a root */
	struct directory *child, *next, *prev;
	struct source *source;        /* whose it is; its folder is kept */
	struct directory *queue_next; /* in the queue of dirty ones */
	uint64_t serial;              /* how old its place there is */
	int64_t listed_ns;            /* start of the last whole listing; 0: none yet */
	int64_t mtime_ns;             /* its own, at that moment */
	dev_t device;
	ino_t inode;
	uint32_t root;
	uint32_t references;
	int wd; /* -1: not under inotify */
	uint16_t path_len;
	uint8_t depth;
	uint8_t trouble; /* enum trouble */
	uint8_t why;     /* enum status of TROUBLE_UNREADABLE; EXISTS: it is no directory */
	bool gone;       /* dropped */
	bool remote;     /* on a filesystem that others change without an event here */
	bool polled;     /* not all changes bring events: remote, refused or seen under two names */
	bool refused;    /* the kernel or max_watches refused a watch */
	bool queued;     /* among the dirty ones */
	bool peek;       /* there: list it only if it changed */
	bool awaited;    /* there or being listed: a sync waits for it */
	char name[];
};

struct root {
	char *path; /* absolute, without a trailing slash; "" is the root of all */
	char *real; /* the same without symlinks, as of the last listing; or NULL */
	struct directory *top;
};

struct tree {
	struct root *roots;
	size_t root_count;
	int inotify; /* -1: there is none, everything is polled */
	size_t max_watches;
	struct name_table names;
	struct wd_table wds;
	size_t directories, polled, refused, troubled;
	struct directory *held; /* whose descriptor held_fd is */
	int held_fd;
};

/* inotify is borrowed; max_watches 0: no limit of ours. */
enum status tree_open(struct tree *t, const char *const *roots, size_t root_count, int inotify,
		      size_t max_watches);
void tree_close(struct tree *t); /* accepts a zeroed one */

static inline struct directory *tree_keep(struct directory *d)
{
	d->references++;
	return d;
}
void tree_release(struct directory *d);

struct directory *tree_child(const struct tree *t, const struct directory *parent,
			     struct span name);
/* A child that is there already, or a new one; NULL: beyond a limit, which is noted as the parent's
 * trouble. Borrowed. */
struct directory *tree_add(struct tree *t, struct directory *parent, struct span name);
/* Forgets a directory and all below; of a root only what is below and its watch. */
void tree_drop(struct tree *t, struct directory *d);
/* Next in preorder within top; top itself comes first; NULL at the end. */
struct directory *tree_next(const struct directory *d, const struct directory *top);

/* Whether what is called that in d has a path that can be handed over. */
bool tree_path_fits(const struct directory *d, struct span name);
/* Writes the path below the root, NUL-terminated, into out[TREE_PATH_MAX + 1]; returns its length.
 */
size_t tree_path(const struct directory *d, char *out);

/* Opens it for reading; -1 and errno. */
int tree_open_directory(const struct tree *t, const struct directory *d);
/* A descriptor for *at() calls, the tree's, good until the next tree call; -1 and errno. */
int tree_hold(struct tree *t, struct directory *d);
void tree_let_go(struct tree *t);
/* Whether the root's path leads elsewhere or nowhere: it may be replaced (mounted over, its symlink
 * turned, a folder above it renamed) without an event. */
bool tree_root_moved(const struct tree *t, const struct directory *top);
/* A filesystem's own folder, readable by root alone: no feed, and no reason to fail a sync. */
bool tree_is_lost_and_found(const struct directory *parent, struct span name);
/* Whether a failed open means that there is no such directory any more. */
bool tree_error_is_gone(int error);

/* Puts the directory that fd is under inotify as d, or decides to poll it. Returns whether it is
 * another one than before, or watched only from now on. */
bool tree_watch(struct tree *t, struct directory *d, int fd);
void tree_set_polled(struct tree *t, struct directory *d, bool polled, bool refused);
/* The kernel took the watch back. Returns its directory, or NULL. */
struct directory *tree_unwatched(struct tree *t, int wd);
/* Takes back up to count watches of dropped directories; returns whether there are more. */
bool tree_sweep(struct tree *t, size_t count);
/* NFS, CIFS, FUSE and the like, by statfs() f_type. */
bool filesystem_is_remote(uint64_t type);

/* Notes what is wrong (or no longer wrong) with a directory, and logs it when it changes. */
void tree_trouble(struct tree *t, struct directory *d, enum trouble trouble, enum status why);
/* "root /x is gone", cut where it is too long, into out[TREE_SENTENCE_BYTES]; returns out. */
const char *tree_sentence(const struct tree *t, const struct directory *d, char *out);
/* Roots before what is below them; NULL: all is well. */
const struct directory *tree_first_troubled(const struct tree *t);
enum status tree_trouble_status(const struct directory *d);

#endif
