/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define NAME_BYTES 400u /* of a path in a sentence */

/* ---- roots ----------------------------------------------------------------------------------- */

/* Absolute and without trailing slashes: the daemon may be started with "./feeds/". */
static char *absolute(const char *path)
{
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *out = NULL;
	size_t len;

	if (path[0] != '/' && cwd == NULL)
		return NULL;
	while (cwd != NULL && path[0] == '.' && path[1] == '/')
		path += 2;
	if (asprintf(&out, "%s%s%s", cwd == NULL ? "" : cwd, cwd == NULL ? "" : "/", path) < 0)
		out = NULL;
	free(cwd);
	if (out == NULL)
		return NULL;
	for (len = strlen(out); len > 0 && out[len - 1] == '/'; len--)
		out[len - 1] = '\0';
	return out;
}

static struct directory *directory_new(struct span name)
{
	struct directory *d = calloc(1, sizeof *d + name.len + 1);

	if (d == NULL)
		return NULL;
	memcpy(d->name, name.p, name.len);
	d->references = 1;
	d->wd = -1;
	return d;
}

/* Of a root, and of a folder in it, a source of its own; below that, the parent's. */
static bool belong(struct directory *d, const struct directory *parent)
{
	if (parent != NULL && parent->parent != NULL) {
		d->source = parent->source;
		tree_keep(d->source->folder);
		return true;
	}
	d->source = calloc(1, sizeof *d->source);
	if (d->source != NULL)
		d->source->folder = d;
	return d->source != NULL;
}

static enum status root_init(struct root *r, size_t number, const char *path)
{
	r->path = absolute(path);
	r->top = directory_new(span_of("", 0));
	if (r->path == NULL || r->top == NULL || !belong(r->top, NULL))
		return STATUS_NO_MEMORY;
	r->top->root = (uint32_t)number;
	return STATUS_OK;
}

enum status tree_open(struct tree *t, const char *const *roots, size_t root_count, int inotify,
		      size_t max_watches)
{
	*t = (struct tree){ .inotify = inotify, .max_watches = max_watches, .held_fd = -1 };
	t->roots = calloc(root_count == 0 ? 1 : root_count, sizeof(*t->roots));
	if (t->roots == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < root_count; i++) {
		enum status st = root_init(&t->roots[i], i, roots[i]);

		t->root_count++;
		if (st != STATUS_OK) {
			tree_close(t);
			return st;
		}
	}
	return STATUS_OK;
}

void tree_close(struct tree *t)
{
	for (size_t i = 0; i < t->root_count; i++) {
		struct root *r = &t->roots[i];

		if (r->top != NULL) {
			tree_drop(t, r->top);
			r->top->gone = true;
			tree_release(r->top);
		}
		free(r->path);
		free(r->real);
	}
	free(t->roots);
	names_free(&t->names);
	wds_free(&t->wds);
	*t = (struct tree){ .inotify = -1, .held_fd = -1 };
}

/* ---- directories ----------------------------------------------------------------------------- */

void tree_release(struct directory *d)
{
	if (--d->references > 0)
		return;
	if (d->source != NULL && d->source->folder != d)
		tree_release(d->source->folder);
	else
		free(d->source);
	free(d);
}

struct directory *tree_child(const struct tree *t, const struct directory *parent, struct span name)
{
	return (struct directory *)names_find(&t->names, parent, name);
}

static size_t child_path_len(const struct directory *parent, struct span name)
{
	return parent->path_len + (parent->path_len > 0 ? 1u : 0u) + name.len;
}

bool tree_path_fits(const struct directory *d, struct span name)
{
	return child_path_len(d, name) <= TREE_PATH_MAX;
}

static void link_child(struct directory *parent, struct directory *d)
{
	d->parent = parent;
	d->root = parent->root;
	d->depth = (uint8_t)(parent->depth + 1u);
	d->path_len = (uint16_t)child_path_len(parent, span_of_text(d->name));
	d->next = parent->child;
	if (d->next != NULL)
		d->next->prev = d;
	parent->child = d;
}

static void unlink_child(struct directory *d)
{
	if (d->prev != NULL)
		d->prev->next = d->next;
	else
		d->parent->child = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	d->parent = d->next = d->prev = NULL;
}

struct directory *tree_add(struct tree *t, struct directory *parent, struct span name)
{
	struct directory *d = tree_child(t, parent, name);

	if (d != NULL)
		return d;
	if (parent->depth >= TREE_DEPTH_MAX || !tree_path_fits(parent, name)) {
		tree_trouble(t, parent, TROUBLE_DEEP, STATUS_TOO_LARGE);
		return NULL;
	}
	d = t->directories < TREE_DIRECTORIES_MAX ? directory_new(name) : NULL;
	if (d == NULL || !belong(d, parent) ||
	    !names_put(&t->names, &d->node, parent, span_of(d->name, name.len))) {
		if (d != NULL)
			tree_release(d);
		tree_trouble(t, parent, TROUBLE_MANY, STATUS_TOO_LARGE);
		return NULL;
	}
	link_child(parent, d);
	t->directories++;
	return d;
}

