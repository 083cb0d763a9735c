/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/beneath.h"
#include "ingest/watch_list.h"
#include "text/text.h"

enum phase {
	PHASE_NEW,  /* the events of its moment have not been read */
	PHASE_READ, /* they have */
	PHASE_LISTING,
	PHASE_SETTLING,
	PHASE_BASKET,
};

/* What a sync is about: everything, one root, or one path below a root (or below any). */
struct scope {
	bool any_root;
	uint32_t root;
	const char *path; /* below the root; "": all of it; points into the sync's path */
	size_t len;
};

struct sync {
	struct sync *next;
	watch_sync_fn done;
	void *ctx;
	enum phase phase;
	struct scope scope;
	uint64_t serial;   /* what is marked up to here is waited for */
	uint64_t released; /* the lister's or settle's count when something was found to wait for */
	bool waiting;      /* nothing to look for until that count rises */
	uint64_t basket;   /* what was put up to here is waited for */
	char *path;        /* normalised; NULL: everything */
	bool absolute;     /* the path began with a slash */
};

/* ---- paths ----------------------------------------------------------------------------------- */

/* A copy without "//", "/./", "./" and trailing slashes. NULL when out of memory. */
static char *normalised(struct span path)
{
	char *out = malloc(path.len + 1);
	size_t len = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < path.len; i++) {
		bool starts = len == 0 || out[len - 1] == '/';
		bool ends = i + 1 == path.len || path.p[i + 1] == '/';

		if (path.p[i] == '.' && starts && ends)
			i++;
		else if (path.p[i] != '/' || !starts || i == 0)
			out[len++] = path.p[i];
	}
	while (len > 0 && out[len - 1] == '/')
		len--;
	out[len] = '\0';
	return out;
}

static bool has_dot_dot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")) != NULL; p += 2) {
		if ((p == path || p[-1] == '/') && (p[2] == '\0' || p[2] == '/'))
			return true;
	}
	return false;
}

/* The part of path below the folder, "" when they are the same; NULL when it is not below it. */
static const char *below(const char *path, const char *folder)
{
	size_t len = folder == NULL ? 0 : strlen(folder);

	if (folder == NULL || strncmp(path, folder, len) != 0)
		return NULL;
	if (path[len] == '\0')
		return path + len;
	return path[len] == '/' ? path + len + 1 : NULL;
}

static bool scope_of_absolute(struct scope *s, const struct tree *t, const char *path)
{
	bool found = false;

	/* The shortest rest is the innermost root. */
	for (size_t i = 0; i < t->root_count; i++) {
		const char *rest = below(path, t->roots[i].path);

		if (rest == NULL)
			rest = below(path, t->roots[i].real);
		if (rest == NULL || (found && strlen(rest) >= s->len))
			continue;
		*s = (struct scope){ .root = (uint32_t)i, .path = rest, .len = strlen(rest) };
		found = true;
	}
	return found;
}

/* Something of that name must be there, else a mistyped path would be promised at once. */
static bool scope_of_relative(struct scope *s, const struct tree *t, const char *path)
{
	*s = (struct scope){ .any_root = true, .path = path, .len = strlen(path) };
	for (size_t i = 0; i < t->root_count; i++) {
		const char *root = t->roots[i].path;
		int fd = beneath_open(root[0] == '\0' ? "/" : root, path, O_PATH);

		if (fd < 0)
			continue;
		close(fd);
		return true;
	}
	return false;
}

static bool scope_of(struct scope *s, const struct tree *t, const char *path, bool is_absolute)
{
	if (path == NULL) {
		*s = (struct scope){ .any_root = true, .path = "" };
		return true;
	}
	if (has_dot_dot(path))
		return false;
	return is_absolute ? scope_of_absolute(s, t, path) : scope_of_relative(s, t, path);
}

static bool is_prefix(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == 0 ||
	       (a_len <= b_len && memcmp(a, b, a_len) == 0 && (a_len == b_len || b[a_len] == '/'));
}

/* The directory leads to the path, or is below it. */
static bool concerns(const struct scope *s, const struct directory *d)
{
	char path[TREE_PATH_MAX + 1];
	size_t len;

	if (d->gone || (!s->any_root && d->root != s->root))
		return false;
	if (s->len == 0 || d->path_len == 0)
		return true;
	len = tree_path(d, path);
	return is_prefix(path, len, s->path, s->len) || is_prefix(s->path, s->len, path, len);
}

