/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stats.h"
#include "text/text.h"

#define SLICE_WORK 1024u  /* entries of directories in one turn of the loop */
#define OPENING_WORK 16u  /* what opening a directory counts for */
#define PORTION_WORK 256u /* of one source in its turn */
/* A directory changed within the clock's grain of its listing may have changed after it. */
#define GRAIN_NS INT64_C(2000000000)

static int64_t moment_ns(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Finer than the grain of file times, which only lag behind it. */
static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return moment_ns(t);
}

static int64_t now_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* ---- what there is to do --------------------------------------------------------------------- */

void list_init(struct lister *l, struct tree *tree, struct basket *basket, struct settle *settle)
{
	*l = (struct lister){ .tree = tree, .basket = basket, .settle = settle };
}

void list_found_directory(struct lister *l, struct directory *parent, struct span name)
{
	struct directory *d = tree_add(l->tree, parent, name);

	if (d != NULL)
		list_again(l, d);
}

/* For as long as something of it waits. */
static void hold_back(struct lister *l, struct source *s)
{
	if (s->slowed || basket_has_share(s))
		return;
	s->slowed = true;
	l->slowed++;
	stats_add(STAT_HELD_BACK, 1);
}

void list_again(struct lister *l, struct directory *d)
{
	if (d->gone)
		return;
	dirty_mark(&l->dirty, d, dirty_serial(&l->dirty));
	hold_back(l, d->source);
}

bool list_is_rescanning(const struct lister *l)
{
	uint64_t serial = l->dirty.rescan_serial;

	for (const struct source *s = l->dirty.turns.first; s != NULL; s = s->next[TURN_LIST]) {
		if ((s->listing != NULL && s->listing->serial <= serial) ||
		    (s->dirty != NULL && s->dirty->serial <= serial))
			return true;
	}
	return false;
}

size_t list_waiting(const struct lister *l)
{
	return l->dirty.count + l->under_way;
}

static bool has_something(const struct source *s)
{
	return s->ripe != NULL || s->listing != NULL || s->dirty != NULL;
}

static bool can_be_listed(const struct lister *l, const struct source *s)
{
	return settle_has_room(l->settle, s) &&
	       (s->listing != NULL || (s->dirty != NULL && l->under_way < LISTINGS_MAX));
}

static bool can_go_on(const struct lister *l, const struct source *s)
{
	return basket_has_room(l->basket, s) && (s->ripe != NULL || can_be_listed(l, s));
}

bool list_can_work(const struct lister *l)
{
	for (const struct source *s = l->dirty.turns.first; s != NULL; s = s->next[TURN_LIST]) {
		if (can_go_on(l, s))
			return true;
	}
	return false;
}

/* ---- one directory --------------------------------------------------------------------------- */

/* The directory was listed, went away or cannot be read: it is done with. */
static void leave(struct lister *l)
{
	struct listing *now = l->now;

	if (now->stream != NULL)
		closedir(now->stream);
	now->directory->source->listing = NULL;
	dirty_done(&l->dirty, now->directory);
	*now = (struct listing){ 0 };
	l->under_way--;
}

static void leave_unreadable(struct lister *l, int error)
{
	struct directory *d = l->now->directory;
	struct directory *top = l->tree->roots[d->root].top;

	enum status why =
		d->parent == NULL && error == ENOTDIR ? STATUS_EXISTS : status_of_errno(error);

	if (!d->gone && (d->parent == NULL || !tree_error_is_gone(error)))
		tree_trouble(l->tree, d, TROUBLE_UNREADABLE, why);
	if (tree_error_is_gone(error) && !d->gone) {
		if (d->parent != NULL && tree_root_moved(l->tree, top))
			list_again(l, top);
		tree_drop(l->tree, d);
	}
	leave(l);
}

static void leave_complete(struct lister *l)
{
	struct directory *d = l->now->directory;

	d->listed_ns = l->now->started_ns;
	d->mtime_ns = l->now->mtime_ns;
	tree_trouble(l->tree, d, l->now->trouble, l->now->why);
	leave(l);
}

/* A root's name without symlinks, by which a sync may call it. */
static void learn_real_path(const struct lister *l, int fd)
{
	struct root *r = &l->tree->roots[l->now->directory->root];
	char link[32], real[4096];
	ssize_t len;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	len = readlink(link, real, sizeof real);
	free(r->real);
	r->real = len > 0 && (size_t)len < sizeof real ? strndup(real, (size_t)len) : NULL;
}

/* Another directory stands there now: what was known below it is somebody else's. */
static void mark_children(struct lister *l, struct directory *d)
{
	for (struct directory *c = d->child; c != NULL; c = c->next)
		dirty_mark_front(&l->dirty, c, l->now->serial);
}

