/* SPDX-License-Identifier: BSD-2-Clause */
/* watch.h - which files have been delivered below the feed roots.
 *
 * Events only hint, the directory is the truth: own inotify fd, always drained; what cannot be
 * handed over at once marks its directory dirty; listing, rescans and polling mend every gap
 * (DESIGN 5). Thread: the loop's. Blocks only in readdir/stat of one directory slice at a time. */
#ifndef INGEST_WATCH_H
#define INGEST_WATCH_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct uv_loop_s;
struct watch; /* opaque */

/* A regular file (or what stands where one is expected: the reader refuses the rest by name). */
struct found {
	uint32_t root;    /* which feed root, 0-based */
	struct span path; /* below the root: "source/.../name"; valid during the callback */
	uint64_t size;
	int64_t mtime_ns;
	bool listed;    /* found by listing: it may be known already; else by its close or rename */
	bool irregular; /* a FIFO, device, socket or symlink: to be refused, not opened */
};

/* Takes files from the front; returns how many. Fewer than count: no room; the rest is offered
 * again after watch_room(). Like watch_sync_fn it is called from the loop alone, never inside a
 * call below (but watch_close()), and may call all of them but that. */
typedef size_t (*watch_found_fn)(void *ctx, const struct found *files, size_t count);
/* STATUS_OK: all that was there at the call has been taken. Else why it cannot be promised (root
 * gone, directory unreadable), as a sentence. */
typedef void (*watch_sync_fn)(void *ctx, enum status st, const char *why);

struct watch_options {
	struct uv_loop_s *loop;
	const char *const *roots;
	size_t root_count;
	int64_t settle_ms;  /* listed files younger than this wait */
	int64_t rescan_s;   /* full listing at least this often; polled directories too */
	size_t max_watches; /* 0: until the system says no */
	watch_found_fn found;
	void *ctx;
};

/* Starts with a listing of every root. A root that is missing or unreadable is told once in the
 * log, looked for again at each rescan, and makes watch_sync() fail. */
enum status watch_open(struct watch **out, const struct watch_options *o);
/* Accepts NULL. Hands nothing over any more; pending syncs are told CLOSED. The memory goes when
 * the loop has turned once more. */
void watch_close(struct watch *w);
/* New settle_ms and rescan_s; the roots stay. */
void watch_configure(struct watch *w, int64_t settle_ms, int64_t rescan_s);

void watch_room(struct watch *w);   /* there is room again */
void watch_rescan(struct watch *w); /* list everything soon */
/* Reads the inotify fd until it is empty, lists what is dirty or polled, waits for settling files,
 * and then calls done once. path (absolute, or below a root; p == NULL: everything) limits the
 * promise; one outside all roots is told NOT_FOUND by the next turn. Fails only with NO_MEMORY, and
 * then done is not called. Files that go on changing after the call had not been delivered and are
 * not waited for. */
enum status watch_sync(struct watch *w, struct span path, watch_sync_fn done, void *ctx);
/* Forgets a pending sync whose caller went away. */
void watch_sync_cancel(struct watch *w, void *ctx);

/* One line for `status`: NULL when all is well, else what is wrong ("root /x is gone"); static
 * buffer. */
const char *watch_trouble(const struct watch *w);
/* The sources that brought more than their share, for as long as the rest waits in their
 * directories: their folders' names, at most cap, good until the next turn of the loop; a root's
 * own files go by its path. Returns how many are written. */
size_t watch_slowed(const struct watch *w, struct span *names, size_t cap);

#endif
