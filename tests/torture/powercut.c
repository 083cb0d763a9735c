/* SPDX-License-Identifier: BSD-2-Clause */
/* powercut LOG DIR OUT SEED: the directory DIR as it may stand in OUT when the power goes at a
 * moment that SEED chooses, and prints the moment and the last mark before it.
 * powercut --mark LOG NUMBER: so much has been promised by now.
 *
 * The model is the harshest that POSIX allows and a little kinder than ext4 is in one place only:
 * - bytes: what was written before the last sync of its file is there; of later writes any are,
 *   whole, or sector by sector, or up to one of them;
 * - names: what was done in a directory before its last sync is done; of later changes any are, or
 *   those up to one of them, as a journal would have it. A sync of a file syncs no name.
 * The call under way at the cut may have done its work or not. */
#include "powerlog.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512u
#define ROOT 0u

struct change { /* of bytes: a write, or a truncate */
	const struct power_record *r;
	const unsigned char *data;
};

struct node { /* a file or a directory, by its number */
	unsigned char *bytes;
	size_t len;
	struct change *pending; /* since its last sync */
	size_t pending_count;
};

struct name {
	char *path; /* below DIR, "" is DIR */
	size_t node;
	bool folder;
};

struct names {
	struct name *v;
	size_t count;
};

struct naming { /* a change of names */
	const struct power_record *r;
	char *path, *to;
	size_t node;
	size_t parent, to_parent; /* nodes */
	bool durable;
};

static struct node *nodes;
static size_t node_count;
static struct naming *namings;
static size_t naming_count;
static uint64_t state;

static uint64_t chance(uint64_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return below == 0 ? 0 : (state >> 33) % below;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *grown(void *p, size_t count, size_t size)
{
	p = realloc(p, count * size);
	if (p == NULL)
		die("memory");
	return p;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void resize(struct node *n, size_t len)
{
	if (len > n->len) {
		n->bytes = grown(n->bytes, len, 1);
		memset(n->bytes + n->len, 0, len - n->len);
	}
	n->len = len;
}

static void apply_part(struct node *n, const struct change *c, uint64_t from, uint64_t to)
{
	if (n->len < c->r->at + to)
		resize(n, c->r->at + to);
	memcpy(n->bytes + c->r->at + from, c->data + from, to - from);
}

static void apply(struct node *n, const struct change *c)
{
	if (c->r->op == POWER_TRUNCATE)
		resize(n, c->r->at);
	else
		apply_part(n, c, 0, c->r->len);
}

static void sync_node(struct node *n)
{
	for (size_t i = 0; i < n->pending_count; i++)
		apply(n, &n->pending[i]);
	n->pending_count = 0;
}

static void apply_sectors(struct node *n, const struct change *c)
{
	for (uint64_t at = 0; at < c->r->len; at += SECTOR)
		if (chance(2) == 0)
			apply_part(n, c, at, at + SECTOR < c->r->len ? at + SECTOR : c->r->len);
}

/* What is left of the writes since the last sync. */
static void cut_node(struct node *n)
{
	uint64_t how = chance(4), up_to = chance(n->pending_count + 1);

	for (size_t i = 0; i < n->pending_count; i++) {
		const struct change *c = &n->pending[i];

		if (how == 0 && i < up_to)
			apply(n, c);
		else if (how == 1 && chance(2) == 0)
			apply(n, c);
		else if (how == 2 && c->r->op == POWER_TRUNCATE && chance(2) == 0)
			apply(n, c);
		else if (how == 2 && c->r->op != POWER_TRUNCATE)
			apply_sectors(n, c);
	}
}

/* ---- names ---------------------------------------------------------------------------------- */

static struct name *find(const struct names *names, const char *path)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->v[i].path, path) == 0)
			return &names->v[i];
	return NULL;
}

static struct name *parent_of(const struct names *names, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = strndup(path, slash == NULL ? 0 : (size_t)(slash - path));
	struct name *n = find(names, folder);

	free(folder);
	return n;
}