static bool unchanged(const struct directory *d, int64_t mtime_ns)
{
	return d->listed_ns != 0 && d->mtime_ns == mtime_ns && d->listed_ns - mtime_ns > GRAIN_NS &&
	       d->trouble == TROUBLE_NONE;
}

static int64_t mtime_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : moment_ns(st.st_mtim);
}

/* Watched first, listed second: what comes in between is seen twice rather than never. */
static void enter(struct lister *l)
{
	struct listing *now = l->now;
	struct directory *d = now->directory;
	int fd = tree_open_directory(l->tree, d);
	bool is_new;

	if (fd < 0) {
		leave_unreadable(l, errno);
		return;
	}
	if (d->parent == NULL)
		learn_real_path(l, fd);
	is_new = tree_watch(l->tree, d, fd);
	if (is_new)
		mark_children(l, d);
	now->mtime_ns = mtime_of(fd);
	if (d->peek && !is_new && unchanged(d, now->mtime_ns)) {
		close(fd);
		leave(l);
		return;
	}
	now->stream = fdopendir(fd);
	if (now->stream == NULL) {
		leave_unreadable(l, errno);
		close(fd);
		return;
	}
	stats_add(STAT_LISTINGS, 1);
}

/* There is a place for it. */
static void begin(struct lister *l, struct source *s)
{
	struct listing *now = l->listings;

	while (now->directory != NULL)
		now++;
	l->now = s->listing = now;
	l->under_way++;
	now->directory = dirty_take(&l->dirty, s);
	now->serial = now->directory->serial;
	now->started_ns = now_ns();
	now->listed_before_ns = now->directory->listed_ns;
	now->trouble = TROUBLE_NONE;
	now->why = STATUS_OK;
	if (now->directory->gone)
		leave(l);
	else
		enter(l);
}

/* ---- its entries ----------------------------------------------------------------------------- */

static void note_trouble(struct listing *now, enum trouble trouble, enum status why)
{
	now->trouble = trouble;
	now->why = why;
}

static void subdirectory(struct lister *l, struct span name)
{
	struct directory *d = tree_child(l->tree, l->now->directory, name);

	if (d != NULL || tree_is_lost_and_found(l->now->directory, name))
		return;
	d = tree_add(l->tree, l->now->directory, name);
	if (d != NULL)
		dirty_mark_front(&l->dirty, d, l->now->serial);
	else
		note_trouble(l->now, l->now->directory->trouble, STATUS_TOO_LARGE);
}

static bool put(struct lister *l, struct directory *d, struct span name, const struct stat *st,
		bool listed)
{
	char path[TREE_PATH_MAX + 1];
	size_t len;

	if (!tree_path_fits(d, name)) {
		tree_trouble(l->tree, d, TROUBLE_DEEP, STATUS_TOO_LARGE);
		return true;
	}
	len = tree_path(d, path);
	if (len > 0)
		path[len++] = '/';
	memcpy(path + len, name.p, name.len);
	return basket_put(l->basket, d->source,
			  &(struct found){
				  .root = d->root,
				  .path = span_of(path, len + name.len),
				  .size = (uint64_t)st->st_size,
				  .mtime_ns = moment_ns(st->st_mtim),
				  .listed = listed,
				  .irregular = !S_ISREG(st->st_mode),
			  });
}

bool list_file(struct lister *l, struct directory *d, struct span name, const struct stat *st,
	       bool listed, uint64_t serial)
{
	int64_t mtime_ns = moment_ns(st->st_mtim);
	int64_t wait_ms = listed && S_ISREG(st->st_mode) ? settle_wait_ms(l->settle, mtime_ns) : 0;

	if (wait_ms > 0 && settle_put(l->settle, d, name, (uint64_t)st->st_size, mtime_ns, serial,
				      dirty_serial(&l->dirty), now_ms() + wait_ms))
		return true;
	return put(l, d, name, st, listed);
}

/* Counted when a listing meets it first, not at every rescan. */
static void ignored(const struct listing *now, const struct stat *st)
{
	if (!S_ISDIR(st->st_mode) && moment_ns(st->st_ctim) >= now->listed_before_ns)
		stats_add(STAT_FILES_IGNORED, 1);
}