/* A file in d of that name is at or below the path. */
static bool concerns_file(const struct scope *s, const struct directory *d, struct span name)
{
	char path[TREE_PATH_MAX + 256 + 2];
	size_t len;

	if (!concerns(s, d))
		return false;
	len = tree_path(d, path);
	if (len > 0)
		path[len++] = '/';
	memcpy(path + len, name.p, name.len);
	return is_prefix(s->path, s->len, path, len + name.len);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void sync_free(struct sync *s)
{
	free(s->path);
	free(s);
}

enum status watch_syncs_add(struct syncs *list, struct span path, watch_sync_fn done, void *ctx)
{
	struct sync *s = calloc(1, sizeof *s);
	struct sync **link = &list->first;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->done = done;
	s->ctx = ctx;
	if (path.p != NULL && (s->path = normalised(path)) == NULL) {
		free(s);
		return STATUS_NO_MEMORY;
	}
	s->absolute = path.p != NULL && path.len > 0 && path.p[0] == '/';
	while (*link != NULL)
		link = &(*link)->next;
	*link = s;
	return STATUS_OK;
}

void watch_syncs_cancel(struct syncs *list, void *ctx)
{
	for (struct sync **link = &list->first; *link != NULL;) {
		struct sync *s = *link;

		if (s->ctx != ctx) {
			link = &s->next;
			continue;
		}
		*link = s->next;
		sync_free(s);
	}
}

bool syncs_are_new(const struct syncs *list)
{
	for (const struct sync *s = list->first; s != NULL; s = s->next) {
		if (s->phase == PHASE_NEW)
			return true;
	}
	return false;
}

/* Off the list first: the callback may change it. */
static void finish(struct syncs *list, struct sync *s, enum status st, const char *why)
{
	struct sync **link = &list->first;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	s->done(s->ctx, st, why);
	sync_free(s);
}

/* ---- the phases ------------------------------------------------------------------------------ */

static void mark_doubtful(struct sync *s, struct lister *l)
{
	const struct tree *t = l->tree;

	for (size_t i = 0; i < t->root_count; i++) {
		struct directory *top = t->roots[i].top;

		if (!s->scope.any_root && i != s->scope.root)
			continue;
		if (tree_root_moved(t, top))
			dirty_mark(&l->dirty, top, s->serial);
		for (struct directory *d = top; d != NULL && t->polled + t->troubled > 0;
		     d = tree_next(d, top)) {
			if ((d->polled || d->trouble != TROUBLE_NONE) && concerns(&s->scope, d))
				dirty_mark(&l->dirty, d, s->serial);
		}
	}
}

/* A name on the way down from the root that is no delivery. */
static bool leads_through_ignored(const struct scope *s)
{
	const char *at = s->path, *slash;

	for (; at < s->path + s->len; at = slash + 1) {
		slash = strchrnul(at, '/');
		if (text_name_is_ignored(span_of(at, (size_t)(slash - at))))
			return true;
	}
	return false;
}

/* Else *why_not is said of the path. */
static bool begin(struct sync *s, struct lister *l, const char **why_not)
{
	*why_not = "nothing of that name is below a feed root";
	if (!scope_of(&s->scope, l->tree, s->path, s->absolute))
		return false;
	*why_not = "ignored until it is renamed, for its name starts with \".\" or ends in .tmp, "
		   ".part or ~";
	if (leads_through_ignored(&s->scope))
		return false;
	s->serial = dirty_serial(&l->dirty);
	s->phase = PHASE_LISTING;
	mark_doubtful(s, l);
	return true;
}

static bool await_directory(struct directory *d)
{
	d->awaited = true;
	return true;
}

static bool listing_left(const struct sync *s, struct lister *l)
{
	for (const struct source *of = l->dirty.turns.first; of != NULL; of = of->next[TURN_LIST]) {
		const struct listing *now = of->listing;

		if (now != NULL && now->serial <= s->serial && concerns(&s->scope, now->directory))
			return await_directory(now->directory);
		for (struct directory *d = of->dirty; d != NULL && d->serial <= s->serial;
		     d = d->queue_next) {
			if (concerns(&s->scope, d))
				return await_directory(d);
		}
	}
	return false;
}

static bool must_settle(const struct sync *s, const struct settling *f)
{
	return f->serial <= s->serial && concerns_file(&s->scope, f->directory, f->node.name);
}

/* The last due of those it must wait for, so that it looks again but a few times. Those that are
 * ripe have been due before. */
static bool settling_left(const struct sync *s, struct lister *l)
{
	struct settling *last = NULL;

	for (size_t i = 0; i < l->settle->heap_count; i++) {
		struct settling *f = l->settle->heap[i];

		if ((last == NULL || f->due_ms > last->due_ms) && must_settle(s, f))
			last = f;
	}
	for (const struct source *of = l->dirty.turns.first; of != NULL && last == NULL;
	     of = of->next[TURN_LIST]) {
		for (struct settling *f = of->last_ripe; f != NULL && last == NULL; f = f->prev)
			last = must_settle(s, f) ? f : NULL;
	}
	if (last != NULL)
		last->awaited = true;
	return last != NULL;
}

/* The first directory that makes the promise impossible; NULL: none. */
static const struct directory *obstacle(const struct sync *s, const struct tree *t)
{
	for (size_t i = 0; i < t->root_count && t->troubled > 0; i++) {
		const struct directory *top = t->roots[i].top;

		for (const struct directory *d = top; d != NULL; d = tree_next(d, top)) {
			if (d->trouble != TROUBLE_NONE && concerns(&s->scope, d))
				return d;
		}
	}
	return NULL;
}

/* Still the same to wait for as last time? Else looks for something and remembers it. */
static bool still_waits(struct sync *s, struct lister *l, const uint64_t *released,
			bool (*left)(const struct sync *, struct lister *))
{
	if (!s->waiting || s->released != *released) {
		s->waiting = left(s, l);
		s->released = *released;
	}
	return s->waiting;
}

/* Goes on as far as it can; true when it is done. */
static bool advance(struct sync *s, struct lister *l)
{
	if (s->phase == PHASE_LISTING) {
		if (still_waits(s, l, &l->dirty.released, listing_left))
			return false;
		s->phase = PHASE_SETTLING;
	}
	if (s->phase == PHASE_SETTLING) {
		if (still_waits(s, l, &l->settle->released, settling_left))
			return false;
		s->phase = PHASE_BASKET;
		s->basket = l->basket->put;
	}
	return basket_gave(l->basket, s->basket);
}

static void conclude(struct syncs *list, struct sync *s, const struct tree *t)
{
	const struct directory *d = obstacle(s, t);
	char why[TREE_SENTENCE_BYTES];

	if (d == NULL)
		finish(list, s, STATUS_OK, NULL);
	else
		finish(list, s, tree_trouble_status(d), tree_sentence(t, d, why));
}

static void refuse(struct syncs *list, struct sync *s, const char *why_not)
{
	char why[TREE_SENTENCE_BYTES];

	snprintf(why, sizeof why, "%s: %.380s", why_not, s->path[0] == '\0' ? "/" : s->path);
	name_make_printable(why);
	finish(list, s, STATUS_NOT_FOUND, why);
}

/* Returns whether one was called back. */
static bool advance_one(struct syncs *list, struct lister *l)
{
	for (struct sync *s = list->first; s != NULL; s = s->next) {
		const char *why_not;

		if (s->phase == PHASE_READ && !begin(s, l, &why_not)) {
			refuse(list, s, why_not);
			return true;
		}
		if (s->phase > PHASE_READ && advance(s, l)) {
			conclude(list, s, l->tree);
			return true;
		}
	}
	return false;
}

void syncs_have_read(struct syncs *list)
{
	for (struct sync *s = list->first; s != NULL; s = s->next) {
		if (s->phase == PHASE_NEW)
			s->phase = PHASE_READ;
	}
}

void watch_syncs_advance(struct syncs *list, struct lister *l)
{
	while (advance_one(list, l))
		continue;
}

void watch_syncs_close(struct syncs *list)
{
	while (list->first != NULL)
		finish(list, list->first, STATUS_CLOSED, "the daemon is stopping");
}
