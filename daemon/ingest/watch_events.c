/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_events.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stats.h"
#include "ingest/watch_list.h"
#include "text/text.h"

#define BUFFER_BYTES 65536u

/* ---- files ----------------------------------------------------------------------------------- */

/* False: there is nothing of that name any more, or its directory was marked to find out. */
static bool look(struct lister *l, struct directory *d, struct span name, struct stat *st)
{
	int fd = tree_hold(l->tree, d);

	if (fd >= 0 && fstatat(fd, name.p, st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	if (fd < 0 || !tree_error_is_gone(errno))
		list_again(l, d);
	return false;
}

/* Closed or renamed into place: complete, no need to settle. */
static void file_complete(struct lister *l, struct directory *d, struct span name)
{
	struct stat st;

	settle_forget(l->settle, d, name);
	if (!look(l, d, name, &st))
		return;
	if (S_ISDIR(st.st_mode))
		list_found_directory(l, d, name);
	else if (!list_file(l, d, name, &st, false, 0))
		list_again(l, d);
}

/* A new regular file is somebody's who will close it, unless it is another link to an old one,
 * which brings no further event: as good as listed. Other kinds are complete from the start. */
static void file_created(struct lister *l, struct directory *d, struct span name)
{
	struct stat st;

	if (!look(l, d, name, &st) || S_ISDIR(st.st_mode) ||
	    (S_ISREG(st.st_mode) && st.st_nlink == 1))
		return;
	if (!list_file(l, d, name, &st, true, dirty_serial(&l->dirty)))
		list_again(l, d);
}

static void on_file(struct lister *l, struct directory *d, struct span name, uint32_t mask)
{
	/* A directory that will be listed anyway, and no room: spare the look. */
	if (d->queued && !d->peek && !basket_has_room(l->basket, d->source))
		return;
	if (mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
		file_complete(l, d, name);
	else if (mask & IN_CREATE)
		file_created(l, d, name);
}

/* ---- directories ----------------------------------------------------------------------------- */

static void on_directory(struct lister *l, struct directory *parent, struct span name,
			 uint32_t mask)
{
	struct directory *d;

	if (mask & (IN_CREATE | IN_MOVED_TO)) {
		list_found_directory(l, parent, name);
	} else if (mask & IN_MOVED_FROM) {
		d = tree_child(l->tree, parent, name);
		if (d != NULL)
			tree_drop(l->tree, d);
	}
}

/* ---- reading --------------------------------------------------------------------------------- */

static void on_overflow(struct lister *l)
{
	stats_add(STAT_OVERFLOWS, 1);
	if (!list_is_rescanning(l))
		log_warning("feeds", "%s", "the queue of inotify ran over: rescanning");
	dirty_mark_all(&l->dirty, l->tree);
}

static void on_event(struct lister *l, const struct inotify_event *e)
{
	struct span name = span_of_text(e->len == 0 ? "" : e->name);
	struct directory *d;

	if (e->mask & IN_Q_OVERFLOW) {
		on_overflow(l);
		return;
	}
	d = e->mask & IN_IGNORED ? tree_unwatched(l->tree, e->wd) : wds_find(&l->tree->wds, e->wd);
	if (d == NULL)
		return;
	if (e->mask & (IN_IGNORED | IN_MOVE_SELF))
		list_again(l, d); /* finds out whether it is still there */
	else if (text_name_is_ignored(name))
		return;
	else if (e->mask & IN_ISDIR)
		on_directory(l, d, name, e->mask);
	else
		on_file(l, d, name, e->mask);
}

int events_open(void)
{
	return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

void events_drain(struct lister *l, int inotify)
{
	_Alignas(struct inotify_event) char buffer[BUFFER_BYTES];
	int queued = 0;
	ssize_t len;

	if (inotify < 0 || ioctl(inotify, FIONREAD, &queued) < 0)
		return;
	for (; queued > 0; queued -= (int)len) {
		size_t at = 0;

		len = read(inotify, buffer, sizeof buffer);
		if (len <= 0)
			break;
		while (at < (size_t)len) {
			const struct inotify_event *e = (const void *)(buffer + at);

			stats_add(STAT_EVENTS, 1);
			on_event(l, e);
			at += sizeof *e + e->len;
		}
	}
	tree_let_go(l->tree);
}