static void entry(struct lister *l, const struct dirent *e)
{
	struct span name = span_of_text(e->d_name);
	struct listing *now = l->now;
	bool ignore = text_name_is_ignored(name);
	struct stat st;

	if (span_equal(name, span_of(".", 1)) || span_equal(name, span_of("..", 2)))
		return;
	if (e->d_type == DT_DIR && ignore)
		return;
	if (e->d_type == DT_DIR) {
		subdirectory(l, name);
		return;
	}
	if (fstatat(dirfd(now->stream), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		/* What went away is no error; a directory without search permission is. */
		if (!tree_error_is_gone(errno))
			note_trouble(now, TROUBLE_UNREADABLE, status_of_errno(errno));
		return;
	}
	if (ignore)
		ignored(now, &st);
	else if (S_ISDIR(st.st_mode))
		subdirectory(l, name);
	else if (!tree_path_fits(now->directory, name))
		note_trouble(now, TROUBLE_DEEP, STATUS_TOO_LARGE);
	else
		list_file(l, now->directory, name, &st, true, now->serial);
}

/* One entry or the end. */
static void step(struct lister *l)
{
	const struct dirent *e;

	if (l->now->directory->gone) {
		leave(l);
		return;
	}
	errno = 0;
	e = readdir(l->now->stream);
	if (e != NULL)
		entry(l, e);
	else if (errno != 0)
		leave_unreadable(l, errno);
	else
		leave_complete(l);
}

/* ---- settling -------------------------------------------------------------------------------- */

/* Its directory's listing tells whether it is only this file that went away. */
static void look_again(struct lister *l, struct directory *d, int error)
{
	if (d->gone)
		return;
	if (!tree_error_is_gone(error))
		tree_trouble(l->tree, d, TROUBLE_UNREADABLE, status_of_errno(error));
	list_again(l, d);
}

/* Looks at a file that is due. False: no room for it. */
static bool settle_one(struct lister *l, struct settling *f)
{
	struct directory *d = f->directory;
	int fd = d->gone ? -1 : tree_hold(l->tree, d);
	int64_t mtime_ns, wait_ms;
	struct stat st;

	if (fd < 0)
		look_again(l, d, errno);
	if (fd < 0 || fstatat(fd, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode)) {
		settle_remove(l->settle, f);
		return true;
	}
	mtime_ns = moment_ns(st.st_mtim);
	wait_ms = settle_wait_ms(l->settle, mtime_ns);
	if (wait_ms > 0 && ((uint64_t)st.st_size != f->size || mtime_ns != f->mtime_ns)) {
		settle_again(l->settle, f, (uint64_t)st.st_size, mtime_ns, dirty_serial(&l->dirty),
			     now_ms() + wait_ms);
		return true;
	}
	if (!put(l, d, f->node.name, &st, true))
		return false;
	settle_remove(l->settle, f);
	return true;
}

void list_settled(struct lister *l)
{
	int64_t now = now_ms();
	struct settling *f = settle_next(l->settle);

	for (size_t work = 0; work < SLICE_WORK && f != NULL && f->due_ms <= now; work++) {
		turns_add(&l->dirty.turns, TURN_LIST, f->directory->source);
		settle_ripen(l->settle, f);
		f = settle_next(l->settle);
	}
}

int64_t list_settles_in_ms(const struct lister *l)
{
	const struct settling *f = settle_next(l->settle);
	int64_t now = now_ms();

	if (f == NULL)
		return -1;
	return f->due_ms <= now ? 0 : f->due_ms - now;
}

/* ---- turns ----------------------------------------------------------------------------------- */

/* One thing; returns what it counts for, 0: there is no memory. Settled files first: they have
 * waited longest. */
static size_t go_on(struct lister *l, struct source *s)
{
	if (s->ripe != NULL)
		return settle_one(l, s->ripe);
	l->now = s->listing;
	if (l->now != NULL) {
		step(l);
		return 1;
	}
	begin(l, s);
	return OPENING_WORK;
}

static size_t portion(struct lister *l, struct source *s)
{
	size_t done = 0, more = 1;

	while (done < PORTION_WORK && more > 0 && can_go_on(l, s)) {
		more = go_on(l, s);
		done += more;
	}
	tree_let_go(l->tree);
	return done;
}

/* The next turn is its, or there is nothing to wait for. */
static void end_turn(struct lister *l, struct source *s)
{
	if (has_something(s)) {
		turns_add(&l->dirty.turns, TURN_LIST, s);
		hold_back(l, s);
	} else {
		l->slowed -= s->slowed;
		s->slowed = false;
	}
	tree_release(s->folder);
}

void list_slice(struct lister *l)
{
	struct turns *turns = &l->dirty.turns;

	for (size_t work = 0, idle = 0; work < SLICE_WORK && idle < turns->count;) {
		struct source *s = turns_take(turns, TURN_LIST);
		size_t done = portion(l, s);

		work += done;
		idle = done > 0 ? 0 : idle + 1;
		end_turn(l, s);
	}
}

void list_close(struct lister *l)
{
	for (struct source *s = l->dirty.turns.first; s != NULL; s = s->next[TURN_LIST]) {
		while (s->ripe != NULL)
			settle_remove(l->settle, s->ripe);
		l->now = s->listing;
		if (l->now != NULL)
			leave(l);
	}
	dirty_forget(&l->dirty);
}