/* The watch becomes an orphan, for the directory may only have been renamed. */
static void forget_watch(struct tree *t, struct directory *d)
{
	if (d->wd >= 0)
		wds_orphan(&t->wds, d->wd);
	d->wd = -1;
	tree_set_polled(t, d, false, false);
}

static void drop_leaf(struct tree *t, struct directory *d)
{
	forget_watch(t, d);
	tree_trouble(t, d, TROUBLE_NONE, STATUS_OK);
	names_remove(&t->names, &d->node);
	unlink_child(d);
	d->gone = true;
	t->directories--;
	tree_release(d);
}

void tree_drop(struct tree *t, struct directory *top)
{
	struct directory *d = top;

	tree_let_go(t);
	for (;;) {
		struct directory *parent = d->parent;

		if (d->child != NULL) {
			d = d->child;
			continue;
		}
		if (d == top)
			break;
		drop_leaf(t, d);
		d = parent;
	}
	if (top->parent != NULL)
		drop_leaf(t, top);
	else
		forget_watch(t, top);
}

struct directory *tree_next(const struct directory *d, const struct directory *top)
{
	if (d->child != NULL)
		return d->child;
	while (d != top && d->next == NULL)
		d = d->parent;
	return d == top ? NULL : d->next;
}

size_t tree_path(const struct directory *d, char *out)
{
	size_t len = d->path_len;

	out[len] = '\0';
	for (size_t at = len; d->parent != NULL; d = d->parent) {
		at -= d->node.name.len;
		memcpy(out + at, d->name, d->node.name.len);
		if (at > 0)
			out[--at] = '/';
	}
	return len;
}

/* ---- trouble --------------------------------------------------------------------------------- */

void tree_trouble(struct tree *t, struct directory *d, enum trouble trouble, enum status why)
{
	char line[TREE_SENTENCE_BYTES];

	if (d->trouble == (uint8_t)trouble && d->why == (uint8_t)why)
		return;
	t->troubled += (size_t)(trouble != TROUBLE_NONE) - (size_t)(d->trouble != TROUBLE_NONE);
	d->trouble = (uint8_t)trouble;
	d->why = (uint8_t)why;
	if (trouble != TROUBLE_NONE)
		log_warning("feeds", "%s", tree_sentence(t, d, line));
	else if (d->parent == NULL && !d->gone)
		log_info("feeds", "root %s can be read again", t->roots[d->root].path);
}

enum status tree_trouble_status(const struct directory *d)
{
	return (enum status)d->why;
}

/* The root's path and what is below; of a very long one the end, for it tells more. */
static void name_in_full(const struct tree *t, const struct directory *d, char out[NAME_BYTES])
{
	char full[2 * TREE_PATH_MAX];
	size_t len = (size_t)snprintf(full, TREE_PATH_MAX, "%s", t->roots[d->root].path);

	len = len < TREE_PATH_MAX ? len : TREE_PATH_MAX - 1;
	if (d->parent != NULL || len == 0)
		full[len++] = '/';
	len += tree_path(d, full + len);
	if (len < NAME_BYTES)
		memcpy(out, full, len + 1);
	else
		snprintf(out, NAME_BYTES, "...%s", full + len - (NAME_BYTES - 4));
}

const char *tree_sentence(const struct tree *t, const struct directory *d, char *out)
{
	const char *kind = d->parent == NULL ? "root" : "directory";
	char name[NAME_BYTES];

	name_in_full(t, d, name);
	if (d->trouble == TROUBLE_DEEP)
		snprintf(out, TREE_SENTENCE_BYTES,
			 "%s %s holds paths too deep or too long to follow", kind, name);
	else if (d->trouble == TROUBLE_MANY)
		snprintf(out, TREE_SENTENCE_BYTES, "%s %s holds more directories than %u in all",
			 kind, name, TREE_DIRECTORIES_MAX);
	else if (d->parent == NULL && d->why == STATUS_EXISTS)
		snprintf(out, TREE_SENTENCE_BYTES, "root %s is not a directory", name);
	else if (d->parent == NULL && d->why == STATUS_NOT_FOUND)
		snprintf(out, TREE_SENTENCE_BYTES, "root %s is gone", name);
	else
		snprintf(out, TREE_SENTENCE_BYTES, "%s %s cannot be read: %s", kind, name,
			 status_text(tree_trouble_status(d)));
	name_make_printable(out);
	return out;
}

const struct directory *tree_first_troubled(const struct tree *t)
{
	for (size_t i = 0; i < t->root_count && t->troubled > 0; i++) {
		const struct directory *top = t->roots[i].top;

		for (const struct directory *d = top; d != NULL; d = tree_next(d, top)) {
			if (d->trouble != TROUBLE_NONE)
				return d;
		}
	}
	return NULL;
}
