/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/work.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/stats.h"
#include "detect/page_line.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/hash.h"
#include "ingest/job.h"
#include "ingest/parse.h"
#include "ingest/parsers.h"
#include "ingest/reader.h"
#include "store/text.h"
#include "text/quoted.h"

static void note_problem(void *ctx, enum status st, const struct text_problem *problem)
{
	struct job *j = ctx;
	struct job_problem *p = arena_take_zeroed(j->arena, 1, sizeof *p);

	if (p == NULL)
		return;
	p->st = st;
	p->why = arena_copy(j->arena, span_of_text(problem->why));
	*j->problems_end = p;
	j->problems_end = &p->next;
}

static bool read_bytes(struct job *j, const struct work_options *o)
{
	struct job_file *file = j->files;
	struct read_file what;
	enum status st;

	if (file->irregular) {
		job_refuse(j, STATUS_NOT_REGULAR,
			   "a link, FIFO, socket or device; deliver regular files");
		return false;
	}
	st = reader_read(&j->raw, &what, o->roots[file->root], file->path, o->max_file_bytes);
	if (st == STATUS_TOO_LARGE)
		job_refuse(j, st, "larger than max_file_bytes (%zu); split it or raise the limit",
			   o->max_file_bytes);
	else if (st == STATUS_DENIED)
		job_refuse(j, st, "permission denied; let the daemon's group read it");
	else if (st != STATUS_OK)
		job_refuse(j, st, "%s", status_text(st));
	if (st != STATUS_OK)
		return false;
	file->size = what.size;
	file->mtime_ns = what.mtime_ns;
	hash_bytes_128(j->content, bytes_span(&j->raw));
	stats_add(STAT_BYTES, j->raw.len);
	return true;
}

static struct span name_of(const struct job *j)
{
	return j->kind == JOB_FILE ? span_of(j->files->path, j->files->path_len)
				   : j->submission.name;
}

static struct parse_input input_of(const struct job *j, const struct work_options *o)
{
	return (struct parse_input){
		.bytes = bytes_span(&j->raw),
		.name = name_of(j),
		.delivered = j->kind == JOB_FILE,
		.first_line = j->kind == JOB_BODY ? j->submission.first_line : 1,
		.max_bytes = o->max_file_bytes,
	};
}

static void parse_all(struct job *j, const struct work_options *o, size_t number)
{
	struct text_problem problem = { 0, "" };
	struct parse_input in = input_of(j, o);
	enum status st =
		o->parsers == NULL
			? parse(&j->articles, &j->plain, &in, &problem, note_problem, j)
			: parsers_take(o->parsers, number, &j->articles, &problem, note_problem, j);

	if (st != STATUS_OK)
		job_refuse(j, st, "%s", problem.why);
}

static const uint8_t *quoted_of(const struct article *a, struct arena *arena)
{
	const struct article_part *paragraphs = article_paragraphs(a);
	uint8_t *is = ARENA_ARRAY(arena, uint8_t, (size_t)a->paragraph_count + 1);

	for (uint32_t p = 0; is != NULL && p < a->paragraph_count; p++)
		is[p] = quoted(article_view(a, paragraphs[p]));
	return is;
}

static enum status fingerprint_piece(struct piece *piece, struct arena *arena)
{
	struct fingerprint *f = &piece->print;
	enum status st = fingerprint_of(f, piece->article, arena);

	if (st == STATUS_OK)
		st = page_lines_of(&piece->lines, f, article_hints(piece->article),
				   article_view(piece->article, piece->article->title), arena);
	if (st != STATUS_OK)
		return st;
	piece->quoted = quoted_of(piece->article, arena);
	if (piece->quoted == NULL)
		return STATUS_NO_MEMORY;
	return repeats_find(&piece->repeats, f, arena);
}

/* Here and not in the store: the lane is one thread, workers are many. A text that cannot be packed
 * is left to the store, which says why. */
static void pack_piece(struct piece *piece, struct arena *arena, const struct work_tools *tools)
{
	struct span text = article_view(piece->article, piece->article->text);
	const char *copy;

	if (tools->packer == NULL || text.p == NULL)
		return;
	bytes_clear(tools->packed);
	if (text_pack(tools->packer, tools->packed, text) != STATUS_OK)
		return;
	copy = arena_copy(arena, bytes_span(tools->packed));
	if (copy == NULL)
		return;
	piece->packed = span_of(copy, tools->packed->len);
	piece->packed_with = text_used(tools->packer);
}

static void fingerprint_all(struct job *j, const struct work_tools *tools)
{
	size_t n = 0;

	j->pieces = arena_take_zeroed(j->arena, j->articles.count, sizeof *j->pieces);
	if (j->pieces == NULL) {
		job_refuse(j, STATUS_NO_MEMORY, "out of memory");
		return;
	}
	for (const struct article *a = articles_first(&j->articles); a != NULL;
	     a = articles_next(&j->articles, a), n++) {
		j->pieces[n].article = a;
		if (fingerprint_piece(&j->pieces[n], j->arena) != STATUS_OK) {
			job_refuse(j, STATUS_NO_MEMORY, "out of memory");
			return;
		}
		pack_piece(&j->pieces[n], j->arena, tools);
	}
	j->piece_count = n;
}

void work_begin(struct job *j, const struct work_options *o, const struct work_tools *tools)
{
	struct parse_input in;

	if (j->kind == JOB_FILE && !read_bytes(j, o))
		return;
	in = input_of(j, o);
	if (o->parsers != NULL)
		parsers_put(o->parsers, tools->number, &in);
}

bool work_eager(const struct work_options *o, const struct work_tools *tools)
{
	return o->parsers != NULL && parsers_eager(o->parsers, tools->number);
}

void work_end(struct job *j, const struct work_options *o, const struct work_tools *tools)
{
	if (j->st == STATUS_OK)
		parse_all(j, o, tools->number);
	if (j->st == STATUS_OK)
		fingerprint_all(j, tools);
}
