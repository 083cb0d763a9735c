/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree's hands on the disk: opening directories and putting them under inotify. */
#include "ingest/watch_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/log.h"

#define ORPHANS_AT_ONCE 64u

/* IN_CREATE and IN_MOVED_FROM are for directories (and hard links). IN_ATTRIB is left out: it would
 * bring an event more for each file whose times or mode a copying program sets, and all it could
 * tell is that a directory may be readable now, which the next rescan or sync finds as well. */
#define WATCH_MASK                                                                            \
	((uint32_t)IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | \
	 IN_MOVED_FROM | IN_ONLYDIR | IN_EXCL_UNLINK)

/* ---- opening --------------------------------------------------------------------------------- */

static int reach(const struct tree *t, const struct directory *d, int flags)
{
	const char *root = t->roots[d->root].path;
	char path[TREE_PATH_MAX + 1];

	tree_path(d, path);
	return beneath_open(root[0] == '\0' ? "/" : root, path, flags | O_DIRECTORY);
}

int tree_open_directory(const struct tree *t, const struct directory *d)
{
	return reach(t, d, O_RDONLY | O_NONBLOCK);
}

int tree_hold(struct tree *t, struct directory *d)
{
	if (t->held == d)
		return t->held_fd;
	tree_let_go(t);
	t->held_fd = reach(t, d, O_PATH);
	if (t->held_fd >= 0)
		t->held = tree_keep(d);
	return t->held_fd;
}

void tree_let_go(struct tree *t)
{
	if (t->held == NULL)
		return;
	close(t->held_fd);
	tree_release(t->held);
	t->held = NULL;
	t->held_fd = -1;
}

bool tree_root_moved(const struct tree *t, const struct directory *top)
{
	const char *path = t->roots[top->root].path;
	struct stat st;

	return stat(path[0] == '\0' ? "/" : path, &st) < 0 || st.st_dev != top->device ||
	       st.st_ino != top->inode;
}

bool tree_error_is_gone(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ESTALE;
}

/* Inode 2 is the root directory of ext2, ext3 and ext4 (EXT4_ROOT_INO). */
bool tree_is_lost_and_found(const struct directory *parent, struct span name)
{
	return parent->inode == 2 && span_equal(name, span_of_text("lost+found"));
}

/* ---- watching -------------------------------------------------------------------------------- */

bool filesystem_is_remote(uint64_t type)
{
	static const uint32_t remote[] = {
		0x6969,     /* NFS */
		0x517b,     /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x65735546, /* FUSE, virtiofs */
		0x01021997, /* 9P */
		0x00c36400, /* Ceph */
		0x5346414f, /* AFS */
		0x6b414653, /* kAFS */
		0x73757245, /* Coda */
		0x786f4256, /* VirtualBox shared folders */
		0xbacbacbc, /* VMware shared folders */
		0x01161970, /* GFS2 */
		0x7461636f, /* OCFS2 */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x19830326, /* BeeGFS */
	};

	/* f_type is signed: the high ones may come sign-extended. */
	for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++) {
		if ((uint32_t)type == remote[i])
			return true;
	}
	return false;
}

/* Asks only where a filesystem begins. An overlay counts as local: what is written through it
 * brings events, and changing its layers underneath is undefined anyway (overlayfs.rst). */
static void look_at_filesystem(struct directory *d, int fd)
{
	dev_t before = d->device;
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	d->device = st.st_dev;
	d->inode = st.st_ino;
	if (d->listed_ns != 0 && before == st.st_dev)
		return;
	if (d->parent != NULL && d->parent->device == st.st_dev)
		d->remote = d->parent->remote;
	else
		d->remote = fstatfs(fd, &fs) == 0 && filesystem_is_remote((uint64_t)fs.f_type);
}

static bool has_room(const struct tree *t, const struct directory *d)
{
	return d->wd >= 0 || t->max_watches == 0 || t->wds.count < t->max_watches;
}

/* By descriptor, so that nobody can put another directory in its place meanwhile. */
static int add_watch(struct tree *t, const struct directory *d, int fd)
{
	char path[32];
	int wd = -1;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	errno = ENOSPC;
	if (t->inotify >= 0 && has_room(t, d))
		wd = inotify_add_watch(t->inotify, path, WATCH_MASK);
	if (wd >= 0 || errno != ENOSPC || t->wds.orphan_count == 0)
		return wd;
	tree_sweep(t, ORPHANS_AT_ONCE);
	errno = ENOSPC;
	return has_room(t, d) ? inotify_add_watch(t->inotify, path, WATCH_MASK) : -1;
}

static bool leads_to(const struct tree *t, const struct directory *d, const struct directory *same)
{
	int fd = reach(t, d, O_PATH);
	struct stat st;
	bool yes;

	if (fd < 0)
		return false;
	yes = fstat(fd, &st) == 0 && st.st_dev == same->device && st.st_ino == same->inode;
	close(fd);
	return yes;
}

void tree_set_polled(struct tree *t, struct directory *d, bool polled, bool refused)
{
	t->polled += (size_t)polled - (size_t)d->polled;
	t->refused += (size_t)refused - (size_t)d->refused;
	d->polled = polled;
	d->refused = refused;
}

/* A descriptor that another directory has: that one was renamed to this, or both are names of one
 * (a bind mount, a root inside another). Then the second name is polled. */
static bool take_from(struct tree *t, struct directory *other, const struct directory *d)
{
	if (leads_to(t, other, d))
		return false;
	other->wd = -1;
	tree_set_polled(t, other, true, false);
	return true;
}

/* wd < 0: the watch was refused. Returns whether d has it now. */
static bool give(struct tree *t, struct directory *d, int wd)
{
	struct directory *other = wd < 0 ? NULL : wds_find(&t->wds, wd);

	if (d->wd >= 0)
		wds_orphan(&t->wds, d->wd);
	d->wd = -1;
	if (wd < 0 || (other != NULL && !take_from(t, other, d)))
		return false;
	if (!wds_put(&t->wds, wd, d)) {
		inotify_rm_watch(t->inotify, wd);
		return false;
	}
	d->wd = wd;
	return true;
}

bool tree_watch(struct tree *t, struct directory *d, int fd)
{
	bool given;
	int wd, error;

	look_at_filesystem(d, fd);
	wd = add_watch(t, d, fd);
	error = errno;
	if (wd >= 0 && wd == d->wd)
		return false;
	given = give(t, d, wd);
	if (wd < 0 && t->refused == 0)
		log_warning("feeds", "no more watches (%s): further directories are polled",
			    t->inotify < 0 ? "inotify failed" : strerror(error));
	tree_set_polled(t, d, d->remote || !given, wd < 0);
	return given;
}

struct directory *tree_unwatched(struct tree *t, int wd)
{
	struct directory *d = wds_find(&t->wds, wd);

	wds_remove(&t->wds, wd);
	if (d != NULL)
		d->wd = -1;
	return d;
}

bool tree_sweep(struct tree *t, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int wd = wds_take_orphan(&t->wds);

		if (wd < 0)
			return false;
		inotify_rm_watch(t->inotify, wd);
	}
	return t->wds.orphan_count > 0;
}