static void add(struct names *names, const char *path, size_t node, bool folder)
{
	if (parent_of(names, path) == NULL && *path != '\0')
		return; /* its directory is not there */
	if (find(names, path) != NULL)
		return;
	names->v = grown(names->v, names->count + 1, sizeof *names->v);
	names->v[names->count++] = (struct name){ strdup(path), node, folder };
}

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static void drop(struct names *names, const char *path)
{
	for (size_t i = names->count; i-- > 0;)
		if (below(names->v[i].path, path))
			names->v[i] = names->v[--names->count];
}

static void move(struct names *names, const char *from, const char *to)
{
	if (find(names, from) == NULL || parent_of(names, to) == NULL)
		return;
	drop(names, to);
	for (size_t i = 0; i < names->count; i++) {
		char *path;

		if (!below(names->v[i].path, from))
			continue;
		if (asprintf(&path, "%s%s", to, names->v[i].path + strlen(from)) < 0)
			die("memory");
		names->v[i].path = path;
	}
}

static void rename_all(struct names *names, const struct naming *n)
{
	if (n->r->op == POWER_CREATE || n->r->op == POWER_MKDIR)
		add(names, n->path, n->node, n->r->op == POWER_MKDIR);
	else if (n->r->op == POWER_RENAME)
		move(names, n->path, n->to);
	else
		drop(names, n->path);
}

static void sync_folder(size_t node)
{
	for (size_t i = 0; i < naming_count; i++)
		namings[i].durable |= namings[i].parent == node || namings[i].to_parent == node;
}

/* The names after the cut. */
static struct names cut_names(void)
{
	struct names names = { 0 };
	bool journal = chance(2) == 0;
	size_t last = 0, up_to;

	add(&names, "", ROOT, true);
	for (size_t i = 0; i < naming_count; i++)
		if (namings[i].durable)
			last = i + 1;
	up_to = last + chance(naming_count - last + 1);
	for (size_t i = 0; i < naming_count; i++)
		if (journal ? i < up_to : namings[i].durable || chance(2) == 0)
			rename_all(&names, &namings[i]);
	return names;
}

/* ---- the log -------------------------------------------------------------------------------- */

static size_t new_node(void)
{
	nodes = grown(nodes, node_count + 1, sizeof *nodes);
	nodes[node_count] = (struct node){ 0 };
	return node_count++;
}

static void note_naming(struct names *live, const struct power_record *r, char *path, char *to)
{
	struct name *parent = parent_of(live, path), *there = find(live, path);
	struct name *to_parent = r->op == POWER_RENAME ? parent_of(live, to) : parent;
	struct naming n = { .r = r, .path = path, .to = to };

	if (parent == NULL || to_parent == NULL)
		return;
	n.parent = parent->node;
	n.to_parent = to_parent->node;
	n.node = there != NULL ? there->node : new_node();
	namings = grown(namings, naming_count + 1, sizeof *namings);
	namings[naming_count++] = n;
	rename_all(live, &n);
}

static void note_bytes(struct node *n, const struct power_record *r, const unsigned char *data)
{
	n->pending = grown(n->pending, n->pending_count + 1, sizeof *n->pending);
	n->pending[n->pending_count++] = (struct change){ r, data };
}

/* under_way: the call had not returned. */
static void replay(struct names *live, const struct power_record *r, char *path, char *to,
		   const unsigned char *data, bool under_way)
{
	struct name *name = find(live, path);

	if (r->op == POWER_SYNC && name != NULL && !under_way) {
		if (name->folder)
			sync_folder(name->node);
		else
			sync_node(&nodes[name->node]);
	} else if (r->op == POWER_WRITE_DURABLE && name != NULL && !under_way) {
		apply(&nodes[name->node], &(struct change){ r, data });
	} else if (r->op <= POWER_WRITE_DURABLE || r->op == POWER_TRUNCATE) {
		if (name != NULL)
			note_bytes(&nodes[name->node], r, data);
	} else if (r->op >= POWER_CREATE && r->op <= POWER_REMOVE && *path != '\0') {
		note_naming(live, r, path, to);
	}
}

