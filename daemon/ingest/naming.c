/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/naming.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "fingerprint/hash.h"
#include "fingerprint/winnow.h"
#include "ingest/job.h"
#include "text/text.h"
#include "text/utf8.h"

struct span naming_source(struct span path)
{
	const char *slash = path.p == NULL ? NULL : memchr(path.p, '/', path.len);

	return slash == NULL || slash == path.p ? (struct span){ NULL, 0 }
						: span_of(path.p, (size_t)(slash - path.p));
}

bool naming_is_source(struct span name)
{
	return name.len > 0 && name.len <= NAMING_SOURCE_MAX && !text_name_is_ignored(name) &&
	       memchr(name.p, '/', name.len) == NULL && memchr(name.p, '\0', name.len) == NULL;
}

static struct span join(struct span a, char between, struct span b, struct arena *arena)
{
	char *p = arena_take(arena, a.len + b.len + 2);

	if (p == NULL)
		return (struct span){ NULL, 0 };
	memcpy(p, a.p, a.len);
	p[a.len] = between;
	memcpy(p + a.len + 1, b.p, b.len);
	p[a.len + 1 + b.len] = '\0';
	return span_of(p, a.len + 1 + b.len);
}

/* "path" or "path#7". */
static struct span numbered(struct span path, const struct article *a, struct arena *arena)
{
	char digits[16];
	int len;

	if ((a->flags & ARTICLE_NUMBERED) == 0)
		return path;
	len = snprintf(digits, sizeof digits, "%u", a->ordinal);
	return join(path, '#', span_of(digits, (size_t)len), arena);
}

/* A file beside the source folders has none to put before its articles' ids: one with a slash may
 * look like another source's, so the file's own name goes before it. */
static struct span without_source(const struct job *j, struct span file, struct span own,
				  struct arena *arena)
{
	if (j->kind != JOB_FILE || memchr(own.p, '/', own.len) == NULL)
		return own;
	return join(file, '/', own, arena);
}

struct span naming_spelled(struct span path, struct arena *arena)
{
	struct bytes spelled = { 0 };
	char *p;

	if (path.p == NULL || utf8_is_spelled(path))
		return path;
	utf8_spell(&spelled, path);
	/* Without memory the arena has failed, and so has the name. */
	p = spelled.failed ? arena_take(arena, SIZE_MAX) : arena_copy(arena, bytes_span(&spelled));
	path = span_of(p, p == NULL ? 0 : spelled.len);
	bytes_free(&spelled);
	return path;
}

enum status naming_of(struct naming *out, const struct job *j, const struct article *a,
		      bool believe_site, struct arena *arena)
{
	struct span own = article_view(a, a->id);
	bool feed = j->kind == JOB_FILE || j->submission.as_feed;

	if (j->kind == JOB_FILE) {
		out->file = naming_spelled(span_of(j->files->path, j->files->path_len), arena);
		out->source = naming_source(out->file);
	} else {
		out->file = naming_spelled(j->submission.name, arena);
		out->source = j->submission.source;
	}
	out->passing = false;
	if (own.p == NULL || (a->flags & ARTICLE_OWN_ID) == 0) {
		out->passing = j->kind == JOB_BODY && j->submission.passing;
		out->id = numbered(out->file.p == NULL ? span_of_text("-") : out->file, a, arena);
	} else if (feed && out->source.p != NULL) {
		out->id = join(out->source, '/', own, arena);
	} else {
		out->id = without_source(j, out->file, own, arena);
	}
	out->site = out->source;
	if (believe_site && (a->flags & ARTICLE_OWN_SITE) != 0 && a->site.len <= NAMING_SITE_MAX)
		out->site = article_view(a, a->site);
	out->site_known = out->site.p != NULL && out->site.len > 0;
	if (!out->site_known)
		out->site = span_of_text("unknown");
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}

struct span naming_owner(const struct naming *n)
{
	if (n->source.p != NULL)
		return n->source;
	return n->site_known ? n->site : (struct span){ NULL, 0 };
}

bool naming_owns(const struct naming *n, const struct verdict *stored)
{
	struct span owner = naming_owner(n);

	if (stored->source.p != NULL)
		return span_equal(stored->source, owner);
	return span_equal(stored->site, owner.p != NULL ? owner : span_of_text("unknown"));
}

uint64_t naming_key(enum key_tag tag, struct span a, struct span b, uint64_t secret)
{
	uint64_t first = hash_bytes(a, secret ^ (uint64_t)tag);

	return winnow_key(hash_bytes(b, first), secret);
}