static unsigned char *load(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	unsigned char *p;
	struct stat s;

	if (fd < 0 || fstat(fd, &s) != 0)
		die(path);
	*len = (size_t)s.st_size;
	p = grown(NULL, *len + 1, 1);
	for (size_t at = 0; at < *len;) {
		ssize_t n = read(fd, p + at, *len - at);

		if (n <= 0)
			die(path);
		at += (size_t)n;
	}
	close(fd);
	return p;
}

static char *path_of(const unsigned char *p, size_t len, const char *dir)
{
	char *path = strndup((const char *)p, len);
	size_t prefix = strlen(dir);

	if (path == NULL || len < prefix)
		return path;
	return path[prefix] == '/' ? path + prefix + 1 : path + prefix;
}

static size_t record_size(const struct power_record *r)
{
	return sizeof *r + r->path_len + r->to_len + r->len;
}

static size_t count_records(const unsigned char *log, size_t len)
{
	struct power_record r;
	size_t count = 0;

	for (size_t at = 0; at + sizeof r <= len; at += record_size(&r), count++)
		memcpy(&r, log + at, sizeof r);
	return count;
}

/* Replays the records before the cut; the last mark. */
static uint64_t replay_log(const unsigned char *log, const char *dir, size_t cut)
{
	struct names live = { 0 };
	uint64_t mark = 0;
	bool under_way = chance(2) == 0;

	add(&live, "", new_node(), true);
	for (size_t i = 0; i < cut; i++) {
		struct power_record *r = grown(NULL, 1, sizeof *r);
		const unsigned char *text = log + sizeof *r;

		memcpy(r, log, sizeof *r);
		if (r->op == POWER_MARK)
			mark = r->at;
		else
			replay(&live, r, path_of(text, r->path_len, dir),
			       path_of(text + r->path_len, r->to_len, dir),
			       text + r->path_len + r->to_len, under_way && i + 1 == cut);
		log += record_size(r);
	}
	return mark;
}

/* ---- the directory -------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->path, ((const struct name *)b)->path);
}

static void write_node(const char *path, const struct node *n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(n->bytes, 1, n->len, f) != n->len || fclose(f) != 0)
		die(path);
}

static void write_names(struct names *names, const char *out)
{
	for (size_t i = 0; i < node_count; i++)
		cut_node(&nodes[i]);
	qsort(names->v, names->count, sizeof *names->v, by_path);
	for (size_t i = 0; i < names->count; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", out, names->v[i].path) < 0)
			die("memory");
		if (!names->v[i].folder)
			write_node(path, &nodes[names->v[i].node]);
		else if (mkdir(path, 0700) != 0)
			die(path);
		free(path);
	}
}

static int put_mark(const char *path, const char *number)
{
	struct power_record r = { .op = POWER_MARK, .at = strtoull(number, NULL, 10) };
	int fd = open(path, O_WRONLY | O_APPEND);

	return fd >= 0 && write(fd, &r, sizeof r) == sizeof r ? 0 : 2;
}

int main(int argc, char **argv)
{
	struct names names;
	unsigned char *log;
	size_t len, count, cut;
	uint64_t mark;

	if (argc == 4 && strcmp(argv[1], "--mark") == 0)
		return put_mark(argv[2], argv[3]);
	if (argc != 5)
		return 2;
	log = load(argv[1], &len);
	count = count_records(log, len);
	state = strtoull(argv[4], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	cut = 1 + (size_t)chance(count);
	mark = replay_log(log, argv[2], cut);
	names = cut_names();
	write_names(&names, argv[3]);
	printf("%zu %llu\n", cut, (unsigned long long)mark);
	return 0;
}
